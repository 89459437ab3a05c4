/** Both simulated venues, as trading sits at them: each order is seen when it is handed over. */
import type { TradingParts, VenueSeat } from '../../src/actors/trading-parts.ts';
import { KALSHI_DESK, POLYMARKET_DESK } from '../../src/actors/venue-desk-settings.ts';
import type { PreparedOrder, Venue } from '../../src/domain/ports/venue.ts';
import type { HeldVenues } from './held-venues.ts';

export function seatsAt(
  held: HeldVenues,
  onSubmit: (order: PreparedOrder) => void,
  bend: (seat: VenueSeat) => VenueSeat = (same) => same,
): TradingParts['seats'] {
  const { kalshi, polymarket } = held.venues;
  const { venues } = held.asVenues();
  return {
    kalshi: bend({
      venue: seen(venues.kalshi, onSubmit),
      desk: { settings: KALSHI_DESK, rateStates: () => kalshi.venue.rateStates() },
    }),
    polymarket: bend({
      venue: seen(venues.polymarket, onSubmit),
      desk: {
        settings: POLYMARKET_DESK,
        rateStates: () => polymarket.venue.rateStates(),
        standingNow: () => polymarket.venue.standing(),
      },
      refresh: () => void polymarket.venue.refreshBalance(),
    }),
  };
}

function seen(venue: Venue, onSubmit: (order: PreparedOrder) => void): Venue {
  const submit: Venue['submit'] = (order, ...rest) => {
    onSubmit(order);
    venue.submit(order, ...rest);
  };
  return new Proxy(venue, {
    get: (inner, key) => {
      const value: unknown = key === 'submit' ? submit : Reflect.get(inner, key, inner);
      return typeof value === 'function' ? value.bind(inner) : value;
    },
  });
}
