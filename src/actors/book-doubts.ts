/**
 * What is done about a gap that is not traded because its books are in doubt: the venue is asked about the ones that
 * were quiet or closed, and books of one market that contradict each other wait for new snapshots.
 */
import type { Observable } from 'rxjs';
import type { Book } from '../domain/book/book.ts';
import { type Decision, type DetectionPolicy, worthProving } from '../domain/edge/decide.ts';
import type { VenueName } from '../domain/instrument.ts';
import type { ReportTrigger } from '../domain/limits/trigger.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { VenueDesk } from './venue-desk.ts';

export interface BookDoubtsParts {
  readonly clock: Clock;
  readonly policy: DetectionPolicy;
  readonly desks: Readonly<Record<VenueName, Pick<VenueDesk, 'prove' | 'gapBooks'>>>;
  readonly report: ReportTrigger;
}

/** Books of one market are told one after the other: what contradicts for longer than this is wrong. */
const PATIENCE_MS = 250;
/** What stays wrong stays refused: only now and then is the venue asked again, or a snapshot wanted. */
const SUSPICION_MS = 30_000;
const VENUES = ['kalshi', 'polymarket'] as const;

export class BookDoubts {
  readonly #parts: BookDoubtsParts;
  readonly #suspected = new Set<Book>();
  readonly #lastAtMs = new Map<string, number>();

  constructor(parts: BookDoubtsParts) {
    this.#parts = parts;
  }

  follow(decisions$: Observable<Decision>): void {
    decisions$.subscribe((decision) => this.#on(decision));
  }

  #on({ watch, verdict, atMs }: Decision): void {
    if (verdict.kind !== 'declined') return;
    switch (verdict.reason) {
      case 'BOOK_STALE':
      case 'BOOK_CLOSED':
        this.#prove(worthProving(watch, this.#parts.policy, atMs));
        return;
      case 'GAP_SUSPICIOUS':
        if (this.#isDue(watch.id, atMs)) this.#prove(watch.legs.map(({ book }) => book));
        return;
      case 'COMPLEMENT_ALARM':
        for (const { book } of watch.legs) this.#suspect(book);
        return;
      default:
    }
  }

  #isDue(name: string, nowMs: number): boolean {
    if (nowMs - (this.#lastAtMs.get(name) ?? Number.NEGATIVE_INFINITY) < SUSPICION_MS) return false;
    this.#lastAtMs.set(name, nowMs);
    return true;
  }

  #prove(books: readonly Book[]): void {
    for (const name of VENUES) {
      const here = books.filter(({ venue }) => venue === name);
      if (here.length > 0) this.#parts.desks[name].prove(here.map(({ id }) => id));
    }
  }

  #suspect(book: Book): void {
    if (!isContradicted(book) || this.#suspected.has(book)) return;
    this.#suspected.add(book);
    this.#parts.clock.setTimeout(() => {
      this.#suspected.delete(book);
      if (isContradicted(book) && this.#isDue(book.id, this.#parts.clock.nowMs())) this.#gap(book);
    }, PATIENCE_MS);
  }

  #gap(book: Book): void {
    const { desks, report } = this.#parts;
    const { id, venue, tickE4, market } = book;
    const gapE4 = book.complementGapE4();
    const detail = `expected ${market.complement?.id} to mirror ${id} within ${tickE4}, found them ${gapE4} apart`;
    const books = market.complement === undefined ? [id] : [id, market.complement.id];
    desks[venue].gapBooks(books, 'malformed', detail);
    report({ kind: 'BOOK_STALE', venue, detail });
  }
}

function isContradicted(book: Book): boolean {
  return book.complementGapE4() > book.tickE4;
}
