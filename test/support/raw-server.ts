/** A TCP server that speaks whatever the test says, for what no honest server would do. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RawServer {
  readonly port: number;
  readonly connections: readonly Socket[];
  /** Everything received so far on any connection, as latin1 text. */
  readonly received: () => string;
  /** Resolves when what was received contains the text. */
  hears(text: string): Promise<void>;
  /** Also happens by itself when the test ends. */
  close(): void;
}

/** Listens on a free loopback port until the test ends. `onData` is called with each chunk and its connection. */
export async function rawServer(
  onData: (socket: Socket, chunk: Buffer) => void,
  onConnection: (socket: Socket) => void = () => undefined,
): Promise<RawServer> {
  const connections: Socket[] = [];
  let waiting: { readonly text: string; readonly resolve: () => void }[] = [];
  let received = '';
  const server = createServer((socket) => {
    connections.push(socket);
    // A client that resets is what many of these tests are about.
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      waiting = waiting.filter(({ text, resolve }) => {
        if (!received.includes(text)) return true;
        resolve();
        return false;
      });
      onData(socket, chunk);
    });
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.close();
    for (const socket of connections) socket.destroy();
  };
  onTestFinished(close);
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    received: () => received,
    close,
    hears: (text) =>
      new Promise((resolve) => {
        if (received.includes(text)) resolve();
        else waiting.push({ text, resolve });
      }),
  };
}

/** A reply with a length, as bytes on the wire. */
export function rawReply(body: string, headers = ''): string {
  return `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}

/** Lets everything run that is ready, several times over. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
