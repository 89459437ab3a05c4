import { describe, expect, it } from 'vitest';
import { type ExitPlan, leftToCloseE6 } from '../../src/domain/execution/exit-plan.ts';
import type { LegOrder, LegReport } from '../../src/domain/execution/leg.ts';
import { microUsd, millis, priceE4, sizeE6 } from '../../src/domain/units.ts';
import { isLive, placedLeg } from '../../src/machines/child-leg.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import type { ExitContext, ExitInput } from '../../src/machines/exit.events.ts';
import { exitEffects, exitMachine } from '../../src/machines/exit.machine.ts';
import { type ExitAs, ExitDriver, exitInput } from './exit.driver.ts';
import { noteRun } from './harness/coverage.ts';
import { describeAlone } from './harness/describe-alone.ts';
import { describeModel } from './harness/describe-model.ts';
import { runPath } from './harness/driver.ts';
import { interleave } from './harness/interleave.ts';
import { Model, type ModelEvent, type ModelState } from './harness/model.ts';
import { directDriver } from './position.direct.ts';

type Machine = typeof exitMachine;

const SIZE = 10_000_000;
/** What a venue takes in one order. */
const SMALLEST = 1_000_000;
const instrument = { book: 'kalshi/KXA-1', inverted: false } as const;
const plan: ExitPlan = {
  positionId: 'p1',
  leg: 0,
  venue: 'kalshi',
  instrument,
  orders: { takeProfitE4: priceE4(5_500), stopLossE4: priceE4(4_500), untilSettlementMsMin: millis(1_000) },
  style: 'taking',
  slippageE4Max: 100,
  ordersMax: 1,
  retryMs: millis(500),
};

function orderOf(number: number, size: number, timeInForce: LegOrder['timeInForce'] = 'immediateOrCancel'): LegOrder {
  return {
    clientOrderId: `c${number}`,
    attemptId: 'exit/p1/0',
    legId: `${number}-kalshi`,
    venue: 'kalshi',
    instrument,
    role: 'exit',
    basketLeg: 0,
    action: 'sell',
    limitE4: priceE4(4_900),
    sizeE6: sizeE6(size),
    timeInForce,
    expiresAt: undefined,
    postOnly: false,
    reduceOnly: true,
    isReducing: true,
  };
}

function reportOf(order: LegOrder, standing: LegReport['standing'], filledE6: number): LegReport {
  const openE6 = standing === 'ended' ? 0 : order.sizeE6 - filledE6;
  return {
    order,
    standing,
    end: standing === 'ended' ? 'canceled' : undefined,
    refusal: undefined,
    finalE6: sizeE6(filledE6),
    provisionalE6: sizeE6(0),
    openE6: sizeE6(openE6),
    cashMicroUsd: microUsd(0),
    isAccounted: true,
  };
}

/** All of it has matched, and the chain may take it back. */
function matched(order: LegOrder): LegReport {
  return { ...reportOf(order, 'ended', 0), provisionalE6: order.sizeE6 };
}

function leftIn({ sizeE6: size, placed }: ExitContext): number {
  return leftToCloseE6(
    size,
    placed.map(({ report }) => report),
  );
}

