import type { Book } from '../domain/book/book.ts';
import type { WalkAccount } from '../domain/edge/depth-walk.ts';
import type { AttemptPlan } from '../domain/execution/attempt-plan.ts';
import { lateReport } from '../domain/execution/late-fill.ts';
import type { LegOrder, LegReport } from '../domain/execution/leg.ts';
import { doubted, isFlat, plannedReport } from '../domain/execution/policy.ts';
import type { BookId, Instrument, Outcome, VenueName } from '../domain/instrument.ts';
import type { Ledger } from '../domain/ledger/ledger.ts';
import { recordCash } from '../domain/ledger/record.ts';
import { isImbalanced, worseEnd } from '../domain/limits/exposure.ts';
import type { Journal, JsonObject } from '../domain/ports/journal.ts';
import type { Listing } from '../domain/ports/venue.ts';
import type { StandingCheck } from '../domain/risk/breaker-reasons.ts';
import type { ExposureBook } from '../domain/risk/exposure-book.ts';
import { LossWatch } from '../domain/risk/loss-watch.ts';
import { addUsd, type MicroUsd, microUsd, sizeE6 } from '../domain/units.ts';
import type { AttemptOutcome, OrphanLeg } from '../machines/attempt.events.ts';
import type { PositionReport } from '../machines/position-facts.ts';
import { Accounts } from './accounts.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { Breaker } from './breaker.actor.ts';
import type { OrphanFill } from './fill-router.ts';
import { HeldPositions } from './held-positions.ts';
import type { ListedInstruments } from './listed-instruments.ts';
import { MarketClosing } from './market-closing.ts';
import type { OrderRegistry } from './order-registry.ts';
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

/** An attempt that is over, for the fill that may still come. */
interface Closed {
  readonly plan: AttemptPlan;
  readonly sinceMicros: number;
  readonly reports: readonly LegReport[];
  /** It broke, or a person took it over: nothing is ordered for it any more. */
  readonly isForPerson: boolean;
  /** What the day has of it. */
  readonly realisedMicroUsd: MicroUsd;
}

const VENUES = ['kalshi', 'polymarket'] as const;
const CLOSED_MAX = 512;
const CENT = 10_000;

export class TradingBooks {
  readonly accounts: Accounts;
  readonly held: HeldPositions;
  readonly #given: TradingBooksParts;
  readonly #closing: MarketClosing;
  readonly #losses: LossWatch;
  readonly #plans = new Map<string, Pick<Closed, 'plan' | 'sinceMicros'> & Partial<Pick<Closed, 'reports'>>>();
  readonly #closed = new Map<string, Closed>();

