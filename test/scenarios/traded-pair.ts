/** The one pair of a scenario, as a person would have approved it. */
import type { TradedPair } from '../../src/actors/trading-parts.ts';
import { termsAsRead } from '../../src/domain/pairs/pair-terms.ts';
import { micros } from '../../src/domain/units.ts';
import type { TwoVenues } from '../support/two-venues.ts';

export function pairOf({ listings }: TwoVenues, isInverted = false): TradedPair {
  const [kalshi, polymarket] = listings;
  if (kalshi === undefined || polymarket === undefined) throw new Error('expected two listings, found fewer');
  const expiresAt = micros(Number.MAX_SAFE_INTEGER);
  return {
    id: 'pair',
    title: 'Event',
    kalshi,
    polymarket,
    isInverted,
    special: [],
    group: { eventId: 'event', category: 'test', correlated: 'event' },
    terms: termsAsRead({ pairId: 'pair', title: 'Event', kalshi, polymarket, approvedBy: 'test', expiresAt }),
  };
}
