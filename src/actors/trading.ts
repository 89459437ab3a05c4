/**
 * Everything that trades, joined: venues and their books, decisions, the gate and the breaker, attempts and their
 * orders, accounts and positions. It knows no venue by its wire and no clock by its name; what differs between live,
 * paper and simulated trading is what it is given.
 */
import type { Decision, DetectionPolicy } from '../domain/edge/decide.ts';
import { pairWatches } from '../domain/edge/pair-watches.ts';
import { type BookId, instrumentId, type Outcome, type VenueName, venueOf } from '../domain/instrument.ts';
import { InvariantError } from '../domain/invariant.ts';
import { Ledger } from '../domain/ledger/ledger.ts';
import type { Venue } from '../domain/ports/venue.ts';
import { ExposureBook } from '../domain/risk/exposure-book.ts';
import type { Exposures, RiskGroup } from '../domain/risk/reservation.ts';
import { microUsd, millis } from '../domain/units.ts';
import { ActorRuntime } from './actor-runtime.ts';
import { AttemptDesk } from './attempt-desk.ts';
import { AttemptPlanner } from './attempt-planner.ts';
import { BookDoubts } from './book-doubts.ts';
import { Breaker, type ResumeAnswer } from './breaker.actor.ts';
import { BreakerGate } from './breaker-gate.ts';
import type { EngineStanding } from './engine.actor.ts';
import { feeBoundsOf } from './fee-bounds.ts';
import { FillRouter } from './fill-router.ts';
import { finalLookOf } from './final-look.ts';
import { heardVenue } from './heard-venue.ts';
import type { ClosingAnswer, ClosingRequest } from './held-positions.ts';
import { ListedInstruments } from './listed-instruments.ts';
import { MarketWatch } from './market-watch.ts';
import { OrderDesk } from './order-desk.ts';
import { bindOrderLeg } from './order-leg.actor.ts';
import { OrderRegistry } from './order-registry.ts';
import { Rejections } from './rejections.ts';
import { type Approval, Strategy } from './strategy.actor.ts';
import { TradingBooks } from './trading-books.ts';
import { TradingLife, VENUES } from './trading-life.ts';
import type { TradedPair, TradingParts } from './trading-parts.ts';
import { mindedBy, UnhedgedWatch } from './unhedged-watch.ts';
import { VenueDesk } from './venue-desk.ts';

/** More than a little without a partner for longer than this opens the breaker (docs/invariants.md I5). */
const UNHEDGED_MS_MAX = millis(5_000);
const MICROS_PER_MILLI = 1_000;

export class Trading {
  readonly runtime: ActorRuntime;
  readonly watch: MarketWatch;
  readonly gate: BreakerGate;
  readonly breaker: Breaker;
  readonly life: TradingLife;
  readonly exposures: ExposureBook;
  readonly ledger = new Ledger();
  readonly registry = new OrderRegistry();
  readonly strategy: Strategy;
  readonly desks: Readonly<Record<VenueName, VenueDesk>>;
  readonly books: TradingBooks;
  readonly #parts: TradingParts;
  readonly #instruments = new ListedInstruments();
  readonly #groups = new Map<string, RiskGroup>();
  readonly #pairIds = new Map<string, string>();
  readonly #eventYes = new Map<string, Outcome>();
  readonly #venues: Readonly<Record<VenueName, Venue>>;
  readonly #unhedged: UnhedgedWatch;
  /** The exposure book, with whoever minds what is unhedged told of every change. */
  readonly #minded: Pick<Exposures, 'reserve' | 'report' | 'release'>;
  readonly #attempts: AttemptDesk;
  readonly #orders: OrderDesk;
  readonly #router: FillRouter;
  readonly #rejections: Rejections;
  #opportunities = 0;

