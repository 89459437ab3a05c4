/**
 * One probability out of several sportsbooks (docs/rules.md §13.2): each is freed of its margin first, then
 * the log-odds are pooled, a fresher and better book counting more. Full precision throughout; what
 * an order is decided on is floored by `fairValue` in `profiles.ts`.
 */
import { invariant } from '../invariant.ts';
import { type Millis, millis } from '../units.ts';
import { type DevigMethod, defaultDevigMethod, devig, probabilityOf } from './devig.ts';
import { type DecimalOdds, decimalOdds } from './odds.ts';

export interface BookQuote {
  readonly bookmaker: string;
  /** Decimal odds of all outcomes of the market, in one order for all books. */
  readonly odds: readonly number[];
  readonly ageMs: Millis;
  /** How much this book is trusted, relative to the others. */
  readonly weight: number;
}

export interface ConsensusRule {
  /** `undefined` takes the default for the number of outcomes. */
  readonly method: DevigMethod | undefined;
  readonly ageMsMax: Millis;
  readonly halfLifeMs: Millis;
}

/** Older quotes are dropped: 120 s before the game, 10 s in play. */
export const QUOTE_AGE_MS_MAX = { preGame: millis(120_000), inPlay: millis(10_000) } as const;

export interface BookOpinion {
  readonly bookmaker: string;
  readonly probability: number;
  readonly weight: number;
}

export interface DroppedQuote {
  readonly bookmaker: string;
  readonly reason: 'stale' | 'malformed' | 'weightless';
}

export interface ConsensusView {
  readonly kind: 'consensus';
  /** In the order given. */
  readonly used: readonly BookOpinion[];
  readonly dropped: readonly DroppedQuote[];
  /** The consensus: the sigmoid of the weighted mean of log-odds. */
  readonly logOddsPool: number;
  readonly weightedMean: number;
  readonly equalMean: number;
  readonly median: number;
  /** Highest less lowest book, as a probability. */
  readonly bookSpread: number;
}

export type Consensus =
  | ConsensusView
  | { readonly kind: 'refused'; readonly reason: 'NO_FRESH_BOOKS'; readonly dropped: readonly DroppedQuote[] };

/** The consensus on one outcome, given by its place among the odds (the first unless told otherwise). */
export function consensus(quotes: readonly BookQuote[], rule: ConsensusRule, outcome = 0): Consensus {
  invariant(rule.halfLifeMs > 0, () => `halfLifeMs must be positive, found ${rule.halfLifeMs}`);
  const used: BookOpinion[] = [];
  const dropped: DroppedQuote[] = [];
  for (const quote of quotes) {
    const opinion = opinionOf(quote, rule, outcome);
    if (typeof opinion === 'string') dropped.push({ bookmaker: quote.bookmaker, reason: opinion });
    else used.push(opinion);
  }
  if (used.length === 0) return { kind: 'refused', reason: 'NO_FRESH_BOOKS', dropped };
  const probabilities = used.map((book) => book.probability);
  return {
    kind: 'consensus',
    used,
    dropped,
    logOddsPool: sigmoid(weightedMean(used, (book) => logit(book.probability))),
    weightedMean: weightedMean(used, (book) => book.probability),
    equalMean: probabilities.reduce((sum, p) => sum + p, 0) / probabilities.length,
    median: median(probabilities),
    bookSpread: Math.max(...probabilities) - Math.min(...probabilities),
  };
}

function opinionOf(quote: BookQuote, rule: ConsensusRule, outcome: number): BookOpinion | DroppedQuote['reason'] {
  if (!(quote.ageMs <= rule.ageMsMax)) return 'stale';
  const odds = quote.odds.map(decimalOdds).filter((one): one is DecimalOdds => one !== undefined);
  if (odds.length !== quote.odds.length || odds.length < 2 || outcome >= odds.length) return 'malformed';
  // A quote from the future is as fresh as one can be, not fresher.
  const weight = quote.weight * 2 ** (-Math.max(0, quote.ageMs) / rule.halfLifeMs);
  if (!(weight > 0 && Number.isFinite(weight))) return 'weightless';
  const probability = probabilityOf(devig(odds, rule.method ?? defaultDevigMethod(odds.length)), outcome);
  return probability > 0 && probability < 1 ? { bookmaker: quote.bookmaker, probability, weight } : 'malformed';
}

function weightedMean(books: readonly BookOpinion[], of: (book: BookOpinion) => number): number {
  const total = books.reduce((sum, book) => sum + book.weight, 0);
  return books.reduce((sum, book) => sum + book.weight * of(book), 0) / total;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const middle = sorted.length % 2 === 1 ? sorted.slice(half, half + 1) : sorted.slice(half - 1, half + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

function logit(probability: number): number {
  return Math.log(probability / (1 - probability));
}

function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
