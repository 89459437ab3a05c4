import { afterEach, describe, expect, it, vi } from 'vitest';
import { tellStreamFaults } from '../../src/actors/stream-faults.ts';
import { KALSHI_DESK } from '../../src/actors/venue-desk-settings.ts';
import type { BookId } from '../../src/domain/instrument.ts';
import type { Listing } from '../../src/domain/ports/venue.ts';
import { KalshiRig, kalshiWorld, TICKER } from '../contract/kalshi-rig.ts';
import { inMemory } from '../contract/rig-wire.ts';
import { AROUND_HALF, level, submitOn } from '../contract/venue-claims.ts';
import { DeskBench } from '../support/desk-bench.ts';

const YES: BookId = `kalshi/${TICKER}`;
const OTHER = 'KXOTHER-26JAN02-B';
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A desk at the simulated Kalshi, where the first market is quoted. */
async function kalshiDesk(over: { readonly keyless?: boolean } = {}) {
  const world = await kalshiWorld(inMemory);
  const { clock, venue, wire, sim } = world;
  const rig = new KalshiRig(world);
  await rig.house(AROUND_HALF);
  await rig.houseOfStrange(AROUND_HALF);
  const read = await wire.time.until(venue.listings({ venueKeys: [TICKER, OTHER] }));
  if (read.kind === 'failed') throw new Error(read.detail);
  const listings: readonly Listing[] = read.value;
  const { bench } = {
    bench: new DeskBench({
      venue,
      clock,
      time: wire.time,
      settings: KALSHI_DESK,
      parts: { rateStates: () => ({ ...venue.rateStates() }) },
    }),
  };
  open.push(async () => {
    bench.stop();
    await rig.close();
  });
  if (over.keyless !== true) await bench.live([YES, `kalshi/${OTHER}`], listings);
  return { bench, sim, rig, clock, wire, venue, listings };
}

