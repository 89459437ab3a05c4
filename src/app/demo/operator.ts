/** The scripted operator: looks at what the breaker stopped for, waits until it is clean, and resumes as a person would. */
import type { Trading } from '../../actors/trading.ts';
import type { Clock, Timer } from '../../domain/ports/clock.ts';

export interface OperatorParts {
  readonly clock: Clock;
  readonly trading: Pick<Trading, 'breaker' | 'exposures' | 'resume'>;
  /** What the profile leaves as dust is no reason to wait. */
  readonly dustMicroUsdMax: number;
  readonly onResumed: () => void;
  readonly onRefused: (because: readonly string[]) => void;
}

const LOOK_MS = 250;
const THINK_MS = 2_000;
const RETRY_MS = 1_000;
const OPERATOR = 'scripted operator';

export class ScriptedOperator {
  readonly #parts: OperatorParts;
  #timer: Timer | undefined;
  #isAsking = false;
  #cleanSinceMs: number | undefined;
  #retryAtMs = 0;

  constructor(parts: OperatorParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = this.#parts.clock.setTimeout(() => {
      this.start();
      this.#look();
    }, LOOK_MS);
  }

  stop(): void {
    if (this.#timer !== undefined) this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const { trading, clock, dustMicroUsdMax } = this.#parts;
    const nowMs = clock.nowMs();
    const isOpen = trading.breaker.view().standing === 'latched';
    const isClean = isOpen && trading.exposures.unhedged().mostMicroUsd <= dustMicroUsdMax;
    if (!isClean) {
      this.#cleanSinceMs = undefined;
      return;
    }
    this.#cleanSinceMs ??= nowMs;
    if (this.#isAsking || nowMs < this.#retryAtMs || nowMs - this.#cleanSinceMs < THINK_MS) return;
    void this.#resume();
  }

  async #resume(): Promise<void> {
    const { trading, clock, onResumed, onRefused } = this.#parts;
    this.#isAsking = true;
    try {
      const reason = 'read the reasons; both venues answer and nothing is unhedged';
      const answer = await trading.resume({ by: OPERATOR, reason, force: false });
      if (answer.kind === 'resumed') onResumed();
      else onRefused(answer.because);
    } catch (error) {
      onRefused([error instanceof Error ? error.message : String(error)]);
    } finally {
      this.#isAsking = false;
      this.#retryAtMs = clock.nowMs() + RETRY_MS;
    }
  }
}
