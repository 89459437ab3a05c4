/**
 * A venue whose answers somebody else hears too: what replies to orders and reads say about the venue itself. What our
 * own closing cuts short says nothing about it, and is not heard.
 */
import type { CancelOutcome, OrderOutcome, Reading, Venue } from '../domain/ports/venue.ts';

export interface VenueEars {
  readonly onOrder: (outcome: OrderOutcome) => void;
  readonly onCancel: (outcome: CancelOutcome) => void;
  readonly onReading: (reading: Reading<unknown>) => void;
}

export function heardVenue(venue: Venue, ears: VenueEars): Venue {
  let isClosed = false;
  const read = <T>(reading: Promise<Reading<T>>): Promise<Reading<T>> =>
    reading.then((answer) => {
      if (!isClosed) ears.onReading(answer);
      return answer;
    });
  return {
    name: venue.name,
    unsupported: venue.unsupported,
    listings: (query) => read(venue.listings(query)),
    book: (instrument) => read(venue.book(instrument)),
    status: () => read(venue.status()),
    clockOffsetMs: () => read(venue.clockOffsetMs()),
    warm: (listings) => read(venue.warm(listings)),
    prepare: (request) => venue.prepare(request),
    seal: (order) => venue.seal(order),
    submit: (order, onOutcome, onSent) =>
      venue.submit(
        order,
        (outcome) => {
          // The order's own actor first: the venue's standing can wait, a hedge cannot.
          onOutcome(outcome);
          if (!isClosed) ears.onOrder(outcome);
        },
        onSent,
      ),
    cancel: (venueOrderId, instrument, onOutcome) =>
      venue.cancel(venueOrderId, instrument, (outcome) => {
        onOutcome(outcome);
        if (!isClosed) ears.onCancel(outcome);
      }),
    cancelAll: (onOutcome) => venue.cancelAll(onOutcome),
    order: (venueOrderId) => read(venue.order(venueOrderId)),
    openOrders: () => read(venue.openOrders()),
    findOrder: (order, since) => read(venue.findOrder(order, since)),
    fills: (since, instrument) => read(venue.fills(since, instrument)),
    balance: () => read(venue.balance()),
    positions: () => read(venue.positions()),
    settlements: (since) => read(venue.settlements(since)),
    openMarketData: (listener) => venue.openMarketData(listener),
    openPrivate: (listener) => venue.openPrivate(listener),
    close: () => {
      isClosed = true;
      return venue.close();
    },
  };
}
