/**
 * One connection of a real desk at a simulated venue: what its model says is brought about by the venue, the wire
 * and time. It hears whatever else comes of that, and the model follows.
 */
import type { EventObject } from 'xstate';
import type { Trigger } from '../../src/domain/limits/trigger.ts';
import type { ConnectionEvent } from '../../src/machines/connection.events.ts';
import type { connectionMachine } from '../../src/machines/connection.machine.ts';
import type { ModelPath } from './harness/paths.ts';
import { type Begun, LinkedDriver, type Problem } from './linked.driver.ts';
import { LinkedVenue, type LinkGiven } from './linked-venue.ts';

type Machine = typeof connectionMachine;

/** Beyond the longest patience of any chart here. */
const PATIENCE_MS = 70_000;
/** What opens, logs in or subscribes does so within this time. */
const SOON_MS = 500;
/** A fill is older than this before it is missed. */
const FILL_MS = 8_000;
const ANSWERS = new Set(['books.agreed', 'books.contradicted', 'crossCheck.failed', 'crossCheck.superseded']);
const WAITS = new Set(['connecting', 'authenticating', 'subscribing', 'backingOff', 'abandoned', 'closed']);

export class ConnectionDriver extends LinkedDriver<Machine, ConnectionEvent> {
  readonly #given: LinkGiven;
  readonly #id: string;
  #events: readonly EventObject[] = [];
  #at = 0;
  #isFillMissed = false;

  constructor(given: LinkGiven) {
    super();
    this.#given = given;
    this.#id = given.carries === 'private' ? 'private' : 'market-1';
  }

  protected get path(): string {
    return `venue/${this.#given.venue}/${this.#id}`;
  }

