/** How a claim of the venue contract is made: on a rig of its own, and by name, so that a difference can be declared. */
import { expect, it } from 'vitest';
import type { MarketDataEvent } from '../../src/domain/ports/market-data.ts';
import type { SocketEnd } from '../../src/domain/ports/socket.ts';
import type {
  CancelOutcome,
  OrderOutcome,
  OrderRequest,
  PreparedOrder,
  PrivateEvent,
  Reading,
  Stream,
} from '../../src/domain/ports/venue.ts';
import { seededIds } from '../../src/domain/seeded-random.ts';
import { contracts, priceE4, type SizeE6 } from '../../src/domain/units.ts';
import type { BookSides, MakeVenueRig, VenueProfile, VenueRig } from './venue-rig.ts';

/** A claim that an implementation does not meet, and why. It is run all the same, and must fail. */
export interface KnownDifference {
  readonly venue: string;
  readonly claim: string;
  readonly reason: string;
}

export interface Claims {
  readonly profile: VenueProfile;
  claim(title: string, run: (rig: VenueRig) => Promise<void>): void;
}

export function claimsOf(
  venue: string,
  given: {
    readonly profile: VenueProfile;
    readonly makeRig: MakeVenueRig;
    readonly differences: readonly KnownDifference[];
  },
): Claims {
  const { profile, makeRig, differences } = given;
  return {
    profile,
    claim(title, run) {
      const difference = differences.find((each) => each.venue === venue && each.claim === title);
      const [test, name] =
        difference === undefined ? [it, title] : [it.fails, `${title} (not yet: ${difference.reason})`];
      test(name, async () => {
        const rig = await makeRig();
        try {
          await rig.house(AROUND_HALF);
          await run(rig);
          expectEachOrderSentOnce(rig, profile);
        } finally {
          await rig.close();
        }
      });
    },
  };
}

/** Of every claim: no request for an order ever left twice, and none at all where none may. */
function expectEachOrderSentOnce(rig: VenueRig, { hasWire }: VenueProfile): void {
  const bodies = rig.server.orders.map(({ body }) => body);
  if (!hasWire) expect(bodies).toEqual([]);
  expect(new Set(bodies).size).toBe(bodies.length);
  expect(rig.orderRequests()).toBe(bodies.length);
}

export function level(cents: number, count: number) {
  return { priceE4: priceE4(cents * 100), sizeE6: contracts(count) };
}

/** 48 bid, 52 asked, a hundred each, and two hundred a cent behind. */
export const AROUND_HALF: BookSides = {
  bids: [level(48, 100), level(47, 200)],
  asks: [level(52, 100), level(53, 200)],
};

const ids = seededIds('venue contract');

/** Ten YES at the ask, whole or not at all, unless said otherwise. */
export function requestOn(rig: VenueRig, over: Partial<OrderRequest> = {}): OrderRequest {
  return {
    clientOrderId: ids.uuid(),
    instrument: rig.yes,
    action: 'buy',
    limitE4: rig.takes.ask,
    sizeE6: contracts(10),
    timeInForce: 'fillOrKill',
    expiresAt: undefined,
    postOnly: false,
    reduceOnly: false,
    isReducing: false,
    ...over,
  };
}

/** Ten YES at 40 cents, which rest. */
export const RESTING: Partial<OrderRequest> = { timeInForce: 'goodTillCanceled', limitE4: priceE4(4_000) };

export function prepareOn(rig: VenueRig, over: Partial<OrderRequest> = {}): PreparedOrder {
  const prepared = rig.venue.prepare(requestOn(rig, over));
  if ('kind' in prepared) throw new Error(`expected an order, found ${prepared.reason}: ${prepared.detail}`);
  return prepared;
}

export function outcomeOf(rig: VenueRig, order: PreparedOrder): Promise<OrderOutcome> {
  return new Promise((resolve) => rig.venue.submit(order, resolve));
}

