/** Ways through charts to corners where values have to fit each other, which chance hardly finds. */
import type { EventObject } from 'xstate';
import { plannedReport } from '../../src/domain/execution/policy.ts';
import { SAMPLE_EXIT, SAMPLE_ORDER } from '../../src/machines/chart-samples.ts';

export interface Walk {
  readonly chart: string;
  readonly input: unknown;
  readonly events: readonly EventObject[];
}

export const RESTING = { ...SAMPLE_ORDER, timeInForce: 'goodTillCanceled' } as const;
const said = (type: string, fields: object = {}): EventObject => ({ type, ...fields });
const ONE = { ...SAMPLE_ORDER, sizeE6: 1_000_000 as typeof SAMPLE_ORDER.sizeE6 };
const lost = [{ type: 'intent.recorded' }, { type: 'submission.sent' }, said('order.unknown', { hasLanded: false })];
const rests = { filledE6: 0, restingE6: SAMPLE_ORDER.sizeE6, standing: 'resting', tradeIds: [], venueOrderId: 'v1' };
const absent = said('order.absent', { isPastExpiry: true });
const fails = [{ type: 'connect.overdue' }, said('delay.drawn', { delayMs: 100 }), { type: 'retry.due' }];

export const EXACT: Readonly<Record<string, readonly Omit<Walk, 'chart'>[]>> = {
  connection: [
    { input: {}, events: Array.from({ length: 5 }, () => fails).flat() },
    { input: {}, events: [said('socket.ended', { kind: 'refused', code: 401, reason: 'who?' })] },
  ],
  bookFeed: [
    {
      input: {},
      events: ['subscription.sent', ...Array.from({ length: 6 }, () => ['snapshot.overdue', 'resync.due']).flat()].map(
        (type) => ({ type }),
      ),
    },
  ],
  orderLeg: [
    { input: { order: RESTING }, events: [...lost, said('order.acknowledged', { isProvisional: false, ...rests })] },
    {
      input: { order: RESTING },
      events: [...lost, { type: 'reconciliation.due' }, said('order.found', { ...rests, expiresInMs: 1_000 })],
    },
    { input: { order: RESTING }, events: [...lost, absent, absent, absent] },
  ],
  position: [
    { input: {}, events: [said('closing.requested', { plan: SAMPLE_EXIT.plan, by: 'ann', reason: 'by hand' })] },
    {
      input: {},
      events: [
        said('settlement.checked', { evidence: [{ leg: 0, standing: 'determined', yesPayoutE4: 10_000 }] }),
        { type: 'payment.overdue' },
      ],
    },
  ],
  quote: [
    {
      input: {},
      events: [
        said('quote.planned', { order: ONE, atMicros: 0 }),
        said('leg.reported', { report: { ...plannedReport(ONE), standing: 'resting' } }),
        said('queue.moved', { aheadE6: 1, aheadE6Max: 2 }),
      ],
    },
  ],
};
