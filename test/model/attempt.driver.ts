/**
 * Brings about what the model of an attempt says, at both simulated venues: a leg says something because its order
 * was filled, killed, refused, lost or taken off there. Nothing is said to the attempt but by its desk, its strategy
 * and its real legs, except for an event that no chart knows.
 */
import type { EventObject } from 'xstate';
import type { AttemptEvent } from '../../src/machines/attempt.events.ts';
import type { attemptMachine } from '../../src/machines/attempt.machine.ts';
import { cents, GAP } from '../actors/attempt-bench.ts';
import { runsIn, TIMERS } from './attempt.catalogue.ts';
import { AttemptFloor, type AttemptSetting } from './attempt.world.ts';
import type { Applied, Driver } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';
import { OrderWords, type Problem, reportsIn } from './order-words.ts';

type Machine = typeof attemptMachine;
type Heard<Type extends AttemptEvent['type']> = Extract<AttemptEvent, { readonly type: Type }>;

/** The longest timer of an attempt. */
const TIMER_MS = 25_000;
const CALM_MS = 300_000;

export class AttemptDriver implements Driver<Machine> {
  readonly #setting: AttemptSetting;
  #floor: AttemptFloor | undefined;
  #orders: OrderWords | undefined;
  #path: readonly EventObject[] = [];
  #at = 0;
  /** What breaks does so in the step that asks for it. */
  #hasBroken = false;

  constructor(setting: AttemptSetting) {
    this.#setting = setting;
  }

  async start({ events }: ModelPath): Promise<void> {
    this.#path = events;
    const floor = await AttemptFloor.open(this.#setting, this.#breaksNext());
    this.#floor = floor;
    this.#orders = new OrderWords({
      held: floor.held,
      report: (legId) => floor.context.reports.find(({ order }) => order.legId === legId),
      isSettled: (legId) => floor.context.settled.includes(legId),
      isOver: () => floor.isOver,
      reconcile: ({ venue }) => floor.bench.strategy.reconcile('a gap', venue),
      comes: (legId) => reportsIn(this.#path.slice(this.#at), legId),
    });
  }

  begun(): readonly ModelEvent<Machine>[] {
    return this.#took().took;
  }

  async apply(event: ModelEvent<Machine>, model: ModelState<Machine>): Promise<Applied<Machine>> {
    const { floor } = this;
    this.#at++;
    if (event.type === 'effect.failed' && this.#hasBroken) return { took: [] };
    floor.breaking = this.#breaksNext();
    const problem = await this.#bring(event as AttemptEvent, model);
    const applied = this.#took();
    return applied.took.length === 0 && problem !== undefined ? { unrealisable: problem } : applied;
  }

  state(): string {
    return this.floor.state;
  }

  check(model: ModelState<Machine>): void {
    const { floor } = this;
    const [found, expected] = [JSON.stringify(floor.context), JSON.stringify(model.context)];
    if (found !== expected) throw new Error(`expected ${expected}, found ${found}`);
    floor.bench.check();
    const { settled, dead, reports } = floor.context;
    const alone = reports.find(
      ({ order: { legId } }) =>
        !settled.includes(legId) && !dead.includes(legId) && floor.legActor(legId) === undefined,
    );
    if (alone !== undefined && !floor.isOver)
      throw new Error(`expected every open order to be followed, found ${alone.order.legId} alone`);
  }

  /** Once faults stop it comes to an end, and what is believed is what is true. */
  async checkEnd(): Promise<void> {
    const { floor } = this;
    await floor.calmDown();
    await floor.held.until(() => this.#isAtRest(), CALM_MS);
    floor.checkEnd();
  }

  async stop(): Promise<void> {
    await this.#floor?.close();
  }

  private get floor(): AttemptFloor {
    if (this.#floor === undefined) throw new Error('expected a started attempt, found none');
    return this.#floor;
  }

  get #words(): OrderWords {
    if (this.#orders === undefined) throw new Error('expected a started attempt, found none');
    return this.#orders;
  }

  #isAtRest(): boolean {
    const { floor } = this;
    floor.held.conclude('CONFIRMED');
    // Nobody can be asked about a leg that broke twice: a person takes over.
    if (!floor.isOver && floor.context.dead.length > 0)
      floor.bench.strategy.closeAttempt(floor.plan.attemptId, 'ann', 'takes over');
    return floor.isAtRest;
  }

  #took(): { readonly took: readonly ModelEvent<Machine>[] } {
    const took = this.floor.heard();
    this.#hasBroken = took.some(({ type }) => type === 'effect.failed');
    return { took: took as readonly ModelEvent<Machine>[] };
  }

  #breaksNext(): string | undefined {
    const next = this.#path[this.#at];
    return next?.type === 'effect.failed' ? (next as Heard<'effect.failed'>).effect : undefined;
  }

