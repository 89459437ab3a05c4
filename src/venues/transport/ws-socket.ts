/**
 * `SocketTransport` on ws. Compression is never offered: it would cost twenty times the CPU of a message.
 *
 * There is no timer here. A peer that does not answer a close frame, or a handshake that never ends, is cut by
 * whoever owns the socket; ws itself gives up on a close handshake after 30 s.
 */
import { WebSocket } from 'ws';
import type { Socket, SocketEnd, SocketListener, SocketRequest, SocketTransport } from '../../domain/ports/socket.ts';

const NORMAL = 1000;
/** Codes by which ws says that no close frame came (RFC 6455, 7.1.5). */
const NO_CLOSE_FRAME = 1006;

export interface WsSocketsOptions {
  /** A certificate authority to trust besides the usual ones, as PEM: for a simulator with TLS. */
  readonly authority?: string;
}

export class WsSockets implements SocketTransport {
  readonly #options: WsSocketsOptions;

  constructor(options: WsSocketsOptions = {}) {
    this.#options = options;
  }

  open(request: SocketRequest, listener: SocketListener): Socket {
    return new WsSocket(request, listener, this.#options);
  }
}

class WsSocket implements Socket {
  readonly #listener: SocketListener;
  readonly #connection: WebSocket;
  /** Why it will end, when we know more than the close event tells. */
  #end: SocketEnd | undefined;
  #isEnded = false;

  constructor(request: SocketRequest, listener: SocketListener, { authority }: WsSocketsOptions) {
    this.#listener = listener;
    const connection = new WebSocket(request.url, {
      headers: { ...request.headers },
      maxPayload: request.messageBytesMax,
      perMessageDeflate: false,
      followRedirects: false,
      ...(authority === undefined ? {} : { ca: authority }),
    });
    this.#connection = connection;
    connection.on('open', () => listener.onOpen());
    connection.on('message', (content, isBinary) => this.#onMessage(String(content), isBinary));
    connection.on('ping', (payload) => {
      if (this.#end === undefined) listener.onPing(String(payload));
    });
    connection.on('pong', () => {
      if (this.#end === undefined) listener.onPong();
    });
    connection.on('unexpected-response', (_request, response) => {
      const status = response.statusCode ?? 0;
      this.#end ??= { kind: 'refused', code: status, message: `expected an upgrade, found status ${status}` };
      // Whoever listens for this has to end the handshake; `error` and `close` follow.
      connection.terminate();
    });
    connection.on('error', (error) => {
      this.#end ??= failed(`expected a sound connection, but ${error.message}`);
      connection.terminate();
    });
    connection.on('close', (code, reason) => this.#onClose(code, String(reason)));
  }

  get bufferedBytes(): number {
    return this.#connection.bufferedAmount;
  }

  send(text: string): boolean {
    if (this.#connection.readyState !== WebSocket.OPEN) return false;
    this.#connection.send(text);
    return true;
  }

  ping(): void {
    if (this.#connection.readyState === WebSocket.OPEN) this.#connection.ping();
  }

  close(): void {
    if (this.#connection.readyState === WebSocket.CONNECTING) this.cut();
    else this.#connection.close(NORMAL);
  }

  cut(): void {
    if (this.#isEnded) return;
    this.#end ??= failed('the connection was cut by us');
    this.#connection.terminate();
  }

  /** One chunk of bytes may hold many messages: none is passed on once the end is decided. */
  #onMessage(text: string, isBinary: boolean): void {
    if (this.#end !== undefined) return;
    if (!isBinary) {
      this.#listener.onText(text);
      return;
    }
    this.#end = failed(`expected text messages, found a binary one of ${text.length} characters`);
    this.#connection.terminate();
  }

  #onClose(code: number, reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#listener.onEnd(this.#end ?? endOf(code, reason));
  }
}

function endOf(code: number, reason: string): SocketEnd {
  if (code === NO_CLOSE_FRAME) return failed('expected a close frame, found the connection broken');
  return {
    kind: 'closed',
    code,
    message: reason === '' ? `closed with code ${code}` : `closed with code ${code}: ${reason}`,
  };
}

function failed(message: string): SocketEnd {
  return { kind: 'failed', code: undefined, message };
}
