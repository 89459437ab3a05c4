import { describe, expect, it } from 'vitest';
import { priceFromText, sizeFromText, usdFromText } from '../../../src/domain/decimal.ts';
import type { Outcome, VenueName } from '../../../src/domain/instrument.ts';
import { hedgeOf, isAsymmetric, legOf, splitPnl } from '../../../src/domain/ledger/hedge.ts';
import { Ledger } from '../../../src/domain/ledger/ledger.ts';
import type { LedgerTransaction } from '../../../src/domain/ledger/posting.ts';
import {
  type LedgerFill,
  type LedgerOutcome,
  recordBust,
  recordCash,
  recordConfirmation,
  recordFailure,
  recordFill,
  recordMerge,
  recordSettlement,
} from '../../../src/domain/ledger/record.ts';
import { micros, microUsd, notional, priceE4 } from '../../../src/domain/units.ts';

const AT = micros(0);
const usd = usdFromText;

function fundedLedger(): Ledger {
  const ledger = new Ledger();
  for (const venue of ['kalshi', 'polymarket'] as const) {
    recordCash(ledger, { id: 'start', venue, account: 'capital', cashMicroUsd: usd('50'), at: AT });
  }
  return ledger;
}

function fill(
  venue: VenueName,
  trade: string,
  of: { readonly price: string; readonly size: string; readonly fee?: string; readonly id?: string },
): LedgerFill {
  const [direction, outcome] = trade.split(' ');
  const sizeE6 = sizeFromText(of.size);
  return {
    venue,
    market: 'm',
    outcome: outcome === 'no' ? 'no' : 'yes',
    tradeId: of.id ?? `${trade} ${of.size} at ${of.price}`,
    direction: direction === 'sell' ? 'sell' : 'buy',
    sizeE6,
    notionalMicroUsd: notional(priceFromText(of.price), sizeE6),
    feeMicroUsd: usd(of.fee ?? '0'),
    standing: venue === 'polymarket' ? 'provisional' : 'final',
    at: AT,
  };
}

function held(ledger: Ledger, venue: VenueName, outcome: Outcome) {
  const { sizeE6: size, costMicroUsd } = ledger.holding({ venue, market: 'm', outcome });
  return [size, costMicroUsd];
}

function posted(outcome: LedgerOutcome): LedgerTransaction {
  if (outcome.kind !== 'posted') throw new Error(`expected a posted transaction, found ${outcome.kind}`);
  return outcome.transaction;
}

describe('ledger', () => {
  it('applies a trade once, however often it is reported', () => {
    const ledger = fundedLedger();
    const report = fill('kalshi', 'buy no', { price: '0.48', size: '50', fee: '0.88' });
    recordFill(ledger, report);
    expect(recordFill(ledger, report)).toEqual({ kind: 'duplicate', id: `kalshi/${report.tradeId}` });
    expect(ledger.cash('kalshi')).toBe(usd('25.12'));
  });

  it('does not believe a second report that says something else', () => {
    const ledger = fundedLedger();
    recordFill(ledger, fill('kalshi', 'buy no', { price: '0.48', size: '50', id: 't1' }));
    const second = recordFill(ledger, fill('kalshi', 'buy no', { price: '0.48', size: '49', id: 't1' }));
    expect(second.kind).toBe('conflict');
    expect(held(ledger, 'kalshi', 'no')).toEqual([50_000_000, 24_000_000]);
  });

  it('keeps equal trade ids of two venues apart', () => {
    const ledger = fundedLedger();
    recordFill(ledger, fill('kalshi', 'buy no', { price: '0.48', size: '1', id: 't1' }));
    expect(recordFill(ledger, fill('polymarket', 'buy yes', { price: '0.48', size: '1', id: 't1' })).kind).toBe(
      'posted',
    );
  });

  it('realises what a partial sale brings over its average cost', () => {
    const ledger = fundedLedger();
    recordFill(ledger, fill('polymarket', 'buy yes', { price: '0.45', size: '50', fee: '0.495' }));
    recordFill(ledger, fill('polymarket', 'sell yes', { price: '0.43', size: '20', fee: '0.19608' }));
    expect(held(ledger, 'polymarket', 'yes')).toEqual([30_000_000, 13_500_000]);
    expect(ledger.settledPnl('polymarket')).toBe(usd('-1.09108'));
  });

  it('rejects postings that do not sum to zero', () => {
    const postings = [{ account: 'cash', venue: 'kalshi', amountMicroUsd: microUsd(1) } as const];
    const broken: LedgerTransaction = { id: 'x', kind: 'cash', at: AT, market: undefined, postings, trade: undefined };
    expect(() => new Ledger().post(broken)).toThrow('postings must sum to 0, found 1');
  });
});