  async #bring(event: AttemptEvent, model: ModelState<Machine>): Promise<Problem> {
    const { floor } = this;
    const { strategy } = floor.bench;
    switch (event.type) {
      case 'leg.reported':
        return this.#words.report(event.report);
      case 'leg.reversed':
        return 'a match fails with its report';
      case 'entry.revoked':
        strategy.breakerOpened(event.reason);
        return undefined;
      case 'closing.requested':
        strategy.closeAttempt(floor.plan.attemptId, event.by, event.reason);
        return undefined;
      case 'fill.surfaced':
        strategy.surfaced({ attemptId: floor.plan.attemptId, legId: event.legId });
        return undefined;
      case 'reconciliation.requested':
        strategy.reconcile(event.reason, event.venue);
        await floor.held.settle();
        return undefined;
      case 'evidence.noted':
        return 'it comes with an asymmetry';
      case 'effect.failed':
        return 'nobody asked for it';
      default:
        return this.#other(event, model);
    }
  }

  async #other(event: AttemptEvent, { text }: ModelState<Machine>): Promise<Problem> {
    const { type } = event;
    if (TIMERS.has(type)) {
      if (!runsIn(text, type)) return 'this timer does not run';
      return (await this.floor.held.until(() => this.#hears(type), TIMER_MS)) ? undefined : 'this timer was stopped';
    }
    const [, end, legId = ''] = /^xstate\.(error|done)\.actor\.leg\/(.+)$/.exec(type) ?? [];
    if (end === 'error') return this.#breakLeg(legId);
    if (end === 'done') return this.#words.settle(legId);
    if (type === ('nonsense' as never)) {
      this.floor.bench.runtime.send(this.floor.ref, event);
      return undefined;
    }
    return this.#answer(event);
  }

  #breakLeg(legId: string): Problem {
    const leg = this.floor.legActor(legId);
    if (leg === undefined) return 'its actor has ended already';
    this.floor.held.breakOff(this.floor.bench.runtime, leg);
    return undefined;
  }

  #hears(type: string): boolean {
    return this.floor.isOver || this.floor.hasHeard(type);
  }

  /** The desk looks at what the houses show. */
  async #answer(event: AttemptEvent): Promise<Problem> {
    const { floor } = this;
    if (!floor.isAsked) return 'the desk was not asked';
    const { availability } = floor.bench;
    const closed = { entries: false, reducing: false, reason: 'closed' };
    if (event.type === 'hedge.impossible') availability.set(floor.plan.legs[1]?.venue ?? 'kalshi', closed);
    else if (event.type === 'look.failed') this.#empty();
    else if (event.type.startsWith('repair.') || event.type === 'dust.left') this.#market(event);
    await floor.held.settle();
    floor.answer();
    availability.clear();
    if (event.type === 'look.failed') this.#back();
    return undefined;
  }

  #empty(): void {
    for (const venue of ['kalshi', 'polymarket'] as const) this.floor.held.house(venue, { bids: [], asks: [] });
  }

  #back(): void {
    for (const venue of ['kalshi', 'polymarket'] as const) this.floor.held.house(venue, GAP[venue]);
  }

  /** YES at Kalshi and NO at Polymarket: what a completion buys is asked, what an unwinding sells is bid. */
  #market(event: AttemptEvent): void {
    const { floor } = this;
    const bought = { kalshi: 45, polymarket: 52 };
    // Dust has a market that would take more.
    const isBought = event.type === 'dust.left' || (event.type === 'repair.planned' && event.kind === 'completion');
    const isSold = event.type === 'repair.postponed' || (event.type === 'repair.planned' && event.kind === 'unwind');
    const ask = isBought ? [cents(bought.kalshi + 1, 100)] : [];
    floor.held.house('kalshi', { asks: ask, bids: isSold ? [cents(bought.kalshi - 1, 100)] : [] });
    floor.held.house('polymarket', {
      bids: isBought ? [cents(bought.polymarket - 1, 100)] : [],
      asks: isSold ? [cents(bought.polymarket + 1, 100)] : [],
    });
  }
}
