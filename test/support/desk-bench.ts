/** A venue desk at a simulated venue, with everything that it told while it ran. */
import type { Actor, AnyStateMachine } from 'xstate';
import { type ActorFault, ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { VenueDesk } from '../../src/actors/venue-desk.ts';
import type { VenueDeskParts, VenueNotice } from '../../src/actors/venue-desk-parts.ts';
import type { VenueDeskSettings } from '../../src/actors/venue-desk-settings.ts';
import { BookStore } from '../../src/domain/book/book-store.ts';
import type { BookId } from '../../src/domain/instrument.ts';
import type { Trigger } from '../../src/domain/limits/trigger.ts';
import type { Clock } from '../../src/domain/ports/clock.ts';
import type { JournalRecord, TransitionRecord } from '../../src/domain/ports/journal.ts';
import type { MarketDataEvent } from '../../src/domain/ports/market-data.ts';
import type { Listing, PrivateEvent, Venue } from '../../src/domain/ports/venue.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import type { Edge } from '../../src/machines/edges.ts';
import type { RigTime } from '../contract/rig-wire.ts';
import { onEdge as noteEdge } from '../model/harness/coverage.ts';
import { type Bend, bentRuntime } from '../model/held-venues.ts';

type AnyActor = Actor<AnyStateMachine>;

/** In the middle of every draw: a jitter of nothing. */
const MIDDLE = { ...seededRandom('desk'), next: () => 0.5 };

export interface DeskGiven {
  readonly venue: Venue;
  readonly clock: Clock;
  readonly time: Pick<RigTime, 'advance' | 'until'>;
  readonly settings: VenueDeskSettings;
  readonly parts?: Partial<VenueDeskParts>;
  readonly onEdge?: (machine: string, edge: Edge) => void;
  /** Does what the charts ask for in its own way. */
  readonly bend?: Bend;
}

export class DeskBench {
  readonly desk: VenueDesk;
  readonly runtime: ActorRuntime;
  readonly clock: Clock;
  readonly time: DeskGiven['time'];
  readonly records: JournalRecord[] = [];
  readonly faults: ActorFault[] = [];
  readonly triggers: Trigger[] = [];
  readonly notices: VenueNotice[] = [];
  readonly reconciliations: string[] = [];
  readonly events: MarketDataEvent[] = [];
  readonly ours: PrivateEvent[] = [];
  readonly books: BookStore;
  /** Every root that was started, by its path: the venue, and each book's feed. */
  readonly roots = new Map<string, AnyActor>();

  constructor({ venue, clock, time, settings, parts = {}, onEdge = noteEdge, bend }: DeskGiven) {
    this.clock = clock;
    this.time = time;
    this.books = new BookStore((book, refusal) => {
      if (refusal !== 'discarded') this.desk.gapBooks([book.id], 'malformed', refusal);
    });
    this.runtime = new ActorRuntime({
      clock,
      journal: { append: (record) => this.records.push(record) },
      onFault: (fault) => this.faults.push(fault),
      definitionOf: () => 'sha256:0',
      onEdge,
    });
    const { runtime } = this;
    const start = runtime.start.bind(runtime);
    runtime.start = (machine, given) => {
      const actor = start(machine, given);
      this.roots.set(given.id, actor as unknown as AnyActor);
      return actor;
    };
    this.desk = new VenueDesk({
      runtime: bend === undefined ? runtime : bentRuntime(runtime, bend),
      venue,
      clock,
      random: MIDDLE,
      settings,
      bookOf: (id) => this.books.find(id),
      report: (trigger) => this.triggers.push(trigger),
      onNotice: (notice) => this.notices.push(notice),
      onReconciliationNeeded: (_, reason) => this.reconciliations.push(reason),
      ...parts,
    });
    this.desk.marketData$.subscribe((event) => {
      this.events.push(event);
      this.books.apply(event, clock.nowMs(), []);
    });
    this.desk.private$.subscribe((event) => this.ours.push(event));
  }

  /** Watches what is listed and lets everything come to rest. */
  async live(books: readonly BookId[], listings: readonly Listing[]): Promise<void> {
    this.desk.start();
    this.desk.watch(books, listings);
    await this.time.advance(1_000);
  }

  standing(connection = 'market-1'): string {
    return this.desk.figures().find(({ id }) => id === connection)?.standing ?? 'gone';
  }

  /** Where an actor went, in order, as the journal has it. */
  wayOf(actor: string): string[] {
    return this.records.flatMap((record) =>
      record.kind === 'transition' && record.actor.endsWith(actor) && record.from !== record.to ? [record.to] : [],
    );
  }

  moves(actor: string): TransitionRecord[] {
    return this.records.filter(
      (record): record is TransitionRecord => record.kind === 'transition' && record.actor.endsWith(actor),
    );
  }

  /** The venue actor. */
  get root(): AnyActor | undefined {
    return [...this.roots.values()][0];
  }

  /** Whether this connection has an actor now. */
  has(connection: string): boolean {
    return this.root?.getSnapshot().children[connection] !== undefined;
  }

  /** An event of a test's own for a connection, past everything that would send it. */
  send(connection: string, event: { readonly type: string; readonly [field: string]: unknown }): void {
    const ref = this.root?.getSnapshot().children[connection];
    if (ref === undefined) throw new Error(`expected a connection ${connection}, found none`);
    this.runtime.send(ref, event);
  }

  /** Events that no chart expected. */
  get unexpected(): string[] {
    return this.records.flatMap((record) =>
      record.kind === 'ignored' ? [`${record.actor} in ${record.state}: ${JSON.stringify(record.event)}`] : [],
    );
  }

  stop(): void {
    this.desk.stop();
  }
}
