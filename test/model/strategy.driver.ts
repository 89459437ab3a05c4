/**
 * Brings about what the model of a strategy says, with real attempts and real order legs at both simulated venues. The
 * model calls attempts by the name of their watch; here each has an id of its own.
 */
import type { AnyActorRef, EventObject } from 'xstate';
import { stateText } from '../../src/actors/record-fields.ts';
import type { AttemptPlan } from '../../src/domain/execution/attempt-plan.ts';
import type { LegOrder } from '../../src/domain/execution/leg.ts';
import type { RestoredAttempt } from '../../src/machines/attempt.events.ts';
import type { StrategyContext, StrategyEvent, strategyMachine } from '../../src/machines/strategy.machine.ts';
import { type AttemptBench, attemptBench, GAP } from '../actors/attempt-bench.ts';
import { LIMITS, SIZE } from './attempt.world.ts';
import type { Applied, Driver } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';
import { bentRuntime, HeldVenues, VENUES } from './held-venues.ts';

type Machine = typeof strategyMachine;
type Problem = string | undefined;

const PATH = 'strategy/box';
const ENDED_MS = 150_000;
const TOLD_MS = 2_000;
const FOLLOWED_MS = 35_000;
const CALM_MS = 300_000;
export const ATTEMPTS_MAX = 2;

export class StrategyDriver implements Driver<Machine> {
  #held: HeldVenues | undefined;
  #bench: AttemptBench | undefined;
  #path: readonly EventObject[] = [];
  #at = 0;
  #breaking: string | undefined;
  readonly #plans = new Map<string, AttemptPlan>();

