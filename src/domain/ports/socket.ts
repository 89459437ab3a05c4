/** One WebSocket connection. It has no timer and does not reconnect: whoever owns it decides that. */

export interface SocketRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A longer message ends the connection. */
  readonly messageBytesMax: number;
}

export interface SocketEnd {
  /** `refused`: the upgrade was answered with an HTTP status. `failed`: no connection, or it broke. `closed`: a close frame. */
  readonly kind: 'refused' | 'failed' | 'closed';
  /** HTTP status of a refusal, or the close code; `undefined` when it just broke. */
  readonly code: number | undefined;
  readonly message: string;
}

export interface SocketListener {
  onOpen(): void;
  /** A text message, in the order of arrival. */
  onText(text: string): void;
  /** The other side sent a ping; a pong has been sent. */
  onPing(payload: string): void;
  onPong(): void;
  /** Exactly once, also when the connection never opened. Nothing is called after it. */
  onEnd(end: SocketEnd): void;
}

export interface Socket {
  /** Whether the text was handed on; false once the connection is closing. */
  send(text: string): boolean;
  ping(): void;
  /** Closes politely. `onEnd` follows. */
  close(): void;
  /** Cuts the connection. `onEnd` follows. */
  cut(): void;
  /** Bytes waiting to leave. */
  readonly bufferedBytes: number;
}

export interface SocketTransport {
  open(request: SocketRequest, listener: SocketListener): Socket;
}
