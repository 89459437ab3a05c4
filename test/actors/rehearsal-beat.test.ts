import { describe, expect, it } from 'vitest';
import { RehearsalBeat } from '../../src/actors/rehearsal-beat.ts';
import { millis } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';

function rig(everyMs = 4) {
  const clock = new VirtualClock();
  const calls: string[] = [];
  const stalls: string[] = [];
  const state = { isOver: true, isBusy: false, lateMs: 0 };
  const beat = new RehearsalBeat({
    clock: {
      // A loop that is late: its timers come when they can.
      setTimeout: (run, delayMs) => clock.setTimeout(run, delayMs + state.lateMs),
      clearTimeout: (timer) => clock.clearTimeout(timer),
      nowMs: () => clock.nowMs(),
      wall: () => clock.wall(),
    },
    rehearsal: {
      begin: () => calls.push('begin'),
      end: () => calls.push('end'),
      get isOver() {
        return state.isOver;
      },
    },
    everyMs: millis(everyMs),
    lagMsMax: millis(2),
    stallMs: millis(100),
    isBusy: () => state.isBusy,
    onStall: (detail) => stalls.push(detail),
  });
  return { clock, calls, stalls, state, beat };
}

describe('the beat of a rehearsal', () => {
  it('begins a pass every few milliseconds, and ends each before the next', () => {
    const { beat, clock, calls } = rig();
    beat.start();
    clock.advanceBy(16);
    expect(calls).toEqual(['begin', 'end', 'begin', 'end', 'begin', 'end', 'begin', 'end']);
    expect(beat.view).toMatchObject({ passes: 4, isStalled: false });
  });

  it('does nothing while an order is on its way to the disk', () => {
    const { beat, clock, calls, state } = rig();
    state.isBusy = true;
    beat.start();
    clock.advanceBy(20);
    expect(calls).toEqual([]);
    expect(beat.view).toMatchObject({ passes: 0, pausedBusy: 10 });
    state.isBusy = false;
    clock.advanceBy(4);
    expect(calls).toEqual(['begin', 'end']);
  });

  it('does nothing while the loop is late', () => {
    const { beat, clock, calls, state } = rig();
    state.lateMs = 3;
    beat.start();
    clock.advanceBy(50);
    expect(calls).toEqual([]);
    expect(beat.view).toMatchObject({ passes: 0, pausedLate: 10 });
  });

  it('says once that a pass does not come to its end, and goes on when it does', () => {
    const { beat, clock, calls, stalls, state } = rig();
    state.isOver = false;
    beat.start();
    clock.advanceBy(500);
    expect(calls).toEqual(['begin']);
    expect(stalls).toHaveLength(1);
    expect(beat.view.isStalled).toBe(true);
    state.isOver = true;
    clock.advanceBy(4);
    expect(calls).toEqual(['begin', 'end', 'begin']);
    expect(beat.view.isStalled).toBe(false);
  });

  it('ends when it is stopped', () => {
    const { beat, clock, calls } = rig();
    beat.start();
    clock.advanceBy(2);
    beat.stop();
    clock.advanceBy(100);
    expect(calls).toEqual(['begin']);
    expect(clock.pending).toBe(0);
  });
});
