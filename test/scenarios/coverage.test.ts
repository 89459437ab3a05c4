import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Of SCENARIOS.md section 1: what whole trading must live through. The others are about its parts, and tested there. */
const IN_SCOPE: readonly string[] = [...ids(1, 35), 'S44', 'S46', 'S48', 'S49', ...ids(51, 53)];

const TITLE = /\bit(?:\.each\([\s\S]*?\))?\(\s*['"`](S\d\d) › /g;

function ids(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, at) => `S${String(first + at).padStart(2, '0')}`);
}

function tested(): ReadonlySet<string> {
  const folder = import.meta.dirname;
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'coverage.test.ts');
  const found = files.flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(TITLE)]);
  return new Set(found.map(([, id = '']) => id));
}

describe('scenarios', () => {
  it('each id in scope has a test whose title begins with it', () => {
    const covered = tested();
    expect(IN_SCOPE.filter((id) => !covered.has(id))).toEqual([]);
  });
});