describe('a transaction that breaks the ledger', () => {
  it('throws and changes nothing', () => {
    const ledger = fundedLedger();
    const position = { account: 'position', venue: 'kalshi', market: 'm', outcome: 'yes', sizeE6: 0 } as const;
    const postings = [
      { account: 'cash', venue: 'kalshi', amountMicroUsd: usd('-1') } as const,
      { ...position, amountMicroUsd: usd('1') },
    ];
    const broken: LedgerTransaction = { id: 'x', kind: 'fill', at: AT, market: undefined, postings, trade: undefined };
    expect(() => ledger.post(broken)).toThrow('a holding of nothing must cost nothing');
    expect([ledger.cash('kalshi'), ledger.hasPosted('x')]).toEqual([usd('50'), false]);
  });
});

describe('kalshi netting', () => {
  it('pays $1 for every pair of YES and NO at once', () => {
    const ledger = fundedLedger();
    recordFill(ledger, fill('kalshi', 'buy yes', { price: '0.45', size: '50' }));
    recordFill(ledger, fill('kalshi', 'buy no', { price: '0.50', size: '30' }));
    expect(held(ledger, 'kalshi', 'yes')).toEqual([20_000_000, 9_000_000]);
    expect(held(ledger, 'kalshi', 'no')).toEqual([0, 0]);
    expect(ledger.cash('kalshi')).toBe(usd('42.5'));
    expect(ledger.settledPnl('kalshi')).toBe(usd('1.5'));
  });

  it('turns a sale beyond what is held into the opposite outcome', () => {
    const ledger = fundedLedger();
    recordFill(ledger, fill('kalshi', 'buy yes', { price: '0.40', size: '4' }));
    recordFill(ledger, fill('kalshi', 'sell yes', { price: '0.55', size: '10' }));
    expect(held(ledger, 'kalshi', 'yes')).toEqual([0, 0]);
    expect(held(ledger, 'kalshi', 'no')).toEqual([6_000_000, 2_700_000]);
    expect(ledger.settledPnl('kalshi')).toBe(usd('0.6'));
  });

  it('is undone with the trade that a bust takes back', () => {
    const ledger = fundedLedger();
    recordFill(ledger, fill('kalshi', 'buy yes', { price: '0.45', size: '50' }));
    const paired = posted(recordFill(ledger, fill('kalshi', 'buy no', { price: '0.50', size: '50' })));
    recordBust(ledger, paired, AT);
    expect(held(ledger, 'kalshi', 'yes')).toEqual([50_000_000, 22_500_000]);
    expect(ledger.cash('kalshi')).toBe(usd('27.5'));
    expect(ledger.settledPnl('kalshi')).toBe(0);
  });

  it('takes the dollars back when the earlier half of the pairs is busted', () => {
    const ledger = fundedLedger();
    const first = posted(recordFill(ledger, fill('kalshi', 'buy yes', { price: '0.45', size: '50' })));
    recordFill(ledger, fill('kalshi', 'buy no', { price: '0.50', size: '50' }));
    recordBust(ledger, first, AT);
    expect(held(ledger, 'kalshi', 'no')[0]).toBe(50_000_000);
    expect(held(ledger, 'kalshi', 'yes')).toEqual([0, 0]);
    expect(ledger.cash('kalshi')).toBe(usd('25'));
  });
});