  constructor(given: TradingBooksParts) {
    this.#given = given;
    const { parts, ledger, instruments, exposures, registry, breaker } = given;
    const { clock, profile } = parts;
    const journal = this.cashKeeping;
    this.held = new HeldPositions({
      ...given,
      journal,
      onRealised: (pnl) => this.#realise(pnl),
      onTakenBack: (pnl) => this.#takeBack(pnl),
    });
    this.accounts = new Accounts({
      ledger,
      journal,
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
  }

  /** Positions that are not closed yet. */
  get positions(): readonly PositionReport[] {
    return this.held.all;
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
    const isMore = reported - bookedMicroUsd >= CENT;
    // What orders reserve, and matches on their way to the chain, make the venue's figure smaller; nothing else does.
    const isLess = bookedMicroUsd - reported >= CENT && !this.#given.registry.open().some(isAt(name));
    const isClean = !isMore && !isLess;
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

  /** A listing of a traded pair was read. */
  readonly onListing = (listing: Listing): void => this.#closing.observe(listing);

  /** An attempt began: its plan is kept for whatever comes later. */
  noteStarted(plan: AttemptPlan): void {
    this.#plans.set(plan.attemptId, { plan, sinceMicros: this.#given.parts.clock.wall() });
  }

  onOutcome(outcome: AttemptOutcome): void {
    const { breaker } = this.#given;
    const { attemptId, reports, end, setsE6, leftoverE6 } = outcome;
    const isForPerson = end === 'abandoned';
    // What is held counts when it is paid, with all that its legs cost. What a person took over is no dust.
    const isHeld = setsE6 > 0 || (isForPerson && leftoverE6 > 0);
    const realisedMicroUsd = !isHeld && (end === 'unwound' || end === 'dust') ? outcome.profitMicroUsd : microUsd(0);
    const started = this.#plans.get(attemptId);
    if (started !== undefined) this.#close({ ...started, reports, isForPerson, realisedMicroUsd });
    // Sets that came without a repair are what was wanted, whatever a better price bought on top.
    if (setsE6 > 0 && !outcome.wasAsymmetric && !isForPerson) breaker.succeeded(attemptId);
    else breaker.abandoned(attemptId);
    if (isHeld && started !== undefined) this.held.hold(started.plan, reports, isForPerson ? sizeE6(0) : leftoverE6);
    else if (end === 'unwound' || end === 'dust') this.#realise(realisedMicroUsd);
  }

  /**
   * An attempt broke, or a person closed it, and the venues have said their last word about its orders. What is held of
   * it is watched until it is paid, and stands one-sided where its legs differ: nobody repairs it but a person.
   */
  onOrphansEnded(attemptId: string): void {
    const known = this.#plans.get(attemptId) ?? this.#closed.get(attemptId);
    if (known === undefined) return;
    const { plan, sinceMicros, reports: before = [] } = known;
    const { exposures, registry } = this.#given;
    const ended = registry.endedOf(attemptId);
    // What the registry has forgotten since is as it was when the attempt was over.
    const isForgotten = ({ order: { legId } }: LegReport): boolean => !ended.some(({ order }) => order.legId === legId);
    const reports = [...before.filter(isForgotten), ...ended];
    // It may have broken over the very report that it did not pass on.
    exposures.report(attemptId, reports, this.#moment());
    const isOver = isFlat(plan, reports);
    // A position that is held counts everything itself, once it is over.
    const isHeld = this.held.isHeld(attemptId);
    const realisedMicroUsd =
      isOver && !isHeld ? microUsd(0 - addUsd(...reports.map(({ cashMicroUsd }) => cashMicroUsd))) : microUsd(0);
    this.#close({ plan, sinceMicros, reports, isForPerson: true, realisedMicroUsd });
    if (!isOver || isHeld) this.held.hold(plan, reports, sizeE6(0));
    else this.#realise(realisedMicroUsd);
  }

  /**
   * A fill without a live leg. Its attempt asks about the order again, and is taken up again for it if it had closed; of
   * one that broke, or that a person took over, the order is followed again. Otherwise, and where its venue contradicts
   * itself, what was bought is exposure of its own until a person looks.
   */
  takeIn(
    { fill, order, isContradiction }: OrphanFill,
    strategy: Pick<Strategy, 'recover' | 'surfaced' | 'follow'>,
  ): void {
    const { exposures, instruments, ledger } = this.#given;
    const market = instruments.keyOf(fill.instrument);
    // Paid out long ago: whatever this is, nothing of it is held.
    if (market !== undefined && ledger.isClosed(market)) return;
    if (order !== undefined && !isContradiction && (strategy.surfaced(order) || this.#reopen(order, strategy))) return;
    if (fill.settlement === 'failed' || instruments.feesOf(fill.instrument) === undefined) return;
    const at = this.#moment();
    exposures.report(`late/${fill.tradeId}`, [lateReport(fill, order)], at);
  }

  #reopen(order: LegOrder, strategy: Pick<Strategy, 'recover' | 'follow'>): boolean {
    const { attemptId } = order;
    const closed = this.#closed.get(attemptId);
    const known = closed ?? this.#plans.get(attemptId);
    if (known === undefined) return false;
    if (closed !== undefined) {
      this.#closed.delete(attemptId);
      this.#plans.set(attemptId, closed);
      // What it comes to in the end says it all again.
      if (closed.realisedMicroUsd !== 0) this.#takeBack(closed.realisedMicroUsd);
    }
    if (closed === undefined || closed.isForPerson) this.#follow(order, strategy);
    else this.#takeUp(closed, order, strategy);
    return true;
  }

  #takeUp({ plan, sinceMicros, reports: known }: Closed, order: LegOrder, strategy: Pick<Strategy, 'recover'>): void {
    const isLate = ({ order: { legId } }: LegReport): boolean => legId === order.legId;
    // What its venue said last of that order is not so, and no end to conclude anything from.
    const reports = known.map((report) => (isLate(report) ? doubted(report) : report));
    const settled = reports.flatMap((report) => (isLate(report) ? [] : [report.order.legId]));
    strategy.recover(plan, sinceMicros, { reports, settled });
  }

  /** Nobody decides for its attempt any more: the order alone is asked for, and what it bought changes what is held. */
  #follow(order: LegOrder, strategy: Pick<Strategy, 'follow'>): void {
    const { registry, exposures, parts } = this.#given;
    const { clientOrderId, attemptId } = order;
    const {
      report = plannedReport(order),
      venueOrderId,
      intentAt = parts.clock.wall(),
    } = registry.get(clientOrderId) ?? {};
    const orphan = { report: doubted(report), sinceMicros: intentAt };
    exposures.report(attemptId, [orphan.report], this.#moment());
    strategy.follow(attemptId, venueOrderId === undefined ? orphan : { ...orphan, venueOrderId });
  }

  /** What is known of the orders of an attempt whose actor broke, those included that were about to leave. */
  orphansOf(attemptId: string): readonly OrphanLeg[] {
    return this.#given.registry.open().flatMap(({ order, report = plannedReport(order), venueOrderId, intentAt }) => {
      if (order.attemptId !== attemptId) return [];
      return [{ report, sinceMicros: intentAt, ...(venueOrderId === undefined ? {} : { venueOrderId }) }];
    });
  }

  #close(closed: Closed): void {
    const { attemptId } = closed.plan;
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

  #takeBack(pnlMicroUsd: MicroUsd): void {
    const day = this.#given.exposures.recordRealised(microUsd(0 - pnlMicroUsd), this.#moment());
    for (const trigger of this.#losses.takenBack(day)) this.#given.breaker.report(trigger);
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
}

function isAt(venue: VenueName): (known: { readonly order: LegOrder }) => boolean {
  return ({ order }) => order.venue === venue;
}
