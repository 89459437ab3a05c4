import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Processes,
  type ProcessIdentity,
  systemProcesses,
  takeLock,
} from '../../../src/db/journal/directory-lock.ts';

const US: ProcessIdentity = { pid: 100, startedAt: '5', bootId: 'boot', host: 'here' };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tandem-lock-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function seenBy(self: ProcessIdentity, stateOf: Processes['stateOf']): Processes {
  return { self, stateOf };
}

describe('the lock of a folder', () => {
  it('is refused while its holder lives, and names the holder', () => {
    const path = join(folder(), 'lock');
    const held = takeLock(
      path,
      seenBy(US, () => 'alive'),
    );
    expect(() =>
      takeLock(
        path,
        seenBy({ ...US, pid: 200 }, () => 'alive'),
      ),
    ).toThrow(
      expect.objectContaining({
        kind: 'locked',
        message: expect.stringContaining('in use by process 100: stop that one first'),
      }),
    );
    held.release();
    takeLock(
      path,
      seenBy({ ...US, pid: 200 }, () => 'alive'),
    ).release();
  });

  it('is taken from a holder that is gone', () => {
    const path = join(folder(), 'lock');
    takeLock(
      path,
      seenBy(US, () => 'alive'),
    );
    takeLock(
      path,
      seenBy({ ...US, pid: 200 }, () => 'gone'),
    );
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: 200 });
  });

  it('leaves nothing else lying about', () => {
    const home = folder();
    takeLock(
      join(home, 'lock'),
      seenBy(US, () => 'alive'),
    );
    takeLock(
      join(home, 'lock'),
      seenBy({ ...US, pid: 200 }, () => 'gone'),
    ).release();
    expect(readdirSync(home)).toEqual([]);
  });

  it('is not taken from a holder that cannot be seen, and says what to do', () => {
    const path = join(folder(), 'lock');
    takeLock(
      path,
      seenBy({ ...US, host: 'there' }, () => 'alive'),
    );
    expect(() =>
      takeLock(
        path,
        seenBy(US, () => 'unknown'),
      ),
    ).toThrow(/process 100 on there, which cannot be seen from here: .* remove \S+\/lock$/);
  });

  it('is not taken from what names no process', () => {
    const path = join(folder(), 'lock');
    writeFileSync(path, 'garbage');
    expect(() =>
      takeLock(
        path,
        seenBy(US, () => 'gone'),
      ),
    ).toThrow(/expected \S+ to name a process, found something else/);
  });

  it('is not released by one that lost it', () => {
    const path = join(folder(), 'lock');
    const first = takeLock(
      path,
      seenBy(US, () => 'alive'),
    );
    takeLock(
      path,
      seenBy({ ...US, pid: 200 }, () => 'gone'),
    );
    first.release();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: 200 });
  });

  it('waits for nobody who died while removing a dead lock', () => {
    const home = folder();
    mkdirSync(home, { recursive: true });
    for (const name of ['lock', 'lock.removing']) writeFileSync(join(home, name), JSON.stringify({ ...US, pid: 1 }));
    takeLock(
      join(home, 'lock'),
      seenBy(US, () => 'gone'),
    );
    expect(readdirSync(home)).toEqual(['lock']);
  });
});

describe('the processes of this machine', () => {
  const { self, stateOf } = systemProcesses();

  it('know this one as alive', () => {
    expect(stateOf(self)).toBe('alive');
  });

  it.each([
    ['a process id that nobody has', { pid: 2 ** 22 + 1 }],
    ['a process id that was used again', { startedAt: '1' }],
    ['a boot that is over', { bootId: 'another' }],
  ])('know as gone: %s', (_, change) => {
    expect(stateOf({ ...self, ...change })).toBe('gone');
  });

  it('do not judge a process of another host', () => {
    expect(stateOf({ ...self, host: 'elsewhere' })).toBe('unknown');
  });
});
