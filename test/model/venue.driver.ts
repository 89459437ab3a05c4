/** The supervisor of a simulated venue: the venue pauses, restarts, falls silent, refuses orders and has a clock of its own. */
import { expect } from 'vitest';
import type { VenueName } from '../../src/domain/instrument.ts';
import {
  availabilityOf,
  type MetStanding,
  type VenueEvent,
  type venueMachine,
} from '../../src/machines/venue.machine.ts';
import type { Door } from './door.ts';
import type { ModelState } from './harness/model.ts';
import { type Begun, LinkedDriver, type Problem } from './linked.driver.ts';
import { LinkedVenue } from './linked-venue.ts';

type Machine = typeof venueMachine;

/** Beyond the longest pause between two questions. */
const PATIENCE_MS = 61_000;
const SOON_MS = 2_000;
/** Within the weekly window of each: Thursday 03:30 and Tuesday 07:00 in New York; and in none. */
const IN_WINDOW: Readonly<Record<VenueName, number>> = {
  kalshi: 1_767_861_000_000_000,
  polymarket: 1_767_700_800_000_000,
};
const OUTSIDE = 1_767_780_000_000_000;

export class VenueDriver extends LinkedDriver<Machine, VenueEvent> {
  readonly #venue: VenueName;

  constructor(venue: VenueName) {
    super();
    this.#venue = venue;
  }

  protected get path(): string {
    return `venue/${this.#venue}`;
  }

  protected async begin(): Promise<Begun> {
    const world = await LinkedVenue.open({ venue: this.#venue, carries: 'market', booksPerConnectionMax: 1 });
    await world.warm();
    setWall(world, OUTSIDE);
    world.doors.status.isOpen = false;
    world.doors.clock.isOpen = false;
    world.bench.desk.start();
    return { world, ref: world.actor() };
  }

  /** What is unknown takes no order that adds risk. */
  check(model: ModelState<Machine>): void {
    const available = this.world.bench.desk.availability();
    expect(available).toEqual(availabilityOf(model.snapshot.value, model.context));
    expect(available.entries).toBe(/^standing\.open\|timetable\.clear\|clock\.(trusted|drifting)$/.test(model.text));
    this.world.check();
  }

  /** A venue that is well again is traded at again. */
  async checkEnd(): Promise<void> {
    const { bench } = this.world;
    this.#stand('open');
    setWall(this.world, OUTSIDE);
    const isWell = (): boolean => bench.desk.availability().entries;
    await this.world.calmDown(isWell);
    if (!(await this.world.until(isWell, 300_000)))
      throw new Error(`expected a venue that is traded at again, found ${bench.desk.availability().reason}`);
  }

  protected async bring(event: VenueEvent): Promise<Problem> {
    const world = this.world;
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
        setWall(this.world, event.type === 'window.began' ? IN_WINDOW[this.#venue] : OUTSIDE);
        return this.hears(event.type, SOON_MS);
      case 'status.due':
      case 'clock.due':
        return this.hears(event.type, PATIENCE_MS);
      default:
        return this.#endConnection();
    }
  }

  async #endConnection(): Promise<Problem> {
    const world = this.world;
    if (world.carried().length === 0) world.watchNext();
    const books = world.carried().slice(-1);
    world.bench.desk.unwatch(books);
    return books.length === 0 ? 'there is no other market' : undefined;
  }

  #stand(standing: MetStanding): void {
    const { side } = this.world;
    if (side.name === 'kalshi') {
      side.sim.standing.resume();
      if (standing === 'paused') side.sim.standing.pauseTrading();
      if (standing === 'closed') side.sim.standing.pauseExchange();
    } else if (standing === 'open' || standing === 'postOnly' || standing === 'cancelOnly' || standing === 'restarting')
      side.sim.control.setMode(standing);
  }

  async #answer(type: string, door: Door): Promise<Problem> {
    await this.world.until(() => door.count > 0, PATIENCE_MS);
    door.letOne();
    // What fails is tried again first.
    return this.hears(type, PATIENCE_MS);
  }
}

function setWall({ clock }: LinkedVenue, at: number): void {
  clock.stepWall(at - clock.wall());
}
