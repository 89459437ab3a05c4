/** What a venue needs regularly beside its streams: signatures made ahead, and the beat of its dead-man’s switch. */
import type { Clock, Timer } from '../domain/ports/clock.ts';

/** Runs something again and again, never twice at once. A run that fails is reported and the next one follows. */
export class Repeating {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #run: () => void | Promise<void>;
  readonly #onFailure: (error: unknown) => void;
  #timer: Timer | undefined;
  #isRunning = false;

  constructor(given: {
    readonly clock: Clock;
    readonly everyMs: number;
    readonly run: () => void | Promise<void>;
    readonly onFailure: (error: unknown) => void;
  }) {
    this.#clock = given.clock;
    this.#everyMs = given.everyMs;
    this.#run = given.run;
    this.#onFailure = given.onFailure;
  }

  start(): void {
    if (this.#timer === undefined) this.#wait();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#wait();
      void this.#once();
    }, this.#everyMs);
  }

  async #once(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      await this.#run();
    } catch (error) {
      this.#onFailure(error);
    } finally {
      this.#isRunning = false;
    }
  }
}

/** The answer to one beat; a mismatch names the id to beat with next. */
export type BeatOutcome =
  | { readonly kind: 'heard' | 'mismatched'; readonly nextId: string }
  | { readonly kind: 'unknown'; readonly detail: string };

export interface OrderBeatsParts {
  readonly clock: Clock;
  readonly beat: (id: string, onBeat: (outcome: BeatOutcome) => void) => void;
  /** Beats go out exactly while something rests: a beat that is missed cancels every order. */
  readonly hasRestingOrders: () => boolean;
  /** After so long without a heard beat the venue has cancelled what rested. */
  readonly deadlineMs: number;
  readonly onMissed: (detail: string) => void;
}

/** Polymarket cancels every order of a key that has begun to beat and then misses ten seconds. */
export class OrderBeats {
  readonly #parts: OrderBeatsParts;
  #nextId = '';
  #heardAtMs: number | undefined;
  #isUnderWay = false;

  constructor(parts: OrderBeatsParts) {
    this.#parts = parts;
  }

  get lastHeardAtMs(): number | undefined {
    return this.#heardAtMs;
  }

  /** Due every five seconds. */
  due(): void {
    const { clock, hasRestingOrders, deadlineMs, onMissed } = this.#parts;
    const sinceMs = this.#heardAtMs === undefined ? 0 : clock.nowMs() - this.#heardAtMs;
    if (sinceMs >= deadlineMs) {
      this.#heardAtMs = undefined;
      this.#nextId = '';
      if (hasRestingOrders()) onMissed(`no heartbeat was heard for ${sinceMs} ms: resting orders are cancelled by now`);
    }
    if (this.#isUnderWay) return;
    if (hasRestingOrders()) this.#send();
    else {
      // Nothing rests: the switch may run out, and the next beat arms it anew.
      this.#heardAtMs = undefined;
      this.#nextId = '';
    }
  }

  #send(): void {
    this.#isUnderWay = true;
    this.#parts.beat(this.#nextId, (outcome) => {
      this.#isUnderWay = false;
      if (outcome.kind === 'unknown') return;
      this.#nextId = outcome.nextId;
      // A wrong id was not heard: the right one goes out at once.
      if (outcome.kind === 'mismatched') this.#send();
      else this.#heardAtMs = this.#parts.clock.nowMs();
    });
  }
}
