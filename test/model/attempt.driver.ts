/**
 * Brings about what the model of an attempt says, at both simulated venues: a leg says something because its order
 * was filled, killed, refused, lost or taken off there. Nothing is said to the attempt but by its desk, its strategy
 * and its real legs, except for an event that no chart knows.
 */
import type { EventObject } from 'xstate';
import { confirmedE6, type LegOrder, type LegReport } from '../../src/domain/execution/leg.ts';
import { isImmediate } from '../../src/domain/execution/leg-evidence.ts';
import type { ServerAnswer } from '../../src/domain/ports/local-server.ts';
import type { OrderOutcome } from '../../src/domain/ports/venue.ts';
import type { AttemptEvent } from '../../src/machines/attempt.events.ts';
import type { attemptMachine } from '../../src/machines/attempt.machine.ts';
import { cents, GAP } from '../actors/attempt-bench.ts';
import { runsIn, TIMERS } from './attempt.catalogue.ts';
import { AttemptFloor, type AttemptSetting } from './attempt.world.ts';
import type { Applied, Driver } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';

type Machine = typeof attemptMachine;
type Heard<Type extends AttemptEvent['type']> = Extract<AttemptEvent, { readonly type: Type }>;
/** Why the world cannot do it; `undefined` where it did. */
type Problem = string | undefined;

const LOT_E6 = 10_000;
/** The longest timer of an attempt. */
const TIMER_MS = 25_000;
/** Until an order that never came is given up, and until a venue has said its last word. */
const GIVEN_UP_MS = 40_000;
const SETTLED_MS = 120_000;
const CALM_MS = 300_000;
const HELD_READ_MS = 1_000;

export class AttemptDriver implements Driver<Machine> {
  readonly #setting: AttemptSetting;
  #floor: AttemptFloor | undefined;
  #path: readonly EventObject[] = [];
  #at = 0;
  /** What breaks does so in the step that asks for it. */
  #hasBroken = false;

  constructor(setting: AttemptSetting) {
    this.#setting = setting;
  }

  async start({ events }: ModelPath): Promise<void> {
    this.#path = events;
    this.#floor = await AttemptFloor.open(this.#setting, this.#breaksNext());
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
        return this.#report(event.report);
      case 'leg.settled':
        return this.#settle(event.legId);
      case 'leg.reversed':
        return 'a match fails with its report';
      case 'entry.revoked':
        strategy.breakerOpened(event.reason);
        return undefined;
      case 'closing.requested':
        strategy.closeAttempt(floor.plan.attemptId, event.by, event.reason);
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
    if (end === 'done') return this.#settle(legId);
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

  /** Nothing more can come of it: the chain has confirmed, and time passes. */
  async #settle(legId: string): Promise<Problem> {
    const { floor } = this;
    const order = floor.orderOf(legId);
    if (order === undefined) return 'about an order that was never handed over';
    if (floor.context.settled.includes(legId)) return 'it has settled already';
    this.floor.held.openDoor(order);
    const isDone = (): boolean => {
      floor.held.conclude('CONFIRMED', order);
      return floor.isOver || floor.context.settled.includes(legId);
    };
    return (await floor.held.until(isDone, SETTLED_MS)) ? undefined : 'its venue has more to say';
  }

