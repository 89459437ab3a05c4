/** What baskets are held, from the attempt that bought them until nobody can take their payout back. */
import type { Actor, AnyStateMachine } from 'xstate';
import type { Book } from '../domain/book/book.ts';
import type { AttemptPlan } from '../domain/execution/attempt-plan.ts';
import type { LegSale } from '../domain/execution/basket-sales.ts';
import type { ExitPlan } from '../domain/execution/exit-plan.ts';
import type { BasketLeg } from '../domain/execution/held-basket.ts';
import { holdingsOf } from '../domain/execution/holdings.ts';
import type { LegReport } from '../domain/execution/leg.ts';
import type { BookId, Instrument, Outcome } from '../domain/instrument.ts';
import type { Ledger } from '../domain/ledger/ledger.ts';
import type { Journal } from '../domain/ports/journal.ts';
import type { MarketDataEvent } from '../domain/ports/market-data.ts';
import type { ExposureBook } from '../domain/risk/exposure-book.ts';
import { addUsd, type MicroUsd, microUsd, millis, type SizeE6, sizeE6 } from '../domain/units.ts';
import type { PositionContext, PositionEvent } from '../machines/position.events.ts';
import type { positionMachine } from '../machines/position.machine.ts';
import { mayClose, type PositionReport } from '../machines/position-facts.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { Breaker } from './breaker.actor.ts';
import { bindExit } from './exit.actor.ts';
import { ExitDesk } from './exit-desk.ts';
import { exitOrdersIn } from './exit-orders.ts';
import type { ListedInstruments } from './listed-instruments.ts';
import type { OrderRegistry } from './order-registry.ts';
import { bindPosition } from './position.actor.ts';
import { PositionDesk } from './position-desk.ts';
import { SettlementBooks } from './settlement-books.ts';
import { SettlementWatch } from './settlement-watch.ts';
import type { TradingParts } from './trading-parts.ts';

export interface HeldPositionsParts {
  readonly parts: TradingParts;
  readonly runtime: ActorRuntime;
  readonly ledger: Ledger;
  /** With the exposure book told of our cash. */
  readonly journal: Pick<Journal, 'append'>;
  readonly exposures: ExposureBook;
  readonly registry: Pick<OrderRegistry, 'ordersOf'>;
  readonly breaker: Breaker;
  readonly instruments: ListedInstruments;
  /** The outcome of its market that means YES of the pair. */
  readonly eventYesOf: (instrument: Instrument) => Outcome | undefined;
  readonly bookOf: (book: BookId) => Book | undefined;
  readonly onRealised: (pnlMicroUsd: MicroUsd) => void;
  /** What had been realised is so no more. */
  readonly onTakenBack: (pnlMicroUsd: MicroUsd) => void;
}

const EXIT_LOOK_MS = millis(250);
const STALE_MS = millis(2_000);
const CLOSED_MAX = 512;
/** A person watches: three cents below the bid at most, and five orders before they are asked again. */
const BY_HAND = { style: 'taking', slippageE4Max: 300, ordersMax: 5, retryMs: millis(1_000) } as const;

export interface ClosingRequest {
  readonly positionId: string;
  /** Which leg of the basket. */
  readonly leg: number;
  readonly by: string;
  readonly reason: string;
}

export type ClosingAnswer = { readonly kind: 'asked' } | { readonly kind: 'refused'; readonly reason: string };

export class HeldPositions {
  readonly #given: HeldPositionsParts;
  readonly #positionDesk: PositionDesk;
  readonly #exitDesk: ExitDesk;
  readonly #holders = new Map<string, Actor<typeof positionMachine>>();
  readonly #positions = new Map<string, PositionReport>();
  /** What positions came to that are over, as the day has it. */
  readonly #counted = new Map<string, MicroUsd>();
  /** What exits sold of positions that are closed: a late fill may bring one back. */
  readonly #closed = new Map<string, readonly LegSale[]>();
  #position: typeof positionMachine | undefined;

  constructor(given: HeldPositionsParts) {
    this.#given = given;
    this.#exitDesk = this.#makeExitDesk();
    this.#positionDesk = this.#makePositionDesk();
  }

