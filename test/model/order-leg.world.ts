/**
 * One order leg with its real desk, accounts and router at a simulated venue. The actor's clock stands apart from the
 * venue's, so that what is on its way and what runs out come in any order.
 */
import type { AnyActorRef, EventObject } from 'xstate';
import type { FinalVerdict } from '../../src/actors/order-desk.ts';
import type { LivePermit } from '../../src/actors/permit.ts';
import { stateText } from '../../src/actors/record-fields.ts';
import type { LegOrder } from '../../src/domain/execution/leg.ts';
import type { Clock, Timer } from '../../src/domain/ports/clock.ts';
import type { Journal, JournalRecord } from '../../src/domain/ports/journal.ts';
import type { OrderState, PreparedOrder, PrivateEvent, Venue } from '../../src/domain/ports/venue.ts';
import { sizeE6 } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import type { OrderLegContext, RestoredLeg } from '../../src/machines/order-leg.setup.ts';
import { level, type TwoVenues, twoVenues } from '../support/two-venues.ts';
import { deskAt, type Leg, type LegDesk } from '../support/two-venues-legs.ts';
import { onEdgeAtVenues } from './harness/coverage.ts';
import { HeldVenue } from './held-venue.ts';

/** Settlement waits for the test. */
const NEVER_MS = 1_000_000_000;
const TRAVEL_MS = 20;
const CHILD_ERROR = 'xstate.error.actor.';

export interface LegSetting {
  readonly order: LegOrder;
  readonly restored?: RestoredLeg;
}

export class LegWorld {
  readonly order: LegOrder;
  readonly venues: TwoVenues;
  readonly held: HeldVenue;
  readonly clock: VirtualClock;
  verdict: 'go' | 'withheld' = 'go';
  /** The venue is not there when an effect wants it. */
  isVenueGone = false;
  /** The next record of a trade cannot be written. */
  isTradeBreaking = false;
  isSent = false;
  isReplied = false;
  #desk: LegDesk | undefined;
  #leg: Leg | undefined;
  #ref: AnyActorRef | undefined;
  readonly #read = new Map<string, number>();
  #restored: PreparedOrder | undefined;
  readonly #records: JournalRecord[] = [];

  private constructor(order: LegOrder, venues: TwoVenues) {
    this.order = order;
    this.venues = venues;
    this.held = new HeldVenue(venues.venues[order.venue], venues.time);
    this.clock = new VirtualClock({ startMs: venues.clock.nowMs(), wall: venues.clock.wall() });
  }

