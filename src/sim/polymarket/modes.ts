/** Whether the venue trades: restarts, the post-only time after them, cancel-only, a full stop, and regions. */
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import type { ServerReply } from '../../domain/ports/local-server.ts';
import { failure, TEXT } from './replies.ts';

export type Mode = 'open' | 'restarting' | 'postOnly' | 'cancelOnly' | 'disabled';
export type Region = 'free' | 'closeOnly' | 'blocked';

const RESTART_MS = 90_000;
const POST_ONLY_MS = 120_000;

export type Gate = { readonly kind: 'open' } | { readonly kind: 'shut'; readonly reply: ServerReply };

export class Modes {
  readonly #clock: Clock;
  #mode: Mode = 'open';
  #endsAtMs: number | undefined;
  #timer: Timer | undefined;
  region: Region = 'free';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get mode(): Mode {
    return this.#mode;
  }

  set(mode: Mode): void {
    this.#enter(mode);
  }

  /** Too early for so long, then post-only for two minutes, then open. Weekly on Tuesdays at 07:00 New York, by the docs. */
  restart({ downMs = RESTART_MS, postOnlyMs = POST_ONLY_MS }: { downMs?: number; postOnlyMs?: number } = {}): void {
    this.#enter('restarting', downMs, () => {
      this.#enter('postOnly', postOnlyMs, () => this.#enter('open'));
    });
  }

  /** Before an order is looked at. Post-only is judged per order, so that a batch can be refused in part. */
  forOrders(): Gate {
    const shut = (reply: ServerReply): Gate => ({ kind: 'shut', reply });
    if (this.region === 'blocked') return shut(failure(403, TEXT.region));
    if (this.#mode === 'restarting') return shut(failure(425, TEXT.tooEarly));
    if (this.#mode === 'disabled') return shut(failure(503, TEXT.disabled));
    if (this.#mode === 'cancelOnly') return shut(failure(503, TEXT.cancelOnly));
    return { kind: 'open' };
  }

  forCancels(): Gate {
    const shut = (reply: ServerReply): Gate => ({ kind: 'shut', reply });
    if (this.#mode === 'restarting') return shut(failure(425, TEXT.tooEarly));
    if (this.#mode === 'disabled') return shut(failure(503, TEXT.disabled));
    return { kind: 'open' };
  }

  /** The refusal of an order that may take, in the two minutes after a restart. */
  postOnlyRefusal(): ServerReply {
    const left = Math.max(1, Math.ceil(((this.#endsAtMs ?? this.#clock.nowMs()) - this.#clock.nowMs()) / 1000));
    const reply = failure(503, TEXT.postOnlyMode, { code: 'post_only_mode', retry_after_seconds: left });
    return { ...reply, headers: { ...reply.headers, 'retry-after': String(left) } };
  }

  #enter(mode: Mode, forMs?: number, then?: () => void): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#mode = mode;
    this.#endsAtMs = forMs === undefined ? undefined : this.#clock.nowMs() + forMs;
    if (forMs !== undefined && then !== undefined) this.#timer = this.#clock.setTimeout(then, forMs);
  }
}