export function submitOn(rig: VenueRig, over: Partial<OrderRequest> = {}): Promise<OrderOutcome> {
  return rig.time.until(outcomeOf(rig, prepareOn(rig, over)));
}

/** The order, and the outcome that time brings about. */
export async function submitPatiently(rig: VenueRig, over: Partial<OrderRequest> = {}) {
  const order = prepareOn(rig, over);
  const since = rig.clock.wall();
  const outcome = await rig.time.patiently(outcomeOf(rig, order));
  return { order, since, outcome };
}

/** A resting order's id. */
export async function restOn(rig: VenueRig, over: Partial<OrderRequest> = {}): Promise<string> {
  const outcome = await submitOn(rig, { ...RESTING, ...over });
  if (outcome.kind !== 'done') throw new Error(`expected an order that rests, found ${JSON.stringify(outcome)}`);
  return outcome.venueOrderId;
}

export function cancelOn(rig: VenueRig, venueOrderId: string): Promise<CancelOutcome> {
  return rig.time.until(new Promise((resolve) => rig.venue.cancel(venueOrderId, rig.yes, resolve)));
}

export function cancelAllOn(rig: VenueRig): Promise<CancelOutcome> {
  return rig.time.until(new Promise((resolve) => rig.venue.cancelAll(resolve)));
}

/** What was read; a failure fails the test in its own words. */
export async function readOn<T>(rig: VenueRig, reading: Promise<Reading<T>>): Promise<T> {
  const ended = await rig.time.patiently(reading);
  if (ended.kind === 'failed') throw new Error(`expected a reading, found ${ended.fault}: ${ended.detail}`);
  return ended.value;
}

export interface Heard<Event> {
  readonly stream: Stream;
  readonly events: Event[];
  readonly ends: SocketEnd[];
  opened: number;
  alive: number;
}

export async function listenToMarket(rig: VenueRig): Promise<Heard<MarketDataEvent>> {
  return opened(rig, (listener) => rig.venue.openMarketData(listener));
}

export async function listenToOurs(rig: VenueRig): Promise<Heard<PrivateEvent>> {
  return opened(rig, (listener) => rig.venue.openPrivate(listener));
}

async function opened<Event>(
  rig: VenueRig,
  open: (listener: {
    onOpen(): void;
    onAlive(): void;
    onEvent(event: Event): void;
    onEnd(end: SocketEnd): void;
  }) => Stream,
): Promise<Heard<Event>> {
  const calls = { events: [] as Event[], ends: [] as SocketEnd[], opened: 0, alive: 0 };
  const stream = open({
    onOpen: () => {
      calls.opened++;
    },
    onAlive: () => {
      calls.alive++;
    },
    onEvent: (event) => {
      calls.events.push(event);
    },
    onEnd: (end) => {
      calls.ends.push(end);
    },
  });
  const heard: Heard<Event> = Object.assign(calls, { stream });
  await rig.time.reached(() => heard.opened > 0);
  return heard;
}

export function fillsIn(heard: Heard<PrivateEvent>) {
  return heard.events.flatMap((event) => (event.kind === 'fill.reported' ? [event.fill] : []));
}

export function ordersIn(heard: Heard<PrivateEvent>) {
  return heard.events.flatMap((event) => (event.kind === 'order.reported' ? [event.order] : []));
}

export function total(sizes: readonly { readonly sizeE6: SizeE6 | number }[]): number {
  return sizes.reduce((sum, { sizeE6 }) => sum + sizeE6, 0);
}

/** Best first, whatever order it came in. */
export function sorted({ bids, asks }: BookSides): BookSides {
  const plain = (levels: BookSides['bids']) => levels.map(({ priceE4: price, sizeE6 }) => ({ priceE4: price, sizeE6 }));
  return {
    bids: plain(bids).sort((a, b) => b.priceE4 - a.priceE4),
    asks: plain(asks).sort((a, b) => a.priceE4 - b.priceE4),
  };
}
