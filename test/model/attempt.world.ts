/**
 * One attempt of a real strategy, with its real desk and real order legs, at both simulated venues. The desk answers,
 * the disk writes, and orders arrive and are answered when the driver lets them; all else takes its course.
 */
import type { AnyActorRef, EventObject } from 'xstate';
import type { ActorHandle, ActorRuntime } from '../../src/actors/actor-runtime.ts';
import type { OrphanFill } from '../../src/actors/fill-router.ts';
import { stateText } from '../../src/actors/record-fields.ts';
import type { AttemptPlan, ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import { lateReport } from '../../src/domain/execution/late-fill.ts';
import type { LegOrder } from '../../src/domain/execution/leg.ts';
import { instrumentId, type VenueName } from '../../src/domain/instrument.ts';
import type { Journal, JournalFault, JournalRecord } from '../../src/domain/ports/journal.ts';
import type { OrderOutcome, Venue } from '../../src/domain/ports/venue.ts';
import { millis, PRICE_ONE, priceE4, sizeE6 } from '../../src/domain/units.ts';
import type { AttemptContext, RestoredAttempt } from '../../src/machines/attempt.events.ts';
import { type AttemptBench, attemptBench, cents, GAP } from '../actors/attempt-bench.ts';
import type { BookSides } from '../support/two-venues.ts';
import { type TwoVenues, twoVenues } from '../support/two-venues.ts';
import { type HeldOrder, HeldOrders } from './held-orders.ts';

/** Settlement waits for the test. */
const NEVER_MS = 1_000_000_000;
const TRAVEL_MS = 20;
const VENUES = ['kalshi', 'polymarket'] as const;
/** What the desk answers when it is let to. */
const HELD: ReadonlySet<string> = new Set(['requestLastLook', 'requestHedge', 'requestRepairPlan']);
const CHILD = /^xstate\.(?:error|done)\.actor\.(.+)$/;
/** Timers close to each other: a rest ends before its hedge is due, and looks come before the repair is over. */
export const LIMITS = {
  restMsMax: millis(1_000),
  hedgeDeadlineMs: millis(2_500),
  stuckRetryMs: millis(1_000),
  repairMsMax: millis(20_000),
  repairOrdersMax: 1,
};

/** A quarter of it is less than Polymarket takes in one order. */
const SIZE = 5;

type Handlers = Readonly<Record<string, (actor: never, params: never) => void>>;

export interface AttemptSetting {
  readonly policy: ExecutionPolicy;
  readonly makerVenue?: VenueName;
  /** It was over: its orders were refused, and one of them fills after all. */
  readonly isTakenUp?: true;
}

export class AttemptFloor {
  readonly venues: TwoVenues;
  readonly doors: Readonly<Record<VenueName, HeldOrders>>;
  /** The handler of this effect breaks when it is asked next. */
  breaking: string | undefined;
  /** What it was taken up with. */
  restored: RestoredAttempt | undefined;
  readonly #houses: Record<VenueName, BookSides> = { ...GAP };
  readonly #records: JournalRecord[] = [];
  #asked: (() => void) | undefined;
  readonly #writes: ((fault: JournalFault | undefined) => void)[] = [];
  #bench: AttemptBench | undefined;
  #ref: AnyActorRef | undefined;
  #read = 0;
  /** The next record of this actor cannot be written. */
  #unwritable: string | undefined;
  #isOpen = false;

  private constructor(venues: TwoVenues) {
    this.venues = venues;
    this.doors = { kalshi: new HeldOrders(venues.kalshi.venue), polymarket: new HeldOrders(venues.polymarket.venue) };
  }

  static async open({ isTakenUp, ...terms }: AttemptSetting, breaking?: string): Promise<AttemptFloor> {
    const never = { leastMs: NEVER_MS, mostMs: NEVER_MS };
    const floor = new AttemptFloor(await twoVenues({ polymarket: { mined: never, confirmed: never } }));
    floor.#bench = await attemptBench({
      ...terms,
      size: SIZE,
      repair: LIMITS,
      venues: floor.#held(),
      bendDesk: (runtime) => floor.#bent(runtime),
      onOrphanFill: (orphan) => floor.#takeIn(orphan),
    });
    floor.breaking = breaking;
    const approval = floor.bench.approve();
    if (approval.kind !== 'started') throw new Error(`expected a start, found ${approval.reason}: ${approval.detail}`);
    if (isTakenUp === true) await floor.#fillLate();
    return floor;
  }

  get bench(): AttemptBench {
    if (this.#bench === undefined) throw new Error('expected a bench, found none');
    return this.#bench;
  }

  get plan(): AttemptPlan {
    return this.bench.plan();
  }

  get ref(): AnyActorRef {
    if (this.#ref === undefined) throw new Error('expected an actor, found none');
    return this.#ref;
  }

  get context(): AttemptContext {
    return (this.ref.getSnapshot() as { readonly context: AttemptContext }).context;
  }

  get state(): string {
    return stateText((this.ref.getSnapshot() as { readonly value: unknown }).value);
  }

  get isOver(): boolean {
    return this.ref.getSnapshot().status !== 'active';
  }

  get path(): string {
    return `strategy/box/attempt/${this.plan.attemptId}`;
  }

  /** What the attempt heard since this was asked last. */
  heard(): EventObject[] {
    const fresh = this.#records.slice(this.#read);
    this.#read = this.#records.length;
    return fresh.flatMap((record) =>
      (record.kind === 'transition' || record.kind === 'ignored') && record.actor === this.path
        ? [withChild(record.event as unknown as EventObject)]
        : [],
    );
  }

  hasHeard(fits: (event: EventObject) => boolean): boolean {
    return this.#records
      .slice(this.#read)
      .some(
        (record) =>
          (record.kind === 'transition' || record.kind === 'ignored') &&
          record.actor === this.path &&
          fits(record.event as unknown as EventObject),
      );
  }

  /** So much time passes, and all the while belief holds the truth. */
  async settle(ms = TRAVEL_MS): Promise<void> {
    await this.venues.clock.settleBy(ms);
    this.bench.check();
  }

  /** Time passes from timer to timer until it has happened, or for so long. */
  async until(isDone: () => boolean, mostMs: number): Promise<boolean> {
    const { clock } = this.venues;
    const untilMs = clock.nowMs() + mostMs;
    while (!isDone()) {
      const next = clock.nextAtMs;
      if (next === undefined || next > untilMs) return false;
      await clock.settleTo(next);
      this.bench.check();
    }
    return true;
  }

  house(venue: VenueName, sides: BookSides): void {
    this.#houses[venue] = sides;
    this.venues.side(venue).house(sides);
  }

  /** The desk does what it was asked for. */
  answer(): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.();
  }

  /** What was to be written is on disk, or the disk says no. */
  async write(fault?: JournalFault): Promise<void> {
    for (const onEnd of this.#writes.splice(0)) this.venues.journal.sync(() => onEnd(fault));
    await this.settle(5);
  }

  get isAsked(): boolean {
    return this.#asked !== undefined;
  }

  isFollowed(legId: string): boolean {
    const { children } = this.ref.getSnapshot() as { readonly children: Readonly<Record<string, AnyActorRef>> };
    return children[`leg/${legId}`] !== undefined;
  }

  /** A person took over what was left: nobody follows it here. */
  get isAbandoned(): boolean {
    return this.state === 'abandoned';
  }

  /** No attempt lives, and no order is open. */
  get isAtRest(): boolean {
    const { registry, strategy } = this.bench;
    return this.isOver && strategy.liveAttempts === 0 && (this.isAbandoned || registry.open().length === 0);
  }

  checkEnd(): void {
    const { bench } = this;
    if (!this.isAtRest) throw new Error(`expected an end, found ${this.state}`);
    bench.check();
    const unplanned = bench.faults.filter(({ message }) => !message.includes('broken'));
    if (unplanned.length > 0) throw new Error(`expected no fault, found ${JSON.stringify(unplanned)}`);
    const truth = bench.truth();
    for (const venue of VENUES) {
      const { least, most } = bench.believed(venue);
      if (!this.isAbandoned && (least !== truth[venue] || most !== truth[venue]))
        throw new Error(`expected ${truth[venue]} at ${venue} and no doubt, found ${least} to ${most}`);
      const [received, sent] = [this.venues.side(venue).truth.ordersReceived(), this.doors[venue].count];
      if (received > sent) throw new Error(`expected ${sent} orders at ${venue} at most, found ${received} (I3)`);
    }
  }

  orderOf(legId: string): LegOrder | undefined {
    return this.context.reports.find(({ order }) => order.legId === legId)?.order;
  }

  held({ venue, clientOrderId }: LegOrder): HeldOrder | undefined {
    return this.doors[venue].find(clientOrderId);
  }

  filledE6(order: LegOrder): number {
    return this.venues.side(order.venue).truth.filledE6(this.#idsOf(order));
  }

  isResting(order: LegOrder): boolean {
    return this.venues.side(order.venue).truth.isResting(this.#idsOf(order));
  }

  /** The order reaches its venue, where somebody offers so much at its limit. */
  async arrive(order: LegOrder, fillE6: number, given: { bend?: (outcome: OrderOutcome) => OrderOutcome } = {}) {
    const held = this.held(order);
    if (held === undefined) return;
    const { venue } = order;
    this.venues.side(venue).house(this.#offering(order, fillE6));
    this.doors[venue].arrive(held, given.bend);
    await this.settle();
    this.house(venue, this.#houses[venue]);
    await this.settle();
  }

  /** Somebody trades with what rests. */
  async trade(order: LegOrder, fillE6: number): Promise<void> {
    const priceOfYes = this.#isYes(order) ? order.limitE4 : PRICE_ONE - order.limitE4;
    const isBid = (order.action === 'buy') === this.#isYes(order);
    this.venues
      .side(order.venue)
      .counterparty(isBid ? 'sell' : 'buy', { priceE4: priceE4(priceOfYes), sizeE6: sizeE6(fillE6) });
    await this.settle();
  }

  /** Somebody takes it off by hand, at the venue's own site. */
  async takeOff(order: LegOrder): Promise<void> {
    const { venueOrderId } = this.held(order) ?? {};
    if (venueOrderId === undefined) return;
    this.venues.venues[order.venue].cancel(venueOrderId, order.instrument, () => undefined);
    await this.settle();
  }

  /** The actor of a leg breaks in the middle of a report. */
  breakLeg(legId: string): boolean {
    const leg = (this.ref.getSnapshot() as { children: Readonly<Record<string, AnyActorRef>> }).children[
      `leg/${legId}`
    ];
    if (leg === undefined) return false;
    this.#unwritable = `${this.path}/leg/${legId}`;
    this.bench.runtime.send(leg, { type: 'reconciliation.requested', reason: 'breaks' } as EventObject);
    return true;
  }

  /** The chain says its last word about every match of this order. */
  conclude(order: LegOrder, status: 'CONFIRMED' | 'FAILED'): void {
    const { sim } = this.venues.polymarket;
    const { venueOrderId } = this.#idsOf(order);
    for (const trade of this.venues.polymarket.trades()) {
      const isOver = trade.status === 'CONFIRMED' || trade.status === 'FAILED';
      const isMine = [trade.takerOrderId, ...trade.makers.map(({ orderId }) => orderId)].includes(venueOrderId ?? '');
      if (isMine && !isOver) sim.control.moveTrade(trade.id, status);
    }
  }

  /** Everything passes, nobody fails any more, and both houses are there. */
  async calmDown(): Promise<void> {
    this.breaking = undefined;
    await this.write();
    for (const name of VENUES) this.doors[name].openAll();
    // What was on its way is priced at the houses as they were.
    await this.settle();
    for (const name of VENUES) this.house(name, GAP[name]);
    await this.settle();
    this.#isOpen = true;
    await this.write();
    this.answer();
  }

  confirmAll(): void {
    for (const { order } of this.context.reports) if (order.venue === 'polymarket') this.conclude(order, 'CONFIRMED');
  }

  close(): Promise<void> {
    return this.bench.end();
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
    return isBuy === isYes ? { bids: [cents(2, 100)], asks: levels } : { bids: levels, asks: [cents(98, 100)] };
  }

  async #fillLate(): Promise<void> {
    this.answer();
    await this.write();
    const [first, second] = this.context.reports.map(({ order }) => order);
    if (first === undefined || second === undefined) throw new Error('expected two orders, found fewer');
    const refused = { kind: 'refused', reason: 'forbidden', detail: 'said so', retryAfterMs: undefined } as const;
    for (const order of [first, second]) {
      const held = this.held(order);
      if (held !== undefined) this.doors[order.venue].answer(held, refused);
    }
    await this.until(() => this.isOver, NEVER_MS);
    await this.arrive(first, first.sizeE6);
  }

  /** As trading does: an attempt that was over lives again; beside one that lives, what was bought stands alone. */
  #takeIn({ fill, order }: OrphanFill): void {
    const { clock, exposures } = this.bench;
    if (order === undefined || !this.isOver) {
      const at = { nowMs: clock.nowMs(), wall: clock.wall() };
      exposures.report(`late/${fill.tradeId}`, [lateReport(fill, order)], at);
      return;
    }
    const { reports, sinceMicros } = this.context;
    const settled = reports.flatMap(({ order: { legId } }) => (legId === order.legId ? [] : [legId]));
    this.bench.strategy.recover(this.plan, sinceMicros, { reports, settled });
    this.restored = { reports, settled };
    this.#ref = this.bench.attempt() as unknown as AnyActorRef;
    this.#read = this.#records.length;
  }

  #held(): TwoVenues {
    const { venues, doors } = this;
    const behind: Readonly<Record<VenueName, Venue>> = {
      kalshi: doors.kalshi.asVenue(),
      polymarket: doors.polymarket.asVenue(),
    };
    return {
      ...venues,
      venues: behind,
      journal: this.#journal() as typeof venues.journal,
      openPrivate: (onEvent) => venues.openPrivate((venue, event) => doors[venue].told(() => onEvent(venue, event))),
    };
  }

  #journal(): Pick<Journal, 'append' | 'sync' | 'close'> {
    const { journal } = this.venues;
    return {
      append: (record) => {
        if ('actor' in record && record.kind !== 'error' && record.actor === this.#unwritable) {
          this.#unwritable = undefined;
          throw new Error('broken');
        }
        this.#records.push(record);
        return journal.append(record);
      },
      sync: (onEnd) => {
        if (this.#isOpen) journal.sync(onEnd);
        else this.#writes.push(onEnd);
      },
      close: () => journal.close(),
    };
  }

  #bent(runtime: ActorRuntime): ActorRuntime {
    const bind: ActorRuntime['bind'] = (machine, effects, handlers, children) =>
      runtime.bind(machine, effects, this.#heldHandlers(handlers as Handlers) as typeof handlers, children);
    return new Proxy(runtime, {
      get: (target, key) => {
        if (key === 'bind') return bind;
        const value = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  #heldHandlers(handlers: Handlers): Handlers {
    return Object.fromEntries(
      Object.entries(handlers).map(([name, handle]) => [
        name,
        (actor: never, params: never) => {
          this.#ref ??= (actor as ActorHandle).ref;
          if (this.breaking === name) {
            this.breaking = undefined;
            throw new Error('broken');
          }
          // Whoever asks again does not want the first answer any more.
          if (HELD.has(name) && !this.#isOpen) this.#asked = () => handle(actor, params);
          else handle(actor, params);
        },
      ]),
    );
  }
}

/** A record of a child's end leaves out which child it was. */
function withChild(event: EventObject): EventObject {
  const actorId = CHILD.exec(event.type)?.[1];
  return actorId === undefined ? event : ({ ...event, actorId } as EventObject);
}
