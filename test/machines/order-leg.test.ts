/**
 * Every transition of an order leg, by name; what they are worth against real venues is in test/actors.
 * Long because the last test asks that together these take every edge of the chart.
 */
import { describe, expect, it } from 'vitest';
import { filledSpan, type LegOrder } from '../../src/domain/execution/leg.ts';
import { contracts, micros, sizeE6 } from '../../src/domain/units.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import type { OrderLegEvent } from '../../src/machines/order-leg.events.ts';
import { orderLegMachine } from '../../src/machines/order-leg.machine.ts';
import { type LegOptions, legUnder, orderOf, says, takenEdges } from './order-leg-rig.ts';

const rests: Partial<LegOrder> = { timeInForce: 'goodTillCanceled' };
const later: Partial<LegOrder> = { venue: 'polymarket', legId: '1-polymarket' };
const sent: readonly OrderLegEvent[] = [says.recorded, says.sent];
const unknown = [...sent, says.unknown()];
const living = [...sent, says.acknowledged(0, 10)];
const canceling = [...living, says.cancel];
const canceled = [...canceling, says.canceled(10)];
/** The next read of an order that is unresolved is due when something asks for it. */
const read = (event: OrderLegEvent): readonly OrderLegEvent[] => [says.gap, event];
const absences = [...read(says.absent()), ...read(says.absent()), ...read(says.absent())];
const givenUp = [...unknown, ...absences];

interface Case {
  readonly claim: string;
  readonly after: readonly OrderLegEvent[];
  readonly state: string;
  readonly given?: LegOptions;
  readonly report?: object;
  readonly triggers?: readonly string[];
}

function holds(cases: readonly Case[]): void {
  it.each(cases)('$claim', ({ after, state, given, report, triggers }) => {
    const leg = legUnder(given);
    leg.send(...after);
    expect(leg.state()).toBe(state);
    if (report !== undefined) expect(leg.report()).toMatchObject(report);
    if (triggers !== undefined) expect(leg.triggers()).toEqual(triggers);
    expect(leg.effects().filter((name) => name === 'requestSubmission').length).toBeLessThanOrEqual(1);
    expect(leg.faults).toEqual([]);
  });
}

const resting = { order: rests };

describe('an order leg that is planned', () => {
  holds([
    { claim: 'asks for its intent and nothing else', after: [], state: 'planned' },
    {
      claim: 'is sent once its intent is recorded',
      after: [says.recorded],
      state: 'sending.intentWritten',
    },
    {
      claim: 'is reported as working when its last byte has left',
      after: [says.recorded, { type: 'submission.sent' }],
      state: 'sending.submitting',
      report: { standing: 'working', openE6: contracts(10) },
    },
    {
      claim: 'ends when it is withheld',
      after: [{ type: 'submission.withheld', reason: 'breakerOpen' }],
      state: 'closed',
      report: { end: 'withheld', openE6: 0 },
    },
    {
      claim: 'ends when it is canceled, before anything was sent',
      after: [says.cancel],
      state: 'closed',
      report: { end: 'withheld' },
    },
  ]);

  it('ends unsent when writing its intent broke', () => {
    const leg = legUnder({ breaking: ['recordIntent'] });
    expect(leg.state()).toBe('closed');
    expect(leg.effects()).not.toContain('requestSubmission');
  });
});

