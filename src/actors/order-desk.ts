/**
 * Does what order legs ask for: writes intents, sends orders once, cancels, and asks venues what is true.
 *
 * All legs that ask in one step share one sync of the journal. When it ends, the last look and the sending are one
 * synchronous step: nothing is awaited between the look and the wire. Intents may also be written ahead of the legs
 * that will ask for them, so that the disk works while an attempt comes to life.
 */
import type { LegOrder } from '../domain/execution/leg.ts';
import { expiresInMs, isPastExpiry } from '../domain/execution/order-expiry.ts';
import { InvariantError } from '../domain/invariant.ts';
import type { ReportTrigger } from '../domain/limits/trigger.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Inflow } from '../domain/ports/inflow.ts';
import type { IntentRecord, Journal, JournalFault, JsonObject } from '../domain/ports/journal.ts';
import type { Fill, OrderOutcome, OrderState, PreparedOrder } from '../domain/ports/venue.ts';
import { micros } from '../domain/units.ts';
import type { DeskEvent, OrderRecordFacts } from '../machines/order-leg.events.ts';
import type { orderLegEffects, ReconciliationRequest } from '../machines/order-leg.setup.ts';
import type { venueTradeEffects } from '../machines/venue-trade.machine.ts';
import type { ActorHandle, ActorRuntime, EffectHandlers } from './actor-runtime.ts';
import { type Honours, SubmitPath, type Venues, venueIn } from './order-desk-path.ts';
import type { OrderEntry, OrderRegistry } from './order-registry.ts';
import { cancelEventOf, eventOf } from './outcome-events.ts';
import type { AnyPermit, LivePermit } from './permit.ts';
import { type Look, lookFor } from './reconciler.ts';

/** The last word on orders that are ready to leave together: a permit for each, in their order, or a reason for none. */
export type FinalLook<Permit extends AnyPermit = LivePermit> = (orders: readonly LegOrder[]) => FinalVerdict<Permit>;

export type FinalVerdict<Permit extends AnyPermit = LivePermit> =
  | { readonly kind: 'go'; readonly permits: readonly Permit[] }
  | { readonly kind: 'withheld'; readonly reason: string };

/** Where reads of fills and names of orders go: the fill router. */
export interface FillSink {
  deliver(fills: readonly Fill[]): void;
  named(entry: OrderEntry, venueOrderId: string): void;
  factsOf(entry: OrderEntry, order: OrderState): OrderRecordFacts;
  sweep(): void;
}

export interface OrderDeskParts<Permit extends AnyPermit = LivePermit> {
  readonly runtime: ActorRuntime;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'sync'>;
  readonly venues: Venues<Permit>;
  readonly registry: OrderRegistry;
  readonly fills: FillSink;
  readonly finalLook: FinalLook<Permit>;
  readonly honours: Honours<Permit>;
  readonly reportTrigger: ReportTrigger;
  /** What venues send waits while intents are on their way to the disk. */
  readonly inflow?: Inflow;
}

interface Asked {
  readonly actor: ActorHandle;
  readonly order: LegOrder;
}

interface Written extends Asked {
  readonly prepared: PreparedOrder;
}

interface Cleared<Permit> extends Written {
  readonly permit: Permit;
}

/** Intents that are on their way to the disk, and the legs that have asked for theirs since. */
interface Ahead {
  /** By client order id. */
  readonly waiting: Map<string, Omit<Written, 'actor'>>;
  readonly asked: Written[];
}

/** Orders of an attempt that begins in this very step. */
export interface ComingOrders {
  readonly orders: readonly LegOrder[];
  /** What the actor of each will be called. */
  readonly actorOf: (order: LegOrder) => string;
  /** The record of the decision that asks for them. */
  readonly cause: number;
}

export class OrderDesk<Permit extends AnyPermit = LivePermit> {
  readonly #parts: OrderDeskParts<Permit>;
  readonly #path: SubmitPath<Permit>;
  /** What was asked for in the step that runs now. */
  #asked: Asked[] = [];
  /** What was written ahead in the step that runs now. */
  #ahead: Ahead | undefined;
  #syncs = 0;
  /** May be sent in the step that runs now, and in no other. */
  readonly #cleared = new Map<string, Cleared<Permit>>();

