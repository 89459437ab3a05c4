/** What has to be clean before anything is entered, at the start and before trading is resumed (REQUIREMENTS K4). */
import type { VenueName } from '../instrument.ts';
import { type DayCounters, tripsDailyLoss } from '../limits/trading-day.ts';
import type { MicroUsd, Millis } from '../units.ts';
import type { StandingCheck } from './breaker-reasons.ts';

/** What a venue answered. What could not be read is not clean: a failed read proves nothing. */
export interface VenueFacts {
  readonly venue: VenueName;
  readonly openOrders:
    | { readonly kind: 'read'; readonly unknown: readonly string[] }
    | { readonly kind: 'failed'; readonly detail: string };
  readonly positions:
    | { readonly kind: 'read'; readonly differences: readonly string[] }
    | { readonly kind: 'failed'; readonly detail: string };
}

export interface StartFacts {
  /** Since the last record of the last process; `undefined` for a first start, which has nothing to be too old. */
  readonly stateAgeMs: Millis | undefined;
  readonly breaker: string;
  readonly venues: readonly VenueFacts[];
  /** Orders of ours whose fate is still unknown. */
  readonly unresolved: readonly string[];
  readonly unhedgedMicroUsd: MicroUsd;
  readonly unhedgedMicroUsdMax: MicroUsd;
  readonly day: DayCounters;
  readonly dailyLossMicroUsdMax: MicroUsd | undefined;
  readonly hasLease: boolean;
}

/** Older than an hour is reviewed by a person (design C). */
const STATE_AGE_MS_MAX = 60 * 60_000;

/** All checks, clean or not. A resumption leaves out the breaker, which it is about to close. */
export function startChecks(facts: StartFacts, purpose: 'start' | 'resume'): readonly StandingCheck[] {
  const { stateAgeMs, unresolved, unhedgedMicroUsd, unhedgedMicroUsdMax } = facts;
  const isYoung = stateAgeMs === undefined || stateAgeMs <= STATE_AGE_MS_MAX;
  const checks: StandingCheck[] = [
    check(
      'lease',
      facts.hasLease,
      `expected the lease of the account, found ${facts.hasLease ? 'it' : 'another holder'}`,
    ),
    ...facts.venues.flatMap((venue) => [openOrders(venue), positions(venue)]),
    check('unresolved', unresolved.length === 0, listed('orders of unknown fate', unresolved)),
    check(
      'imbalance',
      unhedgedMicroUsd <= unhedgedMicroUsdMax,
      `expected at most ${unhedgedMicroUsdMax} micro-dollars unhedged, found ${unhedgedMicroUsd}`,
    ),
    dailyLoss(facts),
  ];
  if (purpose === 'resume') return checks;
  return [
    check(
      'stateAge',
      isYoung,
      `expected at most ${STATE_AGE_MS_MAX} ms since the last record, found ${stateAgeMs ?? 'none'}`,
    ),
    check('breaker', facts.breaker === 'closed', `expected a closed breaker, found ${facts.breaker}`),
    ...checks,
  ];
}

function openOrders({ venue, openOrders: read }: VenueFacts): StandingCheck {
  if (read.kind === 'failed') return unread(`openOrders/${venue}`, read.detail);
  return check(`openOrders/${venue}`, read.unknown.length === 0, listed('orders that we do not know', read.unknown));
}

function positions({ venue, positions: read }: VenueFacts): StandingCheck {
  if (read.kind === 'failed') return unread(`positions/${venue}`, read.detail);
  return check(
    `positions/${venue}`,
    read.differences.length === 0,
    listed('differences to our books', read.differences),
  );
}

function dailyLoss({ day, dailyLossMicroUsdMax: limitMicroUsd }: StartFacts): StandingCheck {
  const { pnlMicroUsd } = day;
  const isClean = limitMicroUsd === undefined || !tripsDailyLoss({ pnlMicroUsd, limitMicroUsd });
  const expected = limitMicroUsd === undefined ? 'any loss' : `a loss below ${limitMicroUsd}`;
  return check('dailyLoss', isClean, `expected ${expected} micro-dollars on ${day.date}, found ${0 - pnlMicroUsd}`);
}

function check(name: string, isClean: boolean, detail: string): StandingCheck {
  return { name, isClean, detail };
}

function unread(name: string, detail: string): StandingCheck {
  return { name, isClean: false, detail: `expected an answer, found none: ${detail}` };
}

function listed(what: string, found: readonly string[]): string {
  return `expected no ${what}, found ${found.length === 0 ? 'none' : found.join(', ')}`;
}
