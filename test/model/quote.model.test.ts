import { describe, expect, it } from 'vitest';
import type { LegOrder, LegReport } from '../../src/domain/execution/leg.ts';
import { contracts, microUsd, millis, priceE4, sizeE6 } from '../../src/domain/units.ts';
import { isLive, placedLeg } from '../../src/machines/child-leg.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import type { QuoteContext, QuoteInput } from '../../src/machines/quote.events.ts';
import { quoteEffects, quoteMachine } from '../../src/machines/quote.machine.ts';
import { describeAlone } from './harness/describe-alone.ts';
import { describeModel } from './harness/describe-model.ts';
import { interleave } from './harness/interleave.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import { directDriver } from './position.direct.ts';
import { QuoteDriver, quoteInput } from './quote.driver.ts';

type Machine = typeof quoteMachine;

const instrument = { book: 'kalshi/KXA-1', inverted: false } as const;
const plan = {
  quoteId: 'q1',
  attemptId: 'a1',
  basketLeg: 0,
  venue: 'kalshi',
  instrument,
  sizeE6: contracts(10),
  minSizeE6: contracts(1),
  worstE4: priceE4(5_000),
  restMsMax: millis(60_000),
  pauseMs: millis(200),
  ordersMax: 2,
} as const;

function orderOf(number: number, size: number): LegOrder {
  return {
    clientOrderId: `c${number}`,
    attemptId: 'a1',
    legId: `${number}-kalshi`,
    venue: 'kalshi',
    instrument,
    role: 'quote',
    basketLeg: 0,
    action: 'buy',
    limitE4: priceE4(4_900),
    sizeE6: sizeE6(size),
    timeInForce: 'goodTillCanceled',
    expiresAt: undefined,
    postOnly: true,
    reduceOnly: false,
    isReducing: false,
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
  const { placed } = context;
  const left = 10_000_000 - placed.reduce((sum, { report }) => sum + report.finalE6 + report.openE6, 0);
  const legs = placed.flatMap(({ report, legId, isSettled, actorId }): ModelEvent<Machine>[] => {
    if (isSettled) return [];
    if (actorId === 'leg/lost') return [];
    const { order, finalE6, standing } = report;
    const sizes = [finalE6, Math.min(order.sizeE6, finalE6 + 4_000_000), order.sizeE6];
    return [
      ...sizes.map((size) => ({ type: 'leg.reported' as const, report: reportOf(order, 'ended', size) })),
      ...(standing === 'ended'
        ? [
            { type: 'leg.settled' as const, legId },
            { type: 'leg.reversed' as const, legId, tradeId: 't', sizeE6: 1 },
          ]
        : [
            { type: 'leg.reported' as const, report: reportOf(order, 'resting', finalE6) },
            {
              type: 'leg.reported' as const,
              report: reportOf(order, 'resting', Math.min(order.sizeE6, finalE6 + 4_000_000)),
            },
            { type: 'leg.reported' as const, report: reportOf(order, 'unresolved', finalE6) },
          ]),
      { type: `xstate.error.actor.${actorId}`, actorId, error: 'broken' } as never,
      { type: `xstate.done.actor.${actorId}`, actorId, output: undefined } as never,
    ];
  });
  const order = left > 0 ? orderOf(placed.length + 1, left) : undefined;
  return [
    ...legs,
    ...(order === undefined ? [] : [{ type: 'quote.planned' as const, order, atMicros: 1 }]),
    { type: 'market.moved', reason: 'moved' },
    { type: 'edge.gone', reason: 'gone' },
    { type: 'queue.moved', aheadE6: 1, aheadE6Max: 2 },
    { type: 'withdrawal.requested', reason: 'halt' },
    { type: 'rest.elapsed' },
    { type: 'pause.over' },
    { type: 'effect.failed', effect: 'watchBook', message: 'no book' },
    { type: 'stranger.came' } as never,
  ];
}

/** Never two orders that may both fill. */
function check(context: unknown): void {
  const live = (context as QuoteContext).placed.filter(isLive);
  if (live.length > 1) throw new Error(`expected at most one live order, found ${live.length}`);
}

const keep = ({ placed }: QuoteContext) =>
  placed.map(({ report, isSettled, actorId }) => [report.standing, report.finalE6, isSettled, actorId]);

const ended = {
  ...placedLeg({ order: orderOf(1, 10_000_000), atMicros: 1 }),
  report: reportOf(orderOf(1, 10_000_000), 'ended', 0),
};
const inputs: Readonly<Record<string, QuoteInput>> = {
  fresh: { plan },
  'restored with an order': { plan, restored: { placed: [placedLeg({ order: orderOf(1, 10_000_000), atMicros: 1 })] } },
  'restored without an order': { plan, restored: { placed: [ended] } },
};

const EDGES = edgesOf(quoteMachine).map(({ id }) => id);

/** Without what no venue and no desk says. */
function eventsAtVenue(state: ModelState<Machine>): readonly ModelEvent<Machine>[] {
  const { placed } = state.context;
  const ended = placed.filter(({ report }) => report.standing === 'ended').map(({ legId }) => legId);
  const isUnsent = placed.some(({ report }) => report.standing === 'planned');
  const refused = placed
    .filter(({ report }) => report.standing === 'planned')
    .map(({ report: { order } }) => ({
      type: 'leg.reported' as const,
      report: { ...reportOf(order, 'ended', 0), end: 'refused' as const, refusal: 'venuePaused' as const },
    }));
  return [...eventsIn(state), ...refused].filter((event) => {
    if (event.type === 'leg.reported') return !ended.includes((event as { report: LegReport }).report.order.legId);
    if (event.type === 'market.moved' || event.type === 'edge.gone' || event.type === 'queue.moved')
      return state.text === 'resting';
    if (event.type === 'effect.failed') return state.text === 'resting' || state.text === 'idle';
    return event.type !== 'leg.reversed' && !(isUnsent && event.type === 'rest.elapsed');
  });
}

const atVenue = { machine: quoteMachine, input: await quoteInput(), events: eventsAtVenue, keep, limit: 20_000 };

describeModel<Machine>({
  ...atVenue,
  wanted: new Set(EDGES),
  witnesses: 3,
  driver: () => new QuoteDriver(),
  place: 'venues',
});

describe('a quote', () => {
  it.each(Array.from({ length: 20 }, (_, at) => `quote ${at}`))(
    'holds within belief what is true, whatever comes (seed "%s")',
    async (seed) => {
      const events = (state: ModelState<Machine>) =>
        eventsAtVenue(state).filter(({ type }) => type !== 'effect.failed');
      const report = await interleave<Machine>({ ...atVenue, events }, new QuoteDriver(), {
        seed,
        steps: 40,
        place: 'venues',
      });
      expect(report.steps).toBeGreaterThan(0);
    },
  );
});

describeAlone<Machine>(
  { id: quoteMachine.id, edges: EDGES },
  Object.values(inputs).map((input) => ({
    machine: quoteMachine,
    input,
    events: eventsIn,
    keep,
    limit: 20_000,
    driver: () =>
      directDriver<Machine>({ machine: quoteMachine, effects: quoteEffects, input, children: ['orderLeg'], check }),
  })),
);
