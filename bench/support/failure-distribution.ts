/**
 * Attempts at simulated venues whose orders fail as often, and for the same causes, as a public two-venue bot recorded
 * with real money (1,939 attempts; see the documentation of the simulators): what the bench prints and its test claims.
 */

import type { TradingProfile } from '../../src/actors/trading-parts.ts';
import type { ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import type { ServerAnswer } from '../../src/domain/ports/local-server.ts';
import type { Random } from '../../src/domain/ports/random.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import { microUsd, millis, USD } from '../../src/domain/units.ts';
import type { AttemptOutcome } from '../../src/machines/attempt.events.ts';
import { ORDER_ROUND_TRIP, quantileSampler } from '../../src/sim/latency.ts';
import { AttemptWorld, FAIR, type Quotes } from '../../test/support/attempt-world.ts';
import { level } from '../../test/support/two-venues.ts';
import { percentile, round } from './statistics.ts';

/** As recorded; losses in dollars. */
export const RECORDED = {
  notFilled: 1_165 / 1_939,
  bothFilled: 490 / 1_939,
  oneLegged: 284 / 1_939,
  partialFirst: 72 / 774,
  oneLeggedOfFirst: 284 / 774,
  lossUsd: { p50: 0.26, p95: 2.87 },
  startMsMax: 50,
} as const;

type Fate = 'notFilled' | 'bothFilled' | 'noVolume' | 'noBalance' | 'conflict';

export interface DistributionOptions {
  readonly attempts: number;
  readonly policy: ExecutionPolicy;
  readonly seed: string;
}

/** The order at Polymarket is the less certain one, and leaves first where legs leave one after the other. */
const GAP: Quotes = {
  kalshi: { bids: [level(38, 200)], asks: [level(41, 200), level(60, 200)] },
  polymarket: { bids: [level(48, 20), level(47, 20)], asks: [level(52, 100)] },
};
/** Sooner than the fastest reply of the first venue has come, and later than its order has been matched. */
const FIRST_MATCHED_MS = 560;
/** Until a breaker that opened with the last attempt has been looked at. */
const OPERATOR_MS_MAX = 60_000;

export async function runDistribution({ attempts, policy, seed }: DistributionOptions) {
  const random = seededRandom(`fates ${seed}`);
  const world = await AttemptWorld.begin({
    policy,
    seed,
    profile: roomy,
    kalshi: { latency: quantileSampler(ORDER_ROUND_TRIP.kalshi) },
    polymarket: {
      orderLatency: quantileSampler(ORDER_ROUND_TRIP.polymarket),
      mined: { leastMs: 2_000, mostMs: 4_000 },
      confirmed: { leastMs: 10_000, mostMs: 50_000 },
    },
  });
  const planned: Record<Fate, number> = { notFilled: 0, bothFilled: 0, noVolume: 0, noBalance: 0, conflict: 0 };
  let partials = 0;
  const outcomes: AttemptOutcome[] = [];
  for (let at = 0; at < attempts; at++) {
    const fate = drawFate(random);
    const isPartial = fate !== 'notFilled' && random.next() < RECORDED.partialFirst;
    planned[fate]++;
    if (isPartial) partials++;
    const outcome = await world.attempt(() => befall(world, fate, { isPartial, random }), GAP);
    world.venues.kalshi.server.instead = undefined;
    if (outcome !== undefined) outcomes.push(outcome);
  }
  const isAtRest = await world.rest();
  const { breaker } = world.trading;
  await world.until(() => breaker.view().standing === 'closed', OPERATOR_MS_MAX);
  const result = {
    ...summaryOf(outcomes),
    policy,
    attempts,
    planned,
    partials,
    resumes: world.resumes,
    resumesRefused: world.refusedResumes,
    trips: breaker.view().trips,
    triggers: tally(world.alerts.flatMap((alert) => (alert.kind === 'opened' ? [alert.trigger.kind] : []))),
    leftOpen: attempts - outcomes.length + world.trading.strategy.liveAttempts + world.trading.registry.open().length,
    isAtRest,
    isBelievedTrue: world.isBelievedTrue,
  };
  await world.close();
  return result;
}

function tally(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function roomy(profile: TradingProfile): TradingProfile {
  const plenty = microUsd(1_000_000 * USD);
  return {
    ...profile,
    limits: { ...profile.limits, totalMicroUsdMax: plenty, eventMicroUsdMax: plenty, dailyLossMicroUsdMax: plenty },
    losses: { ...profile.losses, dailyLossMicroUsdMax: plenty },
    position: { ...profile.position, checkMsMin: millis(300_000), checkMsMax: millis(3_600_000) },
  };
}

function drawFate(random: Random): Fate {
  const share = random.next();
  if (share < RECORDED.notFilled) return 'notFilled';
  if (share < RECORDED.notFilled + RECORDED.bothFilled) return 'bothFilled';
  const cause = random.next() * 284;
  if (cause < 229) return 'noVolume';
  return cause < 273 ? 'noBalance' : 'conflict';
}

/** What the market and the venues do to an attempt that was just approved. */
function befall(world: AttemptWorld, fate: Fate, { isPartial, random }: { isPartial: boolean; random: Random }): void {
  const { clock, kalshi } = world.venues;
  const away = 1 + random.below(8);
  if (fate === 'notFilled') world.quote({ polymarket: { bids: [level(44, 20)], asks: FAIR.polymarket.asks } });
  else if (isPartial) world.quote({ polymarket: { ...GAP.polymarket, bids: [level(48, 5), level(44, 50)] } });
  const worse = { bids: [level(38 - away, 200)], asks: [level(41 + away, 200)] };
  if (fate === 'noVolume') world.quote({ kalshi: worse });
  if (fate === 'noBalance') kalshi.server.instead = refuseOnce(400, 'insufficient_balance');
  if (fate === 'conflict') kalshi.server.instead = refuseOnce(409, 'trading_is_paused');
  clock.setTimeout(
    () => world.quote({ polymarket: FAIR.polymarket, ...(fate === 'bothFilled' ? {} : { kalshi: worse }) }),
    FIRST_MATCHED_MS,
  );
}

function refuseOnce(status: number, code: string) {
  let isSpent = false;
  return ({ method, target }: { method: string; target: string }): ServerAnswer | undefined => {
    if (isSpent || method !== 'POST' || !target.endsWith('/portfolio/events/orders')) return undefined;
    isSpent = true;
    const body = JSON.stringify({ error: { code, message: code } });
    return { kind: 'reply', reply: { status, headers: { 'content-type': 'application/json' }, body } };
  };
}

function summaryOf(outcomes: readonly AttemptOutcome[]) {
  const asymmetric = outcomes.filter(({ wasAsymmetric }) => wasAsymmetric);
  const starts = asymmetric.flatMap(({ repairStartMs }) => (repairStartMs === undefined ? [] : [repairStartMs]));
  const losses = asymmetric.map(({ profitMicroUsd }) => Math.max(0, 0 - profitMicroUsd) / USD);
  const count = (end: AttemptOutcome['end']): number =>
    outcomes.filter((one) => one.end === end && !one.wasAsymmetric).length;
  const late = asymmetric.filter(({ repairStartMs = 0 }) => repairStartMs > RECORDED.startMsMax);
  return {
    ended: outcomes.length,
    shares: {
      notFilled: round((count('unfilled') + count('refused')) / outcomes.length, 3),
      bothFilled: round((count('balanced') + count('dust')) / outcomes.length, 3),
      oneLegged: round(asymmetric.length / outcomes.length, 3),
    },
    oneLegged: asymmetric.length,
    ends: tally(asymmetric.map(({ end }) => end)),
    repairStartMs: { max: Math.max(0, ...starts), p95: percentile(starts, 0.95), count: starts.length },
    late: late.map(({ end, reason, repairStartMs }) => ({ end, reason, repairStartMs })),
    lossUsd: {
      p50: round(percentile(losses, 0.5), 2),
      p95: round(percentile(losses, 0.95), 2),
      max: round(Math.max(0, ...losses), 2),
    },
  };
}
