/** Worked cases of edges: the box, fee models, mismatch and the joint depth walk (docs/rules.md §4 to §7). */
import { formatDecimal } from '../../../src/domain/decimal.ts';
import {
  commonDepth,
  priceAtSize,
  type WalkedLeg,
  type WalkLeg,
  type WalkTerms,
  walkDepth,
} from '../../../src/domain/edge/depth-walk.ts';
import { crossVenueBoxes } from '../../../src/domain/edge/families.ts';
import { marginalStop } from '../../../src/domain/edge/marginal-stop.ts';
import { priceSets } from '../../../src/domain/edge/set-price.ts';
import { legacyPerContract } from '../../../src/domain/fees/fee-models.ts';
import type { OrderFee } from '../../../src/domain/fees/fee-schedule.ts';
import { fraction } from '../../../src/domain/fraction.ts';
import type { VenueName } from '../../../src/domain/instrument.ts';
import { mismatchTolerance } from '../../../src/domain/mismatch.ts';
import { roi } from '../../../src/domain/return.ts';
import {
  addUsd,
  CONTRACT,
  complement,
  type MicroUsd,
  microUsd,
  notional,
  priceE4,
  type SizeE6,
  subtractUsd,
} from '../../../src/domain/units.ts';
import { ratio, type VectorKind } from '../vector-file.ts';
import { type FeeTerms, feesOf, quantity, usd } from './edge-money.ts';
import { listing, PROVEN, setKinds } from './edge-sets.ts';
import { type Given, givenPrice, givenRate, givenSize, givenUsd } from './given.ts';

export const edgeKinds: Readonly<Record<string, VectorKind>> = {
  joint_walk: jointWalk,
  box,
  appendix_a_fee_models: appendixA,
  mismatch_tolerance: (input: { net_edge_per_pair: Given; p_mismatch: Given; adverse_fraction: Given }) => {
    const tolerance = mismatchTolerance({
      edge: givenUsd(input.net_edge_per_pair),
      mismatch: givenRate(input.p_mismatch),
      adverse: givenRate(input.adverse_fraction),
    });
    return {
      expected_net: tolerance.expectedNet,
      breakeven_p_mismatch: tolerance.breakeven,
      accept: tolerance.isAccepted,
    };
  },
  ...setKinds,
};

interface LegText {
  readonly venue: VenueName;
  readonly asks: readonly { readonly price: Given; readonly size: Given }[];
  readonly balance?: Given;
  readonly rate?: Given;
  readonly multiplier?: Given;
  readonly kalshi_multiplier?: Given;
  readonly fee_multiplier?: Given;
}

interface JointWalk {
  readonly leg_a: LegText;
  readonly leg_b: LegText;
  readonly constraints: {
    readonly max_contracts?: Given;
    readonly max_total_capital?: Given;
    readonly min_profit?: Given;
    readonly min_trade_value?: Given;
  };
}

const PAYS_ONE: WalkTerms = { worstPayoffE4: 10_000 };

function jointWalk({ leg_a: a, leg_b: b, constraints }: JointWalk) {
  const legs = [walkLeg(a, 'a'), walkLeg(b, 'b')];
  const { max_contracts: contractsMax, max_total_capital: capitalMax } = constraints;
  const { min_profit: profitMin, min_trade_value: valueMin } = constraints;
  const terms: WalkTerms = {
    ...PAYS_ONE,
    ...(profitMin === undefined ? {} : { minProfitMicroUsd: givenUsd(profitMin) }),
    ...(valueMin === undefined ? {} : { minTradeValueMicroUsd: givenUsd(valueMin) }),
  };
  const walk = walkDepth(legs, terms, {
    ...(contractsMax === undefined ? {} : { maxSizeE6: givenSize(contractsMax) }),
    ...(capitalMax === undefined ? {} : { maxCapitalMicroUsd: givenUsd(capitalMax) }),
  });
  const free = walkDepth(
    legs.map((leg) => ({ ...leg, account: undefined })),
    PAYS_ONE,
    {},
  );
  const fullDepth = commonDepth(legs, 'all');
  const top = commonDepth(legs, 'top');
  const stop = marginalStop(
    [a, b].map((leg, at) => ({ asks: legs[at]?.asks ?? [], rawFee: feesOf(feeTerms(leg)).raw })),
    { ...PAYS_ONE, marginalEdgeMicroUsd: microUsd(0) },
  );
  const [walkedA, walkedB] = walk.legs;
  return {
    quantity: quantity(walk.sizeE6),
    profit: usd(walk.profitMicroUsd),
    quantity_unconstrained: quantity(free.sizeE6),
    profit_unconstrained: usd(free.profitMicroUsd),
    quantity_marginal_rule_no_rounding: quantity(stop),
    quantity_full_depth: quantity(fullDepth),
    profit_full_depth: usd(priceAtSize(legs, PAYS_ONE, fullDepth).profitMicroUsd),
    quantity_top_of_book: quantity(top),
    profit_top_of_book: usd(priceAtSize(legs, PAYS_ONE, top).profitMicroUsd),
    ...(walkedA && walkedB ? { leg_a: legResult(walkedA, walk.sizeE6), leg_b: legResult(walkedB, walk.sizeE6) } : {}),
    capital: usd(walk.capitalMicroUsd),
    roi: walk.capitalMicroUsd > 0 ? fraction(walk.profitMicroUsd, walk.capitalMicroUsd) : '0',
    trade: walk.trade,
  };
}

