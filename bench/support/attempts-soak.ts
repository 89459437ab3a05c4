/** Attempt after attempt of every kind of end, and at every checkpoint whether anything of them is left. */
import type { TradingProfile } from '../../src/actors/trading-parts.ts';
import type { Journal } from '../../src/domain/ports/journal.ts';
import { microUsd, millis, USD } from '../../src/domain/units.ts';
import { AttemptWorld, FAIR } from '../../test/support/attempt-world.ts';
import type { TwoVenues } from '../../test/support/two-venues.ts';

export interface Checkpoint {
  readonly attempts: number;
  /** Actors beyond those that are there without work, and the positions, each of which is one. */
  readonly workActors: number;
  readonly positions: number;
  readonly liveAttempts: number;
  readonly openOrders: number;
  readonly timers: number;
  readonly heapBytes: number;
}

export interface SoakOptions {
  readonly attempts: number;
  /** Attempts between two checkpoints; the pair of markets is paid at each, and the next is taken. */
  readonly every: number;
  readonly heapBytes: () => number;
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
}

const TURNS_MS = 10_000;

export async function soak({ attempts, every, heapBytes, onCheckpoint }: SoakOptions): Promise<readonly Checkpoint[]> {
  const world = await AttemptWorld.begin({
    profile: roomy,
    pairs: Math.ceil(attempts / every) + 1,
    journal: forgetful,
    cashUsd: 1_000_000,
    polymarket: {
      mined: { leastMs: 100, mostMs: 100 },
      confirmed: { leastMs: 300, mostMs: 300 },
      gammaResolutionLagMs: 100,
    },
  });
  const checkpoints: Checkpoint[] = [];
  for (let at = 0; at < attempts; at++) {
    await world.attempt(() => befall(world, at % 4));
    const done = at + 1;
    world.outcomes.splice(0);
    world.alerts.splice(0);
    for (const name of ['kalshi', 'polymarket'] as const) world.venues.side(name).server.requests.splice(0);
    if (done % every === 0) {
      const before = world.pair;
      await world.rest();
      world.turnTo(done / every);
      before.settle();
      await world.run(TURNS_MS);
      world.leave(before);
      checkpoints.push(checkpointOf(world, done, heapBytes()));
      onCheckpoint?.(checkpoints.at(-1) as Checkpoint);
    }
  }
  await world.close();
  return checkpoints;
}

/** Both fill; one is killed, at either venue; nothing is there any more. */
function befall(world: AttemptWorld, kind: number): void {
  if (kind === 1 || kind === 3) world.quote({ polymarket: { bids: [], asks: FAIR.polymarket.asks } });
  if (kind === 2 || kind === 3) world.quote({ kalshi: FAIR.kalshi });
  world.venues.clock.setTimeout(() => world.quote(FAIR), 50);
}

function checkpointOf(world: AttemptWorld, attempts: number, heapBytes: number): Checkpoint {
  const { runtime, books, strategy, registry } = world.trading;
  return {
    attempts,
    workActors: runtime.liveActors - world.actorsAtStart,
    positions: books.positions.length,
    liveAttempts: strategy.liveAttempts,
    openOrders: registry.open().length,
    timers: world.venues.clock.pending,
    heapBytes,
  };
}

function roomy(profile: TradingProfile): TradingProfile {
  const plenty = microUsd(1_000_000 * USD);
  return {
    ...profile,
    limits: { ...profile.limits, totalMicroUsdMax: plenty, eventMicroUsdMax: plenty, dailyLossMicroUsdMax: plenty },
    losses: { ...profile.losses, dailyLossMicroUsdMax: plenty },
    position: { ...profile.position, checkMsMin: millis(500), checkMsMax: millis(2_000), revisionMs: millis(2_000) },
  };
}

/** Numbers records, keeps none of them, and is on disk a moment later. */
function forgetful({ clock }: TwoVenues): Journal {
  let seq = 0;
  return {
    append: () => ++seq,
    sync: (onEnd) => void clock.setTimeout(() => onEnd(undefined), 1),
    close: () => Promise.resolve(),
  };
}
