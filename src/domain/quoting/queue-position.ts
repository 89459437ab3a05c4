/**
 * Where in the line our resting order stands, as far as a book of totals can tell (X3).
 *
 * Venues match a price in the order of arrival and show totals only. What trades is taken from the front; what is
 * canceled may have stood anywhere. Two numbers are kept: what is ahead at most, as if every cancel came from
 * behind, and what is to be expected, as if cancels were spread evenly.
 */
import { mulDiv, type SizeE6, sizeE6 } from '../units.ts';

export interface QueuePosition {
  readonly ownE6: SizeE6;
  /** Ahead of us at most, and to be expected. */
  readonly aheadE6Max: SizeE6;
  readonly aheadE6: SizeE6;
  /** Everything of others at our price. */
  readonly othersE6: SizeE6;
}

/** At the back of the line: whatever others showed at our price when we came is ahead. */
export function joinQueue(othersE6: SizeE6, ownE6: SizeE6): QueuePosition {
  return { ownE6, aheadE6Max: othersE6, aheadE6: othersE6, othersE6 };
}

/**
 * The line after a look: `tradedE6` printed at our price since the last one, and others show `othersE6` now.
 * Trades are the front's; what vanished beyond them was canceled; what came stands behind us.
 */
export function afterLook(
  queue: QueuePosition,
  seen: { readonly othersE6: SizeE6; readonly tradedE6: SizeE6; readonly ownE6: SizeE6 },
): QueuePosition {
  const { othersE6, tradedE6, ownE6 } = seen;
  const ownFilled = Math.max(0, queue.ownE6 - ownE6);
  // A fill of ours proves that nobody is ahead any more.
  const isFront = ownFilled > 0;
  const tradedOfOthers = Math.max(0, tradedE6 - ownFilled);
  const aheadMax = isFront ? 0 : Math.max(0, queue.aheadE6Max - tradedOfOthers);
  const ahead = isFront ? 0 : Math.max(0, queue.aheadE6 - tradedOfOthers);
  const leftE6 = Math.max(0, queue.othersE6 - tradedOfOthers);
  const canceled = Math.max(0, leftE6 - othersE6);
  const expected = leftE6 === 0 ? 0 : ahead - mulDiv(ahead, canceled, leftE6, 'floor');
  return {
    ownE6,
    aheadE6Max: sizeE6(Math.min(aheadMax, othersE6)),
    aheadE6: sizeE6(Math.min(expected, aheadMax, othersE6)),
    othersE6,
  };
}
