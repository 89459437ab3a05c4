/**
 * What may be lost and what is held, by attempt, and whether one more attempt fits.
 *
 * An attempt takes its room before its first order exists and keeps all of it until it is closed; what it
 * then holds stays exposure until it is sold or paid out. What is not known is an interval, and limits are
 * held against its worse end (docs/invariants.md I1, I23).
 */
import { isBudget, type LegOrder, type LegReport } from '../execution/leg.ts';
import type { BookId, Instrument, VenueName } from '../instrument.ts';
import { invariant } from '../invariant.ts';
import type { ExposureSpan } from '../limits/exposure.ts';
import { checkLimits, type EntryRequest, type RiskLimits, type RiskState } from '../limits/risk-limits.ts';
import { type DayCounters, rollOver, tradingDate } from '../limits/trading-day.ts';
import { addUsd, type MicroUsd, microUsd, sizeE6 } from '../units.ts';
import {
  type Contribution,
  contributionOf,
  type Entry,
  holdingOf,
  isOver,
  knownCost,
  newEntry,
} from './exposure-entry.ts';
import { ExposureTally, spanFrom, VENUES } from './exposure-tally.ts';
import { type BookedLeg, type FeeBound, isOpen, matchedE6, openCash } from './leg-bounds.ts';
import { OrderPace } from './order-pace.ts';
import type {
  Adoption,
  BalanceDifference,
  ContractSpan,
  Exposures,
  Moment,
  Reservation,
  ReservationRequest,
  RiskGroup,
} from './reservation.ts';

export interface ExposureBookParts {
  readonly limits: RiskLimits;
  readonly feeBound: FeeBound;
  /** Of a budget, at whatever price it meets; as at its limit where it is left out. */
  readonly budgetFeeBound?: FeeBound;
  readonly navMicroUsd: MicroUsd;
  /** Of the last process, if it ended on the same day. */
  readonly day?: DayCounters | undefined;
  /** What may be held of something has changed. */
  readonly onHoldings?: () => void;
}

/** Attempts that are over are remembered for late fills, the newest so many of them. */
const FLAT_KEPT = 512;

export class ExposureBook implements Exposures {
  readonly #entries = new Map<string, Entry>();
  readonly #contributions = new Map<string, Contribution>();
  readonly #flat = new Set<string>();
  readonly #tally = new ExposureTally();
  readonly #pace = new OrderPace();
  readonly #ownCash = new Map<VenueName, MicroUsd>();
  readonly #reported = new Map<VenueName, MicroUsd>();
  readonly #feeBound: FeeBound;
  readonly #budgetFeeBound: FeeBound;
  readonly #onHoldings: (() => void) | undefined;
  #limits: RiskLimits;
  #nav: MicroUsd;
  #day: DayCounters;

  constructor(parts: ExposureBookParts) {
    this.#limits = parts.limits;
    this.#feeBound = parts.feeBound;
    this.#budgetFeeBound = parts.budgetFeeBound ?? parts.feeBound;
    this.#onHoldings = parts.onHoldings;
    this.#nav = parts.navMicroUsd;
    this.#day = parts.day ?? { date: '', pnlMicroUsd: microUsd(0), trades: 0, volumeE6: sizeE6(0) };
  }

  get limits(): RiskLimits {
    return this.#limits;
  }

  setLimits(limits: RiskLimits): void {
    this.#limits = limits;
  }

