import { describe, expect, it } from 'vitest';
import { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import type { AttemptPlan } from '../../src/domain/execution/attempt-plan.ts';
import type { Trigger } from '../../src/domain/limits/trigger.ts';
import type { JournalRecord } from '../../src/domain/ports/journal.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { strategyEffects, strategyMachine } from '../../src/machines/strategy.machine.ts';
import { onEdge } from '../model/harness/coverage.ts';
import { orderOf, planOf, reportOf } from './attempt-rig.ts';
import { puppet } from './strategy-puppet.ts';

function rig(attemptsMax = 3) {
  const records: JournalRecord[] = [];
  const refused: string[] = [];
  const released: string[] = [];
  const asked: string[] = [];
  const exposures: string[] = [];
  const triggers: Trigger[] = [];
  const clock = new VirtualClock();
  const runtime = new ActorRuntime({
    clock,
    journal: { append: (record) => records.push(record) },
    onFault: () => undefined,
    definitionOf: () => 'sha256:0',
    onEdge,
  });
  const child = runtime.bind(puppet, {}, {});
  const bound = runtime.bind(
    strategyMachine,
    strategyEffects,
    {
      refuseEdge: (_actor, { plan, reason }) => void refused.push(`${plan.attemptId} ${reason}`),
      requestOrphans: (_actor, { attemptId }) => void asked.push(attemptId),
      reportExposure: (_actor, { attemptId }) => void exposures.push(attemptId),
      releaseReservation: (_actor, { attemptId, reports }) => void released.push(`${attemptId} ${reports.length}`),
      reportTrigger: (_actor, { trigger }) => void triggers.push(trigger),
    },
    { attempt: child, orderLeg: child },
  );
  const actor = runtime.start(bound, { id: 'strategy/box', input: { strategyId: 'box', attemptsMax } });
  const send = (event: { type: string; [field: string]: unknown }) => runtime.send(actor, event);
  const childOf = (id: string) =>
    actor.getSnapshot().children[id as never] as never as { getSnapshot(): { context: { heard: readonly string[] } } };
  return {
    actor,
    clock,
    send,
    refused,
    released,
    asked,
    exposures,
    triggers,
    records,
    approve: (plan: AttemptPlan) => send({ type: 'edge.approved', plan, atMicros: 1 }),
    tell: (id: string, type: 'end' | 'break', output?: unknown) =>
      runtime.send(childOf(id) as never, { type, output } as never),
    heard: (id: string) => childOf(id).getSnapshot().context.heard,
    isLive: (id: string) => childOf(id) !== undefined,
    state: () => String(actor.getSnapshot().value),
  };
}

const planFor = (attemptId: string, watchId = attemptId) => planOf('together', { attemptId, watchId });
const orphan = (attemptId: string, legId: string) => ({
  report: reportOf(orderOf(legId, { attemptId }), { standing: 'unresolved' }),
  sinceMicros: 3,
});

describe('strategy', () => {
  it('starts an attempt for an approved edge, and lets go of it when it ends', () => {
    const at = rig();
    at.approve(planFor('a1'));
    const live = at.isLive('attempt/a1');
    at.tell('attempt/a1', 'end');
    expect([live, at.isLive('attempt/a1'), at.actor.getSnapshot().context.attempts]).toEqual([true, false, []]);
  });

  it('gives back the room of an edge whose watch is being tried', () => {
    const at = rig();
    at.approve(planFor('a1', 'w'));
    at.approve(planFor('a2', 'w'));
    expect(at.refused).toEqual(['a2 WATCH_BUSY']);
  });

  it('has at most so many attempts', () => {
    const at = rig(1);
    at.approve(planFor('a1'));
    at.approve(planFor('a2'));
    expect(at.refused).toEqual(['a2 TOO_MANY_ATTEMPTS']);
  });

  it('takes over the orders of an attempt that breaks, and tells the breaker', () => {
    const at = rig();
    at.approve(planFor('a1'));
    at.tell('attempt/a1', 'break');
    at.send({
      type: 'orphans.found',
      attemptId: 'a1',
      orphans: [orphan('a1', '1-kalshi'), orphan('a1', '2-polymarket')],
    });
    expect([
      at.asked,
      at.triggers[0]?.kind,
      at.isLive('orphan/a1/1-kalshi'),
      at.isLive('orphan/a1/2-polymarket'),
    ]).toEqual([['a1'], 'ACTOR_FAULT', true, true]);
  });

  it('gives back the room of a broken attempt when the last of its orders has ended', () => {
    const at = rig();
    at.send({
      type: 'orphans.found',
      attemptId: 'a1',
      orphans: [orphan('a1', '1-kalshi'), orphan('a1', '2-polymarket')],
    });
    at.tell('orphan/a1/1-kalshi', 'end');
    const early = [...at.released];
    at.tell('orphan/a1/2-polymarket', 'end');
    expect([early, at.released, at.actor.getSnapshot().context.orphans]).toEqual([[], ['a1 2'], []]);
  });

  it('follows an order again whose actor broke, and gives back its room when it has ended', async () => {
    const at = rig();
    at.send({ type: 'orphans.found', attemptId: 'a1', orphans: [orphan('a1', '1-kalshi')] });
    at.tell('orphan/a1/1-kalshi', 'break');
    const lost = at.isLive('orphan/a1/1-kalshi');
    at.send({ type: 'reconciliation.requested', reason: 'gap' });
    await at.clock.settleBy(60_000);
    const found = [at.isLive('orphan/a1/1-kalshi'), ...at.released];
    at.tell('orphan/a1/1-kalshi', 'end');
    expect([lost, found, at.released]).toEqual([false, [true], ['a1 1']]);
  });

  it('follows what a person closed while a venue may still say something of it', () => {
    const at = rig();
    for (const attemptId of ['a1', 'a2']) at.approve(planFor(attemptId));
    at.tell('attempt/a1', 'end', { unsettled: [orphan('a1', '2-polymarket')] });
    at.tell('attempt/a2', 'end', { unsettled: [] });
    expect([at.asked, at.actor.getSnapshot().context.attempts, at.triggers]).toEqual([['a1'], [], []]);
  });

  it('takes off what rests of an attempt that nobody decides for', () => {
    const at = rig();
    const resting = reportOf(orderOf('1-kalshi', { timeInForce: 'goodTillCanceled' }), { standing: 'resting' });
    at.send({ type: 'orphans.found', attemptId: 'a1', orphans: [{ report: resting, sinceMicros: 3 }] });
    expect(at.heard('orphan/a1/1-kalshi')).toEqual(['cancel.requested']);
  });

  it('keeps the room of an order that nobody can follow any more', () => {
    const at = rig();
    at.send({ type: 'orphans.found', attemptId: 'a1', orphans: [orphan('a1', '1-kalshi')] });
    at.tell('orphan/a1/1-kalshi', 'break');
    at.send({ type: 'drain.requested', reason: 'shutdown' });
    expect([at.released, at.triggers[0]?.kind, at.state()]).toEqual([[], 'ACTOR_FAULT', 'draining']);
  });

  it('reports what an orphan holds, and its failed trade', () => {
    const at = rig();
    at.send({ type: 'orphans.found', attemptId: 'a1', orphans: [orphan('a1', '1-kalshi')] });
    at.send({ type: 'leg.reported', report: reportOf(orderOf('1-kalshi'), { final: 10, end: 'filled' }) });
    at.send({ type: 'leg.reversed', legId: '1-kalshi', tradeId: 't', sizeE6: 1 });
    expect([at.exposures, at.triggers[0]?.kind]).toEqual([['a1'], 'TRADE_FAILED']);
  });

  it('passes on what concerns all: reconciliation, the breaker, a person', () => {
    const at = rig();
    at.approve(planFor('a1'));
    at.send({ type: 'orphans.found', attemptId: 'a2', orphans: [orphan('a2', '1-kalshi')] });
    at.send({ type: 'reconciliation.requested', reason: 'gap', venue: 'kalshi' });
    at.send({ type: 'reconciliation.requested', reason: 'gap', venue: 'polymarket' });
    at.send({ type: 'breaker.opened', reason: 'asymmetry' });
    at.send({ type: 'edge.vanished', watchId: 'a1', reason: 'moved' });
    at.send({ type: 'edge.vanished', watchId: 'other', reason: 'moved' });
    at.send({ type: 'attempt.closing.requested', attemptId: 'a1', by: 'ann', reason: 'by hand' });
    expect([at.heard('attempt/a1'), at.heard('orphan/a2/1-kalshi')]).toEqual([
      ['reconciliation.requested', 'reconciliation.requested', 'entry.revoked', 'entry.revoked', 'closing.requested'],
      ['reconciliation.requested'],
    ]);
  });

  it('drains: it revokes entries, refuses edges and stops when it is alone', () => {
    const at = rig();
    at.approve(planFor('a1'));
    at.send({ type: 'drain.requested', reason: 'shutdown' });
    at.send({ type: 'drain.requested', reason: 'again' });
    at.approve(planFor('a2'));
    const draining = [at.state(), at.heard('attempt/a1')];
    at.tell('attempt/a1', 'end');
    expect([draining, at.state(), at.refused]).toEqual([
      ['draining', ['entry.revoked']],
      'stopped',
      ['a2 NOT_ACCEPTING'],
    ]);
  });

  it('begins nothing once it has stopped, until somebody resumes', () => {
    const at = rig();
    at.send({ type: 'resume.requested' });
    at.send({ type: 'drain.requested', reason: 'shutdown' });
    at.send({ type: 'drain.requested', reason: 'again' });
    at.approve(planFor('a1'));
    at.send({ type: 'resume.requested' });
    at.approve(planFor('a2'));
    expect([at.refused, at.isLive('attempt/a2')]).toEqual([['a1 NOT_ACCEPTING'], true]);
  });

  it('resumes while it drains', () => {
    const at = rig();
    at.approve(planFor('a1'));
    at.send({ type: 'drain.requested', reason: 'shutdown' });
    at.send({ type: 'resume.requested' });
    expect(at.state()).toBe('accepting');
  });

  it('takes up an attempt of an earlier life, also when it has stopped', () => {
    const at = rig();
    at.send({ type: 'attempt.recovered', plan: planFor('a1'), sinceMicros: 1, restored: { reports: [], settled: [] } });
    at.send({ type: 'attempt.recovered', plan: planFor('a1'), sinceMicros: 1, restored: { reports: [], settled: [] } });
    at.send({ type: 'drain.requested', reason: 'shutdown' });
    at.tell('attempt/a1', 'end');
    at.send({ type: 'attempt.recovered', plan: planFor('a2'), sinceMicros: 1, restored: { reports: [], settled: [] } });
    expect([at.triggers.map(({ kind }) => kind), at.state(), at.isLive('attempt/a2')]).toEqual([
      ['LATE_FILL'],
      'draining',
      true,
    ]);
  });

  it('tells the breaker when something that it asked for was not done, and does not repeat that for ever', () => {
    const at = rig();
    at.send({ type: 'effect.failed', effect: 'reportExposure', message: 'broken' });
    at.send({ type: 'effect.failed', effect: 'reportTrigger', message: 'broken' });
    expect(at.triggers.map(({ kind }) => kind)).toEqual(['ACTOR_FAULT']);
  });

  it('writes down an event that it did not expect', () => {
    const at = rig();
    at.send({ type: 'nonsense' });
    expect(at.records.at(-1)).toMatchObject({ kind: 'ignored', event: { type: 'nonsense' } });
  });
});
