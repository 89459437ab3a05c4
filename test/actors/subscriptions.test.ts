import { describe, expect, it } from 'vitest';
import { Subscriptions } from '../../src/actors/subscriptions.ts';
import type { BookId } from '../../src/domain/instrument.ts';

const books = (from: number, to: number): BookId[] =>
  Array.from({ length: to - from }, (_, at): BookId => `polymarket/${from + at}`);

describe('subscriptions', () => {
  it('spreads what one connection cannot carry, and names each book once', () => {
    const subscriptions = new Subscriptions(3);
    const [first, second] = subscriptions.assign([...books(0, 4), ...books(0, 2)]);
    expect(first).toEqual({ connection: 'market-1', books: books(0, 3), isEdge: true });
    expect(second).toEqual({ connection: 'market-2', books: books(3, 4), isEdge: true });
    expect(subscriptions.assign(books(0, 4))).toEqual([]);
  });

  it('fills the room that was left before it opens another', () => {
    const subscriptions = new Subscriptions(3);
    subscriptions.assign(books(0, 5));
    subscriptions.release(books(0, 1));
    expect(subscriptions.assign(books(5, 8)).map(({ connection, books: { length } }) => [connection, length])).toEqual([
      ['market-1', 1],
      ['market-2', 1],
      ['market-3', 1],
    ]);
  });

  it('forgets a connection that carries nothing, and never uses its name again', () => {
    const subscriptions = new Subscriptions(2);
    subscriptions.assign(books(0, 2));
    expect(subscriptions.release(books(0, 2))).toEqual([{ connection: 'market-1', books: books(0, 2), isEdge: true }]);
    expect(subscriptions.assign(books(0, 1))[0]?.connection).toBe('market-2');
    expect(subscriptions.release(books(7, 8))).toEqual([]);
  });
});
