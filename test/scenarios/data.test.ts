/** Section 1.4: what the data says is not what is so. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DeclineReason } from '../../src/domain/edge/decline.ts';
import type { BookId } from '../../src/domain/instrument.ts';
import type { GapReason, Level, MarketDataEvent } from '../../src/domain/ports/market-data.ts';
import { complement } from '../../src/domain/units.ts';
import { PolymarketVenue } from '../../src/venues/polymarket/polymarket-venue.ts';
import type { BookSides, VenueSide } from '../support/two-venues.ts';
import { FAIR, GAP, GAP_AT_POLYMARKET, level, type Scenario, scenarios } from './rig.ts';

const begin = scenarios();

/** Deep enough that a tenth of it is worth an order: what rests for seconds has been seen by everybody. */
const DEEP: BookSides = { bids: [level(48, 1_000)], asks: [level(52, 1_000)] };
const STREAMS = { kalshi: { channel: 'orderbook_delta' }, polymarket: { channel: 'market' } } as const;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Why baskets were declined from now on, each reason once. */
function declines(at: Scenario): Set<DeclineReason> {
  const reasons = new Set<DeclineReason>();
  at.trading.watch.decisions$.subscribe(({ verdict }) => {
    if (verdict.kind === 'declined') reasons.add(verdict.reason);
  });
  return reasons;
}

/** Gaps and faults that the desk of this venue told of from now on. */
function told(at: Scenario, name: VenueSide['name']): string[] {
  const texts: string[] = [];
  at.trading.desks[name].marketData$.subscribe((event) => {
    if (event.kind === 'book.gapped') texts.push(`gapped ${event.reason}`);
    if (event.kind === 'frame.fault') texts.push(`fault ${event.fault}`);
  });
  return texts;
}

/** This house says one thing more, and then nothing whatever the rig wants. */
function hush(side: VenueSide, sides: BookSides): void {
  side.house(sides);
  side.house = () => undefined;
}

function bookOf(at: Scenario, id: BookId) {
  const book = at.trading.watch.books.find(id);
  if (book === undefined) throw new Error(`expected a book ${id}, found none`);
  return book;
}

/** What a stream of Polymarket tells is told otherwise from now on; nothing, until it is set. */
function bentStream(): { bend: (event: MarketDataEvent) => MarketDataEvent } {
  const hook: ReturnType<typeof bentStream> = { bend: (event) => event };
  const open = PolymarketVenue.prototype.openMarketData;
  vi.spyOn(PolymarketVenue.prototype, 'openMarketData').mockImplementation(function (this: PolymarketVenue, listener) {
    return open.call(this, {
      onOpen: () => listener.onOpen(),
      onAlive: () => listener.onAlive(),
      onEnd: (end) => listener.onEnd(end),
      onEvent: (event) => listener.onEvent(hook.bend(event)),
    });
  });
  return hook;
}

/** The same with books named by `name` and, where they are other books then, sides turned over as well or not. */
function renamed(event: MarketDataEvent, name: (book: BookId) => BookId, isMirrored: boolean): MarketDataEvent {
  const turned = (levels: readonly Level[]): Level[] =>
    levels.map(({ priceE4, sizeE6 }) => ({ priceE4: complement(priceE4), sizeE6 }));
  switch (event.kind) {
    case 'book.snapshot': {
      const book = name(event.book);
      if (!isMirrored || book === event.book) return { ...event, book };
      return { ...event, bids: turned(event.asks), asks: turned(event.bids) };
    }
    case 'book.levels': {
      const changes = event.changes.map((change) => {
        const book = name(change.book);
        if (!isMirrored || book === change.book) return { ...change, book };
        const side = change.side === 'bid' ? 'ask' : 'bid';
        return { ...change, side, priceE4: complement(change.priceE4) } as const;
      });
      return { ...event, changes };
    }
    default:
      return event;
  }
}

