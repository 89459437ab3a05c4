/** The supervisor of a simulated venue: the venue pauses, restarts, falls silent, refuses orders and has a clock of its own. */
import { expect } from 'vitest';
import type { AnyActorRef } from 'xstate';
import type { VenueName } from '../../src/domain/instrument.ts';
import {
  availabilityOf,
  type MetStanding,
  type VenueEvent,
  type venueMachine,
} from '../../src/machines/venue.machine.ts';
import type { Door } from './door.ts';
import { type Applied, type Driver, unrealisable } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import { LinkedVenue } from './linked-venue.ts';

type Machine = typeof venueMachine;
type Event = ModelEvent<Machine>;
/** Why the world cannot do it; `undefined` where it did. */
type Problem = string | undefined;

/** Beyond the longest pause between two questions. */
const PATIENCE_MS = 61_000;
const SOON_MS = 2_000;
/** Within the weekly window of each: Thursday 03:30 and Tuesday 07:00 in New York; and in none. */
const IN_WINDOW: Readonly<Record<VenueName, number>> = {
  kalshi: 1_767_861_000_000_000,
  polymarket: 1_767_700_800_000_000,
};
const OUTSIDE = 1_767_780_000_000_000;

export class VenueDriver implements Driver<Machine> {
  readonly #venue: VenueName;
  readonly #path: string;
  #linked: LinkedVenue | undefined;
  #ref: AnyActorRef | undefined;

  constructor(venue: VenueName) {
    this.#venue = venue;
    this.#path = `venue/${venue}`;
  }

  async start(): Promise<void> {
    const world = await LinkedVenue.open({ venue: this.#venue, carries: 'market', booksPerConnectionMax: 1 });
    this.#linked = world;
    await world.warm();
    this.#setWall(OUTSIDE);
    world.doors.status.isOpen = false;
    world.doors.clock.isOpen = false;
    world.bench.desk.start();
    this.#ref = world.actor();
    world.heard(this.#path);
  }

  async apply(event: Event): Promise<Applied<Machine>> {
    const problem = await this.#bring(event as VenueEvent);
    this.#world.heal();
    const took = this.#world.heard(this.#path);
    if (took.length === 0 && problem !== undefined) return unrealisable(problem);
    return { took: took as readonly Event[] };
  }

  state(): string {
    return this.#ref === undefined ? '' : this.#world.text(this.#ref);
  }

  /** What is unknown takes no order that adds risk. */
  check(model: ModelState<Machine>): void {
    const available = this.#world.bench.desk.availability();
    expect(available).toEqual(availabilityOf(model.snapshot.value, model.context));
    expect(available.entries).toBe(/^standing\.open\|timetable\.clear\|clock\.(trusted|drifting)$/.test(model.text));
    this.#world.check();
  }

  /** A venue that is well again is traded at again. */
  async checkEnd(): Promise<void> {
    const { bench } = this.#world;
    this.#stand('open');
    this.#setWall(OUTSIDE);
    const isWell = (): boolean => bench.desk.availability().entries;
    await this.#world.calmDown(isWell);
    if (!(await this.#world.until(isWell, 300_000)))
      throw new Error(`expected a venue that is traded at again, found ${bench.desk.availability().reason}`);
  }

  async stop(): Promise<void> {
    await this.#linked?.close();
  }

  get #world(): LinkedVenue {
    if (this.#linked === undefined) throw new Error('expected a started desk, found none');
    return this.#linked;
  }

  async #bring(event: VenueEvent): Promise<Problem> {
    const world = this.#world;
    const { doors } = world;
    switch (event.type) {
      case 'connection.wanted':
        return world.watchNext() ? undefined : 'there is no other market';
      case 'status.read':
        this.#stand(event.standing);
        // Polymarket has no word for its mode: only what orders are answered with shows it.
        if (this.#venue === 'polymarket') await world.order('resting');
        return this.#answer(event.type, doors.status);
      case 'standing.met':
        this.#stand(event.standing);
        world.bench.desk.noteOutcome(await world.order('resting'));
        return 'the order says nothing of its venue';
      case 'status.failed':
        world.inject({ fault: { kind: 'noConnection', cause: 'refused' }, on: 'http' });
        return this.#answer(event.type, doors.status);
      case 'clock.measured':
        world.skew(event.offsetMs);
        return this.#answer(event.type, doors.clock);
      case 'clock.failed':
        world.inject({ fault: { kind: 'noConnection', cause: 'refused' }, on: 'http' });
        return this.#answer(event.type, doors.clock);
      case 'window.began':
      case 'window.ended':
        this.#setWall(event.type === 'window.began' ? IN_WINDOW[this.#venue] : OUTSIDE);
        return this.#await(event.type, SOON_MS);
      case 'status.due':
      case 'clock.due':
        return this.#await(event.type, PATIENCE_MS);
      default:
        return this.#endConnection();
    }
  }

  async #endConnection(): Promise<Problem> {
    const world = this.#world;
    if (world.carried().length === 0) world.watchNext();
    const books = world.carried().slice(-1);
    world.bench.desk.unwatch(books);
    return books.length === 0 ? 'there is no other market' : undefined;
  }

  #stand(standing: MetStanding): void {
    const { side } = this.#world;
    if (side.name === 'kalshi') {
      side.sim.standing.resume();
      if (standing === 'paused') side.sim.standing.pauseTrading();
      if (standing === 'closed') side.sim.standing.pauseExchange();
    } else if (standing === 'open' || standing === 'postOnly' || standing === 'cancelOnly' || standing === 'restarting')
      side.sim.control.setMode(standing);
  }

  #setWall(at: number): void {
    const { clock } = this.#world;
    clock.stepWall(at - clock.wall());
  }

  async #answer(type: string, door: Door): Promise<Problem> {
    await this.#world.until(() => door.count > 0, PATIENCE_MS);
    door.letOne();
    // What fails is tried again first.
    return this.#await(type, PATIENCE_MS);
  }

  async #await(type: string, forMs: number): Promise<Problem> {
    const isHeard = (): boolean => this.#world.hasHeard(this.#path, type);
    return (await this.#world.until(isHeard, forMs)) ? undefined : `no ${type} comes`;
  }
}
