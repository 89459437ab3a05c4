/** What must hold of a recording beyond what each frame says: the recording checked against itself. */
import type { Book, ChangeRefusal } from '../../domain/book/book.ts';
import type { BookStore } from '../../domain/book/book-store.ts';
import { type BookId, venueOf } from '../../domain/instrument.ts';
import type { BookDelta, BookSnapshot, FrameFault, Level, MarketDataEvent } from '../../domain/ports/market-data.ts';
import { type Checkpoint, judge } from '../capture/checkpoints.ts';
import type { ProblemKind, ProblemLog } from './problems.ts';
import { VenueTimeChecks } from './venue-time-checks.ts';

export interface CheckpointTally {
  equal: number;
  unequal: number;
  notComparable: number;
  notReached: number;
}

export class BookChecks {
  readonly #books: BookStore;
  readonly #problems: ProblemLog;
  readonly #where: () => string;
  readonly #isStream: boolean;
  readonly #times = new VenueTimeChecks((message) => this.#add('time', message));
  /** Levels that the current run of equal timestamps took away, by book. */
  readonly #removals = new Map<BookId, { readonly stamp: string | undefined; levels: number }>();
  #crossedInRuns = 0;
  #snapshotsConfirmed = 0;
  #changesBeforeSnapshot = 0;
  #hasSnapshot = false;

  constructor(options: {
    readonly books: BookStore;
    readonly problems: ProblemLog;
    /** `path:line` of the record that is looked at. */
    readonly where: () => string;
    /** Every change was recorded, so a snapshot must equal what came before it. */
    readonly isStream: boolean;
  }) {
    this.#books = options.books;
    this.#problems = options.problems;
    this.#where = options.where;
    this.#isStream = options.isStream;
  }

  /** Times a book was crossed while its run of equal timestamps was still going on. */
  get crossedInRuns(): number {
    return this.#crossedInRuns;
  }

  /** Snapshots that equal what the frames before them added up to. */
  get snapshotsConfirmed(): number {
    return this.#snapshotsConfirmed;
  }

  /** Changes of books whose snapshot came before the recording began: known of, and not applied. */
  get changesBeforeSnapshot(): number {
    return this.#changesBeforeSnapshot;
  }

  /** Looks at an event before it is applied. */
  before(event: MarketDataEvent, receivedAtMs: number): void {
    switch (event.kind) {
      case 'book.snapshot':
        this.#hasSnapshot = true;
        this.#times.onSnapshot(event, this.#books.find(event.book)?.standing === 'live');
        if (this.#isStream) this.#checkSnapshot(event);
        return;
      case 'book.delta':
        this.#times.onChange(event, receivedAtMs);
        return;
      case 'frame.fault':
        this.#onFault(event);
        return;
      default:
        return;
    }
  }

  /** Looks at the books that an event changed, in the middle of its run. */
  after(event: MarketDataEvent): void {
    if (event.kind === 'book.delta') {
      const book = this.#books.find(event.book);
      this.#countCrossed(book);
      if (book !== undefined) this.#countRemoval(event, book);
    } else if (event.kind === 'book.levels') {
      for (const id of new Set(event.changes.map((change) => change.book))) this.#countCrossed(this.#books.find(id));
    }
  }

  #countCrossed(book: Book | undefined): void {
    if (book !== undefined && book.standing === 'live' && book.isCrossed) this.#crossedInRuns++;
  }

