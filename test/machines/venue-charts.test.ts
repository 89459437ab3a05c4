import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { KALSHI_DESK } from '../../src/actors/venue-desk-settings.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { bookFeedMachine, isTradableFeed } from '../../src/machines/book-feed.machine.ts';
import { connectionMachine } from '../../src/machines/connection.machine.ts';
import { rateLimitMachine } from '../../src/machines/rate-limit.machine.ts';
import { availabilityOf, venueMachine } from '../../src/machines/venue.machine.ts';

/** Effects of a chart that nobody performs, by name. */
function silent(names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, () => undefined]));
}

const CONNECTION_EFFECTS = silent([
  'requestSocket',
  'requestCut',
  'requestLoginProof',
  'requestSubscription',
  'requestHeartbeat',
  'requestCrossCheck',
  'requestDelay',
  'proveBooks',
  'tellFeedsOfLoss',
  'demandReconciliation',
  'reportLost',
]);

function connection() {
  const clock = new VirtualClock();
  const machine = connectionMachine.provide({ actions: CONNECTION_EFFECTS as never });
  const input = { venue: 'kalshi', carries: 'market', login: 'whileOpening', terms: KALSHI_DESK.market } as const;
  return { clock, actor: createActor(machine, { clock, input } as never).start() };
}

describe('connection chart', () => {
  it('goes on after the fifth failure', () => {
    const { clock, actor } = connection();
    for (let failure = 1; failure <= 7; failure++) {
      actor.send({ type: 'socket.ended', kind: 'failed', detail: 'reset' });
      actor.send({ type: 'delay.drawn', delayMs: 30_000 });
      clock.advanceBy(30_000);
      expect(actor.getSnapshot().value).toBe('connecting');
    }
    expect(actor.getSnapshot().context.failures).toBe(7);
  });

  it('forgets failures only after it has stood for a while', () => {
    const { clock, actor } = connection();
    actor.send({ type: 'socket.ended', kind: 'failed', detail: 'reset' });
    actor.send({ type: 'delay.drawn', delayMs: 1_000 });
    clock.advanceBy(1_000);
    actor.send({ type: 'socket.opened' });
    actor.send({ type: 'subscription.proven' });
    clock.advanceBy(29_999);
    expect(actor.getSnapshot().context.failures).toBe(1);
    clock.advanceBy(1);
    expect(actor.getSnapshot().context.failures).toBe(0);
  });

  it('keeps a context that survives JSON', () => {
    const { context } = connection().actor.getSnapshot();
    expect(JSON.parse(JSON.stringify(context))).toEqual(context);
  });
});

describe('book feed chart', () => {
  it('is tradable with a snapshot and metadata, in either order, and not after a gap', () => {
    const machine = bookFeedMachine.provide({ actions: silent(['requestWarming', 'requestResync']) as never });
    const actor = createActor(machine, {
      clock: new VirtualClock() as never,
      input: { book: 'kalshi/A', terms: KALSHI_DESK.market.feed },
    }).start();
    const isTradable = (): boolean => isTradableFeed(actor.getSnapshot().value);
    actor.send({ type: 'subscription.sent' });
    actor.send({ type: 'snapshot.received' });
    expect(isTradable()).toBe(false);
    actor.send({ type: 'metadata.warmed' });
    expect(isTradable()).toBe(true);
    actor.send({ type: 'book.gapped', reason: 'sequence' });
    expect(isTradable()).toBe(false);
    actor.send({ type: 'snapshot.received' });
    expect(isTradable()).toBe(true);
  });
});

describe('rate limit chart', () => {
  it('does not let a second refusal shorten what the first one said', () => {
    const clock = new VirtualClock();
    const machine = rateLimitMachine.provide({
      actions: silent(['requestSample', 'reportLimited', 'reportPressure']) as never,
    });
    const input = { venue: 'kalshi', budget: 'write', coolDownMs: 1_000 };
    const actor = createActor(machine, { clock: clock as never, input }).start();
    actor.send({ type: 'limit.refused', retryAfterMs: 30_000, detail: '429' });
    clock.advanceBy(1_000);
    actor.send({ type: 'limit.refused', detail: '429' });
    clock.advanceBy(29_000);
    expect(actor.getSnapshot().value).toBe('cooling');
  });
});

describe('venue chart', () => {
  it('takes new risk only while it is open, its timetable clear and its clock near', () => {
    const names = ['requestStatus', 'requestClockOffset', 'reportDrift', 'reportSkew', 'reportUnreachable'];
    const machine = venueMachine.provide({ actions: silent(names) as never });
    const input = { venue: 'kalshi', budgets: [], terms: KALSHI_DESK.venue };
    const actor = createActor(machine, { clock: new VirtualClock() as never, input }).start();
    const entries = (): boolean => {
      const { value, context } = actor.getSnapshot();
      return availabilityOf(value, context).entries;
    };
    actor.send({ type: 'status.read', standing: 'open', detail: 'open' });
    expect(entries()).toBe(false);
    actor.send({ type: 'clock.measured', offsetMs: 20 });
    expect(entries()).toBe(true);
    actor.send({ type: 'window.began', window: 'weekly pause' });
    expect(entries()).toBe(false);
    actor.send({ type: 'window.ended' });
    actor.send({ type: 'clock.measured', offsetMs: -5_000 });
    expect(entries()).toBe(false);
    actor.send({ type: 'clock.measured', offsetMs: -1_500 });
    expect(entries()).toBe(true);
    actor.send({ type: 'standing.met', standing: 'restarting', detail: '425' });
    expect(entries()).toBe(false);
  });
});
