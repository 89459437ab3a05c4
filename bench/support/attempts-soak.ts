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
  /** Children of the strategy beyond its live attempts, summed over all attempts since the last checkpoint. */
  readonly strayChildren: number;
  readonly openOrders: number;
  /** That our books would recognise if they were told again, or whose charge they computed. */
  readonly tradesKnown: number;
  readonly timers: number;
  readonly heap: Heap;
}

export interface Heap {
  readonly usedBytes: number;
  /** Of it, what the engine has compiled: more of it for as long as functions still become hot, whatever they did. */
  readonly codeBytes: number;
}

export interface SoakOptions {
  readonly attempts: number;
  /** Attempts between two checkpoints; the pair of markets is paid at each, and the next is taken. */
  readonly every: number;
  /** After a forced collection. */
  readonly heap: () => Heap;
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
}

/** Past this the simulated venues forget what is over. */
const KEPT_MS = 5 * 60_000;
/** Both listings have been read twice since they were paid, and what the venues keep is past. */
const TURNS_MS = 12 * 60_000;
const REVISION_MS = millis(2_000);

export async function soak({ attempts, every, heap, onCheckpoint }: SoakOptions): Promise<readonly Checkpoint[]> {
  const world = await AttemptWorld.begin({
    profile: roomy,
    pairs: Math.ceil(attempts / every) + 1,
    journal: forgetful,
    cashUsd: 1_000_000,
    kalshi: { keptMs: KEPT_MS },
    polymarket: {
      keptMs: KEPT_MS,
      mined: { leastMs: 100, mostMs: 100 },
      confirmed: { leastMs: 300, mostMs: 300 },
      gammaResolutionLagMs: 100,
    },
  });
  const checkpoints: Checkpoint[] = [];
  let strayChildren = 0;
  for (let at = 0; at < attempts; at++) {
    await world.attempt(() => befall(world, at % 4));
    const done = at + 1;
    strayChildren += strayChildrenOf(world);
    forget(world);
    if (done % every === 0) {
      const before = world.pair;
      await world.rest();
      world.turnTo(done / every);
      before.settle();
      await world.run(TURNS_MS);
      world.leave(before);
      forget(world);
      checkpoints.push(checkpointOf(world, { attempts: done, strayChildren, heap: heap() }));
      strayChildren = 0;
      onCheckpoint?.(checkpoints.at(-1) as Checkpoint);
    }
  }
  await world.close();
  return checkpoints;
}

/** What the world wrote down for whoever drives it. */
function forget({ outcomes, alerts, venues }: AttemptWorld): void {
  outcomes.splice(0);
  alerts.splice(0);
  for (const name of ['kalshi', 'polymarket'] as const) venues.side(name).server.requests.splice(0);
}

/** Both fill; one is killed, at either venue; nothing is there any more. */
function befall(world: AttemptWorld, kind: number): void {
  if (kind === 1 || kind === 3) world.quote({ polymarket: { bids: [], asks: FAIR.polymarket.asks } });
  if (kind === 2 || kind === 3) world.quote({ kalshi: FAIR.kalshi });
  world.venues.clock.setTimeout(() => world.quote(FAIR), 50);
}

function strayChildrenOf({ trading: { strategy } }: AttemptWorld): number {
  return Math.abs(Object.keys(strategy.actor.getSnapshot().children).length - strategy.liveAttempts);
}

function checkpointOf(
  world: AttemptWorld,
  measured: Pick<Checkpoint, 'attempts' | 'strayChildren' | 'heap'>,
): Checkpoint {
  const { runtime, books, strategy, registry } = world.trading;
  const { booked, charged } = books.accounts.tradesKnown;
  return {
    ...measured,
    workActors: runtime.liveActors - world.actorsAtStart,
    positions: books.positions.length,
    liveAttempts: strategy.liveAttempts,
    openOrders: registry.open().length,
    tradesKnown: booked + charged,
    timers: world.venues.clock.pending,
  };
}

function roomy(profile: TradingProfile): TradingProfile {
  const plenty = microUsd(1_000_000 * USD);
  return {
    ...profile,
    limits: { ...profile.limits, totalMicroUsdMax: plenty, eventMicroUsdMax: plenty, dailyLossMicroUsdMax: plenty },
    losses: { ...profile.losses, dailyLossMicroUsdMax: plenty },
    position: { ...profile.position, revisionMs: REVISION_MS },
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