  static async open({ order, restored }: LegSetting): Promise<LegWorld> {
    const never = { leastMs: NEVER_MS, mostMs: NEVER_MS };
    const venues = await twoVenues({ polymarket: { mined: never, confirmed: never } });
    const world = new LegWorld(order, venues);
    const desk = await deskAt(world.#held(), {
      onEdge: onEdgeAtVenues,
      finalLook: (orders) => world.#look(orders.length),
    });
    world.#desk = desk;
    if (restored !== undefined) await world.#liveBefore();
    world.#leg = desk.plan([order], restored)[0];
    const { children } = desk.owner.getSnapshot() as { readonly children: Readonly<Record<string, AnyActorRef>> };
    world.#ref = children[`leg/${order.legId}`];
    world.heard();
    return world;
  }

  get desk(): LegDesk {
    if (this.#desk === undefined) throw new Error('expected a desk, found none');
    return this.#desk;
  }

  get leg(): Leg {
    if (this.#leg === undefined) throw new Error('expected a leg, found none');
    return this.#leg;
  }

  get ref(): AnyActorRef {
    if (this.#ref === undefined) throw new Error('expected an actor, found none');
    return this.#ref;
  }

  get context(): OrderLegContext {
    return (this.ref.getSnapshot() as { readonly context: OrderLegContext }).context;
  }

  get state(): string {
    return stateText((this.ref.getSnapshot() as { readonly value: unknown }).value);
  }

  get isOver(): boolean {
    return this.ref.getSnapshot().status !== 'active';
  }

  get prepared(): PreparedOrder | undefined {
    return this.held.submission?.prepared ?? this.#restored;
  }

  get path(): string {
    return `owner/leg/${this.order.legId}`;
  }

  /** What an actor heard since this was asked last. */
  heard(path = this.path): EventObject[] {
    const fresh = this.#records.slice(this.#read.get(path) ?? 0);
    this.#read.set(path, this.#records.length);
    return fresh.flatMap((record) =>
      (record.kind === 'transition' || record.kind === 'ignored') && record.actor === path
        ? [withChild(record.event as unknown as EventObject)]
        : [],
    );
  }

  send(event: EventObject): void {
    this.desk.runtime.send(this.ref, event);
  }

  async settle(ms = TRAVEL_MS): Promise<void> {
    await this.venues.time.advance(ms);
  }

  /** Time passes for everybody, up to the next timer of the leg, which runs out. */
  async runOut(): Promise<boolean> {
    const next = this.clock.nextAtMs;
    if (next === undefined) return false;
    await this.settle(next - this.clock.nowMs());
    this.clock.advanceTo(next);
    await this.settle();
    return true;
  }

  /** Time passes for everybody, and no timer of the leg runs out. */
  async passUntil(atMs: number): Promise<void> {
    const latest = (this.clock.nextAtMs ?? Number.POSITIVE_INFINITY) - 1;
    const byMs = Math.min(atMs, latest) - this.clock.nowMs();
    if (byMs <= 0) return;
    await this.settle(byMs);
    this.clock.advanceBy(byMs);
  }

  get filledE6(): number {
    return this.#truth.filledE6(this.#ids);
  }

  get isResting(): boolean {
    return this.#truth.isResting(this.#ids);
  }

  /** The order arrives, and so much of it matches at once. */
  async arrive(filledE6: number): Promise<void> {
    const { limitE4 } = this.order;
    const offered = filledE6 > 0 ? [{ priceE4: limitE4, sizeE6: sizeE6(filledE6) }] : [];
    this.venues.side(this.order.venue).house({ bids: [level(40, 100)], asks: [...offered, level(60, 100)] });
    await this.held.arrive();
  }

  /** Nobody listens when the order is to leave. */
  async fallShort(): Promise<void> {
    const side = this.venues.side(this.order.venue);
    side.setPlugged(false);
    await this.held.arrive();
    side.setPlugged(true);
  }

  /** The world as an event wants it: so much has matched, and the rest is off or not. Or why it cannot be. */
  async bring({
    filledE6,
    isOff,
  }: {
    readonly filledE6: number;
    readonly isOff: boolean;
  }): Promise<string | undefined> {
    if (!this.held.hasArrived) {
      if (this.held.submission === undefined) return 'it was never sent';
      await this.arrive(filledE6);
    }
    const missing = filledE6 - this.filledE6;
    if (missing > 0) {
      if (!this.isResting) return 'it does not rest any more';
      const { venue, limitE4 } = this.order;
      this.venues.side(venue).counterparty('sell', { priceE4: limitE4, sizeE6: sizeE6(missing) });
      await this.settle();
    }
    if (isOff && this.isResting) await this.takeOff();
    return undefined;
  }

  /** Somebody takes it off by hand. */
  async takeOff(): Promise<void> {
    const { prepared } = this;
    if (prepared === undefined) return;
    const found = await this.held.truth(prepared);
    if (found !== undefined) await this.held.takeOff(found.venueOrderId, prepared);
  }

  /** A report that waits goes to the router; the newest of those that fit. */
  deliver(fits: (event: PrivateEvent) => boolean): boolean {
    const { events } = this.held;
    const at = events.findLastIndex(fits);
    const event = events[at];
    if (event === undefined) return false;
    events.splice(at, 1);
    this.desk.router.onPrivate(this.order.venue, event);
    return true;
  }

  /** The record of the order, as the venue would tell it now. */
  async recordNow(): Promise<OrderState | undefined> {
    return this.prepared === undefined ? undefined : this.held.truth(this.prepared);
  }

  async openDoors(): Promise<void> {
    this.verdict = 'go';
    await this.held.open();
    const { events } = this.held;
    for (const event of events.splice(0)) this.desk.router.onPrivate(this.order.venue, event);
  }

  async close(): Promise<void> {
    await this.#desk?.close();
  }

  get #truth() {
    return this.venues.side(this.order.venue).truth;
  }

  get #ids() {
    return { clientOrderId: this.order.clientOrderId, venueOrderId: this.prepared?.venueOrderId };
  }

  #look(count: number): FinalVerdict {
    if (this.verdict === 'withheld') return { kind: 'withheld', reason: 'closed' };
    const permit = { kind: 'live', scope: 'entry' } as unknown as LivePermit;
    return { kind: 'go', permits: Array.from({ length: count }, () => permit) };
  }

  /** The venues as a desk sees them. */
  #held(): TwoVenues {
    const { order, venues } = this;
    const door = this.held.asVenue();
    const isGone = (): boolean => this.isVenueGone;
    const doors = {
      get [order.venue]() {
        return isGone() ? undefined : door;
      },
    } as unknown as Readonly<Record<'kalshi' | 'polymarket', Venue>>;
    return {
      ...venues,
      clock: oneByOne(this.clock),
      journal: this.#journal() as typeof venues.journal,
      venues: doors,
      openPrivate: (onEvent) =>
        venues.openPrivate((venue, event) => {
          if (this.held.isOpen) onEvent(venue, event);
          else if (venue === order.venue) this.held.events.push(event);
        }),
    };
  }

  #journal(): Pick<Journal, 'append' | 'sync'> {
    const { journal } = this.venues;
    return {
      append: (record) => {
        if (this.isTradeBreaking && record.kind === 'transition' && record.machine === 'venueTrade') {
          this.isTradeBreaking = false;
          throw new Error('broken');
        }
        this.#records.push(record);
        return journal.append(record);
      },
      sync: (onEnd) => journal.sync(onEnd),
    };
  }

  /** The process that sent it has ended, and so has its wait for the reply. */
  async #liveBefore(): Promise<void> {
    const { venue } = this.order;
    const prepared = this.venues.venues[venue].prepare(this.order);
    if ('kind' in prepared) throw new Error(`expected an order, found ${prepared.detail}`);
    this.#restored = prepared;
    this.held.submission = { prepared, onOutcome: () => undefined, onSent: () => undefined };
    await this.arrive(0);
    this.held.events.splice(0);
    this.isReplied = true;
  }
}

/** What is due at once is due a moment later, so that no two timers run out in one step. */
function oneByOne(clock: VirtualClock): VirtualClock {
  return {
    nowMs: () => clock.nowMs(),
    wall: () => clock.wall(),
    setTimeout: (run: () => void, delayMs: number) => clock.setTimeout(run, Math.max(1, delayMs)),
    clearTimeout: (timer: Timer) => clock.clearTimeout(timer),
  } as Clock as VirtualClock;
}

/** A record of a child's end leaves out which child it was. */
function withChild(event: EventObject): EventObject {
  return event.type.startsWith(CHILD_ERROR)
    ? ({ ...event, actorId: event.type.slice(CHILD_ERROR.length) } as EventObject)
    : event;
}
