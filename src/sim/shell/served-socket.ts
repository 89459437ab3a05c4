/** The server's end of one WebSocket on a real connection. */
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { ServerSocket, ServerSocketListener } from '../../domain/ports/local-server.ts';

/** Close code for a message of a kind that the server does not take (RFC 6455, 7.4.1). */
const UNSUPPORTED = 1003;

export class ServedSocket implements ServerSocket {
  readonly #connection: WebSocket;
  readonly #stream: Duplex;
  readonly #onGone: () => void;
  readonly #gone: Promise<void>;
  #isCorked = false;
  #isGone = false;

  constructor(connection: WebSocket, stream: Duplex, onGone: () => void) {
    this.#connection = connection;
    this.#stream = stream;
    this.#onGone = onGone;
    this.#gone = new Promise((resolve) => connection.once('close', () => resolve()));
  }

  /** From now on the listener hears what the client does, and once that it is gone. */
  listen(listener: ServerSocketListener): void {
    const connection = this.#connection;
    connection.on('message', (content: RawData, isBinary) => {
      if (isBinary) connection.close(UNSUPPORTED, 'text only');
      else listener.onText(String(content));
    });
    connection.on('ping', (payload) => listener.onPing(String(payload)));
    connection.on('pong', (payload) => listener.onPong(String(payload)));
    // A client that breaks the protocol is cut off by ws itself; `close` follows and is what the server hears.
    connection.on('error', () => connection.terminate());
    connection.on('close', () => {
      this.#isGone = true;
      this.#onGone();
      listener.onClose();
    });
  }

  send(text: string): void {
    if (!this.#isOpen) return;
    this.#corkOnce();
    this.#connection.send(text);
  }

  ping(payload: string): void {
    if (!this.#isOpen) return;
    this.#corkOnce();
    this.#connection.ping(payload);
  }

  close(code: number, reason: string): void {
    if (this.#isGone) return;
    this.#connection.close(code, reason);
  }

  cut(): void {
    // What was said before is on its way, as it is on any connection that breaks.
    this.#uncork();
    this.#connection.terminate();
  }

  /**
   * Closes, and ends the connection as soon as the close frame has left. A client that does not read is cut off.
   * Resolves when the server has heard that it is gone.
   */
  async leave(code: number, reason: string): Promise<void> {
    if (this.#stream.writableNeedDrain) this.cut();
    else {
      this.close(code, reason);
      this.#stream.end(() => this.#stream.destroy());
    }
    await this.#gone;
  }

  get bufferedBytes(): number {
    return this.#connection.bufferedAmount;
  }

  get #isOpen(): boolean {
    return this.#connection.readyState === this.#connection.OPEN;
  }

  /** Frames of one turn leave in one system call: at 50,000 a second, half the CPU of one call for each. */
  #corkOnce(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#stream.cork();
    process.nextTick(() => this.#uncork());
  }

  #uncork(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#stream.uncork();
  }
}
