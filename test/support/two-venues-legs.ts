/** Order legs at the two venues: the real desk, accounts and router, and a parent that only listens. */

import { type AnyStateMachine, assign, enqueueActions, setup } from 'xstate';
import { Accounts } from '../../src/actors/accounts.ts';
import { type ActorFault, ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { FillRouter, type OrphanFill } from '../../src/actors/fill-router.ts';
import { ListedInstruments } from '../../src/actors/listed-instruments.ts';
import { type FinalLook, OrderDesk } from '../../src/actors/order-desk.ts';
import { bindOrderLeg } from '../../src/actors/order-leg.actor.ts';
import { OrderRegistry } from '../../src/actors/order-registry.ts';
import type { LivePermit } from '../../src/actors/permit.ts';
import type { LegOrder, LegReport } from '../../src/domain/execution/leg.ts';
import { plannedReport } from '../../src/domain/execution/policy.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import { Ledger } from '../../src/domain/ledger/ledger.ts';
import type { Trigger } from '../../src/domain/limits/trigger.ts';
import type { Inflow } from '../../src/domain/ports/inflow.ts';
import { seededIds } from '../../src/domain/seeded-random.ts';
import { contracts, priceE4 } from '../../src/domain/units.ts';
import type { Edge } from '../../src/machines/edges.ts';
import { reportUnexpected } from '../../src/machines/effects.ts';
import type { orderLegMachine } from '../../src/machines/order-leg.machine.ts';
import type { RestoredLeg } from '../../src/machines/order-leg.setup.ts';
import { type TwoVenues, type TwoVenuesOptions, twoVenues } from './two-venues.ts';

type LegWord =
  | { readonly type: 'leg.reported'; readonly report: LegReport }
  | { readonly type: 'leg.reversed'; readonly legId: string; readonly tradeId: string; readonly sizeE6: number };

type OwnerEvent =
  | { readonly type: 'legs.planned'; readonly orders: readonly LegOrder[]; readonly restored?: RestoredLeg }
  | LegWord;

export interface LegDeskOptions extends TwoVenuesOptions {
  readonly finalLook?: FinalLook;
  readonly honours?: () => boolean;
  readonly onEdge?: (machine: string, edge: Edge) => void;
  readonly onOrphanFill?: (orphan: OrphanFill) => void;
  readonly definitionOf?: (machine: AnyStateMachine) => string;
  readonly inflow?: Inflow;
}

const permit = { kind: 'live', scope: 'entry' } as unknown as LivePermit;
const ids = seededIds('two venues legs');

export type LegDesk = Awaited<ReturnType<typeof legDesk>>;

export async function legDesk(options: LegDeskOptions = {}) {
  return deskAt(await twoVenues(options), options);
}

/** A desk of its own at venues that are there already: a later life of the process. */
export async function deskAt(venues: TwoVenues, options: LegDeskOptions = {}) {
  const { clock, journal } = venues;
  const faults: ActorFault[] = [];
  const triggers: Trigger[] = [];
  const orphans: OrphanFill[] = [];
  const reportTrigger = (trigger: Trigger): void => void triggers.push(trigger);
  const runtime = new ActorRuntime({
    clock,
    journal,
    onFault: (fault) => faults.push(fault),
    definitionOf: options.definitionOf ?? (() => 'sha256:0'),
    ...(options.onEdge === undefined ? {} : { onEdge: options.onEdge }),
  });
  const instruments = new ListedInstruments();
  instruments.learn(venues.listings);
  const accounts = new Accounts({ ledger: new Ledger(), journal, clock, instruments, reportTrigger });
  const registry = new OrderRegistry();
  const router = new FillRouter({
    runtime,
    accounts,
    registry,
    journal,
    clock,
    onOrphanFill: (orphan) => {
      orphans.push(orphan);
      options.onOrphanFill?.(orphan);
    },
  });
  const desk = new OrderDesk({
    runtime,
    clock,
    journal,
    venues: venues.venues,
    registry,
    fills: router,
    finalLook: options.finalLook ?? ((orders) => ({ kind: 'go', permits: orders.map(() => permit) })),
    honours: options.honours ?? (() => true),
    reportTrigger,
    ...(options.inflow === undefined ? {} : { inflow: options.inflow }),
  });
  const streams = await venues.openPrivate(router.onPrivate);
  const orderLeg = bindOrderLeg(runtime, desk);
  const words: LegWord[] = [];
  const owner = runtime.start(ownerOf(runtime, orderLeg, words), { id: 'owner', input: undefined });
  const plan = (orders: readonly LegOrder[], restored?: RestoredLeg): readonly Leg[] => {
    runtime.send(owner, { type: 'legs.planned', orders, ...(restored === undefined ? {} : { restored }) } as never);
    return orders.map((order) => legOf({ venues, registry, words, runtime, owner }, order));
  };
  return {
    ...venues,
    runtime,
    accounts,
    registry,
    router,
    desk,
    faults,
    triggers,
    orphans,
    words,
    streams,
    owner,
    plan,
  };
}

export interface Leg {
  readonly order: LegOrder;
  /** What the attempt was told last, or believes before it is told anything. */
  report(): LegReport;
  /** `ended.canceled`; `gone` once its actor is stopped. */
  state(): string;
  wish(event: { readonly type: string; readonly reason: string }): void;
  /** Filled of it in truth, by matches that have not failed. */
  trueFilledE6(): number;
}

function legOf(
  parts: Pick<TwoVenues, never> & {
    readonly venues: TwoVenues;
    readonly registry: OrderRegistry;
    readonly words: readonly LegWord[];
    readonly runtime: ActorRuntime;
    readonly owner: { getSnapshot(): { readonly children: object } };
  },
  order: LegOrder,
): Leg {
  const { venues, registry, words, runtime, owner } = parts;
  const actor = (): never | undefined =>
    (owner.getSnapshot().children as Readonly<Record<string, never>>)[`leg/${order.legId}`];
  return {
    order,
    report: () => {
      const told = words.findLast(
        (word) => word.type === 'leg.reported' && word.report.order.clientOrderId === order.clientOrderId,
      );
      return told?.type === 'leg.reported' ? told.report : plannedReport(order);
    },
    state: () => {
      const found = actor() as { getSnapshot(): { readonly value: unknown } } | undefined;
      return found === undefined ? 'gone' : pathOf(found.getSnapshot().value);
    },
    wish: (event) => {
      const found = actor();
      if (found === undefined) throw new Error(`expected leg ${order.legId} to live, found none`);
      runtime.send(found, event);
    },
    trueFilledE6: () => {
      const { clientOrderId } = order;
      const venueOrderId = registry.get(clientOrderId)?.venueOrderId;
      return venues.side(order.venue).truth.filledE6({ clientOrderId, venueOrderId });
    },
  };
}

function pathOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(value as Readonly<Record<string, unknown>>)
    .map(([state, inner]) => `${state}.${pathOf(inner)}`)
    .join('|');
}

