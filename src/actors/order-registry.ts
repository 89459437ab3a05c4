/**
 * Every order that was written down, whatever became of the actor that asked for it: what reports are routed by,
 * and what the orders of a broken actor are recovered from.
 */
import type { LegOrder, LegReport } from '../domain/execution/leg.ts';
import type { BookId, VenueName } from '../domain/instrument.ts';
import { invariant } from '../domain/invariant.ts';
import type { FillSettlement, PreparedOrder } from '../domain/ports/venue.ts';
import type { Micros, Millis } from '../domain/units.ts';
import type { ActorHandle } from './actor-runtime.ts';

/** Over, and remembered so that a late fill still finds what it belongs to. */
const RELEASED_MAX = 2_000;

export interface KnownOrder {
  readonly order: LegOrder;
  readonly prepared: PreparedOrder;
  /** When its intent was written. */
  readonly intentAt: Micros;
  /** The same on the monotonic clock; `undefined` for an order of an earlier life of the process. */
  readonly intentAtMs: Millis | undefined;
  readonly venueOrderId: string | undefined;
  /** What the leg reported last; `undefined` before its first report. */
  readonly report: LegReport | undefined;
  /** Its leg has closed. */
  readonly isReleased: boolean;
}

export interface OrderEntry extends KnownOrder {
  venueOrderId: string | undefined;
  report: LegReport | undefined;
  isReleased: boolean;
  actor: ActorHandle | undefined;
  /** What the actor was told of each trade, so that a repeated read repeats nothing. */
  readonly told: Map<string, FillSettlement>;
}

export class OrderRegistry {
  readonly #byClient = new Map<string, OrderEntry>();
  readonly #byVenue = new Map<string, OrderEntry>();
  readonly #released: string[] = [];
  readonly #releasedMax: number;

  constructor(releasedMax = RELEASED_MAX) {
    this.#releasedMax = releasedMax;
  }

  /** An order whose intent is being written. A client id is used once. */
  add(given: {
    readonly order: LegOrder;
    readonly prepared: PreparedOrder;
    readonly intentAt: Micros;
    readonly intentAtMs: Millis | undefined;
    readonly actor: ActorHandle | undefined;
  }): OrderEntry {
    const { order, prepared, intentAt, intentAtMs, actor } = given;
    const { clientOrderId } = order;
    invariant(!this.#byClient.has(clientOrderId), () => `a client id must be used once, found ${clientOrderId} again`);
    const entry: OrderEntry = {
      order,
      prepared,
      intentAt,
      intentAtMs,
      venueOrderId: undefined,
      report: undefined,
      isReleased: false,
      actor,
      told: new Map(),
    };
    this.#byClient.set(clientOrderId, entry);
    if (prepared.venueOrderId !== undefined) this.name(entry, prepared.venueOrderId);
    return entry;
  }

  /** An order of an earlier life: what is asked for is its fate, so an empty body does. */
  restore(given: {
    readonly order: LegOrder;
    readonly venueOrderId: string | undefined;
    readonly intentAt: Micros;
    readonly actor: ActorHandle | undefined;
  }): OrderEntry {
    const { order, venueOrderId, intentAt, actor } = given;
    const prepared: PreparedOrder = { request: order, venue: order.venue, venueOrderId, body: '' };
    return this.add({ order, prepared, intentAt, intentAtMs: undefined, actor });
  }

  find(ids: { readonly venue: VenueName; readonly clientOrderId?: string | undefined; readonly venueOrderId: string }) {
    const { venue, clientOrderId, venueOrderId } = ids;
    const mine = clientOrderId === undefined ? undefined : this.#byClient.get(clientOrderId);
    return mine ?? this.#byVenue.get(venueKey(venue, venueOrderId));
  }

  get(clientOrderId: string): OrderEntry | undefined {
    return this.#byClient.get(clientOrderId);
  }

  /** The venue's name for it has become known. `true` when that is news. */
  name(entry: OrderEntry, venueOrderId: string): boolean {
    if (entry.venueOrderId === venueOrderId) return false;
    entry.venueOrderId = venueOrderId;
    this.#byVenue.set(venueKey(entry.order.venue, venueOrderId), entry);
    return true;
  }

  /** From now on this actor is its leg, also of an order whose leg had closed. A new one knows no trade yet. */
  attach(entry: OrderEntry, actor: ActorHandle): void {
    if (entry.actor?.ref === actor.ref) return;
    entry.actor = actor;
    entry.told.clear();
    if (!entry.isReleased) return;
    entry.isReleased = false;
    const { clientOrderId } = entry.order;
    this.#released.splice(this.#released.indexOf(clientOrderId), 1);
  }

  note(report: LegReport): void {
    const entry = this.#byClient.get(report.order.clientOrderId);
    if (entry !== undefined) entry.report = report;
  }

  /** Its leg has closed. It is remembered for as long as there is room. */
  release(clientOrderId: string): void {
    const entry = this.#byClient.get(clientOrderId);
    if (entry === undefined || entry.isReleased) return;
    entry.isReleased = true;
    entry.actor = undefined;
    this.#released.push(clientOrderId);
    if (this.#released.length > this.#releasedMax) this.#forget(this.#released.shift() ?? '');
  }

  /** Whose legs have not closed: with their last reports, what is recovered when the actors are gone. */
  open(): readonly KnownOrder[] {
    return [...this.#byClient.values()].filter(({ isReleased }) => !isReleased);
  }

  /** Of an attempt, what its orders that have ended came to. One that was withdrawn was never at a venue. */
  endedOf(attemptId: string): readonly LegReport[] {
    return [...this.#byClient.values()].flatMap(({ order, report }) =>
      order.attemptId === attemptId && report?.standing === 'ended' ? [report] : [],
    );
  }

  /** Everything that is remembered of an attempt, or of an exit. */
  ordersOf(attemptId: string): readonly KnownOrder[] {
    return [...this.#byClient.values()].filter(({ order }) => order.attemptId === attemptId);
  }

  /** Whether an order in this book waits for the venue to name it: a fill of an unknown order may be its. */
  hasUnnamed(book: BookId): boolean {
    for (const entry of this.#byClient.values())
      if (!entry.isReleased && entry.venueOrderId === undefined && entry.order.instrument.book === book) return true;
    return false;
  }

  #forget(clientOrderId: string): void {
    const entry = this.#byClient.get(clientOrderId);
    this.#byClient.delete(clientOrderId);
    if (entry?.venueOrderId !== undefined) this.#byVenue.delete(venueKey(entry.order.venue, entry.venueOrderId));
  }
}

/** Hashes come in either case. */
function venueKey(venue: VenueName, venueOrderId: string): string {
  return `${venue}/${venueOrderId.toLowerCase()}`;
}
