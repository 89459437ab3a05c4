import type { VirtualTimeScheduler } from 'rxjs';

/** Runs everything that is due up to and including `ms`, then stands at `ms`. */
export function advanceTo(scheduler: VirtualTimeScheduler, ms: number): void {
  scheduler.maxFrames = ms;
  scheduler.flush();
  scheduler.frame = ms;
}
