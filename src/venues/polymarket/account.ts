/** What the venue says about our account: orders, fills, balance, positions, and whether it may trade at all. */
import { z } from 'zod';
import { parseDecimal, parseSize } from '../../domain/decimal.ts';
import { bookId, type Instrument, instrumentId } from '../../domain/instrument.ts';
import type { Balance, Fill, OrderState, Position, Reading } from '../../domain/ports/venue.ts';
import type { Traffic } from '../../domain/rate-limit.ts';
import { type Micros, type MicroUsd, microUsd, sizeE6 } from '../../domain/units.ts';
import { type ChainId, type ExchangeName, exchangesOf } from './contracts.ts';
import { CLOB, DATA } from './endpoints.ts';
import { orderStateOf } from './order-state.ts';
import { failed, mapReading, type PolymarketRest, type Query, readValue } from './rest.ts';
import {
  balanceReply,
  closedOnlyReply,
  geoblockReply,
  orderRecord,
  ordersPage,
  positionsReply,
  rateLimitTierReply,
  type TradeRecord,
  tradesPage,
} from './rest-wire.ts';
import { fillsOf, type OwnMarks } from './trade-fills.ts';

const MICROS_PER_SECOND = 1_000_000;
/** Far beyond any difference of clocks that we trade with. */
const CLOCK_MARGIN_S = 60;
const POSITIONS_PAGE = 500;
const POSITIONS_MAX = 10_000;
/** Asking what became of an order lowers our risk: it may use what is kept back. */
const REDUCING: { readonly traffic: Traffic } = { traffic: 'reducing' };

/** A finished order may come as nothing, `null` or an empty object. */
const orderOrNothing = z.union([orderRecord, z.union([z.null(), z.object({}).strict()]).transform(() => undefined)]);

export interface AccountOptions {
  readonly rest: PolymarketRest;
  readonly marks: OwnMarks;
  readonly chainId: ChainId;
  readonly signatureType: number;
}

/** Money, a token, or a position of "Protocol V2". */
export type Asset =
  | { readonly type: 'COLLATERAL' }
  | { readonly type: 'CONDITIONAL' | 'CONDITIONAL-V2'; readonly tokenId: string };

/** What must be right before real orders are armed. */
export interface AccountCheck {
  /** A wrong signature type truthfully reports 0. */
  readonly balanceMicroUsd: MicroUsd;
  readonly isClosedOnly: boolean;
  readonly isRegionBlocked: boolean;
  /** Exchanges that may not move our money: orders there would match and never settle. */
  readonly withoutAllowance: readonly ExchangeName[];
  readonly problems: readonly string[];
}

export class PolymarketAccount {
  readonly #rest: PolymarketRest;
  readonly #marks: OwnMarks;
  readonly #chainId: ChainId;
  readonly #signatureType: string;

  constructor({ rest, marks, chainId, signatureType }: AccountOptions) {
    this.#rest = rest;
    this.#marks = marks;
    this.#chainId = chainId;
    this.#signatureType = String(signatureType);
  }

  /** Active orders are there; finished ones may be empty or 404, so absence here proves nothing. */
  async order(orderId: string): Promise<Reading<OrderState>> {
    const path = CLOB.orderById(orderId);
    const reading = await this.#rest.read({ host: 'clob', path, isPrivate: true, schema: orderOrNothing, ...REDUCING });
    if (reading.kind === 'failed') return reading;
    const record = reading.value;
    if (record === undefined) return failed('notFound', `order ${orderId}: expected a record, found none`);
    const state = orderStateOf(record);
    return typeof state === 'string' ? failed('malformed', state) : { ...reading, value: state };
  }

  openOrders(query: Query = []): Promise<Reading<readonly OrderState[]>> {
    const read = {
      host: 'clob',
      path: CLOB.openOrders,
      query,
      isPrivate: true,
      schema: ordersPage,
      ...REDUCING,
    } as const;
    return this.#rest.readPages(read).then((reading) => allOf(reading, orderStateOf));
  }

  /**
   * Trades since an instant, and some before it: the venue compares with its own clock, and a trade that is left
   * out would make an order look absent. Trades are told apart by their ids, so more of them do no harm.
   */
  trades(since: Micros, query: Query = []): Promise<Reading<readonly TradeRecord[]>> {
    const after = String(Math.max(0, Math.floor(since / MICROS_PER_SECOND) - CLOCK_MARGIN_S));
    const all: Query = [['after', after], ...query];
    const read = {
      host: 'clob',
      path: CLOB.trades,
      query: all,
      isPrivate: true,
      schema: tradesPage,
      ...REDUCING,
    } as const;
    return this.#rest.readPages(read);
  }

