import { describe, expect, it } from 'vitest';
import type { BasketLeg, LegEvidence } from '../../src/domain/execution/held-basket.ts';
import { contracts, micros, microUsd, priceE4, sizeE6 } from '../../src/domain/units.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import type { LegHolding, PositionContext, PositionInput } from '../../src/machines/position.events.ts';
import { positionEffects, positionMachine } from '../../src/machines/position.machine.ts';
import { describeAlone } from './harness/describe-alone.ts';
import { describeModel } from './harness/describe-model.ts';
import { interleave } from './harness/interleave.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import { directDriver } from './position.direct.ts';
import { PositionDriver, positionInput } from './position.driver.ts';

type Machine = typeof positionMachine;

const common = { eventYes: 'yes', sizeE6: contracts(10), costMicroUsd: microUsd(4_800_000) } as const;
const legs: readonly BasketLeg[] = [
  {
    leg: 0,
    venue: 'kalshi',
    venueKey: 'KXA-1',
    instrument: { book: 'kalshi/KXA-1', inverted: false },
    outcome: 'yes',
    ...common,
  },
  {
    leg: 1,
    venue: 'polymarket',
    venueKey: '0x1',
    instrument: { book: 'polymarket/2', inverted: false },
    outcome: 'no',
    ...common,
  },
];
const exit = {
  plan: {
    positionId: 'p1',
    leg: 0,
    venue: 'kalshi',
    instrument: { book: 'kalshi/KXA-1', inverted: false },
    orders: undefined,
    style: 'taking',
    slippageE4Max: 100,
    ordersMax: 2,
    retryMs: 500,
  },
  sizeE6: 10_000_000,
} as unknown as PositionInput['exits'][number];

const input: PositionInput = {
  positionId: 'p1',
  watchId: 'w1',
  label: 'it happens',
  legs,
  promisedE4: 10_000,
  patience: { checkMsMin: 1_000, checkMsMax: 4_000, paymentMsMax: 10_000, revisionMs: 60_000 },
  exits: [exit],
};

function said(leg: number, standing: LegEvidence['standing'], payout: number | undefined, isPaid = false): LegEvidence {
  const yesPayoutE4 = payout === undefined ? undefined : priceE4(payout);
  const payment =
    isPaid && yesPayoutE4 !== undefined
      ? { settlementId: 's1', yesPayoutE4, paidMicroUsd: undefined, at: micros(1) }
      : undefined;
  return { leg, standing, yesPayoutE4, payment };
}

const looks: readonly (readonly LegEvidence[])[] = [
  [said(0, 'settled', 10_000, true)],
  [said(1, 'settled', 10_000, true)],
  [said(1, 'determined', 0)],
  [said(0, 'disputed', undefined)],
  [said(0, 'settled', 5_000)],
];

function eventsIn({ context }: ModelState<Machine>): readonly ModelEvent<Machine>[] {
  const { settlements, exits } = context;
  return [
    ...(exits.length > 0 ? looks.slice(0, 1) : looks).map((evidence) => ({
      type: 'settlement.checked' as const,
      evidence,
    })),
    ...settlements.flatMap(({ leg, payment, booked }): ModelEvent<Machine>[] => [
      ...(payment === undefined ? [] : [{ type: 'settlement.recorded' as const, leg, payment }]),
      ...(booked === undefined ? [] : [{ type: 'settlement.reversed' as const, leg }]),
    ]),
    ...exits.flatMap((leg): ModelEvent<Machine>[] => [
      { type: 'exit.triggered', leg, trigger: 'manual' },
      { type: 'exit.lapsed', leg },
      { type: 'exit.sold', leg, byE6: 10_000_000 },
      { type: `xstate.done.actor.exit/${leg}`, actorId: `exit/${leg}`, output: undefined } as never,
      { type: `xstate.error.actor.exit/${leg}`, actorId: `exit/${leg}`, error: 'broken' } as never,
    ]),
    { type: 'settlement.refused', leg: 0, detail: 'contradicted' },
    { type: 'settlementCheck.failed', detail: 'unreachable' },
    { type: 'market.changed', venueKey: 'KXA-1', change: 'determined' },
    ...(settlements.some(({ payment }) => payment !== undefined)
      ? []
      : [{ type: 'holding.changed' as const, held: [nothingOf(0)], reason: 'sold elsewhere' }]),
    { type: 'holding.changed', held: [nothingOf(1)], reason: 'reversed on chain' },
    { type: 'exit.requested', reason: 'by hand' },
    { type: 'check.due' },
    { type: 'payment.overdue' },
    { type: 'revision.expired' },
    { type: 'effect.failed', effect: 'recordSettlement', message: 'disk' },
    { type: 'stranger.came' } as never,
  ];
}

