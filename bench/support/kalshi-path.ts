/**
 * The way of a Kalshi frame from its text to a decision, with the stages of the replay: parse and validate, count,
 * change the book, wait for the end of the run of equal timestamps, watch the age, decide on every basket with a leg
 * in the book. Two things differ: a clock that costs little, and one subscriber instead of a `Subject`.
 */
import { Observable, type Subscriber } from 'rxjs';
import { CONSERVATIVE_100 } from '../../src/app/config/detection.ts';
import { captureFees } from '../../src/app/replay/capture-fees.ts';
import { watchPair } from '../../src/app/replay/relations.ts';
import { BookStore } from '../../src/domain/book/book-store.ts';
import { WatchList } from '../../src/domain/edge/watch-list.ts';
import { type BookId, bookId, uniformGrid } from '../../src/domain/instrument.ts';
import type { MarketDataEvent } from '../../src/domain/ports/market-data.ts';
import { contracts, priceE4 } from '../../src/domain/units.ts';
import { applyToBooks } from '../../src/streams/apply-to-books.ts';
import { detectEdges } from '../../src/streams/detect-edges.ts';
import { markGroupEnds } from '../../src/streams/mark-group-ends.ts';
import { markStale } from '../../src/streams/mark-stale.ts';
import { throttlePerBook } from '../../src/streams/throttle-per-book.ts';
import { KalshiMarketData } from '../../src/venues/kalshi/market-data.ts';
import { BenchClock } from './bench-clock.ts';
import { benchMeta } from './fees.ts';

const SILENCE_MS = 3;
const PATIENCE_MS = 100;
const USE_YES_PRICE = false;
/** Every Kalshi market of a recording is paired with this book, so that both boxes of each are watched. */
const OPPOSITE = bookId('polymarket', '1');

type Emit = (event: MarketDataEvent) => void;

/** How far an event goes: to nobody, into the books, or through the streams to the detector. */
export type Reach = 'events' | 'books' | 'decisions';

export class KalshiPath {
  readonly books = new BookStore();
  readonly #clock = new BenchClock();
  readonly #emit: Emit;
  #session: KalshiMarketData;
  #sessions = 0;
  /** Kept so that no compiler can prove the work useless. */
  latest: unknown;
  decisions = 0;

  constructor(tickers: readonly string[], reach: Reach) {
    this.#emit = this.#emitter(tickers, reach);
    this.#session = this.#open();
  }

  /** A new connection, as in the replay: every book is gapped and the count starts again. */
  connect(): void {
    this.#session.reset(this.#emit);
    this.#session = this.#open();
  }

  onFrame(text: string, atMs: number): void {
    this.#clock.advanceTo(atMs);
    this.#session.onFrame(text, this.#emit);
  }

  #open(): KalshiMarketData {
    this.#sessions++;
    return new KalshiMarketData({ connection: String(this.#sessions), useYesPrice: USE_YES_PRICE });
  }

  #emitter(tickers: readonly string[], reach: Reach): Emit {
    if (reach === 'events') {
      return (event) => {
        this.latest = event;
      };
    }
    if (reach === 'books') {
      const touched: number[] = [];
      return (event) => {
        this.books.apply(event, this.#clock.now(), touched);
        while (touched.length > 0) touched.pop();
      };
    }
    let subscriber: Subscriber<MarketDataEvent> | undefined;
    const events = new Observable<MarketDataEvent>((only) => {
      subscriber = only;
    });
    this.#detect(events, watchesOf(tickers, this.books));
    return (event) => subscriber?.next(event);
  }

  #detect(events: Observable<MarketDataEvent>, watches: WatchList): void {
    const { books } = this;
    const scheduler = this.#clock;
    const policy = CONSERVATIVE_100;
    events
      .pipe(
        markGroupEnds({ silenceMs: SILENCE_MS, scheduler }),
        applyToBooks({ books, patienceMs: PATIENCE_MS, scheduler }),
        markStale({ books, limitMsOf: (book) => policy.staleAfterMs[book.venue], scheduler }),
        throttlePerBook(policy.detectionIntervalMs, scheduler),
        detectEdges({ watches, policy, scheduler }),
      )
      .subscribe(() => {
        this.decisions++;
      });
  }
}

/** Both boxes of every market against the opposite book, with the fee schedules of both venues. */
function watchesOf(tickers: readonly string[], books: BookStore): WatchList {
  const watches = new WatchList();
  openOpposite(books);
  const meta = benchMeta();
  const sources = { books, watches, meta, hasSizes: true, feeOf: captureFees(meta) };
  for (const ticker of tickers) {
    const kalshi: BookId = bookId('kalshi', ticker);
    watchPair(
      {
        kind: 'pair',
        pairId: ticker,
        yes: { kalshi: { book: kalshi, inverted: false }, polymarket: { book: OPPOSITE, inverted: false } },
      },
      sources,
    );
  }
  return watches;
}

/**
 * A live book that quotes a tick from either end, and is always proven. Against it both boxes are screened at every
 * change and neither ever has a gap, which is what nearly all decisions are; the rare ones are measured apart.
 */
function openOpposite(books: BookStore): void {
  const sizeE6 = contracts(1_000);
  books.apply(
    {
      kind: 'book.snapshot',
      book: OPPOSITE,
      bids: [{ priceE4: priceE4(10), sizeE6 }],
      asks: [{ priceE4: priceE4(9_990), sizeE6 }],
      grid: uniformGrid(10),
      feed: undefined,
      stamp: undefined,
      venueAtMs: undefined,
    },
    0,
    [],
  );
  const book = books.find(OPPOSITE);
  if (book !== undefined) book.proof.at = Number.POSITIVE_INFINITY;
}