  /** Looks at a book once its run is over. */
  onSettled(book: Book): void {
    if (book.standing !== 'live' || !book.isCrossed) return;
    this.#add(
      'crossed',
      `expected the best bid of ${book.id} below its best ask, found ${book.bestBidE4(false)} and ${book.bestAskE4(false)}`,
    );
  }

  onRefusal(book: Book, refusal: ChangeRefusal): void {
    // A snapshot that contradicts its book was noted with what it contradicts.
    if (refusal === 'discarded' || refusal === 'contradicted') return;
    const kind: ProblemKind = refusal === 'negativeLevel' ? 'negativeLevel' : 'offGrid';
    this.#add(kind, `${book.id} refused a change: ${refusal}`);
  }

  compareCheckpoints(checkpoints: readonly Checkpoint[], book: Book | undefined, tally: CheckpointTally): void {
    for (const checkpoint of checkpoints) {
      const verdict = book === undefined || book.standing !== 'live' ? 'unequal' : judge(checkpoint, book);
      tally[verdict]++;
      if (verdict === 'unequal') {
        this.#add(
          'checkpoint',
          `expected the recorder's book of ${checkpoint.ticker} at seq ${checkpoint.seq}, found another one`,
        );
      }
    }
  }

  #countRemoval(event: BookDelta, book: Book): void {
    let run = this.#removals.get(event.book);
    if (run === undefined || run.stamp !== event.stamp) {
      run = { stamp: event.stamp, levels: 0 };
      this.#removals.set(event.book, run);
    }
    if (book.sizeAt(event.side, event.priceE4) === 0) run.levels++;
  }

  #checkSnapshot(event: BookSnapshot): void {
    if (venueOf(event.book) === 'kalshi') this.#checkLevelOrder(event);
    const book = this.#books.find(event.book);
    if (book === undefined || book.standing !== 'live') return;
    if (sameLevels(event.bids, book.bids(false)) && sameLevels(event.asks, book.asks(false)))
      this.#snapshotsConfirmed++;
    else if (event.bids.length === 0 && event.asks.length === 0) this.#checkClose(book);
    else this.#add('snapshot', `a snapshot of ${event.book} in sequence differs from the sum of the frames before it`);
  }

  /** Kalshi lists both sides with the best price last (all recordings of 2026). */
  #checkLevelOrder({ book, bids, asks }: BookSnapshot): void {
    for (const [at, bid] of bids.entries()) {
      const before = bids[at - 1]?.priceE4;
      if (before !== undefined && before >= bid.priceE4)
        this.#add('snapshot', `expected rising yes bids in ${book}, found ${bid.priceE4} after ${before}`);
    }
    for (const [at, ask] of asks.entries()) {
      const before = asks[at - 1]?.priceE4;
      if (before !== undefined && before <= ask.priceE4)
        this.#add('snapshot', `expected rising no bids in ${book}, found a mirrored ${ask.priceE4} after ${before}`);
    }
  }

  /**
   * At close Kalshi sends an empty snapshot. Either it takes the whole book away at once, which
   * contradicts nothing, or a burst of removals under one timestamp came first: that burst names every
   * level with its size, and then nothing may be left (8 bursts and 3 closes without one, May 2026).
   */
  #checkClose(book: Book): void {
    const left = book.bids(false).length + book.asks(false).length;
    const removed = this.#removals.get(book.id)?.levels ?? 0;
    if (removed <= left) return;
    const expected = `expected the ${removed} removals at the close of ${book.id} to leave nothing`;
    this.#add('snapshot', `${expected}, found ${left} ${left === 1 ? 'level' : 'levels'}`);
  }

  #onFault(event: FrameFault): void {
    if (event.fault === 'unknownMarket') {
      // A recording of a venue without sequence numbers may start after the snapshots: its changes wait, unused.
      if (event.venue === 'kalshi' || this.#hasSnapshot) this.#add('unknownMarket', event.message);
      else this.#changesBeforeSnapshot++;
      return;
    }
    this.#add(event.fault === 'sequence' ? 'sequence' : 'malformed', event.message);
  }

  #add(kind: ProblemKind, message: string): void {
    this.#problems.add({ kind, where: this.#where(), message });
  }
}

function sameLevels(a: readonly Level[], b: readonly Level[]): boolean {
  if (a.length !== b.length) return false;
  const sizes = new Map(a.map(({ priceE4, sizeE6 }) => [priceE4, sizeE6]));
  return b.every(({ priceE4, sizeE6 }) => sizes.get(priceE4) === sizeE6);
}
