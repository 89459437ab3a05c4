/** Worked cases of fees: decimal text to whole numbers, the domain's rule, and back. */
import {
  formatDecimal,
  priceFromText,
  rateFromText,
  requireDecimal,
  sizeFromText,
  usdFromText,
} from '../../../src/domain/decimal.ts';
import { legacyPerContract } from '../../../src/domain/fees/fee-models.ts';
import type { KalshiAccountTerms, PolymarketFees, Role } from '../../../src/domain/fees/fee-schedule.ts';
import { type BillableFill, billOrder, tradeFeeAtRate } from '../../../src/domain/fees/kalshi-billing.ts';
import {
  KALSHI_ORDINARY_ACCOUNT,
  type KalshiFeeFields,
  kalshiOrderFee,
  kalshiRawFee,
  resolveKalshiFees,
} from '../../../src/domain/fees/kalshi-fee.ts';
import {
  builderFee,
  estimateMakerRebate,
  feeInShares,
  polymarketCash,
  rateFromBasisPoints,
} from '../../../src/domain/fees/polymarket-fee.ts';
import { usLegacyCharge, usMakerRebate, usTakerFee } from '../../../src/domain/fees/polymarket-us-fee.ts';
import type { Fraction } from '../../../src/domain/fraction.ts';
import type { VenueName } from '../../../src/domain/instrument.ts';
import type { Level } from '../../../src/domain/ports/market-data.ts';
import { type MicroUsd, rateE6 } from '../../../src/domain/units.ts';
import { type Ratio, ratio, type VectorKind } from '../vector-file.ts';

type Text = string | number;

interface FeeFieldsText {
  readonly fee_type?: string | null;
  readonly fee_multiplier?: Text | null;
}

interface OrderFeeInput extends FeeFieldsText {
  readonly role: Role;
  readonly price?: Text;
  readonly contracts?: Text;
  readonly levels?: readonly {
    readonly price: Text;
    readonly contracts?: Text;
    readonly count?: Text;
    readonly size?: Text;
  }[];
  readonly target_precision?: Text;
  readonly precision?: Text;
}

function orderFee(input: OrderFeeInput) {
  const precision = input.target_precision ?? input.precision;
  const terms =
    precision === undefined ? KALSHI_ORDINARY_ACCOUNT : { ...KALSHI_ORDINARY_ACCOUNT, precision: usd(precision) };
  const series = fieldsOf(input.fee_type, input.fee_multiplier ?? 1);
  const resolved = resolve({ series, terms, atMs: 0 });
  if (resolved.kind === 'refused') return { error: resolved.reason };
  const levels = input.levels?.map((each) => level(each.price, each.contracts ?? each.count ?? each.size)) ?? [
    level(input.price, input.contracts),
  ];
  return {
    fee_usd: text(kalshiOrderFee(resolved.fees, input.role, levels)),
    raw_usd: dollars(kalshiRawFee(resolved.fees, input.role, levels)),
  };
}

interface AccumulatorInput {
  readonly target_precision: Text;
  readonly trade_fee_step?: Text;
  readonly threshold?: 'strict' | 'inclusive';
  readonly rebate_unit?: 'cent' | 'precision';
  readonly fills: readonly {
    readonly side: 'buy' | 'sell';
    readonly price: Text;
    readonly count: Text;
    readonly given_trade_fee?: Text;
    readonly effective_rate?: Text;
  }[];
}

function fillsAccumulator(input: AccumulatorInput) {
  const usual = KALSHI_ORDINARY_ACCOUNT;
  const terms: KalshiAccountTerms = {
    precision: usd(input.target_precision),
    tradeFeeStep: input.trade_fee_step === undefined ? usual.tradeFeeStep : usd(input.trade_fee_step),
    accumulator: {
      ...usual.accumulator,
      threshold: input.threshold ?? usual.accumulator.threshold,
      rebateUnit: input.rebate_unit ?? usual.accumulator.rebateUnit,
    },
  };
  const fills = input.fills.map((fill): BillableFill => {
    const at = level(fill.price, fill.count);
    const tradeFeeMicroUsd =
      fill.given_trade_fee === undefined
        ? tradeFeeAtRate(rate(required(fill.effective_rate, 'effective_rate')), at, terms.tradeFeeStep)
        : usd(fill.given_trade_fee);
    return { ...at, direction: fill.side, tradeFeeMicroUsd };
  });
  const bill = billOrder(terms, fills);
  const inclusive = billOrder({ ...terms, accumulator: { ...terms.accumulator, threshold: 'inclusive' } }, fills);
  return {
    rows: bill.fills.map((row) => ({
      trade_fee: text(row.tradeFeeMicroUsd),
      rounding_fee: text(row.roundingFeeMicroUsd),
      accumulator: text(row.accumulatorMicroUsd),
      rebate: text(row.rebateMicroUsd),
      net_fee: text(row.netFeeMicroUsd),
      balance_change: text(row.alignedMicroUsd),
    })),
    total_net_fee: text(bill.netFeeMicroUsd),
    total_balance_change: text(bill.balanceChangeMicroUsd),
    total_net_fee_if_threshold_inclusive: text(inclusive.netFeeMicroUsd),
  };
}

