/**
 * One attempt of a real strategy, with its real desk and real order legs, at both simulated venues. The desk answers
 * when the driver lets it.
 */
import type { AnyActorRef, EventObject } from 'xstate';
import type { ActorHandle } from '../../src/actors/actor-runtime.ts';
import type { OrphanFill } from '../../src/actors/fill-router.ts';
import { stateText } from '../../src/actors/record-fields.ts';
import type { AttemptPlan, ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import { lateReport } from '../../src/domain/execution/late-fill.ts';
import { doubted } from '../../src/domain/execution/policy.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import { millis } from '../../src/domain/units.ts';
import type { AttemptContext, RestoredAttempt } from '../../src/machines/attempt.events.ts';
import { type AttemptBench, attemptBench, GAP } from '../actors/attempt-bench.ts';
import { bentRuntime, HeldVenues, NEVER_MS } from './held-venues.ts';

/** What the desk answers when it is let to. */
const HELD: ReadonlySet<string> = new Set(['requestLastLook', 'requestHedge', 'requestRepairPlan']);
/** Timers close to each other: a rest ends before its hedge is due, and looks come before the repair is over. */
export const LIMITS = {
  restMsMax: millis(1_000),
  hedgeDeadlineMs: millis(2_500),
  stuckRetryMs: millis(1_000),
  repairMsMax: millis(20_000),
  repairOrdersMax: 1,
};
/** A quarter of it is less than Polymarket takes in one order. */
export const SIZE = 5;

export interface AttemptSetting {
  readonly policy: ExecutionPolicy;
  readonly makerVenue?: VenueName;
  /** It was over: its orders were refused, and one of them fills after all. */
  readonly isTakenUp?: true;
}

export class AttemptFloor {
  readonly held: HeldVenues;
  /** The handler of this effect breaks when it is asked next. */
  breaking: string | undefined;
  /** What it was taken up with. */
  restored: RestoredAttempt | undefined;
  #asked: (() => void) | undefined;
  #bench: AttemptBench | undefined;
  #ref: AnyActorRef | undefined;

  private constructor(held: HeldVenues) {
    this.held = held;
  }

  static async open({ isTakenUp, ...terms }: AttemptSetting, breaking?: string): Promise<AttemptFloor> {
    const floor = new AttemptFloor(await HeldVenues.open(GAP));
    const { held } = floor;
    floor.#bench = await attemptBench({
      ...terms,
      size: SIZE,
      repair: LIMITS,
      venues: held.asVenues(),
      bendDesk: (runtime) => bentRuntime(runtime, (name, actor, handle) => floor.#ask(name, actor, handle)),
      onOrphanFill: (orphan) => floor.#takeIn(orphan),
    });
    held.check = () => floor.bench.check();
    floor.breaking = breaking;
    const approval = floor.bench.approve();
    if (approval.kind !== 'started') throw new Error(`expected a start, found ${approval.reason}: ${approval.detail}`);
    if (isTakenUp === true) await floor.#fillLate();
    return floor;
  }

  get bench(): AttemptBench {
    if (this.#bench === undefined) throw new Error('expected a bench, found none');
    return this.#bench;
  }

  get plan(): AttemptPlan {
    return this.bench.plan();
  }

  get ref(): AnyActorRef {
    if (this.#ref === undefined) throw new Error('expected an actor, found none');
    return this.#ref;
  }

  get context(): AttemptContext {
    return (this.ref.getSnapshot() as { readonly context: AttemptContext }).context;
  }

  get state(): string {
    return stateText((this.ref.getSnapshot() as { readonly value: unknown }).value);
  }

  get isOver(): boolean {
    return this.ref.getSnapshot().status !== 'active';
  }

  get path(): string {
    return `strategy/box/attempt/${this.plan.attemptId}`;
  }

  get isAsked(): boolean {
    return this.#asked !== undefined;
  }

  /** A person took over what was left: nobody follows it here. */
  get isAbandoned(): boolean {
    return this.state === 'abandoned';
  }

  /** No attempt lives, and no order is open. */
  get isAtRest(): boolean {
    const { registry, strategy } = this.bench;
    return this.isOver && strategy.liveAttempts === 0 && (this.isAbandoned || registry.open().length === 0);
  }

  heard(): EventObject[] {
    return this.held.heard(this.path);
  }

  hasHeard(type: string): boolean {
    return this.held.hasHeard(this.path, (event) => event.type === type);
  }

  /** The desk does what it was asked for. */
  answer(): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.();
  }

  legActor(legId: string): AnyActorRef | undefined {
    const { children } = this.ref.getSnapshot() as { readonly children: Readonly<Record<string, AnyActorRef>> };
    return children[`leg/${legId}`];
  }

  async calmDown(): Promise<void> {
    this.breaking = undefined;
    await this.held.calmDown(GAP);
    this.answer();
  }

  checkEnd(): void {
    const { bench, held } = this;
    if (!this.isAtRest) throw new Error(`expected an end, found ${this.state}`);
    bench.check();
    held.checkArrivals();
    const unplanned = bench.faults.filter(({ message }) => !message.includes('broken'));
    if (unplanned.length > 0) throw new Error(`expected no fault, found ${JSON.stringify(unplanned)}`);
    if (!this.isAbandoned) bench.checkCertain();
  }

  close(): Promise<void> {
    return this.bench.end();
  }

  #ask(name: string, { ref }: ActorHandle, handle: () => void): void {
    this.#ref ??= ref;
    if (this.breaking === name) {
      this.breaking = undefined;
      throw new Error('broken');
    }
    // Whoever asks again does not want the first answer any more.
    if (HELD.has(name) && !this.held.isOpen) this.#asked = handle;
    else handle();
  }

  async #fillLate(): Promise<void> {
    const { held } = this;
    this.answer();
    await held.write();
    const [first, second] = this.context.reports.map(({ order }) => order);
    if (first === undefined || second === undefined) throw new Error('expected two orders, found fewer');
    const refused = { kind: 'refused', reason: 'forbidden', detail: 'said so', retryAfterMs: undefined } as const;
    for (const order of [first, second]) {
      const waiting = held.find(order);
      if (waiting !== undefined) held.doors[order.venue].answer(waiting, refused);
    }
    await held.until(() => this.isOver, NEVER_MS);
    await held.arrive(first, first.sizeE6, (outcome) => outcome);
  }

  /** As trading does: an attempt that lives asks again, and one that was over lives again; all else stands alone. */
  #takeIn({ fill, order, isContradiction }: OrphanFill): void {
    const { clock, exposures } = this.bench;
    if (order !== undefined && !isContradiction && this.bench.strategy.surfaced(order)) return;
    if (order === undefined || isContradiction) {
      const at = { nowMs: clock.nowMs(), wall: clock.wall() };
      exposures.report(`late/${fill.tradeId}`, [lateReport(fill, order)], at);
      return;
    }
    const { sinceMicros } = this.context;
    const reports = this.context.reports.map((report) =>
      report.order.legId === order.legId ? doubted(report) : report,
    );
    const settled = reports.flatMap(({ order: { legId } }) => (legId === order.legId ? [] : [legId]));
    this.bench.strategy.recover(this.plan, sinceMicros, { reports, settled });
    this.restored = { reports, settled };
    this.#ref = this.bench.attempt() as unknown as AnyActorRef;
    this.held.forget(this.path);
  }
}
