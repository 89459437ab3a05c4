/**
 * One book of a real desk at a simulated venue: its snapshots come, fail to come or cannot be read because the venue
 * and the wire do so. Its connection lives its own life, and the model hears what the feed hears.
 */
import type { AnyActorRef } from 'xstate';
import type { BookId, VenueName } from '../../src/domain/instrument.ts';
import type { BookFeedEvent, bookFeedMachine } from '../../src/machines/book-feed.machine.ts';
import { type Applied, type Driver, unrealisable } from './harness/driver.ts';
import type { ModelEvent } from './harness/model.ts';
import { LinkedVenue } from './linked-venue.ts';

type Machine = typeof bookFeedMachine;
type Event = ModelEvent<Machine>;
/** Why the world cannot do it; `undefined` where it did. */
type Problem = string | undefined;

/** Beyond the longest pause before another attempt. */
const PATIENCE_MS = 40_000;
const SOON_MS = 500;

export class FeedDriver implements Driver<Machine> {
  readonly #venue: VenueName;
  #linked: LinkedVenue | undefined;
  #book: BookId | undefined;
  /** It stays the same one after its end. */
  #ref: AnyActorRef | undefined;

  constructor(venue: VenueName) {
    this.#venue = venue;
  }

  async start(): Promise<void> {
    const world = await LinkedVenue.open({ venue: this.#venue, carries: 'market' });
    this.#linked = world;
    world.doors.warming.isOpen = false;
    world.start('market');
    [this.#book] = world.carried();
    this.#ref = world.bench.roots.get(this.#path);
    world.heard(this.#path);
  }

  async apply(event: Event): Promise<Applied<Machine>> {
    const problem = await this.#bring(event as BookFeedEvent);
    this.#world.heal();
    const took = this.#world.heard(this.#path);
    if (took.length === 0 && problem !== undefined) return unrealisable(problem);
    return { took: took as readonly Event[] };
  }

  state(): string {
    return this.#ref === undefined ? '' : this.#world.text(this.#ref);
  }

  /** I11, for this book and its neighbour. */
  check(): void {
    const isTradable = this.state() === 'watched.content.live|metadata.warm';
    if (this.#world.bench.desk.isTradable(this.#book as BookId) !== isTradable)
      throw new Error(`expected the desk to trade what is live and warm, found the feed in ${this.state()}`);
    this.#world.check();
  }

  async checkEnd(): Promise<void> {
    const { bench } = this.#world;
    await this.#world.calmDown(() => this.#world.carried().every((book) => bench.desk.isTradable(book)));
    if (bench.faults.length > 0) throw new Error(`expected no fault, found ${JSON.stringify(bench.faults)}`);
  }

  async stop(): Promise<void> {
    await this.#linked?.close();
  }

  get #world(): LinkedVenue {
    if (this.#linked === undefined) throw new Error('expected a started desk, found none');
    return this.#linked;
  }

  get #path(): string {
    return `venue/${this.#venue}/market-1/feed/${this.#book}`;
  }

  async #bring(event: BookFeedEvent): Promise<Problem> {
    const world = this.#world;
    switch (event.type) {
      case 'subscription.sent':
      case 'resync.due':
        return this.#await(event.type, PATIENCE_MS);
      case 'snapshot.received':
        // A trade is followed by one that nobody asked for.
        if (this.state().includes('content.gapped')) world.trade(this.#book as BookId);
        return this.#await(event.type, SOON_MS);
      case 'snapshot.overdue':
        world.inject({ fault: { kind: 'deaf' }, on: 'socket' });
        return this.#await(event.type, PATIENCE_MS);
      case 'connection.lost':
        world.side.cutSockets();
        return this.#await(event.type, SOON_MS);
      case 'book.gapped':
        world.side.setFaults({ id: 'D10', parameters: { kind: 'NaN', shape: 'nan' } });
        await world.change();
        return 'nothing is told';
      case 'unwatch.requested':
        world.bench.desk.unwatch([this.#book as BookId]);
        return undefined;
      case 'metadata.warmed':
        return this.#warm(event.type);
      case 'warming.failed':
        world.inject({ fault: { kind: 'noConnection', cause: 'refused' }, on: 'http' });
        return this.#warm(event.type);
      case 'warming.due':
        return this.#await(event.type, PATIENCE_MS);
      case 'effect.failed':
        return 'nothing breaks here';
    }
  }

  /** The venue is asked now, and answers or does not. */
  async #warm(type: string): Promise<Problem> {
    const { warming } = this.#world.doors;
    await this.#world.until(() => warming.count > 0, SOON_MS);
    while (warming.letOne());
    return this.#await(type, PATIENCE_MS);
  }

  async #await(type: string, forMs: number): Promise<Problem> {
    const isHeard = (): boolean => this.#world.hasHeard(this.#path, type);
    return (await this.#world.until(isHeard, forMs)) ? undefined : `no ${type} comes`;
  }
}
