/** Worked cases of limits and of the trading day. */
import { formatDecimal, sizeFromText, usdFromText } from '../../../src/domain/decimal.ts';
import { isImbalanced, isWithinExposure, unhedgedCost } from '../../../src/domain/limits/exposure.ts';
import { reconnectDelay } from '../../../src/domain/limits/reconnect.ts';
import { rollOver, tradingDate, tripsDailyLoss } from '../../../src/domain/limits/trading-day.ts';
import { micros, millis, sizeE6 } from '../../../src/domain/units.ts';
import type { VectorKind } from '../vector-file.ts';

type Text = string | number;

export const limitKinds: Readonly<Record<string, VectorKind>> = {
  trading_date: (input: { readonly timestamp: string }) => ({
    trading_date: tradingDate(micros(Date.parse(input.timestamp) * 1_000)),
  }),

  daily_loss_limit: (input: { readonly daily_pnl: Text; readonly limit: Text }) => ({
    breaker_open: tripsDailyLoss({ pnlMicroUsd: usd(input.daily_pnl), limitMicroUsd: usd(input.limit) }),
  }),

  rollover_on_load: (input: {
    readonly state_trading_date: string;
    readonly today: string;
    readonly daily_pnl: Text;
    readonly breaker_paused: boolean;
  }) => {
    const stored = {
      date: input.state_trading_date,
      pnlMicroUsd: usd(input.daily_pnl),
      trades: 0,
      volumeE6: sizeE6(0),
      isPaused: input.breaker_paused,
    };
    const today = rollOver(stored, input.today);
    return { daily_pnl: formatDecimal(today.pnlMicroUsd, 6), breaker_paused: today.isPaused };
  },

  ws_backoff: (input: {
    readonly attempt: number;
    readonly initial_ms: number;
    readonly multiplier: number;
    readonly max_ms: number;
  }) => ({
    delay_ms: reconnectDelay(input.attempt, {
      initialMs: millis(input.initial_ms),
      multiplier: input.multiplier,
      delayMsMax: millis(input.max_ms),
      failuresMax: Number.MAX_SAFE_INTEGER,
    }),
  }),

  exposure: (input: {
    readonly open_cost_all_legs: Text;
    readonly new_cost_both_legs_incl_fees: Text;
    readonly limit: Text;
  }) => ({
    allowed: isWithinExposure({
      openMicroUsd: usd(input.open_cost_all_legs),
      addedMicroUsd: usd(input.new_cost_both_legs_incl_fees),
      limitMicroUsd: usd(input.limit),
    }),
  }),

  imbalance: (input: {
    readonly contracts_leg_a: Text;
    readonly contracts_leg_b: Text;
    readonly avg_cost_of_excess: Text;
    readonly limit_usd: Text;
  }) => {
    const unhedged = unhedgedCost({
      sizeAE6: sizeFromText(String(input.contracts_leg_a)),
      sizeBE6: sizeFromText(String(input.contracts_leg_b)),
      averageCostMicroUsd: usd(input.avg_cost_of_excess),
    });
    return {
      unhedged_usd: formatDecimal(unhedged, 6),
      over_limit: isImbalanced(unhedged, usd(input.limit_usd)),
    };
  },
};

function usd(value: Text) {
  return usdFromText(String(value));
}