  /** Those that are not closed yet. */
  get all(): readonly PositionReport[] {
    return [...this.#positions.values()];
  }

  /** Whether what this attempt left is watched. */
  isHeld(attemptId: string): boolean {
    return this.actorOf(attemptId)?.getSnapshot().status === 'active';
  }

  actorOf(positionId: string): Actor<typeof positionMachine> | undefined {
    return this.#holders.get(positionId);
  }

  bind(orderLeg: AnyStateMachine): void {
    const { runtime } = this.#given;
    this.#position = bindPosition(runtime, this.#positionDesk, bindExit(runtime, this.#exitDesk, orderLeg));
  }

  onMarketData(event: MarketDataEvent): void {
    if (event.kind === 'listing.changed') this.#positionDesk.onMarketData(event);
  }

  /** More or less may be held of something than before. */
  holdingChanged(): void {
    this.#exitDesk.holdingChanged();
  }

  /** What this attempt has left. Where that is held already, it is more or less now. */
  hold(plan: AttemptPlan, reports: readonly LegReport[], dustE6: SizeE6): void {
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
    const known = this.actorOf(attemptId);
    if (known !== undefined && this.isHeld(attemptId)) {
      // It was taken up again for a late fill: what it left is held already, and is more or less now.
      runtime.send(known, { type: 'holding.changed', held: legs, dustE6, reason: 'a late fill' } as PositionEvent);
      return;
    }
    // What it comes to in the end says it all again.
    this.#uncount(attemptId);
    const input = {
      positionId: attemptId,
      watchId: plan.watchId,
      label: plan.label,
      legs,
      promisedE4: plan.promisedE4,
      patience: parts.profile.position,
      exits: [],
      sales: this.#closed.get(attemptId) ?? [],
      dustE6,
    };
    this.#closed.delete(attemptId);
    this.#holders.set(attemptId, runtime.start(this.#position, { id: `position/${attemptId}`, input }));
  }

  /** A person wishes a leg closed before its market is. What was asked for is on record either way. */
  close({ positionId, leg, by, reason }: ClosingRequest): ClosingAnswer {
    const parameters = { positionId, leg, reason };
    const cause = this.#given.journal.append({ kind: 'command', by, command: 'closeLeg', parameters });
    const holder = this.actorOf(positionId);
    const context = holder?.getSnapshot().context;
    const held = context?.legs.find((each) => each.leg === leg);
    if (holder === undefined || context === undefined || held === undefined)
      return { kind: 'refused', reason: `leg ${leg} of position ${positionId} is not held` };
    if (!mayClose(context, leg)) return { kind: 'refused', reason: whyNot(context, held) };
    const { venue, instrument } = held;
    const plan: ExitPlan = { positionId, leg, venue, instrument, orders: undefined, ...BY_HAND };
    this.#given.runtime.send(holder, { type: 'closing.requested', plan, by, reason } as PositionEvent, cause);
    return { kind: 'asked' };
  }

  #onPosition(report: PositionReport): void {
    const { parts } = this.#given;
    this.#count(report);
    if (report.standing === 'closed') this.#close(report);
    else this.#positions.set(report.positionId, report);
    parts.listeners.onPosition?.(report);
  }

  #close({ positionId, sales }: PositionReport): void {
    this.#positions.delete(positionId);
    this.#holders.delete(positionId);
    this.#closed.set(positionId, sales);
    const [oldest] = this.#closed.keys();
    if (this.#closed.size <= CLOSED_MAX || oldest === undefined) return;
    this.#closed.delete(oldest);
    this.#counted.delete(oldest);
  }

  /** What a basket came to counts once, and no more while a venue has taken some of it back. */
  #count(report: PositionReport): void {
    const { positionId, standing } = report;
    if (standing === 'reversed') this.#uncount(positionId);
    if (standing !== 'settled' && standing !== 'closed') return;
    const profit = profitOf(report);
    if (this.#counted.get(positionId) === profit) return;
    this.#uncount(positionId);
    this.#counted.set(positionId, profit);
    this.#given.onRealised(profit);
  }

  #uncount(positionId: string): void {
    const counted = this.#counted.get(positionId);
    if (counted === undefined) return;
    this.#counted.delete(positionId);
    this.#given.onTakenBack(counted);
  }

  #moment() {
    const { clock } = this.#given.parts;
    return { nowMs: clock.nowMs(), wall: clock.wall() };
  }

  #makePositionDesk(): PositionDesk {
    const { parts, ledger, journal, exposures, registry, breaker } = this.#given;
    const venues = Object.values(parts.seats).map(({ venue }) => venue);
    return new PositionDesk({
      clock: parts.clock,
      watch: new SettlementWatch(venues, parts.clock.wall(), ledger),
      books: new SettlementBooks(ledger, journal),
      exposures,
      exitOrdersOf: (exit) => exitOrdersIn(registry, exit),
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
        return listing && { minSizeE6: listing.minSizeE6, grid: listing.grid, settlesAt: listing.expectedResolutionAt };
      },
      heldE6Min: (instrument, reportedClosesE6) => exposures.spanOf(instrument).leastE6 + reportedClosesE6,
      whenIdle: (run) => runtime.step(() => runtime.whenIdle(run)),
      reportLegs: (attemptId, reports) => exposures.report(attemptId, reports, this.#moment()),
      // From now on what it sold is missing in the attempt that bought it.
      onEnded: (attemptId) => exposures.release(attemptId, [], this.#moment()),
      reportTrigger: breaker.report,
    });
  }
}

function whyNot({ broken }: PositionContext, { leg, venueKey, sizeE6: size }: BasketLeg): string {
  if (size === 0) return `nothing is left of leg ${leg} at ${venueKey}`;
  if (broken.some((each) => each.leg === leg)) return `an order of the last exit of leg ${leg} may still sell`;
  return `the result of ${venueKey} is known`;
}

/** Of a basket that is over: what was paid for it and what exits sold of it, less what it cost. */
function profitOf({ paidMicroUsd, soldMicroUsd, costMicroUsd }: PositionReport): MicroUsd {
  return microUsd(paidMicroUsd + soldMicroUsd - costMicroUsd);
}
