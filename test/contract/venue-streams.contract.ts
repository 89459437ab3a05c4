/** Market data and our own events, as long as a connection lasts. */
import { describe, expect } from 'vitest';
import { BookStore } from '../../src/domain/book/book-store.ts';
import type { MarketDataEvent } from '../../src/domain/ports/market-data.ts';
import type { FillSettlement } from '../../src/domain/ports/venue.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import { contracts, micros } from '../../src/domain/units.ts';
import {
  AROUND_HALF,
  type Claims,
  fillsIn,
  type Heard,
  level,
  listenToMarket,
  listenToOurs,
  readOn,
  sorted,
  submitOn,
} from './venue-claims.ts';
import type { BookSides, VenueRig } from './venue-rig.ts';

const CHANGES = 60;

export function describeStreams(claims: Claims): void {
  describe('the market data stream', () => describeMarketData(claims));
  describe('the private stream', () => describeOurs(claims));
}

/** The book that these events make. */
function bookOf(rig: VenueRig, heard: Heard<MarketDataEvent>) {
  const books = new BookStore();
  for (const event of heard.events) books.apply(event, 0, []);
  return books.open(rig.yes.book);
}

function sidesOf(rig: VenueRig, heard: Heard<MarketDataEvent>): BookSides {
  const book = bookOf(rig, heard);
  return { bids: book.bids(false), asks: book.asks(false) };
}

/** Until our book is the venue's. */
async function agreed(rig: VenueRig, heard: Heard<MarketDataEvent>): Promise<void> {
  await rig.time.reached(() => JSON.stringify(sidesOf(rig, heard)) === JSON.stringify(sorted(rig.truth.book())));
}

async function subscribed(rig: VenueRig): Promise<Heard<MarketDataEvent>> {
  const heard = await listenToMarket(rig);
  heard.stream.subscribe([rig.yes.book]);
  await rig.time.reached(() => heard.events.some(({ kind }) => kind === 'book.snapshot'));
  return heard;
}

function kindsOf(heard: Heard<MarketDataEvent>): string[] {
  return heard.events.map(({ kind }) => kind);
}

function describeMarketData({ claim, profile }: Claims): void {
  claim('begins with a snapshot that equals the venue’s book', async (rig) => {
    const heard = await subscribed(rig);
    expect(sidesOf(rig, heard)).toEqual(sorted(AROUND_HALF));
    expect(bookOf(rig, heard).standing).toBe('live');
    const books = heard.events.filter(({ kind }) => kind.startsWith('book.'));
    expect(books[0]?.kind).toBe('book.snapshot');
  });

  claim(`equals the venue’s book after ${CHANGES} changes`, async (rig) => {
    const heard = await subscribed(rig);
    const random = seededRandom('contract changes');
    for (let change = 0; change < CHANGES; change++) {
      const side = (from: number) =>
        Array.from({ length: 5 }, (_, at) => level(from + at, random.below(50))).filter(({ sizeE6 }) => sizeE6 > 0);
      await rig.house({ bids: side(40), asks: side(55) });
    }
    await agreed(rig, heard);
    expect(kindsOf(heard).filter((kind) => kind === 'frame.fault' || kind === 'book.gapped')).toEqual([]);
    expect(bookOf(rig, heard).standing).toBe('live');
  });

  claim('shows what our own orders take', async (rig) => {
    const heard = await subscribed(rig);
    await submitOn(rig);
    await agreed(rig, heard);
    const taken = profile.hasWire ? 90 : 100;
    expect(sidesOf(rig, heard).asks[0]).toEqual(level(52, taken));
  });

  claim('gaps the book when a change is missing, and heals on a snapshot', async (rig) => {
    const heard = await subscribed(rig);
    rig.breakNextBookChange();
    await rig.house({ bids: [level(45, 10)], asks: AROUND_HALF.asks });
    await rig.house({ bids: [level(44, 10)], asks: AROUND_HALF.asks });
    await rig.time.reached(() => kindsOf(heard).includes('book.gapped'));
    expect(bookOf(rig, heard).standing).toBe('gapped');
    rig.healStreams();
    const wasAsked = heard.stream.requestSnapshots([rig.yes.book]);
    expect(wasAsked).toBe(profile.hasSnapshotRequests);
    if (!wasAsked) {
      heard.stream.unsubscribe([rig.yes.book]);
      heard.stream.subscribe([rig.yes.book]);
    }
    await rig.time.reached(() => bookOf(rig, heard).standing === 'live');
    await agreed(rig, heard);
  });

  claim('says nothing more about a book that was unsubscribed', async (rig) => {
    await rig.houseOfStrange(AROUND_HALF);
    const heard = await subscribed(rig);
    heard.stream.subscribe([rig.strange.book]);
    await rig.time.reached(() => booksIn(heard).has(rig.strange.book));
    heard.stream.unsubscribe([rig.yes.book]);
    // The venue answers in order: once it knows of a third wish, it knows of the second.
    await rig.houseOfStrange({ bids: [level(45, 1)], asks: [] });
    await rig.time.reached(() => heard.events.some((event) => changesTo(event, 4_500)));
    await rig.time.advance(1_000);
    heard.events.length = 0;
    await rig.house({ bids: [level(44, 5)], asks: [] });
    await rig.houseOfStrange({ bids: [level(43, 1)], asks: [] });
    await rig.time.reached(() => heard.events.some((event) => changesTo(event, 4_300)));
    expect(booksIn(heard).has(rig.yes.book)).toBe(false);
  });

  claim('says once that it ended, and its books are gapped', async (rig) => {
    const heard = await subscribed(rig);
    rig.cutSockets();
    await rig.time.reached(() => heard.ends.length > 0);
    const eventsAtEnd = heard.events.length;
    expect(bookOf(rig, heard).standing).toBe('gapped');
    heard.stream.close();
    await rig.time.advance(1_000);
    expect(heard.ends).toHaveLength(1);
    expect(heard.events).toHaveLength(eventsAtEnd);
  });

  claim('ends when it is closed', async (rig) => {
    const heard = await subscribed(rig);
    heard.stream.close();
    await rig.time.reached(() => heard.ends.length > 0);
    await rig.time.advance(1_000);
    expect(heard.ends).toHaveLength(1);
  });

  claim('lives as long as it answers a heartbeat', async (rig) => {
    const heard = await subscribed(rig);
    const before = heard.alive;
    heard.stream.heartbeat();
    await rig.time.reached(() => heard.alive > before);
  });
}

