/** The baskets that are looked at whenever one of their books changes. */
import type { Book } from '../book/book.ts';
import type { OrderFee } from '../fees/fee-schedule.ts';
import { invariant } from '../invariant.ts';
import type { BasketResult, Family } from './basket.ts';

/** One leg of a watched basket: the asks of a book, or of its mirror image. */
export interface WatchedLeg {
  readonly book: Book;
  readonly inverted: boolean;
  /** `undefined` while the venue's fee for this instrument is not known. */
  readonly fee: OrderFee | undefined;
  readonly label: string;
}

export interface Watch {
  /** Stable and unique: adding a watch with a known id replaces it. */
  readonly id: string;
  /** What a person calls it. */
  readonly label: string;
  readonly family: Family;
  readonly legs: readonly WatchedLeg[];
  /** What one set pays at least if the family's conditions hold, in ten-thousandths of a dollar. */
  readonly promisedE4: number;
  /** The basket, or why it may not be made: then its prices are watched and nothing is traded. */
  readonly result: BasketResult;
  /** False for recordings that kept prices alone. */
  readonly hasSizes: boolean;
}

const NONE: readonly Watch[] = [];

export class WatchList {
  readonly #watches = new Map<string, Watch>();
  readonly #byBook: (Watch[] | undefined)[] = [];

  get size(): number {
    return this.#watches.size;
  }

  find(id: string): Watch | undefined {
    return this.#watches.get(id);
  }

  all(): Iterable<Watch> {
    return this.#watches.values();
  }

  add(watch: Watch): void {
    invariant(watch.legs.length > 0, () => `a watch needs at least one leg, found none (${watch.id})`);
    const known = this.#watches.get(watch.id);
    if (known !== undefined) this.#forget(known);
    this.#watches.set(watch.id, watch);
    for (const book of new Set(watch.legs.map((leg) => leg.book))) {
      const others = this.#byBook[book.index];
      if (others === undefined) this.#byBook[book.index] = [watch];
      else others.push(watch);
    }
  }

  /** The watches with a leg in the book at this index. */
  of(bookIndex: number): readonly Watch[] {
    return this.#byBook[bookIndex] ?? NONE;
  }

  #forget(watch: Watch): void {
    for (const { book } of watch.legs) {
      this.#byBook[book.index] = this.#byBook[book.index]?.filter((other) => other !== watch);
    }
  }
}