  async #report(wanted: LegReport): Promise<Problem> {
    const { floor } = this;
    const order = floor.orderOf(wanted.order.legId);
    if (order === undefined) return 'about an order that was never handed over';
    if (wanted.end === 'withheld') return this.#withhold(order);
    await floor.held.write();
    const held = floor.held.find(order);
    if (held === undefined) return 'it was never sent';
    if (wanted.end === 'refused' && wanted.refusal !== undefined) return this.#refuse(order, wanted.refusal);
    if (wanted.end === 'notAccepted') return this.#lose(order);
    const share = confirmedE6(wanted) / wanted.order.sizeE6;
    const fillE6 = shareOf(order, share);
    if (share === 0 && wanted.end === 'filled') return this.#fail(order);
    if (wanted.standing === 'unresolved') return this.#silence(order, fillE6);
    const problem = await this.#fill(order, fillE6);
    if (problem !== undefined) return problem;
    if (wanted.end === 'canceled') await floor.held.takeOff(order);
    await this.#tell(order, wanted);
    if (wanted.finalE6 > 0 && order.venue === 'polymarket') {
      floor.held.conclude('CONFIRMED', order);
      await floor.held.settle();
    }
    return undefined;
  }

  /** So much of it has matched, in all. */
  async #fill(order: LegOrder, fillE6: number): Promise<Problem> {
    const { floor } = this;
    if (floor.held.find(order)?.hasArrived === false) {
      await this.#send(order, fillE6);
      return undefined;
    }
    const missing = fillE6 - floor.held.filledE6(order);
    if (missing <= 0) return undefined;
    if (!floor.held.isResting(order)) return 'it does not rest any more';
    await floor.held.trade(order, missing);
    return undefined;
  }

  /** It reaches its venue, and so much of it matches; of what is to be filled whole only by a mistake of the venue. */
  async #send(order: LegOrder, fillE6: number, bend?: (outcome: OrderOutcome) => OrderOutcome): Promise<void> {
    const { floor } = this;
    if (!isImmediate(order)) {
      await floor.held.arrive(order, 0, bend);
      if (fillE6 > 0) await floor.held.trade(order, fillE6);
      return;
    }
    const isPart = order.timeInForce === 'fillOrKill' && fillE6 > 0 && fillE6 < order.sizeE6;
    const fault = isPart ? { id: 'O8', times: 1, parameters: { share: fillE6 / order.sizeE6 } } : undefined;
    await this.#under(order, fault, () => floor.held.arrive(order, isPart ? order.sizeE6 : fillE6, bend));
  }

  /** Whatever the venue knows of it comes through. */
  async #tell(order: LegOrder, { standing }: LegReport): Promise<void> {
    this.floor.held.openDoor(order);
    const isTold = (): boolean => {
      const known = this.floor.context.reports.find((report) => report.order.legId === order.legId);
      return known?.standing === standing || this.floor.isOver;
    };
    await this.floor.held.until(isTold, HELD_READ_MS);
  }

  async #withhold(order: LegOrder): Promise<Problem> {
    const { floor } = this;
    if (floor.held.find(order) !== undefined) return 'it has left';
    await floor.held.write({ message: 'disk full', cause: undefined });
    return undefined;
  }

  async #refuse(order: LegOrder, refusal: string): Promise<Problem> {
    const { floor } = this;
    if (floor.held.find(order)?.hasArrived !== false) return 'the venue took it';
    if (refusal === 'killed') return this.#fill(order, 0);
    if (this.#comesLate(order)) {
      // Somebody on the way refused what the venue takes later.
      const held = floor.held.find(order);
      const refused = { kind: 'refused', reason: refusal, detail: 'said so', retryAfterMs: undefined } as never;
      if (held !== undefined) floor.held.doors[order.venue].answer(held, refused);
      await floor.held.settle();
      return undefined;
    }
    if (refusal === 'insufficientBalance') {
      await this.#under(order, { id: 'O18', times: 1 }, () => floor.held.arrive(order, order.sizeE6));
      return undefined;
    }
    const { server } = floor.held.venues.side(order.venue);
    server.instead = ({ method, target }) =>
      method === 'POST' && target.includes('/order') ? PAUSED[order.venue] : undefined;
    await floor.held.arrive(order, 0);
    server.instead = undefined;
    return undefined;
  }

  /** The way goes on with a fill of what was refused. */
  #comesLate({ legId }: LegOrder): boolean {
    return this.#path.slice(this.#at).some((event) => {
      const { type, report } = event as unknown as { type: string; report?: LegReport };
      return type === 'leg.reported' && report?.order.legId === legId && confirmedE6(report) > 0;
    });
  }

  /** It never reaches its venue, and nobody says so: it is given up once complete reads agree. */
  async #lose(order: LegOrder): Promise<Problem> {
    const { floor } = this;
    const held = floor.held.find(order);
    if (held === undefined || held.hasArrived) return 'the venue took it';
    floor.held.doors[order.venue].answer(held, lost());
    floor.held.doors[order.venue].open(held);
    const isOver = (): boolean =>
      floor.context.reports.some((report) => report.order.legId === order.legId && report.standing === 'ended');
    return (await floor.held.until(() => isOver() || floor.isOver, GIVEN_UP_MS)) ? undefined : 'it was not given up';
  }

  /** Its reply is lost. What came of it is told only as far as it is said. */
  async #silence(order: LegOrder, fillE6: number): Promise<Problem> {
    const { floor } = this;
    const held = floor.held.find(order);
    if (held === undefined) return 'it was never sent';
    if (held.isAnswered) {
      if (isImmediate(order) || !floor.held.isResting(order)) return 'it was answered already';
      floor.bench.strategy.reconcile('a gap', order.venue);
      return undefined;
    }
    const isTold = fillE6 > 0;
    const next = this.#nextFill(order);
    floor.held.doors[order.venue].isDeaf = !isTold;
    if (next === 'never') floor.held.doors[order.venue].answer(held, lost());
    else await this.#send(order, isTold ? fillE6 : shareOf(order, next), lost);
    await floor.held.settle();
    return undefined;
  }

  /** What the way goes on to say of it: the share that filled, or that it never came. All of it, where nothing is said. */
  #nextFill({ legId }: LegOrder): number | 'never' {
    for (const event of this.#path.slice(this.#at)) {
      const { type, report } = event as unknown as { type: string; report?: LegReport };
      if (type !== 'leg.reported' || report?.order.legId !== legId) continue;
      if (report.end === 'notAccepted' || report.end === 'refused' || report.end === 'withheld') return 'never';
      return confirmedE6(report) / report.order.sizeE6;
    }
    return 1;
  }

  /** The chain takes back what had matched. */
  async #fail(order: LegOrder): Promise<Problem> {
    if (order.venue === 'kalshi') return 'what matches there is final';
    if (this.floor.held.filledE6(order) === 0) return 'nothing of it has matched';
    this.floor.held.conclude('FAILED', order);
    await this.floor.held.settle();
    return undefined;
  }

  async #under(order: LegOrder, fault: object | undefined, act: () => Promise<void>): Promise<void> {
    const side = this.floor.held.venues.side(order.venue);
    if (fault !== undefined) side.setFaults(fault as never);
    await act();
    side.setFaults();
  }
}

const PAUSED = {
  kalshi: reply(409, '{"error":{"code":"trading_is_paused","message":"paused"}}'),
  polymarket: reply(503, '{"error":"Trading is currently disabled. Check polymarket.com for updates"}'),
} as const;

function reply(status: number, body: string): ServerAnswer {
  return { kind: 'reply', reply: { status, headers: { 'content-type': 'application/json' }, body } };
}

/** In whole lots. */
function shareOf({ sizeE6 }: LegOrder, share: number): number {
  return Math.round((sizeE6 * share) / LOT_E6) * LOT_E6;
}

function lost() {
  return { kind: 'unknown', detail: 'reset', hasLanded: false, venueOrderId: undefined } as const;
}
