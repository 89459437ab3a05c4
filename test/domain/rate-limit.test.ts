import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitPerWindow, type RateLimit, RateLimiter, shareOf, type Traffic } from '../../src/domain/rate-limit.ts';
import { millis } from '../../src/domain/units.ts';

const LIMIT: RateLimit = { capacity: 100, refillPerSecond: 50, reserve: 20, unitCost: 10 };

function limiter(limit: Partial<RateLimit> = {}): RateLimiter {
  return new RateLimiter({ ...LIMIT, ...limit }, millis(0));
}

function take(of: RateLimiter, atMs: number, traffic: Traffic = 'ordinary', cost = 10) {
  return of.take({ cost, traffic, nowMs: millis(atMs) });
}

describe('a budget of requests', () => {
  it('keeps its reserve from ordinary traffic and gives it to reducing traffic', () => {
    const budget = limiter();
    take(budget, 0, 'ordinary', 80);
    expect(take(budget, 0).kind).toBe('refused');
    expect([take(budget, 0, 'reducing'), take(budget, 0, 'reducing'), take(budget, 0, 'reducing')]).toMatchObject([
      { kind: 'granted' },
      { kind: 'granted' },
      { kind: 'refused', waitMs: expect.any(Number) },
    ]);
  });

  it('grants the same request after the wait that it named', () => {
    const budget = limiter();
    take(budget, 0, 'ordinary', 80);
    const verdict = take(budget, 0);
    expect(verdict).toEqual({ kind: 'refused', state: 'exhausted', waitMs: 200 });
    expect(take(budget, 199).kind).toBe('refused');
    expect(take(budget, 200).kind).toBe('granted');
  });

  it('names no wait for a cost that it can never hold', () => {
    expect(take(limiter(), 0, 'ordinary', 81)).toMatchObject({ kind: 'refused', waitMs: undefined });
    expect(take(limiter(), 0, 'reducing', 100).kind).toBe('granted');
  });

  it('stands ample, slowed at 80 % use, exhausted, and ample again', () => {
    const budget = limiter({ refillPerSecond: 10 });
    const states = [budget.state(millis(0))];
    take(budget, 0, 'ordinary', 63);
    states.push(budget.state(millis(0)));
    take(budget, 0, 'ordinary', 1);
    states.push(budget.state(millis(0)));
    take(budget, 100_000_000, 'ordinary', 80);
    states.push(budget.state(millis(100_000_000)), budget.state(millis(100_008_000)));
    expect(states).toEqual(['ample', 'ample', 'slowed', 'exhausted', 'ample']);
  });

  it('spaces ordinary requests by their refill once it is slowed', () => {
    const budget = limiter({ capacity: 220 });
    take(budget, 0, 'ordinary', 160);
    expect(take(budget, 0)).toEqual({ kind: 'refused', state: 'slowed', waitMs: 200 });
    expect(take(budget, 0, 'reducing').kind).toBe('granted');
  });

  it('sends nothing at all before the time that the venue named', () => {
    const budget = limiter();
    budget.limited(millis(0), millis(5_000));
    expect(budget.state(millis(0))).toBe('cooling');
    expect([take(budget, 4_999), take(budget, 4_999, 'reducing')]).toMatchObject([
      { kind: 'refused', state: 'cooling', waitMs: 1 },
      { kind: 'refused', waitMs: 1 },
    ]);
    expect(take(budget, 5_000).kind).toBe('granted');
  });

  it('backs ordinary traffic off by 1 s, doubled up to 32 s, when no time was named', () => {
    const budget = limiter();
    const waits = Array.from({ length: 7 }, (_, at) => {
      const nowMs = at * 100_000;
      budget.limited(millis(nowMs), undefined);
      const verdict = take(budget, nowMs);
      return verdict.kind === 'refused' ? verdict.waitMs : 0;
    });
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 32_000]);
    expect(take(budget, 600_000, 'reducing').kind).toBe('granted');
  });

  it('forgets how often it was refused once it is answered', () => {
    const budget = limiter();
    budget.limited(millis(0), undefined);
    budget.accepted();
    budget.limited(millis(10_000), undefined);
    expect(take(budget, 10_000)).toMatchObject({ waitMs: 1_000 });
  });

  it('gains nothing from a clock that goes back', () => {
    const budget = limiter();
    take(budget, 1_000, 'reducing', 100);
    expect(take(budget, 0, 'reducing').kind).toBe('refused');
    expect(take(budget, 1_000, 'reducing').kind).toBe('refused');
  });

  it('keeps what was used when another limit is adopted', () => {
    const budget = limiter();
    take(budget, 0, 'ordinary', 60);
    budget.adopt({ ...LIMIT, capacity: 70, reserve: 10 }, millis(0));
    expect(take(budget, 0, 'reducing', 11).kind).toBe('refused');
    expect(take(budget, 0, 'reducing', 10).kind).toBe('granted');
  });

  it('takes its share of the limit of the venue, with room for a request on either side of the line', () => {
    const terms = { share: 0.2, reserveShare: 0.9, unitCost: 10 };
    expect(shareOf({ capacity: 100, refillPerSecond: 100 }, terms)).toEqual({
      capacity: 20,
      refillPerSecond: 20,
      reserve: 10,
      unitCost: 10,
    });
  });

  it('refuses a limit that holds no request beside its reserve', () => {
    expect(() => limiter({ reserve: 95 })).toThrow('reserve 95');
    expect(() => shareOf({ capacity: 10, refillPerSecond: 1 }, { share: 2, reserveShare: 0, unitCost: 1 })).toThrow();
  });
});

