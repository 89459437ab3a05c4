/** Markets, events, orders and trades by their ids. */
import type { Random } from '../../domain/ports/random.ts';
import { DEFAULT_FEE } from './fees.ts';
import { hash32 } from './ids.ts';
import type { EventSpec, Market, MarketSpec, Order, Trade } from './model.ts';

const FIRST_MARKET_ID = 1_557_558;

export class Store {
  readonly #random: Random;
  readonly markets = new Map<string, Market>();
  readonly events = new Map<string, EventSpec>();
  readonly orders = new Map<string, Order>();
  readonly trades = new Map<string, Trade>();
  readonly #byToken = new Map<string, { readonly market: Market; readonly index: 0 | 1 }>();

  constructor(random: Random) {
    this.#random = random;
  }

  addMarket(spec: MarketSpec, nowMs: number): Market {
    if (this.markets.has(spec.conditionId)) throw new Error(`condition ${spec.conditionId} is already listed`);
    const market = marketFrom(spec, {
      id: String(FIRST_MARKET_ID + this.markets.size),
      questionId: hash32(this.#random),
      nowMs,
    });
    this.markets.set(market.conditionId, market);
    this.#byToken.set(market.tokens[0].tokenId, { market, index: 0 });
    this.#byToken.set(market.tokens[1].tokenId, { market, index: 1 });
    return market;
  }

  market(conditionId: string): Market {
    const market = this.markets.get(conditionId);
    if (market === undefined) throw new Error(`no market has the condition ${conditionId}`);
    return market;
  }

  /** The market of a token, and which of the two it is. */
  ofToken(tokenId: string): { readonly market: Market; readonly index: 0 | 1 } | undefined {
    return this.#byToken.get(tokenId);
  }

  eventOf(market: Market): EventSpec | undefined {
    return market.eventId === undefined ? undefined : this.events.get(market.eventId);
  }

  marketsOf(event: EventSpec): Market[] {
    return [...this.markets.values()].filter(({ eventId }) => eventId === event.id);
  }

  ordersOf(owner: string): Order[] {
    return [...this.orders.values()].filter((order) => order.owner === owner);
  }

  tradesOf(owner: string): Trade[] {
    return [...this.trades.values()].filter(
      (trade) => trade.takerOwner === owner || trade.makers.some((maker) => maker.owner === owner),
    );
  }
}

function marketFrom(
  spec: MarketSpec,
  given: { readonly id: string; readonly questionId: string; readonly nowMs: number },
): Market {
  const slug = spec.slug ?? `market-${given.id}`;
  return {
    id: given.id,
    conditionId: spec.conditionId,
    questionId: given.questionId,
    tokens: spec.tokens,
    question: spec.question ?? `Will ${slug} happen?`,
    slug,
    description: spec.description ?? '',
    minSizeE6: spec.minSizeE6 ?? 5_000_000,
    negRisk: spec.negRisk ?? false,
    negRiskMarketId: spec.negRiskMarketId ?? '',
    version: spec.version ?? 'v1',
    startIso: spec.startIso ?? isoOf(given.nowMs),
    endIso: spec.endIso ?? '2026-12-31T00:00:00Z',
    gameStartIso: spec.gameStartIso,
    tags: spec.tags ?? [],
    eventId: spec.eventId,
    groupItemTitle: spec.groupItemTitle ?? '',
    resolutionSource: spec.resolutionSource ?? '',
    tickE4: spec.tickE4 ?? 100,
    fee: spec.fee ?? DEFAULT_FEE,
    takerDelayMs: spec.takerDelayMs ?? 0,
    acceptingOrders: spec.acceptingOrders ?? true,
    active: true,
    closed: false,
    closedAtMs: undefined,
    bookChangedAtMs: given.nowMs,
    resolution: 'unresolved',
    payouts: undefined,
    lastTradeE4: undefined,
    lastTradeAtMs: undefined,
  };
}

export function isoOf(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
