/**
 * An exit or a quote with its real desk and real order legs at a simulated venue: what its model hears is brought
 * about by prices, orders and time there. Its desk looks when the driver lets it.
 */
import type { AnyActorRef, EventObject } from 'xstate';
import { stateText } from '../../src/actors/record-fields.ts';
import type { LegReport } from '../../src/domain/execution/leg.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import { ExposureBook } from '../../src/domain/risk/exposure-book.ts';
import { microUsd, USD } from '../../src/domain/units.ts';
import type { PlacedLeg } from '../../src/machines/child-leg.ts';
import { UNLIMITED } from '../domain/risk/risk-samples.ts';
import { type Bench, benchAt } from '../support/exit-and-quote.ts';
import { books } from '../support/two-venues.ts';
import { bentRuntime, HeldVenues } from './held-venues.ts';
import { OrderWords, type Problem, reportsIn } from './order-words.ts';

const HOUSES = { kalshi: books, polymarket: books };
const CALM_MS = 300_000;
const GROUP = { eventId: 'event', category: 'any', correlated: 'any' };

interface Placing {
  readonly placed: readonly PlacedLeg[];
}

export interface Placed {
  readonly kind: 'exit' | 'quote';
  readonly venue: VenueName;
  /** Of its effects: what waits for the driver. */
  readonly asks: string;
  readonly inputOf: (bench: Bench) => object;
  /** Ten are held before it starts. */
  readonly isHeld: boolean;
  /** An earlier life did this, and left its orders behind. */
  readonly earlier?: (floor: PlacerFloor) => Promise<void>;
}

