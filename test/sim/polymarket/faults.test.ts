import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/sim/faults.ts';
import { CONDITION, connect, follow, followOwn, type OrderSpec, tradingWorld, YES } from './kit.ts';

const fault = (id: string, more: Partial<Fault> = {}): Fault => ({ id, venue: 'polymarket', ...more });
const level = (priceE4: number, shares: number) => ({ priceE4, sizeE6: shares * 1_000_000 });

/** A taking order under one fault: what came back at once, and what the venue holds to be true. */
async function under(faults: readonly Fault[], spec: OrderSpec = { price: 0.51, size: 10, type: 'FOK' }) {
  const given = await tradingWorld();
  const user = followOwn(given, given.client);
  given.sim.control.setFaults(faults);
  const answer = given.client.ask('POST', '/order', await given.client.order(spec));
  const body = answer?.kind === 'reply' ? JSON.parse(answer.reply.body) : undefined;
  const trades = () => given.sim.control.trades().length;
  return { ...given, user, answer, body, trades };
}

describe('order faults of the simulated Polymarket', () => {
  it('O1: filled, and nothing is said', async () => {
    const run = await under([fault('O1')]);
    expect([run.answer?.kind, run.trades()]).toEqual(['silence', 1]);
  });

  it('O2: never arrived, and nothing is said; the log knows', async () => {
    const run = await under([fault('O2')]);
    expect([run.answer?.kind, run.trades()]).toEqual(['silence', 0]);
    expect(run.sim.control.received()).toMatchObject([{ method: 'POST', target: '/order', reached: false }]);
  });

  it('O3: a 5xx after it was booked, or a 200 without an order', async () => {
    const run = await under([fault('O3')]);
    expect(run.answer).toMatchObject({ reply: { status: 500, body: '{"error":"could not run the execution"}' } });
    expect(run.trades()).toBe(1);
    expect((await under([fault('O3', { parameters: { status: 200 } })])).body).toEqual({});
  });

  it('O4: 429 with and without Retry-After', async () => {
    const plain = await under([fault('O4')]);
    const timed = await under([fault('O4', { parameters: { retryAfter: 3 } })]);
    const headersOf = (run: typeof plain) => (run.answer?.kind === 'reply' ? run.answer.reply.headers : {});
    expect(headersOf(plain)).not.toHaveProperty('retry-after');
    expect(headersOf(timed)).toMatchObject({ 'retry-after': '3' });
  });

  it('O5: 425, then post-only refusals', async () => {
    const run = await under([fault('O5', { times: 1, parameters: { downMs: 1_000 } })]);
    expect(run.answer).toMatchObject({ reply: { status: 425 } });
    run.clock.advanceBy(1_000);
    expect((await run.client.post({ price: 0.51, type: 'FOK' })).status).toBe(503);
  });

  it('O6: killed although the book is full', async () => {
    expect((await under([fault('O6')])).body.error).toContain('FOK orders are fully filled or killed');
  });

  it('O8, O16, O17: partly, with a crumb missing, or too much filled', async () => {
    expect((await under([fault('O8')])).body.takingAmount).toBe('5');
    expect((await under([fault('O16')])).body.takingAmount).toBe('9.997714');
    expect((await under([fault('O17')])).body.takingAmount).toBe('11');
  });

  it('O9 and O10: the fill is told before the answer, and twice', async () => {
    const run = await under([fault('O9', { parameters: { delayMs: 1_000 } }), fault('O10', { times: 1 })]);
    expect(run.answer).toBeUndefined();
    expect(run.user.of('trade').map(({ id }) => id)).toEqual([expect.any(String), expect.any(String)]);
    expect(new Set(run.user.of('trade').map(({ id }) => id)).size).toBe(1);
  });

  it('O11: filled after the cancel was acknowledged', async () => {
    const run = await under([fault('O11')], { price: 0.5, size: 10 });
    const canceled = run.client.call('DELETE', '/order', { orderID: run.body.orderID });
    expect(canceled.body.canceled).toEqual([run.body.orderID]);
    expect(run.user.of('order').at(-1)).toMatchObject({ type: 'CANCELLATION' });
    run.clock.advanceBy(200);
    expect(run.user.of('trade')[0]).toMatchObject({
      trader_side: 'MAKER',
      maker_orders: [{ order_id: run.body.orderID }],
    });
    expect(run.sim.control.quotes(YES).bids[0]?.priceE4).toBe(4_900);
  });

  it('O12: the cancel is lost, on the way or behind a friendly answer', async () => {
    const lost = await under([fault('O12', { match: { step: 'request' } })], { price: 0.5, size: 10 });
    expect(lost.client.ask('DELETE', '/order', { orderID: lost.body.orderID })?.kind).toBe('silence');
    const lied = await under([fault('O12', { match: { step: 'cancel' } })], { price: 0.5, size: 10 });
    expect(lied.client.call('DELETE', '/order', { orderID: lied.body.orderID }).body.canceled).toHaveLength(1);
    expect(lied.client.call('GET', `/data/order/${lied.body.orderID}`).body.status).toBe('LIVE');
  });

  it('O13: called a duplicate although it is the first', async () => {
    const run = await under([fault('O13')], { price: 0.3 });
    expect(run.body.error).toMatch(/^order 0x\w{64} is invalid\. Duplicated\.$/);
    expect(run.sim.control.orders().at(-1)?.status).toBe('LIVE');
  });

  it('O14: unknown when asked for, and filled later', async () => {
    const run = await under([fault('O14', { times: 1, parameters: { delayMs: 30_000 } })]);
    expect([run.answer?.kind, run.trades()]).toEqual(['silence', 0]);
    run.clock.advanceBy(30_000);
    expect(run.trades()).toBe(1);
  });

  it('O15 and O22: a better price or another fee than anybody could know', async () => {
    const better = await under([fault('O15', { parameters: { improvementE4: 100 } })]);
    expect(better.sim.control.trades()[0]?.price).toBe('0.5');
    const dearer = await under([fault('O22', { parameters: { rateE6: 100_000 } })]);
    expect(dearer.sim.control.trades()[0]?.feeMicro).toBe(249_900);
  });

  it('O18 and O20: short of balance, and no longer known', async () => {
    expect((await under([fault('O18')])).body.error).toContain('balance: 0, order amount: 5224950');
    expect((await under([fault('O20')])).answer).toMatchObject({ reply: { status: 401 } });
  });

  it('O19: delayed, then matched', async () => {
    const run = await under([fault('O19', { parameters: { delayMs: 3_000 } })]);
    expect(run.body.status).toBe('delayed');
    run.clock.advanceBy(3_000);
    expect(run.trades()).toBe(1);
  });

  it('C1 and C2: failed, or retrying for minutes', async () => {
    const failed = await under([fault('C1')]);
    failed.clock.advanceBy(60_000);
    expect(failed.user.of('trade').map(({ status }) => status)).toEqual(['MATCHED', 'FAILED']);
    const slow = await under([fault('C2', { parameters: { durationMs: 180_000 } })]);
    slow.clock.advanceBy(100_000);
    expect(slow.sim.control.trades()[0]?.status).toBe('RETRYING');
    slow.clock.advanceBy(100_000);
    expect(slow.sim.control.trades()[0]?.status).toBe('CONFIRMED');
  });

  it('strikes only where it is declared to, and as often', async () => {
    const run = await under([fault('O1', { times: 1, match: { type: 'FAK' } })]);
    expect(run.answer?.kind).toBe('reply');
    const other = run.client.ask('POST', '/order', await run.client.order({ price: 0.51, type: 'FAK' }));
    const third = run.client.ask('POST', '/order', await run.client.order({ price: 0.51, type: 'FAK' }));
    expect([other?.kind, third?.kind]).toEqual(['silence', 'reply']);
  });
});