function eventsIn({ context }: ModelState<Machine>): readonly ModelEvent<Machine>[] {
  const { placed, sizeE6: size, trigger } = context;
  const left = leftIn(context);
  const legs = placed.flatMap(({ report, legId, isSettled, actorId }): ModelEvent<Machine>[] => {
    if (isSettled) return [];
    if (actorId === 'leg/lost') return [];
    const { order, finalE6, standing } = report;
    const fills =
      standing === 'ended'
        ? [order.sizeE6]
        : [0, 4_000_000, 9_500_000, order.sizeE6].filter((size) => size >= finalE6 && size <= order.sizeE6);
    return [
      ...fills.map((filled) => ({ type: 'leg.reported' as const, report: reportOf(order, 'ended', filled) })),
      ...(standing === 'ended'
        ? [
            { type: 'leg.reversed' as const, legId, tradeId: 't', sizeE6: 1 },
            { type: `xstate.done.actor.${actorId}`, actorId, output: undefined } as never,
          ]
        : [finalE6, Math.min(order.sizeE6, finalE6 + 4_000_000)].map((filled) => ({
            type: 'leg.reported' as const,
            report: reportOf(order, 'resting', filled),
          }))),
      { type: `xstate.error.actor.${actorId}`, actorId, error: 'broken' } as never,
    ];
  });
  const next = placed.length + 1;
  const isResting = context.plan.style === 'resting' && trigger === 'takeProfit';
  const timeInForce = isResting ? 'goodTillCanceled' : 'immediateOrCancel';
  return [
    ...legs,
    ...(left > 0 ? [{ type: 'close.planned' as const, order: orderOf(next, left, timeInForce), atMicros: 1 }] : []),
    { type: 'close.planned', order: orderOf(next, 2 * SIZE), atMicros: 1 },
    { type: 'close.deferred', reason: 'no bid' },
    { type: 'close.lapsed', reason: 'price gone' },
    { type: 'close.impossible', reason: 'dust' },
    { type: 'exit.due', trigger: 'takeProfit' },
    { type: 'exit.due', trigger: 'stopLoss' },
    { type: 'exit.requested', reason: 'by hand' },
    { type: 'holding.fell', heldE6: 0 },
    ...(size === SIZE && placed.length < 2 && trigger !== 'stopLoss'
      ? [{ type: 'position.resized' as const, byE6: -4_000_000 }]
      : []),
    { type: 'position.ended' },
    { type: 'retry.due' },
    { type: 'effect.failed', effect: 'requestClose', message: 'no book' },
    { type: 'stranger.came' } as never,
  ];
}

/** Never two orders that may both sell. */
function check(context: unknown): void {
  const live = (context as ExitContext).placed.filter(isLive);
  if (live.length > 1) throw new Error(`expected at most one live order, found ${live.length}`);
}

const keep = ({ placed, trigger, orders, sizeE6: size }: ExitContext) => [
  placed.map(({ report, isSettled, actorId }) => [
    report.standing,
    report.finalE6,
    report.provisionalE6,
    isSettled,
    actorId.endsWith('restored'),
  ]),
  trigger,
  orders,
  size,
];

const inputs: Readonly<Record<string, ExitInput>> = {
  fresh: { plan, sizeE6: SIZE },
  'that rests first': { plan: { ...plan, style: 'resting' }, sizeE6: SIZE },
  'followed with an order': {
    plan,
    sizeE6: 0,
    restored: { trigger: undefined, placed: [placedLeg({ order: orderOf(1, SIZE), atMicros: 1 })] },
  },
  'followed without an order': { plan, sizeE6: 0, restored: { trigger: undefined, placed: [] } },
  'restored with an order': {
    plan,
    sizeE6: SIZE,
    restored: { trigger: 'stopLoss', placed: [placedLeg({ order: orderOf(1, SIZE), atMicros: 1 })] },
  },
};

/** What is enough to come to every edge; more orders repeat the same. */
const stopWhen = ({ context }: ModelState<Machine>): boolean => context.placed.length > 1;
const EDGES = edgesOf(exitMachine).map(({ id }) => id);

/** Without what no venue and no desk says. */
function eventsAtVenue(state: ModelState<Machine>): readonly ModelEvent<Machine>[] {
  const { placed, trigger, plan } = state.context;
  const left = leftIn(state.context);
  const isChained = plan.venue === 'polymarket';
  const ended = placed.filter(({ report }) => report.standing === 'ended').map(({ legId }) => legId);
  const broken: readonly ModelEvent<Machine>[] =
    state.text === 'working' ? [{ type: 'effect.failed', effect: 'watchHolding', message: 'broken' }] : [];
  const live = placed.find(isLive);
  const provisional: readonly ModelEvent<Machine>[] =
    live !== undefined && isChained ? [{ type: 'leg.reported', report: matched(live.report.order) }] : [];
  return [...eventsIn(state), ...broken, ...provisional].filter((event) => {
    switch (event.type) {
      case 'close.planned':
        return left >= SMALLEST && (event as { order: LegOrder }).order.sizeE6 <= left;
      case 'close.impossible':
        return left < SMALLEST;
      case 'close.lapsed':
        return trigger === 'takeProfit';
      case 'leg.reported': {
        const { order, standing } = (event as { report: LegReport }).report;
        return !ended.includes(order.legId) && (standing === 'ended' || order.timeInForce === 'goodTillCanceled');
      }
      case 'leg.reversed':
        return placed.some(({ report }) => report.provisionalE6 > 0);
      default:
        return true;
    }
  });
}

