/**
 * One book of a real desk at a simulated venue: its snapshots come, fail to come or cannot be read because the venue
 * and the wire do so. Its connection lives its own life, and the model hears what the feed hears.
 */
import type { BookId, VenueName } from '../../src/domain/instrument.ts';
import type { BookFeedEvent, bookFeedMachine } from '../../src/machines/book-feed.machine.ts';
import { type Begun, LinkedDriver, type Problem } from './linked.driver.ts';
import { LinkedVenue } from './linked-venue.ts';

type Machine = typeof bookFeedMachine;

/** Beyond the longest pause before another attempt. */
const PATIENCE_MS = 40_000;
const SOON_MS = 500;

export class FeedDriver extends LinkedDriver<Machine, BookFeedEvent> {
  readonly #venue: VenueName;
  #book: BookId | undefined;

  constructor(venue: VenueName) {
    super();
    this.#venue = venue;
  }

  protected get path(): string {
    return `venue/${this.#venue}/market-1/feed/${this.#book}`;
  }

  protected async begin(): Promise<Begun> {
    const world = await LinkedVenue.open({ venue: this.#venue, carries: 'market' });
    world.doors.warming.isOpen = false;
    world.start('market');
    [this.#book] = world.carried();
    return { world, ref: world.bench.roots.get(this.path) };
  }

  /** I11, for this book and its neighbour. */
  check(): void {
    const isTradable = this.state() === 'watched.content.live|metadata.warm';
    if (this.world.bench.desk.isTradable(this.#book as BookId) !== isTradable)
      throw new Error(`expected the desk to trade what is live and warm, found the feed in ${this.state()}`);
    this.world.check();
  }

  async checkEnd(): Promise<void> {
    const { bench } = this.world;
    await this.world.calmDown(() => this.world.carried().every((book) => bench.desk.isTradable(book)));
    const faults = bench.faults.filter(({ kind }) => kind !== 'effect');
    if (faults.length > 0) throw new Error(`expected no fault, found ${JSON.stringify(faults)}`);
  }

  protected async bring(event: BookFeedEvent): Promise<Problem> {
    const world = this.world;
    switch (event.type) {
      case 'subscription.sent':
      case 'resync.due':
        return this.hears(event.type, PATIENCE_MS);
      case 'snapshot.received':
        // A trade is followed by one that nobody asked for.
        if (this.state().includes('content.gapped')) world.trade(this.#book as BookId);
        return this.hears(event.type, SOON_MS);
      case 'snapshot.overdue':
        world.inject({ fault: { kind: 'deaf' }, on: 'socket' });
        return this.hears(event.type, PATIENCE_MS);
      case 'connection.lost':
        world.side.cutSockets();
        return this.hears(event.type, SOON_MS);
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
        return this.hears(event.type, PATIENCE_MS);
      case 'effect.failed':
        return this.#break(event);
    }
  }

  async #break(event: Extract<BookFeedEvent, { readonly type: 'effect.failed' }>): Promise<Problem> {
    if (event.effect === 'requestWarming') {
      this.world.inject({ fault: { kind: 'noConnection', cause: 'refused' }, on: 'http' });
      await this.#warm('warming.failed');
    } else this.world.inject({ fault: { kind: 'deaf' }, on: 'socket' });
    return this.breaks(event, PATIENCE_MS);
  }

  /** The venue is asked now, and answers or does not. */
  async #warm(type: string): Promise<Problem> {
    const { warming } = this.world.doors;
    await this.world.until(() => warming.count > 0, SOON_MS);
    while (warming.letOne());
    return this.hears(type, PATIENCE_MS);
  }
}