  constructor(parts: OrderDeskParts<Permit>) {
    this.#parts = parts;
    this.#path = new SubmitPath(parts.venues, parts.honours);
  }

  /** Intents are on their way to the disk, and the loop should be free when they are there. */
  get isWriting(): boolean {
    return this.#syncs > 0;
  }

  readonly legHandlers: EffectHandlers<typeof orderLegEffects> = {
    recordIntent: (actor, { order }) => {
      if (this.#wasWrittenAhead(actor, order)) return;
      if (this.#asked.push({ actor, order }) === 1) this.#parts.runtime.whenIdle(() => this.#write());
    },
    requestSubmission: (actor, { clientOrderId }) => this.#submit(actor, clientOrderId),
    requestCancel: (actor, { clientOrderId, venueOrderId }) => this.#cancel(actor, clientOrderId, venueOrderId),
    requestReconciliation: (actor, request) => this.#reconcile(actor, request),
    noteReport: (_, { report }) => this.#parts.registry.note(report),
    releaseOrder: (_, { clientOrderId }) => {
      this.#parts.registry.release(clientOrderId);
      this.#parts.fills.sweep();
    },
    reportTrigger: (_, { kind, detail }) => this.#parts.reportTrigger({ kind, detail }),
  };

  readonly tradeHandlers: EffectHandlers<typeof venueTradeEffects> = {
    reportContradiction: (actor, { tradeId, detail }) =>
      this.#parts.reportTrigger({ kind: 'LATE_FILL', detail: `${detail} (trade ${tradeId}, ${actor.path})` }),
  };

  /**
   * Writes the intents of orders whose legs will ask for them later in the step that runs now, and starts their sync.
   * What no leg has asked for by its end is withdrawn. An order that cannot be prepared is left to its leg, which is
   * told why.
   */
  writeAhead({ orders, actorOf, cause }: ComingOrders): void {
    const written: Omit<Written, 'actor'>[] = [];
    for (const order of orders) {
      const prepared = this.#prepared(order);
      if (typeof prepared === 'string') return;
      written.push({ order, prepared });
    }
    for (const { order, prepared } of written) this.#intend(order, prepared, { path: actorOf(order), cause });
    const ahead: Ahead = { waiting: new Map(written.map((one) => [one.order.clientOrderId, one])), asked: [] };
    this.#ahead = ahead;
    this.#sync(ahead.asked);
    this.#seal(written);
    this.#parts.runtime.whenIdle(() => {
      this.#ahead = undefined;
      for (const { order } of ahead.waiting.values())
        this.#withdraw({ path: actorOf(order), cause }, order, 'no leg asked for it');
    });
  }

  #wasWrittenAhead(actor: ActorHandle, order: LegOrder): boolean {
    const written = this.#ahead?.waiting.get(order.clientOrderId);
    if (this.#ahead === undefined || written === undefined) return false;
    this.#ahead.waiting.delete(order.clientOrderId);
    this.#ahead.asked.push(this.#register({ ...written, actor }));
    return true;
  }

