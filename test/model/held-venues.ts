/**
 * Both simulated venues, their real adapters and a journal, behind doors: the disk writes, orders arrive, are answered
 * and are told about when a test lets them. All else takes its course.
 */
import type { AnyActorRef, EventObject } from 'xstate';
import type { ActorHandle, ActorRuntime } from '../../src/actors/actor-runtime.ts';
import type { LegOrder } from '../../src/domain/execution/leg.ts';
import { instrumentId, type VenueName } from '../../src/domain/instrument.ts';
import type { Journal, JournalFault, JournalRecord } from '../../src/domain/ports/journal.ts';
import type { OrderOutcome } from '../../src/domain/ports/venue.ts';
import { PRICE_ONE, priceE4, sizeE6 } from '../../src/domain/units.ts';
import { type BookSides, level, type TwoVenues, type TwoVenuesOptions, twoVenues } from '../support/two-venues.ts';
import { type HeldOrder, HeldOrders } from './held-orders.ts';

/** Settlement waits for the test. */
export const NEVER_MS = 1_000_000_000;
export const VENUES = ['kalshi', 'polymarket'] as const;
const NEVER = { leastMs: NEVER_MS, mostMs: NEVER_MS };
const TRAVEL_MS = 20;
const WRITTEN_MS = 5;
const CHILD = /^xstate\.(?:error|done)\.actor\.(.+)$/;

type Handle = (actor: ActorHandle, params: unknown) => void;
/** Does what a handler is asked for, in its own way. */
export type Bend = (name: string, actor: ActorHandle, handle: () => void) => void;

export class HeldVenues {
  /** As they are. */
  readonly venues: TwoVenues;
  readonly doors: Readonly<Record<VenueName, HeldOrders>>;
  /** Nothing waits any more, the disk included. */
  isOpen = false;
  /** What must hold whenever time has passed. */
  check: () => void = () => undefined;
  readonly #houses: Record<VenueName, BookSides>;
  /** By the path of the actor. */
  readonly #heard = new Map<string, EventObject[]>();
  readonly #read = new Map<string, number>();
  readonly #writes: ((fault: JournalFault | undefined) => void)[] = [];
  /** The next record of this actor cannot be written. */
  #unwritable: string | undefined;

  private constructor(venues: TwoVenues, houses: Record<VenueName, BookSides>) {
    this.venues = venues;
    this.#houses = { ...houses };
    this.doors = { kalshi: new HeldOrders(venues.kalshi.venue), polymarket: new HeldOrders(venues.polymarket.venue) };
  }

  static async open(houses: Record<VenueName, BookSides>, options: TwoVenuesOptions = {}): Promise<HeldVenues> {
    const polymarket = { mined: NEVER, confirmed: NEVER, ...options.polymarket };
    return new HeldVenues(await twoVenues({ ...options, polymarket }), houses);
  }

  /** As whoever trades there sees them. */
  asVenues(): TwoVenues {
    const { venues, doors } = this;
    return {
      ...venues,
      venues: { kalshi: doors.kalshi.asVenue(), polymarket: doors.polymarket.asVenue() },
      journal: this.#journal() as typeof venues.journal,
      openPrivate: (onEvent) => venues.openPrivate((venue, event) => doors[venue].told(() => onEvent(venue, event))),
    };
  }

  /** What this actor heard since it was asked last. */
  heard(path: string): EventObject[] {
    const fresh = this.#fresh(path);
    this.forget(path);
    return fresh;
  }

  hasHeard(path: string, fits: (event: EventObject) => boolean): boolean {
    return this.#fresh(path).some(fits);
  }

  forget(path: string): void {
    this.#read.set(path, this.#heard.get(path)?.length ?? 0);
  }

  /** So much time passes, and all the while belief holds the truth. */
  async settle(ms = TRAVEL_MS): Promise<void> {
    await this.venues.clock.settleBy(ms);
    this.check();
  }

  /** Time passes from timer to timer until it has happened, or for so long. */
  async until(isDone: () => boolean, mostMs: number): Promise<boolean> {
    const { clock } = this.venues;
    const untilMs = clock.nowMs() + mostMs;
    while (!isDone()) {
      const next = clock.nextAtMs;
      if (next === undefined || next > untilMs) return false;
      await clock.settleTo(next);
      this.check();
    }
    return true;
  }

  house(venue: VenueName, sides: BookSides): void {
    this.#houses[venue] = sides;
    this.venues.side(venue).house(sides);
  }

