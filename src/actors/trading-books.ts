/** The money side of trading: cash of the venues, what attempts came to, and the positions that they left. */
import type { Actor, AnyStateMachine } from 'xstate';
import type { Book } from '../domain/book/book.ts';
import type { WalkAccount } from '../domain/edge/depth-walk.ts';
import type { AttemptPlan } from '../domain/execution/attempt-plan.ts';
import type { BasketLeg } from '../domain/execution/held-basket.ts';
import { holdingsOf } from '../domain/execution/holdings.ts';
import { lateReport } from '../domain/execution/late-fill.ts';
import type { LegOrder, LegReport } from '../domain/execution/leg.ts';
import { doubted, isFlat, plannedReport } from '../domain/execution/policy.ts';
import type { BookId, Instrument, Outcome, VenueName } from '../domain/instrument.ts';
import type { Ledger } from '../domain/ledger/ledger.ts';
import { recordCash } from '../domain/ledger/record.ts';
import { isImbalanced, worseEnd } from '../domain/limits/exposure.ts';
import type { Journal, JsonObject } from '../domain/ports/journal.ts';
import type { MarketDataEvent } from '../domain/ports/market-data.ts';
import type { Listing } from '../domain/ports/venue.ts';
import type { StandingCheck } from '../domain/risk/breaker-reasons.ts';
import type { ExposureBook } from '../domain/risk/exposure-book.ts';
import { LossWatch } from '../domain/risk/loss-watch.ts';
import { addUsd, type MicroUsd, microUsd, millis, type SizeE6, sizeE6 } from '../domain/units.ts';
import type { AttemptOutcome, RestoredAttempt } from '../machines/attempt.events.ts';
import type { PositionEvent } from '../machines/position.events.ts';
import type { positionMachine } from '../machines/position.machine.ts';
import type { PositionReport } from '../machines/position-facts.ts';
import type { OrphanLeg } from '../machines/strategy.machine.ts';
import { Accounts } from './accounts.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { Breaker } from './breaker.actor.ts';
import { bindExit } from './exit.actor.ts';
import { ExitDesk } from './exit-desk.ts';
import type { OrphanFill } from './fill-router.ts';
import type { ListedInstruments } from './listed-instruments.ts';
import { MarketClosing } from './market-closing.ts';
import type { OrderRegistry } from './order-registry.ts';
import { bindPosition } from './position.actor.ts';
import { PositionDesk } from './position-desk.ts';
import { SettlementBooks } from './settlement-books.ts';
import { SettlementWatch } from './settlement-watch.ts';
import type { Strategy } from './strategy.actor.ts';
import type { TradingParts } from './trading-parts.ts';

export interface TradingBooksParts {
  readonly parts: TradingParts;
  readonly runtime: ActorRuntime;
  readonly ledger: Ledger;
  readonly exposures: ExposureBook;
  readonly registry: OrderRegistry;
  readonly breaker: Breaker;
  readonly instruments: ListedInstruments;
  /** The outcome of its market that means YES of the pair. */
  readonly eventYesOf: (instrument: Instrument) => Outcome | undefined;
  readonly bookOf: (book: BookId) => Book | undefined;
}

/** A closed attempt, for the fill that may still come. */
interface Closed {
  readonly plan: AttemptPlan;
  readonly sinceMicros: number;
  readonly outcome: AttemptOutcome;
}

const VENUES = ['kalshi', 'polymarket'] as const;
const CLOSED_MAX = 512;
const EXIT_LOOK_MS = millis(250);
const STALE_MS = millis(2_000);
const CENT = 10_000;

export class TradingBooks {
  readonly accounts: Accounts;
  readonly #given: TradingBooksParts;
  readonly #closing: MarketClosing;
  readonly #losses: LossWatch;
  readonly #positionDesk: PositionDesk;
  readonly #exitDesk: ExitDesk;
  readonly #plans = new Map<string, { readonly plan: AttemptPlan; readonly sinceMicros: number }>();
  readonly #closed = new Map<string, Closed>();
  readonly #holders = new Map<string, Actor<typeof positionMachine>>();
  readonly #positions = new Map<string, PositionReport>();
  /** What settled positions came to, as the day has it. */
  readonly #counted = new Map<string, MicroUsd>();
  #position: typeof positionMachine | undefined;