interface EffectiveInput {
  readonly series: FeeFieldsText;
  readonly changes: readonly (FeeFieldsText & { readonly scheduled_ts: string })[];
  readonly event: { readonly fee_type_override?: string | null; readonly fee_multiplier_override?: Text | null };
  readonly market?: { readonly fee_waiver_expiration_time?: string | null };
  readonly fee_waiver_expiration_time?: string | null;
  readonly at: string;
}

function effectiveFeeParams(input: EffectiveInput) {
  const waiver = input.market?.fee_waiver_expiration_time ?? input.fee_waiver_expiration_time;
  const resolved = resolve({
    series: fieldsOf(input.series.fee_type, input.series.fee_multiplier),
    changes: input.changes.map((change) => ({
      ...fieldsOf(change.fee_type, change.fee_multiplier),
      scheduledAtMs: Date.parse(change.scheduled_ts),
    })),
    event: fieldsOf(input.event.fee_type_override, input.event.fee_multiplier_override),
    waivedUntilMs: waiver ? Date.parse(waiver) : undefined,
    terms: KALSHI_ORDINARY_ACCOUNT,
    atMs: Date.parse(input.at),
  });
  if (resolved.kind === 'refused') return { error: resolved.reason };
  return { fee_type: resolved.fees.feeType, fee_multiplier: text(resolved.fees.multiplierE6) };
}

interface Resolving {
  readonly series: KalshiFeeFields;
  readonly changes?: readonly (KalshiFeeFields & { readonly scheduledAtMs: number })[];
  readonly event?: KalshiFeeFields;
  readonly waivedUntilMs?: number | undefined;
  readonly terms: KalshiAccountTerms;
  readonly atMs: number;
}

function resolve({ series, changes = [], event, waivedUntilMs, terms, atMs }: Resolving) {
  return resolveKalshiFees(
    {
      series,
      seriesChanges: changes,
      event: event ?? fieldsOf(undefined, undefined),
      eventChanges: [],
      waivedUntilMs,
      readAtMs: atMs,
    },
    { atMs, terms, makerMultiplierE6: undefined },
  );
}

function fieldsOf(feeType: string | null | undefined, multiplier: Text | null | undefined): KalshiFeeFields {
  return {
    feeType: feeType ?? undefined,
    multiplierE6: multiplier === null || multiplier === undefined ? undefined : rate(multiplier),
  };
}

interface LegacyInput {
  readonly buy_venue: VenueName;
  readonly sell_venue: VenueName;
  readonly buy_price: Text;
  readonly sell_price: Text;
}

function designCLegacy(input: LegacyInput) {
  const { feeMicroUsd, netMicroUsd } = legacyPerContract({
    buyVenue: input.buy_venue,
    sellVenue: input.sell_venue,
    buyPriceE4: priceFromText(String(input.buy_price)),
    sellPriceE4: priceFromText(String(input.sell_price)),
  });
  return { fee_per_contract: text(feeMicroUsd), net_per_contract: text(netMicroUsd) };
}

interface V2Input {
  readonly rate: Text;
  readonly exponent?: number;
  readonly shares: Text;
  readonly price: Text;
  readonly side: 'BUY' | 'SELL';
  readonly role: Role;
  readonly taker_only?: boolean;
}