  /** What was to be written is on disk, or the disk says no. */
  async write(fault?: JournalFault): Promise<void> {
    for (const onEnd of this.#writes.splice(0)) this.venues.journal.sync(() => onEnd(fault));
    await this.settle(WRITTEN_MS);
  }

  find({ venue, clientOrderId }: LegOrder): HeldOrder | undefined {
    return this.doors[venue].find(clientOrderId);
  }

  filledE6(order: LegOrder): number {
    return this.venues.side(order.venue).truth.filledE6(this.#idsOf(order));
  }

  isResting(order: LegOrder): boolean {
    return this.venues.side(order.venue).truth.isResting(this.#idsOf(order));
  }

  /** The order reaches its venue, where somebody offers so much at its limit. */
  async arrive(order: LegOrder, fillE6: number, bend?: (outcome: OrderOutcome) => OrderOutcome): Promise<void> {
    const held = this.find(order);
    if (held === undefined) return;
    const { venue } = order;
    this.venues.side(venue).house(this.#offering(order, fillE6));
    this.doors[venue].arrive(held, bend);
    await this.settle();
    this.house(venue, this.#houses[venue]);
    await this.settle();
  }

  /** Somebody trades with what rests. */
  async trade(order: LegOrder, fillE6: number): Promise<void> {
    const isYes = this.#isYes(order);
    const price = priceE4(isYes ? order.limitE4 : PRICE_ONE - order.limitE4);
    const action = (order.action === 'buy') === isYes ? 'sell' : 'buy';
    this.venues.side(order.venue).counterparty(action, { priceE4: price, sizeE6: sizeE6(fillE6) });
    await this.settle();
  }

  /** Somebody takes it off by hand, at the venue's own site. */
  async takeOff(order: LegOrder): Promise<void> {
    const { venueOrderId } = this.find(order) ?? {};
    if (venueOrderId === undefined) return;
    this.venues.venues[order.venue].cancel(venueOrderId, order.instrument, () => undefined);
    await this.settle();
  }

  /** Whoever asks for it or cancels it is served, and what its venue tells comes through. */
  openDoor(order: LegOrder): void {
    const door = this.doors[order.venue];
    const held = door.find(order.clientOrderId);
    if (held !== undefined) door.open(held);
    door.listen();
  }

  /** The chain says its last word about every match of this order, or of all. */
  conclude(status: 'CONFIRMED' | 'FAILED', order?: LegOrder): void {
    const { polymarket } = this.venues;
    const mine = order && this.#idsOf(order).venueOrderId;
    for (const { id, status: now, takerOrderId, makers } of polymarket.trades()) {
      const isOver = now === 'CONFIRMED' || now === 'FAILED';
      const isMine =
        order === undefined || [takerOrderId, ...makers.map(({ orderId }) => orderId)].includes(mine ?? '');
      if (isMine && !isOver) polymarket.sim.control.moveTrade(id, status);
    }
  }

  /** An actor breaks in the middle of whatever it hears now. */
  breakOff(runtime: ActorRuntime, ref: AnyActorRef): void {
    this.#unwritable = runtime.pathOf(ref);
    runtime.send(ref, { type: 'reconciliation.requested', reason: 'breaks' } as EventObject);
    this.#unwritable = undefined;
  }

  /** Everything passes, nobody fails any more, and the houses are there. */
  async calmDown(houses: Record<VenueName, BookSides>): Promise<void> {
    await this.write();
    for (const name of VENUES) {
      this.venues.side(name).setFaults();
      this.venues.side(name).server.instead = undefined;
      this.doors[name].openAll();
    }
    // What was on its way is priced at the houses as they were.
    await this.settle();
    for (const name of VENUES) this.house(name, houses[name]);
    await this.settle();
    this.isOpen = true;
    await this.write();
  }

  /** I3, as far as what arrived can tell. */
  checkArrivals(): void {
    for (const venue of VENUES) {
      const [received, sent] = [this.venues.side(venue).truth.ordersReceived(), this.doors[venue].count];
      if (received > sent) throw new Error(`expected ${sent} orders at ${venue} at most, found ${received}`);
    }
  }

  #fresh(path: string): EventObject[] {
    return (this.#heard.get(path) ?? []).slice(this.#read.get(path) ?? 0);
  }

  #note(record: JournalRecord): void {
    if (record.kind !== 'transition' && record.kind !== 'ignored') return;
    const heard = this.#heard.get(record.actor);
    const event = withChild(record.event as unknown as EventObject);
    if (heard === undefined) this.#heard.set(record.actor, [event]);
    else heard.push(event);
  }

  #idsOf({ clientOrderId, venue }: LegOrder) {
    return { clientOrderId, venueOrderId: this.doors[venue].find(clientOrderId)?.venueOrderId };
  }

  #isYes({ instrument, venue }: LegOrder): boolean {
    return instrumentId(instrument) === instrumentId(this.venues.side(venue).yes);
  }

  #offering(order: LegOrder, fillE6: number): BookSides {
    const isBuy = order.action === 'buy';
    const isYes = this.#isYes(order);
    const price = priceE4(isYes ? order.limitE4 : PRICE_ONE - order.limitE4);
    const levels = fillE6 > 0 ? [{ priceE4: price, sizeE6: sizeE6(fillE6) }] : [];
    return isBuy === isYes ? { bids: [level(2, 100)], asks: levels } : { bids: levels, asks: [level(98, 100)] };
  }

  #journal(): Pick<Journal, 'append' | 'sync' | 'close'> {
    const { journal } = this.venues;
    return {
      append: (record) => {
        if ('actor' in record && record.kind !== 'error' && record.actor === this.#unwritable) {
          this.#unwritable = undefined;
          throw new Error('broken');
        }
        this.#note(record);
        return journal.append(record);
      },
      sync: (onEnd) => {
        if (this.isOpen) journal.sync(onEnd);
        else this.#writes.push(onEnd);
      },
      close: () => journal.close(),
    };
  }
}

/** A runtime whose charts ask for what they ask for, and get it as a test wants. */
export function bentRuntime(runtime: ActorRuntime, bend: Bend): ActorRuntime {
  const bent = (handlers: Readonly<Record<string, Handle>>) =>
    Object.fromEntries(
      Object.entries(handlers).map(([name, handle]): [string, Handle] => [
        name,
        (actor, params) => bend(name, actor, () => handle(actor, params)),
      ]),
    );
  const bind: ActorRuntime['bind'] = (machine, effects, handlers, children) =>
    runtime.bind(machine, effects, bent(handlers as never) as never, children);
  return new Proxy(runtime, {
    get: (target, key) => {
      if (key === 'bind') return bind;
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A record of a child's end leaves out which child it was. */
function withChild(event: EventObject): EventObject {
  const actorId = CHILD.exec(event.type)?.[1];
  return actorId === undefined ? event : ({ ...event, actorId } as EventObject);
}
