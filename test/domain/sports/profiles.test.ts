import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPositive, toFloat, ZERO } from '../../../src/domain/fraction.ts';
import {
  bookSpreadUsd,
  type EntryBounds,
  type EntryCase,
  fairValue,
  feePerContractOf,
  judgeEntry,
  netEdge,
  type SideEdge,
  SPORTS_PROFILES,
  sportsEdge,
} from '../../../src/domain/sports/profiles.ts';
import { contracts, microUsd, millis, priceE4, RATE_ONE } from '../../../src/domain/units.ts';
import { kalshiTakerFee } from '../../support/sports-fees.ts';

const bounds: EntryBounds = {
  venueSpreadUsdMax: microUsd(30_000),
  volumeE6Min: contracts(1_000),
  untilEventMsMin: millis(60_000),
  untilEventMsMax: millis(86_400_000),
  priceE4Min: priceE4(1_000),
  priceE4Max: priceE4(9_000),
};

function edge(set: Partial<SideEdge> = {}): SideEdge {
  return { side: 'yes', askE4: priceE4(4_800), fair: microUsd(550_000), grossEdge: microUsd(70_000), ...set };
}

function entry(set: Partial<EntryCase> = {}): EntryCase {
  return {
    edge: edge(),
    evidence: { books: 4, bookSpread: microUsd(20_000) },
    market: { venueSpread: microUsd(10_000), volumeE6: contracts(5_000), untilEventMs: millis(3_600_000) },
    fee: kalshiTakerFee,
    ...set,
  };
}

describe('sports edge', () => {
  it('takes the better side, and YES when both are alike', () => {
    const fair = { yes: microUsd(500_000), no: microUsd(500_000) };
    expect(sportsEdge(fair, { yes: priceE4(4_900), no: priceE4(4_800) }).better?.side).toBe('no');
    expect(sportsEdge(fair, { yes: priceE4(4_800), no: priceE4(4_800) }).better?.side).toBe('yes');
  });

  it('does not take a side that nobody offers', () => {
    const fair = { yes: microUsd(900_000), no: microUsd(100_000) };
    expect(sportsEdge(fair, { yes: undefined, no: priceE4(4_800) }).better?.side).toBe('no');
    expect(sportsEdge(fair, { yes: undefined, no: undefined }).better).toBeUndefined();
  });

  it('never gains from rounding: fair values of both sides are at most $1 together', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (p) => {
        const { yes, no } = fairValue(p);
        expect(yes + no).toBeLessThanOrEqual(RATE_ONE);
        expect(yes + no).toBeGreaterThanOrEqual(RATE_ONE - 1);
      }),
    );
  });

  it('makes no disagreement of the books smaller', () => {
    expect(bookSpreadUsd(0.0250001)).toBe(25_001);
  });
});

describe('net edge', () => {
  it('is negative for a one-cent edge everywhere between 17.3 and 82.7 cents', () => {
    for (const ask of [1_730, 3_000, 5_000, 7_000, 8_270]) {
      const thin = edge({ askE4: priceE4(ask), fair: microUsd(ask * 100 + 10_000), grossEdge: microUsd(10_000) });
      expect(isPositive(netEdge(thin, kalshiTakerFee).atSettlement)).toBe(false);
    }
    const tail = edge({ askE4: priceE4(1_700), fair: microUsd(180_000), grossEdge: microUsd(10_000) });
    expect(isPositive(netEdge(tail, kalshiTakerFee).atSettlement)).toBe(true);
  });

  it('pays a second fee when it is sold before settlement', () => {
    const net = netEdge(edge(), kalshiTakerFee);
    expect(toFloat(net.atSettlement)).toBeCloseTo(0.052528, 12);
    expect(toFloat(net.roundTrip)).toBeCloseTo(0.035203, 12);
  });

  it('bears its share of an order whose fee was rounded up', () => {
    const cent = feePerContractOf(() => microUsd(20_000), contracts(3));
    expect(toFloat(cent(priceE4(5_000)))).toBeCloseTo(0.02 / 3, 15);
  });
});

describe('entry', () => {
  it('is approved when every limit is just met', () => {
    const just = entry({
      edge: edge({ grossEdge: microUsd(50_000) }),
      evidence: { books: 3, bookSpread: microUsd(30_000) },
      market: { venueSpread: microUsd(30_000), volumeE6: contracts(1_000), untilEventMs: millis(86_400_000) },
    });
    expect(judgeEntry(just, SPORTS_PROFILES.STANDARD, bounds)).toMatchObject({ isApproved: true, failed: [] });
  });

  it.each([
    ['edge', entry({ edge: edge({ grossEdge: microUsd(49_999) }) })],
    ['books', entry({ evidence: { books: 2, bookSpread: microUsd(0) } })],
    ['bookSpread', entry({ evidence: { books: 4, bookSpread: microUsd(30_001) } })],
    ['venueSpread', entry({ market: { ...entry().market, venueSpread: microUsd(30_001) } })],
    ['volume', entry({ market: { ...entry().market, volumeE6: contracts(999) } })],
    ['untilEvent', entry({ market: { ...entry().market, untilEventMs: millis(59_999) } })],
    ['untilEvent', entry({ market: { ...entry().market, untilEventMs: millis(86_400_001) } })],
    ['price', entry({ edge: edge({ askE4: priceE4(9_001) }), fee: () => ZERO })],
  ])('is refused for %s alone when that limit is missed', (check, missed) => {
    expect(judgeEntry(missed, SPORTS_PROFILES.STANDARD, bounds)).toMatchObject({ isApproved: false, failed: [check] });
  });

  it('is refused when the fee eats the edge, whatever the profile accepts', () => {
    const thin = entry({ edge: edge({ grossEdge: microUsd(10_000) }) });
    expect(judgeEntry(thin, SPORTS_PROFILES.ANY_EDGE, bounds)).toMatchObject({
      isApproved: false,
      failed: ['netEdge'],
    });
  });

  it('is refused when fee and edge are equal', () => {
    const even = entry({ fee: () => ({ numerator: 7n, denominator: 100n }) });
    expect(judgeEntry(even, SPORTS_PROFILES.STANDARD, bounds).failed).toEqual(['netEdge']);
  });
});
