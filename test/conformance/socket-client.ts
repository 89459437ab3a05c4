/** A WebSocket client of the conformance run: `ws`, and frames that can be awaited. */
import { WebSocket } from 'ws';

/** Long enough for a busy machine; reached only when what is awaited never comes. */
const PATIENCE_MS = 5_000;

// biome-ignore lint/suspicious/noExplicitAny: frames are read field by field, as another program would
export type WireFrame = any;

export class SocketClient {
  readonly frames: WireFrame[] = [];
  readonly pings: string[] = [];
  readonly #connection: WebSocket;
  readonly #waiting = new Set<() => void>();
  closeCode: number | undefined;

  private constructor(connection: WebSocket) {
    this.#connection = connection;
    connection.on('message', (content) => {
      this.frames.push(...rowsOf(String(content)));
      this.#wake();
    });
    connection.on('ping', (payload) => {
      this.pings.push(String(payload));
      this.#wake();
    });
    connection.on('close', (code) => {
      this.closeCode = code;
      this.#wake();
    });
    connection.on('error', () => this.#wake());
  }

  /** Resolves when the connection is open; rejects with the status of a refusal. */
  static open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<SocketClient> {
    const connection = new WebSocket(url, { headers: { ...headers }, perMessageDeflate: false });
    const client = new SocketClient(connection);
    return new Promise((resolve, reject) => {
      connection.once('open', () => resolve(client));
      connection.once('unexpected-response', (_request, response) => {
        reject(new Error(`status ${response.statusCode}`));
        connection.terminate();
      });
      connection.once('error', reject);
    });
  }

  say(message: unknown): void {
    this.#connection.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first frame, seen or to come, that is wanted. */
  async first(isWanted: (frame: WireFrame) => boolean, what = 'a frame'): Promise<WireFrame> {
    await this.until(() => this.frames.some(isWanted), what);
    return this.frames.find(isWanted);
  }

  /** Forgets what was seen. */
  clear(): void {
    this.frames.length = 0;
  }

  until(isDone: () => boolean, what: string): Promise<void> {
    if (isDone()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!isDone()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`expected ${what}, found ${JSON.stringify(this.frames.slice(-3)).slice(0, 400)}`));
      }, PATIENCE_MS);
      this.#waiting.add(look);
    });
  }

  close(): void {
    this.#connection.terminate();
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}

/** Arrays are read as their rows; text that is not JSON is a frame of its own. */
function rowsOf(text: string): WireFrame[] {
  try {
    const content = JSON.parse(text);
    return Array.isArray(content) ? content : [content];
  } catch {
    return [text];
  }
}
