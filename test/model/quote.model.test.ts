import { describe, expect, it } from 'vitest';
import { leftToCloseE6 } from '../../src/domain/execution/exit-plan.ts';
import type { LegOrder, LegReport } from '../../src/domain/execution/leg.ts';
import { contracts, microUsd, millis, priceE4, sizeE6 } from '../../src/domain/units.ts';
import { isLive, placedLeg } from '../../src/machines/child-leg.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import type { QuoteContext, QuoteInput } from '../../src/machines/quote.events.ts';
import { quoteEffects, quoteMachine } from '../../src/machines/quote.machine.ts';
import { noteRun } from './harness/coverage.ts';
import { describeAlone } from './harness/describe-alone.ts';
import { describeModel } from './harness/describe-model.ts';
import { runPath } from './harness/driver.ts';
import { interleave } from './harness/interleave.ts';
import { Model, type ModelEvent, type ModelState } from './harness/model.ts';
import { directDriver } from './position.direct.ts';
import { type QuoteAs, QuoteDriver, quoteInput } from './quote.driver.ts';

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

/** All of it has matched, and the chain may take it back. */
function matched(order: LegOrder): LegReport {
  return { ...reportOf(order, 'ended', 0), provisionalE6: order.sizeE6 };
}

function eventsIn({ context }: ModelState<Machine>): readonly ModelEvent<Machine>[] {
  const { placed } = context;
  const left = leftToCloseE6(
    10_000_000,
    placed.map(({ report }) => report),
  );
  const legs = placed.flatMap(({ report, legId, isSettled, actorId }): ModelEvent<Machine>[] => {
    if (isSettled) return [];
    if (actorId === 'leg/lost') return [];
    const { order, finalE6, standing } = report;
    const sizes = [finalE6, Math.min(order.sizeE6, finalE6 + 4_000_000), order.sizeE6];
    return [
      ...sizes.map((size) => ({ type: 'leg.reported' as const, report: reportOf(order, 'ended', size) })),
      ...(standing === 'ended'
        ? [
            { type: 'leg.reversed' as const, legId, tradeId: 't', sizeE6: 1 },
            { type: `xstate.done.actor.${actorId}`, actorId, output: undefined } as never,
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

const keepAtVenue = (context: QuoteContext) => [
  keep(context),
  context.placed.map(({ report }) => [report.provisionalE6, report.end]),
];

/** While an order of ours may be in the book, it is watched. */
const WATCHED: ReadonlySet<string> = new Set(['resting', 'replacing', 'fading']);

/** Without what no venue and no desk says. */
function eventsAtVenue(state: ModelState<Machine>): readonly ModelEvent<Machine>[] {
  const { placed, plan: given } = state.context;
  const reports = placed.map(({ report }) => report);
  const isUnsent = reports.some(({ standing }) => standing === 'planned');
  const refused = reports
    .filter(({ standing }) => standing === 'planned')
    .map(({ order }) => ({ ...reportOf(order, 'ended', 0), end: 'refused' as const, refusal: 'venuePaused' as const }));
  const isChained = given.venue === 'polymarket';
  const provisional = isChained
    ? reports.filter(({ standing }) => standing !== 'ended').map(({ order }) => matched(order))
    : [];
  const said = [...refused, ...provisional].map((report) => ({ type: 'leg.reported' as const, report }));
  return [...eventsIn(state), ...said].filter((event) => {
    switch (event.type) {
      case 'leg.reported': {
        const { order, finalE6 } = (event as { report: LegReport }).report;
        const known = reports.find(({ order: { legId } }) => legId === order.legId);
        // What was turned away may have been taken all the same; all else that has ended has ended.
        return known?.standing !== 'ended' || (known.end === 'refused' && known.finalE6 === 0 && finalE6 > 0);
      }
      case 'leg.reversed':
        return reports.some(({ provisionalE6 }) => provisionalE6 > 0);
      case 'market.moved':
      case 'edge.gone':
        return WATCHED.has(state.text);
      case 'queue.moved':
        return state.text === 'resting';
      case 'effect.failed':
        return state.text === 'resting' || state.text === 'idle';
      case 'rest.elapsed':
        return !isUnsent;
      default:
        return true;
    }
  });
}

const ways = {
  'at a venue where matches are final': { seeds: 20, witnesses: 3, venue: 'kalshi' },
  'where matches may fail': { seeds: 15, witnesses: 1, venue: 'polymarket' },
  'that an earlier life left in the book': { seeds: 5, witnesses: 1, venue: 'kalshi', isRestored: 'live' },
  'that an earlier life left without an order': { seeds: 3, witnesses: 1, venue: 'kalshi', isRestored: 'ended' },
} as const satisfies Readonly<Record<string, QuoteAs & { readonly seeds: number; readonly witnesses: number }>>;

for (const [variant, { seeds, witnesses, ...as }] of Object.entries(ways)) {
  const driver = () => new QuoteDriver(as);
  const input = await quoteInput(as);
  const spec = { machine: quoteMachine, input, events: eventsAtVenue, keep: keepAtVenue, limit: 20_000 };
  describeModel<Machine>({ ...spec, variant, wanted: new Set(EDGES), witnesses, driver, place: 'venues' });
  describe(`a quote ${variant}`, () => {
    it.each(Array.from({ length: seeds }, (_, at) => `quote ${at}`))(
      'holds within belief what is true, whatever comes (seed "%s")',
      async (seed) => {
        const events = (state: ModelState<Machine>) =>
          eventsAtVenue(state).filter(({ type }) => type !== 'effect.failed');
        const report = await interleave<Machine>({ ...spec, events }, driver(), { seed, steps: 40, place: 'venues' });
        expect(report.steps).toBeGreaterThan(0);
      },
    );
  });
}

const planned = (number: number) =>
  ({ type: 'quote.planned', order: orderOf(number, 10_000_000), atMicros: 1 }) as const;
const told = (number: number, standing: LegReport['standing'], filledE6: number) =>
  ({ type: 'leg.reported', report: reportOf(orderOf(number, 10_000_000), standing, filledE6) }) as const;
/** Its venue was paused, and takes the order all the same. */
const turnedAway = {
  type: 'leg.reported',
  report: { ...told(1, 'ended', 0).report, end: 'refused', refusal: 'venuePaused' },
} as const;

describe('a quote', () => {
  it('is replaced when a late fill of the order before it makes it too large', async () => {
    const as = ways['at a venue where matches are final'];
    const events = [planned(1), turnedAway, { type: 'pause.over' } as const, planned(2), told(2, 'resting', 0)];
    const name = 'is replaced when a late fill of the order before it makes it too large';
    const spec = { machine: quoteMachine, input: await quoteInput(as), events: eventsAtVenue };
    const path = { name, events: [...events, told(1, 'ended', 4_000_000)] };
    const report = await runPath(new Model<Machine>(spec), new QuoteDriver(as), path);
    noteRun(quoteMachine.id, report, 'venues');
    expect(report.unrealisable).toEqual([]);
  });
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
