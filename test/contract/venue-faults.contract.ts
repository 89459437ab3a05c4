/** Orders that something disturbs: none is believed to be what it is not, and none is sent again. */
import { inspect } from 'node:util';
import { describe, expect } from 'vitest';
import { contracts, priceE4 } from '../../src/domain/units.ts';
import {
  type Claims,
  cancelOn,
  level,
  listenToMarket,
  listenToOurs,
  outcomeOf,
  prepareOn,
  RESTING,
  readOn,
  restOn,
  submitOn,
  submitPatiently,
} from './venue-claims.ts';
import type { OrderFault, VenueRig } from './venue-rig.ts';

/** The venue acted, and we are not told so. */
const AFTER_ACCEPTANCE: readonly OrderFault[] = [
  'replyLost',
  'replyLate',
  'serverError',
  'connectionDropped',
  'replyCut',
  'garbage',
  'emptySuccess',
  'duplicate',
];
/** The venue never heard of it, and we cannot know. */
const BEFORE_ACCEPTANCE: readonly OrderFault[] = ['requestLost', 'resetBefore'];

export function describeFaults(claims: Claims): void {
  if (!claims.profile.hasWire) {
    describe('without a wire', () => {
      claims.claim('no order ever leaves the process, so no fault of a wire concerns one', async (rig) => {
        await submitOn(rig);
        const venueOrderId = await restOn(rig);
        await cancelOn(rig, venueOrderId);
        await rig.time.advance(60_000);
        expect(rig.orderRequests()).toBe(0);
        expect(rig.server.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
      });
    });
    return;
  }
  describe('an order under', () => describeUnknown(claims));
  describe('an order that', () => describeRefused(claims));
  describe('what is secret', () => describeSecrets(claims));
}

function describeUnknown({ claim }: Claims): void {
  for (const fault of AFTER_ACCEPTANCE) {
    claim(`${fault} that was filled ends unknown, is found filled, and was sent once`, async (rig) => {
      rig.failNextOrder(fault);
      const { order, since, outcome } = await submitPatiently(rig);
      expect(outcome.kind).toBe('unknown');
      expect(rig.orderRequests()).toBe(1);
      await rig.settled();
      expect(rig.truth.yesHeldE6()).toBe(contracts(10));
      const found = await readOn(rig, rig.venue.findOrder(order, since));
      expect(found).toMatchObject({
        clientOrderId: order.request.clientOrderId,
        instrument: rig.yes,
        action: 'buy',
        filledE6: contracts(10),
        restingE6: 0,
        standing: 'filled',
      });
      expect(rig.orderRequests()).toBe(1);
    });

    claim(`${fault} that rests ends unknown, is found resting, and was sent once`, async (rig) => {
      rig.failNextOrder(fault);
      const { order, since, outcome } = await submitPatiently(rig, RESTING);
      expect(outcome.kind).toBe('unknown');
      const found = await readOn(rig, rig.venue.findOrder(order, since));
      expect(found).toMatchObject({ filledE6: 0, restingE6: contracts(10), standing: 'resting' });
      expect(rig.truth.restingIds()).toEqual([found?.venueOrderId]);
      expect(rig.orderRequests()).toBe(1);
    });
  }

  for (const fault of BEFORE_ACCEPTANCE)
    claim(`${fault} ends unknown, is found absent, and was sent once`, async (rig) => {
      rig.failNextOrder(fault);
      const { order, since, outcome } = await submitPatiently(rig);
      expect(outcome).toMatchObject({ kind: 'unknown', hasLanded: false });
      expect(await readOn(rig, rig.venue.findOrder(order, since))).toBeUndefined();
      expect(rig.truth.yesHeldE6()).toBe(0);
      expect(rig.orderRequests()).toBe(1);
    });

  for (const timeInForce of ['fillOrKill', 'immediateOrCancel'] as const)
    claim(`replyLost as ${timeInForce} at a better price is found with what was really filled`, async (rig) => {
      rig.failNextOrder('replyLost');
      const { order, since } = await submitPatiently(rig, { timeInForce, limitE4: priceE4(6_000) });
      await rig.settled();
      const found = await readOn(rig, rig.venue.findOrder(order, since));
      expect(found).toMatchObject({ filledE6: rig.truth.yesHeldE6(), restingE6: 0 });
      expect(found?.standing).not.toBe('resting');
    });

  claim('replyLost that was killed is found dead or absent, with nothing filled', async (rig) => {
    rig.failNextOrder('replyLost');
    const { order, since, outcome } = await submitPatiently(rig, { sizeE6: contracts(500) });
    expect(outcome.kind).toBe('unknown');
    const found = await readOn(rig, rig.venue.findOrder(order, since));
    expect([undefined, 'canceled']).toContain(found?.standing);
    expect(found?.filledE6 ?? 0).toBe(0);
    expect(rig.truth.yesHeldE6()).toBe(0);
  });

  claim('replyLost that was filled partly is found with its part, and nothing rests', async (rig) => {
    await rig.house({ bids: [], asks: [level(52, 4)] });
    rig.failNextOrder('replyLost');
    const { order, since } = await submitPatiently(rig, { timeInForce: 'immediateOrCancel' });
    await rig.settled();
    const found = await readOn(rig, rig.venue.findOrder(order, since));
    expect(found).toMatchObject({ filledE6: contracts(4), restingE6: 0, standing: 'canceled' });
  });

  claim('a duplicate that was refused is known to have landed', async (rig) => {
    rig.failNextOrder('duplicate');
    expect(await submitOn(rig)).toMatchObject({ kind: 'unknown', hasLanded: true });
  });

  claim('a venue out of reach is not found absent: the search fails', async (rig) => {
    rig.failNextOrder('replyLost');
    const { order, since } = await submitPatiently(rig);
    rig.server.instead = () => ({ kind: 'reset' });
    const reading = await rig.time.patiently(rig.venue.findOrder(order, since));
    expect(reading).toMatchObject({ kind: 'failed', fault: 'unreachable' });
  });
}

function describeRefused({ claim }: Claims): void {
  claim('found no connection is refused as not sent, or unknown, and never done', async (rig) => {
    const order = prepareOn(rig);
    await rig.unplug();
    const outcome = await rig.time.patiently(outcomeOf(rig, order));
    if (outcome.kind === 'refused') expect(outcome.reason).toBe('notSent');
    else expect(outcome.kind).toBe('unknown');
    expect(rig.orderRequests()).toBe(0);
  });

  claim('is one too many is refused with the wait, and was sent once', async (rig) => {
    rig.failNextOrder('limited');
    const outcome = await submitOn(rig);
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'rateLimited', retryAfterMs: 2_000 });
    expect(rig.truth.yesHeldE6()).toBe(0);
    expect(rig.orderRequests()).toBe(1);
  });

  claim('comes inside the wait stays here', async (rig) => {
    rig.failNextOrder('limited');
    await submitOn(rig);
    expect(await submitOn(rig)).toMatchObject({ kind: 'refused', reason: 'budgetExhausted' });
    expect(rig.orderRequests()).toBe(1);
    await rig.time.advance(2_000);
    expect(await submitOn(rig)).toMatchObject({ kind: 'done' });
  });

  for (const skewMs of [-120_000, 120_000])
    claim(`is signed with a clock ${skewMs < 0 ? 'ahead' : 'behind'} is refused as unauthenticated`, async (rig) => {
      rig.skewClock(skewMs);
      expect(await submitOn(rig)).toMatchObject({ kind: 'refused', reason: 'unauthenticated' });
      expect(rig.truth.yesHeldE6()).toBe(0);
    });

  claim('meets a venue that is paused is not done', async (rig) => {
    await rig.enter('paused');
    const outcome = await submitOn(rig);
    if (outcome.kind === 'refused') expect(outcome.reason).toBe('venuePaused');
    else expect(outcome.kind).toBe('unknown');
    expect(rig.truth.yesHeldE6()).toBe(0);
  });
}

