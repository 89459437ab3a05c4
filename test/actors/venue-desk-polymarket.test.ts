import { afterEach, describe, expect, it } from 'vitest';
import type { VenueDeskParts } from '../../src/actors/venue-desk-parts.ts';
import { POLYMARKET_DESK } from '../../src/actors/venue-desk-settings.ts';
import type { BookId } from '../../src/domain/instrument.ts';
import type { Listing } from '../../src/domain/ports/venue.ts';
import { priceE4, sizeE6 } from '../../src/domain/units.ts';
import type { PolymarketVenue } from '../../src/venues/polymarket/polymarket-venue.ts';
import { polymarketWorld } from '../contract/polymarket-rig.ts';
import { inMemory } from '../contract/rig-wire.ts';
import { AROUND_HALF, level } from '../contract/venue-claims.ts';
import { DeskBench } from '../support/desk-bench.ts';

const CONDITION = `0x${'5f'.repeat(32)}`;
const TOKEN = '11'.repeat(38);
const YES: BookId = `polymarket/${TOKEN}`;
const NO: BookId = `polymarket/${'12'.repeat(38)}`;
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function polymarketDesk(over: (venue: PolymarketVenue) => Partial<VenueDeskParts> = () => ({}), isLive = true) {
  const world = await polymarketWorld(inMemory, {});
  const { clock, venue, wire, sim } = world;
  const { control } = sim;
  control.flow.setLevels(TOKEN, AROUND_HALF);
  const read = await wire.time.until(venue.listings({ venueKeys: [CONDITION] }));
  if (read.kind === 'failed') throw new Error(read.detail);
  const listings: readonly Listing[] = read.value;
  const bench = new DeskBench({
    venue,
    clock,
    time: wire.time,
    settings: POLYMARKET_DESK,
    parts: {
      rateStates: () => ({ ...venue.rateStates() }),
      standingNow: () => venue.standing(),
      readBooks: (books) => venue.books(books.map((book) => ({ book, inverted: false }))),
      ...over(venue),
    },
  });
  open.push(async () => {
    bench.stop();
    await venue.close();
    control.cutSockets('market');
    control.cutSockets('user');
    await wire.close();
  });
  if (isLive) await bench.live([YES, NO], listings);
  return { bench, control, clock, venue, wire, listings };
}

/** No event of ours is like this; it is the shortest way to make a chart throw. */
function brokenEvent() {
  return {
    type: 'socket.ended',
    kind: 'failed',
    get detail(): string {
      throw new Error('broken');
    },
  };
}