interface Ask {
  readonly afterMs: number;
  readonly cost: number;
  readonly traffic: Traffic;
}

const asks = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3_000, noNaN: true })),
    cost: fc.integer({ min: 1, max: 60 }),
    traffic: fc.constantFrom<Traffic>('ordinary', 'reducing'),
  }),
  { maxLength: 200 },
);

/** What was granted, and when. */
function grants(budget: RateLimiter, given: readonly Ask[]): { atMs: number; cost: number }[] {
  let nowMs = 0;
  const granted: { atMs: number; cost: number }[] = [];
  for (const { afterMs, cost, traffic } of given) {
    nowMs += afterMs;
    if (take(budget, nowMs, traffic, cost).kind === 'granted') granted.push({ atMs: nowMs, cost });
  }
  return granted;
}

/** The most that lies in any window of that length, both ends included. */
function mostWithin(granted: readonly { atMs: number; cost: number }[], windowMs: number): number {
  return Math.max(
    0,
    ...granted.map((first) =>
      granted
        .filter(({ atMs }) => atMs >= first.atMs && atMs <= first.atMs + windowMs)
        .reduce((sum, { cost }) => sum + cost, 0),
    ),
  );
}

describe('a budget of requests, always', () => {
  it('never grants more in a window than its capacity and what it refills in it', () => {
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 10_000 }), (given, windowMs) => {
        const most = LIMIT.capacity + (LIMIT.refillPerSecond * windowMs) / 1_000;
        expect(mostWithin(grants(limiter(), given), windowMs)).toBeLessThanOrEqual(most + 1e-6);
      }),
    );
  });

  it('never grants more in any window than a limit per window says', () => {
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 49 }), (given, burst) => {
        const limit = limitPerWindow({ costMax: 50, windowMs: millis(1_000), burst, reserve: 0 });
        const granted = grants(
          new RateLimiter(limit, millis(0)),
          given.map((ask) => ({ ...ask, cost: 1 })),
        );
        // The refill is continuous, so both ends of a closed window may hold a request.
        expect(mostWithin(granted, 999.999)).toBeLessThanOrEqual(50 + 1e-6);
      }),
    );
  });

  it('has its whole reserve ready for reducing traffic, whatever ordinary traffic did', () => {
    fc.assert(
      fc.property(asks, (given) => {
        const budget = limiter();
        const ordinary = given.map((ask) => ({ ...ask, traffic: 'ordinary' as const }));
        grants(budget, ordinary);
        const atMs = given.reduce((sum, { afterMs }) => sum + afterMs, 0);
        expect(take(budget, atMs, 'reducing', LIMIT.reserve).kind).toBe('granted');
      }),
    );
  });
});
