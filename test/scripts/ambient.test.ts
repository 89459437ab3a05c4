import { describe, expect, test } from 'vitest';
import { ambientProblems } from '../../scripts/checks/ambient.ts';

const problems = (source: string, path = 'src/streams/mark-stale.ts') => ambientProblems(path, source);

describe('ambient check', () => {
  test.each([
    'const at = Date.now();',
    'const now = Date.now;',
    'const at = new Date();',
    'const at = new Date;',
    'const at = Date();',
    'performance.now();',
    'process.hrtime.bigint();',
    'process.env.HOME;',
    'globalThis.process.env;',
    "import { env } from 'node:process';",
    'Math.random();',
    'crypto.randomUUID();',
    "import { randomBytes } from 'node:crypto';",
    'setTimeout(work, 10);',
    'globalThis.setTimeout(work, 10);',
    'const later = setInterval;',
    "import { scheduler } from 'node:timers/promises';",
    'queueMicrotask(work);',
    'await fetch(url);',
    ['const a = `$', '{Date.now()}`;'].join(''),
  ])('refuses %s', (source) => {
    expect(problems(source)).toHaveLength(1);
  });

  test.each([
    'const at = new Date(receivedAtMs);',
    'clock.setTimeout(work, 10);',
    'clock.now();',
    'random.next();',
    "const text = 'Date.now()';",
    '// Date.now() is not called here',
    'interface Clock { readonly setTimeout: (work: () => void, ms: number) => unknown }',
    'let timer: ReturnType<typeof setTimeout>;',
    'venue.fetch(instrument);',
  ])('accepts %s', (source) => {
    expect(problems(source)).toEqual([]);
  });

  test.each(['src/app/compose.ts', 'src/venues/transport/clock.ts', 'src/ops/random-ids.ts', 'src/ops/system-load.ts'])(
    'lets %s hold the real thing',
    (path) => {
      expect(problems('Date.now();', path)).toEqual([]);
    },
  );
});
