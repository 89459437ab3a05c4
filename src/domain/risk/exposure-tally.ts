/** Running sums over what attempts contribute, so that asking costs a look-up and never a walk over everything. */
import type { VenueName } from '../instrument.ts';
import type { ExposureSpan } from '../limits/exposure.ts';
import { microUsd } from '../units.ts';
import type { Contribution } from './exposure-entry.ts';
import type { ContractSpan, RiskGroup } from './reservation.ts';

export const VENUES: readonly VenueName[] = ['kalshi', 'polymarket'];

interface Sum {
  least: number;
  most: number;
  sizeE6: number;
  members: number;
}

class Sums {
  readonly #sums = new Map<string, Sum>();

  add(key: string, { least, most, sizeE6 }: Pick<Contribution, 'least' | 'most' | 'sizeE6'>, sign: 1 | -1): void {
    const sum = this.#sums.get(key) ?? { least: 0, most: 0, sizeE6: 0, members: 0 };
    sum.least += sign * least;
    sum.most += sign * most;
    sum.sizeE6 += sign * sizeE6;
    sum.members += sign;
    if (sum.members === 0) this.#sums.delete(key);
    else this.#sums.set(key, sum);
  }

  span(key: string): ExposureSpan {
    const sum = this.#sums.get(key);
    return spanFrom(sum?.least ?? 0, sum?.most ?? 0);
  }

  sizeE6(key: string): number {
    return this.#sums.get(key)?.sizeE6 ?? 0;
  }
}

const ALL = '';

export class ExposureTally {
  readonly #total = new Sums();
  readonly #events = new Sums();
  readonly #categories = new Sums();
  readonly #correlated = new Sums();
  readonly #unhedged = new Sums();
  readonly #imbalance = new Sums();
  readonly #held = new Sums();
  readonly #cash: Record<VenueName, number> = { kalshi: 0, polymarket: 0 };
  #openOrders = 0;
  #waitingTrades = 0;
  #waitingSizeE6 = 0;

  add(group: RiskGroup, contribution: Contribution, sign: 1 | -1): void {
    this.#total.add(ALL, contribution, sign);
    this.#events.add(group.eventId, contribution, sign);
    this.#categories.add(group.category, contribution, sign);
    this.#correlated.add(group.correlated, contribution, sign);
    this.#unhedged.add(ALL, { ...contribution.unhedged, sizeE6: 0 }, sign);
    this.#imbalance.add(ALL, { ...contribution.imbalance, sizeE6: 0 }, sign);
    for (const [key, { leastE6, mostE6 }] of contribution.held) {
      this.#held.add(key, { least: leastE6, most: mostE6, sizeE6: 0 }, sign);
    }
    for (const venue of VENUES) this.#cash[venue] += sign * contribution.cash[venue];
    this.#openOrders += sign * contribution.openOrders;
    this.#waitingTrades += sign * contribution.waiting.trades;
    this.#waitingSizeE6 += sign * contribution.waiting.sizeE6;
  }

  get total(): ExposureSpan {
    return this.#total.span(ALL);
  }

  get unhedged(): ExposureSpan {
    return this.#unhedged.span(ALL);
  }

  get imbalance(): ExposureSpan {
    return this.#imbalance.span(ALL);
  }

  get openOrders(): number {
    return this.#openOrders;
  }

  /** Reserved and not yet filled: the day may still have to count it. */
  get waiting(): { readonly trades: number; readonly sizeE6: number } {
    return { trades: this.#waitingTrades, sizeE6: this.#waitingSizeE6 };
  }

  reservedCash(venue: VenueName): number {
    return this.#cash[venue];
  }

  held(key: string): ContractSpan {
    const { leastMicroUsd, mostMicroUsd } = this.#held.span(key);
    return { leastE6: leastMicroUsd, mostE6: mostMicroUsd };
  }

  of(group: RiskGroup): Readonly<Record<'event' | 'category' | 'correlated', ExposureSpan>> {
    return {
      event: this.#events.span(group.eventId),
      category: this.#categories.span(group.category),
      correlated: this.#correlated.span(group.correlated),
    };
  }

  eventSizeE6(group: RiskGroup): number {
    return this.#events.sizeE6(group.eventId);
  }
}

export function spanFrom(least: number, most: number): ExposureSpan {
  return { leastMicroUsd: microUsd(least), mostMicroUsd: microUsd(most) };
}
