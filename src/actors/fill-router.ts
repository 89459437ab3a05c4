/**
 * The way of private events: into the accounts first, then to the leg whose order it is, wherever that leg lives.
 * A fill that belongs to no live leg is booked, written down and handed on; nothing is ever dropped.
 */

import type { LegOrder, LegReport } from '../domain/execution/leg.ts';
import { expiresInMs } from '../domain/execution/order-expiry.ts';
import type { VenueName } from '../domain/instrument.ts';
import { venueOf } from '../domain/instrument.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Journal } from '../domain/ports/journal.ts';
import type { Fill, OrderState, PrivateEvent } from '../domain/ports/venue.ts';
import type { LegFill, OrderRecordFacts } from '../machines/order-leg.events.ts';
import type { Accounts, Booking } from './accounts.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { OrderEntry, OrderRegistry } from './order-registry.ts';

/** A fill whose leg has closed, or that we never ordered. */
export interface OrphanFill {
  readonly fill: Fill;
  /** The order that it belongs to, if it was one of ours. */
  readonly order: LegOrder | undefined;
  readonly report: LegReport | undefined;
  /** What the ledger could not take: it contradicts what was said before. */
  readonly isContradiction: boolean;
}

export interface FillRouterParts {
  readonly runtime: ActorRuntime;
  readonly accounts: Accounts;
  readonly registry: OrderRegistry;
  readonly journal: Pick<Journal, 'append'>;
  readonly clock: Pick<Clock, 'wall'>;
  /** Told of everything new about such a fill: its match, and where it settles later what became of it. */
  readonly onOrphanFill: (orphan: OrphanFill) => void;
}

export class FillRouter {
  readonly #parts: FillRouterParts;
  /** Fills of orders that nobody knows, while one of ours waits for its name: by the venue's order id. */
  readonly #unclaimed = new Map<string, Fill[]>();

  constructor(parts: FillRouterParts) {
    this.#parts = parts;
  }

  /** What the private stream of a venue says. One event is one step. */
  readonly onPrivate = (venue: VenueName, event: PrivateEvent): void => {
    this.#parts.runtime.step(() => {
      switch (event.kind) {
        case 'fill.reported':
          this.#fill(event.fill);
          return;
        case 'order.reported':
          this.#order(venue, event.order);
          return;
        case 'private.fault':
          this.#parts.journal.append({
            kind: 'venueIn',
            venue,
            about: 'private.fault',
            detail: { message: event.message },
          });
      }
    });
  };

  /** What a read found. */
  deliver(fills: readonly Fill[]): void {
    this.#parts.runtime.step(() => {
      for (const fill of fills) this.#fill(fill);
    });
  }

  /** The venue's name of an order has become known: fills that came under it are its. */
  named(entry: OrderEntry, venueOrderId: string): void {
    if (!this.#parts.registry.name(entry, venueOrderId)) return;
    const key = `${entry.order.venue}/${venueOrderId}`;
    const fills = this.#unclaimed.get(key);
    this.#unclaimed.delete(key);
    if (fills !== undefined) this.deliver(fills);
  }

  /** An order got its name or ended without one: what nobody claims by now belongs to nobody. */
  sweep(): void {
    for (const [key, fills] of this.#unclaimed) {
      if (fills.some(({ instrument }) => this.#parts.registry.hasUnnamed(instrument.book))) continue;
      this.#unclaimed.delete(key);
      for (const fill of fills) this.#orphan(fill, undefined, false);
    }
  }

  #fill(fill: Fill): void {
    const { accounts, registry } = this.#parts;
    const venue = venueOf(fill.instrument.book);
    const booking = accounts.book(fill);
    const entry = registry.find({ venue, clientOrderId: fill.clientOrderId, venueOrderId: fill.venueOrderId });
    if (entry === undefined) {
      if (booking.kind === 'known') return;
      if (registry.hasUnnamed(fill.instrument.book)) this.#hold(venue, fill);
      else this.#orphan(fill, undefined, booking.kind === 'unbooked');
      return;
    }
    this.named(entry, fill.venueOrderId);
    if (entry.isReleased) {
      if (booking.kind !== 'known') this.#orphan(fill, entry, booking.kind === 'unbooked');
      return;
    }
    this.#tell(entry, fill, booking);
  }

  #tell(entry: OrderEntry, { tradeId, sizeE6, settlement }: Fill, { cashMicroUsd, record }: Booking): void {
    const { actor, told } = entry;
    if (actor === undefined || told.get(tradeId) === settlement) return;
    told.set(tradeId, settlement);
    const facts: LegFill = { tradeId, sizeE6, cashMicroUsd, settlement };
    this.#parts.runtime.send(actor.ref, { type: 'fill.reported', ...facts } as never, record ?? actor.cause);
  }

  #order(venue: VenueName, order: OrderState): void {
    const entry = this.#parts.registry.find({ venue, ...order });
    if (entry === undefined) return;
    this.named(entry, order.venueOrderId);
    const { actor } = entry;
    if (actor === undefined) return;
    actor.send({ type: 'order.reported', ...this.factsOf(entry, order) } as never);
  }

  factsOf({ order: { expiresAt } }: OrderEntry, order: OrderState): OrderRecordFacts {
    const { venueOrderId, filledE6, restingE6, standing } = order;
    const expires = expiresInMs({ expiresAt }, this.#parts.clock.wall());
    const facts = { venueOrderId, filledE6, restingE6, standing };
    return expires === undefined ? facts : { ...facts, expiresInMs: expires };
  }

  #hold(venue: VenueName, fill: Fill): void {
    const key = `${venue}/${fill.venueOrderId}`;
    const held = this.#unclaimed.get(key);
    if (held === undefined) this.#unclaimed.set(key, [fill]);
    else held.push(fill);
  }

  #orphan(fill: Fill, entry: OrderEntry | undefined, isContradiction: boolean): void {
    const { tradeId, venueOrderId, sizeE6, settlement } = fill;
    this.#parts.journal.append({
      kind: 'venueIn',
      venue: venueOf(fill.instrument.book),
      about: 'fill without a leg',
      detail: { tradeId, venueOrderId, sizeE6, settlement, clientOrderId: entry?.order.clientOrderId },
    });
    this.#parts.onOrphanFill({ fill, order: entry?.order, report: entry?.report, isContradiction });
  }
}
