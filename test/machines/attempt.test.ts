import { describe, expect, it } from 'vitest';
import type { ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import { sizeE6 } from '../../src/domain/units.ts';
import { AttemptRig, type AttemptRigOptions, orderOf, planOf, repairOf, repairOrder } from './attempt-rig.ts';

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

  it('counts two kills as one failure and tries no more', () => {
    const rig = begun();
    rig.say(K, { end: 'killed', refusal: 'killed' }).say(P, { end: 'killed', refusal: 'killed' }).settle(K, P);
    rig.clock.advanceBy(10_000);
    expect([rig.state, rig.kinds, rig.requests]).toEqual(['aborted', ['EXECUTION_FAILED'], ['requestLastLook']]);
  });

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
    expect(rig.outcomes[0]?.repairStartMs).toBe(12);
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
    const rig = asymmetric().send({ type: 'repair.postponed', reason: 'unsettled' });
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

describe('attempt that sends one leg first', () => {
  it('asks for a hedge of exactly what filled', () => {
    const rig = begun('sequential').say(K, { final: 3, end: 'killed' });
    expect([rig.state, rig.isLive(P)]).toEqual(['hedging.asking', false]);
    expect(rig.lastAsked('requestHedge')).toMatchObject({ due: [{ basketLeg: 1, sizeE6: 3_000_000 }] });
  });

  it('is balanced when the hedge fills', () => {
    const rig = begun('sequential').say(K, { final: 3, end: 'killed' });
    rig.send({ type: 'hedge.planned', orders: [orderOf(P, { role: 'hedge', sizeE6: sizeE6(3_000_000) })] });
    rig.say(P, { final: 3, end: 'filled' });
    expect([rig.state, rig.kinds]).toEqual(['balanced', []]);
  });

  it('calls it an asymmetry when the hedge ends short', () => {
    const rig = begun('sequential').say(K, { final: 3, end: 'killed' });
    rig.send({ type: 'hedge.planned', orders: [orderOf(P, { role: 'hedge', sizeE6: sizeE6(3_000_000) })] });
    rig.say(P, { final: 1, end: 'killed' });
    expect([rig.state, rig.kinds]).toEqual(['deciding.planning', ['ASYMMETRIC_EXECUTION']]);
  });

  it('hedges more when an unresolved first leg turns out to have filled more', () => {
    const rig = begun('sequential').say(K, { final: 3, standing: 'unresolved', open: 7 });
    rig.send({ type: 'hedge.planned', orders: [orderOf(P, { role: 'hedge', sizeE6: sizeE6(3_000_000) })] });
    rig.say(K, { final: 5, end: 'killed' });
    expect(rig.lastAsked('requestHedge')).toMatchObject({ due: [{ basketLeg: 1, sizeE6: 2_000_000 }] });
  });

  it('waits while both legs are even and the first is still open', () => {
    const rig = begun('sequential').say(K, { final: 3, standing: 'unresolved', open: 7 });
    rig.send({ type: 'hedge.planned', orders: [orderOf(P, { role: 'hedge', sizeE6: sizeE6(3_000_000) })] });
    rig.say(P, { final: 3, end: 'filled' });
    const even = rig.state;
    rig.say(K, { final: 3, end: 'killed' });
    expect([even, rig.state]).toEqual(['sending', 'balanced']);
  });

  it('calls an impossible hedge an asymmetry at once', () => {
    const rig = begun('sniper').say(K, { final: 10, end: 'filled' });
    rig.send({ type: 'hedge.impossible', reason: 'VENUE_UNAVAILABLE' });
    expect([rig.state, rig.kinds]).toEqual(['deciding.planning', ['ASYMMETRIC_EXECUTION']]);
  });

  it('calls an unanswered hedge an asymmetry', () => {
    const rig = begun('sniper', { failing: 'requestHedge' }).say(K, { final: 10, end: 'filled' });
    expect([rig.state, rig.kinds]).toEqual(['deciding.planning', ['ASYMMETRIC_EXECUTION']]);
  });

  it('carries what is too small to hedge, and asks for a way out once nothing more can come', () => {
    const rig = begun('sequential').say(K, { final: 0.5, standing: 'unresolved', open: 9.5 });
    rig.send({ type: 'hedge.deferred', sizeE6: 500_000, reason: 'BELOW_MIN_ORDER' });
    const carried = rig.state;
    rig.say(K, { final: 0.5, end: 'killed' });
    expect([carried, rig.state, rig.kinds]).toEqual(['sending', 'deciding.planning', []]);
  });

  it('calls it an asymmetry when the first leg loses its match after the hedge', () => {
    const rig = begun('sequential').say(K, { provisional: 10, end: 'filled' });
    rig.send({ type: 'hedge.planned', orders: [orderOf(P, { role: 'hedge' })] }).say(K, { end: 'filled' });
    const unresolved = rig.state;
    rig.say(P, { final: 10, end: 'filled' });
    expect([unresolved, rig.state, rig.kinds]).toEqual(['sending', 'deciding.planning', ['ASYMMETRIC_EXECUTION']]);
  });
});

describe('attempt that rests first', () => {
  const hedge = (legId: string, count: number) =>
    ({
      type: 'hedge.planned',
      orders: [orderOf(legId, { role: 'hedge', sizeE6: sizeE6(count * 1_000_000) })],
    }) as const;

  it('hedges each fill by what has been confirmed in all', () => {
    const rig = begun('makerThenHedge').say(K, { final: 2, standing: 'resting' });
    rig.send(hedge(P, 2)).say(P, { final: 2, end: 'filled' });
    const even = rig.state;
    rig.say(K, { final: 6, standing: 'resting' });
    expect([even, rig.state]).toEqual(['resting', 'hedging.asking']);
    expect(rig.lastAsked('requestHedge')).toMatchObject({ due: [{ sizeE6: 4_000_000 }] });
  });

  it('takes its order off when it has rested long enough, and asks again if that is lost', () => {
    const rig = begun('makerThenHedge').say(K, { standing: 'resting' });
    rig.clock.advanceBy(20_000);
    expect(rig.wishes(K)).toEqual(['cancel.requested', 'cancel.requested']);
  });

  it('ends without a failure when nobody came', () => {
    const rig = begun('makerThenHedge').say(K, { standing: 'resting' });
    rig.clock.advanceBy(10_000);
    rig.say(K, { end: 'canceled' }).settle(K);
    expect([rig.state, rig.kinds, rig.outcomes[0]?.end]).toEqual(['aborted', [], 'unfilled']);
  });

  it('hedges a fill that crossed the cancel', () => {
    const rig = begun('makerThenHedge').say(K, { standing: 'resting' });
    rig.clock.advanceBy(10_000);
    rig.say(K, { end: 'canceled' }).say(K, { final: 4, end: 'canceled' });
    expect(rig.lastAsked('requestHedge')).toMatchObject({ due: [{ sizeE6: 4_000_000 }] });
  });

  it('takes its order off when entries are revoked, and goes on hedging', () => {
    const rig = begun('makerThenHedge').say(K, { final: 2, standing: 'resting' });
    rig.send({ type: 'entry.revoked', reason: 'breaker opened' });
    expect([rig.wishes(K), rig.state]).toEqual([['cancel.requested'], 'hedging.asking']);
  });

  it('takes its order off before it sells back what that order bought', () => {
    const rig = begun('makerThenHedge').say(K, { final: 4, standing: 'resting' });
    rig.send(hedge(P, 4)).say(P, { end: 'killed' });
    const waiting = [rig.state, rig.wishes(K)];
    rig.say(K, { final: 4, end: 'canceled' });
    expect([waiting, rig.state]).toEqual([['deciding.awaitingLegs', ['cancel.requested']], 'deciding.planning']);
  });
});

describe('attempt that tries again', () => {
  const refused = { end: 'refused', refusal: 'venuePaused' } as const;

  it('repeats the wish once, after a pause, with a new look and new orders', () => {
    const rig = begun().say(K, refused).say(P, { end: 'refused', refusal: 'notSent' });
    const pause = rig.state;
    rig.clock.advanceBy(500);
    expect([pause, rig.state]).toEqual(['retrying', 'lastLook']);
    expect(rig.lastAsked('requestLastLook')).toMatchObject({ isRetry: true, made: 2 });
  });

  it('repeats it no more than once', () => {
    const rig = begun('sniper').say(K, refused);
    rig.clock.advanceBy(500);
    rig.pass(orderOf('2-kalshi')).say('2-kalshi', refused);
    expect([rig.state, rig.kinds]).toEqual(['flat', ['EXECUTION_FAILED']]);
  });

  it.each(['killed', 'insufficientBalance', 'invalidOrder', 'rateLimited', 'unauthenticated', 'forbidden'] as const)(
    'never repeats after %s',
    (refusal) => {
      const rig = begun('sniper').say(K, { end: refusal === 'killed' ? 'killed' : 'refused', refusal });
      expect(rig.state).toBe('flat');
    },
  );

  it('never repeats what may have been taken', () => {
    const rig = begun().say(K, refused).say(P, { end: 'notAccepted' });
    expect(rig.state).toBe('flat');
  });

  it('is not repeated once entries are revoked', () => {
    const rig = begun('sniper').send({ type: 'entry.revoked', reason: 'halt' }).say(K, refused);
    expect(rig.state).toBe('flat');
  });

  it('adopts a fill of the refused order during the pause', () => {
    const rig = begun().say(K, refused).say(P, refused).say(K, { final: 10, end: 'filled' });
    expect([rig.state, rig.kinds]).toEqual(['deciding.planning', ['ASYMMETRIC_EXECUTION']]);
  });

  it('adopts a late fill after everything was over', () => {
    const rig = begun().say(K, { end: 'notAccepted' }).say(P, { end: 'killed', refusal: 'killed' });
    const over = rig.state;
    rig.say(K, { final: 10, end: 'filled' });
    expect([over, rig.state]).toEqual(['flat', 'deciding.planning']);
  });
});

describe('attempt whose leg breaks', () => {
  it('puts a restored leg in its place, all of which may have filled', () => {
    const rig = begun().breakLeg(K);
    expect([rig.leg(K).getSnapshot().context.isRestored, rig.context.reports[0]]).toMatchObject([
      true,
      { standing: 'unresolved', openE6: 10_000_000 },
    ]);
  });

  it('goes on with what the restored leg finds', () => {
    const rig = begun().breakLeg(K).say(K, { final: 10, end: 'filled' }).say(P, { final: 10, end: 'filled' });
    expect(rig.state).toBe('balanced');
  });

  it('is stuck when it breaks again, until a person takes over', () => {
    const rig = begun().breakLeg(K).breakLeg(K).say(P, { end: 'killed', refusal: 'killed' });
    const stuck = [rig.state, rig.isLive(K), rig.kinds];
    rig.send({ type: 'closing.requested', by: 'ann', reason: 'looked at the venue' });
    expect([stuck, rig.state]).toEqual([['stuck.waiting', false, ['STUCK_EXPOSURE']], 'abandoned']);
  });

  it('lets go of a leg that has settled', () => {
    const rig = begun().say(K, { final: 10, end: 'filled' }).settle(K);
    expect([rig.isLive(K), rig.context.settled]).toEqual([false, [K]]);
  });

  it('tells the breaker when something that it asked for was not done', () => {
    const rig = begun('together', { failing: 'reportExposure' }).say(K, { final: 10, end: 'filled' });
    expect([rig.kinds, rig.state]).toEqual([['ACTOR_FAULT'], 'hedging.out']);
  });
});

describe('attempt of an earlier life', () => {
  it('sends nothing and asks for every order that has not settled', () => {
    const first = begun().say(K, { final: 10, end: 'filled' });
    const rig = new AttemptRig(planOf('together'), {
      input: { restored: { reports: first.context.reports, settled: [K] } },
    });
    expect([rig.requests, rig.isLive(K), rig.leg(P).getSnapshot().context.isRestored, rig.state]).toEqual([
      [],
      false,
      true,
      'hedging.out',
    ]);
  });

  it('passes a reconciliation on to the legs of that venue', () => {
    const rig = begun().send({ type: 'reconciliation.requested', reason: 'gap', venue: 'kalshi' });
    expect([rig.wishes(K), rig.wishes(P)]).toEqual([['reconciliation.requested'], []]);
  });
});
