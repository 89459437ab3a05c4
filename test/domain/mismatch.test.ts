import { describe, expect, it } from 'vitest';
import { acceptsMismatch, mismatchTolerance } from '../../src/domain/mismatch.ts';
import { microUsd, rateE6 } from '../../src/domain/units.ts';

describe('mismatch tolerance', () => {
  it('refuses an edge that only breaks even', () => {
    const edge = microUsd(20_000);
    expect(acceptsMismatch({ edge, mismatch: rateE6(20_000), adverse: rateE6(1_000_000) })).toBe(false);
    expect(acceptsMismatch({ edge, mismatch: rateE6(19_999), adverse: rateE6(1_000_000) })).toBe(true);
  });

  it('gives no credit for mismatches in our favour', () => {
    const none = mismatchTolerance({ edge: microUsd(20_000), mismatch: rateE6(500_000), adverse: rateE6(0) });
    expect(none.expectedNet).toEqual({ numerator: 20_000n * 1_000_000n, denominator: 10n ** 12n });
    expect(none.breakeven).toBeUndefined();
  });
});
