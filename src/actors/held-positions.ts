/** What baskets are held, from the attempt that bought them until nobody can take their payout back. */
import type { Actor, AnyStateMachine } from 'xstate';
import type { Book } from '../domain/book/book.ts';
import type { AttemptPlan } from '../domain/execution/attempt-plan.ts';
import type { BasketLeg } from '../domain/execution/held-basket.ts';
import { holdingsOf } from '../domain/execution/holdings.ts';
import type { LegReport } from '../domain/execution/leg.ts';
import type { BookId, Instrument, Outcome } from '../domain/instrument.ts';
import type { Ledger } from '../domain/ledger/ledger.ts';
import type { Journal } from '../domain/ports/journal.ts';
import type { MarketDataEvent } from '../domain/ports/market-data.ts';
import type { ExposureBook } from '../domain/risk/exposure-book.ts';
import { addUsd, type MicroUsd, microUsd, millis, type SizeE6, sizeE6 } from '../domain/units.ts';
import type { PositionEvent } from '../machines/position.events.ts';
import type { positionMachine } from '../machines/position.machine.ts';
import type { PositionReport } from '../machines/position-facts.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { Breaker } from './breaker.actor.ts';
import { bindExit } from './exit.actor.ts';
import { ExitDesk } from './exit-desk.ts';
import type { ListedInstruments } from './listed-instruments.ts';
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

export class HeldPositions {
  readonly #given: HeldPositionsParts;
  readonly #positionDesk: PositionDesk;
  readonly #exitDesk: ExitDesk;
  readonly #holders = new Map<string, Actor<typeof positionMachine>>();
  readonly #positions = new Map<string, PositionReport>();
  /** What settled positions came to, as the day has it. */
  readonly #counted = new Map<string, MicroUsd>();
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
    return this.#holders.get(attemptId)?.getSnapshot().status === 'active';
  }

  bind(orderLeg: AnyStateMachine): void {
    const { runtime } = this.#given;
    this.#position = bindPosition(runtime, this.#positionDesk, bindExit(runtime, this.#exitDesk, orderLeg));
  }

  onMarketData(event: MarketDataEvent): void {
    if (event.kind === 'listing.changed') this.#positionDesk.onMarketData(event);
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
    const known = this.#holders.get(attemptId);
    if (known?.getSnapshot().status === 'active') {
      // It was taken up again for a late fill: what it left is held already, and is more or less now.
      runtime.send(known, { type: 'holding.changed', held: legs, dustE6, reason: 'a late fill' } as PositionEvent);
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
      this.#given.onRealised(profit);
    } else if (standing === 'reversed' && counted !== undefined) {
      this.#counted.delete(positionId);
      this.#given.onTakenBack(counted);
    } else if (standing === 'closed') this.#counted.delete(positionId);
  }

  #moment() {
    const { clock } = this.#given.parts;
    return { nowMs: clock.nowMs(), wall: clock.wall() };
  }

  #makePositionDesk(): PositionDesk {
    const { parts, ledger, journal, exposures, breaker } = this.#given;
    const venues = Object.values(parts.seats).map(({ venue }) => venue);
    return new PositionDesk({
      clock: parts.clock,
      watch: new SettlementWatch(venues, parts.clock.wall(), ledger),
      books: new SettlementBooks(ledger, journal),
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
