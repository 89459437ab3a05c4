/**
 * One demonstration from start to end: simulators on loopback ports, a Tandem of its own against them, a director and
 * an operator, and at the end the question whether belief and truth are the same.
 */
import { createHash } from 'node:crypto';
import type { VerifyReport } from '../../db/journal/verify-journal.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { ExecutionPolicy } from '../../domain/execution/attempt-plan.ts';
import { takerFee } from '../../domain/fees/fee-schedule.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import { seededIds, seededRandom } from '../../domain/seeded-random.ts';
import { addUsd, complement, contracts, microUsd, priceE4 } from '../../domain/units.ts';
import { recordedMarket } from '../../sim/flow/recorded-book.ts';
import { openRunJournal, verifyRunJournal } from '../compose/run-journal.ts';
import { type Composed, composeTrading } from '../compose.ts';
import { conservative100 } from '../config/conservative-100.ts';
import { type OwnedClock, ownedClock } from '../sim/owned-clock.ts';
import { recordedFrames } from '../sim/recorded-frames.ts';
import { type ServedSim, serveSim } from '../sim/serve-sim.ts';
import { systemTurn } from '../system-clock.ts';
import { systemRandom } from '../system-random.ts';
import { accountTruths, differences } from './compare-accounts.ts';
import type { DemoFolder } from './demo-folder.ts';
import { demoPairs, demoScenario, RECORDED_TICKER, RECORDING, STAGED_PAIRS } from './demo-scenario.ts';
import { DemoWatch } from './demo-watch.ts';
import { DemoDirector } from './director.ts';
import { ScriptedOperator } from './operator.ts';
import { accessOf } from './sim-access.ts';
import { type SetFees, stageOf } from './stage.ts';
import { tappedJournal } from './tapped-journal.ts';

export interface DemoOptions {
  readonly folder: DemoFolder;
  readonly seed: string;
  readonly policy: ExecutionPolicy;
  /** Until stopped unless given. */
  readonly durationMs: number | undefined;
  readonly clock: Clock;
  /** Told once everything is there to be shown. */
  readonly onWatch: (watch: DemoWatch) => void;
  readonly stopped: Promise<void>;
}

export interface DemoResult {
  readonly watch: DemoWatch;
  readonly ranMs: number;
  readonly differences: readonly string[];
  readonly unhedgedMicroUsd: number;
  readonly journal: VerifyReport;
  readonly isGood: boolean;
}

/** An account of a higher tier: what a minute shows takes a lowest-tier account several. */
const BUCKET = { bucketCapacity: 1_000, refillRate: 1_000 };
/** Reads are many at the start; orders keep the round trips that were measured. */
const READ_MS = 15;
/** Confirmations within a minute's show; the venue itself takes ten times as long. */
const FAST_CHAIN = {
  mined: { leastMs: 300, mostMs: 700 },
  confirmed: { leastMs: 900, mostMs: 2_200 },
  positionsLagMs: 200,
  tradeTapeLagMs: 500,
  gammaResolutionLagMs: 200,
};
/** How often a held position asks its venues; once a day would be soon enough outside of a show. */
const POSITION_CHECK_MS = { checkMsMin: 1_500, checkMsMax: 6_000 };
/** Fractions that no venue trades: Polymarket spends a budget, and a better price buys a few hundredths more. */
export const DUST_MICRO_USD = conservative100('together').repair.dustMicroUsdMax;
const CLOSING_MS = 12_000;
const DRAIN_MS = 7_000;
const PATIENCE_MS = 20_000;
const SETTLE_SHARE = 0.65;
const STEP_MS = 100;
const SAMPLE_SETS = 10;
const MICRO_PER_E4 = 100;

export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const clock = ownedClock(options.clock);
  const startedMs = clock.nowMs();
  const frames = (await recordedFrames(RECORDING)).filter(({ frame }) => recordedMarket(frame) === RECORDED_TICKER);
  const sim = await serveSim({
    scenario: demoScenario(),
    seed: options.seed,
    clock,
    secretRandom: systemRandom,
    frames,
    polymarket: FAST_CHAIN,
    kalshi: { readLatency: () => READ_MS },
    kalshiLimits: { read: BUCKET, write: BUCKET },
  });
  try {
    return await tradeAgainst(sim, { ...options, clock, startedMs });
  } finally {
    await sim.close();
    clock.stop();
  }
}

interface Running extends DemoOptions {
  readonly clock: OwnedClock;
  readonly startedMs: number;
}

