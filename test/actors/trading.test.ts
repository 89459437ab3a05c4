import { afterEach, describe, expect, it } from 'vitest';
import { Trading } from '../../src/actors/trading.ts';
import type { TradingListeners } from '../../src/actors/trading-parts.ts';
import { KALSHI_DESK, POLYMARKET_DESK } from '../../src/actors/venue-desk-settings.ts';
import { conservative100 } from '../../src/app/config/conservative-100.ts';
import type { ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import { termsAsRead } from '../../src/domain/pairs/pair-terms.ts';
import { seededIds, seededRandom } from '../../src/domain/seeded-random.ts';
import { micros } from '../../src/domain/units.ts';
import type { AttemptOutcome } from '../../src/machines/attempt.events.ts';
import { level, type TwoVenues, twoVenues } from '../support/two-venues.ts';

const open: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

async function tradingAt(venues: TwoVenues, execution: ExecutionPolicy, listeners: TradingListeners = {}) {
  const trading = new Trading({
    clock: venues.clock,
    random: seededRandom('trading'),
    ids: seededIds('trading'),
    journal: venues.journal,
    definitionOf: () => 'sha256:0',
    seats: {
      kalshi: {
        venue: venues.kalshi.venue,
        desk: { settings: KALSHI_DESK },
      },
      polymarket: { venue: venues.polymarket.venue, desk: { settings: POLYMARKET_DESK } },
    },
    profile: conservative100(execution),
    listeners,
  });
  open.push({ stop: () => trading.stop() }, { stop: () => venues.close() });
  await venues.time.until(trading.start());
  const [kalshi, polymarket] = venues.listings;
  if (kalshi === undefined || polymarket === undefined) throw new Error('expected two listings, found fewer');
  const group = { eventId: 'event', category: 'test', correlated: 'event' };
  const expiresAt = micros(venues.clock.wall() + 86_400_000_000);
  const terms = termsAsRead({ pairId: 'pair', title: 'Event', kalshi, polymarket, approvedBy: 'test', expiresAt });
  trading.trade([{ id: 'pair', title: 'Event', kalshi, polymarket, isInverted: false, special: [], group, terms }]);
  await venues.time.advance(3_000);
  return trading;
}

describe('trading', () => {
  it('turns a gap between the venues into a held set', async () => {
    const outcomes: AttemptOutcome[] = [];
    const venues = await twoVenues();
    const trading = await tradingAt(venues, 'together', { onOutcome: (outcome) => outcomes.push(outcome) });
    venues.polymarket.house({ bids: [level(48, 100), level(47, 90)], asks: [level(52, 100)] });
    await venues.time.advance(50);
    venues.kalshi.house({ bids: [level(38, 100)], asks: [level(41, 20)] });
    await venues.time.advance(30_000);
    expect(outcomes.map(({ end, setsE6 }) => [end, setsE6])).toEqual([['balanced', 11_000_000]]);
    expect(trading.breaker.view()).toMatchObject({ standing: 'closed', trips: 0 });
    expect(trading.books.positions).toMatchObject([{ standing: 'open' }]);
    for (const name of ['kalshi', 'polymarket'] as const)
      expect(trading.ledger.cash(name)).toBe(venues.side(name).truth.cash());
  });
});
