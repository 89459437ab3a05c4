/**
 * The simulated Kalshi: the venue's protocol with nothing around it. It speaks REST under `/trade-api/v2`
 * and WebSocket under `/trade-api/ws/v2`, keeps its own books, money and clock reading, and goes wrong where
 * it is told to. A shell puts it on loopback ports or in memory; scripts drive the rest with the methods here.
 */
import type { LocalServer, ServerAnswer, ServerRequest, UpgradeAnswer } from '../../domain/ports/local-server.ts';
import { type MicroUsd, microUsd } from '../../domain/units.ts';
import type { Fault } from '../faults.ts';
import type { Account, AccountSpec, PurseKey } from './accounts.ts';
import type { EventSpec, MarketSpec, SeriesSpec, VenueBook } from './catalog.ts';
import { Core } from './core.ts';
import type { House } from './house.ts';
import type { Lifecycle } from './lifecycle.ts';
import type {
  EventRecord,
  FeeChange,
  FillRecord,
  Market,
  OrderRecord,
  SeriesRecord,
  SettlementRecord,
} from './model.ts';
import { type KalshiSimOptions, settle } from './options.ts';
import type { Position } from './purse.ts';
import { handle } from './request-faults.ts';
import type { Standing } from './standing.ts';
import { Streams } from './streams.ts';

/** One order command, as the venue got it, or would have. */
export interface ReceivedRequest {
  readonly atMs: number;
  readonly method: string;
  /** With the query. */
  readonly target: string;
  readonly body: string;
  readonly keyId: string | undefined;
  /** Whether it arrived; false where a fault lost it on the way. */
  readonly wasTaken: boolean;
  readonly answer: ServerAnswer;
}

export class KalshiSim implements LocalServer {
  readonly #core: Core;
  readonly #streams: Streams;
  #received: ReceivedRequest[] = [];

  constructor(options: KalshiSimOptions) {
    this.#core = new Core(settle(options));
    this.#streams = new Streams(this.#core);
    this.#core.feed = this.#streams;
    this.#core.standing.start();
  }

