/** Which faults are set at this moment: those of the scenario at their times, and those that were set by hand. */
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import type { AnyFault, TimedFault } from './scenario-file.ts';

export interface FaultTarget {
  setFaults(faults: readonly AnyFault[]): void;
  struckFaults(): readonly { readonly id: string }[];
}

export interface FaultScheduleParts {
  readonly clock: Clock;
  readonly plan: readonly TimedFault[];
  readonly targets: readonly FaultTarget[];
}

export class FaultSchedule {
  readonly #parts: FaultScheduleParts;
  readonly #planned = new Set<AnyFault>();
  #byHand: readonly AnyFault[] = [];
  #timers: Timer[] = [];

  constructor(parts: FaultScheduleParts) {
    this.#parts = parts;
  }

  start(): void {
    const { clock, plan } = this.#parts;
    for (const { atS, forS, fault } of plan) {
      const begin = (): void => this.#change(() => this.#planned.add(fault));
      if (atS <= 0) begin();
      else this.#timers.push(clock.setTimeout(begin, atS * 1_000));
      if (forS !== undefined)
        this.#timers.push(
          clock.setTimeout(() => this.#change(() => this.#planned.delete(fault)), (atS + forS) * 1_000),
        );
    }
  }

  stop(): void {
    for (const timer of this.#timers) this.#parts.clock.clearTimeout(timer);
    this.#timers = [];
  }

  /** Replaces what was set by hand; what the scenario planned stays. Counts of all faults start anew. */
  replace(faults: readonly AnyFault[]): void {
    this.#change(() => {
      this.#byHand = faults;
    });
  }

  active(): readonly AnyFault[] {
    return [...this.#planned, ...this.#byHand];
  }

  struck(): readonly string[] {
    return this.#parts.targets.flatMap((target) => target.struckFaults().map(({ id }) => id));
  }

  #change(make: () => void): void {
    make();
    for (const target of this.#parts.targets) target.setFaults(this.active());
  }
}
