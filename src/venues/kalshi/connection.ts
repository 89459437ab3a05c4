/** One signed WebSocket of Kalshi, with the ids of its commands. No timer, no reconnect. */
import type { Socket, SocketEnd, SocketTransport } from '../../domain/ports/socket.ts';
import type { RequestSigner } from './signed-headers.ts';

export interface ConnectionListener {
  onOpen(): void;
  onText(text: string): void;
  /** A frame of any kind arrived. */
  onAlive(): void;
  onEnd(end: SocketEnd): void;
}

export interface ConnectionGiven {
  readonly sockets: SocketTransport;
  readonly signer: RequestSigner;
  readonly url: string;
  readonly messageBytesMax: number;
}

export interface CommandParams {
  readonly channels?: readonly string[];
  readonly sids?: readonly number[];
  readonly market_tickers?: readonly string[];
  readonly action?: 'add_markets' | 'delete_markets' | 'get_snapshot';
  readonly use_yes_price?: boolean;
}

export class Connection {
  readonly #socket: Socket;
  #isOpen = false;
  #lastCommandId = 0;

  /** Every connection is signed, also for public channels; the signature is the upgrade's. */
  constructor(given: ConnectionGiven, listener: ConnectionListener) {
    const { headers } = given.signer.signNow('GET', new URL(given.url).pathname);
    this.#socket = given.sockets.open(
      { url: given.url, headers, messageBytesMax: given.messageBytesMax },
      {
        onOpen: () => {
          this.#isOpen = true;
          listener.onOpen();
        },
        onText: (text) => {
          listener.onAlive();
          listener.onText(text);
        },
        onPing: () => listener.onAlive(),
        onPong: () => listener.onAlive(),
        onEnd: (end) => {
          this.#isOpen = false;
          listener.onEnd(end);
        },
      },
    );
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The id of the command, or `undefined` when the connection does not take it any more. */
  command(cmd: 'subscribe' | 'unsubscribe' | 'update_subscription', params: CommandParams): number | undefined {
    if (!this.#isOpen) return undefined;
    // Ids start at 1 and are unique per connection; 0 stands for none.
    this.#lastCommandId++;
    const isTaken = this.#socket.send(JSON.stringify({ id: this.#lastCommandId, cmd, params }));
    return isTaken ? this.#lastCommandId : undefined;
  }

  ping(): void {
    if (this.#isOpen) this.#socket.ping();
  }

  close(): void {
    this.#socket.close();
  }
}
