/** Many orders in bad weather: seeded faults at both venues, and the truth within every report at every step. */
import { describe, expect, it } from 'vitest';
import { filledSpan, type LegOrder } from '../../src/domain/execution/leg.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import { contracts, micros, priceE4 } from '../../src/domain/units.ts';
import { books, level } from '../support/two-venues.ts';
import { type Leg, type LegDesk, legDesk, orderOn } from '../support/two-venues-legs.ts';

const SEEDS = Array.from({ length: Number(process.env.TANDEM_STORM_SEEDS ?? 8) }, (_, at) => `storm ${at}`);
const STEPS = 60;
/** Faults after which the venue tells the truth about fills, if late. Those that lie (O11, O14, O17) have tests of their own. */
const FAULTS = [
  'O1',
  'O2',
  'O3',
  'O4',
  'O6',
  'O8',
  'O9',
  'O10',
  'O12',
  'O13',
  'O15',
  'O16',
  'O18',
  'N2',
  'N5',
  'N6',
  'N7',
  'N8',
  'D1',
  'D2',
  'C1',
  'C2',
  'C3',
];
const TIMES = ['fillOrKill', 'immediateOrCancel', 'goodTillCanceled', 'goodTillDate'] as const;

describe('order legs in bad weather', () => {
  it.each(SEEDS)(
    'span the truth at every step and equal it at the end: %s',
    async (seed) => {
      const random = seededRandom(seed);
      const pick = <T>(all: readonly T[]): T => all[random.below(all.length)] as T;
      const desk = await legDesk();
      const legs: Leg[] = [];
      const intents = new Map<VenueName, number>();
      const acts: (() => void)[] = [
        () => {
          const name = pick(['kalshi', 'polymarket'] as const);
          const order = orderOn(desk, name, anyOrder(desk, pick));
          legs.push(...desk.plan([order]));
          intents.set(name, (intents.get(name) ?? 0) + 1);
        },
        () => pick([desk.kalshi, desk.polymarket]).setFaults({ id: pick(FAULTS), rate: 0.5, times: 2 }),
        () =>
          pick([desk.kalshi, desk.polymarket]).counterparty(
            pick(['buy', 'sell'] as const),
            level(50, 1 + random.below(5)),
          ),
        () => pick([desk.kalshi, desk.polymarket]).house(books),
        () => wishAny(legs, pick, { type: 'cancel.requested', reason: 'storm' }),
        () => wishAny(legs, pick, { type: 'reconciliation.requested', reason: 'storm' }),
      ];
      for (let step = 0; step < STEPS; step++) {
        (step % 2 === 0 ? (acts[0] as () => void) : pick(acts))();
        await desk.time.advance(pick([0, 1, 3, 4, 7, 20, 100, 1_000, 9_000]));
        for (const leg of legs) expectInSpan(leg);
      }
      desk.kalshi.setFaults();
      desk.polymarket.setFaults();
      for (const leg of legs) if (leg.state() !== 'gone') leg.wish({ type: 'cancel.requested', reason: 'calm' });
      for (let passed = 0; passed < 100; passed++) {
        await desk.time.advance(4_000);
        for (const leg of legs) expectInSpan(leg);
      }
      expect(legs.map((leg) => leg.state()).filter((state) => state !== 'gone')).toEqual([]);
      for (const leg of legs)
        expect(leg.report()).toMatchObject({ finalE6: leg.trueFilledE6(), provisionalE6: 0, openE6: 0 });
      for (const name of ['kalshi', 'polymarket'] as const) {
        const { truth, yes } = desk.side(name);
        expect(truth.ordersReceived()).toBeLessThanOrEqual(intents.get(name) ?? 0);
        expect(truth.restingIds()).toEqual([]);
        const { key } = { key: desk.accounts.ledger.holdings().find(({ venue }) => venue === name) };
        expect(key?.sizeE6 ?? 0).toBe(truth.matchedE6(yes));
      }
      expect(desk.accounts.ledger.sum()).toBe(0n);
      expect(desk.faults).toEqual([]);
      expect(desk.journal.appended.filter(({ kind }) => kind === 'ignored')).toEqual([]);
      await desk.close();
    },
    60_000,
  );
});

function anyOrder(desk: LegDesk, pick: <T>(all: readonly T[]) => T): Partial<LegOrder> {
  const timeInForce = pick(TIMES);
  const rests = timeInForce === 'goodTillCanceled' || timeInForce === 'goodTillDate';
  return {
    attemptId: `a${desk.words.length}`,
    timeInForce,
    limitE4: priceE4(rests ? pick([5_000, 5_200]) : 5_200),
    sizeE6: contracts(pick([5, 10, 20])),
    expiresAt: timeInForce === 'goodTillDate' ? micros(desk.clock.wall() + 120_000_000) : undefined,
  };
}

function wishAny(
  legs: readonly Leg[],
  pick: <T>(all: readonly T[]) => T,
  event: { type: string; reason: string },
): void {
  const alive = legs.filter((leg) => leg.state() !== 'gone');
  if (alive.length > 0) pick(alive).wish(event);
}

function expectInSpan(leg: Leg): void {
  if (leg.state() === 'planned') return;
  const { leastE6, mostE6 } = filledSpan(leg.report());
  const truth = leg.trueFilledE6();
  const what = `${leg.order.clientOrderId} (${leg.order.venue} ${leg.order.timeInForce}) in ${leg.state()}`;
  expect(truth, what).toBeGreaterThanOrEqual(leastE6);
  expect(truth, what).toBeLessThanOrEqual(mostE6);
}
