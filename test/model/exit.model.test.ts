import type { ExitPlan } from '../../src/domain/execution/exit-plan.ts';
import type { LegOrder, LegReport } from '../../src/domain/execution/leg.ts';
import { microUsd, millis, priceE4, sizeE6 } from '../../src/domain/units.ts';
import { isLive, placedLeg } from '../../src/machines/child-leg.ts';
import type { ExitContext, ExitInput } from '../../src/machines/exit.events.ts';
import { exitEffects, exitMachine } from '../../src/machines/exit.machine.ts';
import { describeModel } from './harness/describe-model.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import { directDriver } from './position.direct.ts';

type Machine = typeof exitMachine;

const SIZE = 10_000_000;
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

function orderOf(number: number, size: number): LegOrder {
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
    timeInForce: 'immediateOrCancel',
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

function eventsIn({ context }: ModelState<Machine>): readonly ModelEvent<Machine>[] {
  const { placed, sizeE6: size, trigger } = context;
  const left = size - placed.reduce((sum, { report }) => sum + report.finalE6 + report.openE6, 0);
  const legs = placed.flatMap(({ report, legId, isSettled, actorId }): ModelEvent<Machine>[] => {
    if (isSettled) return [];
    if (actorId === 'leg/lost') return [];
    const { order, finalE6, standing } = report;
    const fills =
      standing === 'ended'
        ? [order.sizeE6]
        : [0, 4_000_000, order.sizeE6].filter((size) => size >= finalE6 && size <= order.sizeE6);
    return [
      ...fills.map((filled) => ({ type: 'leg.reported' as const, report: reportOf(order, 'ended', filled) })),
      ...(standing === 'ended'
        ? [
            { type: 'leg.settled' as const, legId },
            { type: 'leg.reversed' as const, legId, tradeId: 't', sizeE6: 1 },
          ]
        : [{ type: 'leg.reported' as const, report: reportOf(order, 'resting', finalE6) }]),
      { type: `xstate.error.actor.${actorId}`, actorId, error: 'broken' } as never,
      { type: `xstate.done.actor.${actorId}`, actorId, output: undefined } as never,
    ];
  });
  const next = placed.length + 1;
  return [
    ...legs,
    ...(left > 0 ? [{ type: 'close.planned' as const, order: orderOf(next, left), atMicros: 1 }] : []),
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
  'restored with an order': {
    plan,
    sizeE6: SIZE,
    restored: { trigger: 'stopLoss', placed: [placedLeg({ order: orderOf(1, SIZE), atMicros: 1 })] },
  },
};

for (const [variant, input] of Object.entries(inputs)) {
  describeModel({
    machine: exitMachine,
    variant,
    input,
    events: eventsIn,
    keep,
    limit: 10_000,
    // What is enough to come to every edge; more orders repeat the same.
    stopWhen: ({ context }) => context.placed.length > 1,
    driver: () =>
      directDriver<Machine>({ machine: exitMachine, effects: exitEffects, input, children: ['orderLeg'], check }),
  });
}
