/** An attempt whose legs and desk say what the test tells them to. */
import { assign, type createActor, sendParent, setup } from 'xstate';
import { type ActorFault, ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { stateText } from '../../src/actors/record-fields.ts';
import type { AttemptPlan, ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import type { LegEnd, LegOrder, LegReport } from '../../src/domain/execution/leg.ts';
import { plannedReport } from '../../src/domain/execution/policy.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import type { Trigger } from '../../src/domain/limits/trigger.ts';
import type { JournalRecord } from '../../src/domain/ports/journal.ts';
import type { OrderRefusal } from '../../src/domain/ports/venue.ts';
import { contracts, microUsd, millis, notional, priceE4, sizeE6 } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import type { AttemptInput, AttemptOutcome } from '../../src/machines/attempt.events.ts';
import { attemptMachine } from '../../src/machines/attempt.machine.ts';
import { attemptEffects } from '../../src/machines/attempt.setup.ts';
import type { Edge } from '../../src/machines/edges.ts';
import { reportUnexpected } from '../../src/machines/effects.ts';

export const REPAIR = {
  hedgeDeadlineMs: millis(2_000),
  restMsMax: millis(10_000),
  repairMsMax: millis(5_000),
  repairLossMicroUsdMax: microUsd(1_000_000),
  repairOrdersMax: 2,
  stuckRetryMs: millis(5_000),
  dustMicroUsdMax: microUsd(500_000),
};

export function orderOf(legId: string, of: Partial<LegOrder> = {}): LegOrder {
  const venue = (legId.split('-')[1] ?? 'kalshi') as VenueName;
  return {
    attemptId: 'a1',
    legId,
    venue,
    role: 'entry',
    basketLeg: venue === 'kalshi' ? 0 : 1,
    clientOrderId: `client-${legId}`,
    instrument: { book: `${venue}/m`, inverted: false },
    action: 'buy',
    limitE4: priceE4(4_500),
    sizeE6: contracts(10),
    timeInForce: 'fillOrKill',
    expiresAt: undefined,
    postOnly: false,
    reduceOnly: false,
    isReducing: false,
    ...of,
  };
}

export function planOf(policy: ExecutionPolicy, of: Partial<AttemptPlan> = {}): AttemptPlan {
  const isMaker = policy === 'makerThenHedge';
  const lead = orderOf('1-kalshi', isMaker ? { timeInForce: 'goodTillCanceled', postOnly: true } : {});
  const other = orderOf('2-polymarket', policy === 'together' ? {} : { role: 'hedge', isReducing: true });
  return {
    attemptId: 'a1',
    opportunityId: 'o1',
    watchId: 'w1',
    label: 'a box',
    policy,
    legs: [lead, other],
    sizeE6: contracts(10),
    promisedE4: 10_000,
    capitalMicroUsd: microUsd(9_000_000),
    profitMicroUsd: microUsd(1_000_000),
    books: [],
    repair: REPAIR,
    ...of,
  };
}

/** What a leg would say, in contracts. */
export interface Said {
  readonly final?: number;
  readonly provisional?: number;
  /** What may still fill; nothing once it has ended. */
  readonly open?: number;
  readonly end?: LegEnd;
  readonly refusal?: OrderRefusal;
  readonly standing?: LegReport['standing'];
}

export function reportOf(order: LegOrder, said: Said): LegReport {
  const filled = (said.final ?? 0) + (said.provisional ?? 0);
  const isEnded = said.end !== undefined;
  const open = said.open ?? (isEnded ? 0 : order.sizeE6 / 1_000_000 - filled);
  const cash = notional(order.limitE4, sizeE6(Math.round(filled * 1_000_000)));
  return {
    ...plannedReport(order),
    standing: said.standing ?? (isEnded ? 'ended' : 'working'),
    end: said.end,
    refusal: said.refusal,
    finalE6: sizeE6(Math.round((said.final ?? 0) * 1_000_000)),
    provisionalE6: sizeE6(Math.round((said.provisional ?? 0) * 1_000_000)),
    openE6: sizeE6(Math.round(open * 1_000_000)),
    cashMicroUsd: microUsd(order.action === 'buy' ? cash : 0 - cash),
    isAccounted: isEnded,
  };
}

/** A leg that passes on to its parent what it is told, keeps what its parent wishes, and breaks on demand. */
const puppet = setup({
  types: {} as {
    context: { order: LegOrder; isRestored: boolean; wishes: readonly string[] };
    input: { order: LegOrder; restored?: unknown };
    events:
      | { type: 'say'; word: { type: string } }
      | { type: 'break' }
      | { type: 'end' }
      | { type: 'cancel.requested' }
      | { type: 'reconciliation.requested' };
  },
  actions: {
    reportUnexpected,
    pass: sendParent(({ event }) => (event as { word: { type: string } }).word),
    keepWish: assign(({ context, event }) => ({ wishes: [...context.wishes, event.type] })),
    fail: () => {
      throw new Error('broken');
    },
  },
}).createMachine({
  id: 'orderLeg',
  context: ({ input }) => ({ order: input.order, isRestored: input.restored !== undefined, wishes: [] }),
  initial: 'live',
  states: { live: {}, over: { type: 'final' } },
  on: {
    say: { actions: 'pass' },
    break: { actions: 'fail' },
    end: '.over',
    '*': { actions: 'keepWish' },
  },
});

export interface AttemptRigOptions {
  readonly input?: Partial<AttemptInput>;
  /** The handler of an effect throws. */
  readonly failing?: string;
  readonly onEdge?: (machine: string, edge: Edge) => void;
  /** The desk answers nothing by itself, not even with the time. */
  readonly isMute?: boolean;
}

export class AttemptRig {
  readonly clock = new VirtualClock();
  readonly records: JournalRecord[] = [];
  readonly faults: ActorFault[] = [];
  readonly triggers: Trigger[] = [];
  readonly outcomes: AttemptOutcome[] = [];
  readonly released: string[] = [];
  readonly asked: { readonly effect: string; readonly params: unknown }[] = [];
  readonly runtime: ActorRuntime;
  readonly actor;
  readonly #orders = new Map<string, LegOrder>();

  constructor(plan: AttemptPlan, { input = {}, failing, onEdge, isMute = false }: AttemptRigOptions = {}) {
    this.runtime = new ActorRuntime({
      clock: this.clock,
      journal: { append: (record) => this.records.push(record) },
      onFault: (fault) => this.faults.push(fault),
      definitionOf: () => 'sha256:0',
      ...(onEdge === undefined ? {} : { onEdge }),
    });
    const ask = (effect: string) => (_actor: unknown, params: unknown) => {
      if (effect === failing) throw new Error('no desk');
      this.asked.push({ effect, params });
    };
    const orderLeg = this.runtime.bind(puppet, {}, {});
    const machine = this.runtime.bind(
      attemptMachine,
      attemptEffects,
      {
        requestLastLook: ask('requestLastLook'),
        requestHedge: ask('requestHedge'),
        requestRepairPlan: ask('requestRepairPlan'),
        requestRefresh: ask('requestRefresh'),
        reportExposure: ask('reportExposure'),
        reportAsymmetry: (actor, { trigger }) => {
          this.triggers.push(trigger);
          if (!isMute) actor.send({ type: 'evidence.noted', atMs: this.clock.nowMs() } as never);
        },
        reportTrigger: (_actor, { trigger }) => void this.triggers.push(trigger),
        recordOutcome: (_actor, { outcome }) => void this.outcomes.push(outcome),
        releaseReservation: (_actor, { outcome }) => void this.released.push(outcome.attemptId),
      },
      { orderLeg },
    );
    for (const order of plan.legs) this.#orders.set(order.legId, order);
    this.actor = this.runtime.start(machine, { id: 'attempt/a1', input: { plan, sinceMicros: 5, ...input } });
  }

  get state(): string {
    return stateText(this.actor.getSnapshot().value);
  }

  get context() {
    return this.actor.getSnapshot().context;
  }

  get kinds(): string[] {
    return this.triggers.map(({ kind }) => kind);
  }

  /** Names of what was asked of the desk, exposure reports left out. */
  get requests(): string[] {
    return this.asked.map(({ effect }) => effect).filter((effect) => effect !== 'reportExposure');
  }

  lastAsked(effect: string): unknown {
    return this.asked.findLast((one) => one.effect === effect)?.params;
  }

  get unexpected(): string[] {
    return this.records.flatMap((record) => (record.kind === 'ignored' ? [String(record.event.type)] : []));
  }

  send(event: { readonly type: string; readonly [field: string]: unknown }): this {
    for (const order of (event.orders as readonly LegOrder[] | undefined) ?? []) this.#orders.set(order.legId, order);
    this.runtime.send(this.actor, event);
    return this;
  }

  /** The desk allows the opening orders. */
  pass(...orders: readonly LegOrder[]): this {
    const { plan } = this.context;
    const opening = plan.policy === 'together' ? plan.legs : plan.legs.slice(0, 1);
    return this.send({ type: 'look.passed', orders: orders.length > 0 ? orders : opening });
  }

  leg(legId: string) {
    const child = this.actor.getSnapshot().children[`leg/${legId}` as never] as
      | ReturnType<typeof createActor<typeof puppet>>
      | undefined;
    if (child === undefined) throw new Error(`expected leg ${legId} to live, found none`);
    return child;
  }

  isLive(legId: string): boolean {
    return this.actor.getSnapshot().children[`leg/${legId}` as never] !== undefined;
  }

  wishes(legId: string): readonly string[] {
    return this.leg(legId).getSnapshot().context.wishes;
  }

  say(legId: string, said: Said): this {
    const order = this.#orders.get(legId);
    if (order === undefined) throw new Error(`expected an order ${legId}, found none`);
    this.runtime.send(this.leg(legId), {
      type: 'say',
      word: { type: 'leg.reported', report: reportOf(order, said) },
    } as never);
    return this;
  }

  settle(...legIds: readonly string[]): this {
    for (const legId of legIds) this.endLeg(legId);
    return this;
  }

  endLeg(legId: string): this {
    this.runtime.send(this.leg(legId), { type: 'end' });
    return this;
  }

  breakLeg(legId: string): this {
    this.runtime.send(this.leg(legId), { type: 'break' });
    return this;
  }
}

export function repairOf(kind: 'completion' | 'unwind', orders: readonly LegOrder[], worst = 100_000) {
  return { type: 'repair.planned', kind, orders, costMicroUsd: worst, worstMicroUsd: worst, atMs: 0 };
}

export function repairOrder(legId: string, count: number, of: Partial<LegOrder> = {}): LegOrder {
  return orderOf(legId, {
    role: 'completion',
    sizeE6: sizeE6(count * 1_000_000),
    timeInForce: 'immediateOrCancel',
    isReducing: true,
    ...of,
  });
}