function describeSecrets({ claim }: Claims): void {
  claim('appears in no outcome, fault or event, whatever fails', async (rig) => {
    const seen: unknown[] = [rig.venue];
    const [market, ours] = [await listenToMarket(rig), await listenToOurs(rig)];
    for (const fault of [...AFTER_ACCEPTANCE, ...BEFORE_ACCEPTANCE]) {
      rig.failNextOrder(fault);
      const { order, outcome, since } = await submitPatiently(rig);
      seen.push(order, outcome, await rig.time.patiently(rig.venue.findOrder(order, since)));
    }
    rig.skewClock(120_000);
    seen.push(await submitOn(rig), await rig.time.patiently(rig.venue.balance()), await cancelOn(rig, 'none'));
    seen.push(...(await readsWhile(rig, 500)), ...(await readsWhile(rig, 401)));
    rig.cutSockets();
    await rig.time.reached(() => market.ends.length > 0 && ours.ends.length > 0);
    seen.push(market.events, market.ends, ours.events, ours.ends);
    const text = inspect(seen, { depth: Number.POSITIVE_INFINITY, maxArrayLength: null, maxStringLength: null });
    expect(rig.secrets.length).toBeGreaterThan(0);
    for (const secret of rig.secrets) expect(text.includes(secret)).toBe(false);
  });
}

async function readsWhile(rig: VenueRig, status: number): Promise<unknown[]> {
  rig.server.instead = (request) => ({
    kind: 'reply',
    // The venue repeats everything that it was asked with.
    reply: { status, headers: {}, body: JSON.stringify({ error: JSON.stringify(request) }) },
  });
  const seen = [
    await rig.time.patiently(rig.venue.balance()),
    await rig.time.patiently(rig.venue.openOrders()),
    await rig.time.patiently(rig.venue.fills(rig.clock.wall())),
  ];
  rig.server.instead = undefined;
  return seen;
}