describe('an order leg that is on its way', () => {
  holds([
    {
      claim: 'is filled by an acknowledgement, before any fill is reported',
      after: [...sent, says.acknowledged(10)],
      state: 'ended.filled',
      report: { finalE6: contracts(10), isAccounted: false },
    },
    {
      claim: 'is killed where an immediate order is acknowledged short',
      after: [...sent, says.acknowledged(4)],
      state: 'ended.killed',
      report: { finalE6: contracts(4), openE6: 0 },
    },
    {
      claim: 'is canceled where nothing of a resting order rests',
      after: [...sent, says.acknowledged(4)],
      state: 'ended.canceled.awaitingProof',
      given: resting,
    },
    {
      claim: 'is unresolved where an immediate order is said to rest',
      after: [...sent, says.acknowledged(0, 10)],
      state: 'uncertain.unresolved',
      report: { openE6: contracts(10) },
    },
    { claim: 'rests', after: living, state: 'live.resting', given: resting, report: { standing: 'resting' } },
    {
      claim: 'rests with what it filled',
      after: [...sent, says.acknowledged(3, 7)],
      state: 'live.partlyFilled',
      given: resting,
    },
    {
      claim: 'is taken off at once when that was wished meanwhile',
      after: [...sent, says.cancel, says.acknowledged(0, 10)],
      state: 'canceling.cancelRequested',
      given: resting,
    },
    {
      claim: 'is killed by a refusal that says so',
      after: [...sent, says.refused('killed')],
      state: 'ended.killed',
      triggers: [],
    },
    {
      claim: 'is withheld by a refusal of our own',
      after: [says.recorded, says.refused('notSent')],
      state: 'closed',
      report: { end: 'withheld', refusal: 'notSent' },
    },
    {
      claim: 'is refused, and reports what is our bug',
      after: [...sent, says.refused('invalidOrder')],
      state: 'ended.refused',
      triggers: ['ORDER_INVALID'],
    },
    {
      claim: 'reports no refusal that is ordinary',
      after: [...sent, says.refused('marketClosed')],
      state: 'ended.refused',
      triggers: [],
    },
    {
      claim: 'is unresolved when the outcome is unknown',
      after: unknown,
      state: 'uncertain.unresolved',
      report: { standing: 'unresolved', openE6: contracts(10) },
    },
    {
      claim: 'takes a fill before its acknowledgement',
      after: [...sent, says.fill('t1', 4)],
      state: 'sending.submitting',
      report: { finalE6: contracts(4), openE6: contracts(6) },
    },
    {
      claim: 'is whole by fills alone',
      after: [...sent, says.fill('t1', 4), says.fill('t2', 6)],
      state: 'ended.filled',
    },
    {
      claim: 'counts a fill once',
      after: [...sent, says.fill('t1', 4), says.fill('t1', 4)],
      state: 'sending.submitting',
      report: { finalE6: contracts(4) },
    },
    {
      claim: 'is whole but for dust',
      after: [...sent, { ...says.fill('t1', 10), sizeE6: sizeE6(contracts(10) - 2_286) } as OrderLegEvent],
      state: 'ended.filled',
    },
    {
      claim: 'is filled by a report of the order',
      after: [...sent, says.record('order.reported', 'filled', 10)],
      state: 'ended.filled',
    },
    {
      claim: 'is killed by a report of the order',
      after: [...sent, says.record('order.reported', 'canceled')],
      state: 'ended.killed',
    },
    {
      claim: 'is canceled by a report of the order',
      after: [...sent, says.record('order.reported', 'canceled')],
      state: 'ended.canceled.awaitingProof',
      given: resting,
    },
    {
      claim: 'rests by a report of the order',
      after: [...sent, says.record('order.reported', 'resting')],
      state: 'live.resting',
      given: resting,
    },
    {
      claim: 'rests partly filled by a report of the order',
      after: [...sent, says.record('order.reported', 'resting', 2)],
      state: 'live.partlyFilled',
      given: resting,
    },
    {
      claim: 'is taken off when a report finds it resting against the wish',
      after: [...sent, says.cancel, says.record('order.reported', 'resting')],
      state: 'canceling.cancelRequested',
      given: resting,
    },
    {
      claim: 'learns nothing from a report that is not sure',
      after: [...sent, says.record('order.reported', 'unknown')],
      state: 'sending.submitting',
    },
    { claim: 'waits for its reply through a gap', after: [...sent, says.gap], state: 'sending.submitting' },
  ]);

  it('is unresolved after silence, and never sent again', () => {
    const leg = legUnder();
    leg.send(...sent);
    leg.advance(7_999);
    expect(leg.state()).toBe('sending.submitting');
    leg.advance(1);
    expect(leg.report()).toMatchObject({ standing: 'unresolved', openE6: contracts(10) });
    leg.advance(600_000);
    expect(leg.effects().filter((name) => name === 'requestSubmission')).toHaveLength(1);
  });

  it('is unresolved when sending broke: it may have left', () => {
    const leg = legUnder({ breaking: ['requestSubmission'] });
    leg.send(says.recorded);
    expect(leg.state()).toBe('uncertain.unresolved');
  });
});

