import { describe, expect, it } from 'vitest';
import { KeepWarm } from '../../src/app/compose/keep-warm.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';

const READS = [
  { origin: 'https://kalshi.test', path: '/status' },
  { origin: 'https://clob.test', path: '/time' },
];

describe('order connections', () => {
  it('are opened at the start, and tried again well before an unused one is closed', async () => {
    const clock = new VirtualClock();
    const tried: string[] = [];
    const http = { keepWarm: (origin: string, path: string) => Promise.resolve(tried.push(`${origin}${path}`)) };
    const warmth = new KeepWarm(http, clock, READS);
    await warmth.start();
    expect(tried).toEqual(['https://kalshi.test/status', 'https://clob.test/time']);
    clock.advanceBy(60_000);
    expect(tried).toHaveLength(8);
    warmth.stop();
    clock.advanceBy(60_000);
    expect(tried).toHaveLength(8);
    expect(clock.pending).toBe(0);
  });
});