  constructor(parts: TradingParts) {
    this.#parts = parts;
    const { clock, journal, profile, definitionOf, listeners, seats } = parts;
    this.gate = new BreakerGate({
      // Engine and mode come later than the gate: until then nothing is entered.
      conditions: [
        { reason: 'engineNotRunning', holds: () => this.life?.engine.holds() === true },
        { reason: 'modeNotConfirmed', holds: () => this.life?.isModeConfirmed === true },
      ],
      onDeath: (because) => listeners.onBreakerDeath?.(because),
    });
    this.#rejections = new Rejections(journal);
    this.runtime = new ActorRuntime({
      clock,
      journal,
      onFault: this.gate.onFault,
      definitionOf,
      ...(listeners.onEdge === undefined ? {} : { onEdge: listeners.onEdge }),
    });
    this.exposures = this.#makeExposures();
    this.#venues = {
      kalshi: this.#heard('kalshi', seats.kalshi.venue),
      polymarket: this.#heard('polymarket', seats.polymarket.venue),
    };
    this.breaker = this.#makeBreaker();
    this.#unhedged = new UnhedgedWatch({
      clock,
      limitMicroUsd: profile.limits.imbalanceMicroUsdMax ?? microUsd(Number.MAX_SAFE_INTEGER),
      patienceMs: UNHEDGED_MS_MAX,
      imbalance: () => this.exposures.imbalance(),
      report: this.gate.report,
    });
    this.#minded = mindedBy(this.#unhedged, this.exposures);
    const policy = this.#makePolicy();
    this.watch = new MarketWatch({
      clock,
      policy,
      onRefusal: (book, refusal) => {
        if (refusal !== 'discarded') this.desks[book.venue].gapBooks([book.id], 'malformed', refusal);
      },
    });
    this.books = new TradingBooks({
      parts,
      runtime: this.runtime,
      ledger: this.ledger,
      exposures: this.exposures,
      registry: this.registry,
      breaker: this.breaker,
      instruments: this.#instruments,
      eventYesOf: (instrument) => this.#eventYes.get(instrumentId(instrument)),
      bookOf: (id) => this.watch.books.find(id),
    });
    this.#router = this.#makeRouter();
    this.desks = { kalshi: this.#makeVenueDesk('kalshi'), polymarket: this.#makeVenueDesk('polymarket') };
    this.#attempts = this.#makeAttemptDesk(policy);
    this.#orders = this.#makeOrderDesk();
    this.strategy = this.#makeStrategy();
    this.life = new TradingLife({
      parts,
      runtime: this.runtime,
      venues: this.#venues,
      desks: this.desks,
      books: this.books,
      registry: this.registry,
      strategy: this.strategy,
      report: this.gate.report,
    });
    this.watch.decisions$.subscribe((decision) => this.#decided(decision));
    new BookDoubts({ clock, policy, desks: this.desks, report: this.gate.report }).follow(this.watch.decisions$);
  }

  /** Opens the books with what the venues hold for us, starts the venues, and checks everything once they take orders. */
  start(): Promise<EngineStanding> {
    return this.life.start();
  }

  /** Watches the boxes of these pairs from now on, and trades those that stay as they were approved. */
  trade(pairs: readonly TradedPair[]): void {
    this.life.approve(pairs, 'configuration');
    for (const pair of pairs) {
      this.#learn(pair);
      for (const watch of pairWatches(pair, this.watch.books, this.#parts.profile.feeModel)) {
        this.watch.watches.add(watch);
        this.#groups.set(watch.id, pair.group);
        this.#pairIds.set(watch.id, pair.id);
      }
    }
    for (const name of VENUES) {
      const listings = pairs.map((pair) => pair[name]);
      const ids = listings.flatMap(({ yes, no }) => [yes.book, no.book]);
      this.desks[name].watch([...new Set<BookId>(ids)], listings);
    }
  }

  #learn({ kalshi, polymarket, isInverted }: TradedPair): void {
    this.#instruments.learn([kalshi, polymarket]);
    const there: Outcome = isInverted ? 'no' : 'yes';
    for (const instrument of [kalshi.yes, kalshi.no]) this.#eventYes.set(instrumentId(instrument), 'yes');
    for (const instrument of [polymarket.yes, polymarket.no]) this.#eventYes.set(instrumentId(instrument), there);
  }

  /** Intents are on their way to the disk: whatever can wait should, until their orders have left. */
  get isSending(): boolean {
    return this.#orders.isWriting;
  }

  /** Stops looking for work; what is open is finished, and what rests is taken off. */
  drain(by: string, reason: string): void {
    this.life.engine.drain({ by, reason });
  }

  /** Closes the breaker by hand, with checks made now (REQUIREMENTS K4). */
  async resume(asked: {
    readonly by: string;
    readonly reason: string;
    readonly force: boolean;
  }): Promise<ResumeAnswer> {
    const seenReports = this.breaker.view().reports;
    const checks = await this.life.checks();
    return this.breaker.resume({ ...asked, checks, seenReports });
  }

  /** Sells one leg of what is held, whatever becomes of the other: a person has decided that (REQUIREMENTS X7). */
  closeLeg(request: ClosingRequest): ClosingAnswer {
    return this.books.held.close(request);
  }

  async stop(): Promise<void> {
    this.life.stop();
    this.#unhedged.stop();
    await Promise.all(Object.values(this.#venues).map((venue) => venue.close()));
  }

  #decided(decision: Decision): void {
    this.#parts.listeners.onDecision?.(decision);
    if (decision.verdict.kind !== 'edge') return;
    const opportunityId = `o${++this.#opportunities}`;
    const approval = this.#approve(decision, opportunityId);
    if (approval.kind === 'started') this.books.noteStarted(approval.plan);
    else this.#rejections.note(decision, opportunityId, approval);
    this.#parts.listeners.onApproval?.(decision, approval);
  }

  /** The gate, the pair, the limits: whatever says no first. */
  #approve(decision: Decision, opportunityId: string): Approval {
    const refusal = this.gate.refusalOf('');
    if (refusal !== undefined) return { kind: 'refused', reason: 'NOT_PERMITTED', detail: refusal };
    const pairId = this.#pairIds.get(decision.watch.id) ?? '';
    if (!this.life.pairs.registry.isTradable(pairId)) {
      return { kind: 'refused', reason: 'PAIR_NOT_TRADABLE', detail: `pair ${pairId}` };
    }
    return this.strategy.approve(decision, opportunityId);
  }

  #makeExposures(): ExposureBook {
    return new ExposureBook({
      limits: this.#parts.profile.limits,
      ...feeBoundsOf(this.#instruments),
      navMicroUsd: microUsd(0),
      onHoldings: () => this.books.held.holdingChanged(),
    });
  }

  #makePolicy(): DetectionPolicy {
    const { clock, profile } = this.#parts;
    return {
      ...profile.detection,
      accountOf: (venue) => this.books.accountOf(venue),
      venueNowMs: (venue) => clock.wall() / MICROS_PER_MILLI + this.desks[venue].clockOffsetMs,
    };
  }

  #makeBreaker(): Breaker {
    const { clock, journal, profile, listeners, breakerMemory } = this.#parts;
    return new Breaker({
      runtime: this.runtime,
      journal,
      clock,
      gate: this.gate,
      policy: profile.breaker,
      restored: breakerMemory,
      onAlert: (alert) => {
        if (alert.kind === 'opened') this.strategy.breakerOpened(alert.trigger.kind);
        listeners.onAlert?.(alert);
      },
      cancelAll: () => this.life.cancelAll(),
    });
  }

  #makeRouter(): FillRouter {
    const { clock, journal } = this.#parts;
    return new FillRouter({
      runtime: this.runtime,
      accounts: this.books.accounts,
      registry: this.registry,
      journal,
      clock,
      onOrphanFill: (orphan) => {
        const { fill, order } = orphan;
        const detail = `trade ${fill.tradeId} of order ${fill.venueOrderId} has no live leg`;
        const venue = venueOf(fill.instrument.book);
        this.gate.report({
          kind: 'LATE_FILL',
          venue,
          detail,
          ...(order === undefined ? {} : { attemptId: order.attemptId }),
        });
        this.books.takeIn(orphan, this.strategy);
        this.#unhedged.changed();
      },
    });
  }

  #makeVenueDesk(name: VenueName): VenueDesk {
    const { clock, random, listeners, seats } = this.#parts;
    const { venue, desk } = seats[name];
    const made = new VenueDesk({
      runtime: this.runtime,
      venue,
      clock,
      random,
      bookOf: (id) => this.watch.books.find(id),
      report: this.gate.report,
      onNotice: (notice) => listeners.onNotice?.(notice),
      onReconciliationNeeded: (at, reason) => {
        this.strategy.reconcile(reason, at);
        void this.books.reconcile(at);
      },
      onMarketConnection: (_id, marketData$) => this.watch.follow(marketData$),
      ...desk,
    });
    made.private$.subscribe((event) => this.#router.onPrivate(name, event));
    made.marketData$.subscribe((event) => this.books.held.onMarketData(event));
    return made;
  }

  #makeAttemptDesk(policy: DetectionPolicy): AttemptDesk {
    const { clock, ids, journal, profile, seats, listeners } = this.#parts;
    return new AttemptDesk({
      clock,
      ids,
      policy,
      journal,
      books: this.watch.books,
      terms: profile.market,
      availability: (venue) => this.desks[venue].availability(),
      exposures: this.#minded,
      report: this.gate.report,
      watchOf: (id) => this.watch.watches.find(id),
      refresh: (venue, instruments) => seats[venue].refresh?.(instruments),
      onOutcome: (outcome) => {
        this.books.onOutcome(outcome);
        listeners.onOutcome?.(outcome);
      },
    });
  }

  #makeOrderDesk(): OrderDesk {
    const { clock, journal, inflow } = this.#parts;
    return new OrderDesk({
      runtime: this.runtime,
      clock,
      journal,
      venues: this.#venues,
      registry: this.registry,
      fills: this.#router,
      finalLook: finalLookOf(this.#attempts, this.gate),
      honours: (permit, order) => this.gate.honours(permit, order),
      reportTrigger: this.gate.report,
      ...(inflow === undefined ? {} : { inflow }),
    });
  }

  /** Every answer of a venue says something about the venue, too. */
  #heard(name: VenueName, venue: Venue): Venue {
    return heardVenue(venue, {
      onOrder: (outcome) => {
        this.desks[name].noteOutcome(outcome);
        this.breaker.callEnded(name, outcome.kind === 'unknown');
      },
      onCancel: (outcome) => this.desks[name].noteOutcome(outcome),
      onReading: (reading) => {
        this.desks[name].noteReading(reading);
        this.breaker.callEnded(name, reading.kind === 'failed');
      },
    });
  }

  #makeStrategy(): Strategy {
    const { clock, ids, journal, profile } = this.#parts;
    const orderLeg = bindOrderLeg(this.runtime, this.#orders);
    this.books.held.bind(orderLeg);
    const { execution: policy, repair, makerVenue } = profile;
    const terms = { policy, repair, race: profile.detection.race, makerVenue };
    return new Strategy('cross', {
      runtime: this.runtime,
      clock,
      journal,
      orders: this.#orders,
      planner: new AttemptPlanner({
        ids,
        clock,
        termsOf: () => terms,
        groupOf: (watchId) => this.#groupOf(watchId),
      }),
      exposures: this.#minded,
      report: this.gate.report,
      attempt: this.#attempts.bind(this.runtime, { orderLeg }),
      orderLeg,
      openOrdersOf: (attemptId) => this.books.orphansOf(attemptId),
      onBroken: (attemptId) => this.#attempts.forget(attemptId),
      onOrphansEnded: (attemptId) => this.books.onOrphansEnded(attemptId),
    });
  }

  #groupOf(watchId: string): RiskGroup {
    const group = this.#groups.get(watchId);
    if (group === undefined)
      throw new InvariantError(`a watch must belong to a group of risks, found none for ${watchId}`);
    return group;
  }
}
