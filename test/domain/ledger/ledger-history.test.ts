import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome, VenueName } from '../../../src/domain/instrument.ts';
import { Ledger } from '../../../src/domain/ledger/ledger.ts';
import type { LedgerTransaction } from '../../../src/domain/ledger/posting.ts';
import {
  type LedgerFill,
  type LedgerOutcome,
  recordBust,
  recordConfirmation,
  recordFailure,
  recordFill,
  recordSettlement,
} from '../../../src/domain/ledger/record.ts';
import { micros, microUsd, notional, priceE4, sizeE6 } from '../../../src/domain/units.ts';

const AT = micros(0);

type Step =
  | { readonly kind: 'fill'; readonly fill: LedgerFill }
  | { readonly kind: 'failure' | 'confirmation' | 'bust'; readonly of: number }
  | { readonly kind: 'settlement'; readonly venue: VenueName; readonly payout: number };

const venue = fc.constantFrom<VenueName>('kalshi', 'polymarket');

const anyFill: fc.Arbitrary<Step> = fc
  .record({
    venue,
    outcome: fc.constantFrom<Outcome>('yes', 'no'),
    direction: fc.constantFrom('buy' as const, 'sell' as const),
    id: fc.integer({ min: 0, max: 40 }),
    price: fc.integer({ min: 1, max: 9_999 }),
    // Few sizes, so that histories often come back to nothing.
    hundredths: fc.oneof(fc.constantFrom(100, 300), fc.integer({ min: 1, max: 5_000 })),
    fee: fc.integer({ min: -10_000, max: 900_000 }),
  })
  .map(({ venue: at, outcome, direction, id, price, hundredths, fee }) => {
    const size = sizeE6(hundredths * 10_000);
    return {
      kind: 'fill',
      fill: {
        venue: at,
        market: `m${id % 2}`,
        outcome,
        direction,
        tradeId: `t${id}`,
        sizeE6: size,
        notionalMicroUsd: notional(priceE4(price), size),
        feeMicroUsd: microUsd(fee),
        standing: at === 'polymarket' ? 'provisional' : 'final',
        at: AT,
      },
    };
  });

const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: anyFill },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('failure' as const), of: fc.nat(40) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('confirmation' as const), of: fc.nat(40) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('bust' as const), of: fc.nat(40) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('settlement' as const),
        venue,
        payout: fc.integer({ min: 0, max: 10_000 }),
      }),
    },
  ),
  { maxLength: 60 },
);

function play(ledger: Ledger, steps: readonly Step[]): LedgerTransaction[] {
  const journal: LedgerTransaction[] = [];
  const keep = (outcome: LedgerOutcome) => {
    if (outcome.kind === 'posted') journal.push(outcome.transaction);
  };
  for (const [at, step] of steps.entries()) {
    if (step.kind === 'fill') keep(recordFill(ledger, step.fill));
    else if (step.kind === 'settlement') {
      const { venue: paying, payout } = step;
      keep(
        recordSettlement(ledger, { id: `${at}`, venue: paying, market: 'm0', yesPayoutE4: priceE4(payout), at: AT }),
      );
    } else if (step.kind === 'bust') {
      const original = journal.find((each) => each.id === `fill/kalshi/t${step.of}`);
      if (original !== undefined) keep(recordBust(ledger, original, AT));
    } else {
      const trade = { venue: 'polymarket', market: `m${step.of % 2}`, tradeId: `t${step.of}`, at: AT } as const;
      keep(step.kind === 'failure' ? recordFailure(ledger, trade) : recordConfirmation(ledger, trade));
    }
  }
  return journal;
}

describe('any history', () => {
  it('conserves money and leaves no Kalshi market on both sides', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const ledger = new Ledger();
        const journal = play(ledger, steps);
        expect(ledger.sum()).toBe(0n);
        for (const transaction of journal) {
          expect(transaction.postings.reduce((sum, posting) => sum + posting.amountMicroUsd, 0)).toBe(0);
        }
        const kalshi = ledger.holdings().filter((holding) => holding.venue === 'kalshi');
        expect(kalshi.every((holding) => holding.sizeE6 > 0)).toBe(true);
        expect(new Set(kalshi.map((holding) => holding.market)).size).toBe(kalshi.length);
      }),
      { numRuns: 500 },
    );
  });

  it('is rebuilt by posting its transactions again, each of them twice', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const ledger = new Ledger();
        const journal = play(ledger, steps);
        const rebuilt = new Ledger();
        for (const transaction of [...journal, ...journal]) rebuilt.post(transaction);
        expect(rebuilt.holdings()).toEqual(ledger.holdings());
        expect(rebuilt.provisionalTrades()).toEqual(ledger.provisionalTrades());
        for (const at of ['kalshi', 'polymarket'] as const) {
          expect(rebuilt.cash(at)).toBe(ledger.cash(at));
          expect(rebuilt.settledPnl(at)).toBe(ledger.settledPnl(at));
        }
      }),
    );
  });

  it('of failed matches only changes nothing in the end', () => {
    fc.assert(
      fc.property(fc.array(anyFill, { maxLength: 20 }), (steps) => {
        const ledger = new Ledger();
        const matches = steps.flatMap((step) =>
          step.kind === 'fill' ? [{ ...step.fill, venue: 'polymarket', standing: 'provisional' } as const] : [],
        );
        for (const match of matches) recordFill(ledger, match);
        for (const match of matches) recordFailure(ledger, match);
        expect(ledger.holdings()).toEqual([]);
        expect([ledger.cash('polymarket'), ledger.settledPnl('polymarket')]).toEqual([0, 0]);
      }),
    );
  });

  it('that ends flat has earned exactly what its cash has changed by', () => {
    fc.assert(
      fc.property(fc.array(anyFill, { maxLength: 30 }), (steps) => {
        const ledger = new Ledger();
        play(ledger, steps);
        for (const at of ['kalshi', 'polymarket'] as const) {
          for (const market of ['m0', 'm1']) {
            recordSettlement(ledger, { id: 'end', venue: at, market, yesPayoutE4: priceE4(10_000), at: AT });
          }
          expect(ledger.settledPnl(at)).toBe(ledger.cash(at));
        }
      }),
    );
  });
});
