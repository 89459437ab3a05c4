/**
 * Puts a server that is protocol only on a real loopback port: plain HTTP and WebSocket, one port for both.
 *
 * The shell adds nothing of its own that a client could mistake for the venue: no date, no server name, no
 * compression, no timeout. What the server answers is what is on the wire, faults included.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { LocalServer, ServerReply } from '../../domain/ports/local-server.ts';
import { giveAnswer, refusal } from './answers.ts';
import { ServedSocket } from './served-socket.ts';

const MEBIBYTE = 1024 * 1024;
const LOOPBACK = '127.0.0.1';
/** Close code of a server that goes away (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001;

export interface ServeOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** A longer request body is answered with 413 and never reaches the server. Default 1 MiB. */
  readonly bodyBytesMax?: number;
  /** A longer WebSocket message ends its connection with 1009. Default 1 MiB. */
  readonly messageBytesMax?: number;
}

export interface Served {
  /** `http://127.0.0.1:<port>` */
  readonly httpOrigin: string;
  /** `ws://127.0.0.1:<port>` */
  readonly socketOrigin: string;
  readonly port: number;
  /** WebSocket connections that are open now. */
  readonly socketCount: number;
  /** Takes no more connections, says goodbye to sockets with 1001, and ends what is left, silent requests included. */
  close(): Promise<void>;
}

/** Resolves when the port is open. Rejects when it is taken. */
export async function serve(server: LocalServer, options: ServeOptions = {}): Promise<Served> {
  const { port = 0, bodyBytesMax = MEBIBYTE, messageBytesMax = MEBIBYTE } = options;
  const http = createServer({ keepAlive: true, keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  const upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: messageBytesMax,
  });
  const sockets = new Set<ServedSocket>();
  http.on('request', (request, response) => takeRequest(server, { request, response, bodyBytesMax }));
  http.on('upgrade', (request, stream, head) => takeUpgrade(server, { upgrades, sockets, request, stream, head }));
  http.on('clientError', (_error, stream) => refuse(stream, { status: 400, headers: {}, body: '' }));
  const bound = await listen(http, port);
  return {
    httpOrigin: `http://${LOOPBACK}:${bound}`,
    socketOrigin: `ws://${LOOPBACK}:${bound}`,
    port: bound,
    get socketCount() {
      return sockets.size;
    },
    close: () => closeAll(http, sockets),
  };
}

function listen(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, LOOPBACK, () => {
      http.off('error', reject);
      resolve((http.address() as AddressInfo).port);
    });
  });
}

async function closeAll(http: Server, sockets: ReadonlySet<ServedSocket>): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    http.close(() => resolve());
  });
  const gone = [...sockets].map((socket) => socket.leave(GOING_AWAY, 'going away'));
  http.closeAllConnections();
  await Promise.all([closed, ...gone]);
}

function takeRequest(
  server: LocalServer,
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly bodyBytesMax: number },
): void {
  const { request, response, bodyBytesMax } = exchange;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isRefused = false;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= bodyBytesMax) chunks.push(chunk);
    else if (!isRefused) {
      isRefused = true;
      chunks.length = 0;
      // The rest of the body is on its way: a reply on this connection, then no more of it.
      response.shouldKeepAlive = false;
      giveAnswer(response, { kind: 'reply', reply: { status: 413, headers: {}, body: '' } });
    }
  });
  // A client that breaks off in the middle of its request has sent none.
  request.on('error', () => {
    isRefused = true;
  });
  request.on('end', () => {
    if (isRefused) return;
    const body = Buffer.concat(chunks).toString('utf8');
    let isAnswered = false;
    server.onRequest({ ...headOf(request), body }, (answer) => {
      if (isAnswered) throw new Error(`a request must be answered once, found a second answer to ${nameOf(request)}`);
      isAnswered = true;
      giveAnswer(response, answer);
    });
  });
}

function takeUpgrade(
  server: LocalServer,
  upgrade: {
    readonly upgrades: WebSocketServer;
    readonly sockets: Set<ServedSocket>;
    readonly request: IncomingMessage;
    readonly stream: Duplex;
    readonly head: Buffer;
  },
): void {
  const { upgrades, sockets, request, stream, head } = upgrade;
  const answer = server.onUpgrade({ ...headOf(request), body: '' });
  if (answer.kind === 'refuse') {
    refuse(stream, answer.reply);
    return;
  }
  upgrades.handleUpgrade(request, stream, head, (connection) => {
    const socket = new ServedSocket(connection, stream, () => sockets.delete(socket));
    sockets.add(socket);
    socket.listen(answer.open(socket));
  });
}

/** An answer on a connection that HTTP has let go of: an upgrade that is refused, or garbage. */
function refuse(stream: Duplex, reply: ServerReply): void {
  stream.on('error', () => stream.destroy());
  if (stream.writable) stream.end(refusal(reply));
  else stream.destroy();
}

function headOf(request: IncomingMessage) {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const { method = '', url = '' } = request;
  return { method, target: url, headers, remote: request.socket.remoteAddress ?? '' };
}

function nameOf(request: IncomingMessage): string {
  return `${request.method} ${request.url}`;
}