  protected async begin({ events }: ModelPath): Promise<Begun> {
    this.#events = events;
    const world = await LinkedVenue.open(this.#given);
    world.doors.books.isOpen = false;
    world.doors.fills.isOpen = false;
    world.start(this.#given.carries);
    return { world, ref: world.actor(this.#id) };
  }

  get triggers(): readonly Trigger[] {
    return this.world.bench.triggers;
  }

  check(): void {
    this.world.check();
  }

  async checkEnd(): Promise<void> {
    const { bench } = this.world;
    if (this.state() === 'closed') return;
    if (this.state() === 'abandoned') bench.desk.resume(this.#id, 'operator');
    await this.world.calmDown(() => this.state().startsWith('live'));
    if (!this.state().startsWith('live'))
      throw new Error(`expected a connection that comes back, found ${this.state()}`);
    const faults = bench.faults.filter(({ kind }) => kind !== 'effect');
    if (faults.length > 0) throw new Error(`expected no fault, found ${JSON.stringify(faults)}`);
  }

  get #isMarket(): boolean {
    return this.#given.carries === 'market';
  }

  protected async bring(event: ConnectionEvent): Promise<Problem> {
    this.#at++;
    const world = this.world;
    const { desk } = world.bench;
    switch (event.type) {
      case 'books.assigned':
        return world.watchNext() ? undefined : 'there is no other market';
      case 'books.released':
        if (world.carried().length < 2) world.watchNext();
        desk.unwatch(world.carried().slice(-1));
        return undefined;
      case 'close.requested':
        desk.unwatch(world.carried());
        return undefined;
      case 'abandon.requested':
        desk.abandon(this.#id, event.by);
        return undefined;
      case 'resume.requested':
        desk.resume(this.#id, event.by);
        return undefined;
      case 'recycle.requested':
        desk.recycle(event.reason);
        return 'only what is live is made anew';
      case 'socket.opened':
      case 'login.proven':
      case 'subscription.proven':
        await world.until(() => this.world.hasHeard(this.path, event.type), SOON_MS);
        return 'nobody waits for it';
      case 'socket.ended':
        return this.#end(event);
      case 'effect.failed':
        return this.#break(event);
      default:
        return this.#pass(event);
    }
  }

  /** What is asked for on the way into a state is asked for again once the socket has ended. */
  async #break(event: Extract<ConnectionEvent, { readonly type: 'effect.failed' }>): Promise<Problem> {
    const { world } = this;
    if (this.state() === 'connecting' || this.state() === 'backingOff')
      world.inject({ fault: { kind: 'noConnection', cause: 'refused' }, on: 'socket' });
    if (this.state() === 'connecting') await world.until(() => this.state() !== 'connecting', SOON_MS);
    if (!this.state().startsWith('live') || event.effect !== 'requestHeartbeat') world.side.cutSockets();
    return this.breaks(event, PATIENCE_MS);
  }

  /** What comes of time, silence and data. */
  async #pass(event: ConnectionEvent): Promise<Problem> {
    const world = this.world;
    switch (event.type) {
      case 'connect.overdue':
        world.inject({ fault: { kind: 'partition', direction: 'both' }, on: 'socket' });
        return this.hears(event.type, PATIENCE_MS);
      case 'login.overdue':
      case 'subscription.overdue':
        world.inject({ fault: { kind: 'deaf' }, on: 'socket' });
        return this.hears(event.type, PATIENCE_MS);
      case 'socket.fellSilent':
        world.inject({ fault: { kind: 'halfOpen' }, on: 'socket' });
        return this.hears(event.type, PATIENCE_MS);
      case 'data.quieted':
        await this.#foresee();
        return this.hears(event.type, PATIENCE_MS);
      case 'suspicion.due':
      case 'recheck.due':
      case 'retry.due':
        return this.hears(event.type, PATIENCE_MS);
      case 'data.resumed':
        await this.#data();
        return 'it was not quiet';
      case 'heartbeat.due':
      case 'stability.reached':
      case 'probe.due':
        return this.#awaitAmidData(event.type);
      default:
        return this.#doubt(event);
    }
  }

  /** What is missing, wrong or compared. */
  async #doubt(event: ConnectionEvent): Promise<Problem> {
    const world = this.world;
    switch (event.type) {
      case 'sequence.gapped':
        // A frame is counted and lost; the next one tells.
        world.side.setFaults({ id: 'D3', times: 1, match: { channel: 'orderbook_delta' } });
        await world.change();
        return 'nothing is counted here';
      case 'private.gapped':
        world.side.setFaults({ id: 'D10', times: 1, parameters: { kind: 'null', shape: 'text' } });
        await world.order('resting');
        return 'nobody listens';
      case 'feed.exhausted':
        await this.#spoil();
        world.inject({ fault: { kind: 'deaf' }, on: 'socket' });
        return this.hears(event.type, PATIENCE_MS);
      case 'books.agreed':
        await this.#answer(event.type);
        return 'nobody asked';
      case 'crossCheck.failed':
        await world.amid({ fault: { kind: 'noConnection', cause: 'refused' }, on: 'http' }, () =>
          this.#answer(event.type),
        );
        return 'nobody asked';
      case 'crossCheck.superseded':
        await this.#asked();
        if (this.state() === 'live.fresh') await this.#data();
        else await this.#spoil();
        await this.#answer(event.type);
        return 'nobody asked';
      case 'books.contradicted':
        return this.#isMarket ? this.#contradictBooks() : this.#contradictFills();
      default:
        return 'the venue has no word for it';
    }
  }

  /** Refused as it opens, or ended from afar. */
  async #end({ kind, code }: Extract<ConnectionEvent, { readonly type: 'socket.ended' }>): Promise<Problem> {
    const { side } = this.world;
    if (this.state() === 'connecting') {
      if (kind === 'refused' && side.name === 'kalshi') this.world.skew(60_000);
      else side.setFaults({ id: 'N9', parameters: { status: kind === 'refused' ? 403 : 503 } });
      return (await this.#soon('socket.ended')) ? undefined : 'it is open already';
    }
    if (code === undefined) side.cutSockets();
    else if (side.name === 'kalshi') side.sim.closeSockets(code, 'policy');
    else for (const channel of ['market', 'user'] as const) side.sim.control.closeSockets(channel, code);
    return (await this.#soon('socket.ended')) ? undefined : 'there is no socket';
  }

  /** The venue moves, says nothing, and is asked twice. */
  async #contradictBooks(): Promise<Problem> {
    if (await this.#asked()) await this.world.changeUntold();
    await this.#answer('books.contradicted');
    return 'nobody asked';
  }

  /** A fill of ours that nobody tells, old enough to be missed before the question is asked. */
  async #contradictFills(): Promise<Problem> {
    if (!this.#isFillMissed) {
      await this.#answer('books.agreed');
      await this.#missFill();
    }
    await this.#answer('books.contradicted');
    this.#isFillMissed = false;
    return 'nobody asked';
  }

  /** What comes in a stream that is quiet may have been asked, and may have happened, while data came. */
  async #foresee(): Promise<void> {
    const [next, second] = this.#events.slice(this.#at).map(({ type }) => type);
    if (!this.#isMarket && [next, second].includes('books.contradicted')) await this.#missFill();
    if (next !== undefined && ANSWERS.has(next)) await this.#asked();
  }

  async #missFill(): Promise<void> {
    const world = this.world;
    const isFresh = this.state() === 'live.fresh';
    const match = world.side.name === 'kalshi' ? { channel: 'fill' } : { channel: 'user', type: 'trade' };
    const told = (): Promise<unknown> => world.order('filled');
    if (isFresh) world.side.setFaults({ id: 'D3', match });
    await (isFresh ? told() : world.amid({ fault: { kind: 'frozen' }, on: 'socket' }, told));
    world.heal();
    if (isFresh)
      await world.untilAmidData(
        () => false,
        FILL_MS,
        () => this.#data(),
      );
    else await world.until(() => false, FILL_MS);
    this.#isFillMissed = true;
  }

  /** Answers what is asked, and what is asked next, until this is what comes of it. */
  async #answer(wanted: string): Promise<void> {
    const world = this.world;
    for (let times = 0; times < 4 && !this.world.hasHeard(this.path, wanted); times++) {
      if (!(await this.#asked())) return;
      this.#door.letOne();
      const isAsked = (): boolean => this.#door.count > 0;
      await world.until(
        () => isAsked() || this.world.hasHeard(this.path, wanted),
        world.settings.secondLookMs + SOON_MS,
      );
    }
  }

  /** The desk asks the venue sooner or later: while data comes for a probe, without it out of suspicion. */
  async #asked(): Promise<boolean> {
    const isAsked = (): boolean => this.#door.count > 0 || WAITS.has(this.state());
    if (this.state() === 'live.fresh') await this.world.untilAmidData(isAsked, PATIENCE_MS, () => this.#data());
    else await this.world.until(isAsked, PATIENCE_MS);
    return this.#door.count > 0;
  }

  get #door() {
    return this.#isMarket ? this.world.doors.books : this.world.doors.fills;
  }

  async #data(): Promise<void> {
    if (this.#isMarket) await this.world.change();
    else await this.world.order('resting');
  }

  /** Frames that cannot be read: the books that they are about are not believed any more, and no data was seen. */
  async #spoil(): Promise<void> {
    const { side } = this.world;
    side.setFaults({ id: 'D10', parameters: { kind: 'NaN', shape: 'nan' } });
    await this.#data();
    side.setFaults();
  }

  async #awaitAmidData(type: string): Promise<Problem> {
    if (this.state() !== 'live.fresh') return this.hears(type, PATIENCE_MS);
    const isHeard = (): boolean => this.world.hasHeard(this.path, type);
    return (await this.world.untilAmidData(isHeard, PATIENCE_MS, () => this.#data())) ? undefined : `no ${type} comes`;
  }

  #soon(type: string): Promise<boolean> {
    return this.world.until(() => this.world.hasHeard(this.path, type), SOON_MS);
  }
}
