/**
 * A strategy with its attempts, desks and exposure book at both simulated venues, over live books. Whatever happens,
 * what the venues truly hold for us must lie within what is believed: checked at every step of time.
 */

import type { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { AttemptDesk } from '../../src/actors/attempt-desk.ts';
import type { VenueAvailability } from '../../src/actors/attempt-desk-markets.ts';
import { AttemptPlanner } from '../../src/actors/attempt-planner.ts';
import { bindOrderLeg } from '../../src/actors/order-leg.actor.ts';
import type { LivePermit } from '../../src/actors/permit.ts';
import { stateText } from '../../src/actors/record-fields.ts';
import { type Approval, Strategy, type StrategyParts } from '../../src/actors/strategy.actor.ts';
import { BookStore } from '../../src/domain/book/book-store.ts';
import { NOTHING_PROVEN } from '../../src/domain/edge/basket.ts';
import { type DetectionPolicy, decide } from '../../src/domain/edge/decide.ts';
import { CONSERVATIVE_THRESHOLDS } from '../../src/domain/edge/evaluate.ts';
import { crossVenueBoxes } from '../../src/domain/edge/families.ts';
import type { Watch } from '../../src/domain/edge/watch-list.ts';
import type { ExecutionPolicy, RepairLimits } from '../../src/domain/execution/attempt-plan.ts';
import { plannedReport } from '../../src/domain/execution/policy.ts';
import type { OrderFee } from '../../src/domain/fees/fee-schedule.ts';
import { takerFee } from '../../src/domain/fees/fee-schedule.ts';
import type { BookId, VenueName } from '../../src/domain/instrument.ts';
import type { Level } from '../../src/domain/ports/market-data.ts';
import type { Listing } from '../../src/domain/ports/venue.ts';
import { RACE_SEED } from '../../src/domain/race.ts';
import { ExposureBook } from '../../src/domain/risk/exposure-book.ts';
import { seededIds } from '../../src/domain/seeded-random.ts';
import { contracts, microUsd, millis, PRICE_ONE, priceE4, rateE6, sizeE6, USD } from '../../src/domain/units.ts';
import type { AttemptOutcome } from '../../src/machines/attempt.events.ts';
import { UNLIMITED } from '../domain/risk/risk-samples.ts';
import { onEdgeAtVenues } from '../model/harness/coverage.ts';
import type { TwoVenues } from '../support/two-venues.ts';
import { deskAt, type LegDesk, type LegDeskOptions, legDesk } from '../support/two-venues-legs.ts';

const LIMITS: RepairLimits = {
  hedgeDeadlineMs: millis(3_000),
  restMsMax: millis(10_000),
  repairMsMax: millis(20_000),
  repairLossMicroUsdMax: microUsd(2_000_000),
  repairOrdersMax: 3,
  stuckRetryMs: millis(5_000),
  dustMicroUsdMax: microUsd(600_000),
};

export interface BenchOptions extends LegDeskOptions {
  readonly policy?: ExecutionPolicy;
  readonly repair?: Partial<RepairLimits>;
  /** Contracts of the plan at most. */
  readonly size?: number;
  readonly makerVenue?: VenueName;
  /** Venues that are there already, as a model wants them. */
  readonly venues?: TwoVenues;
  /** Changes the handlers that the attempt's chart is bound with, and those of the strategy's. */
  readonly bendDesk?: (runtime: ActorRuntime) => ActorRuntime;
  readonly bendStrategy?: (runtime: ActorRuntime) => ActorRuntime;
  readonly attemptsMax?: number;
}

export function cents(price: number, count: number): Level {
  return { priceE4: priceE4(Math.round(price * 100)), sizeE6: sizeE6(Math.round(count * 1_000_000)) };
}

/** YES at 45 cents on Kalshi, and bid at 52 on Polymarket: NO costs 48 there. */
export const GAP = {
  kalshi: { bids: [cents(43, 100), cents(42, 100)], asks: [cents(45, 100), cents(46, 100), cents(60, 100)] },
  polymarket: { bids: [cents(52, 100), cents(51, 100), cents(40, 100)], asks: [cents(54, 100), cents(55, 100)] },
};

const POLICY: Omit<DetectionPolicy, 'accountOf'> = {
  staleAfterMs: { kalshi: millis(3_600_000), polymarket: millis(3_600_000) },
  detectionIntervalMs: millis(0),
  depth: 50,
  race: { ...RACE_SEED, halfLifeMs: millis(3_600_000) },
  thresholds: { ...CONSERVATIVE_THRESHOLDS, minEdgeOfCapitalE6: rateE6(1_000), minTradeValueMicroUsd: microUsd(0) },
  limits: { maxSizeE6: contracts(10), reservesAtLimit: true },
  orderRules: {
    kalshi: { minSizeE6: contracts(1), minNotionalMicroUsd: microUsd(0), isWholeCent: false },
    polymarket: { minSizeE6: contracts(1), minNotionalMicroUsd: USD, isWholeCent: true },
  },
};

const LOT = sizeE6(10_000);
const RULES = {
  kalshi: { ...POLICY.orderRules.kalshi, lotE6: LOT },
  polymarket: { ...POLICY.orderRules.polymarket, lotE6: LOT },
};

export type AttemptBench = Awaited<ReturnType<typeof attemptBench>>;

export async function attemptBench(options: BenchOptions = {}) {
  let lookedAt: AttemptDesk | undefined;
  const permit = { kind: 'live', scope: 'entry' } as unknown as LivePermit;
  const given: LegDeskOptions = {
    onEdge: onEdgeAtVenues,
    finalLook: (orders) => {
      const reason = lookedAt?.finalLook(orders);
      return reason === undefined ? { kind: 'go', permits: orders.map(() => permit) } : { kind: 'withheld', reason };
    },
    ...options,
  };
  const legs = options.venues === undefined ? await legDesk(given) : await deskAt(options.venues, given);
  const { clock, runtime, kalshi, polymarket, journal, time, registry, triggers } = legs;
  kalshi.house(GAP.kalshi);
  polymarket.house(GAP.polymarket);
  const books = new BookStore();
  const streams = await liveBooks(legs, books);
  const watch = boxWatch(legs, books);
  /** One box, under as many names as a test wants to have it tried. */
  const watchOf = (id: string): Watch | undefined => (id.startsWith(watch.id) ? { ...watch, id } : undefined);
  const size = contracts(options.size ?? 10);
  const availability = new Map<VenueName, VenueAvailability>();
  const exposures = new ExposureBook({
    limits: UNLIMITED,
    feeBound: () => microUsd(USD),
    navMicroUsd: microUsd(2_000 * USD),
  });
  for (const side of [kalshi, polymarket]) exposures.reconcile(side.name, microUsd(side.truth.cash()));
  const policy: DetectionPolicy = {
    ...POLICY,
    limits: { ...POLICY.limits, maxSizeE6: size },
    accountOf: (venue) => ({ id: venue, balanceMicroUsd: exposures.availableAt(venue) ?? microUsd(0) }),
  };
  const outcomes: AttemptOutcome[] = [];
  const open: VenueAvailability = { entries: true, reducing: true, reason: 'open' };
  const report = (trigger: (typeof triggers)[number]): void => void triggers.push(trigger);
  const desk = new AttemptDesk({
    books,
    clock,
    policy,
    journal,
    exposures,
    report,
    ids: seededIds('attempt desk'),
    terms: {
      rules: RULES,
      staleAfterMs: policy.staleAfterMs,
      settlesLater: { kalshi: false, polymarket: true },
      depth: 50,
    },
    availability: (venue) => availability.get(venue) ?? open,
    watchOf,
    refresh: () => undefined,
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  lookedAt = desk;
  const orderLeg = bindOrderLeg(runtime, legs.desk);
  const planner = new AttemptPlanner({
    ids: seededIds('attempt planner'),
    clock,
    termsOf: () => ({
      policy: options.policy ?? 'together',
      repair: { ...LIMITS, ...options.repair },
      race: policy.race,
      makerVenue: options.makerVenue ?? 'kalshi',
    }),
    groupOf: () => ({ eventId: 'event', category: 'any', correlated: 'any' }),
  });
  const parts: StrategyParts = {
    runtime: options.bendStrategy?.(runtime) ?? runtime,
    clock,
    journal,
    orders: legs.desk,
    planner,
    exposures,
    report,
    attempt: desk.bind(options.bendDesk?.(runtime) ?? runtime, { orderLeg }),
    orderLeg,
    openOrdersOf: (attemptId) =>
      registry
        .open()
        .flatMap(({ order, report = plannedReport(order), venueOrderId, intentAt }) =>
          order.attemptId === attemptId
            ? [{ report, sinceMicros: intentAt, ...(venueOrderId === undefined ? {} : { venueOrderId }) }]
            : [],
        ),
    onBroken: (attemptId) => desk.forget(attemptId),
  };
  const strategy = new Strategy('box', parts, options.attemptsMax);
  let planned: Extract<Approval, { kind: 'started' }>['plan'] | undefined;
  const instruments = { kalshi: kalshi.yes, polymarket: polymarket.no };
  const bench = {
    ...legs,
    books,
    watch,
    exposures,
    desk,
    strategy,
    outcomes,
    availability,
    decide: (watchId = watch.id) => decide(watchOf(watchId) ?? watch, policy, clock.nowMs()),
    approve: (watchId = watch.id): Approval => {
      const approval = strategy.approve(bench.decide(watchId), 'o1');
      if (approval.kind === 'started') planned = approval.plan;
      return approval;
    },
    plan: () => {
      if (planned === undefined) throw new Error('expected a started attempt, found none');
      return planned;
    },
    attempt: () => {
      const id = planned?.attemptId ?? 'none';
      return strategy.actor.getSnapshot().children[`attempt/${id}` as never] as
        | { getSnapshot(): { value: unknown; context: never } }
        | undefined;
    },
    state: (): string => {
      const actor = bench.attempt();
      return actor === undefined ? 'gone' : stateText(actor.getSnapshot().value as never);
    },
    /** Contracts that the venues hold for us in truth. */
    truth: () => ({
      kalshi: kalshi.truth.matchedE6(instruments.kalshi) / 1_000_000,
      polymarket: polymarket.truth.matchedE6(instruments.polymarket) / 1_000_000,
    }),
    believed: (venue: VenueName) => {
      const { leastE6, mostE6 } = exposures.spanOf(instruments[venue]);
      return { least: leastE6 / 1_000_000, most: mostE6 / 1_000_000 };
    },
    /** So much time passes, and at each step of it belief holds the truth. */
    run: async (ms: number, stepMs = 20): Promise<void> => {
      for (let passed = 0; passed < ms; passed += stepMs) {
        await time.advance(Math.min(stepMs, ms - passed));
        bench.check();
      }
    },
    check: (): void => {
      const truth = bench.truth();
      for (const venue of ['kalshi', 'polymarket'] as const) {
        const { least, most } = bench.believed(venue);
        if (truth[venue] < least - 1e-9 || truth[venue] > most + 1e-9) {
          const found = `${truth[venue]} in ${bench.state()} at ${clock.nowMs()} ms`;
          throw new Error(`expected ${venue} to hold between ${least} and ${most}, found ${found}`);
        }
      }
    },
    /** What is believed when nothing is open any more is exactly what is true. */
    checkCertain: (): void => {
      const truth = bench.truth();
      for (const venue of ['kalshi', 'polymarket'] as const) {
        const { least, most } = bench.believed(venue);
        if (least !== truth[venue] || most !== truth[venue])
          throw new Error(`expected ${truth[venue]} at ${venue} and no doubt, found ${least} to ${most}`);
      }
    },
    end: async (): Promise<void> => {
      for (const stream of streams) stream.close();
      legs.streams.close();
      await time.until(legs.close());
    },
  };
  return bench;
}

async function liveBooks({ venues, kalshi, polymarket, clock, time }: LegDesk, books: BookStore) {
  const of: Readonly<Record<VenueName, readonly BookId[]>> = {
    kalshi: [kalshi.yes.book],
    polymarket: [polymarket.no.book],
  };
  let opened = 0;
  const streams = (['kalshi', 'polymarket'] as const).map((name) =>
    venues[name].openMarketData({
      onOpen: () => opened++,
      onAlive: () => undefined,
      onEvent: (event) => books.apply(event, clock.nowMs(), []),
      onEnd: () => undefined,
    }),
  );
  await time.reached(() => opened === 2);
  for (const [at, name] of (['kalshi', 'polymarket'] as const).entries()) streams[at]?.subscribe(of[name]);
  await time.reached(() => [...of.kalshi, ...of.polymarket].every((id) => books.find(id)?.standing === 'live'));
  return streams;
}

/** YES on Kalshi and NO on Polymarket. */
function boxWatch({ kalshi, polymarket }: LegDesk, books: BookStore): Watch {
  const listed = ({ yes, no, listing }: typeof kalshi | typeof polymarket) => ({
    label: listing.venue,
    yes: { kind: 'instrument', instrument: yes } as const,
    no: { kind: 'instrument', instrument: no } as const,
  });
  const proof = { ...NOTHING_PROVEN, equivalent: true };
  const [result] = crossVenueBoxes({ a: listed(kalshi), b: listed(polymarket), isInverted: false, special: [], proof });
  if (result === undefined) throw new Error('expected a box, found none');
  return {
    id: 'box',
    label: 'a box',
    family: 'box',
    legs: [
      { book: books.open(kalshi.yes.book), inverted: false, fee: feeOf(kalshi.listing), label: 'Kalshi yes' },
      { book: books.open(polymarket.no.book), inverted: false, fee: feeOf(polymarket.listing), label: 'Polymarket no' },
    ],
    promisedE4: PRICE_ONE,
    result,
    hasSizes: true,
  };
}

function feeOf({ fees, venue, feeProblem }: Listing): OrderFee {
  if (fees === undefined) throw new Error(`expected fees of ${venue}, found none: ${feeProblem}`);
  return takerFee(fees, 'real');
}
