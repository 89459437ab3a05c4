import { describe, expect, it } from 'vitest';
import { HeardFills } from '../../src/actors/heard-fills.ts';

describe('heard fills', () => {
  it('are known for as long as a check may look for them', () => {
    const heard = new HeardFills(100);
    heard.note('a', 0);
    heard.note('b', 100);
    expect([heard.has('a'), heard.has('b')]).toEqual([true, true]);
  });

  it('are forgotten afterwards', () => {
    const heard = new HeardFills(100);
    heard.note('a', 0);
    heard.note('b', 50);
    heard.note('c', 101);
    expect([heard.has('a'), heard.has('b')]).toEqual([false, true]);
  });

  it('count from the last time that they were told', () => {
    const heard = new HeardFills(100);
    heard.note('a', 0);
    heard.note('a', 60);
    heard.note('b', 160);
    expect(heard.has('a')).toBe(true);
  });
});