/** Spawns legs and writes down what they say. */
function ownerOf(runtime: ActorRuntime, orderLeg: typeof orderLegMachine, words: LegWord[]) {
  const machine = setup({
    types: {} as { context: { readonly heard: number }; events: OwnerEvent },
    actors: { orderLeg },
    actions: {
      reportUnexpected,
      spawnLegs: enqueueActions(({ event, enqueue }) => {
        if (event.type !== 'legs.planned') return;
        const { restored } = event;
        for (const order of event.orders) {
          const input = restored === undefined ? { order } : { order, restored };
          enqueue.spawnChild('orderLeg', { id: `leg/${order.legId}`, input });
        }
      }),
      hear: assign({ heard: ({ context }) => context.heard + 1 }),
      keep: ({ event }) => void (event.type === 'legs.planned' || words.push(event)),
      stop: enqueueActions(({ event, enqueue }) => {
        const { actorId } = event as unknown as { readonly actorId?: string };
        if (actorId !== undefined) enqueue.stopChild(actorId);
      }),
    },
  }).createMachine({
    id: 'owner',
    context: { heard: 0 },
    initial: 'listening',
    states: { listening: {} },
    on: {
      'legs.planned': { actions: 'spawnLegs' },
      'leg.reported': { actions: ['hear', 'keep'] },
      'leg.reversed': { actions: ['hear', 'keep'] },
      'xstate.done.actor.*': { actions: 'stop' },
      'xstate.error.actor.*': { actions: 'stop' },
      '*': { actions: 'reportUnexpected' },
    },
  });
  return runtime.bind(machine, {}, {}, { orderLeg });
}

/** An order that takes ten YES at the house's ask, at once or not at all. */
export function orderOn(venues: TwoVenues, name: VenueName, changes: Partial<LegOrder> = {}): LegOrder {
  const clientOrderId = ids.uuid();
  return {
    attemptId: 'a1',
    legId: `${clientOrderId.slice(0, 4)}-${name}`,
    venue: name,
    role: 'entry',
    basketLeg: 0,
    clientOrderId,
    instrument: venues.side(name).yes,
    action: 'buy',
    limitE4: priceE4(5_200),
    sizeE6: contracts(10),
    timeInForce: 'fillOrKill',
    expiresAt: undefined,
    postOnly: false,
    reduceOnly: false,
    isReducing: false,
    ...changes,
  };
}

/** How often the journal is asked to have everything on the disk, from now on. */
export function syncsOf({ journal }: Pick<LegDesk, 'journal'>): { readonly count: number } {
  const asked = { count: 0 };
  const sync = journal.sync.bind(journal);
  journal.sync = (onEnd) => {
    asked.count++;
    sync(onEnd);
  };
  return asked;
}