describe('an order leg that rests', () => {
  holds([
    {
      claim: 'is filled in part',
      after: [...living, says.fill('t1', 3)],
      state: 'live.partlyFilled',
      given: resting,
      report: { finalE6: contracts(3), openE6: contracts(7) },
    },
    {
      claim: 'is filled more',
      after: [...living, says.fill('t1', 3), says.fill('t2', 3)],
      state: 'live.partlyFilled',
      given: resting,
    },
    { claim: 'is filled at once', after: [...living, says.fill('t1', 10)], state: 'ended.filled', given: resting },
    {
      claim: 'is filled to the end',
      after: [...living, says.fill('t1', 3), says.fill('t2', 7)],
      state: 'ended.filled',
      given: resting,
    },
    ...(['order.reported', 'order.found'] as const).flatMap((type): Case[] => [
      {
        claim: `is filled by ${type}`,
        after: [...living, says.record(type, 'filled', 10)],
        state: 'ended.filled',
        given: resting,
      },
      {
        claim: `is canceled by ${type}`,
        after: [...living, says.record(type, 'canceled')],
        state: 'ended.canceled.awaitingProof',
        given: resting,
      },
      {
        claim: `is filled in part by ${type}`,
        after: [...living, says.record(type, 'resting', 1)],
        state: 'live.partlyFilled',
        given: resting,
      },
      {
        claim: `goes on by ${type}`,
        after: [...living, says.record(type, 'resting')],
        state: 'live.resting',
        given: resting,
      },
    ]),
    {
      claim: 'takes a late acknowledgement that it filled',
      after: [...sent, says.record('order.reported', 'resting'), says.acknowledged(10)],
      state: 'ended.filled',
      given: resting,
    },
    {
      claim: 'takes a late acknowledgement that it is off',
      after: [...sent, says.record('order.reported', 'resting'), says.acknowledged(0)],
      state: 'ended.canceled.awaitingProof',
      given: resting,
    },
    {
      claim: 'takes a late acknowledgement of a part',
      after: [...sent, says.record('order.reported', 'resting'), says.acknowledged(2, 8)],
      state: 'live.partlyFilled',
      given: resting,
    },
    {
      claim: 'takes a late acknowledgement',
      after: [...sent, says.record('order.reported', 'resting'), says.acknowledged(0, 10)],
      state: 'live.resting',
      given: resting,
    },
    {
      claim: 'asks when it is refused after it was seen',
      after: [...living, says.refused('killed')],
      state: 'uncertain.unresolved',
      given: resting,
    },
    { claim: 'asks after a gap', after: [...living, says.gap], state: 'uncertain.reconciling', given: resting },
    {
      claim: 'believes no absence that it did not ask about',
      after: [...living, says.absent(), says.absent(), says.absent()],
      state: 'live.resting',
      given: resting,
    },
    { claim: 'believes no failed read', after: [...living, says.readFailed], state: 'live.resting', given: resting },
    {
      claim: 'goes on after a late word that it was sent or unknown',
      after: [...living, says.sent, says.unknown(), says.cancelUnknown, says.cancelRefused],
      state: 'live.resting',
      given: resting,
    },
  ]);

  it('asks when its own expiry has passed without a word', () => {
    const leg = legUnder({ order: { timeInForce: 'goodTillDate', expiresAt: micros(1) } });
    leg.send({ type: 'intent.recorded', expiresInMs: 30_000 }, says.acknowledged(0, 10));
    leg.advance(35_000);
    expect(leg.state()).toBe('uncertain.reconciling');
    leg.send({ ...says.record('order.found', 'resting'), expiresInMs: 0 } as OrderLegEvent);
    expect(leg.state()).toBe('live.resting');
    leg.advance(5_000);
    expect(leg.state()).toBe('uncertain.reconciling');
  });

  it('is not disturbed by its expiry while it is being taken off', () => {
    const leg = legUnder({ order: { timeInForce: 'goodTillDate', expiresAt: micros(1) } });
    leg.send({ type: 'intent.recorded', expiresInMs: 1_000 }, says.acknowledged(0, 10), says.cancel);
    leg.advance(6_000);
    expect(leg.state()).toBe('canceling.cancelRequested');
  });
});

