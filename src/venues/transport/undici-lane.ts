/** The connections of one lane to one origin, each carrying one request at a time. */
import { Duplex } from 'node:stream';
import { type buildConnector, Client } from 'undici';
import type { Exchange } from './undici-exchange.ts';

export interface LaneOptions {
  /** Connections at most; a request beyond them waits for a free one. */
  readonly socketsMax: number;
  /** An unused connection is closed after so long. */
  readonly idleMsMax: number;
  /** Opens what a connection writes to. */
  readonly connect: buildConnector.connector;
}

/**
 * Never hands undici a second request while the first is under way, so its queue, its pipeline and its habit of
 * moving requests to another connection have nothing to act on. A connection on which anything failed is not used
 * again.
 */
export class Lane {
  readonly #origin: string;
  readonly #options: LaneOptions;
  readonly #connections = new Set<Connection>();
  readonly #waiting: Exchange[] = [];

  constructor(origin: string, options: LaneOptions) {
    this.#origin = origin;
    this.#options = options;
  }

  /** Takes an open connection, else a new one, else waits. */
  send(exchange: Exchange): void {
    const connection = this.#free();
    if (connection === undefined) this.#waiting.push(exchange);
    else this.#dispatch(connection, exchange);
  }

  /** Connections that are open and carry nothing. */
  get openCount(): number {
    return this.#idle().filter((connection) => connection.isOpen).length;
  }

  async close(): Promise<void> {
    for (const exchange of this.#waiting.splice(0)) exchange.fail('but the transport was closed');
    await Promise.all([...this.#connections].map((connection) => connection.close('but the transport was closed')));
  }

  #free(): Connection | undefined {
    const idle = this.#idle();
    const open = idle.find((connection) => connection.isOpen) ?? idle[0];
    if (open !== undefined || this.#connections.size >= this.#options.socketsMax) return open;
    const connection = new Connection(this.#origin, this.#options);
    this.#connections.add(connection);
    return connection;
  }

  #idle(): Connection[] {
    return [...this.#connections].filter((connection) => connection.exchange === undefined);
  }

  #dispatch(connection: Connection, exchange: Exchange): void {
    connection.exchange = exchange;
    exchange.onFree = (isReusable) => {
      connection.exchange = undefined;
      if (!isReusable) {
        this.#connections.delete(connection);
        connection.discard();
      }
      this.#next();
    };
    exchange.dispatchOn(connection.client, () => connection.socket);
  }

  #next(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      // One that timed out while it waited has had its outcome.
      if (next.isOver) continue;
      this.send(next);
      return;
    }
  }
}

class Connection {
  readonly client: Client;
  exchange: Exchange | undefined;
  isOpen = false;
  /** The one that is open or being opened. */
  socket: Duplex | undefined;

  constructor(origin: string, { idleMsMax, connect }: LaneOptions) {
    this.client = new Client(origin, {
      pipelining: 1,
      // Time limits are the exchange's, on the injected clock.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idleMsMax,
      keepAliveMaxTimeout: idleMsMax,
      connect: (options, callback) => {
        // Undici's declaration leaves out that the connector returns the socket it opens.
        const socket: unknown = connect(options, callback);
        if (socket instanceof Duplex) this.socket = socket;
      },
    });
    this.client.on('connect', () => {
      this.isOpen = true;
    });
    this.client.on('disconnect', () => {
      this.isOpen = false;
    });
  }

  /** Drops the connection, also one that is still being opened. */
  discard(): void {
    this.isOpen = false;
    // Ending a client cannot fail for a reason that matters: nothing of it is used any more.
    this.client.destroy().catch(() => undefined);
    this.socket?.destroy();
  }

  async close(problem: string): Promise<void> {
    // Its failure frees and discards this connection.
    this.exchange?.fail(problem);
    await this.client.destroy();
    this.socket?.destroy();
  }
}
