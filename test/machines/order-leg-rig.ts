/** An order leg whose every answer the test gives itself. */
import { assign, enqueueActions, setup } from 'xstate';
import { type ActorFault, ActorRuntime } from '../../src/actors/actor-runtime.ts';
import type { LegOrder, LegReport } from '../../src/domain/execution/leg.ts';
import type { JournalRecord } from '../../src/domain/ports/journal.ts';
import { contracts, priceE4 } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import type { Edge } from '../../src/machines/edges.ts';
import { reportUnexpected } from '../../src/machines/effects.ts';
import type { OrderLegEvent } from '../../src/machines/order-leg.events.ts';
import { orderLegMachine } from '../../src/machines/order-leg.machine.ts';
import { orderLegEffects, type RestoredLeg } from '../../src/machines/order-leg.setup.ts';
import { venueTradeEffects, venueTradeMachine } from '../../src/machines/venue-trade.machine.ts';

/** Every edge that any leg of this process took. */
export const takenEdges = new Set<string>();

export function orderOf(changes: Partial<LegOrder> = {}): LegOrder {
  return {
    attemptId: 'a1',
    legId: '1-kalshi',
    venue: 'kalshi',
    role: 'entry',
    basketLeg: 0,
    clientOrderId: 'c1',
    instrument: { book: 'kalshi/KXTEST', inverted: false },
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

export interface LegOptions {
  readonly order?: Partial<LegOrder>;
  readonly restored?: RestoredLeg;
  /** Effects whose handler throws. */
  readonly breaking?: readonly string[];
}

export function legUnder({ order: changes = {}, restored, breaking = [] }: LegOptions = {}) {
  const clock = new VirtualClock();
  const records: JournalRecord[] = [];
  const faults: ActorFault[] = [];
  const asked: { readonly name: string; readonly params: unknown }[] = [];
  const words: { readonly type: string; readonly report?: LegReport }[] = [];
  const order = orderOf(changes);
  const runtime = new ActorRuntime({
    clock,
    journal: { append: (record) => records.push(record) },
    onFault: (fault) => faults.push(fault),
    definitionOf: () => 'sha256:0',
    onEdge: (_, edge: Edge) => takenEdges.add(edge.id),
  });
  const handlers = (effects: object): never =>
    Object.fromEntries(
      Object.keys(effects).map((name) => [
        name,
        (_: unknown, params: unknown) => {
          asked.push({ name, params });
          if (breaking.includes(name)) throw new Error('broken');
        },
      ]),
    ) as never;
  const venueTrade = runtime.bind(venueTradeMachine, venueTradeEffects, handlers(venueTradeEffects));
  const orderLeg = runtime.bind(orderLegMachine, orderLegEffects, handlers(orderLegEffects), { venueTrade });
  const owner = runtime.start(runtime.bind(ownerOf(orderLeg, words), {}, {}, { orderLeg }), {
    id: 'owner',
    input: restored === undefined ? { order } : { order, restored },
  });
  const child = () => (owner.getSnapshot().children as Readonly<Record<string, never>>).leg;
  const leg = child() as unknown as { getSnapshot(): { readonly value: unknown; readonly status: string } };
  return {
    clock,
    order,
    asked,
    words,
    faults,
    records,
    send: (...events: readonly OrderLegEvent[]) => {
      for (const event of events) runtime.send(leg as never, event as never);
    },
    /** Something that only the runtime sends. */
    sendRaw: (event: object) => runtime.send(leg as never, event as never),
    advance: (ms: number) => clock.advanceBy(ms),
    state: () => textOf(leg.getSnapshot().value),
    report: (): LegReport | undefined => words.findLast(({ report }) => report !== undefined)?.report,
    effects: () => asked.map(({ name }) => name),
    triggers: () =>
      asked.flatMap(({ name, params }) =>
        name === 'reportTrigger' ? [(params as { readonly kind: string }).kind] : [],
      ),
  };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(value as Readonly<Record<string, unknown>>)
    .map(([state, inner]) => `${state}.${textOf(inner)}`)
    .join('|');
}

function ownerOf(orderLeg: typeof orderLegMachine, words: { readonly type: string }[]) {
  return setup({
    types: {} as {
      context: { readonly heard: number };
      events: { type: 'leg.reported' } | { type: 'leg.reversed' };
      input: { readonly order: LegOrder; readonly restored?: RestoredLeg };
    },
    actors: { orderLeg },
    actions: {
      reportUnexpected,
      spawnLeg: enqueueActions(({ event, enqueue }) => {
        enqueue.spawnChild('orderLeg', { id: 'leg', input: (event as unknown as { readonly input: never }).input });
      }),
      hear: assign({ heard: ({ context }) => context.heard + 1 }),
      keep: ({ event }) => void words.push(event),
    },
  }).createMachine({
    id: 'owner',
    context: { heard: 0 },
    entry: 'spawnLeg',
    on: {
      'leg.reported': { actions: ['hear', 'keep'] },
      'leg.reversed': { actions: ['hear', 'keep'] },
      'xstate.done.actor.*': { actions: 'hear' },
      '*': { actions: 'reportUnexpected' },
    },
  });
}

/** Short ways to say what the venue says. */
export const says = {
  recorded: { type: 'intent.recorded' },
  sent: { type: 'submission.sent' },
  acknowledged: (filled: number, resting = 0): OrderLegEvent => ({
    type: 'order.acknowledged',
    venueOrderId: 'v1',
    filledE6: contracts(filled),
    restingE6: contracts(resting),
    isProvisional: false,
    tradeIds: [],
  }),
  refused: (reason: 'killed' | 'notSent' | 'invalidOrder' | 'marketClosed'): OrderLegEvent => ({
    type: 'order.refused',
    reason,
    detail: 'said so',
  }),
  unknown: (hasLanded = false): OrderLegEvent => ({ type: 'order.unknown', detail: 'reset', hasLanded }),
  fill: (tradeId: string, size: number, settlement = 'final'): OrderLegEvent =>
    ({
      type: 'fill.reported',
      tradeId,
      sizeE6: contracts(size),
      cashMicroUsd: size * 520_000,
      settlement,
    }) as OrderLegEvent,
  record: (
    type: 'order.reported' | 'order.found',
    standing: 'resting' | 'filled' | 'canceled' | 'unknown',
    filled = 0,
  ): OrderLegEvent => ({
    type,
    venueOrderId: 'v1',
    filledE6: contracts(filled),
    restingE6: standing === 'resting' ? contracts(10 - filled) : 0,
    standing,
  }),
  absent: (isPastExpiry = true): OrderLegEvent => ({ type: 'order.absent', isPastExpiry }),
  readFailed: { type: 'reconciliation.failed', detail: 'unreachable' },
  cancel: { type: 'cancel.requested', reason: 'test' },
  canceled: (size?: number): OrderLegEvent => ({
    type: 'cancel.acknowledged',
    ...(size === undefined ? {} : { canceledE6: contracts(size) }),
  }),
  cancelRefused: { type: 'cancel.refused', reason: 'rateLimited', detail: '429', retryAfterMs: 2_000 },
  cancelUnknown: { type: 'cancel.unknown', detail: '404' },
  gap: { type: 'reconciliation.requested', reason: 'gap' },
} as const satisfies Record<string, OrderLegEvent | ((...args: never[]) => OrderLegEvent)>;
