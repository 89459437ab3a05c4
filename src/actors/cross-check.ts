/**
 * Asks a venue by REST whether a quiet stream still tells the truth. A book that differs is read a second
 * time, after a pause: what was read may have been on its way over the stream.
 */
import type { Book } from '../domain/book/book.ts';
import type { BookId } from '../domain/instrument.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { BookSnapshot, Level } from '../domain/ports/market-data.ts';
import type { Fill, Reading } from '../domain/ports/venue.ts';
import { type Micros, micros } from '../domain/units.ts';

export type CrossCheck =
  | { readonly kind: 'agreed'; readonly books: readonly BookId[] }
  | { readonly kind: 'contradicted'; readonly books: readonly BookId[]; readonly detail: string }
  /** Data came meanwhile: the question has answered itself. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'failed'; readonly detail: string };

export interface CrossCheckParts {
  readonly clock: Clock;
  readonly bookOf: (id: BookId) => Book | undefined;
  readonly readBooks: (books: readonly BookId[]) => Promise<Reading<readonly BookSnapshot[]>>;
  readonly secondLookMs: number;
}

export async function crossCheckBooks(books: readonly BookId[], parts: CrossCheckParts): Promise<CrossCheck> {
  const held = books.filter((id) => parts.bookOf(id)?.standing === 'live');
  if (held.length === 0) return { kind: 'agreed', books: [] };
  const versions = new Map(held.map((id) => [id, parts.bookOf(id)?.version]));
  const isStill = (id: BookId): boolean => {
    const book = parts.bookOf(id);
    return book?.standing === 'live' && book.version === versions.get(id);
  };
  const first = await parts.readBooks(held);
  if (first.kind === 'failed') return { kind: 'failed', detail: `${first.fault}: ${first.detail}` };
  const differing = first.value.filter((snapshot) => isStill(snapshot.book) && !agrees(snapshot, parts));
  const doubted = new Set(differing.map(({ book }) => book));
  const agreed = first.value.map(({ book }) => book).filter((book) => isStill(book) && !doubted.has(book));
  if (doubted.size === 0) return agreed.length > 0 ? { kind: 'agreed', books: agreed } : { kind: 'superseded' };
  await pause(parts.clock, parts.secondLookMs);
  const second = await parts.readBooks([...doubted].filter(isStill));
  if (second.kind === 'failed') return { kind: 'failed', detail: `${second.fault}: ${second.detail}` };
  const wrong = second.value.filter((snapshot) => isStill(snapshot.book) && !agrees(snapshot, parts));
  const [worst] = wrong;
  if (worst === undefined) return agreed.length > 0 ? { kind: 'agreed', books: agreed } : { kind: 'superseded' };
  return { kind: 'contradicted', books: wrong.map(({ book }) => book), detail: differenceOf(worst, parts) };
}

/** Reads one book after the other, for a venue that has no request for many. */
export function oneByOne(read: (book: BookId) => Promise<Reading<BookSnapshot>>): CrossCheckParts['readBooks'] {
  return async (books) => {
    const snapshots: BookSnapshot[] = [];
    let receivedAt = micros(0);
    for (const book of books) {
      const reading = await read(book);
      if (reading.kind === 'failed') return reading;
      snapshots.push(reading.value);
      receivedAt = reading.receivedAt;
    }
    return { kind: 'read', value: snapshots, receivedAt };
  };
}

/** Fills that the stream has had time to tell, and has not told. */
export async function crossCheckFills(
  seen: Pick<ReadonlySet<string>, 'has'>,
  given: { readonly since: Micros; readonly until: Micros },
  read: (since: Micros) => Promise<Reading<readonly Fill[]>>,
): Promise<CrossCheck> {
  const reading = await read(given.since);
  if (reading.kind === 'failed') return { kind: 'failed', detail: `${reading.fault}: ${reading.detail}` };
  const missed = reading.value.filter(
    ({ tradeId, venueAt }) =>
      !seen.has(tradeId) && venueAt !== undefined && venueAt >= given.since && venueAt < given.until,
  );
  const [first] = missed;
  if (first === undefined) return { kind: 'agreed', books: [] };
  const detail = `expected every fill on the private stream, found ${missed.length} only by REST, first ${first.tradeId}`;
  return { kind: 'contradicted', books: [], detail };
}

function agrees(snapshot: BookSnapshot, { bookOf }: CrossCheckParts): boolean {
  const book = bookOf(snapshot.book);
  if (book === undefined) return false;
  return (
    sides(book.bids(false)) === sides(byPrice(snapshot.bids, -1)) &&
    sides(book.asks(false)) === sides(byPrice(snapshot.asks, 1))
  );
}

function differenceOf(snapshot: BookSnapshot, { bookOf }: CrossCheckParts): string {
  const book = bookOf(snapshot.book);
  const ours = `${book?.bestBidE4(false)}/${book?.bestAskE4(false)}`;
  const theirs = `${byPrice(snapshot.bids, -1)[0]?.priceE4 ?? -1}/${byPrice(snapshot.asks, 1)[0]?.priceE4 ?? -1}`;
  return `expected the book ${snapshot.book} as the stream told it, best ${ours}, found by REST best ${theirs}, or other sizes`;
}

function byPrice(levels: readonly Level[], direction: 1 | -1): readonly Level[] {
  return levels.filter(({ sizeE6 }) => sizeE6 > 0).sort((a, b) => direction * (a.priceE4 - b.priceE4));
}

function sides(levels: readonly Level[]): string {
  return levels.map(({ priceE4, sizeE6 }) => `${priceE4}:${sizeE6}`).join();
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, ms));
}
