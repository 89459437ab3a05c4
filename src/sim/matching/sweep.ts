/** What an incoming order would do to the other side, decided before anything is changed. */
import type { SizeE6 } from '../../domain/units.ts';
import type { BookHooks, CancelReason, Fill, FillPermit, NewOrder, RestingOrder } from './engine.ts';
import { sizeOf } from './ladder.ts';

export type SweepStep<Owner, Id> =
  | { readonly kind: 'fill'; readonly maker: RestingOrder<Owner, Id>; readonly sizeE6: SizeE6 }
  | { readonly kind: 'cancelMaker'; readonly maker: RestingOrder<Owner, Id>; readonly reason: CancelReason };

export interface Sweep<Owner, Id> {
  readonly steps: readonly SweepStep<Owner, Id>[];
  readonly filledE6: SizeE6;
  /** Why the incoming order ends before its size is used up. */
  readonly stopped: CancelReason | undefined;
}

export function planSweep<Owner, Id>(
  makers: Iterable<RestingOrder<Owner, Id>>,
  taker: NewOrder<Owner, Id>,
  wanted: number,
  hooks: BookHooks<Owner, Id>,
): Sweep<Owner, Id> {
  const steps: SweepStep<Owner, Id>[] = [];
  const fills: Fill<Owner, Id>[] = [];
  let left = wanted;
  const end = (stopped?: CancelReason): Sweep<Owner, Id> => ({ steps, filledE6: sizeOf(wanted - left), stopped });
  for (const maker of makers) {
    if (left === 0 || !crosses(taker, maker)) break;
    if (maker.owner === taker.owner) {
      const policy = taker.selfTrade ?? 'takerAtCross';
      if (policy === 'takerAtCross') return end('selfTrade');
      if (policy === 'maker') steps.push({ kind: 'cancelMaker', maker, reason: 'selfTrade' });
      continue;
    }
    const fill = { maker, taker, priceE4: maker.priceE4, sizeE6: sizeOf(Math.min(left, maker.remainingE6)) };
    const { sizeE6, cancel } = permitted(fill, fills, hooks);
    if (sizeE6 > 0) {
      steps.push({ kind: 'fill', maker, sizeE6 });
      fills.push({ ...fill, sizeE6 });
      left -= sizeE6;
    }
    if (cancel?.party === 'taker') return end(cancel.reason);
    if (cancel !== undefined && sizeE6 < maker.remainingE6)
      steps.push({ kind: 'cancelMaker', maker, reason: cancel.reason });
  }
  return end();
}

function crosses<Owner, Id>(taker: NewOrder<Owner, Id>, maker: RestingOrder<Owner, Id>): boolean {
  return taker.side === 'bid' ? maker.priceE4 <= taker.priceE4 : maker.priceE4 >= taker.priceE4;
}

function permitted<Owner, Id>(
  fill: Fill<Owner, Id>,
  earlier: readonly Fill<Owner, Id>[],
  hooks: BookHooks<Owner, Id>,
): FillPermit {
  const permit = hooks.permit?.({ ...fill, earlier });
  if (permit === undefined) return { sizeE6: fill.sizeE6 };
  if (permit.sizeE6 > fill.sizeE6) throw new Error(`at most ${fill.sizeE6} was proposed, ${permit.sizeE6} permitted`);
  if (permit.sizeE6 < fill.sizeE6 && permit.cancel === undefined)
    throw new Error('a smaller fill must say who is canceled for it');
  return permit;
}
