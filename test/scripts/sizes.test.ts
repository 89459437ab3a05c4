import { describe, expect, test } from 'vitest';
import { sizeProblems } from '../../scripts/checks/sizes.ts';

const lines = (count: number): string => 'line;\n'.repeat(count);

describe('size check', () => {
  test('refuses the line after the four hundredth', () => {
    expect(sizeProblems('src/domain/book.ts', lines(401))).toHaveLength(1);
    expect(sizeProblems('src/domain/book.ts', lines(400))).toEqual([]);
  });

  test('accepts a long file that defends itself near its top', () => {
    expect(sizeProblems('src/a.ts', `/**\n * Long because the table is one.\n */\n${lines(500)}`)).toEqual([]);
    expect(sizeProblems('src/a.ts', `${lines(500)}// Long because nobody looked.\n`)).toHaveLength(1);
  });
});
