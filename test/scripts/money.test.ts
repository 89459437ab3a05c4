import { describe, expect, test } from 'vitest';
import { moneyProblems } from '../../scripts/checks/money.ts';

describe('money check', () => {
  test.each([
    'const rate = 0.07;',
    'const rate = .0175;',
    "const rate = '0.035';",
    'const rateE6 = 70_000;',
    'f(17500n)',
  ])('refuses a fee rate outside the fee rules: %s', (source) => {
    expect(moneyProblems('src/domain/edge/box.ts', source)).toHaveLength(1);
  });

  test.each(['src/domain/fees/kalshi.ts', 'src/domain/kalshi-fees.ts', 'src/sim/kalshi/fees.ts'])(
    'lets %s hold fee rates',
    (path) => {
      expect(moneyProblems(path, 'const rate = 0.07;')).toEqual([]);
    },
  );

  test('does not mistake a longer number, a comment or a message for a rate', () => {
    const source = "const a = 0.075 + 170_000; // 0.07\nconst b = 'about 0.07 dollars';";

    expect(moneyProblems('src/domain/edge/box.ts', source)).toEqual([]);
  });

  test('refuses display rounding where decisions are made, and only there', () => {
    const source = 'text = price.toFixed(2);';

    expect(moneyProblems('src/domain/edge/box.ts', source)).toHaveLength(1);
    expect(moneyProblems('src/ops/top.ts', source)).toEqual([]);
  });
});
