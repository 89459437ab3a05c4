import { describe, expect, it } from 'vitest';
import { UnhedgedWatch } from '../../src/actors/unhedged-watch.ts';
import type { Trigger } from '../../src/domain/limits/trigger.ts';
import { microUsd, millis } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';

function watchRig() {
  const clock = new VirtualClock();
  const triggers: Trigger[] = [];
  let most = 0;
  const watch = new UnhedgedWatch({
    clock,
    limitMicroUsd: microUsd(10_000_000),
    patienceMs: millis(5_000),
    imbalance: () => ({ leastMicroUsd: microUsd(0), mostMicroUsd: microUsd(most) }),
    report: (trigger) => triggers.push(trigger),
  });
  const set = (amount: number) => {
    most = amount;
    watch.changed();
  };
  return { clock, triggers, watch, set };
}

describe('unhedged watch', () => {
  it('reports what stays above the limit for longer than the patience, counted from the first moment (I5)', () => {
    const { clock, triggers, set } = watchRig();
    set(10_000_001);
    clock.advanceBy(4_000);
    set(12_000_000);
    clock.advanceBy(999);
    expect(triggers).toEqual([]);
    clock.advanceBy(1);
    expect(triggers).toMatchObject([{ kind: 'UNHEDGED', detail: expect.stringContaining('found 12000000') }]);
  });

  it('does not count the limit itself, nor what was hedged in time', () => {
    const { clock, triggers, set } = watchRig();
    set(10_000_000);
    clock.advanceBy(60_000);
    set(11_000_000);
    clock.advanceBy(4_999);
    set(0);
    clock.advanceBy(60_000);
    expect([triggers, clock.pending]).toEqual([[], 0]);
  });

  it('reports once while it lasts, and again the next time', () => {
    const { clock, triggers, set } = watchRig();
    set(11_000_000);
    clock.advanceBy(60_000);
    set(11_000_001);
    clock.advanceBy(60_000);
    expect(triggers).toHaveLength(1);
    set(0);
    set(11_000_000);
    clock.advanceBy(5_000);
    expect(triggers).toHaveLength(2);
  });
});
