import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeDemoFolder, RUNS_KEPT } from '../../../src/app/demo/demo-folder.ts';
import { seededRandom } from '../../../src/domain/seeded-random.ts';

function home(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('the folder of a demonstration', () => {
  it('is new for every run, and nobody else may look into it', () => {
    const at = home();
    const random = seededRandom('runs');
    const [one, other] = [makeDemoFolder(at, { wallMs: 0, random }), makeDemoFolder(at, { wallMs: 0, random })];
    expect(one.path).not.toBe(other.path);
    for (const path of [join(at, '.tandem'), join(at, '.tandem', 'demo'), one.path])
      expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('keeps the last few runs, and everything that is not a run', () => {
    const at = home();
    const random = seededRandom('runs');
    mkdirSync(join(at, '.tandem', 'demo', 'mine'), { recursive: true });
    mkdirSync(join(at, '.tandem', 'paper'), { recursive: true });
    const runs = Array.from({ length: RUNS_KEPT + 3 }, (_, day) =>
      makeDemoFolder(at, { wallMs: day * 86_400_000, random }),
    );
    const kept = readdirSync(join(at, '.tandem', 'demo'));
    expect(kept).toEqual([...runs.slice(-RUNS_KEPT).map(({ run }) => run), 'mine']);
    expect(existsSync(join(at, '.tandem', 'paper'))).toBe(true);
  });
});