  /**
   * Filtered here and not by the venue: a fill of ours may stand in a trade whose own token is the opposite one.
   */
  async fills(since: Micros, instrument?: Instrument): Promise<Reading<readonly Fill[]>> {
    const trades = await this.trades(since);
    const fills = mapReading(
      allOf(trades, (trade) => fillsOf(trade, this.#marks)),
      (lists) => lists.flat(),
    );
    if (instrument === undefined) return fills;
    const wanted = instrumentId(instrument);
    return mapReading(fills, (list) => list.filter((fill) => instrumentId(fill.instrument) === wanted));
  }

  /**
   * Money, and how much of it each exchange may move. The total is what the best placed exchange could use; the
   * compartments are named as the listings name them.
   */
  async balance(): Promise<Reading<Balance>> {
    const query: Query = [
      ['asset_type', 'COLLATERAL'],
      ['signature_type', this.#signatureType],
    ];
    const reading = await this.#rest.read({
      host: 'clob',
      path: CLOB.balance,
      query,
      isPrivate: true,
      schema: balanceReply,
    });
    if (reading.kind === 'failed') return reading;
    const { balance, allowances } = reading.value;
    const total = moneyOf(balance);
    if (total === undefined)
      return failed('malformed', `expected a balance in millionths, found ${JSON.stringify(balance)}`);
    const usable = usableOf(total, allowances ?? {}, this.#chainId);
    if (usable === undefined) return failed('malformed', 'expected allowances as whole numbers, found another text');
    const best = microUsd(Math.max(0, ...Object.values(usable)));
    const availableMicroUsd = Object.keys(usable).length === 0 ? total : best;
    return { ...reading, value: { availableMicroUsd, compartments: usable } };
  }

  /** Asks the venue to look at the chain again, after an approval, a deposit or a settlement. */
  async refreshBalance(asset: Asset = { type: 'COLLATERAL' }): Promise<Reading<void>> {
    const token: Query = asset.type === 'COLLATERAL' ? [] : [['token_id', asset.tokenId]];
    const query: Query = [['asset_type', asset.type], ...token, ['signature_type', this.#signatureType]];
    const path = CLOB.updateBalance;
    const reading = await this.#rest.read({ host: 'clob', path, query, isPrivate: true, schema: z.unknown() });
    return mapReading(reading, () => undefined);
  }

  /** Lags by seconds: for slow comparison, never to size a hedge. */
  async positions(): Promise<Reading<readonly Position[]>> {
    const found: Position[] = [];
    for (let offset = 0; ; offset += POSITIONS_PAGE) {
      const query: Query = [
        ['user', this.#marks.funder],
        ['sizeThreshold', '0'],
        ['limit', String(POSITIONS_PAGE)],
        ['offset', String(offset)],
      ];
      const page = await this.#rest.read({ host: 'data', path: DATA.positions, query, schema: positionsReply });
      if (page.kind === 'failed') return page;
      for (const { asset, size } of page.value) {
        const exact = parseSize(String(size));
        if (exact === undefined) return failed('malformed', `position ${asset}: expected six decimals, found ${size}`);
        if (exact > 0)
          found.push({ instrument: { book: bookId('polymarket', asset), inverted: false }, sizeE6: sizeE6(exact) });
      }
      if (page.value.length === 0) return readValue(found, page.receivedAt);
      if (offset >= POSITIONS_MAX)
        return failed('malformed', `expected at most ${POSITIONS_MAX} positions, found more`);
    }
  }

  /** The name of our tier of requests. */
  async rateLimitTier(): Promise<Reading<string>> {
    const read = { host: 'clob', path: CLOB.rateLimitTier, isPrivate: true, schema: rateLimitTierReply } as const;
    return mapReading(await this.#rest.read(read), ({ tier }) => tier);
  }

  /** Start-up: is the balance visible, may the account open positions, may this place trade. */
  async check(): Promise<Reading<AccountCheck>> {
    const balance = await this.balance();
    if (balance.kind === 'failed') return balance;
    const closed = await this.#rest.read({
      host: 'clob',
      path: CLOB.closedOnly,
      isPrivate: true,
      schema: closedOnlyReply,
    });
    if (closed.kind === 'failed') return closed;
    const region = await this.#rest.read({ host: 'geoblock', path: '/api/geoblock', schema: geoblockReply });
    if (region.kind === 'failed') return region;
    const { availableMicroUsd, compartments } = balance.value;
    const names = exchangesOf(this.#chainId).map(({ name }) => name);
    const withoutAllowance = names.filter((name) => (compartments[name] ?? 0) === 0);
    const problems = [
      ...(availableMicroUsd > 0 ? [] : ['no balance is visible: is the signature type right?']),
      ...(closed.value.closed_only ? ['the account may only close positions'] : []),
      ...(region.value.blocked ? ['the venue refuses orders from this region'] : []),
    ];
    const value = {
      balanceMicroUsd: availableMicroUsd,
      isClosedOnly: closed.value.closed_only,
      isRegionBlocked: region.value.blocked,
      withoutAllowance,
      problems,
    };
    return { ...region, value };
  }
}

/** Every record in our words, or a failure: a list with one unreadable record is not complete. */
function allOf<Item, Value extends object>(
  reading: Reading<readonly Item[]>,
  read: (item: Item) => Value | string,
): Reading<readonly Value[]> {
  if (reading.kind === 'failed') return reading;
  const values: Value[] = [];
  for (const item of reading.value) {
    const value = read(item);
    if (typeof value === 'string') return failed('malformed', value);
    values.push(value);
  }
  return { ...reading, value: values };
}

/** Millionths as whole text, or dollars with decimals. */
function moneyOf(text: string): MicroUsd | undefined {
  const micro = parseDecimal(text, text.includes('.') ? 6 : 0);
  return micro === undefined || micro < 0 ? undefined : microUsd(micro);
}

/** The smaller of balance and allowance, for each exchange that the reply names. */
function usableOf(
  total: MicroUsd,
  allowances: Readonly<Record<string, string>>,
  chainId: ChainId,
): Readonly<Record<string, MicroUsd>> | undefined {
  const usable: Record<string, MicroUsd> = {};
  for (const { name, contract } of exchangesOf(chainId)) {
    const entry = Object.entries(allowances).find(([address]) => address.toLowerCase() === contract.toLowerCase());
    if (entry === undefined) continue;
    if (!/^[0-9]{1,78}$/.test(entry[1])) return undefined;
    // An unlimited approval is 2^256 - 1.
    const allowed = BigInt(entry[1]);
    usable[name] = allowed < BigInt(total) ? microUsd(Number(allowed)) : total;
  }
  return usable;
}