describe('provisional trade', () => {
  const match = fill('polymarket', 'buy yes', { price: '0.45', size: '50', fee: '0.495', id: 't1' });

  it('is reversed with its fee, by a new transaction, when it fails on chain', () => {
    const ledger = fundedLedger();
    recordFill(ledger, match);
    expect(posted(recordFailure(ledger, match)).kind).toBe('reversal');
    expect(ledger.cash('polymarket')).toBe(usd('50'));
    expect(ledger.balance('fees', 'polymarket')).toBe(0);
    expect(held(ledger, 'polymarket', 'yes')).toEqual([0, 0]);
  });

  it('fails once, and is not applied when it is reported again', () => {
    const ledger = fundedLedger();
    recordFill(ledger, match);
    recordFailure(ledger, match);
    expect(recordFailure(ledger, match).kind).toBe('duplicate');
    expect(recordFill(ledger, match).kind).toBe('duplicate');
    expect(ledger.cash('polymarket')).toBe(usd('50'));
  });

  it('is never applied when its failure is heard first', () => {
    const ledger = fundedLedger();
    recordFailure(ledger, match);
    recordFill(ledger, match);
    expect(ledger.cash('polymarket')).toBe(usd('50'));
  });

  it('cannot fail once it is confirmed', () => {
    const ledger = fundedLedger();
    recordFill(ledger, match);
    expect(ledger.isProvisional(match)).toBe(true);
    recordConfirmation(ledger, match);
    expect(ledger.isProvisional(match)).toBe(false);
    expect(recordFailure(ledger, match).kind).toBe('conflict');
  });

  it('is confirmed by a final report of the same terms', () => {
    const ledger = fundedLedger();
    recordFill(ledger, match);
    recordFill(ledger, { ...match, standing: 'final' });
    expect(ledger.provisionalTrades()).toEqual([]);
    expect(ledger.cash('polymarket')).toBe(usd('27.005'));
  });

  it('leaves a short when it fails after its contracts were sold, and nothing once the sale fails too', () => {
    const ledger = fundedLedger();
    const sale = fill('polymarket', 'sell yes', { price: '0.43', size: '20' });
    recordFill(ledger, match);
    recordFill(ledger, sale);
    recordFailure(ledger, match);
    expect(held(ledger, 'polymarket', 'yes')[0]).toBe(-20_000_000);
    recordFailure(ledger, sale);
    expect(ledger.holdings()).toEqual([]);
    expect(ledger.settledPnl('polymarket')).toBe(0);
  });

  it('realises what an average cost leaves on a holding of nothing', () => {
    const ledger = fundedLedger();
    const first = fill('polymarket', 'buy yes', { price: '0.40', size: '10' });
    recordFill(ledger, first);
    recordFill(ledger, fill('polymarket', 'buy yes', { price: '0.60', size: '10' }));
    recordFill(ledger, fill('polymarket', 'sell yes', { price: '0.50', size: '10' }));
    recordFailure(ledger, first);
    expect(ledger.holdings()).toEqual([]);
    expect(ledger.settledPnl('polymarket')).toBe(usd('-1'));
  });
});