function booksIn(heard: Heard<MarketDataEvent>): ReadonlySet<string> {
  return new Set(
    heard.events.flatMap((event) => {
      if (event.kind === 'book.levels') return event.changes.map(({ book }) => book);
      return event.kind === 'book.snapshot' || event.kind === 'book.delta' ? [event.book] : [];
    }),
  );
}

function changesTo(event: MarketDataEvent, price: number): boolean {
  if (event.kind === 'book.levels') return event.changes.some(({ priceE4 }) => priceE4 === price);
  return event.kind === 'book.delta' && event.priceE4 === price;
}

function describeOurs({ claim, profile }: Claims): void {
  claim('reports what we took, with the price that was paid', async (rig) => {
    const ours = await listenToOurs(rig);
    const outcome = await submitOn(rig);
    await rig.time.reached(() => fillsIn(ours).length > 0);
    const venueOrderId = outcome.kind === 'done' ? outcome.venueOrderId : '';
    const [fill] = fillsIn(ours);
    expect(fill).toMatchObject({
      venueOrderId,
      instrument: rig.yes,
      action: 'buy',
      sizeE6: contracts(10),
      role: 'taker',
      settlement: profile.settlesLater ? 'matched' : 'final',
    });
    expect(fill?.priceE4).toBeLessThanOrEqual(rig.takes.ask);
    expect(fill?.priceE4).toBeGreaterThanOrEqual(5_200);
  });

  claim('says once that it ended', async (rig) => {
    const ours = await listenToOurs(rig);
    if (profile.hasWire) rig.cutSockets();
    else ours.stream.close();
    await rig.time.reached(() => ours.ends.length > 0);
    ours.stream.close();
    await rig.time.advance(1_000);
    expect(ours.ends).toHaveLength(1);
  });

  claim('is not asked for snapshots', async (rig) => {
    const ours = await listenToOurs(rig);
    expect(ours.stream.requestSnapshots([rig.yes.book])).toBe(false);
  });

  if (!profile.settlesLater) {
    claim('reports a fill as final, once', async (rig) => {
      const ours = await listenToOurs(rig);
      await submitOn(rig);
      await rig.time.reached(() => fillsIn(ours).length > 0);
      await rig.time.advance(60_000);
      expect(fillsIn(ours).map(({ settlement }) => settlement)).toEqual(['final']);
    });
    return;
  }

  claim('follows a match until it is confirmed', async (rig) => {
    const ours = await listenToOurs(rig);
    await submitOn(rig);
    await rig.settled();
    await rig.time.reached(() => settlementsIn(ours).includes('confirmed'));
    expect(settlementsIn(ours)).toEqual(['matched', 'mined', 'confirmed']);
    expect(new Set(fillsIn(ours).map(({ tradeId }) => tradeId)).size).toBe(1);
    expect(rig.truth.yesHeldE6()).toBe(contracts(10));
  });

  claim('reports a match that failed, under the same trade, and takes nothing back', async (rig) => {
    rig.failNextSettlement?.();
    const ours = await listenToOurs(rig);
    await submitOn(rig);
    await rig.settled();
    await rig.time.reached(() => settlementsIn(ours).includes('failed'));
    expect(settlementsIn(ours)).toEqual(['matched', 'mined', 'retrying', 'failed']);
    const fills = fillsIn(ours);
    expect(new Set(fills.map(({ tradeId, sizeE6, priceE4 }) => `${tradeId} ${sizeE6} ${priceE4}`)).size).toBe(1);
    expect(fills.every(({ action }) => action === 'buy')).toBe(true);
    expect(rig.truth.yesHeldE6()).toBe(0);
    const listed = await readOn(rig, rig.venue.fills(micros(0)));
    expect(listed.map(({ settlement }) => settlement)).toEqual(['failed']);
  });
}

function settlementsIn(ours: Parameters<typeof fillsIn>[0]): FillSettlement[] {
  return fillsIn(ours).map(({ settlement }) => settlement);
}
