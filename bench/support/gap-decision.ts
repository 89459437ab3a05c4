/** The rare decision: the best asks of a box cost less than it pays, so its depth is walked with fees and limits. */
import { CONSERVATIVE_100 } from '../../src/app/config/detection.ts';
import { captureFees } from '../../src/app/replay/capture-fees.ts';
import { watchPair } from '../../src/app/replay/relations.ts';
import { BookStore } from '../../src/domain/book/book-store.ts';
import { decide } from '../../src/domain/edge/decide.ts';
import { WatchList } from '../../src/domain/edge/watch-list.ts';
import { type BookId, bookId, uniformGrid } from '../../src/domain/instrument.ts';
import { contracts, priceE4 } from '../../src/domain/units.ts';
import { benchMeta } from './fees.ts';
import { medianMicros, sink } from './measure.ts';

const LEVELS = 50;
const CALLS = 2_000;

/** Median microseconds of one decision on a gap of two cents, both books fifty levels deep. */
export function gapDecisionMicros(): number {
  const books = new BookStore();
  const [kalshi, polymarket] = [bookId('kalshi', 'K'), bookId('polymarket', '1')];
  openBook(books, kalshi, 4_600);
  // Its bid of 0.48 is an ask of 0.52 for the opposite outcome: with Kalshi's 0.46 the box costs 0.98.
  openBook(books, polymarket, 4_900);
  const watches = new WatchList();
  const meta = benchMeta();
  watchPair(
    {
      kind: 'pair',
      pairId: 'gap',
      yes: { kalshi: { book: kalshi, inverted: false }, polymarket: { book: polymarket, inverted: false } },
    },
    { books, watches, meta, hasSizes: true, feeOf: captureFees(meta) },
  );
  const [box] = watches.all();
  if (box === undefined) throw new Error('expected the box of the pair, found no watch');
  const isGap = decide(box, CONSERVATIVE_100, 0).verdict.grossEdgeE4 === 200;
  if (!isGap) throw new Error('expected a gap of two cents, found another');
  return medianMicros(CALLS, () => {
    sink.last = decide(box, CONSERVATIVE_100, 0);
  });
}

/** A book of fifty cents' worth of levels on either side of its best ask. */
function openBook(books: BookStore, book: BookId, bestAsk: number): void {
  const sizeE6 = contracts(100);
  const steps = Array.from({ length: LEVELS }, (_, at) => at * 50);
  books.apply(
    {
      kind: 'book.snapshot',
      book,
      asks: steps.map((step) => ({ priceE4: priceE4(bestAsk + step), sizeE6 })),
      bids: steps.map((step) => ({ priceE4: priceE4(bestAsk - 100 - step), sizeE6 })),
      grid: uniformGrid(50),
      feed: undefined,
      stamp: undefined,
      venueAtMs: undefined,
    },
    0,
    [],
  );
}