describe('settlement', () => {
  it('pays a scalar result to both outcomes', () => {
    const ledger = fundedLedger();
    recordFill(ledger, fill('polymarket', 'buy yes', { price: '0.45', size: '10' }));
    recordFill(ledger, fill('polymarket', 'buy no', { price: '0.50', size: '10' }));
    recordSettlement(ledger, { id: '1', venue: 'polymarket', market: 'm', yesPayoutE4: priceE4(3_000), at: AT });
    expect(ledger.cash('polymarket')).toBe(usd('50.5'));
    expect(ledger.holdings()).toEqual([]);
  });

  it('rounds a scalar payout of Kalshi down to the cent and books the rest as a fee', () => {
    const ledger = fundedLedger();
    recordFill(ledger, fill('kalshi', 'buy yes', { price: '0.40', size: '0.5' }));
    recordSettlement(ledger, { id: '1', venue: 'kalshi', market: 'm', yesPayoutE4: priceE4(4_550), at: AT });
    expect(ledger.cash('kalshi')).toBe(usd('50.02'));
    expect(ledger.balance('fees', 'kalshi')).toBe(usd('0.0075'));
  });

  it('happens once', () => {
    const ledger = fundedLedger();
    const settlement = { id: '1', venue: 'kalshi', market: 'm', yesPayoutE4: priceE4(10_000), at: AT } as const;
    recordFill(ledger, fill('kalshi', 'buy yes', { price: '0.40', size: '5' }));
    recordSettlement(ledger, settlement);
    expect(recordSettlement(ledger, settlement).kind).toBe('duplicate');
    expect(ledger.cash('kalshi')).toBe(usd('53'));
  });

  it('of a hedged pair brings the same total whichever way it goes (I24)', () => {
    const total = (yesPayout: number) => {
      const ledger = fundedLedger();
      recordFill(ledger, fill('polymarket', 'buy yes', { price: '0.45', size: '50', fee: '0.495' }));
      recordFill(ledger, fill('kalshi', 'buy no', { price: '0.48', size: '50', fee: '0.88' }));
      for (const venue of ['kalshi', 'polymarket'] as const) {
        recordSettlement(ledger, { id: '1', venue, market: 'm', yesPayoutE4: priceE4(yesPayout), at: AT });
      }
      return ledger.cash('kalshi') + ledger.cash('polymarket');
    };
    expect([total(0), total(3_700), total(10_000)]).toEqual([102_125_000, 102_125_000, 102_125_000]);
  });
});

describe('a market whose books are closed', () => {
  const traded = () => {
    const ledger = fundedLedger();
    const match = fill('polymarket', 'buy yes', { price: '0.45', size: '10' });
    recordFill(ledger, match);
    recordConfirmation(ledger, match);
    return { ledger, match };
  };
  const paid = () => {
    const { ledger, match } = traded();
    const payout = { id: '1', venue: 'polymarket', market: 'm', yesPayoutE4: priceE4(10_000), at: AT } as const;
    recordSettlement(ledger, payout);
    ledger.close(match);
    return { ledger, match, payout };
  };

  it('remembers none of its trades', () => {
    const { ledger, match } = paid();
    expect(ledger.tradesKnown).toBe(0);
    expect(ledger.hasPosted(`fill/polymarket/${match.tradeId}`)).toBe(false);
  });

  it('counts nothing that is told again, and nothing new', () => {
    const { ledger, match, payout } = paid();
    const before = ledger.cash('polymarket');
    const told = [
      recordFill(ledger, match),
      recordFill(ledger, { ...match, tradeId: 'new' }),
      recordFailure(ledger, match),
      recordConfirmation(ledger, match),
      recordSettlement(ledger, payout),
    ];
    expect(told.map(({ kind }) => kind)).toEqual(told.map(() => 'conflict'));
    expect([ledger.cash('polymarket'), ledger.tradesKnown, ledger.holdings()]).toEqual([before, 0, []]);
  });

  it('changes nothing when the journal is posted again', () => {
    const { ledger, match } = traded();
    const again = posted(recordFill(fundedLedger(), match));
    recordSettlement(ledger, { id: '1', venue: 'polymarket', market: 'm', yesPayoutE4: priceE4(0), at: AT });
    ledger.close(match);
    expect(ledger.post(again)).toBe('closed');
    expect(ledger.holdings()).toEqual([]);
  });

  it('leaves the trades of other markets recognised', () => {
    const { ledger, match } = traded();
    const other = { ...match, market: 'other', tradeId: 'other' };
    recordFill(ledger, other);
    recordSettlement(ledger, { id: '1', venue: 'polymarket', market: 'm', yesPayoutE4: priceE4(0), at: AT });
    ledger.close(match);
    expect(recordFill(ledger, other).kind).toBe('duplicate');
  });

  it('cannot be closed while something is held or may be reversed', () => {
    const { ledger, match } = traded();
    expect(() => ledger.close(match)).toThrow('only a market of which nothing is held or provisional can be closed');
    const sold = { ...match, direction: 'sell', tradeId: 'sold' } as const;
    recordFill(ledger, sold);
    expect(() => ledger.close(match)).toThrow('found 0 (polymarket/m)');
    recordConfirmation(ledger, sold);
    ledger.close(match);
    expect(ledger.isClosed(match)).toBe(true);
  });
});

