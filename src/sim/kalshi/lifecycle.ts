/** The life of a market: what the clock does silently, what people do, and what each tells the streams. */
import { type PriceE4, priceE4 } from '../../domain/units.ts';
import { faultNumber } from '../faults.ts';
import type { Core } from './core.ts';
import { rangesOf } from './grid.ts';
import type { JsonObject } from './json.ts';
import type { Market, MarketResult } from './model.ts';
import { costMicro, priceText } from './numbers.ts';

export interface Determination {
  readonly result: 'yes' | 'no' | 'scalar';
  /** For `scalar`: what a YES contract pays. There is no void, only a fair price. */
  readonly valueE4?: PriceE4;
  readonly expirationValue?: string;
}

export class Lifecycle {
  readonly #core: Core;
  /** Which settlement timer counts; a dispute or a new result makes the older ones void. */
  readonly #settlementTurn = new Map<string, number>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** A market was listed: its opening and closing happen by themselves, and without an event. */
  listed(market: Market): void {
    this.#tell(market, 'created', {
      exchange_index: market.exchangeIndex,
      open_ts: seconds(market.openMicros),
      close_ts: seconds(market.closeMicros),
      additional_metadata: this.#metadata(market),
      price_level_structure: market.priceLevelStructure,
      price_ranges: rangeTexts(market),
    });
    this.#core.at(market.openMicros, () => this.#open(market.ticker));
    this.#closeAt(market);
  }

  /** Trading stops on this market; orders stay. */
  pause(ticker: string): void {
    const market = this.#core.catalog.update(ticker, { status: 'inactive', updatedMicros: this.#core.nowMicros() });
    this.#tell(market, 'deactivated', { is_deactivated: true });
  }

  /** Trading goes on, and every resting order on the market is canceled. */
  activate(ticker: string): void {
    const market = this.#core.catalog.update(ticker, { status: 'active', updatedMicros: this.#core.nowMicros() });
    this.#tell(market, 'activated', { is_deactivated: false });
    this.#cancelResting(ticker, 'halt');
  }

  /** Moves the close. A closed market whose close moves into the future trades again. */
  moveClose(ticker: string, closeMicros: number): void {
    const now = this.#core.nowMicros();
    const before = this.#core.catalog.market(ticker);
    const market = this.#core.catalog.update(ticker, { closeMicros, updatedMicros: now });
    this.#tell(market, 'close_date_updated', { close_ts: seconds(closeMicros) });
    if (closeMicros <= now) {
      this.#close(ticker, closeMicros);
      return;
    }
    if (before.status === 'closed') this.activate(ticker);
    this.#closeAt(market);
  }

  closeEarly(ticker: string): void {
    this.moveClose(ticker, this.#core.nowMicros());
  }

  /** New grid on a live market; resting orders are kept (Kalshi changelog 2026-08-13). */
  regrid(ticker: string, priceLevelStructure: string): void {
    const priceRanges = rangesOf(priceLevelStructure);
    const change = { priceLevelStructure, priceRanges, updatedMicros: this.#core.nowMicros() };
    const market = this.#core.catalog.update(ticker, change);
    this.#tell(market, 'price_level_structure_updated', {
      price_level_structure: priceLevelStructure,
      price_ranges: rangeTexts(market),
    });
  }

  updateMetadata(ticker: string, change: Partial<Pick<Market, 'strikeType' | 'floorStrike' | 'capStrike'>>): void {
    const market = this.#core.catalog.update(ticker, change);
    this.#tell(market, 'metadata_updated', {
      strike_type: market.strikeType,
      floor_strike: market.floorStrike,
      cap_strike: market.capStrike,
    });
  }

  /** The result is known and not paid: the timer runs, and the result may still change. */
  determine(ticker: string, wanted: Determination): void {
    const determination = this.#withFaults(ticker, wanted);
    const { status } = this.#core.catalog.market(ticker);
    if (status === 'active' || status === 'inactive') this.closeEarly(ticker);
    const market = this.#decide(ticker, determination, 'determined');
    this.#tell(market, 'determined', {
      determination_ts: seconds(this.#core.nowMicros()),
      result: market.result,
      settlement_value: priceText(market.settlementValueE4 ?? 0),
    });
    this.#settleLater(market);
    if (this.#core.faults.strike('C5', { market: ticker, step: 'determine' }) !== undefined) this.dispute(ticker);
  }

  /** The settlement timer stops. No event is documented. */
  dispute(ticker: string): void {
    this.#core.catalog.update(ticker, { status: 'disputed', updatedMicros: this.#core.nowMicros() });
    this.#settlementTurn.set(ticker, this.#turn(ticker) + 1);
  }

  /** The dispute ended, perhaps with the opposite result; the timer starts again. No event is documented. */
  amendResult(ticker: string, determination: Determination): void {
    this.#settleLater(this.#decide(ticker, determination, 'amended'));
  }

  /** Pays. Terminal. */
  settle(ticker: string): void {
    const nowMicros = this.#core.nowMicros();
    const market = this.#core.catalog.market(ticker);
    if (market.status === 'finalized') return;
    const value = market.settlementValueE4;
    if (value === undefined) throw new Error(`market ${ticker} has no result to settle`);
    this.#cancelResting(ticker, 'close');
    for (const account of this.#core.accounts.all())
      for (const { key } of account.purses()) this.#pay(market, value, { accountId: account.id, ...key });
    const final = this.#core.catalog.update(ticker, {
      status: 'finalized',
      settledMicros: nowMicros,
      updatedMicros: nowMicros,
      openInterestE6: 0,
    });
    this.#tell(final, 'settled', { settled_ts: seconds(nowMicros) });
  }

  #pay(market: Market, value: PriceE4, holder: { accountId: string; shard: number; subaccount: number }): void {
    const { accountId, shard, subaccount } = holder;
    const account = this.#core.accounts.get(accountId);
    const purse = account.purse(holder);
    const held = purse.position(market.ticker);
    if (held.sizeE6 === 0) return;
    const atMicros = this.#core.nowMicros();
    const exact = costMicro(held.sizeE6 > 0 ? value : 10_000 - value, Math.abs(held.sizeE6));
    // Scalar payouts are paid in whole cents; what is cut off counts as a fee.
    const payoutMicro = market.result === 'scalar' ? Math.floor(exact / 10_000) * 10_000 : exact;
    const position = purse.settle(market.ticker, { payoutMicro, atMicros });
    account.remember(holder, Math.floor(atMicros / 1_000), market.ticker);
    this.#core.blotter.settlements.push({
      accountId,
      subaccount,
      exchangeIndex: shard,
      ticker: market.ticker,
      eventTicker: market.eventTicker,
      result: market.result,
      yesE6: Math.max(0, held.sizeE6),
      noE6: Math.max(0, -held.sizeE6),
      costMicro: held.costMicro,
      revenueMicro: payoutMicro,
      feeMicro: held.feesMicro + exact - payoutMicro,
      valueE4: value,
      atMicros,
    });
    this.#core.feed.position({ accountId, shard, subaccount, ticker: market.ticker, position });
  }

  #withFaults(ticker: string, wanted: Determination): Determination {
    const place = { market: ticker, step: 'determine' };
    const { faults } = this.#core;
    const fair = faults.strike('C7', place);
    if (fair !== undefined) return { result: 'scalar', valueE4: priceE4(faultNumber(fair, 'valueE4', 5_000)) };
    if (faults.strike('C6', place) === undefined || wanted.result === 'scalar') return wanted;
    return { ...wanted, result: wanted.result === 'yes' ? 'no' : 'yes' };
  }

  #decide(ticker: string, determination: Determination, status: 'determined' | 'amended'): Market {
    const { result, valueE4, expirationValue } = determination;
    if (result === 'scalar' && valueE4 === undefined) throw new Error('a scalar result needs its value');
    const settlementValueE4 = result === 'scalar' ? valueE4 : priceE4(result === 'yes' ? 10_000 : 0);
    return this.#core.catalog.update(ticker, {
      status,
      result: result satisfies MarketResult,
      settlementValueE4,
      expirationValue: expirationValue ?? '',
      updatedMicros: this.#core.nowMicros(),
    });
  }

  #settleLater({ ticker, settlementTimerSeconds }: Market): void {
    const turn = this.#turn(ticker) + 1;
    this.#settlementTurn.set(ticker, turn);
    if (!this.#core.settings.settlesByTimer) return;
    this.#core.afterMs(settlementTimerSeconds * 1_000, () => {
      if (this.#turn(ticker) === turn) this.settle(ticker);
    });
  }

  #turn(ticker: string): number {
    return this.#settlementTurn.get(ticker) ?? 0;
  }

  #open(ticker: string): void {
    if (this.#core.catalog.market(ticker).status === 'initialized')
      this.#core.catalog.update(ticker, { status: 'active' });
  }

  #closeAt({ ticker, closeMicros }: Market): void {
    this.#core.at(closeMicros, () => this.#close(ticker, closeMicros));
  }

  /** Unless the close was moved meanwhile. */
  #close(ticker: string, closeMicros: number): void {
    const market = this.#core.catalog.market(ticker);
    const isOpen = market.status === 'active' || market.status === 'inactive' || market.status === 'initialized';
    if (!isOpen || market.closeMicros !== closeMicros) return;
    this.#core.catalog.update(ticker, { status: 'closed', updatedMicros: this.#core.nowMicros() });
    this.#core.afterMs(this.#core.settings.closeSweepMs, () => {
      if (this.#core.catalog.market(ticker).status === 'active') return;
      this.#cancelResting(ticker, 'close');
      this.#core.feed.bookReset(ticker);
    });
  }

  #cancelResting(ticker: string, reason: string): void {
    const outcome = this.#core.catalog.book(ticker).cancelWhere(() => true, reason);
    this.#core.clearing.digest(ticker, outcome);
  }

  #metadata(market: Market): JsonObject {
    return {
      name: market.title,
      title: market.title,
      yes_sub_title: market.yesSubTitle,
      no_sub_title: market.noSubTitle,
      rules_primary: market.rulesPrimary,
      rules_secondary: market.rulesSecondary,
      can_close_early: market.canCloseEarly,
      event_ticker: market.eventTicker,
      expected_expiration_ts: seconds(market.expectedExpirationMicros),
      strike_type: market.strikeType,
      floor_strike: market.floorStrike,
      cap_strike: market.capStrike,
    };
  }

  #tell(market: Market, eventType: string, message: JsonObject): void {
    this.#core.feed.lifecycle(market, { market_ticker: market.ticker, event_type: eventType, ...message });
  }
}

function seconds(micros: number): number {
  return Math.floor(micros / 1_000_000);
}

export function rangeTexts({ priceRanges }: Market): { start: string; end: string; step: string }[] {
  return priceRanges.map(({ startE4, endE4, stepE4 }) => ({
    start: priceText(startE4),
    end: priceText(endE4),
    step: priceText(stepE4),
  }));
}
