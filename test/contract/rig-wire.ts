/** The two wires a venue is tried on, each with its own way to let time pass: real loopback, and memory. */
import type { HttpListener, HttpRequest, HttpTransport } from '../../src/domain/ports/http.ts';
import type { LocalServer, ServerAnswer, ServerRequest } from '../../src/domain/ports/local-server.ts';
import type { SocketTransport } from '../../src/domain/ports/socket.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import type { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { serve } from '../../src/sim/shell/serve.ts';
import { fixedDelays } from '../../src/venues/transport/memory-delays.ts';
import { MemoryNetwork } from '../../src/venues/transport/memory-network.ts';
import { UndiciHttp } from '../../src/venues/transport/undici-http.ts';
import { WsSockets } from '../../src/venues/transport/ws-socket.ts';

/** How a test lets things happen. Nothing here looks at a real clock. */
export interface RigTime {
  /** Lets happen what needs no waiting, until the condition holds. */
  reached(condition: () => boolean): Promise<void>;
  /** The same, until the promise has settled. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Time passes as far as it must: retries and timeouts come about. */
  patiently<T>(promise: Promise<T>): Promise<T>;
  /** So much time passes, with everything that happens meanwhile. */
  advance(ms: number): Promise<void>;
}

export interface Wire {
  readonly http: HttpTransport;
  readonly sockets: SocketTransport;
  readonly httpOrigin: string;
  readonly socketOrigin: string;
  readonly time: RigTime;
  /** Work on another thread, for which time has to wait. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Nobody listens any more. */
  unplug(): Promise<void>;
  close(): Promise<void>;
}

export type MakeWire = (server: LocalServer, clock: VirtualClock) => Promise<Wire>;

/** A listing of a thousand markets is longer than what transports take by default. */
const REPLY_BYTES_MAX = 16 * 1024 * 1024;
/** What messages on their way need in memory, and far less than any timeout. */
const SHORT_MS = 2_000;
const IDLE_TURNS_MAX = 200;

export const inMemory: MakeWire = async (server, clock) => {
  let isPlugged = true;
  const network = new MemoryNetwork({
    clock,
    random: seededRandom('contract wire'),
    serverOf: ({ hostname }) => (isPlugged && hostname === 'venue.test' ? server : undefined),
    delays: fixedDelays(3),
    replyBytesMax: REPLY_BYTES_MAX,
  });
  return {
    http: network.http,
    sockets: network.sockets,
    httpOrigin: 'https://venue.test',
    socketOrigin: 'wss://venue.test',
    time: memoryTime(clock),
    during: (work) => work,
    unplug: async () => {
      isPlugged = false;
    },
    close: () => network.http.close(),
  };
};

export const overLoopback: MakeWire = async (server, clock) => {
  const requests = new RequestsUnderWay();
  const served = await serve(requests.watched(server));
  const http = requests.counted(new UndiciHttp({ clock, replyBytesMax: REPLY_BYTES_MAX }));
  let isOpen = true;
  const unplug = async (): Promise<void> => {
    if (isOpen) await served.close();
    isOpen = false;
  };
  return {
    http,
    sockets: new WsSockets(),
    httpOrigin: served.httpOrigin,
    socketOrigin: served.socketOrigin,
    time: loopbackTime(clock, () => requests.areStill),
    during: (work) => requests.during(work),
    unplug,
    close: async () => {
      await http.close();
      await unplug();
    },
  };
};

export function memoryTime(clock: VirtualClock): RigTime {
  const step = async (untilMs: number): Promise<boolean> => {
    // What is about to be sent starts timers of its own.
    await clock.settleBy(0);
    const next = clock.nextAtMs;
    if (next === undefined || next > untilMs) return false;
    await clock.settleTo(next);
    return true;
  };
  const reachedBy = async (condition: () => boolean, forMs: number): Promise<void> => {
    const untilMs = clock.nowMs() + forMs;
    for (let idle = 0; !condition(); ) {
      if (await step(untilMs)) continue;
      if (idle++ > IDLE_TURNS_MAX) throw new Error(`expected it to happen, found nothing left that could make it so`);
      await turn();
    }
  };
  return {
    reached: (condition) => reachedBy(condition, SHORT_MS),
    until: (promise) => settledBy(promise, (isDone) => reachedBy(isDone, SHORT_MS)),
    patiently: (promise) => settledBy(promise, (isDone) => reachedBy(isDone, Number.POSITIVE_INFINITY)),
    advance: async (ms) => {
      await clock.settleBy(ms);
      await turn();
    },
  };
}

function loopbackTime(clock: VirtualClock, isStill: () => boolean): RigTime {
  const reached = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await turn();
  };
  /** Nothing is on its way over the wire, and what it set off has run. */
  const still = async (isDone: () => boolean = () => false): Promise<void> => {
    for (let quiet = 0; quiet < 3 && !isDone(); quiet = isStill() ? quiet + 1 : 0) await turn();
  };
  const patient = async (isDone: () => boolean): Promise<void> => {
    for (;;) {
      await still(isDone);
      if (isDone()) return;
      if (clock.nextAtMs !== undefined) await clock.settleTo(clock.nextAtMs);
    }
  };
  return {
    reached,
    until: (promise) => settledBy(promise, reached),
    patiently: (promise) => settledBy(promise, patient),
    advance: async (ms) => {
      const untilMs = clock.nowMs() + ms;
      for (;;) {
        await still();
        const next = clock.nextAtMs;
        if (next === undefined || next > untilMs) break;
        await clock.settleTo(next);
      }
      clock.advanceTo(untilMs);
    },
  };
}

async function settledBy<T>(promise: Promise<T>, pump: (isDone: () => boolean) => Promise<void>): Promise<T> {
  let isDone = false;
  const done = (): void => {
    isDone = true;
  };
  promise.then(done, done);
  await pump(() => isDone);
  return promise;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const NUMBER = 'x-contract-request';

/** Knows of every request whether bytes of it are moving, or whether only time can bring it on. */
class RequestsUnderWay {
  readonly #moving = new Set<string>();
  /** Whose client still wants an answer. */
  readonly #open = new Set<string>();
  #count = 0;

  get areStill(): boolean {
    return this.#moving.size === 0;
  }

  async during<T>(work: Promise<T>): Promise<T> {
    const number = `work ${this.#count++}`;
    this.#moving.add(number);
    try {
      return await work;
    } finally {
      this.#moving.delete(number);
    }
  }

  counted(http: HttpTransport): HttpTransport {
    return {
      send: (request: HttpRequest, listener: HttpListener) => {
        const number = String(this.#count++);
        this.#moving.add(number);
        this.#open.add(number);
        http.send(
          { ...request, headers: { ...request.headers, [NUMBER]: number } },
          {
            ...(listener.onSent === undefined ? {} : { onSent: () => listener.onSent?.() }),
            onOutcome: (outcome) => {
              this.#moving.delete(number);
              this.#open.delete(number);
              listener.onOutcome(outcome);
            },
          },
        );
      },
      close: () => http.close(),
    };
  }

  watched(server: LocalServer): LocalServer {
    return {
      onRequest: (request: ServerRequest, answer: (answer: ServerAnswer) => void) => {
        const number = request.headers[NUMBER] ?? '';
        this.#moving.delete(number);
        server.onRequest(request, (given) => {
          if (given.kind !== 'silence' && this.#open.has(number)) this.#moving.add(number);
          answer(given);
        });
      },
      onUpgrade: (request) => server.onUpgrade(request),
    };
  }
}
