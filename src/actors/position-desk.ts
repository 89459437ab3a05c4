/** What a position asks for, done: venues are read, payouts booked, and whoever watches is told. */
import type { BasketLeg } from '../domain/execution/held-basket.ts';
import type { ReportTrigger } from '../domain/limits/trigger.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { MarketDataEvent } from '../domain/ports/market-data.ts';
import type { Exposures } from '../domain/risk/reservation.ts';
import type { PlacedLeg } from '../machines/child-leg.ts';
import type { PositionEvent } from '../machines/position.events.ts';
import type { positionEffects } from '../machines/position.setup.ts';
import type { PaymentToBook, PayoutToReverse, PositionExposure, PositionReport } from '../machines/position-facts.ts';
import type { ActorHandle, EffectHandlers } from './actor-runtime.ts';
import type { SettlementBooks } from './settlement-books.ts';
import type { SettlementWatch } from './settlement-watch.ts';

export interface PositionDeskParts {
  readonly clock: Pick<Clock, 'wall'>;
  readonly watch: Pick<SettlementWatch, 'check'>;
  readonly books: Pick<SettlementBooks, 'settle' | 'reverse'>;
  /** Of the exposure book: what is held of this book is cash from now on, or is held again. */
  readonly exposures: Pick<Exposures, 'settle' | 'unsettle'>;
  /** What is known of the orders of an exit, those included that were about to leave. */
  readonly exitOrdersOf: (exit: { readonly positionId: string; readonly leg: number }) => readonly PlacedLeg[];
  readonly reportTrigger: ReportTrigger;
  /** For views: where a position stands, what of it is locked, due and paid. */
  readonly onReport: (report: PositionReport) => void;
  readonly onExposure: (exposure: PositionExposure) => void;
  /** Money that should be here: somebody looks, or redeems. */
  readonly onOverdue: (report: PositionReport) => void;
}

/** One look of one position; a wish for another while it is under way is remembered, once. */
interface Look {
  readonly actor: ActorHandle;
  legs: readonly BasketLeg[];
  isRunning: boolean;
  isWanted: boolean;
}

export class PositionDesk {
  readonly #parts: PositionDeskParts;
  readonly #looks = new Map<string, Look>();

  constructor(parts: PositionDeskParts) {
    this.#parts = parts;
  }

  handlers(): EffectHandlers<typeof positionEffects> {
    const { exitOrdersOf, reportTrigger, onReport, onExposure, onOverdue, exposures } = this.#parts;
    return {
      requestSettlementCheck: (actor, { legs }) => this.#look(actor, legs),
      recordSettlement: (actor, payment) => this.#record(actor, payment),
      reverseSettlement: (actor, payout) => this.#reverse(actor, payout),
      reportExposure: (_, exposure) => onExposure(exposure),
      releaseExposure: (_, { books }) => {
        for (const book of books) exposures.settle(book);
      },
      restoreExposure: (_, { books }) => {
        for (const book of books) exposures.unsettle(book);
      },
      requestExitOrders: (actor, exit) =>
        tell(actor, { type: 'exit.ordersFound', leg: exit.leg, placed: exitOrdersOf(exit) }),
      reportTrigger: (_, trigger) => reportTrigger(trigger),
      reportPosition: (actor, report) => {
        if (report.standing === 'closed') this.#looks.delete(actor.path);
        onReport(report);
      },
      reportOverdue: (_, report) => onOverdue(report),
    };
  }

  /** Market data of any venue: news of a market that somebody holds is a reason to look. */
  onMarketData(event: MarketDataEvent): void {
    if (event.kind !== 'listing.changed') return;
    const { venue, venueKey, change } = event;
    for (const { actor, legs } of [...this.#looks.values()]) {
      if (legs.some((leg) => leg.venue === venue && leg.venueKey === venueKey))
        tell(actor, { type: 'market.changed', venueKey, change });
    }
  }

  #look(actor: ActorHandle, legs: readonly BasketLeg[]): void {
    const known = this.#looks.get(actor.path);
    if (known?.isRunning === true) {
      known.legs = legs;
      known.isWanted = true;
      return;
    }
    const look: Look = { actor, legs, isRunning: true, isWanted: false };
    this.#looks.set(actor.path, look);
    void this.#run(look);
  }

  async #run(look: Look): Promise<void> {
    const { actor } = look;
    do {
      look.isWanted = false;
      const check = await this.#parts.watch
        .check(look.legs)
        .catch((error: unknown) => ({ kind: 'failed' as const, detail: String(error) }));
      if (check.kind === 'checked') tell(actor, { type: 'settlement.checked', evidence: check.evidence });
      else tell(actor, { type: 'settlementCheck.failed', detail: check.detail });
    } while (look.isWanted);
    look.isRunning = false;
  }

  #record(actor: ActorHandle, { leg, payment, revisions }: PaymentToBook): void {
    const booking = this.#parts.books.settle({ leg, payment, revisions });
    if (booking.kind === 'refused') {
      tell(actor, { type: 'settlement.refused', leg: leg.leg, detail: booking.detail });
      return;
    }
    const { cashMicroUsd } = booking;
    if (payment.paidMicroUsd !== undefined && cashMicroUsd !== undefined && cashMicroUsd !== payment.paidMicroUsd) {
      this.#parts.reportTrigger({
        kind: 'LEDGER_DIFFERS',
        venue: leg.venue,
        detail: `${leg.venueKey} should have paid ${cashMicroUsd} micro-dollars, found ${payment.paidMicroUsd}`,
      });
    }
    tell(actor, { type: 'settlement.recorded', leg: leg.leg, payment });
  }

  #reverse(actor: ActorHandle, { leg, booked, revisions }: PayoutToReverse): void {
    const booking = this.#parts.books.reverse({ leg, payment: booked, revisions }, this.#parts.clock.wall());
    if (booking.kind === 'refused') tell(actor, { type: 'settlement.refused', leg: leg.leg, detail: booking.detail });
    else tell(actor, { type: 'settlement.reversed', leg: leg.leg });
  }
}

function tell(actor: ActorHandle, event: PositionEvent): void {
  actor.send(event);
}
