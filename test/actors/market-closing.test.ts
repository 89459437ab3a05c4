import { afterEach, describe, expect, it } from 'vitest';
import { MarketClosing, type MarketClosingParts } from '../../src/actors/market-closing.ts';
import { OrderRegistry } from '../../src/actors/order-registry.ts';
import { micros } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { legOrder } from '../domain/risk/risk-samples.ts';
import { AttemptWorld, type WorldOptions } from '../support/attempt-world.ts';

const open: AttemptWorld[] = [];
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

const REVISION_MS = 60_000;
/** Listings are read every five minutes: one that is settled twice, with the patience in between. */
const READ_TWICE_MS = 11 * 60_000;

/** One set that was bought, of a pair that nobody quotes any more. */
async function boughtWorld() {
  const options: WorldOptions = {
    polymarket: { gammaResolutionLagMs: 100, positionsLagMs: 0 },
    profile: (profile) => ({
      ...profile,
      position: { ...profile.position, checkMsMin: 500, checkMsMax: 2_000, revisionMs: REVISION_MS },
    }),
  };
  const world = await AttemptWorld.begin(options);
  open.push(world);
  await world.attempt(() => undefined);
  await world.rest();
  await world.run(30_000);
  world.leave(world.pair);
  const trade = world.venues.polymarket.trades().at(-1);
  if (trade === undefined) throw new Error('expected a trade at polymarket, found none');
  return { world, tradeId: trade.id };
}

async function settled(world: AttemptWorld): Promise<void> {
  world.pair.settle();
  await world.run(REVISION_MS + 10_000);
}

type ReadListing = Parameters<MarketClosing['observe']>[0];

const MARKET: ReadListing = {
  venue: 'kalshi',
  venueKey: 'FED',
  standing: 'settled',
  yes: { book: 'kalshi/FED', inverted: false },
  no: { book: 'kalshi/FED', inverted: true },
};

/** A market that is settled, and whatever stands in the way of closing it. */
function closingOf({ isHeld = false, positions = [] as ReturnType<MarketClosingParts['positions']> } = {}) {
  const clock = new VirtualClock();
  const registry = new OrderRegistry();
  const closed: string[] = [];
  const settled: string[] = [];
  const closing = new MarketClosing({
    clock,
    accounts: {
      close: ({ venueKey }) => {
        if (!isHeld) closed.push(venueKey);
        return !isHeld;
      },
    },
    exposures: { close: (book) => void settled.push(book) },
    registry,
    positions: () => positions,
    revisionMs: REVISION_MS,
  });
  const read = (listing: Partial<ReadListing> = {}) => closing.observe({ ...MARKET, ...listing });
  const readAfter = (ms: number, listing: Partial<ReadListing> = {}) => {
    clock.advanceBy(ms);
    read(listing);
  };
  return { registry, closed, settled, read, readAfter };
}

describe('a settled market', () => {
  it("is closed when a payout cannot be revised any more, and is nobody's exposure then", () => {
    const { closed, settled, read, readAfter } = closingOf();
    read();
    readAfter(REVISION_MS - 1);
    expect(closed).toEqual([]);
    readAfter(1);
    expect([closed, settled]).toEqual([['FED'], ['kalshi/FED', 'kalshi/FED']]);
  });

  it('waits anew when its venue takes the result back', () => {
    const { closed, read, readAfter } = closingOf();
    read();
    readAfter(REVISION_MS, { isDisputed: true });
    readAfter(1);
    readAfter(REVISION_MS - 1, { standing: 'determined' });
    readAfter(1);
    expect(closed).toEqual([]);
  });

  it('stays open for a position that has a leg in it', () => {
    const legs = [{ venue: 'kalshi', venueKey: 'FED' }] as const;
    const { closed, read, readAfter } = closingOf({ positions: [{ legs }] });
    read();
    readAfter(REVISION_MS);
    expect(closed).toEqual([]);
  });

  it('stays open for an order whose leg has not closed', () => {
    const { registry, closed, read, readAfter } = closingOf();
    const order = legOrder();
    registry.restore({ order, venueOrderId: undefined, intentAt: micros(0), actor: undefined });
    read();
    readAfter(REVISION_MS);
    expect(closed).toEqual([]);
    registry.release(order.clientOrderId);
    readAfter(1);
    expect(closed).toEqual(['FED']);
  });

  it('stays exposure while our books hold something of it', () => {
    const { settled, read, readAfter } = closingOf({ isHeld: true });
    read();
    readAfter(REVISION_MS);
    expect(settled).toEqual([]);
  });
});

describe('trades of a market', () => {
  it('are remembered while anything of it may still change', async () => {
    const { world } = await boughtWorld();
    const known = world.trading.books.accounts.tradesKnown;
    await world.run(READ_TWICE_MS);
    expect(known.booked).toBeGreaterThanOrEqual(2);
    expect(known.charged).toBeGreaterThanOrEqual(1);
    expect(world.trading.books.accounts.tradesKnown).toEqual(known);
  }, 180_000);

  it('are forgotten once it has been settled for as long as a payout may be revised', async () => {
    const { world } = await boughtWorld();
    await settled(world);
    await world.run(READ_TWICE_MS);
    expect(world.trading.books.positions).toEqual([]);
    expect(world.trading.books.accounts.tradesKnown).toEqual({ booked: 0, charged: 0 });
  }, 180_000);

  it('count once when they are told again, before and after they are forgotten', async () => {
    const { world, tradeId } = await boughtWorld();
    const { trading, venues } = world;
    const tellAgain = async () => {
      venues.polymarket.sim.control.tellTrade(tradeId, 'CONFIRMED');
      await world.run(1_000);
    };
    const cash = trading.ledger.cash('polymarket');
    await tellAgain();
    expect([trading.ledger.cash('polymarket'), trading.breaker.view().trips]).toEqual([cash, 0]);
    await settled(world);
    await world.run(READ_TWICE_MS);
    const paid = trading.ledger.cash('polymarket');
    await tellAgain();
    expect(trading.ledger.cash('polymarket')).toBe(paid);
    expect(world.spans().map(({ leastE6, mostE6 }) => [leastE6, mostE6])).toEqual(world.spans().map(() => [0, 0]));
    expect(trading.breaker.view().reasons.list.map(({ kind }) => kind)).toContain('LEDGER_DIFFERS');
  }, 180_000);
});
