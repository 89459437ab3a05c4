/**
 * The three headers of a signed request, made when they are needed or a little before.
 *
 * The body is not signed, so the headers of an order can lie ready: nothing is computed when it leaves.
 * The venue takes clocks within 5 s and refuses 30 s (recorded 2026-06-11). Whether it refuses a timestamp
 * that it has seen is unknown, so no two requests of this process carry the same one.
 */
import type { Clock } from '../../domain/ports/clock.ts';
import type { HttpMethod } from '../../domain/ports/http.ts';
import type { Millis } from '../../domain/units.ts';
import { type KalshiSigner, signedText } from './sign.ts';

export type Headers = Readonly<Record<string, string>>;

export interface SignedHeaders {
  readonly headers: Headers;
  readonly timestampMs: number;
  readonly signedAtMs: Millis;
}

const MICROS_PER_MILLI = 1_000;
/** How far issued timestamps may run ahead of the wall before the wall is believed to have been set back. */
const AHEAD_MS_MAX = 1_000;

/** Signs requests, each with a timestamp of its own. */
export class RequestSigner {
  readonly #keyId: string;
  readonly #signer: KalshiSigner;
  readonly #clock: Clock;
  #lastTimestampMs = 0;

  constructor(given: { readonly keyId: string; readonly signer: KalshiSigner; readonly clock: Clock }) {
    this.#keyId = given.keyId;
    this.#signer = given.signer;
    this.#clock = given.clock;
  }

  signNow(method: HttpMethod, path: string): SignedHeaders {
    const timestampMs = this.#nextTimestamp();
    const signedAtMs = this.#clock.nowMs();
    const signature = this.#signer.sign(signedText({ timestampMs, method, path }));
    return { headers: this.#headers(timestampMs, signature), timestampMs, signedAtMs };
  }

  async signLater(method: HttpMethod, path: string): Promise<SignedHeaders> {
    const timestampMs = this.#nextTimestamp();
    const signedAtMs = this.#clock.nowMs();
    const signature = await this.#signer.signLater(signedText({ timestampMs, method, path }));
    return { headers: this.#headers(timestampMs, signature), timestampMs, signedAtMs };
  }

  #headers(timestampMs: number, signature: string): Headers {
    return {
      'KALSHI-ACCESS-KEY': this.#keyId,
      'KALSHI-ACCESS-TIMESTAMP': String(timestampMs),
      'KALSHI-ACCESS-SIGNATURE': signature,
    };
  }

  #nextTimestamp(): number {
    const wallMs = wallMsOf(this.#clock);
    const ahead = this.#lastTimestampMs - wallMs;
    // After the wall was set back, going on from the last timestamp would sign the future for as long.
    this.#lastTimestampMs = ahead >= 0 && ahead < AHEAD_MS_MAX ? this.#lastTimestampMs + 1 : wallMs;
    return this.#lastTimestampMs;
  }
}

export interface HeaderStackTerms {
  readonly size: number;
  /** Older sets are not used: the venue compares their timestamp with its own clock. */
  readonly ageMsMax: Millis;
}

/** Header sets for one constant method and path, each used once. */
export class HeaderStack {
  readonly #signer: RequestSigner;
  readonly #clock: Clock;
  readonly #method: HttpMethod;
  readonly #path: string;
  readonly #terms: HeaderStackTerms;
  #ready: readonly SignedHeaders[] = [];
  #refreshing: Promise<void> | undefined;

  constructor(given: {
    readonly signer: RequestSigner;
    readonly clock: Clock;
    readonly method: HttpMethod;
    readonly path: string;
    readonly terms: HeaderStackTerms;
  }) {
    this.#signer = given.signer;
    this.#clock = given.clock;
    this.#method = given.method;
    this.#path = given.path;
    this.#terms = given.terms;
  }

  /** Sets that `take` would hand out now. */
  get readyCount(): number {
    return this.#ready.filter((set) => this.#isYoung(set, this.#terms.ageMsMax)).length;
  }

