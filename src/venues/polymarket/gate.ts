/**
 * What the venue's replies say about the venue itself. It has no status of its own to ask for: a restart answers
 * 425, then takes only resting orders for two minutes, and other modes answer 503 (2026).
 */
import type { HttpOutcome } from '../../domain/ports/http.ts';
import type { OrderOutcome, VenueStatus } from '../../domain/ports/venue.ts';
import type { Millis } from '../../domain/units.ts';

/** A restart takes about 90 s, and two minutes of resting orders only follow. */
const RESTART_MS = 90_000;
const POST_ONLY_MS = 120_000;
/** How long a mode without a stated end is believed without being seen again. */
const MODE_MS = 60_000;

type Mode = 'restarting' | 'postOnly' | 'cancelOnly' | 'disabled';

interface Standing {
  readonly mode: Mode;
  readonly untilMs: number;
}

export class VenueGate {
  #standing: Standing | undefined;

  /** Any reply of the order endpoints. */
  noteReply(reply: HttpOutcome, nowMs: Millis): void {
    if (reply.kind === 'reply' && reply.status === 425)
      this.#standing = { mode: 'restarting', untilMs: nowMs + RESTART_MS };
  }

  noteOutcome(
    outcome: OrderOutcome,
    { nowMs, wasPostOnly }: { readonly nowMs: Millis; readonly wasPostOnly: boolean },
  ): void {
    if (outcome.kind === 'refused') {
      const wait = outcome.retryAfterMs;
      if (outcome.reason === 'postOnlyMode')
        this.#standing = { mode: 'postOnly', untilMs: nowMs + (wait ?? POST_ONLY_MS) };
      if (outcome.reason === 'cancelOnlyMode')
        this.#standing = { mode: 'cancelOnly', untilMs: nowMs + (wait ?? MODE_MS) };
      if (outcome.reason === 'tradingDisabled')
        this.#standing = { mode: 'disabled', untilMs: nowMs + (wait ?? MODE_MS) };
    }
    // An order that was matched or killed on its merits shows that all is open; a resting one may be post-only.
    const isTaken = outcome.kind === 'done' || (outcome.kind === 'refused' && outcome.reason === 'killed');
    if (isTaken && !wasPostOnly) this.#standing = undefined;
  }

  status(nowMs: Millis): VenueStatus {
    const mode = this.#modeAt(nowMs);
    switch (mode) {
      case 'restarting':
        return { standing: 'paused', acceptsCancels: false, detail: 'the engine restarts (HTTP 425)' };
      case 'postOnly':
        return { standing: 'postOnly', acceptsCancels: true, detail: 'only post-only orders and cancels' };
      case 'cancelOnly':
        return { standing: 'cancelOnly', acceptsCancels: true, detail: 'only cancels' };
      case 'disabled':
        return { standing: 'paused', acceptsCancels: false, detail: 'trading is disabled' };
      default:
        return { standing: 'open', acceptsCancels: true, detail: 'answers, and no restriction is known' };
    }
  }

  #modeAt(nowMs: number): Mode | undefined {
    const { mode, untilMs } = this.#standing ?? { mode: undefined, untilMs: 0 };
    if (mode === undefined) return undefined;
    if (nowMs < untilMs) return mode;
    return mode === 'restarting' && nowMs < untilMs + POST_ONLY_MS ? 'postOnly' : undefined;
  }
}