async function tradeAgainst(sim: ServedSim, running: Running): Promise<DemoResult> {
  // Its own, so that it can be silent before the journal is closed: positions wait for days.
  const tandemClock = ownedClock(running.clock);
  const { clock, startedMs, folder, policy, seed, durationMs } = running;
  const watch = new DemoWatch({
    clock,
    startedMs,
    run: folder.run,
    seed,
    policy,
    durationMs,
    markets: sim.world.markets,
  });
  const profile = {
    ...conservative100(policy),
    position: { ...conservative100(policy).position, ...POSITION_CHECK_MS },
  };
  const config = hashOf({ profile: profile.name, policy, seed });
  const file = openRunJournal(folder.journal, {
    facts: { run: folder.run, mode: 'demo', seed, config },
    clock,
    onFault: ({ message }) => watch.onJournalFault(message),
  });
  const composed = await composeTrading({
    access: accessOf(sim.announcement),
    pairs: demoPairs(sim.world.markets),
    profile,
    journal: tappedJournal(file, (record) => watch.onRecord(record)),
    clock: tandemClock,
    random: seededRandom(`${seed}/tandem`),
    ids: seededIds(`${seed}/tandem`),
    listeners: watch.listeners,
    mode: { settings: { mode: 'demo', challengeMs: 0 }, blockers: () => [], configHash: () => config },
  });
  watch.attach(composed);
  running.onWatch(watch);
  try {
    await perform(sim, composed, watch, running);
  } finally {
    tandemClock.stop();
    await composed.stop();
    // Reads that were under way end in the next turn, and are written down.
    await systemTurn();
    await file.close();
  }
  return judged(sim, composed, watch, running);
}

async function perform(sim: ServedSim, composed: Composed, watch: DemoWatch, running: Running): Promise<void> {
  const { clock, seed, policy, durationMs } = running;
  const { trading } = composed;
  const operator = new ScriptedOperator({
    clock,
    trading,
    dustMicroUsdMax: DUST_MICRO_USD,
    onResumed: () => watch.onResumed(),
    onRefused: (because) => watch.onResumeRefused(because),
  });
  const showMs = durationMs ?? Number.POSITIVE_INFINITY;
  const director = new DemoDirector({
    clock,
    random: seededRandom(`${seed}/director`),
    stage: stageOf(sim.world, setFees(composed)),
    audience: watch,
    pairs: STAGED_PAIRS,
    policy,
    curtainMs: Math.max(showMs - CLOSING_MS, showMs * 0.4),
    settleMs: Math.min(showMs, 60_000) * SETTLE_SHARE,
    onCue: (text) => watch.onCue(text),
  });
  operator.start();
  director.start();
  const drainAtMs = running.startedMs + Math.max(showMs - DRAIN_MS, showMs * 0.55);
  await Promise.race([until(clock, () => clock.nowMs() >= drainAtMs), running.stopped]);
  director.stop();
  trading.drain('demo', 'the demonstration ends');
  const giveUpAtMs = clock.nowMs() + PATIENCE_MS;
  await until(clock, () => isStill(composed, watch) || clock.nowMs() >= giveUpAtMs);
  // What remains of the time is for looking, and for whatever might still come late.
  const endAtMs = Math.max(clock.nowMs() + 500, running.startedMs + Math.min(showMs, PATIENCE_MS * 100) - 1_000);
  await Promise.race([until(clock, () => clock.nowMs() >= endAtMs), running.stopped]);
  operator.stop();
  await trading.life.checks();
  watch.noteEnd();
}

function isStill({ trading }: Composed, watch: DemoWatch): boolean {
  const isQuiet = trading.strategy.liveAttempts === 0 && trading.ledger.provisionalTrades().length === 0;
  return isQuiet && trading.exposures.unhedged().mostMicroUsd <= DUST_MICRO_USD && !watch.isSettling;
}

function judged(sim: ServedSim, { trading }: Composed, watch: DemoWatch, running: Running): DemoResult {
  const found = [...differences(accountTruths(sim.world), trading.ledger), ...watch.faults];
  const unhedgedMicroUsd = trading.exposures.unhedged().mostMicroUsd;
  const journal = verifyRunJournal(running.folder.journal);
  const isWhole = journal.problems.length === 0 && journal.torn === undefined && journal.openIntents.length === 0;
  if (trading.strategy.liveAttempts > 0) found.push(`${trading.strategy.liveAttempts} attempts are not closed`);
  return {
    watch,
    ranMs: running.clock.nowMs() - running.startedMs,
    differences: found,
    unhedgedMicroUsd,
    journal,
    isGood: found.length === 0 && unhedgedMicroUsd <= DUST_MICRO_USD && isWhole,
  };
}

/** Both venues' own schedules, for a size at which their rounding hardly counts. */
function setFees({ pairs }: Composed): SetFees {
  return (id, askE4) => {
    const pair = pairs.find((each) => each.id === id);
    const legs = [
      { fees: pair?.kalshi.fees, priceE4: priceE4(askE4) },
      { fees: pair?.polymarket.fees, priceE4: complement(priceE4(askE4)) },
    ];
    const paid = legs.map(({ fees, priceE4: price }) =>
      fees === undefined ? microUsd(0) : takerFee(fees, 'real')([{ priceE4: price, sizeE6: contracts(SAMPLE_SETS) }]),
    );
    return addUsd(...paid) / (SAMPLE_SETS * MICRO_PER_E4);
  };
}

function hashOf(config: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(config)).digest('hex')}`;
}

async function until(clock: Clock, isDue: () => boolean): Promise<void> {
  while (!isDue()) await new Promise<void>((done) => clock.setTimeout(done, STEP_MS));
}
