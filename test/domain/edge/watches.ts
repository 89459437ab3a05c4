/** Builds books that are live and baskets that are watched, with defaults. */
import type { Book } from '../../../src/domain/book/book.ts';
import { BookStore } from '../../../src/domain/book/book-store.ts';
import type { BasketResult } from '../../../src/domain/edge/basket.ts';
import { NOTHING_PROVEN } from '../../../src/domain/edge/basket.ts';
import type { DetectionPolicy, OrderRules } from '../../../src/domain/edge/decide.ts';
import { CONSERVATIVE_THRESHOLDS } from '../../../src/domain/edge/evaluate.ts';
import { crossVenueBoxes } from '../../../src/domain/edge/families.ts';
import type { Watch, WatchedLeg } from '../../../src/domain/edge/watch-list.ts';
import { RACE_SEED } from '../../../src/domain/race.ts';
import { contracts, microUsd, millis, PRICE_ONE } from '../../../src/domain/units.ts';
import { KALSHI_BOOK, POLYMARKET_BOOK, snapshot } from '../../support/books.ts';
import { FREE, listing } from './support.ts';

const NO_RULES: OrderRules = { minSizeE6: contracts(1), minNotionalMicroUsd: microUsd(0), isWholeCent: false };

export const POLICY: DetectionPolicy = {
  staleAfterMs: { kalshi: millis(2_000), polymarket: millis(5_000) },
  detectionIntervalMs: millis(0),
  depth: 50,
  race: RACE_SEED,
  thresholds: CONSERVATIVE_THRESHOLDS,
  limits: { maxSizeE6: contracts(50), maxCapitalMicroUsd: microUsd(100_000_000) },
  orderRules: { kalshi: NO_RULES, polymarket: NO_RULES },
  accountOf: (venue) => ({ id: venue, balanceMicroUsd: microUsd(50_000_000) }),
};

export interface TwoBooks {
  readonly store: BookStore;
  readonly kalshi: Book;
  readonly polymarket: Book;
}

/** YES costs 0.45 on Kalshi, NO costs 0.48 on Polymarket (its YES is bid at 0.52): seven cents a set. */
export function twoBooks(
  of: { readonly kalshi?: Parameters<typeof snapshot>[0]; readonly polymarket?: Parameters<typeof snapshot>[0] } = {},
): TwoBooks {
  const store = new BookStore();
  const [kalshi, polymarket] = [store.open(KALSHI_BOOK), store.open(POLYMARKET_BOOK)];
  const one = { bids: { '0.44': '200' }, asks: { '0.45': '200' }, ...of.kalshi };
  const other = { bids: { '0.52': '200' }, asks: { '0.53': '200' }, ...of.polymarket };
  store.apply(snapshot({ book: KALSHI_BOOK, ...one }), 0, []);
  store.apply(snapshot({ book: POLYMARKET_BOOK, ...other }), 0, []);
  return { store, kalshi, polymarket };
}

/** A box that both venues are proven to decide alike. */
function provenBox(): BasketResult {
  const result = crossVenueBoxes({
    a: listing('Kalshi'),
    b: listing('Polymarket'),
    isInverted: false,
    special: [],
    proof: { ...NOTHING_PROVEN, equivalent: true },
  })[0];
  if (result === undefined) throw new Error('expected a box, found none');
  return result;
}

/** YES on Kalshi and NO on Polymarket, without fees unless given. */
export function boxOf({ kalshi, polymarket }: Omit<TwoBooks, 'store'>, of: Partial<Watch> = {}): Watch {
  const legs: readonly WatchedLeg[] = [
    { book: kalshi, inverted: false, fee: FREE, label: 'Kalshi yes' },
    { book: polymarket, inverted: true, fee: FREE, label: 'Polymarket no' },
  ];
  return {
    id: 'box',
    label: 'a box',
    family: 'box',
    legs,
    promisedE4: PRICE_ONE,
    result: provenBox(),
    hasSizes: true,
    ...of,
  };
}