export class PlacerFloor {
  readonly held: HeldVenues;
  readonly words: OrderWords;
  breaking: string | undefined;
  path: readonly EventObject[] = [];
  /** Whose orders nobody follows any more. */
  hasLost = false;
  readonly #given: Placed;
  readonly #exposures = new ExposureBook({
    limits: UNLIMITED,
    feeBound: () => microUsd(USD),
    navMicroUsd: microUsd(2_000 * USD),
  });
  #bench: Bench | undefined;
  #actor: ReturnType<Bench['start']> | undefined;
  #asked: (() => void) | undefined;
  #input: object = {};
  /** When it was started. */
  sinceMs = 0;

  private constructor(held: HeldVenues, given: Placed) {
    this.held = held;
    this.#given = given;
    this.words = new OrderWords({
      held,
      report: (legId) => this.#leg(legId)?.report,
      isSettled: (legId) => this.#leg(legId)?.isSettled === true,
      isOver: () => this.isOver,
      reconcile: ({ legId }) =>
        this.sendLeg(legId, { type: 'reconciliation.requested', reason: 'a gap' } as EventObject),
      comes: (legId) => reportsIn(this.path, this.modelLegId(legId)),
    });
  }

  static async open(given: Placed, breaking?: string): Promise<PlacerFloor> {
    const held = await HeldVenues.open(HOUSES);
    const floor = new PlacerFloor(held, given);
    floor.#bench = await benchAt(given.venue, {
      venues: held.asVenues(),
      bend: (runtime) => bentRuntime(runtime, (name, _actor, handle) => floor.#ask(name, handle)),
      onLegs: (attemptId, reports) => floor.#report(attemptId, reports),
    });
    if (given.isHeld) await floor.#buy();
    held.check = () => floor.check();
    floor.#begin(given.inputOf(floor.bench));
    if (given.earlier !== undefined) await floor.#begunAgain(given.earlier);
    floor.breaking = breaking;
    return floor;
  }

  /** As its chart was started. */
  get input(): object {
    return this.#input;
  }

  get bench(): Bench {
    if (this.#bench === undefined) throw new Error('expected a bench, found none');
    return this.#bench;
  }

  get actor(): ReturnType<Bench['start']> {
    if (this.#actor === undefined) throw new Error('expected an actor, found none');
    return this.#actor;
  }

  get context(): Placing {
    return this.actor.context();
  }

  get state(): string {
    return stateText((this.actor.actor.getSnapshot() as { readonly value: unknown }).value);
  }

  get isOver(): boolean {
    return this.actor.actor.getSnapshot().status !== 'active';
  }

  get isAsked(): boolean {
    return this.#asked !== undefined;
  }

  get #path(): string {
    const { kind } = this.#given;
    return `owner-${kind}/${kind}`;
  }

  get venue(): VenueName {
    return this.#given.venue;
  }

  heard(): EventObject[] {
    return this.held.heard(this.#path);
  }

  hasHeard(type: string): boolean {
    return this.held.hasHeard(this.#path, (event) => event.type === type);
  }

  /** The desk does what it was asked for, now or in its own time. */
  answer(): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.();
  }

  /** Time passes until the actor has heard it. */
  async hears(type: string, mostMs: number): Promise<Problem> {
    const isHeard = (): boolean => this.isOver || this.hasHeard(type);
    return (await this.held.until(isHeard, mostMs)) ? undefined : 'nothing is said of it';
  }

  /** The model counts its orders; here each has a name of its own. */
  legIdOf(modelLegId: string): string {
    const at = Number.parseInt(modelLegId, 10) - 1;
    return this.context.placed[at]?.legId ?? modelLegId;
  }

  modelLegId(legId: string): string {
    const at = this.context.placed.findIndex((leg) => leg.legId === legId);
    return `${at + 1}-kalshi`;
  }

  sendLeg(legId: string, event: EventObject): void {
    const ref = this.#legActor(legId);
    if (ref !== undefined) this.bench.runtime.send(ref, event);
  }

  breakLeg(legId: string): Problem {
    const ref = this.#legActor(legId);
    if (ref === undefined) return 'its actor has ended already';
    if (ref.id.endsWith('/restored')) this.hasLost = true;
    this.held.breakOff(this.bench.runtime, ref);
    return undefined;
  }

  /** What is asked about live orders waits again, and so do their cancels. */
  shutDoors(): void {
    for (const { report } of this.context.placed) {
      const order = report.standing === 'ended' ? undefined : this.held.find(report.order);
      if (order !== undefined) order.isOpen = false;
    }
  }

  check(): void {
    const { side } = this.bench;
    const truth = side.truth.matchedE6(side.yes);
    const { leastE6, mostE6 } = this.#exposures.spanOf(side.yes);
    if (truth < leastE6 || truth > mostE6)
      throw new Error(`expected ${leastE6} to ${mostE6} held, found ${truth} in ${this.state}`);
  }

  /** Once nothing fails any more its orders end, and what is believed is what is true. */
  async checkEnd(finish: () => void): Promise<void> {
    const { held, bench } = this;
    this.breaking = undefined;
    await held.calmDown(HOUSES);
    this.answer();
    finish();
    const isEnded = (): boolean => {
      held.conclude('CONFIRMED');
      return this.hasLost || bench.registry.open().length === 0;
    };
    if (!(await held.until(isEnded, CALM_MS))) throw new Error(`expected every order to end, found ${this.state}`);
    held.checkArrivals();
    const { side } = bench;
    const { leastE6, mostE6 } = this.#exposures.spanOf(side.yes);
    const truth = side.truth.matchedE6(side.yes);
    if (!this.hasLost && (leastE6 !== truth || mostE6 !== truth))
      throw new Error(`expected ${truth} and no doubt, found ${leastE6} to ${mostE6}`);
  }

  async close(): Promise<void> {
    this.bench.stop();
    this.bench.streams.close();
    await this.bench.time.until(this.bench.close());
  }

  #begin(input: object): void {
    this.#input = input;
    this.sinceMs = this.held.venues.clock.nowMs();
    this.#actor = this.bench.start(this.#given.kind, input as never);
  }

  async #begunAgain(earlier: (floor: PlacerFloor) => Promise<void>): Promise<void> {
    await earlier(this);
    const { placed, trigger } = this.context as Placing & { readonly trigger?: unknown };
    this.actor.stop();
    this.#asked = undefined;
    this.heard();
    this.#begin({ ...this.#input, restored: trigger === undefined ? { placed } : { trigger, placed } });
  }

  #leg(legId: string): PlacedLeg | undefined {
    return this.context.placed.find((leg) => leg.legId === this.legIdOf(legId));
  }

  #legActor(legId: string): AnyActorRef | undefined {
    const { children } = this.actor.actor.getSnapshot() as { readonly children: Readonly<Record<string, AnyActorRef>> };
    return children[this.#leg(legId)?.actorId ?? ''];
  }

  #ask(name: string, handle: () => void): void {
    if (this.breaking === name) {
      this.breaking = undefined;
      throw new Error('broken');
    }
    if (name === this.#given.asks && !this.held.isOpen) this.#asked = handle;
    else handle();
  }

  #report(attemptId: string, reports: readonly LegReport[]): void {
    const { clock } = this.bench;
    const at = { nowMs: clock.nowMs(), wall: clock.wall() };
    this.#exposures.adopt({ attemptId, group: GROUP, basketLegs: 1, reports, at });
  }

  async #buy(): Promise<void> {
    const { held, bench } = this;
    const bought = bench.buy();
    await held.write();
    held.doors[bench.side.name].openAll();
    await bought;
    held.doors[bench.side.name].isOpen = false;
    held.conclude('CONFIRMED');
    await held.settle(30_000);
    const reports = bench.words.flatMap((word) => (word.type === 'leg.reported' ? [word.report] : [])).slice(-1);
    this.#report('a1', reports);
  }
}
