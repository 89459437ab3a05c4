/** Worked cases of the sportsbook rules (docs/rules.md §13). */
import { formatDecimal } from '../../../src/domain/decimal.ts';
import { type Fraction, fraction, isPositive } from '../../../src/domain/fraction.ts';
import { confidence } from '../../../src/domain/sports/confidence.ts';
import { consensus } from '../../../src/domain/sports/consensus.ts';
import { DEVIG_METHODS, type DevigMethod, devigByAllMethods } from '../../../src/domain/sports/devig.ts';
import { exitLevels, type Liquidity, netOfExit } from '../../../src/domain/sports/exits.ts';
import { americanToDecimal, americanToImplied, bookSum, requireDecimalOdds } from '../../../src/domain/sports/odds.ts';
import {
  edgePercent,
  netEdge,
  profileChecks,
  type SideEdge,
  SPORTS_PROFILES,
  type SportsProfileName,
  sportsEdge,
} from '../../../src/domain/sports/profiles.ts';
import { microUsd, type PriceE4, USD } from '../../../src/domain/units.ts';
import { kalshiTakerFee } from '../../support/sports-fees.ts';
import type { VectorKind } from '../vector-file.ts';
import { type Given, givenCents, givenMillis, givenPriceCents, givenSize } from './given.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

export const sportsKinds: Readonly<Record<string, VectorKind>> = {
  devig: (input: { decimal_odds: Given[] }) => {
    const odds = input.decimal_odds.map((given) => requireDecimalOdds(Number(given)));
    const { methods } = devigByAllMethods(odds);
    const of = (method: DevigMethod) => methods.find((one) => one.method === method);
    return {
      booksum: bookSum(odds),
      ...Object.fromEntries(methods.map((one) => [wireName(one.method), one.probabilities])),
      parameters: {
        power_k: of('power')?.parameter,
        shin_z: of('shin')?.parameter,
        probit_lambda: of('probit')?.parameter,
        odds_ratio_c: of('oddsRatio')?.parameter,
      },
    };
  },

  american_to_probability: (input: { american: Given }) => ({
    decimal: americanToDecimal(Number(input.american)),
    implied: americanToImplied(Number(input.american)),
  }),

  consensus: (input: ConsensusCase) => {
    const view = consensus(
      input.books.map((book) => ({
        bookmaker: book.book,
        odds: book.decimal_odds.map(Number),
        ageMs: givenMillis(book.age_s, SECOND_MS),
        weight: Number(book.weight),
      })),
      {
        method: methodNamed(input.devig),
        ageMsMax: givenMillis(input.max_age_s, SECOND_MS),
        halfLifeMs: givenMillis(input.half_life_s, SECOND_MS),
      },
    );
    if (view.kind === 'refused') return { error: view.reason };
    return {
      used: view.used.map((book) => book.bookmaker),
      book_count: view.used.length,
      equal_mean: view.equalMean,
      weighted_mean: view.weightedMean,
      logit_pool: view.logOddsPool,
      median: view.median,
      spread_cents: view.bookSpread * 100,
    };
  },

  edge_and_profile: (input: EdgeCase) => {
    const yes = givenCents(input.consensus_cents);
    const edges = sportsEdge(
      { yes, no: microUsd(USD - yes) },
      { yes: givenPriceCents(input.yes_ask_cents), no: givenPriceCents(input.no_ask_cents) },
    );
    const better = required(edges.better, 'an offered side');
    const evidence = { books: input.book_count, bookSpread: givenCents(input.book_spread_cents) };
    const checks = profileChecks(better, evidence, SPORTS_PROFILES[input.profile]);
    const net = netEdge(better, kalshiTakerFee);
    return {
      yes_edge: edgeCents(edges.yes),
      no_edge: edgeCents(edges.no),
      best_side: better.side,
      best_edge: edgeCents(better),
      edge_percent: edgePercent(better),
      checks: { min_edge: checks.edge, book_count: checks.books, book_spread: checks.bookSpread },
      should_trade_gross: checks.edge && checks.books && checks.bookSpread,
      kalshi_entry_fee_cents_per_contract: cents(kalshiTakerFee(better.askE4)),
      net_edge_hold_to_settlement: cents(net.atSettlement),
      net_edge_round_trip: cents(net.roundTrip),
      fee_negative: !isPositive(net.atSettlement),
    };
  },

  confidence: (input: ConfidenceCase) => ({
    ...confidence(
      {
        books: input.book_count,
        bookSpread: givenCents(input.book_spread_cents),
        volumeE6: givenSize(input.volume),
        untilEventMs: givenMillis(input.hours_to_event, HOUR_MS),
        priceE4: givenPriceCents(input.price_cents),
      },
      input.base,
    ),
  }),

  exit_levels: (input: { entry_cents: Given; edge_cents: Given; liquidity: Liquidity }) => {
    const entryE4 = givenPriceCents(input.entry_cents);
    const levels = required(
      exitLevels({ entryE4, edge: givenCents(input.edge_cents), liquidity: input.liquidity }),
      'an edge that the exit table knows',
    );
    const net = (exitE4: PriceE4) => cents(netOfExit({ entryE4, exitE4 }, kalshiTakerFee));
    return {
      take_profit: formatDecimal(levels.takeProfitE4, 2),
      stop_loss: formatDecimal(levels.stopLossE4, 2),
      take_profit_raw: formatDecimal(levels.takeProfitE4Raw, 2),
      stop_loss_raw: formatDecimal(levels.stopLossE4Raw, 2),
      net_cents_if_take_profit: net(levels.takeProfitE4),
      net_cents_if_stop: net(levels.stopLossE4),
    };
  },
};

function cents(dollars: Fraction): Fraction {
  return fraction(dollars.numerator * 100n, dollars.denominator);
}

function edgeCents(edge: SideEdge | undefined): string | undefined {
  return edge === undefined ? undefined : formatDecimal(edge.grossEdge, 4);
}

function wireName(method: DevigMethod): string {
  return method === 'oddsRatio' ? 'odds_ratio' : method;
}

function methodNamed(name: string): DevigMethod {
  return required(
    DEVIG_METHODS.find((method) => wireName(method) === name.replace('-', '_')),
    `one of ${DEVIG_METHODS.map(wireName).join(', ')}, not ${name}`,
  );
}

function required<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`expected ${what}`);
  return value;
}

interface ConsensusCase {
  readonly books: readonly {
    readonly book: string;
    readonly decimal_odds: readonly Given[];
    readonly age_s: Given;
    readonly weight: Given;
  }[];
  readonly devig: string;
  readonly max_age_s: Given;
  readonly half_life_s: Given;
}

interface EdgeCase {
  readonly consensus_cents: Given;
  readonly yes_ask_cents: Given;
  readonly no_ask_cents: Given;
  readonly profile: SportsProfileName;
  readonly book_count: number;
  readonly book_spread_cents: Given;
}

interface ConfidenceCase {
  readonly base: number;
  readonly book_count: number;
  readonly book_spread_cents: Given;
  readonly volume: Given;
  readonly hours_to_event: Given;
  readonly price_cents: Given;
}
