/** A clock whose timers all end together: simulated venues wait for days, and a closed simulation must not. */
import type { Clock, Timer } from '../../domain/ports/clock.ts';

export interface OwnedClock extends Clock {
  /** Ends every timer; later ones never start. */
  stop(): void;
}

export function ownedClock(clock: Clock): OwnedClock {
  const timers = new Set<Timer>();
  let isStopped = false;
  return {
    nowMs: () => clock.nowMs(),
    wall: () => clock.wall(),
    setTimeout(run, delayMs) {
      if (isStopped) return {};
      const timer = clock.setTimeout(() => {
        timers.delete(timer);
        run();
      }, delayMs);
      timers.add(timer);
      return timer;
    },
    clearTimeout(timer) {
      // One that was never started is not known, and need not be ended.
      if (timers.delete(timer)) clock.clearTimeout(timer);
    },
    stop() {
      isStopped = true;
      for (const timer of timers) clock.clearTimeout(timer);
      timers.clear();
    },
  };
}