describe('data', () => {
  it('S28 › a stream that answers pings and tells nothing is found out by REST, and nothing is traded on it', async () => {
    const at = await begin();
    const reasons = declines(at);
    at.polymarket.sim.control.freezeSockets('market', Number.POSITIVE_INFINITY);
    await at.run(2_100);
    // In truth both moved together: only the frozen book makes it a gap.
    at.quote({ kalshi: GAP.kalshi, polymarket: GAP.kalshi });
    await at.until(() => at.trading.desks.polymarket.figures()[0]?.opened === 2, 25_000);
    await at.run(500);
    expect(reasons).toContain('BOOK_STALE');
    expect([at.started, new Set(at.triggers)]).toEqual([0, new Set(['BOOK_STALE'])]);
    expect(bookOf(at, at.polymarket.yes.book).bestAskE4(false)).toBe(4_100);
  });

  it.each([
    ['polymarket', { kalshi: GAP.kalshi }],
    ['kalshi', { polymarket: GAP_AT_POLYMARKET.polymarket }],
  ] as const)('S28 › a quiet market at %s is not dead: its venue is asked, and it is traded', async (quiet, moved) => {
    const at = await begin();
    const reasons = declines(at);
    hush(at.side(quiet), DEEP);
    await at.run(8_000);
    expect(bookOf(at, at.side(quiet).yes.book).unprovenMs(at.nowMs)).toBeGreaterThan(2_000);
    at.quote(moved);
    await at.until(() => at.started > 0, 300);
    await at.run(100);
    at.quote(FAIR);
    expect(reasons).toContain('BOOK_STALE');
    await at.settled();
    expect(at.end).toBe('balanced');
  });

  it.each([
    ['a frame is lost', 'D3', 'sequence'],
    ['a frame comes twice', 'D1', 'sequence'],
    ['frames change places', 'D2', 'sequence'],
    ['an older snapshot comes in mid-stream', 'D4', 'malformed'],
  ] as const)('S29 › where %s, the book is gapped until its new snapshot', async (_, id, reason: GapReason) => {
    const at = await begin();
    const low: BookSides = { bids: [level(44, 100)], asks: [level(48, 100)] };
    at.quote({ kalshi: low, polymarket: low });
    await at.run(600);
    const gaps = told(at, 'kalshi');
    const [reasons, feed] = [declines(at), `feed/${at.kalshi.yes.book}`];
    at.setFaults('kalshi', { id, times: 1, match: STREAMS.kalshi });
    await at.until(() => gaps.length > 0, 600);
    expect(bookOf(at, at.kalshi.yes.book).standing).toBe('gapped');
    expect(gaps).toContain(`gapped ${reason}`);
    await at.run(600);
    expect(reasons).toContain('BOOK_GAPPED');
    expect(at.journal.states(feed).slice(-3).map(contentOf)).toEqual(['gapped', 'resyncing', 'live']);
    expect(bookOf(at, at.kalshi.yes.book).bestAskE4(false)).toBe(4_800);
    expect(at.started).toBe(0);
  });

  it.each([
    ['deltas that come six seconds late', 'polymarket', 'N5', { delayMs: 6_000 }],
    ['fresh frames with times of six seconds ago', 'polymarket', 'D7', { ageMs: 6_000 }],
    ['deltas with times of six seconds ago', 'kalshi', 'D7', { ageMs: 6_000 }],
  ] as const)('S30 › nothing is traded on %s (%s)', async (_, name, id, parameters) => {
    const at = await begin();
    at.setFaults(name, { id, match: STREAMS[name], parameters });
    await at.run(7_500);
    const reasons = declines(at);
    expect(bookOf(at, at.side(name).yes.book).unprovenMs(at.nowMs)).toBeLessThan(600);
    at.quote({ kalshi: GAP.kalshi });
    await at.run(name === 'kalshi' ? 7_000 : 1_000);
    expect(reasons).toContain('VENUE_LAGGED');
    expect(at.started).toBe(0);
  });

  it('S30 › times are held against the venue’s clock, not ours', async () => {
    const at = await begin();
    for (const venue of [at.kalshi.sim, at.polymarket.sim.control] as const) {
      if ('setClockSkew' in venue) venue.setClockSkew(-4_000);
      else venue.setClockOffset(-4_000);
    }
    await at.run(62_000);
    await at.open();
    await at.settled();
    expect(at.end).toBe('balanced');
  });

  it('S31 › a paused market at Kalshi is not traded on, and is again once it reopens', async () => {
    const at = await begin();
    const reasons = declines(at);
    const { venueKey } = at.kalshi.listing;
    at.kalshi.sim.lifecycle.pause(venueKey);
    at.quote({ kalshi: GAP.kalshi });
    await at.run(1_000);
    expect([at.started, [...reasons]]).toEqual([0, expect.arrayContaining(['BOOK_CLOSED'])]);
    at.kalshi.sim.lifecycle.activate(venueKey);
    await at.until(() => at.started > 0, 1_000);
    await at.settled();
    expect(at.end).toBe('balanced');
  });

  it('S31 › a market at Kalshi that closes at its hour, without a word, is not traded on', async () => {
    const at = await begin();
    const reasons = declines(at);
    // Told ahead; the hour itself is silent.
    at.kalshi.sim.lifecycle.moveClose(at.kalshi.listing.venueKey, at.venues.clock.wall() + 1_000_000);
    await at.run(2_000);
    at.quote({ kalshi: GAP.kalshi });
    await at.run(900);
    expect([at.started, [...reasons]]).toEqual([0, expect.arrayContaining(['BOOK_CLOSED'])]);
  });

  it('S31 › the frozen prices of a market that takes no orders are never an edge', async () => {
    const at = await begin();
    const reasons = declines(at);
    hush(at.polymarket, DEEP);
    at.polymarket.sim.control.lifecycle.setAccepting(at.polymarket.listing.venueKey, false);
    await at.run(4_000);
    at.quote({ kalshi: GAP.kalshi });
    await at.run(4_000);
    expect([at.started, [...reasons]]).toEqual([0, expect.arrayContaining(['BOOK_STALE', 'BOOK_CLOSED'])]);
    at.polymarket.sim.control.lifecycle.setAccepting(at.polymarket.listing.venueKey, true);
    await at.until(() => at.started > 0, 12_000);
  });

  it('S31 › a REST book that is frozen at 1 and 99 cents proves nothing, and is not traded on', async () => {
    const at = await begin();
    hush(at.polymarket, DEEP);
    const frozen: BookSides = { bids: [level(1, 1_000)], asks: [level(99, 1_000)] };
    const read = at.polymarket.venue.books.bind(at.polymarket.venue);
    at.polymarket.venue.books = async (asked) => {
      const reading = await read(asked);
      return reading.kind === 'failed'
        ? reading
        : { ...reading, value: reading.value.map((one) => ({ ...one, ...frozen })) };
    };
    await at.run(4_000);
    at.quote({ kalshi: GAP.kalshi });
    await at.run(4_000);
    expect([at.started, at.received('kalshi'), at.received('polymarket')]).toEqual([0, 0, 0]);
  });

  it.each([
    ['renamed fields', 'polymarket', { shape: 'renamed' }],
    ['null', 'polymarket', { shape: 'null' }],
    ['numbers as numbers', 'polymarket', { shape: 'number' }],
    ['seconds instead of milliseconds', 'polymarket', { shape: 'seconds' }],
    ['an unknown kind', 'polymarket', { shape: 'unknownKind' }],
    ['text that is no JSON', 'polymarket', { shape: 'text' }],
    ['null', 'kalshi', { kind: 'null' }],
    ['numbers as numbers', 'kalshi', { kind: 'number' }],
    ['NaN', 'kalshi', { kind: 'NaN' }],
  ] as const)('S32 › %s at %s gap the book, and are told', async (_, name, parameters) => {
    const notices: string[] = [];
    const at = await begin();
    at.trading.desks[name].marketData$.subscribe((event) => {
      if (event.kind === 'frame.fault') notices.push(event.fault);
    });
    const gaps = told(at, name);
    at.setFaults(name, { id: 'D10', times: 1, match: STREAMS[name], parameters });
    await at.until(() => gaps.length > 0, 600);
    expect(bookOf(at, at.side(name).yes.book).standing).toBe('gapped');
    expect([gaps[0], notices]).toEqual(['gapped malformed', ['malformed']]);
    const [reason] = at.journal
      .transitions(`feed/${at.side(name).yes.book}`)
      .flatMap(({ event }) => (event.type === 'book.gapped' ? [String(event.reason)] : []));
    expect(reason).toMatch(/^malformed: /);
    await at.run(600);
    expect(bookOf(at, at.side(name).yes.book).standing).toBe('live');
  });

  it('S33 › books of YES and NO that say the same contradict each other: both are gapped, and it is told', async () => {
    const hook = bentStream();
    const at = await begin();
    const [yes, no] = [at.polymarket.yes.book, at.polymarket.no.book];
    const reasons = declines(at);
    hook.bend = (event) => renamed(event, (book) => (book === no ? yes : book), true);
    const low: BookSides = { bids: [level(42, 100)], asks: [level(46, 100)] };
    // NO is shown at 46, and costs 58.
    at.quote({ kalshi: { bids: [level(45, 100)], asks: [level(49, 100)] }, polymarket: low });
    await at.run(1_000);
    expect(reasons).toContain('COMPLEMENT_ALARM');
    expect(at.triggers).toEqual(['BOOK_STALE']);
    expect(at.started).toBe(0);
  });

  it('S33 › swapped books of YES and NO are refused as too good to be true, and REST contradicts them', async () => {
    const hook = bentStream();
    const at = await begin();
    const [yes, no] = [at.polymarket.yes.book, at.polymarket.no.book];
    const reasons = declines(at);
    hook.bend = (event) => renamed(event, (book) => (book === yes ? no : book === no ? yes : book), false);
    const low: BookSides = { bids: [level(30, 100)], asks: [level(34, 100)] };
    at.quote({ kalshi: low });
    hush(at.polymarket, low);
    at.polymarket.sim.control.cutSockets('market');
    await at.until(() => at.triggers.length > 0, 6_000);
    expect(reasons).toContain('GAP_SUSPICIOUS');
    expect(at.triggers).toEqual(['BOOK_STALE']);
    expect(at.started).toBe(0);
  });

  it('S34 › an order is as large as the race for the level leaves it, not as what is displayed', async () => {
    const at = await begin();
    await at.open();
    await at.settled();
    // Of twenty at the best price, six tenths are ours if nobody was faster.
    expect(at.intended).toEqual(['kalshi buy 11 @41 entry', 'polymarket buy 11 @52 entry']);
    const decision = at.journal.recordsOf('decision').at(-1);
    expect(decision?.detail).toMatchObject({ end: 'balanced', setsE6: 11_000_000 });
  });

  it('S34 › a purchase that is a budget may buy more than was ordered, and is believed to', async () => {
    const at = await begin();
    // NO at Polymarket costs 51 for two and 52 for the rest: the limit is 52, and the budget of it buys a little more.
    const polymarket = { bids: [level(49, 4), level(48, 100)], asks: [level(53, 100)] };
    await at.open({ quotes: { kalshi: GAP.kalshi, polymarket } });
    await at.settled();
    expect(at.intended[1]).toMatch(/^polymarket buy \d+ @52 entry$/);
    const decision = at.journal.recordsOf('decision').at(-1);
    expect(decision?.detail).toMatchObject({ end: expect.stringMatching(/^(?:balanced|dust)$/) });
  });

  it('S34 › what has stood for long is believed to a tenth, and is left where that is too little', async () => {
    const at = await begin();
    const reasons = declines(at);
    hush(at.polymarket, { bids: [level(48, 40)], asks: [level(52, 40)] });
    await at.run(5_000);
    at.quote({ kalshi: GAP.kalshi });
    await at.run(1_000);
    expect([at.started, [...reasons]]).toEqual([
      0,
      expect.arrayContaining(['BOOK_STALE', expect.stringMatching(/^BELOW_MIN/)]),
    ]);
  });

  it.each(['kalshi', 'polymarket'] as const)(
    'S35 › the tick changes in session at %s, and the next order is on it',
    async (name) => {
      const at = await begin();
      const { venueKey } = at.side(name).listing;
      if (name === 'kalshi') at.kalshi.sim.lifecycle.regrid(venueKey, 'deci_cent');
      else at.polymarket.sim.control.lifecycle.setTick(venueKey, 10);
      await at.run(600);
      const fine = {
        kalshi: { kalshi: { bids: GAP.kalshi.bids, asks: [level(41.3, 20)] }, polymarket: FAIR.polymarket },
        polymarket: { kalshi: GAP.kalshi, polymarket: { bids: [level(48.3, 100)], asks: [level(52, 100)] } },
      };
      at.quote(fine[name]);
      await at.until(() => at.started > 0, 1_000);
      await at.settled();
      expect(at.end).toBe('balanced');
      const limits = at.intended.map((order) => order.split('@')[1]?.split(' ')[0]);
      expect(limits).toEqual(name === 'kalshi' ? ['41.3', '52'] : ['41', '51.7']);
    },
  );

  it('S35 › without a first snapshot there is no book, and nothing is traded', async () => {
    const at = await begin({ polymarket: { snapshotAssetsMax: 0 } });
    const reasons = declines(at);
    at.quote({ kalshi: GAP.kalshi });
    await at.run(3_000);
    expect([...reasons]).toEqual(['BOOK_AWAITED']);
    expect(bookOf(at, at.polymarket.yes.book).standing).toBe('awaitingSnapshot');
    expect(at.started).toBe(0);
  });
});

/** `watched.content.live|metadata.warm` is about both regions. */
function contentOf(state: string): string {
  return state.replace('watched.content.', '').split('|')[0] ?? '';
}