describe('venue desk at Kalshi', () => {
  it('becomes live: snapshot, metadata, private stream, status and clock', async () => {
    const { bench } = await kalshiDesk();
    expect(bench.standing()).toBe('fresh');
    expect(bench.standing('private')).toBe('fresh');
    expect(bench.desk.isTradable(YES)).toBe(true);
    expect(bench.desk.availability()).toEqual({ entries: true, reducing: true, reason: 'open' });
    expect(bench.wayOf('market-1')).toEqual(['subscribing', 'live.fresh']);
    expect(bench.reconciliations).toEqual(['socket.opened']);
    expect(bench.unexpected).toEqual([]);
    expect(bench.faults).toEqual([]);
  });

  it('takes no entry before it knows how the venue stands', async () => {
    const { bench } = await kalshiDesk({ keyless: true });
    bench.desk.start();
    expect(bench.desk.availability()).toMatchObject({
      entries: false,
      reducing: true,
      reason: expect.stringMatching(/^unknown/),
    });
  });

  it('has figures to read at any time, and wakes no actor for a message', async () => {
    const { bench, rig, clock } = await kalshiDesk();
    const before = bench.records.length;
    const counted = bench.desk.figures()[0]?.messages ?? 0;
    for (let change = 1; change <= 50; change++) await rig.house({ bids: [level(40, change)], asks: AROUND_HALF.asks });
    await bench.time.advance(20);
    const [market] = bench.desk.figures();
    expect(market?.messages).toBeGreaterThanOrEqual(counted + 50);
    expect(market).toMatchObject({
      standing: 'fresh',
      books: 2,
      failures: 0,
      uptimeMs: clock.nowMs() - (market?.openedAtMs ?? 0),
    });
    expect(bench.records.slice(before)).toEqual([]);
  });

  it('beats every five seconds', async () => {
    const { bench, clock } = await kalshiDesk();
    await bench.time.advance(5_000);
    const [market] = bench.desk.figures();
    expect(clock.nowMs() - (market?.lastHeartbeatAtMs ?? 0)).toBeLessThan(5_000);
  });

  it('comes back after a cut, and has everything reconciled that the private stream missed', async () => {
    const { bench, rig } = await kalshiDesk();
    rig.cutSockets();
    await bench.time.advance(100);
    expect(bench.standing()).toBe('backingOff');
    expect(bench.desk.isTradable(YES)).toBe(false);
    expect(bench.books.find(YES)?.standing).toBe('gapped');
    expect(bench.desk.availability()).toMatchObject({
      entries: false,
      reducing: true,
      reason: 'private stream: backingOff',
    });
    await bench.time.advance(1_500);
    expect(bench.standing()).toBe('fresh');
    expect(bench.desk.isTradable(YES)).toBe(true);
    expect(bench.reconciliations).toEqual(['socket.opened', 'socket.opened']);
    expect(bench.unexpected).toEqual([]);
  });

  it('waits 1, 2, 4, 8, 16 and then 30 seconds, reports the fifth failure once and goes on trying', async () => {
    const { bench, rig } = await kalshiDesk();
    await rig.unplug();
    rig.cutSockets();
    await bench.time.advance(130_000);
    const delays = bench
      .moves('market-1')
      .flatMap(({ event }) => (event.type === 'delay.drawn' ? [event.delayMs] : []));
    expect(delays.slice(0, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    const lost = bench.triggers.filter(
      ({ kind, detail }) => kind === 'CONNECTION_LOST' && detail.startsWith('market-1'),
    );
    expect(lost).toHaveLength(1);
    expect(lost[0]).toMatchObject({ venue: 'kalshi', detail: expect.stringContaining('failed 5 times in a row') });
    expect(bench.desk.availability().entries).toBe(false);
  });

  it('gives up when the login is refused, and tries again when a person says so', async () => {
    const { bench, sim, rig } = await kalshiDesk();
    sim.setClockSkew(60_000);
    rig.cutSockets();
    await bench.time.advance(3_000);
    expect(bench.standing('private')).toBe('abandoned');
    expect(bench.triggers.map(({ kind }) => kind)).toContain('AUTHENTICATION');
    await bench.time.advance(120_000);
    expect(bench.standing('private')).toBe('abandoned');
    sim.setClockSkew(0);
    bench.desk.resume('private', 'operator');
    bench.desk.resume('market-1', 'operator');
    await bench.time.advance(500);
    expect(bench.standing('private')).toBe('fresh');
    expect(bench.desk.isTradable(YES)).toBe(true);
  });

  it('finds a frozen stream by the venue’s own book, cuts it and comes back right', async () => {
    const { bench, sim, rig } = await kalshiDesk();
    sim.setFaults([{ id: 'N3', venue: 'kalshi', match: { channel: 'orderbook_delta' }, times: 1 }]);
    await rig.house({ bids: [level(45, 10)], asks: AROUND_HALF.asks });
    await bench.time.advance(25_000);
    expect(bench.triggers.map(({ kind }) => kind)).toContain('BOOK_STALE');
    expect(bench.wayOf('market-1')).toContain('live.suspect');
    await bench.time.advance(5_000);
    expect(bench.desk.isTradable(YES)).toBe(true);
    expect(bench.books.find(YES)?.bestBidE4(false)).toBe(4_500);
    expect(bench.unexpected).toEqual([]);
  });

  it('does not kill a quiet market, and proves its books by asking', async () => {
    const { bench, clock } = await kalshiDesk();
    await bench.time.advance(120_000);
    expect(bench.desk.figures()[0]).toMatchObject({ opened: 1 });
    expect(bench.triggers).toEqual([]);
    expect(bench.wayOf('market-1')).toContain('live.quiet');
    expect(bench.books.find(YES)?.unprovenMs(clock.nowMs())).toBeLessThan(12_000);
    expect(bench.desk.isTradable(YES)).toBe(true);
    expect(bench.unexpected).toEqual([]);
  });

  it('gaps every book of a subscription at a sequence gap, asks once, and believes them again', async () => {
    const { bench, sim, rig } = await kalshiDesk();
    sim.setFaults([{ id: 'D3', venue: 'kalshi', match: { type: 'orderbook_delta' }, times: 1 }]);
    await rig.house({ bids: [level(45, 10)], asks: AROUND_HALF.asks });
    await bench.time.advance(20);
    await rig.house({ bids: [level(44, 10)], asks: AROUND_HALF.asks });
    await bench.time.advance(20);
    expect([YES, `kalshi/${OTHER}` as const].map((book) => bench.desk.contentOf(book))).toEqual(['gapped', 'gapped']);
    expect(bench.triggers).toMatchObject([{ kind: 'SEQUENCE_GAP', detail: expect.stringContaining('2 books') }]);
    await bench.time.advance(500);
    expect([YES, `kalshi/${OTHER}` as const].map((book) => bench.desk.isTradable(book))).toEqual([true, true]);
    expect(bench.desk.figures()[0]).toMatchObject({ opened: 1 });
    expect(bench.books.find(YES)?.bestBidE4(false)).toBe(4_400);
    expect(bench.unexpected).toEqual([]);
  });

  it('closes for a pause while cancels are taken, and opens again when the status says so', async () => {
    const { bench, sim } = await kalshiDesk();
    sim.standing.pauseTrading();
    await bench.time.advance(16_000);
    expect(bench.desk.availability()).toMatchObject({
      entries: false,
      reducing: false,
      reason: expect.stringMatching(/^paused/),
    });
    sim.standing.resume();
    await bench.time.advance(6_000);
    expect(bench.desk.availability().entries).toBe(true);
    sim.standing.pauseExchange();
    await bench.time.advance(16_000);
    expect(bench.desk.availability().reason).toMatch(/^closed/);
  });

  it('closes at the first refusal that speaks of a pause', async () => {
    const { bench, sim, rig } = await kalshiDesk();
    sim.standing.pauseTrading();
    bench.desk.noteOutcome(await submitOn(rig));
    expect(bench.desk.availability()).toMatchObject({ entries: false, reason: expect.stringMatching(/^paused/) });
  });

  it('takes no new risk from five minutes before the weekly pause until its end', async () => {
    const { bench, clock } = await kalshiDesk();
    // Thursday 2026-01-08 02:55 in New York.
    const lead = 1_767_858_900_000_000;
    clock.stepWall(lead - 1_000_000 - clock.wall());
    await bench.time.advance(500);
    expect(bench.desk.availability().entries).toBe(true);
    await bench.time.advance(1_500);
    expect(bench.desk.availability()).toMatchObject({
      entries: false,
      reducing: true,
      reason: 'announced: weekly pause',
    });
    clock.stepWall(125 * 60_000_000);
    await bench.time.advance(1_500);
    expect(bench.desk.availability().entries).toBe(true);
  });

  it('warns at a second of skew and stops at five, once it is measured twice', async () => {
    const { bench, sim } = await kalshiDesk();
    sim.setClockSkew(2_000);
    await bench.time.advance(61_000);
    expect(bench.notices.map(({ what }) => what)).toContain('clockDrift');
    expect(bench.desk.availability().entries).toBe(true);
    sim.setClockSkew(6_000);
    await bench.time.advance(62_000);
    expect(bench.triggers.map(({ kind }) => kind)).toContain('CLOCK_SKEW');
    expect(bench.desk.availability()).toMatchObject({ entries: false, reason: expect.stringMatching(/^clock skewed/) });
    sim.setClockSkew(0);
    await bench.time.advance(61_000);
    expect(bench.desk.availability().entries).toBe(true);
  });

  it('is out of reach when three reads of its status fail', async () => {
    const { bench, sim } = await kalshiDesk();
    sim.setFaults([{ id: 'N8', venue: 'kalshi', match: { method: 'GET' } }]);
    await bench.time.advance(90_000);
    expect(bench.desk.availability()).toMatchObject({
      entries: false,
      reducing: false,
      reason: expect.stringMatching(/^unreachable/),
    });
    expect(bench.triggers.filter(({ detail }) => detail.startsWith('the status'))).toHaveLength(1);
    sim.setFaults([]);
    await bench.time.advance(20_000);
    expect(bench.desk.availability().entries).toBe(true);
  });

  it('tells a refusal for the limit, and cools for as long as the venue said', async () => {
    const { bench } = await kalshiDesk();
    bench.desk.noteOutcome({ kind: 'refused', reason: 'rateLimited', detail: '429', retryAfterMs: 3_000 as never });
    expect(bench.desk.budget('write')).toBe('cooling');
    expect(bench.desk.requestBudget('write')).toBe(false);
    expect(bench.triggers).toMatchObject([{ kind: 'RATE_LIMITED', detail: expect.stringContaining('3000 ms') }]);
    await bench.time.advance(3_000);
    expect(bench.desk.budget('write')).toBe('ample');
  });

  it('takes no entry while its budget of orders cools, and whatever reduces', async () => {
    const { bench } = await kalshiDesk();
    bench.desk.noteOutcome({ kind: 'refused', reason: 'rateLimited', detail: '429', retryAfterMs: 3_000 as never });
    const cooling = bench.desk.availability();
    await bench.time.advance(3_000);
    expect(cooling).toEqual({ entries: false, reducing: true, reason: 'budget of orders: cooling' });
    expect(bench.desk.availability().entries).toBe(true);
  });

  it('forgets a book that is unwatched while it waits for its snapshot', async () => {
    const { bench, sim, rig } = await kalshiDesk();
    sim.setFaults([{ id: 'D3', venue: 'kalshi', match: { type: 'orderbook_delta' }, times: 1 }]);
    await rig.house({ bids: [level(45, 10)], asks: AROUND_HALF.asks });
    await rig.house({ bids: [level(44, 10)], asks: AROUND_HALF.asks });
    await bench.time.advance(109);
    expect(bench.desk.contentOf(YES)).toBe('resyncing');
    bench.desk.unwatch([YES]);
    await bench.time.advance(1_000);
    expect(bench.desk.contentOf(YES)).toBe('unwatched');
    expect(bench.desk.isTradable(`kalshi/${OTHER}`)).toBe(true);
    expect(bench.unexpected).toEqual([]);
  });

  it('closes a connection that carries nothing any more, and opens another when it is needed', async () => {
    const { bench, listings } = await kalshiDesk();
    bench.desk.unwatch([YES, `kalshi/${OTHER}`]);
    await bench.time.advance(1_000);
    expect(bench.desk.figures().map(({ id }) => id)).toEqual(['private']);
    bench.desk.watch([YES], listings);
    await bench.time.advance(1_000);
    expect(bench.desk.figures().map(({ id, standing }) => `${id} ${standing}`)).toEqual([
      'market-2 fresh',
      'private fresh',
    ]);
    expect(bench.desk.isTradable(YES)).toBe(true);
    expect(bench.unexpected).toEqual([]);
  });

  it('does not trade on a book before the venue told what orders on it need', async () => {
    const { bench, sim, listings } = await kalshiDesk({ keyless: true });
    sim.setFaults([{ id: 'N8', venue: 'kalshi', match: { endpoint: '/account/limits' } }]);
    await bench.live([YES], listings);
    expect(bench.desk.contentOf(YES)).toBe('live');
    expect(bench.desk.isTradable(YES)).toBe(false);
    sim.setFaults([]);
    await bench.time.advance(30_000);
    expect(bench.desk.isTradable(YES)).toBe(true);
  });

  it('finds a fill that the private stream never told, and has it reconciled', async () => {
    const { bench, sim, rig } = await kalshiDesk();
    await bench.time.advance(5_000);
    sim.setFaults([{ id: 'D3', venue: 'kalshi', match: { channel: 'fill' }, times: 1 }]);
    await submitOn(rig);
    const before = bench.reconciliations.length;
    await bench.time.advance(75_000);
    expect(bench.ours.filter(({ kind }) => kind === 'fill.reported')).toEqual([]);
    expect(bench.reconciliations.slice(before)[0]).toContain('found 1 only by REST');
    expect(bench.standing('private')).toMatch(/fresh|quiet/);
  });

  it('passes on what comes after a subscriber threw', async () => {
    const { bench, rig } = await kalshiDesk();
    const thrown: unknown[] = [];
    tellStreamFaults((error) => thrown.push(error));
    bench.desk.marketData$.subscribe(() => {
      throw new Error('a subscriber broke');
    });
    bench.events.length = 0;
    await rig.house({ bids: [level(45, 10)], asks: AROUND_HALF.asks });
    await rig.house({ bids: [level(44, 10)], asks: AROUND_HALF.asks });
    await bench.time.advance(100);
    expect(bench.events.length).toBeGreaterThan(2);
    await vi.waitFor(() => expect(thrown[0]).toEqual(new Error('a subscriber broke')));
    expect(bench.standing()).toBe('fresh');
  });
});