function nothingOf(leg: number): LegHolding {
  return { leg, sizeE6: sizeE6(0), costMicroUsd: microUsd(0) };
}

/** A payout in the ledger is one that a venue made. */
function check(context: unknown): void {
  for (const { booked } of (context as PositionContext).settlements)
    if (booked !== undefined && booked.settlementId !== 's1')
      throw new Error('expected a payment of a venue, found none');
}

const keep = ({ settlements, legs: held, exits, exiting }: PositionContext) => [
  settlements.map(({ standing, payment, booked, yesPayoutE4 }) => [
    standing === 'disputed',
    yesPayoutE4,
    payment !== undefined,
    booked?.yesPayoutE4,
  ]),
  held.filter((leg) => leg.sizeE6 > 0).length,
  exits.length,
  exiting.length,
];

/** Every edge is there before a third payout. */
const stopWhen = ({ context }: ModelState<Machine>): boolean =>
  context.settlements.some(({ revisions }) => revisions > 0 || context.plannedExits.length > context.exits.length + 1);
const EDGES = edgesOf(positionMachine).map(({ id }) => id);

/** Without exits, and without what no venue says. */
function eventsAtVenues(state: ModelState<Machine>): readonly ModelEvent<Machine>[] {
  const { settlements } = state.context;
  return eventsIn(state).filter((event) => {
    switch (event.type) {
      case 'settlement.recorded':
        return state.text === 'held.booking';
      case 'settlement.reversed':
        return state.text === 'held.reversed';
      case 'effect.failed':
        return state.text === 'held.booking' || state.text === 'held.reversed';
      case 'settlement.checked': {
        const [heard] = (event as { evidence: readonly LegEvidence[] }).evidence;
        const known = settlements.find(({ leg }) => leg === heard?.leg);
        return heard?.yesPayoutE4 !== 5_000 && known?.payment === undefined;
      }
      default:
        return event.type !== 'settlement.refused' && event.type !== 'holding.changed';
    }
  });
}

const atVenues = {
  machine: positionMachine,
  input: await positionInput(),
  events: eventsAtVenues,
  keep,
  limit: 20_000,
  stopWhen,
} as const;

describeModel<Machine>({
  ...atVenues,
  wanted: new Set(EDGES),
  witnesses: 2,
  driver: () => new PositionDriver(),
  place: 'venues',
});

describe('a position', () => {
  it.each(Array.from({ length: 12 }, (_, at) => `position ${at}`))(
    'books what the venues paid, whatever comes (seed "%s")',
    async (seed) => {
      const events = (state: ModelState<Machine>) =>
        eventsAtVenues(state).filter(({ type }) => type !== 'effect.failed');
      const report = await interleave<Machine>({ ...atVenues, events }, new PositionDriver(), {
        seed,
        steps: 25,
        place: 'venues',
      });
      expect(report.steps).toBeGreaterThan(0);
    },
  );
});

describeAlone<Machine>(
  { id: positionMachine.id, edges: EDGES },
  [[], [exit]].map((exits) => {
    const given = { ...input, exits };
    return {
      machine: positionMachine,
      input: given,
      events: eventsIn,
      keep,
      limit: 20_000,
      stopWhen,
      driver: () =>
        directDriver<Machine>({
          machine: positionMachine,
          effects: positionEffects,
          input: given,
          children: ['exit'],
          check,
        }),
    };
  }),
);