  reserve(request: ReservationRequest): Reservation {
    const { attemptId, group, at } = request;
    invariant(!this.#entries.has(attemptId), () => `an attempt reserves once, found a second request (${attemptId})`);
    const legs = request.legs.map((order) => this.#booked(order, undefined));
    const reservedMicroUsd = capitalOf(request, legs);
    const entry: EntryRequest = {
      ...request.entry,
      reservedMicroUsd,
      orders: legs.length,
      cash: legs.map((leg) => ({ venue: leg.order.venue, microUsd: openCash(leg) })),
    };
    const violations = checkLimits(entry, this.state(group, at), this.#limits);
    if (violations.length > 0) return { kind: 'refused', violations };
    this.#pace.note(legs.length, at.nowMs);
    const basketLegs = new Set(legs.map(({ order }) => order.basketLeg)).size;
    const reservedSizeE6 = request.entry.sizeE6;
    const byId = new Map<string, BookedLeg>(legs.map((leg) => [leg.order.legId, leg]));
    this.#put(newEntry({ attemptId, group, basketLegs, reservedMicroUsd, reservedSizeE6, legs: byId }));
    return { kind: 'reserved', reservedMicroUsd };
  }

  adopt({ attemptId, group, basketLegs, reports, at }: Adoption): void {
    if (!this.#entries.has(attemptId)) this.#put(newEntry({ attemptId, group, basketLegs }));
    this.report(attemptId, reports, at);
  }

  report(attemptId: string, reports: readonly LegReport[], at: Moment): void {
    const entry = this.#entries.get(attemptId);
    if (entry === undefined) {
      // A fill that nobody expected is exposure of its own, and counts as half of a pair until somebody says more.
      const group = { eventId: `unassigned/${attemptId}`, category: 'unassigned', correlated: 'unassigned' };
      this.adopt({ attemptId, group, basketLegs: 2, reports, at });
      return;
    }
    for (const report of reports) entry.legs.set(report.order.legId, this.#booked(report.order, report));
    this.#countFills(entry, at);
    this.#refresh(entry);
  }

  release(attemptId: string, reports: readonly LegReport[], at: Moment): void {
    this.report(attemptId, reports, at);
    const entry = this.#entries.get(attemptId);
    if (entry === undefined) return;
    const open = [...entry.legs.values()].find((leg) => leg.report !== undefined && isOpen(leg));
    invariant(
      open === undefined,
      () => `a reservation ends when every order has ended, found ${open?.order.legId} open (${attemptId})`,
    );
    entry.isReleased = true;
    this.#coverSales(entry);
    this.#refresh(entry);
  }

  settle(book: BookId): void {
    this.#pay(book, { isLast: false });
  }

  close(book: BookId): void {
    this.#pay(book, { isLast: true });
  }

  #pay(book: BookId, { isLast }: { readonly isLast: boolean }): void {
    // Not over a copy: one that is forgotten on the way would come back without its entry, and stay for ever.
    for (const entry of this.#entries.values()) {
      if (![...entry.legs.values()].some(({ order }) => order.instrument.book === book)) continue;
      entry.settled.add(book);
      if (isLast) entry.closed.add(book);
      this.#refresh(entry);
    }
  }

  unsettle(book: BookId): void {
    for (const entry of this.#entries.values()) if (entry.settled.delete(book)) this.#refresh(entry);
  }

  spanOf(instrument: Instrument): ContractSpan {
    const { key, sign } = holdingOf(instrument);
    const { leastE6, mostE6 } = this.#tally.held(key);
    return sign === 1 ? { leastE6, mostE6 } : { leastE6: 0 - mostE6, mostE6: 0 - leastE6 };
  }

  span(): ExposureSpan {
    return this.#tally.total;
  }

  spanOfAttempt(attemptId: string): ExposureSpan {
    const entry = this.#entries.get(attemptId);
    if (entry === undefined) return spanFrom(0, 0);
    const { least, most } = knownCost(entry);
    return spanFrom(least, most);
  }

  unhedged(): ExposureSpan {
    return this.#tally.unhedged;
  }

  /** The same without the intervals that were planned: what a leg on its way may still do is not missing. */
  imbalance(): ExposureSpan {
    return this.#tally.imbalance;
  }

  unhedgedOf(attemptId: string): ExposureSpan {
    const found = this.#contributions.get(attemptId)?.unhedged;
    return spanFrom(found?.least ?? 0, found?.most ?? 0);
  }

  state(group: RiskGroup, at: Moment): RiskState {
    const day = this.dayCounters(at);
    const waiting = this.#tally.waiting;
    return {
      ...this.#tally.of(group),
      eventSizeE6: sizeE6(this.#tally.eventSizeE6(group)),
      total: this.#tally.total,
      unhedged: this.#tally.imbalance,
      navMicroUsd: this.#nav,
      dayPnlMicroUsd: day.pnlMicroUsd,
      dayTrades: day.trades + waiting.trades,
      dayVolumeE6: sizeE6(day.volumeE6 + waiting.sizeE6),
      ordersLastMinute: this.#pace.lastMinute(at.nowMs),
      openOrders: this.#tally.openOrders,
      sinceOrderMs: this.#pace.since(at.nowMs),
      available: VENUES.flatMap((venue) => {
        const microUsd = this.#available(venue);
        return microUsd === undefined ? [] : [{ venue, microUsd }];
      }),
    };
  }

  /** Free cash of a venue; `undefined` while neither our books nor the venue has said. */
  availableAt(venue: VenueName): MicroUsd | undefined {
    return this.#available(venue);
  }

  setCash(venue: VenueName, cash: MicroUsd): void {
    this.#ownCash.set(venue, cash);
  }

  reconcile(venue: VenueName, availableMicroUsd: MicroUsd): BalanceDifference {
    this.#reported.set(venue, availableMicroUsd);
    return { venue, bookedMicroUsd: this.#ownCash.get(venue), reportedMicroUsd: availableMicroUsd };
  }

  setNav(nav: MicroUsd): void {
    this.#nav = nav;
  }

  recordRealised(pnlMicroUsd: MicroUsd, at: Moment): DayCounters {
    this.#roll(at);
    this.#day = { ...this.#day, pnlMicroUsd: addUsd(this.#day.pnlMicroUsd, pnlMicroUsd) };
    return this.#day;
  }

  dayCounters(at: Moment): DayCounters {
    this.#roll(at);
    return this.#day;
  }

  #roll(at: Moment): void {
    this.#day = rollOver(this.#day, tradingDate(at.wall));
  }

  /** Fills belong to the day on which they are heard of, whenever their attempt began. */
  #countFills(entry: Entry, at: Moment): void {
    const bought = new Map<number, number>();
    for (const leg of entry.legs.values()) {
      const matched = matchedE6(leg);
      const before = bought.get(leg.order.basketLeg) ?? 0;
      if (matched > 0) bought.set(leg.order.basketLeg, before + matched);
    }
    const setsE6 = Math.max(0, ...bought.values());
    if (setsE6 <= entry.countedE6) return;
    this.#roll(at);
    const isFirst = entry.countedE6 === 0;
    const volumeE6 = sizeE6(this.#day.volumeE6 + setsE6 - entry.countedE6);
    this.#day = { ...this.#day, trades: this.#day.trades + (isFirst ? 1 : 0), volumeE6 };
    entry.countedE6 = setsE6;
  }

  /** The smaller of what we booked and what the venue says, less what our orders may still take of it. */
  #available(venue: VenueName): MicroUsd | undefined {
    const [booked, reported] = [this.#ownCash.get(venue), this.#reported.get(venue)];
    const known = booked === undefined || (reported !== undefined && reported < booked) ? reported : booked;
    return known === undefined ? undefined : microUsd(known - this.#tally.reservedCash(venue));
  }

  /** What this entry sold without having bought it was held by others: the oldest gives first. */
  #coverSales(entry: Entry): void {
    for (const [key, { leastE6, mostE6 }] of contributionOf(entry).held) {
      const isShort = mostE6 < 0 || (mostE6 === 0 && leastE6 < 0);
      let uncovered = isShort ? -leastE6 : 0;
      for (const other of this.#entries.values()) {
        if (uncovered <= 0) break;
        if (other === entry || !other.isReleased) continue;
        const taken = Math.min(
          uncovered,
          Math.max(0, this.#contributions.get(other.attemptId)?.held.get(key)?.leastE6 ?? 0),
        );
        if (taken === 0) continue;
        uncovered -= taken;
        other.shifts.set(key, (other.shifts.get(key) ?? 0) - taken);
        entry.shifts.set(key, (entry.shifts.get(key) ?? 0) + taken);
        this.#refresh(other);
      }
    }
  }

  #booked(order: LegOrder, report: LegReport | undefined): BookedLeg {
    const feeMicroUsdMax = this.#feeBound(order);
    return {
      order,
      feeMicroUsdMax,
      budgetFeeMicroUsdMax: isBudget(order) ? this.#budgetFeeBound(order) : feeMicroUsdMax,
      report,
    };
  }

  #put(entry: Entry): void {
    this.#entries.set(entry.attemptId, entry);
    this.#refresh(entry);
  }

  #refresh(entry: Entry): void {
    const { attemptId, group } = entry;
    const before = this.#contributions.get(attemptId);
    if (before !== undefined) this.#tally.add(group, before, -1);
    const now = contributionOf(entry);
    this.#tally.add(group, now, 1);
    this.#contributions.set(attemptId, now);
    this.#onHoldings?.();
    this.#flat.delete(attemptId);
    if (!isOver(entry, now)) return;
    this.#flat.add(attemptId);
    if (this.#flat.size > FLAT_KEPT) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const [oldest] = this.#flat;
    const entry = oldest === undefined ? undefined : this.#entries.get(oldest);
    if (entry === undefined) return;
    const last = this.#contributions.get(entry.attemptId);
    if (last !== undefined) this.#tally.add(entry.group, last, -1);
    this.#flat.delete(entry.attemptId);
    this.#entries.delete(entry.attemptId);
    this.#contributions.delete(entry.attemptId);
  }
}

/** Both legs and fees at their limits and what a repair may add, and never less than the plan says itself. */
function capitalOf(request: ReservationRequest, legs: readonly BookedLeg[]): MicroUsd {
  const atLimits = addUsd(...legs.map(openCash), request.repairMicroUsdMax);
  return microUsd(Math.max(atLimits, request.entry.capitalMicroUsd));
}
