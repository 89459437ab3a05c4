/** Price-time matching as one would write it down: a list, searched from the start for every fill. */
import type { NewOrder } from '../../../src/sim/matching/engine.ts';

export interface NaiveOrder {
  readonly id: string;
  readonly owner: string;
  readonly side: 'bid' | 'ask';
  readonly price: number;
  readonly size: number;
}

export interface NaiveFill {
  readonly maker: string;
  readonly price: number;
  readonly size: number;
}

/** `book` is in order of arrival. */
export function naiveSubmit(
  book: readonly NaiveOrder[],
  order: NewOrder<string, string>,
): { readonly book: NaiveOrder[]; readonly fills: NaiveFill[] } {
  const unchanged = { book: [...book], fills: [] };
  if (order.postOnly === true && best(book, order) !== undefined) return unchanged;
  let now = [...book];
  let left: number = order.sizeE6;
  const fills: NaiveFill[] = [];
  let isStopped = false;
  while (left > 0 && !isStopped) {
    const maker = best(now, order);
    if (maker === undefined) break;
    if (maker.owner === order.owner) {
      if (order.selfTrade === 'maker') now = now.filter(({ id }) => id !== maker.id);
      else isStopped = true;
      continue;
    }
    const size = Math.min(left, maker.size);
    fills.push({ maker: maker.id, price: maker.price, size });
    left -= size;
    now = now.flatMap((each) =>
      each.id !== maker.id ? [each] : each.size > size ? [{ ...each, size: each.size - size }] : [],
    );
  }
  if (order.timeInForce === 'fillOrKill' && left > 0) return unchanged;
  const rests = order.timeInForce === 'goodTillCanceled' && left > 0 && !isStopped;
  const { id, owner, side, priceE4 } = order;
  return { book: rests ? [...now, { id, owner, side, price: priceE4, size: left }] : now, fills };
}

function best(book: readonly NaiveOrder[], { side, priceE4 }: NewOrder<string, string>): NaiveOrder | undefined {
  let found: NaiveOrder | undefined;
  for (const each of book) {
    const isReachable = side === 'bid' ? each.price <= priceE4 : each.price >= priceE4;
    if (each.side === side || !isReachable) continue;
    const isBetter = found === undefined || (side === 'bid' ? each.price < found.price : each.price > found.price);
    if (isBetter) found = each;
  }
  return found;
}
