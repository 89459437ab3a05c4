import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../bench/support/attempts-soak.ts';
import type { Environment } from '../../bench/support/environment.ts';
import { resultOf, verdictLines } from '../../bench/support/soak-report.ts';

const environment: Environment = {
  node: '20.0.0',
  cores: 2,
  processor: 'test',
  flags: [],
  commit: undefined,
  committed: undefined,
};

function checkpoint(attempts: number, usedBytes: number, differing: Partial<Checkpoint> = {}): Checkpoint {
  const nothing = { workActors: 0, positions: 0, liveAttempts: 0, strayChildren: 0, openOrders: 0 };
  return { attempts, heap: { usedBytes, codeBytes: 0 }, ...nothing, tradesKnown: 0, timers: 30, ...differing };
}

describe('the verdict of a soak', () => {
  it('calls a heap flat that differs by five per cent once it is warm', () => {
    const heaps = [checkpoint(1_000, 10), checkpoint(2_000, 1_050), checkpoint(3_000, 1_000)];
    expect(resultOf(heaps, environment)).toMatchObject({ isFlat: true, isEveryActorAtWork: true });
  });

  it('calls it not flat beyond that, whichever way it went', () => {
    const heaps = [checkpoint(2_000, 1_060), checkpoint(3_000, 1_000), checkpoint(4_000, 1_030)];
    expect(resultOf(heaps, environment).isFlat).toBe(false);
  });

  it('counts compiled code apart', () => {
    const heaps = [0, 500].map((codeBytes) =>
      checkpoint(2_000, 0, { heap: { usedBytes: 1_000 + codeBytes, codeBytes } }),
    );
    expect(resultOf(heaps, environment)).toMatchObject({ isFlat: true, spread: 0, spreadWithCode: 0.5 });
  });

  it('calls nothing flat on a single warm checkpoint', () => {
    const result = resultOf([checkpoint(1_000, 10), checkpoint(2_000, 10)], environment);
    expect(result.isFlat).toBe(false);
    expect(verdictLines(result)).toContain('heap: too few checkpoints from 2000 attempts on: not flat');
  });

  it('finds an actor without work, at a checkpoint or after an attempt', () => {
    const isClean = (differing: Partial<Checkpoint>): boolean =>
      resultOf([checkpoint(2_000, 10, differing)], environment).isEveryActorAtWork;
    expect([{ workActors: 1, positions: 1 }, { workActors: 1 }, { strayChildren: 1 }].map(isClean)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
