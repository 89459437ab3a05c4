import { describe, expect, test } from 'vitest';
import { completed, type LockFile, missingPlatformPackages } from '../../scripts/checks/lock-file.ts';
import { lockProblems } from '../../scripts/checks/lockfile.ts';

type Entries = LockFile['packages'];

/** A manifest with one dependency and its lock file; `entries` are added to the lock file. */
function problems({
  pin = '1.0.0',
  allowScripts = {},
  entries = {},
}: {
  pin?: string;
  allowScripts?: Record<string, boolean>;
  entries?: Entries;
}) {
  const dependencies = { a: pin };
  const packages: Entries = { '': { dependencies }, 'node_modules/a': { version: '1.0.0' }, ...entries };
  return lockProblems('package-lock.json', { dependencies, allowScripts }, { packages });
}

describe('lock file check', () => {
  test('accepts an exact pin and a plain entry', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ pin: 'npm:@xstate/graph@3.0.4' })).toEqual([]);
  });

  test.each(['^1.0.0', '~1.0.0', '1.x', 'latest', '>=1', 'github:a/b', 'npm:b@^1.0.0'])('refuses the pin %s', (pin) => {
    expect(problems({ pin })).toHaveLength(1);
  });

  test('refuses an entry that names where it came from', () => {
    expect(
      problems({ entries: { 'node_modules/b': { version: '1.0.0', resolved: 'https://example.com/b.tgz' } } }),
    ).toHaveLength(1);
  });

  test('refuses a production package whose install script must run', () => {
    const entry = { version: '1.0.0', hasInstallScript: true };

    expect(problems({ entries: { 'node_modules/b': entry } })).toHaveLength(1);
    expect(problems({ entries: { 'node_modules/b': { ...entry, dev: true } } })).toEqual([]);
    expect(problems({ entries: { 'node_modules/b': { ...entry, optional: true } } })).toEqual([]);
    expect(problems({ entries: { 'node_modules/b': entry }, allowScripts: { b: true } })).toEqual([]);
  });

  test('refuses a lock file that is out of step with its manifest', () => {
    const lock = { packages: { '': { dependencies: { a: '1.0.0' } }, 'node_modules/a': { version: '1.0.0' } } };

    expect(lockProblems('package-lock.json', { dependencies: { a: '1.0.1' } }, lock)).toHaveLength(1);
  });

  test('refuses a lock file that leaves out a platform, and completing it mends that', () => {
    const parent = {
      version: '2.0.0',
      dev: true,
      optionalDependencies: { '@b/linux-x64-musl': '2.0.0', '@b/win32-arm64': '2.0.0' },
    };
    const entries = { 'node_modules/b': parent, 'node_modules/@b/win32-arm64': { version: '2.0.0', optional: true } };

    const whole = completed({ packages: { '': {}, ...entries } });

    expect(problems({ entries })).toHaveLength(1);
    expect(missingPlatformPackages(whole)).toEqual([]);
    expect(whole.packages['node_modules/@b/linux-x64-musl']).toEqual({
      version: '2.0.0',
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
      dev: true,
      optional: true,
    });
  });

  test('finds an optional package that is nested below its parent', () => {
    const parent = { version: '2.0.0', optionalDependencies: { c: '1.0.0' } };

    expect(
      problems({ entries: { 'node_modules/b': parent, 'node_modules/b/node_modules/c': { version: '1.0.0' } } }),
    ).toEqual([]);
  });
});
