/** What a pair may hear. */
import { type PairContext, type PairEvent, type PairInput, pairMachine } from '../../src/machines/pair.machine.ts';
import type { ModelState } from './harness/model.ts';

export type Machine = typeof pairMachine;
export type State = ModelState<Machine>;

export const PROOF_MS = 1_000;
export const APPROVAL_MS = 3_600_000;
export const UNKNOWN = { type: 'nobody.declared' } as unknown as PairEvent;

export const EVENTS: PairEvent[] = [
  { type: 'approval.given', by: 'ann', scoreE6: 1_000_000, approvalMsLeft: APPROVAL_MS },
  { type: 'approval.given', by: 'ann', scoreE6: 949_999, approvalMsLeft: APPROVAL_MS },
  { type: 'approval.given', by: 'ann', scoreE6: 1_000_000, approvalMsLeft: 0 },
  { type: 'approval.revoked', by: 'ann', reason: 'read again' },
  { type: 'approval.expired' },
  { type: 'listings.agreed' },
  { type: 'listings.unproven', code: 'LISTING_UNREAD', detail: 'no answer' },
  { type: 'terms.changed', code: 'RULES_CHANGED', detail: 'another hash' },
  { type: 'market.ended', detail: 'MARKET_CLOSED: closed' },
  { type: 'veto.placed', by: 'bob', reason: 'THRESHOLD_MISMATCH' },
  { type: 'veto.lifted', by: 'bob' },
  { type: 'gap.doubted', detail: '9 cents for 60 s' },
  { type: 'outcomes.differed', detail: 'yes and no' },
  { type: 'proof.lapsed' },
  { type: 'effect.failed', effect: 'announceTradable', message: 'no screen' },
  UNKNOWN,
];

export const PAIR_AT_VENUES = 'pair-2';
export const INPUT_AT_VENUES: PairInput = { pairId: PAIR_AT_VENUES, scoreE6: 1_000_000, proofMs: 15 * 60_000 };
/** Runs out while somebody watches. */
export const SHORT_MS = 30_000;
export const QUARANTINE = 'veto.placed by bob: another source';

/** By what a person does, a pair is lost at once: that shows most while something is on its way to both venues. */
export const LEAVES: ReadonlySet<string> = new Set([
  'approval.revoked',
  'veto.placed',
  'gap.doubted',
  'outcomes.differed',
]);
const LEFT: ReadonlySet<string> = new Set(['vouched.tradable', 'quarantined']);

/** A reading that fails comes before a proof lapses. */
export function eventsAtVenues({ text, context }: State): PairEvent[] {
  const possible = EVENTS.filter(
    ({ type }) =>
      !['proof.lapsed', 'nobody.declared'].includes(type) &&
      (!LEAVES.has(type) || LEFT.has(text) || (type === 'approval.revoked' && text !== 'vouched.approved')) &&
      (type !== 'effect.failed' || text === 'vouched.approved') &&
      (type !== 'approval.expired' || context.approvalMsLeft === SHORT_MS),
  );
  return [...possible, { type: 'approval.given', by: 'ann', scoreE6: 1_000_000, approvalMsLeft: SHORT_MS }];
}

export const shared = {
  machine: pairMachine,
  keep: ({ approvedBy, approvalMsLeft }: PairContext) => [approvedBy, approvalMsLeft],
};
