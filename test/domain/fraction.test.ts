import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, fraction, roundTo, subtract, toFloat } from '../../src/domain/fraction.ts';

const whole = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
const divisor = fc.bigInt({ min: 1n, max: 10n ** 15n });
const anyFraction = fc.tuple(whole, divisor).map(([numerator, denominator]) => fraction(numerator, denominator));

describe('fraction', () => {
  it('refuses a denominator of 0', () => {
    expect(() => fraction(1, 0)).toThrow('positive');
  });

  it('gets back what it added when that is subtracted again', () => {
    fc.assert(
      fc.property(anyFraction, anyFraction, (a, b) => {
        const back = subtract(add(a, b), b);
        expect(back.numerator * a.denominator).toBe(a.numerator * back.denominator);
      }),
    );
  });

  it('is the nearest float where both parts are whole floats', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1 }), (numerator, denominator) => {
        expect(toFloat(fraction(numerator, denominator))).toBe(numerator === 0 ? 0 : numerator / denominator);
      }),
    );
  });

  it('stays finite where numerator and denominator are beyond the floats', () => {
    expect(toFloat(fraction(3n ** 1_000n * 5n, 3n ** 1_000n * 4n))).toBe(1.25);
  });

  it('rounds in the direction that is asked for, below zero too', () => {
    expect(roundTo(fraction(-1, 3), 100, 'floor')).toBe(-34);
    expect(roundTo(fraction(-1, 3), 100, 'ceil')).toBe(-33);
  });
});
