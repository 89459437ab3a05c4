/** The network between the venue and everybody: what it lets through, one way or both, and until when. */
import { type Fault, faultNumber, faultText } from '../faults.ts';

export class Outage {
  #deafUntilMs = Number.NEGATIVE_INFINITY;
  #muteUntilMs = Number.NEGATIVE_INFINITY;

  /** `in`: the venue hears nothing. `out`: nobody hears the venue. */
  begin(what: { readonly direction: string; readonly untilMs: number }): void {
    if (what.direction !== 'out') this.#deafUntilMs = what.untilMs;
    if (what.direction !== 'in') this.#muteUntilMs = what.untilMs;
  }

  strike(fault: Fault, nowMs: number): void {
    const untilMs = nowMs + faultNumber(fault, 'durationMs', 60_000);
    this.begin({ direction: faultText(fault, 'direction', 'both'), untilMs });
  }

  end(): void {
    this.#deafUntilMs = Number.NEGATIVE_INFINITY;
    this.#muteUntilMs = Number.NEGATIVE_INFINITY;
  }

  isDeaf(nowMs: number): boolean {
    return nowMs < this.#deafUntilMs;
  }

  isMute(nowMs: number): boolean {
    return nowMs < this.#muteUntilMs;
  }
}
