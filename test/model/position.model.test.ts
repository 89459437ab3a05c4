import { describe, expect, it } from 'vitest';
import type { LegSale } from '../../src/domain/execution/basket-sales.ts';
import type { BasketLeg, LegEvidence } from '../../src/domain/execution/held-basket.ts';
import { contracts, micros, microUsd, priceE4, sizeE6 } from '../../src/domain/units.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import type { LegHolding, PositionContext, PositionInput } from '../../src/machines/position.events.ts';
import { positionMachine } from '../../src/machines/position.machine.ts';
import { positionEffects } from '../../src/machines/position.setup.ts';
import { describeAlone } from './harness/describe-alone.ts';
import { describeModel } from './harness/describe-model.ts';
import { interleave } from './harness/interleave.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import { directDriver } from './position.direct.ts';
import { type HeldAs, PositionDriver, positionInput } from './position.driver.ts';

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
  [said(1, 'settled', 5_000)],
];

/** All, a part, and nothing in the end. */
const soldE6 = [10_000_000, 4_000_000, 0] as const;

function eventsIn({ context }: ModelState<Machine>): readonly ModelEvent<Machine>[] {
  const { settlements, exits, broken } = context;
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
      ...soldE6.map((size) => ({ type: 'exit.sold' as const, ...saleOf(leg, size) })),
      { type: `xstate.done.actor.exit/${leg}`, actorId: `exit/${leg}`, output: undefined } as never,
      { type: `xstate.error.actor.exit/${leg}`, actorId: `exit/${leg}`, error: 'broken' } as never,
    ]),
    ...(broken.length > 0
      ? [{ type: 'exit.ordersFound' as const, leg: 0, placed: [] }, { type: 'following.due' as const }]
      : []),
    { type: 'settlement.refused', leg: 0, detail: 'contradicted' },
    { type: 'settlementCheck.failed', detail: 'unreachable' },
    { type: 'market.changed', venueKey: 'KXA-1', change: 'determined' },
    ...(settlements.some(({ payment }) => payment !== undefined)
      ? []
      : [{ type: 'holding.changed' as const, held: [nothingOf(0)], reason: 'sold elsewhere' }]),
    { type: 'holding.changed', held: [nothingOf(1)], reason: 'reversed on chain' },
    { type: 'exit.requested', reason: 'by hand' },
    { type: 'closing.requested', plan: context.plannedExits[0]?.plan ?? exit.plan, by: 'ann', reason: 'by hand' },
    { type: 'check.due' },
    { type: 'payment.overdue' },
    { type: 'revision.expired' },
    ...['recordSettlement', 'reverseSettlement', 'requestSettlementCheck'].map((effect) => ({
      type: 'effect.failed' as const,
      effect,
      message: 'disk',
    })),
    { type: 'stranger.came' } as never,
  ];
}

function saleOf(leg: number, size: number): LegSale {
  return { leg, legId: '1-kalshi', sizeE6: sizeE6(size), proceedsMicroUsd: microUsd(size / 2) };
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

const keep = ({ settlements, legs: held, exits, exiting, broken }: PositionContext) => [
  settlements.map(({ standing, payment, booked, yesPayoutE4 }) => [
    standing === 'disputed',
    yesPayoutE4,
    payment !== undefined,
    booked?.yesPayoutE4,
  ]),
  held.map((leg) => leg.sizeE6 > 0),
  exits.length,
  exiting.length,
  broken.map(({ isFollowed }) => isFollowed),
];

/** Every edge is there before a third payout. */
const stopWhen = ({ context }: ModelState<Machine>): boolean =>
  context.settlements.some(({ revisions }) => revisions > 0 || context.plannedExits.length > context.exits.length + 1);
const EDGES = edgesOf(positionMachine).map(({ id }) => id);

/** What the ledger may answer: it is asked and answers in one step. */
const ANSWERS = {
  'held.booking': ['settlement.recorded', 'settlement.refused', 'recordSettlement'],
  'held.reversed': ['settlement.reversed', 'settlement.refused', 'reverseSettlement'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Without what no venue says. */
function eventsAtVenues(state: ModelState<Machine>): readonly ModelEvent<Machine>[] {
  const { settlements, legs: held, exiting, broken } = state.context;
  const answers: readonly string[] | undefined = ANSWERS[state.text as keyof typeof ANSWERS];
  return eventsIn(state).filter((event) => {
    const { effect = event.type } = event as { effect?: string };
    if (answers !== undefined) {
      // Books refuse what is closed over nothing, or what an earlier life booked.
      if (event.type === 'settlement.refused' && state.text === 'held.booking')
        return held[1]?.sizeE6 === 0 && settlements[0]?.payment === undefined;
      return answers.includes(effect);
    }
    switch (event.type) {
      case 'settlement.recorded':
      case 'settlement.reversed':
      case 'settlement.refused':
        return false;
      case 'effect.failed':
        return effect === 'requestSettlementCheck';
      case 'settlement.checked': {
        const [heard] = (event as { evidence: readonly LegEvidence[] }).evidence;
        const known = settlements.find(({ leg }) => leg === heard?.leg);
        // What is paid at one venue stays paid; at the other it may be taken back.
        return heard?.yesPayoutE4 === 5_000 ? heard.leg === 1 : known?.payment === undefined;
      }
      case 'holding.changed':
        return (event as { held: readonly LegHolding[] }).held.every(
          ({ leg }) => (held[leg]?.sizeE6 ?? 0) > 0 && settlements[leg]?.yesPayoutE4 === undefined,
        );
      case 'exit.lapsed':
      case 'exit.sold':
        return exiting.includes((event as { leg: number }).leg);
      case 'exit.triggered':
        return !exiting.includes((event as { leg: number }).leg);
      case 'closing.requested':
        return state.context.plannedExits.length > 0;
      case 'exit.ordersFound':
      case 'following.due':
        return broken.some(({ isFollowed }) => !isFollowed);
      case 'payment.overdue':
        return state.text === 'held.halfSettled';
      case 'revision.expired':
        return state.text === 'held.settled';
      default:
        return true;
    }
  });
}

const ways = {
  'that is held to the end': { seeds: 12, hasExits: false },
  'that may be sold': { seeds: 24, hasExits: true },
  'that an earlier life knew': { seeds: 6, isRestored: true },
} as const satisfies Readonly<Record<string, HeldAs & { readonly seeds: number }>>;

for (const [variant, { seeds, ...as }] of Object.entries(ways)) {
  const spec = {
    machine: positionMachine,
    input: await positionInput(as),
    events: eventsAtVenues,
    keep,
    limit: 20_000,
  };
  const driver = () => new PositionDriver(as);
  describeModel<Machine>({
    ...spec,
    variant,
    stopWhen,
    wanted: new Set(EDGES),
    witnesses: 2,
    driver,
    place: 'venues',
  });
  describe(`a position ${variant}`, () => {
    it.each(Array.from({ length: seeds }, (_, at) => `position ${at}`))(
      'holds and books what is true, whatever comes (seed "%s")',
      async (seed) => {
        const events = (state: ModelState<Machine>) => eventsAtVenues(state).filter(isNoFault);
        const report = await interleave<Machine>({ ...spec, events }, driver(), { seed, steps: 30, place: 'venues' });
        expect(report.steps).toBeGreaterThan(0);
      },
    );
  });
}

function isNoFault({ type }: ModelEvent<Machine>): boolean {
  return type !== 'effect.failed' && type !== 'settlement.refused';
}

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