const ways = {
  'that is taking': { seeds: 15, style: 'taking', venue: 'kalshi' },
  'that is resting': { seeds: 15, style: 'resting', venue: 'kalshi' },
  'that is taking where matches may fail': { seeds: 15, style: 'taking', venue: 'polymarket' },
  'that is resting where matches may fail': { seeds: 10, style: 'resting', venue: 'polymarket' },
  'that an earlier life began': { seeds: 5, style: 'taking', venue: 'kalshi', isRestored: true },
} as const satisfies Readonly<Record<string, ExitAs & { readonly seeds: number }>>;

for (const [variant, { seeds, ...as }] of Object.entries(ways)) {
  const driver = () => new ExitDriver(as);
  const spec = { machine: exitMachine, input: await exitInput(as), events: eventsAtVenue, keep, limit: 10_000 };
  describeModel<Machine>({
    ...spec,
    variant,
    stopWhen,
    wanted: new Set(EDGES),
    witnesses: as.venue === 'kalshi' ? 2 : 1,
    driver,
    place: 'venues',
  });
  describe(`an exit ${variant}`, () => {
    it.each(Array.from({ length: seeds }, (_, at) => `exit ${at}`))(
      'holds within belief what is true, whatever comes (seed "%s")',
      async (seed) => {
        const wild = { ...spec, events: (state: ModelState<Machine>) => eventsAtVenue(state).filter(isNoFault) };
        const report = await interleave<Machine>(wild, driver(), { seed, steps: 30, place: 'venues' });
        expect(report.steps).toBeGreaterThan(0);
      },
    );
  });
}

const due = { type: 'exit.due', trigger: 'stopLoss' } as const;
const planned = { type: 'close.planned', order: orderOf(1, SIZE), atMicros: 1 } as const;
const sold = (number: number, filledE6: number) =>
  ({ type: 'leg.reported', report: reportOf(orderOf(number, SIZE), 'ended', filledE6) }) as const;
const retry = { type: 'retry.due' } as const;

/** Its venue was paused, and takes the order all the same. */
const turnedAway = {
  type: 'leg.reported',
  report: { ...sold(1, 0).report, end: 'refused', refusal: 'venuePaused' },
} as const;

describe('an exit', () => {
  it.each<readonly [string, number, readonly ModelEvent<Machine>[]]>([
    [
      'is stuck when nobody bought, until a person says so',
      SIZE,
      [due, planned, sold(1, 0), retry, planned, sold(2, 0), { type: 'exit.requested', reason: 'by hand' }],
    ],
    [
      'does not send what a late fill has sold while its desk was looking',
      6_000_000,
      [due, planned, turnedAway, retry, sold(1, 4_000_000), planned, retry, planned],
    ],
  ])('%s', async (name, sizeE6, events) => {
    const as = { ...ways['that is taking'], sizeE6 };
    const spec = { machine: exitMachine, input: await exitInput(as), events: eventsAtVenue };
    const report = await runPath(new Model<Machine>(spec), new ExitDriver(as), { name, events });
    noteRun(exitMachine.id, report, 'venues');
    expect(report.unrealisable).toEqual([]);
  });
});

function isNoFault({ type }: ModelEvent<Machine>): boolean {
  return type !== 'effect.failed';
}

describeAlone<Machine>(
  { id: exitMachine.id, edges: EDGES },
  Object.values(inputs).map((input) => ({
    machine: exitMachine,
    input,
    events: eventsIn,
    keep,
    limit: 10_000,
    stopWhen,
    driver: () =>
      directDriver<Machine>({ machine: exitMachine, effects: exitEffects, input, children: ['orderLeg'], check }),
  })),
);
