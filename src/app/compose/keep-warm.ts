/** Keeps the connections on which orders leave open and known to work: a handshake takes longer than all else that we do. */
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import { type Millis, millis } from '../../domain/units.ts';
import type { UndiciHttp } from '../../venues/transport/undici-http.ts';

/** A cheap read of a venue, on the host that takes its orders. */
export interface WarmRead {
  readonly origin: string;
  readonly path: string;
}

/** Three times within the minute after which an unused connection is closed. */
const EVERY_MS: Millis = millis(20_000);

export class KeepWarm {
  readonly #http: Pick<UndiciHttp, 'keepWarm'>;
  readonly #clock: Clock;
  readonly #reads: readonly WarmRead[];
  #timer: Timer | undefined;

  constructor(http: Pick<UndiciHttp, 'keepWarm'>, clock: Clock, reads: readonly WarmRead[]) {
    this.#http = http;
    this.#clock = clock;
    this.#reads = reads;
  }

  /** Resolves when every connection has been tried once. */
  async start(): Promise<void> {
    this.#arm();
    await this.#warm();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#arm();
      void this.#warm();
    }, EVERY_MS);
  }

  /** One that cannot be opened is the venue's business, which its own reads notice. */
  async #warm(): Promise<void> {
    await Promise.all(this.#reads.map(({ origin, path }) => this.#http.keepWarm(origin, path)));
  }
}