describe('an order leg of which nobody knows', () => {
  holds([
    {
      claim: 'is found filled',
      after: [...unknown, ...read(says.record('order.found', 'filled', 10))],
      state: 'ended.filled',
    },
    {
      claim: 'is found dead at once',
      after: [...unknown, ...read(says.record('order.found', 'canceled', 2))],
      state: 'ended.killed',
      report: { finalE6: contracts(2), openE6: 0 },
    },
    {
      claim: 'is found canceled',
      after: [...unknown, ...read(says.record('order.found', 'canceled', 2))],
      state: 'ended.canceled.awaitingProof',
      given: resting,
    },
    {
      claim: 'is found resting',
      after: [...unknown, ...read(says.record('order.found', 'resting'))],
      state: 'live.resting',
      given: resting,
    },
    {
      claim: 'is found resting in part',
      after: [...unknown, ...read(says.record('order.found', 'resting', 3))],
      state: 'live.partlyFilled',
      given: resting,
    },
    {
      claim: 'is found resting and taken off, as was wished',
      after: [...unknown, says.cancel, says.record('order.found', 'resting')],
      state: 'canceling.cancelRequested',
      given: resting,
    },
    {
      claim: 'is not over while it is delayed',
      after: [...unknown, ...read(says.record('order.found', 'unknown'))],
      state: 'uncertain.unresolved',
      report: { openE6: contracts(10) },
    },
    {
      claim: 'is not given up after two absences',
      after: [...unknown, ...read(says.absent()), ...read(says.absent())],
      state: 'uncertain.unresolved',
    },
    {
      claim: 'is not given up before its expiry',
      after: [...unknown, ...read(says.absent()), ...read(says.absent()), ...read(says.absent(false))],
      state: 'uncertain.unresolved',
    },
    {
      claim: 'is not given up by absences with a failed read between',
      after: [
        ...unknown,
        ...read(says.absent()),
        ...read(says.absent()),
        ...read(says.readFailed),
        ...read(says.absent()),
      ],
      state: 'uncertain.unresolved',
      report: { openE6: contracts(10) },
    },
    {
      claim: 'is given up after three',
      after: givenUp,
      state: 'ended.notAccepted',
      report: { end: 'notAccepted', openE6: 0 },
    },
    {
      claim: 'is killed, not given up, when it is known to have landed',
      after: [...sent, says.unknown(true), ...absences],
      state: 'ended.killed',
    },
    {
      claim: 'is canceled, not given up, when it is known to have landed',
      after: [...sent, says.unknown(true), ...absences],
      state: 'ended.canceled.awaitingProof',
      given: resting,
    },
    { claim: 'is filled by a late acknowledgement', after: [...unknown, says.acknowledged(10)], state: 'ended.filled' },
    { claim: 'is killed by a late acknowledgement', after: [...unknown, says.acknowledged(1)], state: 'ended.killed' },
    {
      claim: 'is canceled by a late acknowledgement',
      after: [...unknown, says.acknowledged(1)],
      state: 'ended.canceled.awaitingProof',
      given: resting,
    },
    {
      claim: 'is taken off after a late acknowledgement that it rests',
      after: [...unknown, says.acknowledged(0, 10)],
      state: 'canceling.cancelRequested',
      given: resting,
    },
    {
      claim: 'stays so after an acknowledgement that says neither',
      after: [...unknown, says.acknowledged(0, 10)],
      state: 'uncertain.unresolved',
    },
    {
      claim: 'is refused by a late refusal',
      after: [...unknown, says.refused('marketClosed')],
      state: 'ended.refused',
    },
    { claim: 'is killed by a late refusal', after: [...unknown, says.refused('killed')], state: 'ended.killed' },
    {
      claim: 'is withheld by a late word that it never left',
      after: [...unknown, says.refused('notSent')],
      state: 'closed',
    },
    {
      claim: 'is not refused once it was seen',
      after: [...unknown, says.fill('t1', 2), says.refused('killed')],
      state: 'uncertain.unresolved',
      report: { finalE6: contracts(2), openE6: contracts(8) },
    },
    { claim: 'is whole by fills', after: [...unknown, says.fill('t1', 10)], state: 'ended.filled' },
    ...(
      [
        ['filled', 'ended.filled'],
        ['canceled', 'ended.killed'],
        ['unknown', 'uncertain.unresolved'],
      ] as const
    ).map(
      ([standing, state]): Case => ({
        claim: `goes to ${state} by a report that it is ${standing}`,
        after: [...unknown, says.record('order.reported', standing, standing === 'filled' ? 10 : 0)],
        state,
      }),
    ),
    {
      claim: 'is canceled by a report',
      after: [...unknown, says.record('order.reported', 'canceled')],
      state: 'ended.canceled.awaitingProof',
      given: resting,
    },
    {
      claim: 'is canceled by a late acknowledgement of its cancel',
      after: [...canceling, says.cancelUnknown, says.canceled(10)],
      state: 'ended.canceled.awaitingProof',
      given: resting,
    },
    {
      claim: 'is filled by a late acknowledgement that nothing was left to cancel',
      after: [...canceling, says.cancelUnknown, says.canceled(0)],
      state: 'ended.filled',
      given: resting,
    },
    {
      claim: 'learns nothing from a late cancel that does not say how much',
      after: [...canceling, says.cancelUnknown, says.canceled()],
      state: 'uncertain.unresolved',
      given: resting,
    },
    {
      claim: 'is asked anew after a gap in the middle of a read',
      after: [...unknown, says.gap, says.gap],
      state: 'uncertain.reconciling',
    },
  ]);

  it('is asked at once, then ever more slowly, up to every eight seconds', () => {
    const leg = legUnder();
    leg.send(...unknown);
    const pauses: number[] = [];
    for (let at = 0; at < 9; at++) {
      const from = leg.clock.nowMs();
      while (leg.state() !== 'uncertain.reconciling')
        leg.advance(leg.clock.nextAtMs === undefined ? 1 : leg.clock.nextAtMs - leg.clock.nowMs());
      pauses.push(leg.clock.nowMs() - from);
      leg.send(says.readFailed);
    }
    expect(pauses).toEqual([0, 250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  });

  it('is asked again when a read does not end', () => {
    const leg = legUnder();
    leg.send(...unknown, says.gap);
    leg.advance(60_000);
    leg.advance(250);
    expect(leg.effects().filter((name) => name === 'requestReconciliation')).toHaveLength(2);
  });

  it('is asked again when asking broke', () => {
    const leg = legUnder({ breaking: ['requestReconciliation'] });
    leg.send(...unknown, says.gap);
    expect(leg.state()).toBe('uncertain.unresolved');
  });

  it('of an earlier life is asked for first', () => {
    const report = {
      standing: 'working',
      end: undefined,
      refusal: undefined,
      finalE6: contracts(2),
      provisionalE6: sizeE6(0),
      openE6: contracts(8),
      cashMicroUsd: 0,
      isAccounted: true,
    };
    const leg = legUnder({
      restored: { report: { order: orderOf(), ...report } as never, venueOrderId: 'v1', sinceMicros: 5 },
    });
    expect(leg.state()).toBe('uncertain.reconciling');
    expect(leg.asked.find(({ name }) => name === 'requestReconciliation')?.params).toMatchObject({
      sinceMicros: 5,
      venueOrderId: 'v1',
    });
    expect(leg.report()).toMatchObject({ finalE6: contracts(2), openE6: contracts(8), isAccounted: false });
    expect(leg.effects()).not.toContain('requestSubmission');
  });
});

describe('an order leg that should be taken off', () => {
  const off = { given: resting };
  holds([
    { ...off, claim: 'is off when the venue says how much', after: canceled, state: 'ended.canceled.awaitingProof' },
    {
      ...off,
      claim: 'is filled when nothing was left to take off',
      after: [...canceling, says.canceled(0)],
      state: 'ended.filled',
    },
    {
      ...off,
      claim: 'is asked for when the venue does not say how much',
      after: [...canceling, says.canceled()],
      state: 'uncertain.reconciling',
      report: { openE6: contracts(10) },
    },
    {
      ...off,
      claim: 'is asked for when it was not found',
      after: [...canceling, says.cancelUnknown],
      state: 'uncertain.unresolved',
      report: { openE6: contracts(10) },
    },
    {
      ...off,
      claim: 'waits when the cancel is refused',
      after: [...canceling, says.cancelRefused],
      state: 'canceling.cancelRefused',
    },
    {
      ...off,
      claim: 'waits for its cancel though its order is refused late',
      after: [...canceling, says.refused('killed')],
      state: 'canceling.cancelRequested',
    },
    { ...off, claim: 'fills in part', after: [...canceling, says.fill('t1', 2)], state: 'canceling.cancelRequested' },
    { ...off, claim: 'fills', after: [...canceling, says.fill('t1', 10)], state: 'ended.filled' },
    ...(['order.reported', 'order.found'] as const).flatMap((type): Case[] => [
      {
        ...off,
        claim: `is filled by ${type}`,
        after: [...canceling, says.record(type, 'filled', 10)],
        state: 'ended.filled',
      },
      {
        ...off,
        claim: `is canceled by ${type}`,
        after: [...canceling, says.record(type, 'canceled')],
        state: 'ended.canceled.awaitingProof',
      },
      {
        ...off,
        claim: `waits on by ${type}`,
        after: [...canceling, says.record(type, 'resting')],
        state: 'canceling.cancelRequested',
      },
    ]),
    ...(
      [
        [10, 0, 'ended.filled'],
        [0, 0, 'ended.canceled.awaitingProof'],
        [0, 10, 'canceling.cancelRequested'],
      ] as const
    ).map(
      ([filled, left, state]): Case => ({
        ...off,
        claim: `goes to ${state} by a late acknowledgement`,
        after: [...sent, says.record('order.reported', 'resting'), says.cancel, says.acknowledged(filled, left)],
        state,
      }),
    ),
  ]);

  it('looks, and cancels again, after a refused cancel', () => {
    const leg = legUnder(resting);
    leg.send(...canceling, says.cancelRefused);
    leg.advance(2_000);
    expect(leg.state()).toBe('uncertain.reconciling');
    leg.send(says.record('order.found', 'resting'));
    expect(leg.effects().filter((name) => name === 'requestCancel')).toHaveLength(2);
  });

  it('asks after silence', () => {
    const leg = legUnder(resting);
    leg.send(...canceling);
    leg.advance(8_000);
    expect(leg.report()).toMatchObject({ standing: 'unresolved' });
  });

  it('asks when canceling broke', () => {
    const leg = legUnder({ ...resting, breaking: ['requestCancel'] });
    leg.send(...canceling);
    expect(leg.state()).toBe('uncertain.unresolved');
  });
});

describe('an order leg that has ended', () => {
  const off = { given: resting };
  holds([
    {
      claim: 'takes another word of the same',
      after: [
        ...sent,
        says.acknowledged(10),
        says.acknowledged(10),
        says.record('order.reported', 'filled', 10),
        says.record('order.found', 'filled', 10),
        says.canceled(0),
        says.cancel,
      ],
      state: 'ended.filled',
    },
    { claim: 'asks after a gap', after: [...sent, says.acknowledged(10), says.gap], state: 'ended.filled' },
    {
      claim: 'reports a fill beyond its size',
      after: [...sent, says.fill('t1', 10), says.fill('t2', 1)],
      state: 'ended.filled',
      report: { finalE6: contracts(11) },
      triggers: ['LATE_FILL'],
    },
    {
      claim: 'takes fills after it was killed',
      after: [...sent, says.acknowledged(4), says.fill('t1', 4)],
      state: 'ended.killed',
      report: { finalE6: contracts(4), isAccounted: true },
      triggers: [],
    },
    {
      claim: 'is filled after all',
      after: [...sent, says.refused('killed'), says.fill('t1', 10)],
      state: 'ended.filled',
    },
    {
      claim: 'reports and asks when a refused order fills in part',
      after: [...sent, says.refused('marketClosed'), says.fill('t1', 1)],
      state: 'uncertain.unresolved',
      triggers: ['LATE_FILL'],
    },
    {
      claim: 'reports when a refused order fills',
      after: [...sent, says.refused('marketClosed'), says.fill('t1', 10)],
      state: 'ended.filled',
      triggers: ['LATE_FILL'],
    },
    {
      ...off,
      claim: 'adopts a fill after its cancel',
      after: [...canceled, says.fill('t1', 2)],
      state: 'ended.canceled.awaitingProof',
      report: { finalE6: contracts(2) },
      triggers: [],
    },
    { ...off, claim: 'is filled after its cancel', after: [...canceled, says.fill('t1', 10)], state: 'ended.filled' },
    {
      ...off,
      claim: 'asks on when it is found resting after its cancel',
      after: [...canceled, says.record('order.found', 'resting')],
      state: 'uncertain.unresolved',
      report: { openE6: contracts(10) },
    },
    {
      ...off,
      claim: 'closes when the venue confirms its cancel',
      after: [...canceled, says.record('order.found', 'canceled')],
      state: 'closed',
    },
    { ...off, claim: 'closes when the venue has forgotten it', after: [...canceled, says.absent()], state: 'closed' },
    {
      ...off,
      claim: 'waits for its fills though the cancel is confirmed',
      after: [...canceling, says.canceled(7), says.record('order.found', 'canceled', 3)],
      state: 'ended.canceled.proved',
    },
    {
      ...off,
      claim: 'adopts and reports a fill after it was given up',
      after: [...givenUp, says.fill('t1', 1)],
      state: 'uncertain.unresolved',
      triggers: ['LATE_FILL'],
    },
    {
      claim: 'adopts and reports all of it after it was given up',
      after: [...givenUp, says.fill('t1', 10)],
      state: 'ended.filled',
      report: { finalE6: contracts(10) },
      triggers: ['LATE_FILL'],
    },
    {
      ...off,
      claim: 'asks when it is found after it was given up',
      after: [...givenUp, says.record('order.found', 'resting')],
      state: 'uncertain.unresolved',
      triggers: ['LATE_FILL'],
    },
    {
      ...off,
      claim: 'asks when it is reported after it was given up',
      after: [...givenUp, says.record('order.reported', 'resting')],
      state: 'uncertain.unresolved',
      triggers: ['LATE_FILL'],
    },
    {
      ...off,
      claim: 'asks when it is acknowledged after it was given up',
      after: [...givenUp, says.acknowledged(0, 10)],
      state: 'uncertain.unresolved',
      triggers: ['LATE_FILL'],
    },
    { claim: 'closes when one more read does not know it', after: [...givenUp, says.absent()], state: 'closed' },
  ]);

  it.each([
    ['filled', [...sent, says.fill('t1', 10)]],
    ['killed', [...sent, says.refused('killed')]],
    ['refused', [...sent, says.refused('marketClosed')]],
  ] as const)('closes a moment after it was %s', (_, events) => {
    const leg = legUnder();
    leg.send(...events);
    leg.advance(1_000);
    expect(leg.state()).toBe('closed');
  });

  it.each([
    ['filled', [...sent, says.acknowledged(10)], 10],
    ['killed', [...sent, says.acknowledged(4)], 4],
  ] as const)('asks for the fills of what was %s, and closes with them', (_, events, size) => {
    const leg = legUnder();
    leg.send(...events);
    leg.advance(1_000);
    expect(leg.effects()).toContain('requestReconciliation');
    leg.send(says.fill('t1', size));
    expect(leg.state()).toBe('closed');
  });

  it('is closed only with proof after a cancel', () => {
    const leg = legUnder(off.given);
    leg.send(...canceled);
    leg.advance(1_000);
    expect(leg.state()).toBe('ended.canceled.awaitingProof');
    expect(leg.effects()).toContain('requestReconciliation');
  });

  it('is watched for half a minute after it was given up', () => {
    const leg = legUnder();
    leg.send(...givenUp);
    const reads = leg.effects().filter((name) => name === 'requestReconciliation').length;
    leg.advance(30_000);
    expect(leg.effects().filter((name) => name === 'requestReconciliation').length).toBe(reads + 1);
  });

  it('reports the fill of a refused order also when the record of the order came first', () => {
    const leg = legUnder();
    leg.send(...sent, says.refused('marketClosed'), says.record('order.reported', 'filled', 10));
    leg.advance(1_000);
    leg.send(says.fill('t1', 5));
    expect(leg.triggers()).toContain('LATE_FILL');
  });
});

function spanOf(leg: ReturnType<typeof legUnder>) {
  const report = leg.report();
  return report === undefined ? { leastE6: 0, mostE6: 0 } : filledSpan(report);
}

describe('an order leg with matches that settle later', () => {
  const matched = [...sent, says.fill('t1', 10, 'matched'), says.acknowledged(10)];
  const given = { order: later };
  const told = (...settlements: readonly string[]) => settlements.map((settlement) => says.fill('t1', 10, settlement));

  holds([
    {
      given,
      claim: 'counts them as possible',
      after: matched,
      state: 'ended.filled',
      report: { finalE6: 0, provisionalE6: contracts(10) },
    },
    {
      given,
      claim: 'counts them when confirmed',
      after: [...matched, ...told('mined', 'confirmed')],
      state: 'ended.filled',
      report: { finalE6: contracts(10), provisionalE6: 0 },
    },
    {
      given,
      claim: 'takes failed ones back',
      after: [...matched, ...told('failed')],
      state: 'ended.filled',
      report: { finalE6: 0, provisionalE6: 0, cashMicroUsd: 0 },
    },
    {
      given,
      claim: 'puts contradictions aside',
      after: [...matched, ...told('failed', 'confirmed')],
      state: 'ended.filled',
      report: { finalE6: 0, provisionalE6: contracts(10) },
    },
    {
      given,
      claim: 'lets a person decide about them',
      after: [
        ...matched,
        ...told('failed', 'confirmed'),
        { type: 'trade.reviewed', tradeId: 't1', settlement: 'confirmed' },
      ],
      state: 'ended.filled',
      report: { finalE6: contracts(10) },
    },
    {
      given,
      claim: 'takes a review of a trade that is not its own for nothing',
      after: [...matched, { type: 'trade.reviewed', tradeId: 't9', settlement: 'confirmed' }],
      state: 'ended.filled',
      report: { provisionalE6: contracts(10) },
    },
  ]);

  it('tells a reversal after the report of it', () => {
    const leg = legUnder(given);
    leg.send(...matched, ...told('failed'));
    expect(leg.words.slice(-2)).toMatchObject([
      { type: 'leg.reported', report: { provisionalE6: 0 } },
      { type: 'leg.reversed', legId: '1-polymarket', tradeId: 't1', sizeE6: contracts(10) },
    ]);
  });

  it('outlives a trade whose actor broke, and starts it anew with its next report', () => {
    const leg = legUnder(given);
    leg.send(...matched);
    leg.sendRaw({ type: 'xstate.error.actor.trade/t1', actorId: 'trade/t1', error: new Error('broken') });
    expect(leg.report()).toMatchObject({ provisionalE6: contracts(10), finalE6: 0 });
    leg.send(...told('confirmed'));
    expect(leg.report()).toMatchObject({ provisionalE6: 0, finalE6: contracts(10) });
  });

  it('is not over by a fill of all that was ordered, because a budget may have bought more, until its venue says so', () => {
    const leg = legUnder(given);
    leg.send(...sent, says.fill('t1', 10, 'matched'));
    const [before, mostE6] = [leg.state(), spanOf(leg).mostE6];
    leg.send(says.acknowledged(12), says.fill('t2', 2, 'matched'));
    expect([before, mostE6 >= contracts(12)]).toEqual(['sending.submitting', true]);
    expect([leg.state(), spanOf(leg)]).toEqual(['ended.filled', { leastE6: 0, mostE6: contracts(12) }]);
  });

  it('takes more contracts for the same money for no over-fill', () => {
    const leg = legUnder(given);
    leg.send(...sent, { ...says.fill('t1', 11, 'matched'), cashMicroUsd: 5_200_000 } as OrderLegEvent);
    expect(leg.triggers()).toEqual([]);
  });
});

describe('the chart of an order leg', () => {
  it('journals what it does not expect, and lives', () => {
    const leg = legUnder();
    leg.sendRaw({ type: 'nobody.knows' });
    expect(leg.records.at(-1)).toMatchObject({ kind: 'ignored', event: { type: 'nobody.knows' } });
    expect(leg.state()).toBe('planned');
  });

  it('lives on when telling somebody else broke', () => {
    const leg = legUnder({ breaking: ['noteReport', 'releaseOrder'] });
    leg.send(...sent, says.fill('t1', 10));
    expect(leg.state()).toBe('ended.filled');
  });

  it('has no edge that these tests did not take', () => {
    const missed = edgesOf(orderLegMachine).flatMap(({ id }) => (takenEdges.has(id) ? [] : [id]));
    expect(missed).toEqual([]);
  });
});
