/**
 * Keeps the way of an order warm: what runs a few times a day runs cold, and a path that is cold takes three times as
 * long. So the same functions decide on a gap, plan, reserve, write intents, look once more, sign and send, over and
 * over, in a small world of their own: its books, its room, its time, a journal that reaches no disk, and venues over
 * a wire that ends in memory. Its permit is of another type than a live one, and opens nothing else.
 *
 * Both orders are refused as killed, so nothing is ever held, and time then moves on until nothing is left of them.
 */
import { Subject } from 'rxjs';
import type { AnyStateMachine } from 'xstate';
import type { Decision, DetectionPolicy } from '../domain/edge/decide.ts';
import { pairWatches, type WatchedPair } from '../domain/edge/pair-watches.ts';
import type { LegOrder } from '../domain/execution/leg.ts';
import { type FeeSchedule, takerFee } from '../domain/fees/fee-schedule.ts';
import type { BookId, VenueName } from '../domain/instrument.ts';
import { InvariantError } from '../domain/invariant.ts';
import type { RiskLimits } from '../domain/limits/risk-limits.ts';
import type { Journal } from '../domain/ports/journal.ts';
import type { BookDelta, BookSnapshot, MarketDataEvent } from '../domain/ports/market-data.ts';
import type { Ids } from '../domain/ports/random.ts';
import { ExposureBook } from '../domain/risk/exposure-book.ts';
import { contracts, type Millis, microUsd, millis, priceE4, RATE_ONE, rateE6, sizeE6, USD } from '../domain/units.ts';
import type { VirtualClock } from '../domain/virtual-clock.ts';
import { ActorRuntime } from './actor-runtime.ts';
import { AttemptDesk } from './attempt-desk.ts';
import { AttemptPlanner } from './attempt-planner.ts';
import { MarketWatch } from './market-watch.ts';
import { type FillSink, type FinalVerdict, OrderDesk } from './order-desk.ts';
import { bindOrderLeg } from './order-leg.actor.ts';
import { OrderRegistry } from './order-registry.ts';
import { type RehearsalPermit, type RehearsalVenue, rehearsalPermit } from './permit.ts';
import { Strategy } from './strategy.actor.ts';
import type { TradingProfile } from './trading-parts.ts';

export interface RehearsalParts {
  /** Its own time, which nobody else's timers are on. */
  readonly clock: VirtualClock;
  readonly ids: Ids;
  /** Encodes and reaches no disk. */
  readonly journal: Journal;
  readonly definitionOf: (machine: AnyStateMachine) => string;
  readonly venues: Readonly<Record<VenueName, RehearsalVenue>>;
  readonly profile: Pick<
    TradingProfile,
    'detection' | 'repair' | 'execution' | 'makerVenue' | 'market' | 'feeModel' | 'limits'
  >;
  readonly pair: WatchedPair;
  /** Something went otherwise than it does live. */
  readonly onFault: (message: string) => void;
}

/** A gap of seven cents beside books that are never empty, in ten-thousandths of a dollar. */
const BOOKS = { bid: 4_000, ask: 5_000, otherBid: 4_900, otherAsk: 5_100, gap: 4_200 } as const;
const DEPTH = sizeE6(contracts(1_000));
const GAP_E6 = contracts(100);
/** Longer than every timer of a leg that ends refused. */
const AFTERWARDS_MS = 3_000;
const RELEASED_MAX = 64;
const FOREVER_MS: Millis = millis(Number.MAX_SAFE_INTEGER);
const PLENTY = microUsd(1_000_000 * USD);

/** The gap is an edge under every profile. */
const NO_MINIMUM = {
  minEdgeOfCapitalE6: rateE6(0),
  minProfitMicroUsd: microUsd(0),
  minTradeValueMicroUsd: microUsd(0),
  reviewGrossEdgeE4: Number.POSITIVE_INFINITY,
};

const NO_FILLS: FillSink = {
  deliver: () => undefined,
  named: () => undefined,
  factsOf: (_entry, order) => ({ ...order, expiresInMs: undefined }) as never,
  sweep: () => undefined,
};

export class Rehearsal {
  readonly #parts: RehearsalParts;
  readonly #marketData = new Subject<MarketDataEvent>();
  readonly #exposures: ExposureBook;
  readonly #attempts: AttemptDesk;
  readonly #orders: OrderDesk<RehearsalPermit>;
  readonly #strategy: Strategy;
  readonly #watch: MarketWatch;
  #expected = 0;
  #answered = 0;
  #count = 0;

