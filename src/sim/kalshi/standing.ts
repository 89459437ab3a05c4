/** Whether the venue is open: exchange, shards, the weekly window, and one market. */
import type { Core } from './core.ts';
import { type Refusal, refuse } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { Market } from './model.ts';
import { instantText } from './numbers.ts';

export type Operation = 'place' | 'amend' | 'cancel';

export interface Shard {
  readonly exchangeIndex: number;
  readonly description: string;
  isExchangeActive: boolean;
  isTradingActive: boolean;
}

const MINUTE_MICROS = 60_000_000;
const WEEK_MINUTES = 7 * 24 * 60;

export class Standing {
  readonly #core: Core;
  readonly #shards: Shard[] = [
    { exchangeIndex: 0, description: 'default', isExchangeActive: true, isTradingActive: true },
    { exchangeIndex: 1, description: 'combos', isExchangeActive: true, isTradingActive: true },
    { exchangeIndex: 2, description: 'crypto', isExchangeActive: true, isTradingActive: true },
    { exchangeIndex: 3, description: 'tennis and baseball', isExchangeActive: true, isTradingActive: true },
  ];
  #isExchangePaused = false;
  #isTradingPaused = false;
  #isInWeeklyPause = false;
  #resumeMicros: number | undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Starts following the weekly pause, when the venue has one. */
  start(): void {
    if (!this.#core.settings.weeklyPause) return;
    this.#isInWeeklyPause = isWeeklyPause(this.#core.nowMicros());
    this.#followWeek();
  }

  /** No placing, no amending; cancels work. Orders that asked for it are canceled. */
  pauseTrading(resumeMicros?: number): void {
    this.#isTradingPaused = true;
    this.#resumeMicros = resumeMicros;
    this.#cancelOnPause();
  }

  /** Nothing at all, unless cancels were left open by the settings. */
  pauseExchange(resumeMicros?: number): void {
    this.#isExchangePaused = true;
    this.#resumeMicros = resumeMicros;
    this.#cancelOnPause();
  }

  resume(): void {
    this.#isTradingPaused = false;
    this.#isExchangePaused = false;
    this.#resumeMicros = undefined;
  }

  setShard(exchangeIndex: number, change: Partial<Pick<Shard, 'isExchangeActive' | 'isTradingActive'>>): void {
    const shard = this.#shards.find((each) => each.exchangeIndex === exchangeIndex);
    if (shard === undefined) throw new Error(`no shard ${exchangeIndex}`);
    Object.assign(shard, change);
  }

  allows(market: Market, operation: Operation): boolean {
    return this.refusal(market, operation) === undefined;
  }

  refusal(market: Market, operation: Operation): Refusal | undefined {
    const shard = this.#shards.find(({ exchangeIndex }) => exchangeIndex === market.exchangeIndex);
    const isCancel = operation === 'cancel';
    const isExchangeActive = !this.#isExchangePaused && shard?.isExchangeActive !== false;
    if (!isExchangeActive && !(isCancel && this.#core.settings.cancelsInExchangePause))
      return refuse(409, 'exchange_is_paused');
    const isTradingActive = !this.#isTradingPaused && !this.#isInWeeklyPause && shard?.isTradingActive !== false;
    if (!isTradingActive && !isCancel) return refuse(409, 'trading_is_paused');
    if (market.status === 'active') return undefined;
    if (market.status === 'inactive') return isCancel ? undefined : refuse(409, 'trading_is_paused');
    // After the close every operation is refused, cancel included.
    return refuse(400, this.#core.settings.marketInactiveCode);
  }

  view(): JsonObject {
    const exchangeActive = !this.#isExchangePaused;
    const tradingActive = exchangeActive && !this.#isTradingPaused && !this.#isInWeeklyPause;
    return {
      exchange_active: exchangeActive,
      trading_active: tradingActive,
      intra_exchange_transfers_active: exchangeActive,
      exchange_estimated_resume_time: this.#resumeMicros === undefined ? null : instantText(this.#resumeMicros),
      exchange_index_statuses: this.#shards.map((shard) => ({
        exchange_index: shard.exchangeIndex,
        description: shard.description,
        exchange_active: exchangeActive && shard.isExchangeActive,
        trading_active: tradingActive && shard.isExchangeActive && shard.isTradingActive,
        intra_exchange_transfers_active: exchangeActive && shard.isExchangeActive,
      })),
    };
  }

  #cancelOnPause(): void {
    for (const { orderId, cancelOnPause, status } of this.#core.blotter.orders())
      if (cancelOnPause && status === 'resting') this.#core.entry.cancelByVenue(orderId, 'halt');
  }

  #followWeek(): void {
    const from = Math.floor(this.#core.nowMicros() / MINUTE_MICROS) * MINUTE_MICROS;
    for (let minute = 1; minute <= WEEK_MINUTES; minute++) {
      const at = from + minute * MINUTE_MICROS;
      if (isWeeklyPause(at) === this.#isInWeeklyPause) continue;
      this.#core.at(at, () => {
        this.#isInWeeklyPause = !this.#isInWeeklyPause;
        if (this.#isInWeeklyPause) this.#cancelOnPause();
        this.#followWeek();
      });
      return;
    }
  }
}

const NEW_YORK = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  weekday: 'short',
  hour: '2-digit',
  hourCycle: 'h23',
});

/** Thursday 03:00 to 05:00 on New York clocks (Kalshi's maintenance page). */
export function isWeeklyPause(instantMicros: number): boolean {
  const parts = NEW_YORK.formatToParts(new Date(Math.floor(instantMicros / 1_000)));
  const weekday = parts.find(({ type }) => type === 'weekday')?.value;
  const hour = Number(parts.find(({ type }) => type === 'hour')?.value);
  return weekday === 'Thu' && hour >= 3 && hour < 5;
}
