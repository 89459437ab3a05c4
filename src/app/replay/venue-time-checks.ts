/** The venue's clock as a recording shows it: it agrees with itself, goes forward, and keeps its distance to ours. */
import type { BookId } from '../../domain/instrument.ts';
import type { VenueTime } from '../../domain/ports/market-data.ts';
import { instantMs } from '../capture/records.ts';

/** Recorded distances moved by 2 seconds at most within a capture (bursts, May 2026); clocks do not jump by more. */
const DRIFT_MS_MAX = 60_000;

const ISO_TEXT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/;

type TimedChange = VenueTime & { readonly book: BookId };

export class VenueTimeChecks {
  readonly #add: (message: string) => void;
  /** The last instant of each book, in milliseconds with microseconds as a fraction where the venue gives them. */
  readonly #lastMs = new Map<BookId, number>();
  #isText: boolean | undefined;
  #distanceMs: number | undefined;

  constructor(add: (message: string) => void) {
    this.#add = add;
  }

  /** A whole book came: what came before may only be compared with it if the book was live until now. */
  onSnapshot(event: TimedChange, wasLive: boolean): void {
    if (!wasLive) this.#lastMs.delete(event.book);
    const atMs = event.venueAtMs;
    if (atMs === undefined) this.#lastMs.delete(event.book);
    else this.#checkOrder(event.book, atMs);
  }

  /** `receivedAtMs` is when the recorder saw it, on its own clock. */
  onChange(event: TimedChange, receivedAtMs: number): void {
    const { book, stamp, venueAtMs } = event;
    if (stamp === undefined || venueAtMs === undefined) return;
    const isText = stamp !== String(venueAtMs);
    this.#isText ??= isText;
    if (isText !== this.#isText) {
      const expected = this.#isText ? 'a time as text beside its milliseconds' : 'a time in milliseconds alone';
      this.#add(`expected ${expected}, as in the records before, found ${stamp} (${book})`);
      return;
    }
    const textMs = isText ? textInstant(stamp) : venueAtMs;
    if (textMs === undefined || Math.floor(textMs) !== venueAtMs) {
      this.#add(`expected ${stamp} to be ${venueAtMs} ms since 1970 (${book})`);
      return;
    }
    this.#checkOrder(book, textMs);
    this.#checkDistance(book, receivedAtMs - venueAtMs);
  }

  #checkOrder(book: BookId, atMs: number): void {
    const lastMs = this.#lastMs.get(book);
    if (lastMs !== undefined && atMs < lastMs) {
      this.#add(`expected the venue's time of ${book} to move forward from ${lastMs} ms, found ${atMs}`);
    }
    this.#lastMs.set(book, atMs);
  }

  #checkDistance(book: BookId, distanceMs: number): void {
    this.#distanceMs ??= distanceMs;
    if (Math.abs(distanceMs - this.#distanceMs) <= DRIFT_MS_MAX) return;
    const [expected, found] = [Math.round(this.#distanceMs), Math.round(distanceMs)];
    this.#add(`expected the recorder's clock about ${expected} ms from the venue's, found ${found} ms (${book})`);
  }
}

function textInstant(stamp: string): number | undefined {
  return ISO_TEXT.test(stamp) ? instantMs(stamp) : undefined;
}
