/** The hand of a test or a scenario inside the venue: what it sets, and the truth that it reads. */
import type { Fault, FaultRack } from '../faults.ts';
import type { ApiKey, Auth } from './auth.ts';
import type { Chain } from './chain.ts';
import type { WalletLinks } from './desk.ts';
import type { Exchange } from './exchange.ts';
import type { FeeSchedule } from './fees.ts';
import type { Flow } from './flow.ts';
import type { Front, Received } from './front.ts';
import type { AccountView, Ledger } from './ledger.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Limits } from './limits.ts';
import type { MarketFeed } from './market-feed.ts';
import type { Quotes } from './mirror.ts';
import type { Market, Order, Trade, TradeStatus } from './model.ts';
import type { Mode, Modes, Region } from './modes.ts';
import type { Tier } from './options.ts';
import type { Outage } from './outage.ts';
import type { Settlement, SettlementStep } from './settlement.ts';
import type { Whereabouts } from './site.ts';
import type { SocketLine } from './socket-line.ts';
import type { Store } from './store.ts';
import type { UserFeed } from './user-feed.ts';

export interface ControlParts {
  readonly auth: Auth;
  readonly wallets: WalletLinks;
  readonly ledger: Ledger;
  readonly limits: Limits;
  readonly modes: Modes;
  readonly faults: FaultRack;
  readonly outage: Outage;
  readonly store: Store;
  readonly exchange: Exchange;
  readonly settlement: Settlement;
  readonly lifecycle: Lifecycle;
  readonly flow: Flow;
  readonly chain: Chain;
  readonly front: Front;
  readonly marketFeed: MarketFeed;
  readonly userFeed: UserFeed;
  readonly shiftClock: (ms: number) => void;
}

export type Channel = 'market' | 'user';

export interface AccountFlags {
  readonly closedOnly?: boolean;
  /** A new account: only the deposit wallet may trade. */
  readonly depositWalletOnly?: boolean;
  readonly isApproved?: boolean;
  readonly isUnlimited?: boolean;
}

export interface Holding {
  readonly wallet: string;
  readonly tokenId: string;
  readonly sharesE6: number;
}

export class Control {
  readonly lifecycle: Lifecycle;
  readonly flow: Flow;
  readonly chain: Chain;
  whereabouts: Whereabouts = { country: 'PT', region: '11' };
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    this.lifecycle = parts.lifecycle;
    this.flow = parts.flow;
    this.chain = parts.chain;
  }

  setFaults(faults: readonly Fault[]): void {
    this.#parts.faults.set(faults);
  }

  struckFaults(): readonly Fault[] {
    return this.#parts.faults.struck();
  }

  installKey(key: ApiKey): void {
    this.#parts.auth.install(key);
  }

  /** A proxy (1), a Safe (2) or a deposit wallet (3) of the account that signs for it. */
  linkWallet(link: { readonly wallet: string; readonly address: string; readonly signatureType: number }): void {
    this.#parts.wallets.link(link);
  }

  setAccount(wallet: string, flags: AccountFlags): void {
    Object.assign(this.#parts.ledger.account(wallet), flags);
  }

  setTier(signer: string, tier: Tier): void {
    this.#parts.limits.setTier(signer, tier);
  }

  setFee(conditionId: string, fee: FeeSchedule): void {
    this.#parts.store.market(conditionId).fee = fee;
  }

  setTakerDelay(conditionId: string, delayMs: number): void {
    this.#parts.store.market(conditionId).takerDelayMs = delayMs;
  }

  setMode(mode: Mode): void {
    this.#parts.modes.set(mode);
  }

  restart(times: { readonly downMs?: number; readonly postOnlyMs?: number } = {}): void {
    this.#parts.modes.restart(times);
  }

  setRegion(region: Region): void {
    this.#parts.modes.region = region;
  }

  /** How far the venue's clock is ahead of the one that was given. */
  setClockOffset(ms: number): void {
    this.#parts.shiftClock(ms);
  }

  scriptSettlement(...paths: readonly (readonly SettlementStep[])[]): void {
    this.#parts.settlement.script(...paths);
  }

  /** Moves a trade now. What was planned for it is dropped. */
  moveTrade(tradeId: string, status: TradeStatus): void {
    const trade = this.#parts.store.trades.get(tradeId);
    if (trade === undefined) throw new Error(`no trade has the id ${tradeId}`);
    this.#parts.settlement.stop(trade);
    this.#parts.settlement.move(trade, status);
  }

  /** Tells a status that is not true, as contradictory frames did in 2026. The trade stays what it is. */
  tellTrade(tradeId: string, status: TradeStatus): void {
    const trade = this.#parts.store.trades.get(tradeId);
    if (trade === undefined) throw new Error(`no trade has the id ${tradeId}`);
    this.#parts.userFeed.tradeChanged({ ...trade, status });
  }

  /** Open, answering PING, and silent. */
  freezeSockets(channel: Channel, durationMs: number): void {
    for (const line of this.#lines(channel)) line.freeze(durationMs);
  }

  thawSockets(channel: Channel): void {
    for (const line of this.#lines(channel)) line.thaw();
  }

  cutSockets(channel: Channel): void {
    for (const line of this.#lines(channel)) line.cut();
  }

  closeSockets(channel: Channel, code: number): void {
    for (const line of this.#lines(channel)) line.close(code, '');
  }

  beginOutage(direction: 'in' | 'out' | 'both'): void {
    this.#parts.outage.begin({ direction, untilMs: Number.POSITIVE_INFINITY });
  }

  endOutage(): void {
    this.#parts.outage.end();
  }

  market(conditionId: string): Market {
    return this.#parts.store.market(conditionId);
  }

  quotes(tokenId: string): Quotes {
    const market = this.#parts.store.ofToken(tokenId)?.market;
    if (market === undefined) throw new Error(`no market has the token ${tokenId}`);
    return this.#parts.exchange.books.quotes(market, tokenId);
  }

  accounts(): readonly AccountView[] {
    return this.#parts.ledger.views();
  }

  account(wallet: string): AccountView | undefined {
    return this.accounts().find((account) => account.wallet === wallet.toLowerCase());
  }

  positions(): readonly Holding[] {
    return this.accounts().flatMap(({ wallet, shares }) =>
      Object.entries(shares).flatMap(([tokenId, sharesE6]) => (sharesE6 === 0 ? [] : [{ wallet, tokenId, sharesE6 }])),
    );
  }

  /** Quotes of the house disappear when they are done. */
  orders(): readonly Readonly<Order>[] {
    return [...this.#parts.store.orders.values()];
  }

  trades(): readonly Readonly<Trade>[] {
    return [...this.#parts.store.trades.values()];
  }

  /** Requests of every server in order of arrival; only the last ten thousand are sure to be there. */
  requests(): readonly Readonly<Received>[] {
    return this.#parts.front.requests;
  }

  /** Every order request, lost ones included: what a run may never have sent can be read here. */
  received(): readonly Readonly<Received>[] {
    return this.#parts.front.orders;
  }

  #lines(channel: Channel): SocketLine[] {
    return channel === 'market' ? this.#parts.marketFeed.lines() : this.#parts.userFeed.lines();
  }
}
