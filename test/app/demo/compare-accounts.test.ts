import { describe, expect, it } from 'vitest';
import { type AccountTruth, differences } from '../../../src/app/demo/compare-accounts.ts';
import type { VenueName } from '../../../src/domain/instrument.ts';
import type { Holding } from '../../../src/domain/ledger/ledger.ts';
import { type MicroUsd, microUsd } from '../../../src/domain/units.ts';

const truth = (given: Partial<AccountTruth> = {}): AccountTruth => ({
  venue: 'kalshi',
  cashMicroUsd: 50_000_000,
  contractsE6: new Map([['T yes', 10_000_000]]),
  restingOrders: 0,
  ...given,
});

function ledger(cash: number, contractsE6: number, outcome: 'yes' | 'no' = 'yes') {
  const holding: Holding = { venue: 'kalshi', market: 'T', outcome, sizeE6: contractsE6, costMicroUsd: microUsd(0) };
  return { cash: (_: VenueName): MicroUsd => microUsd(cash), holdings: () => [holding] };
}

describe('belief and truth', () => {
  it('are the same to the millionth of a dollar, or they differ', () => {
    expect(differences([truth()], ledger(50_000_000, 10_000_000))).toEqual([]);
    expect(differences([truth()], ledger(50_000_001, 10_000_000))).toEqual([
      'kalshi cash: Tandem believes $50.000001, the account holds $50.000000',
    ]);
  });

  it('differ in contracts that one of them does not know', () => {
    expect(differences([truth()], ledger(50_000_000, 10_000_000, 'no'))).toEqual([
      'kalshi T no: Tandem believes 10.00, the account holds 0.00',
      'kalshi T yes: Tandem believes 0.00, the account holds 10.00',
    ]);
    expect(differences([truth({ contractsE6: new Map() })], ledger(50_000_000, 0))).toEqual([]);
  });

  it('differ while an order still rests', () => {
    expect(differences([truth({ restingOrders: 2 })], ledger(50_000_000, 10_000_000))).toEqual([
      'kalshi: 2 orders still rest',
    ]);
  });
});