  onRequest(request: ServerRequest, answer: (answer: ServerAnswer) => void): void {
    const { cutoff } = this.#core;
    if (cutoff.moveOn()) this.#received = this.#received.filter(({ atMs }) => atMs >= cutoff.atMs);
    const { random, ...times } = this.#core.settings;
    const latency = request.method === 'GET' ? times.readLatency : times.latency;
    const tripMs = latency === undefined ? 0 : latency(random);
    this.#after(tripMs / 2, () => {
      const handled = handle(this.#core, request);
      if (isOrderCommand(request)) this.#note(request, handled);
      this.#after(tripMs / 2 + handled.delayMs, () => answer(handled.answer));
    });
  }

  onUpgrade(request: ServerRequest): UpgradeAnswer {
    return this.#streams.onUpgrade(request);
  }

  /** Replaces all faults that were set. */
  setFaults(faults: readonly Fault[]): void {
    this.#core.faults.set(faults);
  }

  /** The faults that struck, in order. */
  struckFaults(): readonly Fault[] {
    return this.#core.faults.struck();
  }

  addAccount(spec: AccountSpec): Account {
    return this.#core.accounts.add(spec, this.#core.nowMs());
  }

  /** Money comes from nowhere (below zero: goes). Balances are per shard and subaccount. */
  deposit(accountId: string, money: MicroUsd, place: Partial<PurseKey> = {}): void {
    const key = { shard: 0, subaccount: 0, ...place };
    const account = this.#core.accounts.get(accountId);
    account.purse(key).cashMicro += money;
    account.remember(key, this.#core.nowMs());
  }

  addSeries(spec: SeriesSpec): SeriesRecord {
    return this.#core.catalog.addSeries(spec, this.#core.nowMicros());
  }

  addEvent(spec: EventSpec): EventRecord {
    const event = this.#core.catalog.addEvent(spec, this.#core.nowMicros());
    this.#core.feed.event('event_lifecycle', {
      event_ticker: event.eventTicker,
      exchange_index: event.exchangeIndex,
      title: event.title,
      subtitle: event.subTitle,
      collateral_return_type: event.collateralReturnType,
      series_ticker: event.seriesTicker,
    });
    return event;
  }

  addMarket(spec: MarketSpec): Market {
    const market = this.#core.catalog.addMarket(spec, this.#core.nowMicros());
    this.#core.lifecycle.listed(market);
    return market;
  }

  scheduleSeriesFee(change: Omit<FeeChange, 'id'>): void {
    this.#core.catalog.seriesFeeChanges.push({ ...change, id: this.#core.newId() });
  }

  /** `null` clears an override. The socket is told when it takes effect. */
  scheduleEventFee(change: Omit<FeeChange, 'id'>): void {
    this.#core.catalog.eventFeeChanges.push({ ...change, id: this.#core.newId() });
    this.#core.at(change.scheduledMicros, () => {
      this.#core.feed.event('event_fee_update', {
        event_ticker: change.subject,
        fee_type_override: change.feeType,
        fee_multiplier_override: change.feeMultiplier,
      });
    });
  }

  /** Liquidity of nobody: levels, counter orders, recorded frames. */
  get house(): House {
    return this.#core.house;
  }

  /** What happens to markets: pause, close, determine, settle. */
  get lifecycle(): Lifecycle {
    return this.#core.lifecycle;
  }

  /** What happens to the exchange: pauses and shards. */
  get standing(): Standing {
    return this.#core.standing;
  }

  /** The venue's clock against the world's. */
  setClockSkew(milliseconds: number): void {
    this.#core.skewMicros = milliseconds * 1_000;
  }

  /** Ends every connection without a close frame. */
  cutSockets(): void {
    for (const connection of this.#streams.connections()) connection.cut();
  }

  /** Nothing passes on any socket for so long; what was held follows in order. Pings go on. */
  stallSockets(forMs: number): void {
    this.#streams.stall(forMs);
  }

  closeSockets(code: number, reason: string): void {
    for (const connection of this.#streams.connections()) connection.close(code, reason);
  }

  connectionCount(): number {
    return this.#streams.connections().length;
  }

  setRegionExpiration(keyId: string, unixSeconds: number): void {
    this.#core.accounts.keyring.setRegionExpiration(keyId, unixSeconds);
  }

  accounts(): readonly Account[] {
    return this.#core.accounts.all();
  }

  market(ticker: string): Market {
    return this.#core.catalog.market(ticker);
  }

  book(ticker: string): Pick<VenueBook, 'levels' | 'best' | 'orders'> {
    return this.#core.catalog.book(ticker);
  }

  /** Everything below is the truth at this instant, whatever the venue's reads say. */
  orders(accountId: string): readonly OrderRecord[] {
    return this.#core.blotter.orders().filter((order) => order.accountId === accountId);
  }

  fills(accountId: string): readonly FillRecord[] {
    return this.#core.blotter.fills.filter((fill) => fill.accountId === accountId);
  }

  settlements(accountId: string): readonly SettlementRecord[] {
    return this.#core.blotter.settlements.filter((row) => row.accountId === accountId);
  }

  position(accountId: string, ticker: string, subaccount = 0): Position {
    const shard = this.#core.catalog.market(ticker).exchangeIndex;
    return this.#core.accounts.get(accountId).purse({ shard, subaccount }).position(ticker);
  }

  positions(accountId: string, place: Partial<PurseKey> = {}): ReadonlyMap<string, Position> {
    return this.#core.accounts
      .get(accountId)
      .purse({ shard: 0, subaccount: 0, ...place })
      .positions();
  }

  balance(accountId: string, place: Partial<PurseKey> = {}): MicroUsd {
    return microUsd(this.#core.accounts.get(accountId).purse({ shard: 0, subaccount: 0, ...place }).cashMicro);
  }

  /** Every order command since the cutoff, in order of arrival: for tests that count. */
  received(): readonly ReceivedRequest[] {
    return this.#received;
  }

  /** Cuts all sockets and forgets every timer. */
  stop(): void {
    this.cutSockets();
    this.#core.stop();
  }

  /** At once when there is nothing to wait for, so that tests without a clock stay simple. */
  #after(delayMs: number, run: () => void): void {
    if (delayMs <= 0) run();
    else this.#core.settings.clock.setTimeout(run, delayMs);
  }

  #note(request: ServerRequest, handled: { readonly answer: ServerAnswer; readonly wasTaken: boolean }): void {
    const { method, target, body } = request;
    this.#received.push({
      atMs: this.#core.nowMs(),
      method,
      target,
      body,
      keyId: request.headers['kalshi-access-key'],
      wasTaken: handled.wasTaken,
      answer: handled.answer,
    });
  }
}

function isOrderCommand({ method, target }: ServerRequest): boolean {
  return method !== 'GET' && /^\/trade-api\/v2\/portfolio\/(events\/)?orders/.test(target);
}
