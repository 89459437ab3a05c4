/** When a held leg is closed and with what order (docs/rules.md §13.5). Never by more than is certainly held. */
import type { Instrument, TickGrid, VenueName } from '../instrument.ts';
import type { TimeInForce } from '../ports/venue.ts';
import { atOrAbove } from '../quoting/grid-price.ts';
import type { ExitOrders, ExitTrigger } from '../sports/exits.ts';
import { type Millis, microUsd, type PriceE4, type SizeE6, sizeE6 } from '../units.ts';
import { confirmedE6, type LegOrder, type LegReport } from './leg.ts';

export interface ExitPlan {
  readonly positionId: string;
  /** Which leg of the basket it closes. */
  readonly leg: number;
  readonly venue: VenueName;
  readonly instrument: Instrument;
  /** `undefined` when it is closed by hand only. */
  readonly orders: ExitOrders | undefined;
  /** `resting`: the take profit waits in the book from the start. `taking`: nothing is sent before the bid is there. */
  readonly style: 'taking' | 'resting';
  /** How far below the best bid a stop may sell, in ten-thousandths of a dollar. */
  readonly slippageE4Max: number;
  /** Orders of one trigger before somebody has to look. */
  readonly ordersMax: number;
  /** Between an order that left a rest and the next one. */
  readonly retryMs: Millis;
}

/** An exit stands in the exposure book, and its orders in the registry, under a name of its own. */
export function exitAttemptId({ positionId, leg }: Pick<ExitPlan, 'positionId' | 'leg'>): string {
  return `exit/${positionId}/${leg}`;
}

const ZERO = microUsd(0);
/** Sizes of both venues' orders are whole hundredths of a contract. */
const LOT_E6 = 10_000;

/**
 * What may be sold now so that no close can ever open the opposite position: at most what is certainly held, less
 * whatever our other resting closes may still sell (docs/invariants.md S18). Whole lots, rounded down.
 */
export function closableE6(given: {
  readonly wantedE6: number;
  /** The least that we may hold, whatever is still unknown. */
  readonly heldE6Min: number;
  /** Resting or unresolved sales of the same instrument, whoever placed them. */
  readonly openClosesE6: number;
}): SizeE6 {
  const free = Math.min(given.wantedE6, given.heldE6Min - given.openClosesE6);
  return sizeE6(free <= 0 ? 0 : free - (free % LOT_E6));
}

/** What is left to close: neither sold, nor possibly sold by an order whose end is not known. */
export function leftToCloseE6(sizeWantedE6: number, reports: readonly LegReport[]): number {
  return sizeWantedE6 - reports.reduce((sum, report) => sum + confirmedE6(report) + report.openE6, 0);
}

/** What nothing reverses any more. */
export function soldE6(reports: readonly LegReport[]): number {
  return reports.reduce((sum, { finalE6 }) => sum + finalE6, 0);
}

export interface CloseTerms {
  readonly sizeE6: SizeE6;
  readonly limitE4: PriceE4;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
}

export type CloseDecision =
  | { readonly kind: 'close'; readonly terms: CloseTerms }
  /** nothing that could be sold: what was to be closed is gone, or is promised to other orders */
  | { readonly kind: 'nothing' }
  /** less than the venue takes in one order */
  | { readonly kind: 'dust' }
  /** no price to sell at now */
  | { readonly kind: 'noBid' }
  /** the bid that triggered is gone, and a take profit does not sell below itself */
  | { readonly kind: 'priceGone' };

export interface CloseSituation {
  readonly trigger: ExitTrigger;
  readonly sizeE6: SizeE6;
  readonly minSizeE6: SizeE6;
  readonly bidE4: PriceE4 | undefined;
  /** In the terms of the outcome that is sold. */
  readonly grid: TickGrid;
}

/** The order that closes: a take profit at its own price or better, everything else down to the slippage limit. */
export function decideClose(plan: ExitPlan, situation: CloseSituation): CloseDecision {
  const { trigger, sizeE6: size, minSizeE6, bidE4, grid } = situation;
  if (size <= 0) return { kind: 'nothing' };
  if (size < minSizeE6) return { kind: 'dust' };
  const takeProfitE4 = trigger === 'takeProfit' ? plan.orders?.takeProfitE4 : undefined;
  if (takeProfitE4 !== undefined && plan.style === 'resting') {
    const limitE4 = atOrAbove(grid, takeProfitE4);
    if (limitE4 === undefined) return { kind: 'priceGone' };
    // It may cross: a bid at or above the take profit is what it waits for.
    return { kind: 'close', terms: { sizeE6: size, limitE4, timeInForce: 'goodTillCanceled', postOnly: false } };
  }
  if (bidE4 === undefined) return { kind: 'noBid' };
  if (takeProfitE4 !== undefined && bidE4 < takeProfitE4) return { kind: 'priceGone' };
  const limitE4 = atOrAbove(grid, Math.max(takeProfitE4 ?? 0, bidE4 - plan.slippageE4Max, 1));
  if (limitE4 === undefined || limitE4 > bidE4) return { kind: 'noBid' };
  return { kind: 'close', terms: { sizeE6: size, limitE4, timeInForce: 'immediateOrCancel', postOnly: false } };
}

/** A leg that was planned and of which nothing was heard: all of it may still fill. */
export function plannedReport(order: LegOrder): LegReport {
  return {
    order,
    standing: 'planned',
    end: undefined,
    refusal: undefined,
    finalE6: sizeE6(0),
    provisionalE6: sizeE6(0),
    openE6: order.sizeE6,
    cashMicroUsd: ZERO,
    isAccounted: false,
  };
}