function v2Fee(input: V2Input) {
  const fees = { ...schedule(input.rate, input.exponent), takerOnly: input.taker_only ?? true };
  const moved = polymarketCash(fees, {
    ...level(input.price, input.shares),
    direction: input.side === 'BUY' ? 'buy' : 'sell',
    role: input.role,
  });
  return { fee: text(moved.feeMicroUsd), cash_delta: text(moved.cashMicroUsd), share_delta: text(moved.sharesE6) };
}

function schedule(rateText: Text, exponent = 1, rebate?: Text): PolymarketFees {
  return {
    venue: 'polymarket',
    rateE6: rate(rateText),
    exponent,
    takerOnly: true,
    rebateRateE6: rebate === undefined ? undefined : rate(rebate),
    builderRateE6: rateE6(0),
    collected: 'cash',
    source: 'worked case',
    readAtMs: 0,
    assumed: false,
  };
}

interface InSharesInput {
  readonly shares: Text;
  readonly price: Text;
  readonly rate: Text;
  readonly exponent?: number;
}

function buyFeeInShares(input: InSharesInput) {
  const fees: PolymarketFees = { ...schedule(input.rate, input.exponent), collected: 'sharesOnBuy' };
  const { feeShares, feeValue, received } = feeInShares(fees, level(input.price, input.shares));
  return { fee_shares: dollars(feeShares), fee_value_usd: dollars(feeValue), shares_received: dollars(received) };
}

interface MakerRebateInput {
  readonly maker_shares: Text;
  readonly price: Text;
  readonly rate: Text;
  readonly exponent?: number;
  readonly rebate_rate: Text;
}

function makerRebateEstimate(input: MakerRebateInput) {
  const fees = schedule(input.rate, input.exponent, input.rebate_rate);
  const { feeEquivalent, rebate } = estimateMakerRebate(fees, level(input.price, input.maker_shares));
  return { fee_equivalent: dollars(feeEquivalent), rebate_estimate: dollars(rebate) };
}

function builder(input: { readonly notional: Text; readonly bps: Text }) {
  return { fee: text(builderFee(usd(input.notional), rateFromBasisPoints(Number(input.bps)))) };
}

interface UsInput {
  readonly contracts: Text;
  readonly price: Text;
  readonly theta?: Text;
  readonly theta_maker?: Text;
}

function usTaker(input: UsInput) {
  const charge = usTakerFee(rate(required(input.theta, 'theta')), [level(input.price, input.contracts)]);
  return { raw: dollars(charge.raw), fee: text(charge.roundedMicroUsd) };
}

function usMaker(input: UsInput) {
  const theta = requireDecimal(String(required(input.theta_maker, 'theta_maker')), 6);
  const charge = usMakerRebate(theta, [level(input.price, input.contracts)]);
  return { raw: dollars(charge.raw), rebate: text(charge.roundedMicroUsd) };
}

function usLegacy(input: UsInput & { readonly side: 'BUY' | 'SELL'; readonly role: Role }) {
  const { amountMicroUsd, isRebate } = usLegacyCharge({
    ...level(input.price, input.contracts),
    direction: input.side === 'BUY' ? 'buy' : 'sell',
    role: input.role,
  });
  return { amount: text(amountMicroUsd), is_rebate: isRebate };
}

export const feeKinds: Readonly<Record<string, VectorKind>> = {
  order_fee: orderFee,
  fills_accumulator: fillsAccumulator,
  effective_fee_params: effectiveFeeParams,
  design_c_legacy_per_contract: designCLegacy,
  v2_fee: v2Fee,
  legacy_2026q1_buy_fee_in_shares: buyFeeInShares,
  maker_rebate_estimate: makerRebateEstimate,
  builder_fee: builder,
  us_taker_fee: usTaker,
  us_maker_rebate: usMaker,
  us_legacy_bps: usLegacy,
};

function level(price: Text | undefined, size: Text | undefined): Level {
  return {
    priceE4: priceFromText(String(required(price, 'price'))),
    sizeE6: sizeFromText(String(required(size, 'contracts'))),
  };
}

function required<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`the worked case needs ${name}`);
  return value;
}

function usd(value: Text): MicroUsd {
  return usdFromText(String(value));
}

function rate(value: Text) {
  return rateFromText(String(value));
}

function text(micro: number): string {
  return formatDecimal(micro, 6);
}

/** A fraction of millionths as a quotient of whole dollars or shares. */
function dollars(exact: Fraction): Ratio {
  return ratio(exact.numerator, exact.denominator * 1_000_000n);
}
