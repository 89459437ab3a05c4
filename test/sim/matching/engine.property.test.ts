import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { priceE4, sizeE6 } from '../../../src/domain/units.ts';
import { MatchingBook, type NewOrder, type Submission } from '../../../src/sim/matching/engine.ts';
import { type NaiveOrder, naiveSubmit } from './naive-book.ts';

const OWNERS = ['ann', 'bob', 'cid'];

interface Step {
  readonly kind: 'submit' | 'cancel' | 'amend';
  readonly owner: string;
  readonly side: 'bid' | 'ask';
  readonly cents: number;
  readonly size: number;
  readonly timeInForce: 'fillOrKill' | 'immediateOrCancel' | 'goodTillCanceled';
  readonly selfTrade: 'takerAtCross' | 'maker';
  readonly postOnly: boolean;
  /** Which resting order is meant, counted from the earliest. */
  readonly pick: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('submit', 'submit', 'submit', 'cancel', 'amend'),
  owner: fc.constantFrom(...OWNERS),
  side: fc.constantFrom('bid', 'ask'),
  cents: fc.integer({ min: 45, max: 55 }),
  size: fc.integer({ min: 1, max: 40 }),
  timeInForce: fc.constantFrom('fillOrKill', 'immediateOrCancel', 'goodTillCanceled'),
  selfTrade: fc.constantFrom('takerAtCross', 'maker'),
  postOnly: fc.boolean(),
  pick: fc.nat(30),
});

type Book = MatchingBook<string, string>;

function toOrder(each: Step, id: string): NewOrder<string, string> {
  const { owner, side, timeInForce, selfTrade } = each;
  const postOnly = each.postOnly && timeInForce === 'goodTillCanceled';
  return {
    id,
    owner,
    side,
    priceE4: priceE4(each.cents * 100),
    sizeE6: sizeE6(each.size),
    timeInForce,
    selfTrade,
    postOnly,
  };
}

function asNaive(book: Book): NaiveOrder[] {
  return book
    .orders()
    .map(({ id, owner, side, priceE4: price, remainingE6 }) => ({ id, owner, side, price, size: remainingE6 }));
}

/** Runs the steps; `check` sees every submission with the book before and after it. */
function play(
  steps: readonly Step[],
  check: (seen: {
    before: NaiveOrder[];
    order: NewOrder<string, string>;
    result: Submission<string, string>;
    book: Book;
  }) => void,
): void {
  const book: Book = new MatchingBook();
  for (const [index, each] of steps.entries()) {
    const resting = book.orders();
    const picked = resting[each.pick % Math.max(1, resting.length)];
    if (each.kind === 'cancel' && picked !== undefined) book.cancel(picked.id, 'user');
    if (each.kind === 'amend' && picked !== undefined)
      book.amend(picked.id, { priceE4: priceE4(each.cents * 100), remainingE6: sizeE6(each.size) });
    if (each.kind !== 'submit') continue;
    const before = asNaive(book);
    const order = toOrder(each, `o${index}`);
    check({ before, order, result: book.submit(order), book });
  }
}

function filled(result: Submission<string, string>) {
  return result.events.flatMap((event) =>
    event.kind === 'filled'
      ? [{ maker: event.maker.id, price: event.priceE4 as number, size: event.sizeE6 as number }]
      : [],
  );
}

const steps = fc.array(step, { minLength: 1, maxLength: 60 });

describe('matching book', () => {
  test('does what a list that is searched from the start does', () => {
    fc.assert(
      fc.property(steps, (list) =>
        play(list, ({ before, order, result, book }) => {
          const naive = naiveSubmit(before, order);
          expect(filled(result)).toEqual(naive.fills);
          expect(asNaive(book)).toEqual(naive.book);
        }),
      ),
      { numRuns: 300 },
    );
  });

  test('loses and invents no contract', () => {
    fc.assert(
      fc.property(steps, (list) =>
        play(list, ({ before, order, result, book }) => {
          const total = (orders: readonly NaiveOrder[]): number => orders.reduce((sum, { size }) => sum + size, 0);
          const canceled = result.events.reduce(
            (sum, event) => sum + (event.kind === 'canceled' ? event.sizeE6 : 0),
            0,
          );
          const isIn = result.events[0]?.kind === 'accepted';
          const came = isIn ? order.sizeE6 : 0;
          expect(total(before) + came).toBe(total(asNaive(book)) + 2 * result.filledE6 + canceled);
        }),
      ),
    );
  });

  test('is never crossed after a submission', () => {
    fc.assert(
      fc.property(steps, (list) =>
        play(list, ({ book }) => {
          const bid = book.best('bid')?.priceE4 ?? 0;
          const ask = book.best('ask')?.priceE4 ?? 10_000;
          expect(bid).toBeLessThan(ask);
        }),
      ),
    );
  });

  test('fills a fill-or-kill wholly or not at all', () => {
    fc.assert(
      fc.property(steps, (list) =>
        play(list, ({ order, result, before, book }) => {
          if (order.timeInForce !== 'fillOrKill') return;
          expect([0, order.sizeE6]).toContain(result.filledE6);
          if (result.filledE6 === 0) expect(asNaive(book)).toEqual(before);
        }),
      ),
    );
  });

  test('publishes level changes that add up to its levels', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const book: Book = new MatchingBook();
        const levels = new Map<string, number>();
        const apply = (result: Pick<Submission<string, string>, 'levels'>): void => {
          for (const { side, priceE4: price, deltaE6, sizeE6: total } of result.levels) {
            const now = (levels.get(`${side}${price}`) ?? 0) + deltaE6;
            expect(now).toBe(total);
            levels.set(`${side}${price}`, now);
          }
        };
        for (const [index, each] of list.entries()) {
          const picked = book.orders()[each.pick % 7];
          if (each.kind === 'cancel' && picked !== undefined) apply(book.cancel(picked.id, 'user'));
          else if (each.kind === 'amend' && picked !== undefined)
            apply(book.amend(picked.id, { priceE4: priceE4(each.cents * 100), remainingE6: sizeE6(each.size) }));
          else apply(book.submit(toOrder(each, `o${index}`)));
          const shown = (['bid', 'ask'] as const).flatMap((side) =>
            book.levels(side).map((level) => [`${side}${level.priceE4}`, level.sizeE6]),
          );
          expect(Object.fromEntries([...levels].filter(([, size]) => size > 0))).toEqual(Object.fromEntries(shown));
        }
      }),
    );
  });
});
