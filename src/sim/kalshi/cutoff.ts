/**
 * What is over leaves the live endpoints when the cutoff passes it. The venue then shows it below `/historical`; here
 * it is forgotten, so that a venue that runs for weeks keeps no more than that much of its past.
 */
import type { Core } from './core.ts';

const DAY_MS = 86_400_000;

export class Cutoff {
  readonly #core: Core;
  #passedMs = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** It moves once a day, and more often where less than a day is kept. */
  get atMs(): number {
    const { keptMs } = this.#core.settings;
    const stepMs = Math.min(DAY_MS, keptMs);
    return Math.floor((this.#core.nowMs() - keptMs) / stepMs) * stepMs;
  }

  /** Whether it has moved. Cheap where it has not: asked with every request. */
  moveOn(): boolean {
    const { atMs } = this;
    if (atMs <= this.#passedMs) return false;
    this.#passedMs = atMs;
    const { blotter, catalog, accounts } = this.#core;
    blotter.forgetBefore(atMs);
    catalog.forgetTradesBefore(atMs);
    for (const account of accounts.all()) account.forgetBefore(atMs);
    return true;
  }
}
