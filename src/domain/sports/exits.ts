/**
 * Where a sportsbook position is closed (docs/rules.md §13.5): design S's levels by edge and liquidity, what
 * each would leave after both fees, and what triggers an exit.
 */
import { type Fraction, fraction, subtract } from '../fraction.ts';
import {
  CENT,
  contracts,
  type MicroUsd,
  type Millis,
  PRICE_ONE,
  type PriceE4,
  priceE4,
  type SizeE6,
} from '../units.ts';
import type { FeePerContract } from './profiles.ts';

export type Liquidity = 'HIGH' | 'MEDIUM' | 'LOW';

const BUSY_ABOVE = contracts(10_000);
const QUIET_BELOW = contracts(2_000);

/** By volume, in contracts: HIGH above 10,000, LOW below 2,000. */
export function liquidityOf(volume: SizeE6): Liquidity {
  if (volume > BUSY_ABOVE) return 'HIGH';
  return volume < QUIET_BELOW ? 'LOW' : 'MEDIUM';
}

interface ExitRow {
  readonly edgeCents: number;
  readonly takeProfitCents: number;
  readonly stopLossCents: number;
}

/** Design S, largest edge first: the first row whose edge is reached applies. */
const EXIT_TABLE: readonly ExitRow[] = [
  { edgeCents: 6, takeProfitCents: 7, stopLossCents: 4 },
  { edgeCents: 5, takeProfitCents: 6, stopLossCents: 4 },
  { edgeCents: 3, takeProfitCents: 5, stopLossCents: 3 },
  { edgeCents: 2, takeProfitCents: 4, stopLossCents: 3 },
  { edgeCents: 1, takeProfitCents: 3, stopLossCents: 2 },
];

/** In tenths: a busy market is left early and given room, a quiet one the other way round. */
const FACTOR_TENTHS: Readonly<Record<Liquidity, { readonly takeProfit: number; readonly stopLoss: number }>> = {
  HIGH: { takeProfit: 8, stopLoss: 12 },
  MEDIUM: { takeProfit: 10, stopLoss: 10 },
  LOW: { takeProfit: 15, stopLoss: 8 },
};

const PRICE_CENT = 100;
const PRICE_CENT_TENTH = 10;
const [LOWEST, HIGHEST] = [PRICE_CENT, PRICE_ONE - PRICE_CENT];

export interface ExitLevels {
  readonly takeProfitE4: PriceE4;
  readonly stopLossE4: PriceE4;
  /** Before rounding and clamping, in ten-thousandths; may lie outside 0..10,000. */
  readonly takeProfitE4Raw: number;
  readonly stopLossE4Raw: number;
}

export interface ExitCase {
  readonly entryE4: PriceE4;
  /** Per contract, at entry. */
  readonly edge: MicroUsd;
  readonly liquidity: Liquidity;
}

/** The exit levels of a position, or `undefined` for an edge below one cent, which the table does not know. */
export function exitLevels(position: ExitCase): ExitLevels | undefined {
  const row = EXIT_TABLE.find(({ edgeCents }) => position.edge >= edgeCents * CENT);
  if (row === undefined) return undefined;
  const factor = FACTOR_TENTHS[position.liquidity];
  const takeProfitE4Raw = position.entryE4 + row.takeProfitCents * factor.takeProfit * PRICE_CENT_TENTH;
  const stopLossE4Raw = position.entryE4 - row.stopLossCents * factor.stopLoss * PRICE_CENT_TENTH;
  return {
    takeProfitE4: toTradableCent(takeProfitE4Raw),
    stopLossE4: toTradableCent(stopLossE4Raw),
    takeProfitE4Raw,
    stopLossE4Raw,
  };
}

/** Half a cent goes up; the result is clamped to 1..99 cents, where a venue takes orders. */
function toTradableCent(rawE4: number): PriceE4 {
  const cent = Math.floor((rawE4 + PRICE_CENT / 2) / PRICE_CENT) * PRICE_CENT;
  return priceE4(Math.min(HIGHEST, Math.max(LOWEST, cent)));
}

/** Dollars per contract left after buying at entry and selling at exit, both fees paid. */
export function netOfExit(
  trade: { readonly entryE4: PriceE4; readonly exitE4: PriceE4 },
  fee: FeePerContract,
): Fraction {
  const gross = fraction(trade.exitE4 - trade.entryE4, PRICE_ONE);
  return subtract(subtract(gross, fee(trade.entryE4)), fee(trade.exitE4));
}

export type ExitTrigger = 'manual' | 'stopLoss' | 'takeProfit' | 'beforeSettlement';

export interface ExitSituation {
  /** The price that a sale would get; `undefined` when nobody bids. */
  readonly bidE4: PriceE4 | undefined;
  readonly untilSettlementMs: Millis;
  readonly isRequested: boolean;
}

export interface ExitOrders {
  readonly takeProfitE4: PriceE4;
  readonly stopLossE4: PriceE4;
  /** The position is closed when settlement is this near. */
  readonly untilSettlementMsMin: Millis;
}

/** Why a position is to be closed now, a person's wish and the stop first; `undefined` while it may stay. */
export function exitTrigger(situation: ExitSituation, orders: ExitOrders): ExitTrigger | undefined {
  const { bidE4, untilSettlementMs, isRequested } = situation;
  if (isRequested) return 'manual';
  if (bidE4 !== undefined && bidE4 <= orders.stopLossE4) return 'stopLoss';
  if (bidE4 !== undefined && bidE4 >= orders.takeProfitE4) return 'takeProfit';
  return untilSettlementMs <= orders.untilSettlementMsMin ? 'beforeSettlement' : undefined;
}
