/** Series, events and markets, each market with its book. */
import { type PriceE4, priceE4 } from '../../domain/units.ts';
import { type BookHooks, MatchingBook } from '../matching/engine.ts';
import { rangesOf } from './grid.ts';
import type { EventRecord, FeeChange, Market, SeriesRecord, TradeRecord } from './model.ts';

export type SeriesSpec = Partial<SeriesRecord> & Pick<SeriesRecord, 'ticker'>;
export type EventSpec = Partial<EventRecord> & Pick<EventRecord, 'eventTicker' | 'seriesTicker'>;
export type MarketSpec = Partial<Market> & Pick<Market, 'ticker' | 'eventTicker' | 'closeMicros'>;

export type VenueBook = MatchingBook<string, string>;

export class Catalog {
  readonly #hooks: BookHooks<string, string>;
  readonly #newId: () => string;
  readonly #series = new Map<string, SeriesRecord>();
  readonly #events = new Map<string, EventRecord>();
  readonly #markets = new Map<string, Market>();
  readonly #books = new Map<string, VenueBook>();
  readonly seriesFeeChanges: FeeChange[] = [];
  readonly eventFeeChanges: FeeChange[] = [];
  #trades: TradeRecord[] = [];
  readonly #tradesByMarket = new Map<string, TradeRecord[]>();

  constructor(hooks: BookHooks<string, string>, newId: () => string) {
    this.#hooks = hooks;
    this.#newId = newId;
  }

  addSeries(spec: SeriesSpec, nowMicros: number): SeriesRecord {
    const series: SeriesRecord = {
      title: spec.ticker,
      frequency: 'custom',
      category: 'Sports',
      tags: [],
      settlementSources: [],
      feeType: 'quadratic',
      feeMultiplier: 1,
      exchangeIndex: 0,
      updatedMicros: nowMicros,
      ...spec,
    };
    this.#series.set(series.ticker, series);
    return series;
  }

  addEvent(spec: EventSpec, nowMicros: number): EventRecord {
    const series = this.series(spec.seriesTicker) ?? this.addSeries({ ticker: spec.seriesTicker }, nowMicros);
    const event: EventRecord = {
      title: spec.eventTicker,
      subTitle: '',
      category: series.category,
      mutuallyExclusive: false,
      collateralReturnType: '',
      feeTypeOverride: null,
      feeMultiplierOverride: null,
      strikeDate: null,
      strikePeriod: null,
      settlementSources: series.settlementSources,
      exchangeIndex: series.exchangeIndex,
      updatedMicros: nowMicros,
      ...spec,
    };
    this.#events.set(event.eventTicker, event);
    return event;
  }

  /** The event, and its series, are made when they are missing. An event and its markets share one shard. */
  addMarket(spec: MarketSpec, nowMicros: number): Market {
    const seriesTicker = spec.eventTicker.split('-')[0] ?? spec.eventTicker;
    const event =
      this.event(spec.eventTicker) ?? this.addEvent({ eventTicker: spec.eventTicker, seriesTicker }, nowMicros);
    const structure = spec.priceLevelStructure ?? 'linear_cent';
    const openMicros = spec.openMicros ?? nowMicros;
    const market: Market = {
      ...BLANK_MARKET,
      marketId: spec.marketId ?? this.#newId(),
      title: spec.ticker,
      createdMicros: nowMicros,
      updatedMicros: nowMicros,
      openMicros,
      expectedExpirationMicros: spec.closeMicros,
      latestExpirationMicros: spec.closeMicros,
      status: openMicros <= nowMicros ? 'active' : 'initialized',
      priceLevelStructure: structure,
      priceRanges: spec.priceRanges ?? rangesOf(structure),
      exchangeIndex: event.exchangeIndex,
      ...spec,
    };
    this.#markets.set(market.ticker, market);
    this.#books.set(market.ticker, new MatchingBook(this.#hooks));
    return market;
  }

  series(ticker: string): SeriesRecord | undefined {
    return this.#series.get(ticker);
  }

