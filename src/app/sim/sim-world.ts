/** Everything that is simulated, put together on one clock and one seed; nothing here has a port yet. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { LocalServer } from '../../domain/ports/local-server.ts';
import type { Random } from '../../domain/ports/random.ts';
import { seededRandom } from '../../domain/seeded-random.ts';
import type { Fault } from '../../sim/faults.ts';
import type { FlowEvent } from '../../sim/flow/flow-venue.ts';
import { kalshiOrder, polymarketOrder, type SeenOrder, watchOrders } from '../../sim/flow/order-watch.ts';
import type { RecordedFrame } from '../../sim/flow/recorded-book.ts';
import { KalshiSim } from '../../sim/kalshi/kalshi-sim.ts';
import type { KalshiSimOptions } from '../../sim/kalshi/options.ts';
import { ORDER_ROUND_TRIP, quantileSampler } from '../../sim/latency.ts';
import type { PolymarketSettings } from '../../sim/polymarket/options.ts';
import { PolymarketSim } from '../../sim/polymarket/polymarket-sim.ts';
import { type Auxiliary, makeAuxiliary } from './auxiliary-world.ts';
import { FaultSchedule, type FaultTarget } from './fault-schedule.ts';
import type { AnyFault, Scenario } from './scenario-file.ts';
import { type KalshiAccount, type KalshiLimits, openAccounts, type PolymarketAccount } from './sim-accounts.ts';
import { makeFlow, type SimFlow } from './sim-flow.ts';
import { type ListedMarket, listMarket, type Venues } from './sim-markets.ts';

export interface SimWorldOptions {
  readonly scenario: Scenario;
  readonly seed: string;
  readonly clock: Clock;
  /** For what must not be guessed from a seed: passwords of this simulator. */
  readonly secretRandom: Random;
  readonly speed?: number;
  /** Frames of the capture that the scenario names. */
  readonly frames?: readonly RecordedFrame[];
  readonly onFlow?: (event: FlowEvent) => void;
  /** Instead of the venue's own pace, where a run is too short for it. */
  readonly polymarket?: Partial<PolymarketSettings>;
  readonly kalshi?: Pick<KalshiSimOptions, 'readLatency'>;
  readonly kalshiLimits?: KalshiLimits;
}

export interface SimWorld {
  readonly kalshi: KalshiSim;
  readonly polymarket: PolymarketSim;
  readonly auxiliary: Auxiliary;
  readonly markets: readonly ListedMarket[];
  readonly accounts: { readonly kalshi: readonly KalshiAccount[]; readonly polymarket: readonly PolymarketAccount[] };
  readonly flow: SimFlow;
  readonly faults: FaultSchedule;
  /** The venues as clients reach them: the flow sees orders on their way. */
  readonly servers: { readonly kalshi: LocalServer; readonly clob: LocalServer };
  /** Begins movement and the scenario's faults. */
  start(): void;
  stop(): void;
}

/** Busy markets trade hundreds of thousands of times a day, and the venues keep months: this is what a process may keep. */
const KEPT_MS = 3_600_000;

export function makeWorld(options: SimWorldOptions): SimWorld {
  const { scenario, seed, clock, secretRandom } = options;
  const randomOf = (name: string): Random => seededRandom(`${seed}/${name}`);
  const isMeasured = scenario.latency === 'measured';
  const kalshi = new KalshiSim({
    clock,
    random: randomOf('kalshi'),
    keptMs: KEPT_MS,
    ...(isMeasured ? { latency: quantileSampler(ORDER_ROUND_TRIP.kalshi) } : {}),
    ...options.kalshi,
  });
  const polymarket = new PolymarketSim({
    clock,
    random: randomOf('polymarket'),
    settings: {
      keptMs: KEPT_MS,
      ...(isMeasured ? { orderLatency: quantileSampler(ORDER_ROUND_TRIP.polymarket) } : {}),
      ...options.polymarket,
    },
  });
  const venues = { kalshi, polymarket };
  const random = randomOf('markets');
  const markets = scenario.markets.map((market) => listMarket(venues, market, { random, wallMicros: clock.wall() }));
  const accounts = openAccounts(venues, scenario.accounts, {
    random: secretRandom,
    kalshiLimits: options.kalshiLimits,
  });
  const auxiliary = makeAuxiliary({ clock, randomOf, secretRandom });
  const flow = makeFlow({ ...options, venues, markets, randomOf });
  const faults = new FaultSchedule({ clock, plan: scenario.faults, targets: [...targetsOf(venues), auxiliary] });
  const pairOf = pairFinder(markets);
  return {
    kalshi,
    polymarket,
    auxiliary,
    markets,
    accounts,
    flow,
    faults,
    servers: {
      kalshi: watchOrders(kalshi, kalshiOrder, (order) => flow.orderArrives('kalshi', pairOf(order))),
      clob: watchOrders(polymarket.clob, polymarketOrder, (order) => flow.orderArrives('polymarket', pairOf(order))),
    },
    start: () => {
      flow.start();
      faults.start();
    },
    stop: () => {
      flow.stop();
      faults.stop();
      kalshi.stop();
      for (const channel of ['market', 'user'] as const) polymarket.control.cutSockets(channel);
    },
  };
}

function targetsOf({ kalshi, polymarket }: Venues): FaultTarget[] {
  return [
    {
      setFaults: (faults) => kalshi.setFaults(venueFaults(faults)),
      struckFaults: () => kalshi.struckFaults(),
    },
    {
      setFaults: (faults) => polymarket.control.setFaults(venueFaults(faults)),
      struckFaults: () => polymarket.control.struckFaults(),
    },
  ];
}

function venueFaults(faults: readonly AnyFault[]): Fault[] {
  return faults.flatMap(({ venue, ...fault }) =>
    venue === 'kalshi' || venue === 'polymarket' || venue === 'any' ? [{ ...fault, venue }] : [],
  );
}

/** Buying NO takes the bids of YES. */
function pairFinder(markets: readonly ListedMarket[]) {
  const byInstrument = new Map<string, { readonly id: string; readonly isNo: boolean }>(
    markets.flatMap(({ id, kalshi, polymarket }) => [
      [kalshi.ticker, { id, isNo: false }] as [string, { id: string; isNo: boolean }],
      [polymarket.yesTokenId, { id, isNo: false }] as [string, { id: string; isNo: boolean }],
      [polymarket.noTokenId, { id, isNo: true }] as [string, { id: string; isNo: boolean }],
    ]),
  );
  return ({ instrument, takes }: SeenOrder) => {
    const found = byInstrument.get(instrument);
    const other = takes === 'ask' ? 'bid' : 'ask';
    return { pair: found?.id ?? '', takes: found?.isNo === true ? other : takes } as const;
  };
}
