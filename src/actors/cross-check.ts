/**
 * Asks a venue by REST whether a stream still tells the truth. A book that differs is read a second time, after a
 * pause: what was read may have been on its way over the stream. A book that changes meanwhile agrees with nothing
 * for sure, yet is wrong where both sides hold a level still and differ on it: a change of it was lost.
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
  const epochs = new Map(held.map((id) => [id, parts.bookOf(id)?.epoch]));
  const isStill = (id: BookId): boolean => {
    const book = parts.bookOf(id);
    return book?.standing === 'live' && book.version === versions.get(id);
  };
  const look = async (ids: readonly BookId[]): Promise<Reading<readonly Look[]>> => {
    const before = new Map(ids.map((id) => [id, levelsOf(parts.bookOf(id))]));
    const reading = await parts.readBooks(ids);
    if (reading.kind === 'failed') return reading;
    const value = reading.value.flatMap((snapshot): Look[] => {
      const book = parts.bookOf(snapshot.book);
      if (book?.standing !== 'live' || book.epoch !== epochs.get(book.id)) return [];
      const held = [before.get(book.id) ?? NO_LEVELS, levelsOf(book)] as const;
      return [{ snapshot, differences: differencesOf(held, levelsIn(snapshot)) }];
    });
    return { ...reading, value };
  };
  const first = await look(held);
  if (first.kind === 'failed') return { kind: 'failed', detail: `${first.fault}: ${first.detail}` };
  const doubted = new Map(first.value.flatMap((one) => (one.differences.size > 0 ? [[one.snapshot.book, one]] : [])));
  const agreed = first.value.map(({ snapshot }) => snapshot.book).filter((book) => isStill(book) && !doubted.has(book));
  if (doubted.size === 0) return agreed.length > 0 ? { kind: 'agreed', books: agreed } : { kind: 'superseded' };
  await pause(parts.clock, parts.secondLookMs);
  const second = await look([...doubted.keys()].filter((id) => parts.bookOf(id)?.standing === 'live'));
  if (second.kind === 'failed') return { kind: 'failed', detail: `${second.fault}: ${second.detail}` };
  const wrong = second.value.filter(({ snapshot, differences }) =>
    isStill(snapshot.book) ? differences.size > 0 : sharesOne(differences, doubted.get(snapshot.book)?.differences),
  );
  const [worst] = wrong;
  if (worst === undefined) return agreed.length > 0 ? { kind: 'agreed', books: agreed } : { kind: 'superseded' };
  const detail = differenceOf(worst.snapshot, parts);
  return { kind: 'contradicted', books: wrong.map(({ snapshot }) => snapshot.book), detail };
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

/** A size by its side and price. */
type Levels = ReadonlyMap<string, number>;

interface Look {
  readonly snapshot: BookSnapshot;
  /** Levels that we held alike before and after the reading, and that it shows otherwise: both sizes, by level. */
  readonly differences: ReadonlyMap<string, string>;
}

const NO_LEVELS: Levels = new Map();

function levelsOf(book: Book | undefined): Levels {
  return book === undefined ? NO_LEVELS : levelsIn({ bids: book.bids(false), asks: book.asks(false) });
}

function levelsIn({ bids, asks }: { readonly bids: readonly Level[]; readonly asks: readonly Level[] }): Levels {
  return new Map([
    ...bids.map(({ priceE4, sizeE6 }) => [`bid ${priceE4}`, sizeE6] as const),
    ...asks.map(({ priceE4, sizeE6 }) => [`ask ${priceE4}`, sizeE6] as const),
  ]);
}

function differencesOf([before, after]: readonly [Levels, Levels], theirs: Levels): ReadonlyMap<string, string> {
  const differences = new Map<string, string>();
  for (const level of new Set([...after.keys(), ...theirs.keys()])) {
    const [ours, shown] = [after.get(level) ?? 0, theirs.get(level) ?? 0];
    if (ours === (before.get(level) ?? 0) && ours !== shown) differences.set(level, `${ours} ${shown}`);
  }
  return differences;
}

function sharesOne(some: ReadonlyMap<string, string>, others: ReadonlyMap<string, string> | undefined): boolean {
  return [...some].some(([level, sizes]) => others?.get(level) === sizes);
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

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, ms));
}
