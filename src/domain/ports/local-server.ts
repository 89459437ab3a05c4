/**
 * A server as protocol only: requests and sockets without bytes on a wire. A simulated venue is one;
 * a shell puts it on loopback ports or hands it to transports in memory.
 */

export interface ServerRequest {
  readonly method: string;
  /** Path with the query, as sent. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Who asks, for limits per address. */
  readonly remote: string;
}

export interface ServerReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What becomes of a request that was taken: faults end some without a reply. */
export type ServerAnswer =
  | { readonly kind: 'reply'; readonly reply: ServerReply }
  /** the connection is reset without a byte of a reply */
  | { readonly kind: 'reset' }
  /** the reply breaks off after so many bytes of its body */
  | { readonly kind: 'truncate'; readonly reply: ServerReply; readonly bytes: number }
  /** no reply ever comes; the connection stays open */
  | { readonly kind: 'silence' };

/** The server's end of a socket. */
export interface ServerSocket {
  send(text: string): void;
  ping(payload: string): void;
  close(code: number, reason: string): void;
  /** Ends without a close frame. */
  cut(): void;
  /** Bytes that the client has not read yet. */
  readonly bufferedBytes: number;
}

export interface ServerSocketListener {
  onText(text: string): void;
  onPing(payload: string): void;
  onPong(payload: string): void;
  onClose(): void;
}

export type UpgradeAnswer =
  | { readonly kind: 'accept'; open(socket: ServerSocket): ServerSocketListener }
  | { readonly kind: 'refuse'; readonly reply: ServerReply };

export interface LocalServer {
  /** Answers once, now or later. */
  onRequest(request: ServerRequest, answer: (answer: ServerAnswer) => void): void;
  onUpgrade(request: ServerRequest): UpgradeAnswer;
}