  async start({ events }: ModelPath): Promise<void> {
    this.#path = events;
    const held = await HeldVenues.open(GAP);
    this.#held = held;
    this.#bench = await attemptBench({
      size: SIZE,
      repair: LIMITS,
      attemptsMax: ATTEMPTS_MAX,
      venues: held.asVenues(),
      bendStrategy: (runtime) =>
        bentRuntime(runtime, (name, _actor, handle) => {
          if (this.#breaking === name) {
            this.#breaking = undefined;
            throw new Error('broken');
          }
          handle();
        }),
    });
    held.check = () => this.bench.check();
  }

  async apply(event: ModelEvent<Machine>): Promise<Applied<Machine>> {
    this.#at++;
    const next = this.#path[this.#at] as { readonly type: string; readonly effect?: string } | undefined;
    // What comes with what went before it was followed then.
    if (COMES_WITH.has(event.type)) return { took: [] };
    this.#breaking = next?.type === 'effect.failed' ? next.effect : undefined;
    const problem = await this.#bring(event as StrategyEvent);
    const took = this.held.heard(PATH);
    if (took.length === 0 && problem !== undefined) return { unrealisable: problem };
    return { took: took as readonly ModelEvent<Machine>[] };
  }

  state(): string {
    return stateText(this.#actor.getSnapshot().value);
  }

  check(model: ModelState<Machine>): void {
    const [found, expected] = [JSON.stringify(this.#context), JSON.stringify(model.context)];
    if (found !== expected) throw new Error(`expected ${expected}, found ${found}`);
    this.bench.check();
  }

  async checkEnd(): Promise<void> {
    const { held, bench } = this;
    await held.calmDown(GAP);
    const isOver = (): boolean => {
      held.conclude('CONFIRMED');
      return this.#context.attempts.length === 0 && this.#isFollowedUp;
    };
    if (!(await held.until(isOver, CALM_MS)))
      throw new Error(`expected an end, found ${JSON.stringify(this.#context)}`);
    held.checkArrivals();
    bench.checkCertain();
  }

  async stop(): Promise<void> {
    await this.#bench?.end();
  }

  private get held(): HeldVenues {
    if (this.#held === undefined) throw new Error('expected venues, found none');
    return this.#held;
  }

  private get bench(): AttemptBench {
    if (this.#bench === undefined) throw new Error('expected a bench, found none');
    return this.#bench;
  }

  get #actor() {
    return this.bench.strategy.actor;
  }

  get #context(): StrategyContext {
    return this.#actor.getSnapshot().context;
  }

  get #isFollowedUp(): boolean {
    return this.#context.orphans.length === 0 && this.bench.registry.open().length === 0;
  }

  async #bring(event: StrategyEvent): Promise<Problem> {
    const { strategy } = this.bench;
    switch (event.type) {
      case 'edge.approved':
        return this.#approve(event.plan.watchId);
      case 'attempt.recovered':
        return this.#recover(event.plan.watchId);
      case 'edge.vanished':
        strategy.edgeVanished(watchNamed(event.watchId), event.reason);
        return undefined;
      case 'breaker.opened':
        strategy.breakerOpened(event.reason);
        return undefined;
      case 'attempt.closing.requested':
        strategy.closeAttempt(this.#plans.get(event.attemptId)?.attemptId ?? 'none', event.by, event.reason);
        return undefined;
      case 'fill.surfaced':
        strategy.surfaced({ attemptId: this.#plans.get(event.attemptId)?.attemptId ?? 'none', legId: event.legId });
        return undefined;
      case 'drain.requested':
        strategy.drain(event.reason);
        return undefined;
      case 'resume.requested':
        strategy.resume();
        return undefined;
      case 'reconciliation.requested':
        strategy.reconcile(event.reason, event.venue);
        return undefined;
      default:
        return this.#other(event);
    }
  }

  async #other(event: StrategyEvent): Promise<Problem> {
    const { type } = event;
    const [, end, actorId = ''] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(type) ?? [];
    if (end !== undefined) return this.#end(end, actorId);
    if (type === 'leg.reported') return this.#tell(({ venue }) => venue === event.report.order.venue);
    if (type === 'leg.reversed') return this.#takeBack();
    if (type === 'following.due') return this.#follow();
    if (type === ('nonsense' as never)) this.bench.runtime.send(this.#actor, event);
    return 'it comes with something else';
  }

  async #approve(watchId: string): Promise<Problem> {
    const approval = this.bench.approve(watchNamed(watchId));
    if (approval.kind === 'refused') return `its door says ${approval.reason} first`;
    this.#plans.set(watchId, approval.plan);
    // What breaks at once does so before its orders have left.
    if (this.#path[this.#at]?.type.startsWith('xstate.error') !== true) await this.held.write();
    return undefined;
  }

  /** An attempt that is over lives again, with nothing left to ask about. */
  #recover(watchId: string): Problem {
    const plan = this.#plans.get(watchId);
    if (plan === undefined) return 'nothing is known of it';
    const reports = this.bench.outcomes.find(({ attemptId }) => attemptId === plan.attemptId)?.reports ?? [];
    const restored: RestoredAttempt = { reports, settled: reports.map(({ order }) => order.legId) };
    this.bench.strategy.recover(plan, this.bench.clock.wall(), restored);
    return undefined;
  }

  async #end(how: string, actorId: string): Promise<Problem> {
    const id = this.#idOf(actorId);
    const child = (this.#actor.getSnapshot().children as Readonly<Record<string, AnyActorRef>>)[id];
    if (child === undefined) return 'its actor has ended already';
    if (how === 'error') {
      if (this.#leavesNothing) await this.#runDry();
      this.held.breakOff(this.bench.runtime, child);
      return undefined;
    }
    await this.held.write();
    for (const order of this.#openOrders()) {
      await this.held.arrive(order, order.sizeE6);
      this.held.openDoor(order);
    }
    const isOver = (): boolean => {
      this.held.conclude('CONFIRMED');
      return this.held.hasHeard(PATH, (event) => event.type === `xstate.done.actor.${id}`);
    };
    return (await this.held.until(isOver, ENDED_MS)) ? undefined : 'its venues have more to say';
  }

  get #leavesNothing(): boolean {
    const next = this.#path[this.#at] as Partial<Extract<StrategyEvent, { type: 'orphans.found' }>> | undefined;
    return next?.orphans?.length === 0;
  }

  /** One order fills and the other does not, nobody is there to repair it, and both venues have said their last word. */
  async #runDry(): Promise<void> {
    const { held } = this;
    for (const venue of VENUES) held.house(venue, { bids: [], asks: [] });
    for (const order of this.#openOrders()) {
      await held.arrive(order, order.venue === 'kalshi' ? order.sizeE6 : 0);
      held.openDoor(order);
    }
    await held.until(() => this.bench.registry.open().length === 0, ENDED_MS);
  }

  /** `attempt/a` is the attempt of the watch a; `orphan/a/1-kalshi` what that one left. */
  #idOf(actorId: string): string {
    const [kind = '', watchId = '', ...rest] = actorId.split('/');
    return [kind, this.#plans.get(watchId)?.attemptId ?? watchId, ...rest].join('/');
  }

  #openOrders(): readonly LegOrder[] {
    return this.bench.registry.open().map(({ order }) => order);
  }

  /** An orphan of that venue fills, and what is known of it comes through. */
  async #tell(isMeant: (order: LegOrder) => boolean): Promise<Problem> {
    const order = this.#openOrders().find(isMeant);
    if (order === undefined) return 'no order is open there';
    await this.held.write();
    await this.held.arrive(order, order.sizeE6);
    this.held.openDoor(order);
    const isTold = (): boolean => this.held.hasHeard(PATH, ({ type }) => type === 'leg.reported');
    return (await this.held.until(isTold, TOLD_MS)) ? undefined : 'nothing is told of it';
  }

  async #follow(): Promise<Problem> {
    const isDue = (): boolean => this.held.hasHeard(PATH, ({ type }) => type === 'following.due');
    return (await this.held.until(isDue, FOLLOWED_MS)) ? undefined : 'nothing of it is lost';
  }

  async #takeBack(): Promise<Problem> {
    this.held.conclude('FAILED');
    await this.held.settle();
    return this.held.hasHeard(PATH, ({ type }) => type === 'leg.reversed') ? undefined : 'nothing of it has matched';
  }
}

/** Heard in the step in which something else is brought about. */
const COMES_WITH: ReadonlySet<string> = new Set(['orphans.found', 'effect.failed']);

function watchNamed(name: string): string {
  return `box ${name}`;
}
