/** Losses that end trading: of the day, in a row, and from the highest value that there ever was. */
import { type DayCounters, tripsDailyLoss } from '../limits/trading-day.ts';
import type { Trigger } from '../limits/trigger.ts';
import { type MicroUsd, mulDiv, RATE_ONE, type RateE6 } from '../units.ts';

export interface LossLimits {
  readonly dailyLossMicroUsdMax: MicroUsd | undefined;
  /** This many losing trades in a row (design P: 5, S: 100). */
  readonly lossesInARowMax: number | undefined;
  /** Of the highest value; reached at equality. */
  readonly drawdownShareE6Max: RateE6 | undefined;
}

/** What a restart needs to go on with. */
export interface LossMemory {
  readonly lossesInARow: number;
  readonly peakMicroUsd: MicroUsd | undefined;
}

export class LossWatch {
  readonly #limits: LossLimits;
  #lossesInARow: number;
  #peak: MicroUsd | undefined;

  constructor(limits: LossLimits, memory: LossMemory = { lossesInARow: 0, peakMicroUsd: undefined }) {
    this.#limits = limits;
    this.#lossesInARow = memory.lossesInARow;
    this.#peak = memory.peakMicroUsd;
  }

  get memory(): LossMemory {
    return { lossesInARow: this.#lossesInARow, peakMicroUsd: this.#peak };
  }

  /** A trade's result became certain; `day` is the day with it counted. */
  realised(pnlMicroUsd: MicroUsd, day: DayCounters): readonly Trigger[] {
    this.#lossesInARow = pnlMicroUsd < 0 ? this.#lossesInARow + 1 : 0;
    return [this.#dailyLoss(day), this.#inARow()].filter((trigger) => trigger !== undefined);
  }

  /** A result was taken back: `day` is the day without it. No row begins or ends with it. */
  takenBack(day: DayCounters): readonly Trigger[] {
    return [this.#dailyLoss(day)].filter((trigger) => trigger !== undefined);
  }

  /** The net asset value as it is now. */
  valued(navMicroUsd: MicroUsd): readonly Trigger[] {
    if (this.#peak === undefined || navMicroUsd > this.#peak) this.#peak = navMicroUsd;
    const limit = this.#limits.drawdownShareE6Max;
    if (limit === undefined || this.#peak <= 0) return [];
    const lost = this.#peak - navMicroUsd;
    const allowed = mulDiv(this.#peak, limit, RATE_ONE, 'floor');
    if (lost === 0 || lost < allowed) return [];
    const detail = `expected less than ${allowed} micro-dollars below the peak of ${this.#peak}, found ${lost}`;
    return [{ kind: 'DRAWDOWN', detail }];
  }

  #dailyLoss({ date, pnlMicroUsd }: DayCounters): Trigger | undefined {
    const limitMicroUsd = this.#limits.dailyLossMicroUsdMax;
    if (limitMicroUsd === undefined || !tripsDailyLoss({ pnlMicroUsd, limitMicroUsd })) return undefined;
    const detail = `expected a loss below ${limitMicroUsd} micro-dollars on ${date}, found ${-pnlMicroUsd}`;
    return { kind: 'DAILY_LOSS', detail };
  }

  #inARow(): Trigger | undefined {
    const limit = this.#limits.lossesInARowMax;
    if (limit === undefined || this.#lossesInARow < limit) return undefined;
    const detail = `expected fewer than ${limit} losing trades in a row, found ${this.#lossesInARow}`;
    return { kind: 'CONSECUTIVE_LOSSES', detail };
  }
}
