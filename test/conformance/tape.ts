/** Everything that crosses the line between a client and a simulator, as text, for comparing with what was recorded. */
import type { LocalServer, ServerSocket } from '../../src/domain/ports/local-server.ts';

export interface Exchange {
  readonly method: string;
  readonly target: string;
  readonly requestBody: unknown;
  readonly status: number;
  readonly replyBody: unknown;
}

export interface Frame {
  readonly from: 'client' | 'server';
  readonly path: string;
  /** Text that is not JSON stays text. */
  readonly content: unknown;
}

export class Tape {
  readonly exchanges: Exchange[] = [];
  readonly frames: Frame[] = [];

  /** The same server, listened to. */
  around(server: LocalServer): LocalServer {
    return {
      onRequest: (request, answer) => {
        server.onRequest(request, (given) => {
          if (given.kind === 'reply') {
            const { method, target, body } = request;
            const { status, body: replyBody } = given.reply;
            this.exchanges.push({ method, target, requestBody: read(body), status, replyBody: read(replyBody) });
          }
          answer(given);
        });
      },
      onUpgrade: (request) => {
        const upgrade = server.onUpgrade(request);
        if (upgrade.kind === 'refuse') return upgrade;
        const path = request.target.split('?')[0] ?? '';
        return {
          kind: 'accept',
          open: (socket) => {
            const listener = upgrade.open(this.#listening(socket, path));
            return {
              onText: (text) => {
                this.frames.push({ from: 'client', path, content: read(text) });
                listener.onText(text);
              },
              onPing: (payload) => listener.onPing(payload),
              onPong: (payload) => listener.onPong(payload),
              onClose: () => listener.onClose(),
            };
          },
        };
      },
    };
  }

  #listening(socket: ServerSocket, path: string): ServerSocket {
    return {
      send: (text) => {
        this.frames.push({ from: 'server', path, content: read(text) });
        socket.send(text);
      },
      ping: (payload) => socket.ping(payload),
      close: (code, reason) => socket.close(code, reason),
      cut: () => socket.cut(),
      get bufferedBytes() {
        return socket.bufferedBytes;
      },
    };
  }
}

function read(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // PING, PONG and other plain words are content too.
    return text;
  }
}
