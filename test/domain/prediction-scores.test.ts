import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeldOutAttempt, judgeAdoption, predictionScores } from '../../src/domain/prediction-scores.ts';

const predictions = fc.array(
  fc.record({ probability: fc.double({ min: 0, max: 1, noNaN: true }), happened: fc.boolean() }),
  { minLength: 1, maxLength: 50 },
);

describe('prediction scores', () => {
  it('puts a prediction on an edge into the upper bin and 1 into the last', () => {
    const on = (probability: number, bins: number) =>
      predictionScores([{ probability, happened: true }], bins).bins[0]?.index;
    expect([0, 0.1, 0.3, 0.6, 0.7, 1].map((probability) => on(probability, 10))).toEqual([0, 1, 3, 6, 7, 9]);
    expect([0.29, 0.57, 0.58].map((probability) => on(probability, 100))).toEqual([29, 57, 58]);
  });

  it('keeps the logarithm finite when certainty was wrong', () => {
    const { logLoss } = predictionScores([{ probability: 1, happened: false }]);
    expect(logLoss).toBeCloseTo(-Math.log(1e-15), 1);
  });

  it('has no skill over a base rate that is certain', () => {
    expect(predictionScores([{ probability: 0.9, happened: true }]).skillOverBaseRate).toBeUndefined();
  });

  it('counts every prediction once and stays within its bounds', () => {
    fc.assert(
      fc.property(predictions, (all) => {
        const scores = predictionScores(all);
        expect(scores.bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(all.length);
        for (const score of [scores.brier, scores.ece]) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
    );
  });
});

describe('adoption', () => {
  /** Twenty attempts a day of which a share fills; the current model says 0.5. */
  function days(count: number, attempt: Partial<HeldOutAttempt> = {}): HeldOutAttempt[] {
    return Array.from({ length: count * 20 }, (_, at) => ({
      day: `2026-11-${String(1 + Math.floor(at / 20)).padStart(2, '0')}`,
      source: 'live' as const,
      current: 0.5,
      candidate: 0.8,
      happened: at % 5 !== 0,
      ...attempt,
    }));
  }

  /** Lehmer's generator from one seed, so that every test draws the same days. */
  function seeded(): () => number {
    let state = 20_261_120;
    return () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
  }

  it('takes a candidate that is better on every day', () => {
    expect(judgeAdoption(days(10), seeded()).kind).toBe('adopted');
  });

  it('keeps the current model when the candidate is no better', () => {
    expect(judgeAdoption(days(10, { candidate: 0.5 }), seeded())).toMatchObject({ kind: 'kept', reason: 'NO_SKILL' });
  });

  it('keeps the current model when one lucky day makes the whole difference', () => {
    const lucky = days(10).map((attempt) => ({
      ...attempt,
      candidate: attempt.day === '2026-11-01' ? 0.9 : 0.505,
      happened: attempt.day === '2026-11-01' || Number(attempt.day.slice(-1)) % 2 === 0 ? attempt.happened : false,
    }));
    const verdict = judgeAdoption(lucky, seeded());
    expect(verdict).toMatchObject({ kind: 'kept', reason: 'SKILL_UNCERTAIN' });
  });

  it('keeps the current model when too few days were seen', () => {
    expect(judgeAdoption(days(4), seeded())).toMatchObject({ kind: 'kept', reason: 'TOO_FEW_DAYS' });
  });

  it('never learns the live model from paper fills', () => {
    expect(judgeAdoption(days(10, { source: 'paper' }), seeded())).toMatchObject({
      kind: 'kept',
      reason: 'TOO_FEW_DAYS',
    });
  });
});