describe('transport faults of the simulated Polymarket', () => {
  it('N6, N7, N8: reset after it acted, broken in the body, reset before', async () => {
    const reset = await under([fault('N6')]);
    expect([reset.answer?.kind, reset.trades()]).toEqual(['reset', 1]);
    expect((await under([fault('N7', { parameters: { bytes: 20 } })])).answer).toMatchObject({
      kind: 'truncate',
      bytes: 20,
    });
    const before = await under([fault('N8')]);
    expect([before.answer?.kind, before.trades()]).toEqual(['reset', 0]);
  });

  it('N1, N2, N12: parted, half open, and dead exactly behind an order', async () => {
    const parted = await under([fault('N1', { times: 1, parameters: { direction: 'out', durationMs: 5_000 } })]);
    expect([parted.answer?.kind, parted.trades()]).toEqual(['silence', 1]);
    expect((await under([fault('N2')])).answer?.kind).toBe('silence');
    const dead = await under([fault('N12', { times: 1, parameters: { durationMs: 5_000, delayMs: 1 } })]);
    expect(dead.answer?.kind).toBe('reply');
    dead.clock.advanceBy(1);
    expect(dead.client.ask('GET', '/data/orders')?.kind).toBe('silence');
    dead.clock.advanceBy(5_000);
    expect(dead.client.ask('GET', '/data/orders')?.kind).toBe('reply');
  });

  it('N3, N4, N10, N11: frozen, without PONG, deaf to subscriptions, half alive', async () => {
    const given = await tradingWorld();
    given.sim.control.setFaults([fault('N10', { times: 1 })]);
    expect(follow(given).texts).toEqual([]);
    given.sim.control.setFaults([fault('N4')]);
    const mute = follow(given);
    mute.say('PING');
    expect(mute.texts).not.toContain('PONG');
    expect(mute.of('book')).toHaveLength(2);
    given.sim.control.setFaults([fault('N3', { times: 1 })]);
    const frozen = follow(given);
    frozen.say('PING');
    expect(frozen.texts).toEqual(['PONG']);
    given.sim.control.setFaults([fault('N11', { match: { step: 'rest' } })]);
    expect(given.client.ask('GET', '/time')?.kind).toBe('silence');
  });

  it('N5 and N9: slow, and refused five times in a row', async () => {
    const slow = await under([fault('N5', { parameters: { delayMs: 10_000 } })]);
    expect(slow.answer).toBeUndefined();
    const given = await tradingWorld();
    given.sim.control.setFaults([fault('N9', { times: 5 })]);
    for (let count = 0; count < 5; count++) expect(() => connect(given, '/ws/market')).toThrow();
    expect(connect(given, '/ws/market').texts).toEqual([]);
  });

  it('T1 and T7: a venue whose clock is off, and maintenance that begins', async () => {
    const run = await under([fault('T1', { parameters: { offsetMs: 120_000 } })]);
    expect(run.answer).toMatchObject({ reply: { status: 401 } });
    expect((await under([fault('T7')])).answer).toMatchObject({ reply: { status: 425 } });
  });
});

