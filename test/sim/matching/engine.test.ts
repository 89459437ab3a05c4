import { describe, expect, test } from 'vitest';
import { priceE4, sizeE6 } from '../../../src/domain/units.ts';
import { type BookEvent, type FillPermit, MatchingBook, type NewOrder } from '../../../src/sim/matching/engine.ts';

const contracts = (count: number) => sizeE6(count * 1_000_000);
const cents = (count: number) => priceE4(count * 100);

let ids = 0;

function order(changes: Partial<NewOrder<string, string>> = {}): NewOrder<string, string> {
  const id = `o${++ids}`;
  return {
    id,
    owner: `owner of ${id}`,
    side: 'bid',
    priceE4: cents(50),
    sizeE6: contracts(10),
    timeInForce: 'goodTillCanceled',
    ...changes,
  };
}

function kinds(events: readonly BookEvent<string, string>[]): string[] {
  return events.map((event) => (event.kind === 'canceled' ? `canceled:${event.reason}` : event.kind));
}

describe('matching book', () => {
  test('trades at the price of the order that rested', () => {
    const book = new MatchingBook<string, string>();
    book.submit(order({ side: 'ask', priceE4: cents(40) }));
    const { events, filledE6 } = book.submit(order({ priceE4: cents(60) }));
    expect(filledE6).toBe(contracts(10));
    expect(events.find(({ kind }) => kind === 'filled')).toMatchObject({ priceE4: cents(40), sizeE6: contracts(10) });
  });

  test('fills the better price first, and the earlier order at one price', () => {
    const book = new MatchingBook<string, string>();
    for (const [id, price] of [
      ['late', 51],
      ['first', 50],
      ['second', 50],
    ] as const)
      book.submit(order({ id, side: 'ask', priceE4: cents(price) }));
    const { events } = book.submit(order({ priceE4: cents(60), sizeE6: contracts(25) }));
    expect(events.flatMap((event) => (event.kind === 'filled' ? [event.maker.id] : []))).toEqual([
      'first',
      'second',
      'late',
    ]);
    expect(book.get('late')?.remainingE6).toBe(contracts(5));
  });

  test('kills a fill-or-kill without touching anything', () => {
    const book = new MatchingBook<string, string>();
    book.submit(order({ side: 'ask' }));
    const outcome = book.submit(order({ sizeE6: contracts(11), timeInForce: 'fillOrKill' }));
    expect(kinds(outcome.events)).toEqual(['killed']);
    expect(outcome.levels).toEqual([]);
    expect(book.best('ask')?.sizeE6).toBe(contracts(10));
  });

  test('cancels what an immediate-or-cancel could not fill', () => {
    const book = new MatchingBook<string, string>();
    book.submit(order({ side: 'ask', sizeE6: contracts(4) }));
    const { events, filledE6, restingE6 } = book.submit(order({ timeInForce: 'immediateOrCancel' }));
    expect(kinds(events)).toEqual(['accepted', 'filled', 'canceled:immediateOrCancel']);
    expect([filledE6, restingE6]).toEqual([contracts(4), 0]);
  });

  test('refuses a post-only order that would cross and rests one that would not', () => {
    const book = new MatchingBook<string, string>();
    book.submit(order({ side: 'ask' }));
    expect(kinds(book.submit(order({ postOnly: true })).events)).toEqual(['refused']);
    expect(book.submit(order({ postOnly: true, priceE4: cents(49) })).restingE6).toBe(contracts(10));
  });

  test('ends a taker where it would meet its owner, and keeps what it filled before', () => {
    const book = new MatchingBook<string, string>();
    book.submit(order({ side: 'ask', priceE4: cents(48), sizeE6: contracts(3) }));
    book.submit(order({ side: 'ask', owner: 'me' }));
    const { events, filledE6 } = book.submit(order({ owner: 'me' }));
    expect(kinds(events)).toEqual(['accepted', 'filled', 'canceled:selfTrade']);
    expect(filledE6).toBe(contracts(3));
  });

  test('cancels the resting order of the same owner and goes on under maker', () => {
    const book = new MatchingBook<string, string>();
    book.submit(order({ id: 'mine', side: 'ask', owner: 'me', priceE4: cents(48) }));
    book.submit(order({ side: 'ask' }));
    const { events, filledE6 } = book.submit(order({ owner: 'me', selfTrade: 'maker' }));
    expect(kinds(events)).toEqual(['accepted', 'canceled:selfTrade', 'filled']);
    expect(filledE6).toBe(contracts(10));
    expect(book.get('mine')).toBeUndefined();
  });

  test('passes over the same owner under skip, and may rest across it', () => {
    const book = new MatchingBook<string, string>();
    book.submit(order({ side: 'ask', owner: 'me', priceE4: cents(48) }));
    expect(book.submit(order({ owner: 'me', selfTrade: 'skip' })).restingE6).toBe(contracts(10));
  });

  test('cancels on arrival what exceeds a reduce-only cap', () => {
    const book = new MatchingBook<string, string>();
    const { events, restingE6 } = book.submit(order({ reduceOnlyCapE6: contracts(4) }));
    expect(kinds(events)).toEqual(['accepted', 'canceled:reduceOnly']);
    expect(restingE6).toBe(contracts(4));
  });

  test('keeps the place in the queue when an order only shrinks, and loses it otherwise', () => {
    const book = new MatchingBook<string, string>();
    for (const id of ['a', 'b', 'c']) book.submit(order({ id }));
    book.amend('a', { priceE4: cents(50), remainingE6: contracts(2) });
    book.amend('b', { priceE4: cents(50), remainingE6: contracts(11) });
    expect(book.orders().map(({ id }) => id)).toEqual(['a', 'c', 'b']);
    expect(book.aheadE6('b')).toBe(contracts(12));
  });

  test('lets an amended order cross and fill', () => {
    const book = new MatchingBook<string, string>();
    book.submit(order({ side: 'ask', priceE4: cents(55) }));
    book.submit(order({ id: 'moved' }));
    const { filledE6, restingE6 } = book.amend('moved', { priceE4: cents(55), remainingE6: contracts(12) });
    expect([filledE6, restingE6]).toEqual([contracts(10), contracts(2)]);
  });

  test('expires good-till-date orders when told the time, and not before', () => {
    const book = new MatchingBook<string, string>();
    book.submit(order({ id: 'dated', timeInForce: 'goodTillDate', expiresAt: 100 }));
    expect(book.expire(99).events).toEqual([]);
    expect(kinds(book.expire(100).events)).toEqual(['canceled:expired']);
  });

  test('reports every change of a level with its new total', () => {
    const book = new MatchingBook<string, string>();
    book.submit(order({ side: 'ask' }));
    const { levels } = book.submit(order({ sizeE6: contracts(12) }));
    expect(levels.map(({ side, deltaE6, sizeE6: total }) => [side, deltaE6, total])).toEqual([
      ['ask', -contracts(10), 0],
      ['bid', contracts(2), contracts(2)],
    ]);
  });

  test('asks before each fill with the fills that are decided but not applied', () => {
    const asked: number[] = [];
    const permit = ({ earlier, sizeE6: size }: { earlier: readonly unknown[]; sizeE6: number }): FillPermit => {
      asked.push(earlier.length);
      return { sizeE6: sizeE6(size) };
    };
    const book = new MatchingBook<string, string>({ permit });
    for (let index = 0; index < 3; index++) book.submit(order({ side: 'ask', sizeE6: contracts(2) }));
    book.submit(order({ sizeE6: contracts(6) }));
    expect(asked).toEqual([0, 1, 2]);
  });

  test('cancels the maker that may not trade and goes on with the next', () => {
    const permit = ({ maker, sizeE6: size }: { maker: { id: string }; sizeE6: number }): FillPermit =>
      maker.id === 'poor'
        ? { sizeE6: sizeE6(0), cancel: { party: 'maker', reason: 'margin' } }
        : { sizeE6: sizeE6(size) };
    const book = new MatchingBook<string, string>({ permit });
    book.submit(order({ id: 'poor', side: 'ask', priceE4: cents(40) }));
    book.submit(order({ side: 'ask' }));
    const { events } = book.submit(order({}));
    expect(kinds(events)).toEqual(['accepted', 'canceled:margin', 'filled']);
  });

  test('counts what a permit takes away against a fill-or-kill', () => {
    const permit = (): FillPermit => ({ sizeE6: sizeE6(0), cancel: { party: 'taker', reason: 'margin' } });
    const book = new MatchingBook<string, string>({ permit });
    book.submit(order({ side: 'ask' }));
    expect(kinds(book.submit(order({ timeInForce: 'fillOrKill' })).events)).toEqual(['killed']);
  });
});