  /** The newest set that is young enough, or one that is signed now. Never the same one twice. */
  take(): Headers {
    const usable = this.#ready.filter((set) => this.#isYoung(set, this.#terms.ageMsMax));
    const newest = usable.at(-1);
    this.#ready = usable.slice(0, -1);
    return (newest ?? this.#signer.signNow(this.#method, this.#path)).headers;
  }

  /**
   * Replaces what is past half its life and fills up, off the loop. Called at least twice in `ageMsMax`,
   * a set that is young enough always lies ready. A second call while one is under way joins it.
   */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#fill().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #fill(): Promise<void> {
    const { size, ageMsMax } = this.#terms;
    const lasting = this.#ready.filter((set) => this.#isYoung(set, ageMsMax / 2));
    const missing = Math.max(0, size - lasting.length);
    const signed = await Promise.all(
      Array.from({ length: missing }, () => this.#signer.signLater(this.#method, this.#path)),
    );
    // What was taken meanwhile is gone from `#ready`; only what is still there stays.
    this.#ready = [...this.#ready, ...signed].slice(-size);
  }

  #isYoung({ signedAtMs, timestampMs }: SignedHeaders, ageMsMax: number): boolean {
    // The age is monotonic; the distance to the wall is checked too, because a wall that was set makes a
    // timestamp wrong that was right when it was signed.
    const offWallMs = Math.abs(wallMsOf(this.#clock) - timestampMs);
    return this.#clock.nowMs() - signedAtMs < ageMsMax && offWallMs < ageMsMax;
  }
}

/** Orders that rest longer than that many others lose their ready headers, and are signed when cancelled. */
const CANCELS_MAX = 256;

/** Headers for the cancel of each resting order: its path holds the order's id, known since the reply. */
export class CancelHeaders {
  readonly #signer: RequestSigner;
  readonly #clock: Clock;
  readonly #terms: HeaderStackTerms;
  readonly #pathOf: (venueOrderId: string) => string;
  readonly #stacks = new Map<string, HeaderStack>();

  constructor(given: {
    readonly signer: RequestSigner;
    readonly clock: Clock;
    readonly ageMsMax: Millis;
    readonly pathOf: (venueOrderId: string) => string;
  }) {
    this.#signer = given.signer;
    this.#clock = given.clock;
    this.#terms = { size: 1, ageMsMax: given.ageMsMax };
    this.#pathOf = given.pathOf;
  }

  get orderCount(): number {
    return this.#stacks.size;
  }

  /** An order rests: its cancel is signed now, off the loop. */
  learn(venueOrderId: string): Promise<void> {
    const known = this.#stacks.get(venueOrderId);
    if (known !== undefined) return known.refresh();
    const stack = this.#stackOf(venueOrderId);
    this.#stacks.set(venueOrderId, stack);
    const oldest = this.#stacks.size > CANCELS_MAX ? this.#stacks.keys().next().value : undefined;
    if (oldest !== undefined) this.#stacks.delete(oldest);
    return stack.refresh();
  }

  /** The order is over. */
  forget(venueOrderId: string): void {
    this.#stacks.delete(venueOrderId);
  }

  take(venueOrderId: string): Headers {
    return (this.#stacks.get(venueOrderId) ?? this.#stackOf(venueOrderId)).take();
  }

  async refresh(): Promise<void> {
    await Promise.all([...this.#stacks.values()].map((stack) => stack.refresh()));
  }

  #stackOf(venueOrderId: string): HeaderStack {
    return new HeaderStack({
      signer: this.#signer,
      clock: this.#clock,
      method: 'DELETE',
      path: this.#pathOf(venueOrderId),
      terms: this.#terms,
    });
  }
}

function wallMsOf(clock: Clock): number {
  return Math.floor(clock.wall() / MICROS_PER_MILLI);
}
