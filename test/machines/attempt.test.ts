import { describe, expect, it } from 'vitest';
import type { ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import { AttemptRig, type AttemptRigOptions, planOf, repairOf, repairOrder } from './attempt-rig.ts';

const [K, P] = ['1-kalshi', '2-polymarket'];

function begun(policy: ExecutionPolicy = 'together', options: AttemptRigOptions = {}): AttemptRig {
  return new AttemptRig(planOf(policy), options).pass();
}

/** Kalshi filled, Polymarket killed. */
function asymmetric(): AttemptRig {
  return begun().say(K, { final: 10, end: 'filled' }).say(P, { end: 'killed', refusal: 'killed' });
}

describe('attempt with both legs at once', () => {
  it('sends nothing when the last look fails', () => {
    const rig = new AttemptRig(planOf('together')).send({ type: 'look.failed', reason: 'EDGE_SHRANK' });
    expect([rig.state, rig.isLive(K), rig.outcomes[0]?.end, rig.kinds]).toEqual(['aborted', false, 'refused', []]);
  });

  it('gives its room back when the look is never answered', () => {
    const rig = new AttemptRig(planOf('together'));
    rig.clock.advanceBy(1_000);
    expect([rig.state, rig.outcomes[0]?.reason, rig.released]).toEqual(['aborted', 'LOOK_OVERDUE', ['a1']]);
  });

  it('sends nothing when its desk breaks', () => {
    const rig = new AttemptRig(planOf('together'), { failing: 'requestLastLook' });
    expect([rig.state, rig.kinds]).toEqual(['aborted', ['ACTOR_FAULT']]);
  });

  it('is balanced when both fill, and closes when both are settled', () => {
    const rig = begun().say(K, { final: 10, end: 'filled' }).say(P, { provisional: 10, end: 'filled' });
    const before = rig.state;
    rig.settle(K, P);
    expect([before, rig.state, rig.outcomes[0]?.end, rig.kinds]).toEqual(['balanced', 'closed', 'balanced', []]);
    expect(rig.outcomes[0]).toMatchObject({ setsE6: 10_000_000, profitMicroUsd: 1_000_000, wasAsymmetric: false });
  });

  it('counts two kills as no failure and tries no more', () => {
    const rig = begun();
    rig.say(K, { end: 'killed', refusal: 'killed' }).say(P, { end: 'killed', refusal: 'killed' }).settle(K, P);
    rig.clock.advanceBy(10_000);
    expect([rig.state, rig.kinds, rig.requests, rig.outcomes[0]?.end]).toEqual([
      'aborted',
      [],
      ['requestLastLook'],
      'unfilled',
    ]);
  });

  it.each([{ end: 'refused', refusal: 'invalidOrder' }, { end: 'notAccepted' }] as const)(
    'counts an order that ended as $end beside a kill as one failure',
    (turnedAway) => {
      const rig = begun().say(K, { end: 'killed', refusal: 'killed' }).say(P, turnedAway).settle(K, P);
      expect([rig.state, rig.kinds, rig.requests]).toEqual(['aborted', ['EXECUTION_FAILED'], ['requestLastLook']]);
    },
  );

  it('counts orders that our own gate kept as no failure', () => {
    const rig = begun().say(K, { end: 'withheld' }).say(P, { end: 'withheld' }).settle(K, P);
    expect([rig.state, rig.kinds, rig.outcomes[0]?.end]).toEqual(['aborted', [], 'refused']);
  });

  it('reports an asymmetry in the step in which a partner ends short', () => {
    const rig = asymmetric();
    expect([rig.state, rig.kinds]).toEqual(['deciding.planning', ['ASYMMETRIC_EXECUTION']]);
  });

  it('takes a surplus that a better price bought for no asymmetry', () => {
    const rig = begun().say(K, { final: 10, end: 'filled' }).say(P, { provisional: 10.2, end: 'filled' });
    expect([rig.state, rig.kinds]).toEqual(['deciding.planning', []]);
  });

  it('takes less than the smallest lot for even', () => {
    const rig = begun().say(K, { final: 10, end: 'filled' }).say(P, { provisional: 9.9977, end: 'filled' });
    expect(rig.state).toBe('balanced');
  });

  it('waits for an unresolved leg, and calls it an asymmetry at the deadline', () => {
    const rig = begun().say(K, { final: 10, end: 'filled' }).say(P, { standing: 'unresolved', open: 10 });
    const waiting = [rig.state, rig.kinds.length];
    rig.clock.advanceBy(2_000);
    expect([waiting, rig.state, rig.kinds]).toEqual([
      ['hedging.out', 0],
      'deciding.awaitingLegs',
      ['ASYMMETRIC_EXECUTION'],
    ]);
  });

  it('sends no repair against a leg that could close the gap by itself', () => {
    const rig = begun().say(K, { final: 10, end: 'filled' }).say(P, { standing: 'unresolved', open: 10 });
    rig.clock.advanceBy(2_000);
    const asked = rig.requests.includes('requestRepairPlan');
    rig.say(P, { provisional: 10, end: 'filled' });
    expect([asked, rig.state]).toEqual([false, 'balanced']);
  });

  it('repairs what an unresolved leg cannot supply even if all of it fills', () => {
    const rig = begun().say(K, { final: 10, end: 'filled' });
    rig.say(P, { standing: 'unresolved', open: 10 });
    rig.clock.advanceBy(2_000);
    rig.say(P, { end: 'notAccepted' });
    expect([rig.state, rig.requests.at(-1)]).toEqual(['deciding.planning', 'requestRepairPlan']);
  });
});

describe('attempt that repairs', () => {
  it('completes and closes', () => {
    const rig = asymmetric().send(repairOf('completion', [repairOrder('3-polymarket', 10)]));
    const during = rig.state;
    rig.say('3-polymarket', { provisional: 10, end: 'filled' }).settle(K, P, '3-polymarket');
    expect([during, rig.state, rig.outcomes[0]?.end, rig.outcomes[0]?.repairOrders]).toEqual([
      'completing',
      'closed',
      'balanced',
      1,
    ]);
  });

  it('unwinds and holds nothing', () => {
    const sale = repairOrder('3-kalshi', 10, { role: 'unwind', action: 'sell', reduceOnly: true });
    const rig = asymmetric().send(repairOf('unwind', [sale]));
    const during = rig.state;
    rig.say('3-kalshi', { final: 10, end: 'filled' });
    const after = rig.state;
    rig.settle(K, P, '3-kalshi');
    expect([during, after, rig.state, rig.outcomes[0]?.end]).toEqual(['unwinding', 'flat', 'closed', 'unwound']);
  });

  it('plans the rest anew when a repair ends short', () => {
    const rig = asymmetric().send(repairOf('completion', [repairOrder('3-polymarket', 10)]));
    rig.say('3-polymarket', { provisional: 4, end: 'killed' });
    expect([rig.state, rig.requests.filter((name) => name === 'requestRepairPlan').length]).toEqual([
      'deciding.planning',
      2,
    ]);
  });

  it('counts what the filled part of a repair may have lost', () => {
    const rig = asymmetric().send(repairOf('completion', [repairOrder('3-polymarket', 10)], 500_000));
    rig.say('3-polymarket', { provisional: 4, end: 'killed' });
    expect(rig.lastAsked('requestRepairPlan')).toMatchObject({ lostMicroUsd: 200_000 });
  });

  it('says how long it took from the evidence to the first repair', () => {
    const rig = asymmetric();
    rig.send({ ...repairOf('completion', [repairOrder('3-polymarket', 10)]), atMs: 12 });
    rig.say('3-polymarket', { final: 10, end: 'filled' }).settle(K, P, '3-polymarket');
    expect(rig.outcomes[0]).toMatchObject({ repairStartMs: 12, repairOrderMs: 12 });
  });

  it('has begun to repair when it asks for what it bought to be made sellable, before it can order anything', () => {
    const rig = asymmetric().send({ type: 'repair.postponed', reason: 'unsettled', atMs: 3 });
    rig.send({ type: 'settlementPatience.elapsed' });
    rig.send({ ...repairOf('completion', [repairOrder('3-polymarket', 10)]), atMs: 1_012 });
    rig.say('3-polymarket', { final: 10, end: 'filled' }).settle(K, P, '3-polymarket');
    expect(rig.outcomes[0]).toMatchObject({ repairStartMs: 3, repairOrderMs: 1_012 });
  });

  it('is stuck when the repair has used its orders', () => {
    const rig = asymmetric();
    for (const legId of ['3-polymarket', '4-polymarket'])
      rig.send(repairOf('completion', [repairOrder(legId, 10)])).say(legId, { end: 'killed' });
    expect([rig.state, rig.kinds]).toEqual(['stuck.waiting', ['ASYMMETRIC_EXECUTION', 'STUCK_EXPOSURE']]);
  });

  it('is stuck when its time is over with an order out, and counts on that order', () => {
    const rig = asymmetric().send(repairOf('completion', [repairOrder('3-polymarket', 10)]));
    rig.clock.advanceBy(5_000);
    const late = rig.state;
    rig.clock.advanceBy(5_000);
    const stillWaiting = rig.state;
    rig.say('3-polymarket', { provisional: 10, end: 'filled' });
    expect([late, stillWaiting, rig.state]).toEqual(['stuck.waiting', 'stuck.waiting', 'balanced']);
  });

  it('goes on looking for a way out while it is stuck, and finds one', () => {
    const rig = asymmetric().send({ type: 'repair.impossible', reason: 'no way' });
    rig.clock.advanceBy(5_000);
    const looking = rig.state;
    rig.send(repairOf('completion', [repairOrder('3-polymarket', 10)]));
    rig.say('3-polymarket', { final: 10, end: 'filled' });
    expect([looking, rig.state]).toEqual(['stuck.looking', 'balanced']);
  });

  it('looks again and again while there is no way out', () => {
    const rig = asymmetric().send({ type: 'repair.impossible', reason: 'no way' });
    for (let look = 0; look < 3; look++) {
      rig.clock.advanceBy(5_000);
      rig.send({ type: 'repair.impossible', reason: 'no way' });
    }
    expect([rig.state, rig.requests.filter((name) => name === 'requestRepairPlan').length]).toEqual([
      'stuck.waiting',
      4,
    ]);
  });

  it('is closed by a person, who takes what is left', () => {
    const rig = asymmetric().send({ type: 'repair.impossible', reason: 'no way' });
    rig.send({ type: 'closing.requested', by: 'ann', reason: 'sold by hand' });
    expect([rig.state, rig.outcomes[0]]).toMatchObject([
      'abandoned',
      { end: 'abandoned', reason: 'ann: sold by hand' },
    ]);
  });

  it('is not closed by a person while an order is unresolved', () => {
    const rig = begun().say(K, { final: 10, end: 'filled' }).say(P, { standing: 'unresolved', open: 10 });
    rig.clock.advanceBy(2_000 + 5_000);
    rig.send({ type: 'closing.requested', by: 'ann', reason: 'enough' });
    expect([rig.state, rig.unexpected]).toEqual(['stuck.waiting', ['closing.requested']]);
  });

  it('leaves dust as a standing of its own and closes with it', () => {
    const rig = begun().say(K, { final: 10, end: 'filled' }).say(P, { provisional: 10.2, end: 'filled' });
    rig.send({ type: 'dust.left', sizeE6: 200_000, costMicroUsd: 90_000 });
    const left = rig.state;
    rig.settle(K, P);
    expect([left, rig.state, rig.outcomes[0]?.end, rig.outcomes[0]?.leftoverE6]).toEqual([
      'dust',
      'closed',
      'dust',
      200_000,
    ]);
  });

  it('opens dust again when more than dust is missing', () => {
    const rig = begun().say(K, { final: 10, end: 'filled' }).say(P, { provisional: 10.2, end: 'filled' });
    rig.send({ type: 'dust.left', sizeE6: 200_000, costMicroUsd: 90_000 }).say(P, { end: 'filled' });
    expect([rig.state, rig.kinds]).toEqual(['deciding.planning', ['ASYMMETRIC_EXECUTION']]);
  });

  it('waits for tokens to settle before it sells them', () => {
    const rig = asymmetric().send({ type: 'repair.postponed', reason: 'unsettled', atMs: 0 });
    const waiting = [rig.state, rig.requests.at(-1)];
    rig.say(K, { final: 10, end: 'filled' });
    expect([waiting, rig.state]).toEqual([['deciding.awaitingTokens', 'requestRefresh'], 'deciding.planning']);
  });

  it('takes a sale that the venue refused for want of tokens for one that has to wait', () => {
    const sale = repairOrder('3-kalshi', 10, { role: 'unwind', action: 'sell' });
    const rig = asymmetric().send(repairOf('unwind', [sale]));
    rig.say('3-kalshi', { end: 'refused', refusal: 'insufficientBalance' });
    const waiting = rig.state;
    rig.clock.advanceBy(4_999);
    expect([waiting, rig.state]).toEqual(['deciding.awaitingTokens', 'deciding.awaitingTokens']);
  });

  it('opens the decision again when a match fails after it was balanced', () => {
    const rig = begun().say(K, { final: 10, end: 'filled' }).say(P, { provisional: 10, end: 'filled' });
    rig.say(P, { end: 'filled' });
    rig.send({ type: 'leg.reversed', legId: P, tradeId: 't1', sizeE6: 10_000_000 });
    expect([rig.state, rig.kinds]).toEqual(['deciding.planning', ['ASYMMETRIC_EXECUTION', 'TRADE_FAILED']]);
  });
});
