import { delay, interval, of, type SchedulerAction, take, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { clockScheduler } from '../../src/streams/clock-scheduler.ts';

function setUp() {
  const clock = new VirtualClock();
  return { clock, scheduler: clockScheduler(clock), seen: [] as string[] };
}

describe('clock scheduler', () => {
  it('runs operators on the time of the clock', () => {
    const { clock, scheduler, seen } = setUp();
    interval(10, scheduler)
      .pipe(take(3))
      .subscribe((at) => seen.push(`${at}@${clock.nowMs()}`));
    of('late')
      .pipe(delay(25, scheduler))
      .subscribe((value) => seen.push(`${value}@${clock.nowMs()}`));
    clock.advanceTo(100);
    expect(seen).toEqual(['0@10', '1@20', 'late@25', '2@30']);
    expect(clock.pending).toBe(0);
  });

  it('tells the monotonic time', () => {
    const { clock, scheduler } = setUp();
    clock.advanceTo(42);
    expect(scheduler.now()).toBe(42);
  });

  it('shares one order with the timers of the clock', () => {
    const { clock, scheduler, seen } = setUp();
    clock.setTimeout(() => seen.push('clock'), 10);
    timer(10, scheduler).subscribe(() => seen.push('stream'));
    clock.setTimeout(() => seen.push('clock again'), 10);
    clock.advanceTo(10);
    expect(seen).toEqual(['clock', 'stream', 'clock again']);
  });

  it('never runs work before it returns', () => {
    const { clock, scheduler, seen } = setUp();
    scheduler.schedule(() => seen.push('work'));
    seen.push('after');
    clock.advanceBy(0);
    expect(seen).toEqual(['after', 'work']);
  });

  it('stops with its subscription and leaves no timer behind', () => {
    const { clock, scheduler, seen } = setUp();
    const subscription = interval(10, scheduler).subscribe(() => seen.push('tick'));
    clock.advanceTo(15);
    subscription.unsubscribe();
    clock.advanceTo(100);
    expect([seen, clock.pending]).toEqual([['tick'], 0]);
  });

  it('hands state on to work that schedules itself again', () => {
    const { clock, scheduler, seen } = setUp();
    const work = function (this: SchedulerAction<number>, state = 0): void {
      seen.push(`${state}@${clock.nowMs()}`);
      if (state < 2) this.schedule(state + 1, 5);
    };
    const subscription = scheduler.schedule(work, 5, 0);
    clock.advanceTo(100);
    expect(seen).toEqual(['0@5', '1@10', '2@15']);
    expect(subscription.closed).toBe(true);
  });

  it('ends work that throws', () => {
    const { clock, scheduler } = setUp();
    const subscription = scheduler.schedule(() => {
      throw new Error('broken');
    }, 5);
    expect(() => clock.advanceTo(5)).toThrow('broken');
    expect(subscription.closed).toBe(true);
  });
});