function walkLeg(leg: LegText, id: string): WalkLeg {
  return {
    asks: leg.asks.map(({ price, size }) => ({ priceE4: givenPrice(price), sizeE6: givenSize(size) })),
    fee: feesOf(feeTerms(leg)).order,
    account: leg.balance === undefined ? undefined : { id, balanceMicroUsd: givenUsd(leg.balance) },
  };
}

function feeTerms(leg: LegText): FeeTerms {
  const multiplier = leg.multiplier ?? leg.kalshi_multiplier ?? leg.fee_multiplier;
  return { venue: leg.venue, rate: leg.rate, multiplier };
}

function legResult(leg: WalkedLeg, size: SizeE6) {
  return {
    cost: usd(leg.costMicroUsd),
    fee: usd(leg.feeMicroUsd),
    limit_price: formatDecimal(leg.limitE4, 4),
    vwap: ratio(leg.costMicroUsd, size),
  };
}

interface BoxText {
  readonly yes_venue: VenueName;
  readonly yes_ask: Given;
  readonly no_venue: VenueName;
  readonly no_ask: Given;
  readonly contracts: Given;
  readonly kalshi_multiplier?: Given;
  readonly polymarket_rate?: Given;
  readonly min_roi?: Given;
}

function box(input: BoxText) {
  const [yesNo] = crossVenueBoxes({
    a: listing(input.yes_venue),
    b: listing(input.no_venue),
    isInverted: false,
    special: [],
    proof: PROVEN,
  });
  if (yesNo?.kind !== 'basket') throw new Error(`expected a box, found ${JSON.stringify(yesNo)}`);
  const feeAt = (venue: VenueName): OrderFee =>
    feesOf(venue === 'kalshi' ? { venue, multiplier: input.kalshi_multiplier } : { venue, rate: input.polymarket_rate })
      .order;
  const yes = { askE4: givenPrice(input.yes_ask), fee: feeAt(input.yes_venue) };
  const no = { askE4: givenPrice(input.no_ask), fee: feeAt(input.no_venue) };
  const size = givenSize(input.contracts);
  const priced = priceSets(yesNo.basket.table, [yes, no], size);
  const net = priced.profitMicroUsd;
  const onCapital = roi({ profit: net, capital: priced.capitalMicroUsd });
  const [feeYes = microUsd(0), feeNo = microUsd(0)] = priced.feePerLeg;
  const minRoi = givenRate(input.min_roi ?? 0);
  return {
    gross: usd(priced.grossMicroUsd),
    fee_yes: usd(feeYes),
    fee_no: usd(feeNo),
    net: usd(net),
    capital: usd(priced.capitalMicroUsd),
    roi_on_capital: onCapital,
    design_c_ratio_net_over_buy_price: roi({ profit: net, capital: notional(yes.askE4, size) }),
    passes_min_roi: onCapital.numerator * 1_000_000n >= BigInt(minRoi) * onCapital.denominator,
    is_profitable: net > 0,
  };
}

interface AppendixA {
  readonly model: string;
  readonly contracts: Given;
  readonly buy_yes_polymarket: Given;
  readonly sell_yes_kalshi: Given;
  /** For a case under the real schedules. */
  readonly polymarket_rate?: Given;
  readonly kalshi_multiplier?: Given;
}

/**
 * Design C disagrees with itself: its function charges its Kalshi rate on 1 − sell price, its text
 * the same rate on the gross gap. Both read that rate from the one place that holds it.
 */
function appendixA(input: AppendixA) {
  const size = givenSize(input.contracts);
  const buyPriceE4 = givenPrice(input.buy_yes_polymarket);
  const sellPriceE4 = givenPrice(input.sell_yes_kalshi);
  const bought = notional(buyPriceE4, size);
  const gross = subtractUsd(notional(sellPriceE4, size), bought);
  const real = (rate: Given): MicroUsd =>
    addUsd(
      feesOf({ venue: 'polymarket', rate }).order([{ priceE4: buyPriceE4, sizeE6: size }]),
      feesOf({ venue: 'kalshi', multiplier: input.kalshi_multiplier }).order([
        { priceE4: complement(sellPriceE4), sizeE6: size },
      ]),
    );
  const legacyFee = (sellE4: number, sellVenue: VenueName): number =>
    legacyPerContract({ buyVenue: 'polymarket', sellVenue, buyPriceE4, sellPriceE4: priceE4(sellE4) }).feeMicroUsd;
  const fees = ((): MicroUsd => {
    const count = size / CONTRACT;
    if (input.model === 'design_c_function') return microUsd(legacyFee(sellPriceE4, 'kalshi') * count);
    if (input.model === 'design_c_appendix_text') {
      const gap = Math.max(0, sellPriceE4 - buyPriceE4);
      return microUsd(legacyFee(complement(priceE4(gap)), 'kalshi') * count);
    }
    const rate = input.polymarket_rate;
    if (rate === undefined) throw new Error(`expected a model of design C or a rate, found ${input.model}`);
    return real(rate);
  })();
  const net = subtractUsd(gross, fees);
  return {
    gross: usd(gross),
    fees: usd(fees),
    net: usd(net),
    return_on_one_leg: ratio(net, bought),
    return_on_full_capital: ratio(net, addUsd(bought, notional(complement(sellPriceE4), size))),
  };
}