  constructor(given: TradingBooksParts) {
    this.#given = given;
    const { parts, ledger, instruments, exposures, registry, breaker } = given;
    const { clock, profile } = parts;
    this.accounts = new Accounts({
      ledger,
      journal: this.cashKeeping,
      clock,
      instruments,
      reportTrigger: breaker.report,
    });
    this.#closing = new MarketClosing({
      clock,
      accounts: this.accounts,
      exposures,
      registry,
      positions: () => this.positions,
      revisionMs: profile.position.revisionMs,
    });
    this.#losses = new LossWatch(profile.losses);
    this.#exitDesk = this.#makeExitDesk();
    this.#positionDesk = this.#makePositionDesk();
  }

  /** Positions that are not closed yet. */
  get positions(): readonly PositionReport[] {
    return [...this.#positions.values()];
  }

  /** The journal, with the exposure book told of our cash after every ledger record. */
  get cashKeeping(): Pick<Journal, 'append'> {
    return {
      append: (record) => {
        const seq = this.#given.parts.journal.append(record);
        if (record.kind === 'ledger') this.#keepCash();
        return seq;
      },
    };
  }

  accountOf(venue: VenueName): WalkAccount {
    return { id: venue, balanceMicroUsd: this.#given.exposures.availableAt(venue) ?? microUsd(0) };
  }

  /** Takes over what the venues hold for us. Throws when one cannot be read: nobody trades on a guess. */
  async open(): Promise<void> {
    const { parts, ledger, exposures } = this.#given;
    await Promise.all(
      VENUES.map(async (name) => {
        const reading = await parts.seats[name].venue.balance();
        if (reading.kind === 'failed')
          throw new Error(`the balance at ${name} must be read before trading: ${reading.fault}: ${reading.detail}`);
        const cashMicroUsd = reading.value.availableMicroUsd;
        const opening = {
          id: `opening/${parts.clock.wall()}`,
          venue: name,
          account: 'capital',
          at: parts.clock.wall(),
        } as const;
        const outcome = recordCash(ledger, { ...opening, cashMicroUsd });
        if (outcome.kind === 'posted')
          parts.journal.append({ kind: 'ledger', transaction: outcome.transaction as unknown as JsonObject });
        exposures.reconcile(name, cashMicroUsd);
      }),
    );
    this.#keepCash();
  }

  /** Asks a venue for its balance: the smaller of its word and ours counts. */
  async reconcile(name: VenueName): Promise<StandingCheck> {
    const reading = await this.#given.parts.seats[name].venue.balance();
    if (reading.kind === 'failed') {
      return { name: `${name} balance is read`, isClean: false, detail: `${reading.fault}: ${reading.detail}` };
    }
    const reported = reading.value.availableMicroUsd;
    const { bookedMicroUsd = microUsd(0) } = this.#given.exposures.reconcile(name, reported);
    // What orders reserve, and matches on their way to the chain, make the venue's figure smaller.
    const isClean = reported - bookedMicroUsd < CENT;
    return { name: `${name} balance`, isClean, detail: `booked ${bookedMicroUsd}, the venue says ${reported}` };
  }

  async checks(): Promise<readonly StandingCheck[]> {
    return [...(await Promise.all(VENUES.map((name) => this.reconcile(name)))), this.#unhedgedCheck()];
  }

  /** Whoever resumed over it would be called again for the same contracts a few seconds later. */
  #unhedgedCheck(): StandingCheck {
    const { exposures, parts } = this.#given;
    const [found, most] = [worseEnd(exposures.imbalance()), parts.profile.limits.imbalanceMicroUsdMax];
    return {
      name: 'nothing is unhedged',
      isClean: most === undefined || !isImbalanced(found, most),
      detail: `expected at most ${most} micro-dollars, found ${found}`,
    };
  }

  bindPositions(orderLeg: AnyStateMachine): void {
    const { runtime } = this.#given;
    this.#position = bindPosition(runtime, this.#positionDesk, bindExit(runtime, this.#exitDesk, orderLeg));
  }

  onMarketData(event: MarketDataEvent): void {
    if (event.kind === 'listing.changed') this.#positionDesk.onMarketData(event);
  }

  /** A listing of a traded pair was read. */
  readonly onListing = (listing: Listing): void => this.#closing.observe(listing);

  /** An attempt began: its plan is kept for whatever comes later. */
  noteStarted(plan: AttemptPlan): void {
    this.#plans.set(plan.attemptId, { plan, sinceMicros: this.#given.parts.clock.wall() });
  }

  onOutcome(outcome: AttemptOutcome): void {
    const { breaker } = this.#given;
    const started = this.#plans.get(outcome.attemptId);
    if (started !== undefined) this.#close({ ...started, outcome });
    // Sets that came without a repair are what was wanted, whatever a better price bought on top.
    const isAsWanted = outcome.setsE6 > 0 && !outcome.wasAsymmetric && outcome.end !== 'abandoned';
    if (isAsWanted) breaker.succeeded(outcome.attemptId);
    else breaker.abandoned(outcome.attemptId);
    // What is held counts when it is paid, with all that its legs cost. What a person took over is no dust.
    const isAbandoned = outcome.end === 'abandoned';
    if (outcome.setsE6 > 0 || (isAbandoned && outcome.leftoverE6 > 0)) {
      if (started !== undefined)
        this.#hold(started.plan, outcome.reports, isAbandoned ? sizeE6(0) : outcome.leftoverE6);
    } else if (outcome.end === 'unwound' || outcome.end === 'dust') this.#realise(outcome.profitMicroUsd);
  }

  /**
   * An attempt broke, and the venues have said their last word about its orders. What is held of it is watched until it
   * is paid, and stands one-sided where its legs differ: nobody repairs it but a person.
   */
  onOrphansEnded(attemptId: string): void {
    const plan = this.#plans.get(attemptId)?.plan;
    if (plan === undefined) return;
    this.#plans.delete(attemptId);
    const { exposures, registry } = this.#given;
    const reports = registry.endedOf(attemptId);
    // It may have broken over the very report that it did not pass on.
    exposures.report(attemptId, reports, this.#moment());
    if (!isFlat(plan, reports)) this.#hold(plan, reports, sizeE6(0));
    else this.#realise(microUsd(0 - addUsd(...reports.map(({ cashMicroUsd }) => cashMicroUsd))));
  }

  /**
   * A fill without a live leg. Its attempt asks about the order again, and is taken up again for it if it had closed;
   * otherwise, and where its venue contradicts itself, what was bought is exposure of its own until a person looks.
   */
  takeIn({ fill, order, isContradiction }: OrphanFill, strategy: Pick<Strategy, 'recover' | 'surfaced'>): void {
    const { exposures, instruments, ledger } = this.#given;
    const market = instruments.keyOf(fill.instrument);
    // Paid out long ago: whatever this is, nothing of it is held.
    if (market !== undefined && ledger.isClosed(market)) return;
    if (order !== undefined && !isContradiction && (strategy.surfaced(order) || this.#reopen(order, strategy))) return;
    if (fill.settlement === 'failed' || instruments.feesOf(fill.instrument) === undefined) return;
    const at = this.#moment();
    exposures.report(`late/${fill.tradeId}`, [lateReport(fill, order)], at);
  }

  #reopen(order: LegOrder, strategy: Pick<Strategy, 'recover'>): boolean {
    const closed = this.#closed.get(order.attemptId);
    if (closed === undefined) return false;
    this.#closed.delete(order.attemptId);
    this.#plans.set(order.attemptId, closed);
    const isLate = ({ order: { legId } }: LegReport): boolean => legId === order.legId;
    // What its venue said last of that order is not so, and no end to conclude anything from.
    const reports = closed.outcome.reports.map((report) => (isLate(report) ? doubted(report) : report));
    const settled = reports.flatMap((report) => (isLate(report) ? [] : [report.order.legId]));
    const restored: RestoredAttempt = { reports, settled };
    strategy.recover(closed.plan, closed.sinceMicros, restored);
    return true;
  }

  /** What is known of the orders of an attempt whose actor broke, those included that were about to leave. */
  orphansOf(attemptId: string): readonly OrphanLeg[] {
    return this.#given.registry.open().flatMap(({ order, report = plannedReport(order), venueOrderId, intentAt }) => {
      if (order.attemptId !== attemptId) return [];
      return [{ report, sinceMicros: intentAt, ...(venueOrderId === undefined ? {} : { venueOrderId }) }];
    });
  }

  #close(closed: Closed): void {
    const { attemptId } = closed.outcome;
    this.#plans.delete(attemptId);
    this.#closed.set(attemptId, closed);
    const [oldest] = this.#closed.keys();
    if (this.#closed.size > CLOSED_MAX && oldest !== undefined) this.#closed.delete(oldest);
  }

  #realise(pnlMicroUsd: MicroUsd): void {
    const { exposures, breaker } = this.#given;
    const day = exposures.recordRealised(pnlMicroUsd, this.#moment());
    for (const trigger of this.#losses.realised(pnlMicroUsd, day)) breaker.report(trigger);
  }

  #hold(plan: AttemptPlan, reports: readonly LegReport[], dustE6: SizeE6): void {
    const { attemptId } = plan;
    const { runtime, instruments, parts } = this.#given;
    if (this.#position === undefined) return;
    const legs = holdingsOf(plan, reports).flatMap((held): BasketLeg[] => {
      const order = plan.legs.find(({ basketLeg }) => basketLeg === held.basketLeg);
      const listed = order === undefined ? undefined : instruments.find(order.instrument);
      if (order === undefined || listed === undefined) return [];
      const cash = addUsd(
        ...reports.filter((report) => report.order.basketLeg === held.basketLeg).map((report) => report.cashMicroUsd),
      );
      return [
        {
          leg: held.basketLeg,
          venue: order.venue,
          venueKey: listed.listing.venueKey,
          instrument: order.instrument,
          outcome: listed.outcome,
          eventYes: this.#given.eventYesOf(order.instrument),
          sizeE6: sizeE6(Math.max(0, held.heldE6)),
          costMicroUsd: cash,
        },
      ];
    });
    const known = this.#holders.get(attemptId);
    if (known?.getSnapshot().status === 'active') {
      // It was taken up again for a late fill: what it left is held already, and is more or less now.
      runtime.send(known, { type: 'holding.changed', held: legs, reason: 'a late fill' } as PositionEvent);
      return;
    }
    const input = {
      positionId: attemptId,
      watchId: plan.watchId,
      label: plan.label,
      legs,
      promisedE4: plan.promisedE4,
      patience: parts.profile.position,
      exits: [],
      dustE6,
    };
    this.#holders.set(attemptId, runtime.start(this.#position, { id: `position/${attemptId}`, input }));
  }

  #onPosition(report: PositionReport): void {
    const { parts } = this.#given;
    if (report.standing === 'closed') {
      this.#positions.delete(report.positionId);
      this.#holders.delete(report.positionId);
    } else this.#positions.set(report.positionId, report);
    this.#count(report);
    parts.listeners.onPosition?.(report);
  }

  /** What a basket came to counts once, and no more while a venue has taken some of it back. */
  #count(report: PositionReport): void {
    const { positionId, standing } = report;
    const counted = this.#counted.get(positionId);
    if (standing === 'settled' && counted === undefined) {
      const profit = profitOf(report);
      this.#counted.set(positionId, profit);
      this.#realise(profit);
    } else if (standing === 'reversed' && counted !== undefined) {
      this.#counted.delete(positionId);
      const day = this.#given.exposures.recordRealised(microUsd(0 - counted), this.#moment());
      for (const trigger of this.#losses.takenBack(day)) this.#given.breaker.report(trigger);
    } else if (standing === 'closed') this.#counted.delete(positionId);
  }

  #moment() {
    const { clock } = this.#given.parts;
    return { nowMs: clock.nowMs(), wall: clock.wall() };
  }

  #keepCash(): void {
    const { exposures, ledger } = this.#given;
    for (const venue of VENUES) exposures.setCash(venue, ledger.cash(venue));
    const held = ledger.holdings().map(({ costMicroUsd }) => costMicroUsd);
    const nav = addUsd(...VENUES.map((venue) => ledger.cash(venue)), ...held);
    exposures.setNav(nav);
    for (const trigger of this.#losses.valued(nav)) this.#given.breaker.report(trigger);
  }

  #makePositionDesk(): PositionDesk {
    const { parts, ledger, exposures, breaker } = this.#given;
    const venues = VENUES.map((name) => parts.seats[name].venue);
    return new PositionDesk({
      clock: parts.clock,
      watch: new SettlementWatch(venues, parts.clock.wall(), ledger),
      books: new SettlementBooks(ledger, this.cashKeeping),
      exposures,
      reportTrigger: breaker.report,
      onReport: (report) => this.#onPosition(report),
      onExposure: () => undefined,
      onOverdue: (report) => parts.listeners.onPosition?.(report),
    });
  }

  #makeExitDesk(): ExitDesk {
    const { parts, runtime, instruments, exposures, breaker, bookOf } = this.#given;
    return new ExitDesk({
      clock: parts.clock,
      ids: parts.ids,
      bookOf,
      staleAfterMs: STALE_MS,
      lookMs: EXIT_LOOK_MS,
      marketOf: (instrument) => {
        const listing = instruments.find(instrument)?.listing;
        return listing && { minSizeE6: listing.minSizeE6, settlesAt: listing.expectedResolutionAt };
      },
      heldE6Min: (instrument) => exposures.spanOf(instrument).leastE6,
      whenIdle: (run) => runtime.whenIdle(run),
      reportLegs: (attemptId, reports) => exposures.report(attemptId, reports, this.#moment()),
      reportTrigger: breaker.report,
    });
  }
}

/** Of a paid basket: what it brought less what it cost. */
function profitOf({ paidMicroUsd, legs }: PositionReport): MicroUsd {
  return microUsd(paidMicroUsd - legs.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0));
}
