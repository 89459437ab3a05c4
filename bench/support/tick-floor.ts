/** What nobody can avoid who writes down two orders, signs one and sends both: the floor of the tick-to-trade bench. */
import { closeSync, fdatasync, openSync, write } from 'node:fs';
import { Client } from 'undici';
import { loadDigestSigner } from '../../src/venues/polymarket/digest-signer.ts';

const ORDER_BYTES = 500;
const BYTES_MAX = 65_536;

export interface TickFloor {
  /** Milliseconds of one, with so many bytes to write. */
  sample(bytes: number): Promise<number>;
  close(): Promise<void>;
}

export async function makeFloor(origin: string, path: string): Promise<TickFloor> {
  const fd = openSync(path, 'w');
  const [clients, signer] = [[new Client(origin), new Client(origin)], await loadDigestSigner()];
  const [text, digest, key] = [Buffer.alloc(BYTES_MAX, 'x'), Buffer.alloc(32, 7), Buffer.alloc(32, 9)];
  const body = 'y'.repeat(ORDER_BYTES);
  const sample = (bytes: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const startMs = performance.now();
      let left = clients.length;
      const sent = (): void => {
        if (--left === 0) resolve(performance.now() - startMs);
      };
      write(fd, text, 0, bytes, null, (failure) => {
        if (failure !== null) {
          reject(failure);
          return;
        }
        fdatasync(fd, (fault) => {
          if (fault !== null && fault !== undefined) reject(fault);
          else for (const client of clients) dispatch(client, { body, sent, reject });
        });
        signer.sign(digest, key);
      });
    });
  const close = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.close()));
    closeSync(fd);
  };
  return { sample, close };
}

function dispatch(
  client: Client,
  { body, sent, reject }: { readonly body: string; readonly sent: () => void; readonly reject: (error: Error) => void },
): void {
  client.dispatch({ method: 'POST', path: '/', body, headers: { 'content-type': 'application/json' } }, {
    onConnect: () => undefined,
    onRequestSent: sent,
    onHeaders: () => true,
    onData: () => true,
    onComplete: () => undefined,
    onError: reject,
  } as never);
}
