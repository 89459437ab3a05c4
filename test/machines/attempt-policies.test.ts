import { describe, expect, it } from 'vitest';
import type { ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import { sizeE6 } from '../../src/domain/units.ts';
import { AttemptRig, type AttemptRigOptions, orderOf, planOf, repairOf, repairOrder } from './attempt-rig.ts';

const [K, P] = ['1-kalshi', '2-polymarket'];

function begun(policy: ExecutionPolicy = 'together', options: AttemptRigOptions = {}): AttemptRig {
  return new AttemptRig(planOf(policy), options).pass();
}

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

  it('has begun to repair when it asks its resting order off, and says when the first repair order went', () => {
    const rig = begun('makerThenHedge').say(K, { final: 4, standing: 'resting' });
    rig.send(hedge(P, 4)).say(P, { end: 'killed' }).say(K, { final: 4, end: 'canceled' });
    const sale = repairOrder('3-kalshi', 4, { role: 'unwind', action: 'sell', reduceOnly: true });
    rig.send({ ...repairOf('unwind', [sale]), atMs: 240 });
    rig.say('3-kalshi', { final: 4, end: 'filled' }).settle(K, P, '3-kalshi');
    expect(rig.outcomes[0]).toMatchObject({ end: 'unwound', repairStartMs: 0, repairOrderMs: 240 });
  });

  it('has not begun to repair while a venue has not named the order that is in the way', () => {
    const rig = begun('makerThenHedge').say(K, { final: 4, standing: 'working', open: 6 });
    rig.send(hedge(P, 4)).say(P, { end: 'killed' }).say(K, { final: 4, end: 'canceled' });
    const sale = repairOrder('3-kalshi', 4, { role: 'unwind', action: 'sell', reduceOnly: true });
    rig.send({ ...repairOf('unwind', [sale]), atMs: 240 });
    rig.say('3-kalshi', { final: 4, end: 'filled' }).settle(K, P, '3-kalshi');
    expect(rig.outcomes[0]).toMatchObject({ repairStartMs: 240, repairOrderMs: 240 });
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
