/** What must hold from one record of a capture to the next, whatever the records are about. */
import { type BookId, bookId } from '../../domain/instrument.ts';
import type { BookSnapshot } from '../../domain/ports/market-data.ts';
import type { PairRelation } from '../capture/capture.ts';
import type { CaptureMeta } from '../capture/meta.ts';
import type { ProblemKind } from './problems.ts';

/** 2100-01-01: a receive time beyond is not in milliseconds. */
const RECEIVED_MS_MAX = 4_102_444_800_000;

export class RecordChecks {
  readonly #meta: CaptureMeta;
  readonly #add: (kind: ProblemKind, message: string) => void;
  readonly #polls = new Map<BookId, string>();
  readonly #partners = new Map<BookId, BookId>();
  #lastText: string | undefined;
  #lastAtMs: number | undefined;

  constructor(meta: CaptureMeta, add: (kind: ProblemKind, message: string) => void) {
    this.#meta = meta;
    this.#add = add;
  }

  /** A record carries its receive time or its number in the sequence, so no two neighbours are alike. */
  onRecord(text: string): void {
    if (text === this.#lastText) this.#add('repeated', 'expected another record, found the one before it again');
    this.#lastText = text;
  }

  /** Whether a receive time can be one. Notes it when not, and when it goes back. */
  isInstant(receivedAtMs: number): boolean {
    if (!(receivedAtMs >= 0 && receivedAtMs < RECEIVED_MS_MAX)) {
      this.#add('malformed', `expected a receive time between 1970 and 2100, found ${receivedAtMs} ms`);
      return false;
    }
    if (this.#lastAtMs !== undefined && receivedAtMs < this.#lastAtMs) {
      this.#add(
        'time',
        `expected records in the order of their receipt, found ${receivedAtMs} after ${this.#lastAtMs}`,
      );
    }
    this.#lastAtMs = receivedAtMs;
    return true;
  }

  /** A recorder does not see one book twice alike at one instant: a second row is a copy of the first. */
  onPolled(event: BookSnapshot, receivedAtMs: number): void {
    // One look at each book has no time, and then nothing can be told.
    if (receivedAtMs === 0) return;
    const [bid, ask] = [event.bids[0]?.priceE4, event.asks[0]?.priceE4];
    const seen = `${receivedAtMs}/${bid}/${ask}`;
    if (this.#polls.get(event.book) === seen) {
      this.#add('repeated', `${event.book} was already seen like this at ${receivedAtMs}`);
    }
    this.#polls.set(event.book, seen);
  }

  /**
   * Whether a pair may be looked at: neither of its instruments was paired with another one before, and
   * the facts beside the capture name the same two. A wrong pair is the dearest mistake there is.
   */
  isPair({ pairId, yes }: PairRelation): boolean {
    const [kalshi, polymarket] = [yes.kalshi.book, yes.polymarket.book];
    const entry = this.#meta.pairs.find((pair) => bookId('kalshi', pair.kalshi.ticker) === kalshi);
    const stated = entry === undefined ? undefined : bookId('polymarket', entry.polymarket.yesTokenId);
    const expectedPolymarket = stated ?? this.#partners.get(kalshi) ?? polymarket;
    const expectedKalshi = this.#partners.get(polymarket) ?? kalshi;
    if (expectedPolymarket === polymarket && expectedKalshi === kalshi) {
      this.#partners.set(kalshi, polymarket).set(polymarket, kalshi);
      return true;
    }
    const expected =
      expectedPolymarket === polymarket
        ? `${polymarket} with ${expectedKalshi}`
        : `${kalshi} with ${expectedPolymarket}`;
    this.#add('pairing', `expected the pair ${expected}, found ${pairId}`);
    return false;
  }
}