  /** Writes the intents of everything that was asked for in this step, and starts one sync for all. */
  #write(): void {
    const asked = this.#asked;
    this.#asked = [];
    const refusals = new Map<string, string>();
    const written: Written[] = [];
    for (const { actor, order } of asked) {
      const prepared = this.#prepared(order);
      if (typeof prepared === 'string') refusals.set(groupOf(order), prepared);
      else written.push({ actor, order, prepared });
    }
    for (const { actor, order } of asked) {
      const reason = refusals.get(groupOf(order));
      if (reason !== undefined) tell(actor, { type: 'submission.withheld', reason });
    }
    const together = written.filter(({ order }) => !refusals.has(groupOf(order)));
    if (together.length === 0) return;
    for (const one of together) {
      this.#register(one);
      this.#intend(one.order, one.prepared, one.actor);
    }
    this.#sync(together);
    this.#seal(together);
  }

  #sync(written: readonly Written[]): void {
    const { inflow, journal, runtime } = this.#parts;
    this.#syncs++;
    inflow?.hold();
    journal.sync((fault) => {
      this.#syncs--;
      inflow?.catchUp(written.map(({ order }) => order));
      runtime.step(() => this.#synced(written, fault));
      if (!this.isWriting) inflow?.release();
    });
  }

  /** The dear part of an order is made while the disk works. */
  #seal(written: readonly Omit<Written, 'actor'>[]): void {
    for (const { order, prepared } of written)
      this.#guarded('seal', () => venueIn(this.#parts.venues, order.venue).seal(prepared));
  }

  /** Or why it cannot be. */
  #prepared(order: LegOrder): PreparedOrder | string {
    const prepared = this.#guarded('prepare', () => venueIn(this.#parts.venues, order.venue).prepare(order));
    if (prepared === undefined) return 'preparing it broke';
    return 'kind' in prepared ? `${prepared.reason}: ${prepared.detail}` : prepared;
  }

  /** What breaks outside of any actor is nobody's error event: the breaker is told, and nothing is sent. */
  #guarded<T>(what: string, run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
      this.#parts.journal.append({ kind: 'error', actor: 'order desk', message });
      this.#parts.reportTrigger({ kind: 'ACTOR_FAULT', detail: message });
      return undefined;
    }
  }

  #register(written: Written): Written {
    const { clock, registry } = this.#parts;
    registry.add({ ...written, intentAt: clock.wall(), intentAtMs: clock.nowMs() });
    return written;
  }

  #intend(order: LegOrder, prepared: PreparedOrder, { path, cause }: Pick<ActorHandle, 'path' | 'cause'>): void {
    const { attemptId, legId, venue, clientOrderId } = order;
    const record: IntentRecord = {
      kind: 'intent',
      actor: path,
      attempt: attemptId,
      leg: legId,
      venue,
      clientOrderId,
      venueOrderId: prepared.venueOrderId,
      body: prepared.body,
      order: order as unknown as JsonObject,
      cause,
    };
    this.#parts.journal.append(record);
  }

  /** The intents are on disk: the last look, and everything that it allows leaves in this step. */
  #synced(written: readonly Written[], fault: JournalFault | undefined): void {
    if (fault !== undefined) {
      this.#parts.reportTrigger({ kind: 'JOURNAL_FAULT', detail: fault.message });
      for (const one of written) this.#withhold(one, `the intent is not on disk: ${fault.message}`);
      return;
    }
    for (const group of groupsOf(written)) this.#clear(group);
    this.#parts.runtime.whenIdle(() => this.#withdrawUnasked(written));
  }

  #clear(group: readonly Written[]): void {
    const verdict = this.#guarded('last look', () => this.#parts.finalLook(group.map(({ order }) => order)));
    const permits = verdict?.kind === 'go' && verdict.permits.length === group.length ? verdict.permits : undefined;
    if (permits === undefined) {
      const reason = verdict?.kind === 'withheld' ? verdict.reason : 'the last look broke';
      for (const one of group) this.#withhold(one, reason);
      return;
    }
    for (const [at, one] of group.entries()) {
      const permit = permits[at];
      if (permit !== undefined) this.#cleared.set(one.order.clientOrderId, { ...one, permit });
    }
    const now = this.#parts.clock.wall();
    for (const { actor, order, prepared } of group) {
      const { venueOrderId } = prepared;
      tell(actor, { type: 'intent.recorded', venueOrderId, expiresInMs: expiresInMs(order, now) });
    }
  }

  #withhold({ actor, order }: Asked, reason: string): void {
    this.#withdraw(actor, order, reason);
    tell(actor, { type: 'submission.withheld', reason });
  }

  /** What was cleared in this step and not asked for: its leg has ended meanwhile, and it is not sent any more. */
  #withdrawUnasked(written: readonly Written[]): void {
    for (const one of written)
      if (this.#cleared.delete(one.order.clientOrderId)) this.#withdraw(one.actor, one.order, 'its leg has ended');
  }

  #withdraw({ path, cause }: Pick<ActorHandle, 'path' | 'cause'>, { clientOrderId }: LegOrder, reason: string): void {
    this.#parts.journal.append({ kind: 'withdrawal', actor: path, clientOrderId, reason, cause });
    this.#parts.registry.release(clientOrderId);
  }

  #submit(actor: ActorHandle, clientOrderId: string): void {
    const cleared = this.#cleared.get(clientOrderId);
    if (cleared === undefined)
      throw new InvariantError(`an order is sent only in the step of its last look, found none for ${clientOrderId}`);
    this.#cleared.delete(clientOrderId);
    const { runtime } = this.#parts;
    this.#path.submit(cleared, cleared.permit, {
      onOutcome: (outcome) => this.#outcome(actor, clientOrderId, outcome),
      // Every order of the step leaves before anybody is told of one.
      onSent: () => runtime.step(() => runtime.whenIdle(() => tell(actor, { type: 'submission.sent' }))),
    });
  }

  #outcome(actor: ActorHandle, clientOrderId: string, outcome: OrderOutcome): void {
    this.#parts.runtime.step(() => {
      const venueOrderId = outcome.kind === 'refused' ? undefined : outcome.venueOrderId;
      const entry = this.#parts.registry.get(clientOrderId);
      if (entry !== undefined && venueOrderId !== undefined) this.#parts.fills.named(entry, venueOrderId);
      // An attempt that broke has put another actor in its place.
      if (entry?.isReleased !== true) tell(entry?.actor ?? actor, eventOf(outcome));
      else this.#noteLate(entry.order, eventOf(outcome));
    });
  }

  /** A reply whose leg has closed on other evidence: written down, and nobody's any more. */
  #noteLate({ venue, clientOrderId }: LegOrder, event: DeskEvent): void {
    const detail = { clientOrderId, event: event as unknown as JsonObject };
    this.#parts.journal.append({ kind: 'venueIn', venue, about: 'reply to a closed leg', detail });
  }

  #cancel(actor: ActorHandle, clientOrderId: string, venueOrderId: string | undefined): void {
    const entry = this.#parts.registry.get(clientOrderId);
    const id = venueOrderId ?? entry?.venueOrderId;
    if (id === undefined || entry === undefined) {
      tell(actor, { type: 'cancel.unknown', detail: `the venue's id of ${clientOrderId} is not known` });
      return;
    }
    const { venue, instrument } = entry.order;
    venueIn(this.#parts.venues, venue).cancel(id, instrument, (outcome) => tell(actor, cancelEventOf(outcome)));
  }

  #reconcile(actor: ActorHandle, { order, venueOrderId, sinceMicros }: ReconciliationRequest): void {
    const { registry, clock, venues } = this.#parts;
    const intentAt = sinceMicros === undefined ? clock.wall() : micros(sinceMicros);
    const entry = registry.get(order.clientOrderId) ?? registry.restore({ order, venueOrderId, intentAt, actor });
    registry.attach(entry, actor);
    lookFor(venueIn(venues, order.venue), entry).then((look) => this.#looked(actor, entry, look));
  }

  #looked(actor: ActorHandle, entry: OrderEntry, look: Look): void {
    const { runtime, fills } = this.#parts;
    runtime.step(() => {
      if (look.kind === 'failed') {
        tell(actor, { type: 'reconciliation.failed', detail: look.detail });
        return;
      }
      if (look.kind === 'found') fills.named(entry, look.order.venueOrderId);
      fills.deliver(look.fills);
      if (look.kind === 'absent') tell(actor, { type: 'order.absent', isPastExpiry: this.#isPastExpiry(entry) });
      else tell(actor, { type: 'order.found', ...fills.factsOf(entry, look.order) });
    });
  }

  #isPastExpiry({ order, intentAt, intentAtMs }: OrderEntry): boolean {
    const { clock } = this.#parts;
    const now = clock.wall();
    const ageMs = intentAtMs === undefined ? (now - intentAt) / MICROS_PER_MILLI : clock.nowMs() - intentAtMs;
    return isPastExpiry(order, { ageMs, now });
  }
}

const MICROS_PER_MILLI = 1_000;

function tell(actor: ActorHandle, event: DeskEvent): void {
  if (actor.ref.getSnapshot().status === 'active') actor.send(event);
}

/** Entries of one attempt leave together or not at all; what reduces leaves by itself. */
function groupOf({ attemptId, legId, isReducing }: LegOrder): string {
  return isReducing ? `${attemptId}/${legId}` : attemptId;
}

function groupsOf(written: readonly Written[]): Iterable<readonly Written[]> {
  const groups = new Map<string, Written[]>();
  for (const one of written) {
    const name = groupOf(one.order);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [one]);
    else group.push(one);
  }
  return groups.values();
}