describe('market-data faults of the simulated Polymarket', () => {
  async function framesUnder(id: string, more: Partial<Fault> = {}) {
    const given = await tradingWorld();
    const socket = follow(given, [YES], false);
    socket.texts.length = 0;
    given.sim.control.setFaults([fault(id, { times: 1, ...more })]);
    given.sim.control.flow.setLevels(YES, {
      bids: [level(4_900, 60), level(4_700, 5)],
      asks: [level(5_100, 80), level(5_200, 200)],
    });
    return { ...given, socket, frames: socket.frames() };
  }

  it('D1, D2, D3: doubled, swapped, dropped', async () => {
    const plain = (await framesUnder('none')).socket.texts;
    const doubled = (await framesUnder('D1')).socket.texts;
    const swapped = (await framesUnder('D2')).socket.texts;
    const dropped = (await framesUnder('D3')).socket.texts;
    expect(doubled.slice(1)).toEqual(plain);
    expect(swapped.slice(0, 2)).toEqual([plain[1], plain[0]]);
    expect(dropped).toEqual(plain.slice(1));
  });

  it('D5, D6, D7: below zero, crossed, stale by its own time', async () => {
    expect((await framesUnder('D5')).frames[0].price_changes[0].size).toBe('-1');
    expect((await framesUnder('D6')).frames[0].price_changes[0]).toMatchObject({ best_bid: '0.99', best_ask: '0.01' });
    expect((await framesUnder('D7')).frames[0].timestamp).toBe('1795161736000');
  });

  it('D8 and D9: the tick changes and the market pauses while somebody trades', async () => {
    expect((await framesUnder('D8')).socket.of('tick_size_change')).toHaveLength(1);
    const { client } = await framesUnder('D9');
    expect((await client.post({ price: 0.3 })).body.error).toBe('the market is not yet ready to process new orders');
  });

  it.each([
    ['null', { timestamp: null }],
    ['number', { timestamp: 1_795_161_756_000 }],
    ['nan', { timestamp: 'NaN' }],
    ['seconds', { timestamp: '1795161756' }],
    ['renamed', { changes: expect.any(Array) }],
    ['unknownKind', { event_type: 'galaxy_brain' }],
    ['unknownField', { added_in_simulation: expect.anything() }],
  ])('D10: malformed as %s', async (shape, expected) => {
    expect((await framesUnder('D10', { parameters: { shape } })).frames[0]).toMatchObject(expected);
  });

  it('D11 and D14: an unknown market, and a flood', async () => {
    expect((await framesUnder('D11')).frames[0].market).not.toBe(CONDITION);
    expect((await framesUnder('D14', { parameters: { count: 1_000 } })).frames.length).toBeGreaterThanOrEqual(1_000);
  });

  it.each([
    ['D4', {}, { bids: [], timestamp: '1795161726000' }],
    ['D12', {}, { bids: [], asks: [] }],
    ['D13', {}, { bids: [{ price: '0.01', size: '1000' }], asks: [{ price: '0.99', size: '1000' }] }],
  ])('%s: a snapshot that lies', async (id, parameters, expected) => {
    const given = await tradingWorld();
    given.sim.control.setFaults([fault(id, { parameters })]);
    expect(follow(given, [YES]).of('book')[0]).toMatchObject(expected);
  });

  it('D12: a snapshot without its sides', async () => {
    const given = await tradingWorld();
    given.sim.control.setFaults([fault('D12', { parameters: { withoutKeys: true } })]);
    expect(follow(given, [YES]).of('book')[0]).not.toHaveProperty('bids');
  });
});
