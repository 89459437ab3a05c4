/**
 * What opens the circuit breaker under which profile, and how it closes again (REQUIREMENTS R4).
 *
 * Every kind of trigger has a rule in every profile: a new kind does not compile until each has said what
 * it does. A rule that counts looks at marks, oldest first, and keeps no more of them than it needs.
 */
import { invariant } from '../invariant.ts';
import type { Trigger, TriggerKind } from '../limits/trigger.ts';
import { type Millis, millis } from '../units.ts';

/** `latched` waits for a person; `cooling` waits for the cooldown and then lets one probe try. */
export type OpenStanding = 'latched' | 'cooling';

export type TripRule =
  | { readonly kind: 'atOnce'; readonly standing: OpenStanding }
  /** In a row: a success in between starts the row again. One attempt counts once. */
  | { readonly kind: 'inARow'; readonly count: number; readonly standing: OpenStanding }
  | { readonly kind: 'within'; readonly count: number; readonly windowMs: Millis; readonly standing: OpenStanding };

export interface BreakerPolicy {
  readonly name: string;
  readonly cooldownMs: Millis;
  readonly rules: Readonly<Record<TriggerKind, TripRule>>;
}

/** One trigger that was counted. */
export interface Mark {
  readonly attemptId: string | undefined;
  readonly atMs: number;
}

export type Tallies = { readonly [Kind in TriggerKind]?: readonly Mark[] };

/** The marks of a rule after one more. */
export function marked(rule: TripRule, marks: readonly Mark[], mark: Mark): readonly Mark[] {
  if (rule.kind === 'atOnce') return marks;
  if (rule.kind === 'within') {
    const recent = marks.filter(({ atMs }) => mark.atMs - atMs < rule.windowMs);
    return [...recent, mark].slice(-rule.count);
  }
  const isRepeated = mark.attemptId !== undefined && marks.some(({ attemptId }) => attemptId === mark.attemptId);
  return isRepeated ? marks : [...marks, mark].slice(-rule.count);
}

export function isReached(rule: TripRule, marks: readonly Mark[]): boolean {
  return rule.kind === 'atOnce' || marks.length >= rule.count;
}

export function markOf({ attemptId }: Trigger, atMs: number): Mark {
  return { attemptId, atMs };
}

/** A success ends every row. What is counted within a window stays. */
export function afterSuccess(tallies: Tallies, policy: BreakerPolicy): Tallies {
  const kept = entriesOf(tallies).filter(([kind]) => policy.rules[kind].kind !== 'inARow');
  return Object.fromEntries(kept);
}

/** What a restart keeps: rows go on, windows were measured on a clock that has ended with its process. */
export function afterRestart(tallies: Tallies, policy: BreakerPolicy): Tallies {
  const kept = entriesOf(tallies).filter(([kind]) => policy.rules[kind].kind === 'inARow');
  return Object.fromEntries(kept);
}

function entriesOf(tallies: Tallies): [TriggerKind, readonly Mark[]][] {
  return Object.entries(tallies) as [TriggerKind, readonly Mark[]][];
}

const LATCHED: TripRule = { kind: 'atOnce', standing: 'latched' };
const COOLING: TripRule = { kind: 'atOnce', standing: 'cooling' };

/** Every kind at once and by hand: the start of every profile. */
const BY_HAND: Readonly<Record<TriggerKind, TripRule>> = {
  EXECUTION_FAILED: LATCHED,
  ASYMMETRIC_EXECUTION: LATCHED,
  STUCK_EXPOSURE: LATCHED,
  CONNECTION_LOST: LATCHED,
  RATE_LIMITED: LATCHED,
  DAILY_LOSS: LATCHED,
  DRAWDOWN: LATCHED,
  CONSECUTIVE_LOSSES: LATCHED,
  BOOK_STALE: LATCHED,
  SEQUENCE_GAP: LATCHED,
  API_ERRORS: LATCHED,
  INSUFFICIENT_BALANCE: LATCHED,
  AUTHENTICATION: LATCHED,
  ORDER_INVALID: LATCHED,
  LATE_FILL: LATCHED,
  TRADE_FAILED: LATCHED,
  FEE_DRIFT: LATCHED,
  LEDGER_DIFFERS: LATCHED,
  SETTLED_DIFFERENTLY: LATCHED,
  CLOCK_SKEW: LATCHED,
  LATENCY: LATCHED,
  UNHEDGED: LATCHED,
  ACTOR_FAULT: LATCHED,
  JOURNAL_FAULT: LATCHED,
  MANUAL_HALT: LATCHED,
};

/** What passes by itself, when it passes: the venue, the line or the market, never our money or our code. */
const PASSING = {
  CONNECTION_LOST: COOLING,
  RATE_LIMITED: COOLING,
  CONSECUTIVE_LOSSES: COOLING,
  BOOK_STALE: COOLING,
  SEQUENCE_GAP: COOLING,
  API_ERRORS: COOLING,
  CLOCK_SKEW: COOLING,
  LATENCY: COOLING,
} satisfies Partial<Record<TriggerKind, TripRule>>;

/** Design S: 30 minutes, then one probe. */
const COOLDOWN = millis(30 * 60_000);

/** Design C: three failures in a row, everything else at once, and only a person closes it. */
const CONSERVATIVE: BreakerPolicy = {
  name: 'conservative-100',
  cooldownMs: COOLDOWN,
  rules: { ...BY_HAND, EXECUTION_FAILED: { kind: 'inARow', count: 3, standing: 'latched' } },
};

/** Design S: what passes by itself cools down; what costs money without a plan, or is our fault, waits for a person. */
const SPORTS: BreakerPolicy = {
  name: 'sports',
  cooldownMs: COOLDOWN,
  rules: { ...BY_HAND, ...PASSING, EXECUTION_FAILED: { kind: 'inARow', count: 3, standing: 'cooling' } },
};

/** Designs P and H name triggers and no way back; one gap in ten minutes is repaired by its snapshot there. */
const FAST: BreakerPolicy = {
  name: 'v3',
  cooldownMs: COOLDOWN,
  rules: {
    ...CONSERVATIVE.rules,
    SEQUENCE_GAP: { kind: 'within', count: 3, windowMs: millis(10 * 60_000), standing: 'latched' },
  },
};

/** The policy of a risk profile, by its name. Throws for a name that no profile has. */
export function breakerPolicy(profile: string): BreakerPolicy {
  if (profile.startsWith('sports-')) return { ...SPORTS, name: profile };
  const found = [CONSERVATIVE, FAST, { ...FAST, name: 'velocity' }].find(({ name }) => name === profile);
  invariant(
    found !== undefined,
    () => `a risk profile must be conservative-100, v3, velocity or sports-*, found "${profile}"`,
  );
  return found;
}
