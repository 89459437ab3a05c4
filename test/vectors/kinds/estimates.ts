/** Worked cases of the race, return, Kelly and calibration rules (docs/rules.md §9 to §12). */
import { betaPosterior, halfLifeOfMaximumLikelihood, monotoneRates } from '../../../src/domain/calibration.ts';
import { formatDecimal, requireDecimal } from '../../../src/domain/decimal.ts';
import { toFloat } from '../../../src/domain/fraction.ts';
import {
  appliedFraction,
  binaryKelly,
  boxKelly,
  DRAWDOWN_SEED,
  drawdown,
  nextStance,
} from '../../../src/domain/kelly.ts';
import { predictionScores } from '../../../src/domain/prediction-scores.ts';
import {
  executableSize,
  makerHedgeValue,
  pQueue,
  pWin,
  RACE_SEED,
  type RaceParameters,
  takerTakerValue,
} from '../../../src/domain/race.ts';
import {
  arocCompound,
  arocSimple,
  flooredLockUp,
  hurdle,
  opportunityScore,
  roi,
  SCORE_SCALE,
  withInventoryBonus,
} from '../../../src/domain/return.ts';
import { CONTRACT, divideExact, toSafeNumber } from '../../../src/domain/units.ts';
import type { VectorKind } from '../vector-file.ts';
import { asRatio, type Given, givenMillis, givenPrice, givenRate, givenSize, givenUsd } from './given.ts';

export const estimateKinds: Readonly<Record<string, VectorKind>> = {
  p_win: (input: RaceInput) => ({
    p_win: pWin(givenMillis(input.age_ms), raceParameters(input)).probability,
  }),

  executable_size: (input: RaceInput & { displayed: Given; level: number; p_queue_table: Given[] }) => {
    const parameters = raceParameters(input);
    const situation = { ageMs: givenMillis(input.age_ms), lotE6: CONTRACT };
    const displayed = { sizeE6: givenSize(input.displayed), level: input.level };
    return {
      executable: formatDecimal(executableSize(displayed, situation, parameters), 6),
      p_win: asRatio(pWin(situation.ageMs, parameters).probability),
      p_queue: formatDecimal(pQueue(input.level, parameters.queueTable), 6),
    };
  },

  taker_taker_ev: (input: TakerTakerCase) => {
    const value = takerTakerValue({
      fillA: givenRate(input.p_fill_a),
      fillB: givenRate(input.p_fill_b),
      profit: givenUsd(input.profit_if_both),
      unwindA: givenUsd(input.unwind_cost_if_only_a),
      unwindB: givenUsd(input.unwind_cost_if_only_b),
    });
    return { p_both: value.bothFill, p_one_leg: value.oneFills, ev: value.exact, attempt: value.shouldAttempt };
  },

  maker_hedge_ev: (input: MakerHedgeCase) => {
    const value = makerHedgeValue({
      makerFill: givenRate(input.p_maker_fill),
      hedgeGivenFill: givenRate(input.p_hedge_given_fill),
      profit: givenUsd(input.profit),
      unwind: givenUsd(input.unwind_cost),
      adverse: givenUsd(input.adverse_selection_cost),
    });
    return { ev: value.exact, attempt: value.shouldAttempt };
  },

  aroc: (input: ArocCase) => {
    const investment = { capital: givenUsd(input.capital), profit: givenUsd(input.profit) };
    const held = flooredLockUp({ daysE6: givenRate(input.days_to_cash), daysE6Min: givenRate(input.min_days) });
    const { cost, profitAfter, isCleared } = hurdle(investment, held, givenRate(input.hurdle_rate));
    return {
      roi: roi(investment),
      aroc_simple: arocSimple(investment, held),
      aroc_compound: arocCompound(investment, held),
      hurdle_cost: cost,
      profit_after_hurdle: profitAfter,
      clears_hurdle: isCleared,
    };
  },

  opportunity_score: (input: { roi: Given; confidence: Given; liquidity_contracts: Given }) => {
    const score = opportunityScore({
      roi: Number(input.roi),
      confidence: Number(input.confidence),
      liquidityE6: givenSize(input.liquidity_contracts),
    });
    return score.kind === 'scored' ? { score: score.scoreE12 / SCORE_SCALE } : { error: score.reason, score: null };
  },

  inventory_bonus: (input: InventoryBonusCase) => {
    // Decimal text is read to 8 places, of which a score has 12.
    const scoreE12 = requireDecimal(String(input.base_score), 8) * 10_000;
    const score = withInventoryBonus({
      scoreE12,
      direction: input.direction,
      preferredDirection: input.preferred_direction,
      needsRebalancing: input.needs_rebalancing,
    });
    return { score: formatDecimal(score, 12) };
  },

  binary_kelly: (input: BinaryKellyCase) => {
    const reading =
      input.nav === null || input.peak_nav === null
        ? undefined
        : { nav: givenUsd(input.nav), peak: givenUsd(input.peak_nav) };
    const stance = reading === undefined ? 'full' : nextStance('full', reading, DRAWDOWN_SEED);
    const fraction = appliedFraction(givenRate(input.kelly_fraction), stance, DRAWDOWN_SEED);
    const kelly = binaryKelly(
      {
        probability: givenRate(input.p),
        priceE4: givenPrice(input.price),
        entryFee: givenUsd(input.entry_fee),
        settlementFee: givenUsd(input.settlement_fee),
      },
      { bankroll: givenUsd(input.bankroll), fraction },
    );
    return {
      net_cost: formatDecimal(kelly.netCost, 6),
      net_payout: formatDecimal(kelly.netPayout, 6),
      b: kelly.netOdds,
      full_kelly: kelly.fullKelly,
      applied_fraction: formatDecimal(fraction, 6),
      stake_usd: kelly.stake,
      contracts: toSafeNumber(divideExact(BigInt(kelly.size), BigInt(CONTRACT), 'floor')),
      edge_per_contract: kelly.edge,
      drawdown: reading === undefined ? 0 : toFloat(drawdown(reading)),
    };
  },

  arbitrage_kelly_with_mismatch: (input: BoxKellyCase) => {
    const kelly = boxKelly(
      { edge: givenUsd(input.net_edge_per_pair), adverseMismatch: givenRate(input.p_adverse_mismatch) },
      { bankroll: givenUsd(input.bankroll), fraction: givenRate(input.kelly_fraction) },
    );
    return { net_odds: kelly.netOdds, full_kelly: kelly.fullKelly, stake_usd: kelly.stake };
  },

  beta_binomial: (input: { prior_a: Given; prior_b: Given; filled: number; attempts: number }) => ({
    ...betaPosterior({ a: Number(input.prior_a), b: Number(input.prior_b) }, input),
  }),

  isotonic_non_increasing: (input: { filled: number[]; attempts: number[] }) => ({
    rates: monotoneRates(input.attempts.map((attempts, at) => ({ attempts, filled: input.filled[at] ?? Number.NaN }))),
  }),

  scores: (input: { predictions: Given[]; outcomes: number[]; bins: number }) => {
    const scores = predictionScores(
      input.predictions.map((given, at) => ({ probability: Number(given), happened: input.outcomes[at] === 1 })),
      input.bins,
    );
    return {
      brier: scores.brier,
      log_loss: scores.logLoss,
      ece: scores.ece,
      brier_skill_vs_base_rate: scores.skillOverBaseRate ?? null,
      bin_counts: Object.fromEntries(scores.bins.map((bin) => [String(bin.index), bin.count])),
    };
  },

  half_life_mle: (input: { buckets: { age_ms: Given; filled: number; attempts: number }[] }) => ({
    half_life_ms:
      halfLifeOfMaximumLikelihood(
        input.buckets.map(({ age_ms, filled, attempts }) => ({ ageMs: Number(age_ms), filled, attempts })),
      ) ?? null,
  }),
};