describe('venue desk at Polymarket', () => {
  it('becomes live: snapshots, metadata, private stream, status and clock', async () => {
    const { bench } = await polymarketDesk();
    expect(bench.wayOf('market-1')).toEqual(['subscribing', 'live.fresh']);
    expect(bench.wayOf('private')).toEqual(['authenticating', 'live.fresh']);
    expect([bench.desk.isTradable(YES), bench.desk.isTradable(NO)]).toEqual([true, true]);
    expect(bench.desk.availability()).toEqual({ entries: true, reducing: true, reason: 'open' });
    expect(bench.unexpected).toEqual([]);
    expect(bench.faults).toEqual([]);
  });

  it('spreads 1,200 assets over three connections, and each has its books', async () => {
    const { bench, control } = await polymarketDesk(undefined, false);
    const tokens = Array.from({ length: 1_200 }, (_, at) => `3${String(at).padStart(75, '0')}`);
    for (let at = 0; at < tokens.length; at += 2)
      control.lifecycle.addMarket({
        conditionId: `0x${String(at).padStart(64, 'c')}`,
        tokens: [
          { tokenId: tokens[at] as string, outcome: 'Yes' },
          { tokenId: tokens[at + 1] as string, outcome: 'No' },
        ],
        question: `Will ${at} happen?`,
        slug: `will-${at}`,
        description: 'Resolves to Yes if it happens.',
      });
    const books = tokens.map((token): BookId => `polymarket/${token}`);
    await bench.live(books, []);
    expect(bench.desk.figures().map(({ id, books: count, standing }) => [id, count, standing])).toEqual([
      ['market-1', 500, 'fresh'],
      ['market-2', 500, 'fresh'],
      ['market-3', 200, 'fresh'],
      ['private', 0, 'fresh'],
    ]);
    expect(books.filter((book) => bench.desk.contentOf(book) === 'live')).toHaveLength(1_200);
    bench.desk.unwatch(books.slice(0, 900));
    await bench.time.advance(1_000);
    expect(bench.desk.figures().map(({ id, books: count }) => [id, count])).toEqual([
      ['market-2', 100],
      ['market-3', 200],
      ['private', 0],
    ]);
  }, 30_000);

  it('finds a frozen stream that answers every PING, cuts it and comes back right', async () => {
    const { bench, control } = await polymarketDesk();
    control.freezeSockets('market', Number.POSITIVE_INFINITY);
    control.flow.setLevels(TOKEN, { bids: [level(45, 10)], asks: AROUND_HALF.asks });
    await bench.time.advance(20_000);
    expect(bench.triggers).toMatchObject([{ kind: 'BOOK_STALE', venue: 'polymarket' }]);
    await bench.time.advance(3_000);
    expect(bench.desk.isTradable(YES)).toBe(true);
    expect(bench.books.find(YES)?.bestBidE4(false)).toBe(4_500);
    expect(bench.desk.figures()[0]).toMatchObject({ opened: 2 });
    expect(bench.unexpected).toEqual([]);
  });

  it.each([400, 1_500])('finds a change that was lost in a book which changes every %i ms', async (everyMs) => {
    const { bench, control } = await polymarketDesk();
    const quote = (count: number, deep: readonly ReturnType<typeof level>[]): void =>
      control.flow.setLevels(TOKEN, { bids: [level(48, count), ...deep], asks: AROUND_HALF.asks });
    quote(100, [level(20, 10)]);
    await bench.time.advance(1_000);
    control.freezeSockets('market', 1);
    quote(101, []);
    await bench.time.advance(10);
    for (let count = 0; count * everyMs < 70_000; count++) {
      quote(100 + (count % 50), []);
      await bench.time.advance(everyMs);
    }
    const book = bench.books.find(YES);
    expect(book?.bids(false).map(({ priceE4: price }) => price)).toEqual([4_800]);
    expect(bench.desk.isTradable(YES)).toBe(true);
    expect(bench.triggers).toMatchObject([{ kind: 'BOOK_STALE', venue: 'polymarket' }]);
  });

  it('does not kill a quiet market, and keeps its books proven', async () => {
    const { bench, clock } = await polymarketDesk();
    await bench.time.advance(120_000);
    expect(bench.triggers).toEqual([]);
    expect(bench.desk.figures()[0]).toMatchObject({ opened: 1 });
    expect(bench.books.find(YES)?.unprovenMs(clock.nowMs())).toBeLessThan(12_000);
  });

  it('believes a quiet stream for as long as the books cannot be read, and proves nothing', async () => {
    const readBooks: VenueDeskParts['readBooks'] = async () => ({
      kind: 'failed',
      fault: 'unreachable',
      detail: 'no answer',
    });
    const { bench, clock } = await polymarketDesk(() => ({ readBooks }));
    await bench.time.advance(60_000);
    expect(bench.standing()).toBe('suspect');
    expect(bench.books.find(YES)?.unprovenMs(clock.nowMs())).toBeGreaterThan(50_000);
    expect(bench.desk.figures()[0]).toMatchObject({ opened: 1 });
  });

  it('doubts the venue’s own books once two streams in a row have said the same', async () => {
    const readBooks: VenueDeskParts['readBooks'] = async (books) => ({
      kind: 'read',
      value: books.map((book) => ({
        kind: 'book.snapshot',
        book,
        bids: [{ priceE4: priceE4(100), sizeE6: sizeE6(1_000_000) }],
        asks: [{ priceE4: priceE4(9_900), sizeE6: sizeE6(1_000_000) }],
        grid: undefined,
        feed: undefined,
        stamp: undefined,
        venueAtMs: undefined,
      })),
      receivedAt: 0 as never,
    });
    const { bench } = await polymarketDesk(() => ({ readBooks }));
    await bench.time.advance(80_000);
    expect(bench.desk.figures()[0]).toMatchObject({ opened: 3 });
    expect(bench.triggers.filter(({ kind }) => kind === 'BOOK_STALE').length).toBeGreaterThanOrEqual(3);
    expect(bench.unexpected).toEqual([]);
  });

  it('calls a stream dead that gives no sign for thirty seconds', async () => {
    const { bench, control } = await polymarketDesk();
    control.beginOutage('out');
    await bench.time.advance(40_000);
    const ends = bench.moves('private').map(({ event }) => event.type);
    expect(ends).toContain('socket.fellSilent');
    control.endOutage();
    await bench.time.advance(31_000);
    expect(bench.desk.isTradable(YES)).toBe(true);
    expect(bench.standing('private')).toMatch(/fresh|quiet/);
    expect(bench.unexpected).toEqual([]);
  });

  it('asks again when a subscription has no effect', async () => {
    const { bench, control, listings } = await polymarketDesk(undefined, false);
    control.setFaults([{ id: 'N10', venue: 'polymarket', times: 1, match: { channel: 'market' } }]);
    await bench.live([YES], listings);
    expect(bench.standing()).toBe('subscribing');
    await bench.time.advance(5_000);
    expect(bench.desk.isTradable(YES)).toBe(true);
    expect(bench.desk.figures()[0]).toMatchObject({ opened: 1 });
  });

  it('makes a new connection when no subscription on one has an effect', async () => {
    const { bench, control, listings } = await polymarketDesk(undefined, false);
    control.setFaults([{ id: 'N10', venue: 'polymarket', match: { channel: 'market' } }]);
    await bench.live([YES], listings);
    await bench.time.advance(12_000);
    expect(bench.moves('market-1').map(({ event }) => event.type)).toContain('subscription.overdue');
    control.setFaults([]);
    await bench.time.advance(12_000);
    expect(bench.desk.isTradable(YES)).toBe(true);
    expect(bench.unexpected).toEqual([]);
  });

  it('comes back from a refused upgrade, five in a row', async () => {
    const { bench, control } = await polymarketDesk();
    control.setFaults([{ id: 'N9', venue: 'polymarket', times: 5, match: { channel: 'market' } }]);
    control.cutSockets('market');
    await bench.time.advance(65_000);
    expect(bench.triggers.filter(({ kind }) => kind === 'CONNECTION_LOST')).toHaveLength(1);
    expect(bench.desk.isTradable(YES)).toBe(true);
  });

  it('subscribes a book anew that cannot be believed', async () => {
    const { bench, control } = await polymarketDesk();
    control.setFaults([
      { id: 'D10', venue: 'polymarket', times: 1, match: { type: 'price_change' }, parameters: { shape: 'null' } },
    ]);
    control.flow.setLevels(TOKEN, { bids: [level(45, 10)], asks: AROUND_HALF.asks });
    await bench.time.advance(20);
    expect(bench.desk.isTradable(YES)).toBe(false);
    await bench.time.advance(1_000);
    expect(bench.desk.isTradable(YES)).toBe(true);
    expect(bench.books.find(YES)?.bestBidE4(false)).toBe(4_500);
    expect(bench.desk.figures()[0]).toMatchObject({ opened: 1 });
  });

  it('follows a tick that changes while live', async () => {
    const { bench, control } = await polymarketDesk();
    control.setFaults([{ id: 'D8', venue: 'polymarket', times: 1 }]);
    control.flow.setLevels(TOKEN, { bids: [level(45, 10)], asks: AROUND_HALF.asks });
    await bench.time.advance(1_000);
    expect(bench.wayOf(`feed/${YES}`).join()).toContain('content.gapped');
    expect(bench.desk.isTradable(YES)).toBe(true);
  });

  it('closes at once when an order meets a restart, stays shut for takers after it, and opens', async () => {
    const { bench, control, venue, wire } = await polymarketDesk();
    const warm = venue.prepare({
      clientOrderId: 'restart',
      instrument: { book: YES, inverted: false },
      action: 'buy',
      limitE4: priceE4(1_000),
      sizeE6: sizeE6(5_000_000),
      timeInForce: 'goodTillCanceled',
      expiresAt: undefined,
      postOnly: false,
      reduceOnly: false,
      isReducing: false,
    });
    if ('kind' in warm) throw new Error(warm.detail);
    control.restart();
    await wire.time.until(
      new Promise<void>((resolve) =>
        venue.submit(warm, (outcome) => {
          bench.desk.noteOutcome(outcome);
          resolve();
        }),
      ),
    );
    expect(bench.desk.availability()).toMatchObject({
      entries: false,
      reducing: false,
      reason: expect.stringMatching(/^restarting/),
    });
    await bench.time.advance(100_000);
    expect(bench.desk.availability()).toMatchObject({ entries: false, reason: expect.stringMatching(/^postOnly/) });
    await bench.time.advance(120_000);
    expect(bench.desk.availability().entries).toBe(true);
    expect(bench.wayOf('venue/polymarket').filter((to) => to.startsWith('standing.')).length).toBeGreaterThan(2);
  });

  it('keeps resting orders alive by beating, and tells when beats were missed', async () => {
    let isResting = true;
    const beats: string[] = [];
    const { bench, control } = await polymarketDesk((venue) => ({
      orderBeat: {
        beat: (id, onBeat) =>
          venue.commands.heartbeat(id, (outcome) => {
            beats.push(outcome.kind);
            onBeat(outcome);
          }),
        hasRestingOrders: () => isResting,
      },
    }));
    await bench.time.advance(30_000);
    expect(beats.length).toBeGreaterThanOrEqual(5);
    expect(new Set(beats)).toEqual(new Set(['heard']));
    const before = bench.reconciliations.length;
    control.beginOutage('both');
    await bench.time.advance(21_000);
    expect(bench.reconciliations.slice(before).join()).toContain('no heartbeat was heard');
    control.endOutage();
    isResting = false;
    beats.length = 0;
    await bench.time.advance(30_000);
    expect(beats.filter((kind) => kind === 'heard')).toEqual([]);
  });

  it('replaces a connection whose chart breaks, and the breaker hears of it', async () => {
    const { bench } = await polymarketDesk();
    bench.send('market-1', brokenEvent());
    expect(bench.faults).toMatchObject([{ path: 'venue/polymarket/market-1', kind: 'chart' }]);
    await bench.time.advance(2_000);
    expect(bench.standing()).toBe('fresh');
    expect([bench.desk.isTradable(YES), bench.desk.isTradable(NO)]).toEqual([true, true]);
  });

  it('replaces a feed whose chart breaks, and believes its book again', async () => {
    const { bench } = await polymarketDesk();
    const feed = bench.roots.get(`venue/polymarket/market-1/feed/${YES}`);
    if (feed === undefined) throw new Error('expected a feed, found none');
    const broken = {
      type: 'book.gapped',
      get reason(): string {
        throw new Error('broken');
      },
    };
    bench.runtime.send(feed, broken);
    expect(bench.faults).toMatchObject([{ kind: 'chart' }]);
    expect(bench.desk.isTradable(YES)).toBe(false);
    await bench.time.advance(7_000);
    expect(bench.desk.isTradable(YES)).toBe(true);
  });

  it('replaces a private connection whose chart breaks, and has everything reconciled', async () => {
    const { bench } = await polymarketDesk();
    bench.send('private', brokenEvent());
    expect(bench.desk.availability().entries).toBe(false);
    await bench.time.advance(2_000);
    expect(bench.standing('private')).toBe('fresh');
    expect(bench.reconciliations).toHaveLength(2);
  });
});