  constructor(parts: RehearsalParts) {
    this.#parts = parts;
    const { clock, journal, definitionOf, profile, onFault } = parts;
    const runtime = new ActorRuntime({ clock, journal, definitionOf, onFault: ({ message }) => onFault(message) });
    this.#exposures = new ExposureBook({
      limits: roomy(profile.limits),
      feeBound: (order) => takerFee(this.#feesOf(order.venue), 'real')([order].map(asLevel)),
      navMicroUsd: PLENTY,
    });
    for (const venue of ['kalshi', 'polymarket'] as const) this.#exposures.setCash(venue, PLENTY);
    const staleAfterMs = { kalshi: FOREVER_MS, polymarket: FOREVER_MS };
    const policy: DetectionPolicy = {
      ...profile.detection,
      staleAfterMs,
      thresholds: { ...profile.detection.thresholds, ...NO_MINIMUM },
      accountOf: (venue) => ({ id: venue, balanceMicroUsd: this.#exposures.availableAt(venue) ?? microUsd(0) }),
    };
    this.#watch = new MarketWatch({ clock, policy, onRefusal: (book, refusal) => onFault(`${book.id}: ${refusal}`) });
    this.#attempts = new AttemptDesk({
      clock,
      ids: parts.ids,
      policy,
      journal,
      books: this.#watch.books,
      terms: { ...profile.market, staleAfterMs },
      availability: () => ({ entries: true, reducing: true, reason: '' }),
      exposures: this.#exposures,
      report: () => undefined,
      watchOf: (id) => this.#watch.watches.find(id),
      refresh: () => undefined,
      onOutcome: () => undefined,
    });
    this.#orders = this.#makeOrderDesk(runtime);
    this.#strategy = this.#makeStrategy(runtime);
    this.#stage();
  }

  /** Passes that went all the way. */
  get count(): number {
    return this.#count;
  }

  /** Both orders of the last pass were answered. */
  get isOver(): boolean {
    return this.#expected > 0 && this.#answered === this.#expected;
  }

  /** Opens the gap: everything up to the sync of the journal happens before this returns. */
  begin(): void {
    this.#expected = 0;
    this.#answered = 0;
    this.#marketData.next(this.#gap(GAP_E6));
  }

  /** Closes the gap, and lets time pass until nothing is left of the attempt. */
  end(): void {
    this.#marketData.next(this.#gap(-GAP_E6));
    this.#parts.clock.advanceBy(AFTERWARDS_MS);
    if (this.isOver) this.#count++;
  }

  /** Whoever makes the venues says when one has answered. */
  answered(): void {
    this.#answered++;
  }

  #decided(decision: Decision): void {
    if (decision.verdict.kind === 'edge') this.#strategy.approve(decision, 'rehearsal');
  }

  #finalLook(orders: readonly LegOrder[]): FinalVerdict<RehearsalPermit> {
    const reason = this.#attempts.finalLook(orders);
    if (reason !== undefined) return { kind: 'withheld', reason };
    this.#expected += orders.length;
    return { kind: 'go', permits: orders.map(() => rehearsalPermit()) };
  }

  #makeOrderDesk(runtime: ActorRuntime): OrderDesk<RehearsalPermit> {
    const { clock, journal, venues } = this.#parts;
    return new OrderDesk<RehearsalPermit>({
      runtime,
      clock,
      journal,
      venues,
      registry: new OrderRegistry(RELEASED_MAX),
      fills: NO_FILLS,
      finalLook: (orders) => this.#finalLook(orders),
      honours: (permit) => permit.kind === 'rehearsal',
      reportTrigger: () => undefined,
    });
  }

  #makeStrategy(runtime: ActorRuntime): Strategy {
    const { clock, ids, journal, profile } = this.#parts;
    const orderLeg = bindOrderLeg(runtime, this.#orders);
    const terms = {
      policy: profile.execution,
      repair: profile.repair,
      race: profile.detection.race,
      makerVenue: profile.makerVenue,
    };
    const group = { eventId: 'rehearsal', category: 'rehearsal', correlated: 'rehearsal' };
    return new Strategy('rehearsal', {
      runtime,
      clock,
      journal,
      orders: this.#orders,
      planner: new AttemptPlanner({ ids, clock, termsOf: () => terms, groupOf: () => group }),
      exposures: this.#exposures,
      report: () => undefined,
      attempt: this.#attempts.bind(runtime, { orderLeg }),
      orderLeg,
      openOrdersOf: () => [],
    });
  }

  #stage(): void {
    const { pair, profile } = this.#parts;
    for (const watch of pairWatches(pair, this.#watch.books, profile.feeModel)) this.#watch.watches.add(watch);
    this.#watch.follow(this.#marketData);
    this.#watch.decisions$.subscribe((decision) => this.#decided(decision));
    const { kalshi, polymarket } = pair;
    this.#marketData.next(snapshot(kalshi.yes.book, BOOKS.bid, BOOKS.ask));
    for (const { book } of [polymarket.yes, polymarket.no])
      this.#marketData.next(snapshot(book, BOOKS.otherBid, BOOKS.otherAsk));
  }

  #gap(deltaE6: number): BookDelta {
    const { book } = this.#parts.pair.kalshi.yes;
    return { kind: 'book.delta', book, side: 'ask', priceE4: priceE4(BOOKS.gap), deltaE6, ...NO_TIME };
  }

  #feesOf(venue: VenueName): FeeSchedule {
    const { fees } = this.#parts.pair[venue];
    if (fees === undefined) throw new InvariantError(`a rehearsed market must have a fee, found none at ${venue}`);
    return fees;
  }
}

const NO_TIME = { stamp: undefined, venueAtMs: undefined };

function snapshot(book: BookId, bid: number, ask: number): BookSnapshot {
  const [bids, asks] = [[{ priceE4: priceE4(bid), sizeE6: DEPTH }], [{ priceE4: priceE4(ask), sizeE6: DEPTH }]];
  return { kind: 'book.snapshot', book, bids, asks, grid: undefined, feed: undefined, ...NO_TIME };
}

function asLevel({ limitE4, sizeE6: size }: LegOrder) {
  return { priceE4: limitE4, sizeE6: size };
}

/** The same limits to check, none of which is ever reached. */
function roomy(limits: RiskLimits): RiskLimits {
  const entries = Object.entries(limits).map(([name, limit]) => {
    if (limit === undefined) return [name, undefined];
    if (name.endsWith('Min')) return [name, 0];
    return [name, name.endsWith('ShareE6Max') ? 1_000 * RATE_ONE : 1_000 * PLENTY];
  });
  return Object.fromEntries(entries) as RiskLimits;
}
