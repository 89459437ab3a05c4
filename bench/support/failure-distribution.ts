/**
 * Attempts at simulated venues whose orders fail as often, and for the same causes, as a public two-venue bot recorded
 * with real money (1,939 attempts; see the documentation of the simulators): what the bench prints and its test claims.
 */

import type { TradingProfile } from '../../src/actors/trading-parts.ts';
import type { AttemptPlan, ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import type { ServerAnswer } from '../../src/domain/ports/local-server.ts';
import type { Random } from '../../src/domain/ports/random.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import { CONTRACT, microUsd, millis, USD } from '../../src/domain/units.ts';
import type { AttemptOutcome } from '../../src/machines/attempt.events.ts';
import { ORDER_ROUND_TRIP, quantileSampler } from '../../src/sim/latency.ts';
import { AttemptWorld } from '../../test/support/attempt-world.ts';
import { EDGE_CENTS, FailureMarket } from './failure-market.ts';
import { percentile, round } from './statistics.ts';

/** As recorded; losses in dollars, durations in milliseconds. */
export const RECORDED = {
  notFilled: 1_165 / 1_939,
  bothFilled: 490 / 1_939,
  oneLegged: 284 / 1_939,
  partialFirst: 72 / 774,
  oneLeggedOfFirst: 284 / 774,
  lossUsd: { p50: 0.26, p95: 2.87, max: 18 },
  startMsMax: 50,
} as const;

type Fate = 'notFilled' | 'bothFilled' | 'noVolume' | 'noBalance' | 'conflict';

export interface DistributionOptions {
  readonly attempts: number;
  readonly policy: ExecutionPolicy;
  readonly seed: string;
  readonly onProgress?: (ended: number) => void;
}

export type DistributionRun = Awaited<ReturnType<typeof runDistribution>>;

/** Until a breaker that opened with the last attempt has been looked at. */
const OPERATOR_MS_MAX = 120_000;
const SECOND_MS = 1_000;
/** How often the market looks whether the first order has been matched. */
const LOOK_MS = 10;

export async function runDistribution({ attempts, policy, seed, onProgress }: DistributionOptions) {
  const random = seededRandom(`fates ${seed}`);
  const market = new FailureMarket(seededRandom(`market ${seed}`));
  const world = await begin(policy, seed);
  const planned: Record<Fate, number> = { notFilled: 0, bothFilled: 0, noVolume: 0, noBalance: 0, conflict: 0 };
  let partials = 0;
  const outcomes: AttemptOutcome[] = [];
  for (let at = 0; at < attempts; at++) {
    await isResumed(world);
    const fate = drawFate(random);
    const isPartial = fate !== 'notFilled' && random.next() < RECORDED.partialFirst;
    planned[fate]++;
    if (isPartial) partials++;
    const weather = new Weather(world, market, fate, isPartial);
    const ended = await world.attempt(
      (plan) => weather.begin(plan),
      () => market.gap(EDGE_CENTS[fate === 'notFilled' || fate === 'bothFilled' ? fate : 'oneLegged']),
    );
    const outcome = ended ?? (await takenOver(world, weather.attemptId));
    weather.end();
    if (outcome !== undefined) outcomes.push(outcome);
    onProgress?.(outcomes.length);
  }
  const isAtRest = await world.rest();
  await isResumed(world);
  const { trading, resumes, refusedResumes } = world;
  const { trips, standing } = trading.breaker.view();
  const live = trading.strategy.liveAttempts + trading.registry.open().length;
  const result = {
    ...summaryOf(outcomes),
    ...reportsOf(world),
    policy,
    attempts,
    planned,
    partials,
    trips,
    resumes,
    resumesRefused: refusedResumes,
    standing,
    leftOpen: attempts - outcomes.length + live,
    isAtRest,
    isBelievedTrue: world.isBelievedTrue,
  };
  await world.close();
  return result;
}

/** Out of the limit of its loss, an attempt looks on for ever: after ten minutes the operator takes what is left. */
async function takenOver(world: AttemptWorld, attemptId: string): Promise<AttemptOutcome | undefined> {
  const mine = (): AttemptOutcome | undefined => world.outcomes.find((outcome) => outcome.attemptId === attemptId);
  world.trading.strategy.closeAttempt(attemptId, 'operator', 'stuck for ten minutes');
  await world.until(() => mine() !== undefined, OPERATOR_MS_MAX);
  return mine();
}

function isResumed(world: AttemptWorld): Promise<boolean> {
  return world.until(() => world.trading.breaker.view().standing === 'closed', OPERATOR_MS_MAX);
}

function begin(policy: ExecutionPolicy, seed: string): Promise<AttemptWorld> {
  return AttemptWorld.begin({
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
}

/** Room for all attempts of a run: what is measured is how each ends, not when a limit stops them. */
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

/** What the market and the venues do to one attempt, from its approval to its end. */
class Weather {
  readonly #world: AttemptWorld;
  readonly #market: FailureMarket;
  readonly #fate: Fate;
  readonly #isPartial: boolean;
  /** Of the attempt that it befell. */
  attemptId = '';
  #hasEnded = false;
  #heldE6 = 0;
  #isGapOpen = true;

  constructor(world: AttemptWorld, market: FailureMarket, fate: Fate, isPartial: boolean) {
    this.#world = world;
    this.#market = market;
    this.#fate = fate;
    this.#isPartial = isPartial;
  }

  begin({ attemptId, sizeE6 }: AttemptPlan): void {
    this.attemptId = attemptId;
    const { venues } = this.#world;
    this.#heldE6 = this.#matchedE6();
    if (this.#fate === 'notFilled') this.#world.quote({ polymarket: this.#market.lostToKalshi() });
    else if (this.#isPartial) this.#world.quote({ polymarket: this.#market.cutTo(sizeE6 / CONTRACT) });
    if (this.#fate === 'noVolume') this.#world.quote({ kalshi: this.#market.closed().kalshi });
    if (this.#fate === 'noBalance') venues.kalshi.server.instead = refusal(400, 'insufficient_balance');
    if (this.#fate === 'conflict') venues.kalshi.server.instead = refusal(409, 'trading_is_paused', 1);
    if (this.#fate === 'bothFilled') return;
    if (this.#fate === 'notFilled' || this.#fate === 'noVolume') this.#isGapOpen = false;
    else venues.clock.setTimeout(() => this.#close(), this.#market.gapLifeMs());
    this.#awaitMatch();
  }

  end(): void {
    this.#hasEnded = true;
    this.#world.venues.kalshi.server.instead = undefined;
  }

  /** Nothing else moves before the first order has found what it was sent for. */
  #awaitMatch(): void {
    if (this.#hasEnded) return;
    const { clock } = this.#world.venues;
    if (this.#fate === 'notFilled' || this.#matchedE6() !== this.#heldE6) this.#goOn();
    else clock.setTimeout(() => this.#awaitMatch(), LOOK_MS);
  }

  #goOn(): void {
    if (this.#hasEnded) return;
    this.#market.move();
    if (!this.#isGapOpen) this.#world.quote(this.#market.closed());
    this.#world.venues.clock.setTimeout(() => this.#goOn(), SECOND_MS);
  }

  #close(): void {
    this.#isGapOpen = false;
  }

  #matchedE6(): number {
    const { truth, no } = this.#world.venues.polymarket;
    return truth.matchedE6(no);
  }
}

function refusal(status: number, code: string, times = Number.POSITIVE_INFINITY) {
  let left = times;
  return ({ method, target }: { method: string; target: string }): ServerAnswer | undefined => {
    if (left <= 0 || method !== 'POST' || !target.endsWith('/portfolio/events/orders')) return undefined;
    left--;
    const body = JSON.stringify({ error: { code, message: code } });
    return { kind: 'reply', reply: { status, headers: { 'content-type': 'application/json' }, body } };
  };
}

/** What opened the breaker, and what was reported while it was open already and is no trip of its own. */
function reportsOf({ alerts }: AttemptWorld) {
  const opened: string[] = [];
  const further: string[] = [];
  let known = 0;
  for (const alert of alerts) {
    if (alert.kind !== 'opened') continue;
    (alert.trips > known ? opened : further).push(alert.trigger.kind);
    known = alert.trips;
  }
  return { trippedBy: tally(opened), reportedWhileOpen: tally(further) };
}

function tally(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function summaryOf(outcomes: readonly AttemptOutcome[]) {
  const asymmetric = outcomes.filter(({ wasAsymmetric }) => wasAsymmetric);
  const starts = asymmetric.flatMap(({ repairStartMs }) => (repairStartMs === undefined ? [] : [repairStartMs]));
  const orders = asymmetric.flatMap(({ repairOrderMs }) => (repairOrderMs === undefined ? [] : [repairOrderMs]));
  const losses = asymmetric.map(({ profitMicroUsd }) => Math.max(0, 0 - profitMicroUsd) / USD);
  const results = asymmetric.map(({ profitMicroUsd }) => profitMicroUsd);
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
    ends: tally(asymmetric.map(howItEnded)),
    repairStartMs: { ...spanOf(starts), count: starts.length },
    repairOrderMs: { ...spanOf(orders), count: orders.length },
    waited: orders.filter((ms) => ms > RECORDED.startMsMax).length,
    late: late.map(({ attemptId, end, reason, repairStartMs }) => ({ attemptId, end, reason, repairStartMs })),
    lossUsd: {
      ...spanOf(losses, 2),
      total: round(
        losses.reduce((sum, one) => sum + one, 0),
        2,
      ),
    },
    endedWithGain: results.filter((one) => one >= 0).length,
    contracts: spanOf(
      outcomes.map(({ reports }) => (reports[0]?.order.sizeE6 ?? 0) / CONTRACT),
      0,
    ),
  };
}

/** What is held when a one-legged attempt is over: sets mean that it was completed, at least in part. */
function howItEnded({ end, setsE6, reports }: AttemptOutcome): string {
  if (end === 'abandoned') return 'taken over by the operator';
  const hasSold = reports.some(({ order, finalE6 }) => order.role === 'unwind' && finalE6 > 0);
  if (setsE6 === 0) return 'unwound';
  return hasSold ? 'completed in part and unwound' : 'completed';
}

function spanOf(values: readonly number[], digits = 0) {
  if (values.length === 0) return { p50: 0, p95: 0, max: 0 };
  return {
    p50: round(percentile(values, 0.5), digits),
    p95: round(percentile(values, 0.95), digits),
    max: round(Math.max(...values), digits),
  };
}