  allSeries(): readonly SeriesRecord[] {
    return [...this.#series.values()];
  }

  event(ticker: string): EventRecord | undefined {
    return this.#events.get(ticker);
  }

  allEvents(): readonly EventRecord[] {
    return [...this.#events.values()];
  }

  eventOf(market: Market): EventRecord {
    const event = this.#events.get(market.eventTicker);
    if (event === undefined) throw new Error(`market ${market.ticker} has no event`);
    return event;
  }

  seriesOf(event: EventRecord): SeriesRecord {
    const series = this.#series.get(event.seriesTicker);
    if (series === undefined) throw new Error(`event ${event.eventTicker} has no series`);
    return series;
  }

  find(ticker: string): Market | undefined {
    return this.#markets.get(ticker);
  }

  /** For a market that must exist. */
  market(ticker: string): Market {
    const market = this.#markets.get(ticker);
    if (market === undefined) throw new Error(`no market ${ticker}`);
    return market;
  }

  markets(): readonly Market[] {
    return [...this.#markets.values()];
  }

  marketsOf(eventTicker: string): readonly Market[] {
    return this.markets().filter((market) => market.eventTicker === eventTicker);
  }

  book(ticker: string): VenueBook {
    const book = this.#books.get(ticker);
    if (book === undefined) throw new Error(`no market ${ticker}`);
    return book;
  }

  update(ticker: string, change: Partial<Market>): Market {
    const market = { ...this.market(ticker), ...change };
    this.#markets.set(ticker, market);
    return market;
  }

  updateEvent(ticker: string, change: Partial<EventRecord>): EventRecord {
    const event = this.#events.get(ticker);
    if (event === undefined) throw new Error(`no event ${ticker}`);
    const changed = { ...event, ...change };
    this.#events.set(ticker, changed);
    return changed;
  }

  addTrade(trade: TradeRecord): void {
    this.#trades.push(trade);
    const ofMarket = this.#tradesByMarket.get(trade.ticker) ?? [];
    this.#tradesByMarket.set(trade.ticker, ofMarket);
    ofMarket.push(trade);
  }

  forgetTradesBefore(ms: number): void {
    const isKept = ({ atMicros }: TradeRecord): boolean => atMicros >= ms * 1_000;
    this.#trades = this.#trades.filter(isKept);
    for (const [ticker, trades] of this.#tradesByMarket) this.#tradesByMarket.set(ticker, trades.filter(isKept));
  }

  /** Earliest first; of all markets unless one is named. */
  trades(ticker?: string): readonly TradeRecord[] {
    return ticker === undefined ? this.#trades : (this.#tradesByMarket.get(ticker) ?? []);
  }

  /** Best prices on the YES scale; an empty side shows as the venue shows it, 0 and 1. */
  quotes(ticker: string): Quotes {
    const book = this.book(ticker);
    const bid = book.best('bid');
    const ask = book.best('ask');
    return {
      yesBidE4: bid?.priceE4 ?? priceE4(0),
      yesBidE6: bid?.sizeE6 ?? 0,
      yesAskE4: ask?.priceE4 ?? priceE4(10_000),
      yesAskE6: ask?.sizeE6 ?? 0,
    };
  }
}

export interface Quotes {
  readonly yesBidE4: PriceE4;
  readonly yesBidE6: number;
  readonly yesAskE4: PriceE4;
  readonly yesAskE6: number;
}

const BLANK_MARKET = {
  marketType: 'binary',
  yesSubTitle: '',
  noSubTitle: '',
  occurrenceMicros: undefined,
  settlementTimerSeconds: 60,
  canCloseEarly: true,
  earlyCloseCondition: '',
  result: '',
  settlementValueE4: undefined,
  settledMicros: undefined,
  expirationValue: '',
  strikeType: undefined,
  floorStrike: undefined,
  capStrike: undefined,
  customStrike: undefined,
  rulesPrimary: '',
  rulesSecondary: '',
  feeWaiverExpirationMicros: undefined,
  mveCollectionTicker: undefined,
  mveSelectedLegs: undefined,
  isProvisional: false,
  lastPriceE4: 0,
  lastSizeE6: 0,
  volumeE6: 0,
  openInterestE6: 0,
  dollarVolumeMicro: 0,
} as const;
