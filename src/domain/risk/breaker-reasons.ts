/** Why the breaker is open: all of it, because a second cause does not go away when the first one does. */
import type { Trigger } from '../limits/trigger.ts';

/** Something that was reported, and how often in the same words. */
export interface BreakerReason extends Trigger {
  readonly times: number;
  /** Monotonic milliseconds of the first report, where it was timed. */
  readonly sinceMs: number | undefined;
}

/** Reasons kept apart. More than that are counted, and stand in the journal. */
const REASONS_MAX = 100;

export interface Reasons {
  readonly list: readonly BreakerReason[];
  /** Reported beyond what the list holds. */
  readonly unlisted: number;
}

export const NO_REASONS: Reasons = { list: [], unlisted: 0 };

export function withReason(reasons: Reasons, trigger: Trigger, atMs: number | undefined): Reasons {
  const { list, unlisted } = reasons;
  const known = list.findIndex((reason) => isSame(reason, trigger));
  if (known >= 0) {
    return {
      list: list.map((reason, at) => (at === known ? { ...reason, times: reason.times + 1 } : reason)),
      unlisted,
    };
  }
  if (list.length >= REASONS_MAX) return { list, unlisted: unlisted + 1 };
  return { list: [...list, { ...trigger, times: 1, sinceMs: atMs }], unlisted };
}

function isSame(a: Trigger, b: Trigger): boolean {
  return a.kind === b.kind && a.venue === b.venue && a.attemptId === b.attemptId && a.detail === b.detail;
}

/** One of the start-up checks, which a resumption runs again (REQUIREMENTS K4). */
export interface StandingCheck {
  /** `openOrders`, `positions`, `dailyLoss`, … */
  readonly name: string;
  readonly isClean: boolean;
  /** What was expected and what was found. */
  readonly detail: string;
}

export function uncleanOf(checks: readonly StandingCheck[]): readonly StandingCheck[] {
  return checks.filter(({ isClean }) => !isClean);
}