describe('merge', () => {
  it('hands pairs back for $1 each', () => {
    const ledger = fundedLedger();
    recordFill(ledger, fill('polymarket', 'buy yes', { price: '0.45', size: '10' }));
    recordFill(ledger, fill('polymarket', 'buy no', { price: '0.50', size: '15' }));
    recordMerge(ledger, { id: '1', venue: 'polymarket', market: 'm', sizeE6: sizeFromText('10'), at: AT });
    expect(held(ledger, 'polymarket', 'no')).toEqual([5_000_000, 2_500_000]);
    expect(ledger.settledPnl('polymarket')).toBe(usd('0.5'));
  });

  it('of more pairs than are held throws', () => {
    const merge = { id: '1', venue: 'polymarket', market: 'm', sizeE6: sizeFromText('1'), at: AT } as const;
    expect(() => recordMerge(fundedLedger(), merge)).toThrow('a merge needs');
  });
});

describe('hedge', () => {
  const yes = { pays: 'yes', sizeE6: sizeFromText('50'), costMicroUsd: usd('22.5'), isProvisional: true } as const;
  const no = { pays: 'no', sizeE6: sizeFromText('30'), costMicroUsd: usd('14.4'), isProvisional: false } as const;

  it('pairs the sides and shows the rest at cost', () => {
    expect(hedgeOf([yes, no])).toEqual({
      pairsE6: 30_000_000,
      unhedgedE6: 20_000_000,
      unhedgedMicroUsd: usd('9'),
      surplusMicroUsd: usd('2.1'),
      isProvisional: true,
    });
  });

  it('is asymmetric while contracts lack a partner', () => {
    expect(isAsymmetric(hedgeOf([yes, no]))).toBe(true);
    expect(isAsymmetric(hedgeOf([{ ...yes, sizeE6: no.sizeE6 }, no]))).toBe(false);
  });

  it('splits profit by how sure it is', () => {
    const confirmed = hedgeOf([{ ...yes, isProvisional: false }, no]);
    expect(splitPnl(usd('-1'), [confirmed, hedgeOf([yes, no])])).toEqual({
      settledMicroUsd: usd('-1'),
      lockedMicroUsd: usd('2.1'),
      provisionalMicroUsd: usd('2.1'),
      whenPairsPayMicroUsd: usd('3.2'),
    });
  });

  it('counts an inverted outcome, and a short, for what they pay', () => {
    const holding = {
      venue: 'polymarket',
      market: 'm',
      outcome: 'yes',
      sizeE6: 2_000_000,
      costMicroUsd: usd('0.8'),
    } as const;
    const short = { ...holding, sizeE6: -2_000_000, costMicroUsd: usd('-0.8') };
    const upright = { isInverted: false, isProvisional: false };
    expect(legOf(holding, { ...upright, isInverted: true }).pays).toBe('no');
    expect(legOf(short, upright)).toMatchObject({ pays: 'no', sizeE6: 2_000_000, costMicroUsd: usd('1.2') });
  });
});