interface RaceInput {
  readonly age_ms: Given;
  readonly half_life_ms: Given;
  readonly min_probability: Given;
  readonly p_queue_table?: readonly Given[];
}

function raceParameters(input: RaceInput): RaceParameters {
  return {
    halfLifeMs: givenMillis(input.half_life_ms),
    winFloor: givenRate(input.min_probability),
    queueTable: input.p_queue_table?.map(givenRate) ?? RACE_SEED.queueTable,
  };
}

interface TakerTakerCase {
  readonly p_fill_a: Given;
  readonly p_fill_b: Given;
  readonly profit_if_both: Given;
  readonly unwind_cost_if_only_a: Given;
  readonly unwind_cost_if_only_b: Given;
}

interface MakerHedgeCase {
  readonly p_maker_fill: Given;
  readonly p_hedge_given_fill: Given;
  readonly profit: Given;
  readonly unwind_cost: Given;
  readonly adverse_selection_cost: Given;
}

interface ArocCase {
  readonly capital: Given;
  readonly profit: Given;
  readonly days_to_cash: Given;
  readonly min_days: Given;
  readonly hurdle_rate: Given;
}

interface InventoryBonusCase {
  readonly base_score: Given;
  readonly direction: string;
  readonly preferred_direction: string;
  readonly needs_rebalancing: boolean;
}

interface BinaryKellyCase {
  readonly p: Given;
  readonly price: Given;
  readonly entry_fee: Given;
  readonly settlement_fee: Given;
  readonly kelly_fraction: Given;
  readonly bankroll: Given;
  readonly nav: Given | null;
  readonly peak_nav: Given | null;
}

interface BoxKellyCase {
  readonly net_edge_per_pair: Given;
  readonly p_adverse_mismatch: Given;
  readonly kelly_fraction: Given;
  readonly bankroll: Given;
}
