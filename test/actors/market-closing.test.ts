import { afterEach, describe, expect, it } from 'vitest';
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

describe('trades of a market', () => {
  it('are remembered while anything of it may still change', async () => {
    const { world } = await boughtWorld();
    const known = world.trading.ledger.tradesKnown;
    await world.run(READ_TWICE_MS);
    expect(known).toBeGreaterThanOrEqual(2);
    expect(world.trading.ledger.tradesKnown).toBe(known);
  }, 180_000);

  it('are forgotten once it has been settled for as long as a payout may be revised', async () => {
    const { world } = await boughtWorld();
    await settled(world);
    await world.run(READ_TWICE_MS);
    expect(world.trading.books.positions).toEqual([]);
    expect(world.trading.ledger.tradesKnown).toBe(0);
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
