/** Which connection carries which book, with at most so many on each. */
import type { BookId } from '../domain/instrument.ts';
import { invariant } from '../domain/invariant.ts';

export interface Assignment {
  readonly connection: string;
  readonly books: readonly BookId[];
  /** It carried nothing before, or nothing afterwards. */
  readonly isEdge: boolean;
}

export class Subscriptions {
  readonly #perConnectionMax: number;
  readonly #byConnection = new Map<string, Set<BookId>>();
  readonly #byBook = new Map<BookId, string>();
  #named = 0;

  constructor(perConnectionMax: number) {
    invariant(perConnectionMax > 0, () => `a connection must carry at least one book, found ${perConnectionMax}`);
    this.#perConnectionMax = perConnectionMax;
  }

  connectionOf(book: BookId): string | undefined {
    return this.#byBook.get(book);
  }

  booksOf(connection: string): readonly BookId[] {
    return [...(this.#byConnection.get(connection) ?? [])];
  }

  get connections(): readonly string[] {
    return [...this.#byConnection.keys()];
  }

  /** Places books that no connection carries yet: where there is room first, then on new connections. */
  assign(books: readonly BookId[]): readonly Assignment[] {
    const fresh = [...new Set(books)].filter((book) => !this.#byBook.has(book));
    const assignments: Assignment[] = [];
    while (fresh.length > 0) {
      const [connection, carried] = this.#withRoom();
      const taken = fresh.splice(0, this.#perConnectionMax - carried.size);
      assignments.push({ connection, books: taken, isEdge: carried.size === 0 });
      for (const book of taken) {
        carried.add(book);
        this.#byBook.set(book, connection);
      }
    }
    return assignments;
  }

  /** Gives books up. A connection that carries none any more is forgotten; its name is not used again. */
  release(books: readonly BookId[]): readonly Assignment[] {
    const released = new Map<string, BookId[]>();
    for (const book of books) {
      const connection = this.#byBook.get(book);
      if (connection === undefined) continue;
      this.#byBook.delete(book);
      this.#byConnection.get(connection)?.delete(book);
      released.set(connection, [...(released.get(connection) ?? []), book]);
    }
    return [...released].map(([connection, gone]) => {
      const isEdge = this.#byConnection.get(connection)?.size === 0;
      if (isEdge) this.#byConnection.delete(connection);
      return { connection, books: gone, isEdge };
    });
  }

  #withRoom(): readonly [string, Set<BookId>] {
    for (const [connection, carried] of this.#byConnection)
      if (carried.size < this.#perConnectionMax) return [connection, carried];
    this.#named++;
    const made = [`market-${this.#named}`, new Set<BookId>()] as const;
    this.#byConnection.set(...made);
    return made;
  }
}
