/** One signed order from its body to its answer: every check that the venue makes, in its order and its words. */

import type { ServerReply } from '../../domain/ports/local-server.ts';
import type { FaultRack } from '../faults.ts';
import type { ApiKey } from './auth.ts';
import { type Exchange, feeAtMost, HOUSE, placeOf } from './exchange.ts';
import { exchangeDomain } from './exchanges.ts';
import type { Ledger } from './ledger.ts';
import type { Market, Order } from './model.ts';
import type { Modes } from './modes.ts';
import type { PolymarketSettings } from './options.ts';
import { parseOrder, type SignedOrder } from './order-wire.ts';
import { failure, invalidOrder, json, TEXT } from './replies.ts';
import { addressOf, orderHash, orderSigner, sameAddress } from './signatures.ts';
import type { Store } from './store.ts';
import { amountComplaint, isMarketType, minimumComplaint, sizeComplaint, termsOf, tickComplaint } from './terms.ts';
import { acceptedView, matchedView } from './views.ts';

export interface DeskParts {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly exchange: Exchange;
  readonly modes: Modes;
  readonly faults: FaultRack;
  readonly settings: PolymarketSettings;
  readonly nowMs: () => number;
}

/** The wallets that a key may trade for, beside its own address. */
export interface Wallets {
  readonly isOf: (wallet: string, owner: { readonly address: string; readonly signatureType: number }) => boolean;
}

const EXPIRY_MARGIN_S = 60;
const VENUE_DOMAINS = [
  { version: 'v1', negRisk: false },
  { version: 'v1', negRisk: true },
  { version: 'v2', negRisk: false },
] as const;

export class OrderDesk {
  readonly #parts: DeskParts;
  readonly #wallets: Wallets;

  constructor(parts: DeskParts, wallets: Wallets) {
    this.#parts = parts;
    this.#wallets = wallets;
  }

  /** The reply as `POST /order` gives it. A batch takes the words out of it. */
  take(body: unknown, key: ApiKey): ServerReply {
    const parsed = parseOrder(body);
    if (parsed.kind === 'old') return failure(400, this.#parts.settings.oldOrderText);
    if (parsed.kind === 'malformed') return failure(400, TEXT.payload);
    const signed = parsed.order;
    const market = this.#parts.store.ofToken(signed.fields.tokenId)?.market;
    const refused = this.#identity(signed, key) ?? this.#readiness(market, signed);
    if (refused !== undefined) return refused;
    if (market === undefined) return failure(400, TEXT.payload);
    const domain = exchangeDomain({ ...market, chainId: this.#parts.settings.chainId });
    const id = orderHash(domain, signed.fields);
    const unfit =
      this.#signature(market, signed, key) ?? this.#terms(market, signed, id) ?? this.#funds(market, signed);
    return (
      unfit ??
      this.#place(
        orderOf(market, signed, { id, nowMs: this.#parts.nowMs(), buyBudget: this.#parts.settings.buyBudget }),
      )
    );
  }

  #identity({ fields, owner }: SignedOrder, key: ApiKey): ServerReply | undefined {
    if (owner !== key.key) return failure(400, TEXT.owner);
    const { signatureType, maker, signer } = fields;
    const isOwn = this.#wallets.isOf(maker, { address: key.address, signatureType });
    if (signatureType === 3) return isOwn && sameAddress(signer, maker) ? undefined : failure(400, TEXT.signer);
    if (!sameAddress(signer, key.address)) return failure(400, TEXT.signer);
    const isNew = this.#parts.ledger.account(key.address).depositWalletOnly;
    if (isNew || !isOwn) return failure(400, TEXT.maker);
    return undefined;
  }

  #readiness(market: Market | undefined, { fields, postOnly }: SignedOrder): ServerReply | undefined {
    const { modes, ledger } = this.#parts;
    // Unverified text: nobody recorded an order for an unknown token.
    if (market === undefined || market.closed) return failure(400, `the orderbook ${fields.tokenId} does not exist`);
    if (modes.mode === 'postOnly' && !postOnly) return modes.postOnlyRefusal();
    if (modes.region === 'closeOnly' && fields.side === 'BUY') return failure(403, TEXT.region);
    if (!market.active || !market.acceptingOrders) return failure(400, TEXT.notReady);
    if (fields.side === 'BUY' && ledger.account(fields.maker).closedOnly)
      return failure(400, `'${fields.maker}' address in closed only mode`);
    return undefined;
  }

  /** An order that is valid for another version is told so; the client re-reads `/version` on exactly this text. */
  #signature(market: Market, signed: SignedOrder, key: ApiKey): ServerReply | undefined {
    const { chainId } = this.#parts.settings;
    const isSigned = (domain: { readonly version: 'v1' | 'v2'; readonly negRisk: boolean }): boolean => {
      const signer = orderSigner(exchangeDomain({ ...domain, chainId }), signed.fields, signed.signature);
      return signer !== undefined && sameAddress(signer, key.address);
    };
    if (isSigned(market)) return undefined;
    const isOtherVersion = VENUE_DOMAINS.some((domain) => domain.version !== market.version && isSigned(domain));
    return failure(400, isOtherVersion ? TEXT.versionMismatch : TEXT.signature);
  }

  #terms(market: Market, signed: SignedOrder, id: string): ServerReply | undefined {
    const terms = termsOf(signed);
    const { store, exchange, nowMs } = this.#parts;
    const amounts = amountComplaint(market, signed);
    if (amounts !== undefined) return failure(400, amounts);
    const complaint = tickComplaint(market, signed) ?? sizeComplaint(market, signed);
    if (complaint !== undefined) return failure(400, invalidOrder(id, complaint));
    if (!isTimely(signed, nowMs())) return failure(400, TEXT.expiration);
    if (store.orders.has(id)) return failure(400, invalidOrder(id, 'Duplicated.'));
    const priced = { ...terms, tokenId: signed.fields.tokenId, type: signed.type };
    const isMarketable = exchange.isMarketable(market, priced);
    if (signed.postOnly && isMarketable) return failure(400, TEXT.postOnlyCross);
    const minimum = isMarketable ? minimumComplaint(terms) : undefined;
    return minimum === undefined ? undefined : failure(400, minimum);
  }

  /** What resting orders hold back and what matches on their way will take is not there. */
  #funds(market: Market, signed: SignedOrder): ServerReply | undefined {
    const { ledger, exchange, faults } = this.#parts;
    const { maker: wallet, tokenId, side } = signed.fields;
    const terms = termsOf(signed);
    const place = placeOf({ conditionId: market.conditionId, type: signed.type, side, wallet });
    const isBuy = side === 'BUY';
    const isTaker = exchange.isMarketable(market, { ...terms, tokenId, type: signed.type });
    const needed = isBuy ? terms.cashMicro + (isTaker ? feeAtMost(market, terms) : 0) : terms.sizeE6;
    const held = isBuy ? ledger.uncommittedCash(wallet) : ledger.uncommittedShares(wallet, tokenId);
    const free = Math.max(0, held - exchange.reserved(wallet, isBuy ? {} : { tokenId }));
    const isShort = free < needed && !ledger.account(wallet).isUnlimited;
    const struck = faults.strike('O18', place);
    if (!isShort && struck === undefined) return undefined;
    const text = `not enough balance / allowance: the balance is not enough -> balance: ${struck === undefined ? free : 0}, order amount: ${needed}`;
    return failure(400, text);
  }

  #place(order: Order): ServerReply {
    const placement = this.#parts.exchange.place(order);
    switch (placement.kind) {
      case 'matched':
        return json(matchedView(order, placement.trades));
      case 'killed':
        return failure(400, placement.text, { orderID: order.id });
      case 'live':
      case 'delayed':
        return json(acceptedView(order, placement.kind));
      default:
        throw new Error(`a placement must be of a known kind, found ${JSON.stringify(placement satisfies never)}`);
    }
  }
}

/** GTD needs more than the minute that the venue keeps for itself; other types carry no expiration. */
function isTimely({ type, expiration }: SignedOrder, nowMs: number): boolean {
  return type === 'GTD' ? expiration > Math.floor(nowMs / 1000) + EXPIRY_MARGIN_S : expiration === 0;
}

function orderOf(
  market: Market,
  signed: SignedOrder,
  given: { readonly id: string; readonly nowMs: number; readonly buyBudget: boolean },
): Order {
  const { side, priceE4, sizeE6, cashMicro } = termsOf(signed);
  const isBudget = given.buyBudget && side === 'BUY' && isMarketType(signed.type);
  return {
    id: given.id,
    owner: signed.owner,
    wallet: signed.fields.maker,
    conditionId: market.conditionId,
    tokenId: signed.fields.tokenId,
    side,
    type: signed.type,
    postOnly: signed.postOnly,
    priceE4,
    sizeE6,
    budgetMicro: isBudget ? cashMicro : undefined,
    expiration: signed.expiration,
    createdAtMs: given.nowMs,
    matchedE6: 0,
    status: 'LIVE',
    tradeIds: [],
  };
}

/** Proxies and deposit wallets belong to the account that they were linked to; an account is always its own. */
export class WalletLinks implements Wallets {
  readonly #links = new Map<string, { readonly address: string; readonly signatureType: number }>();

  link(link: { readonly wallet: string; readonly address: string; readonly signatureType: number }): void {
    this.#links.set(link.wallet.toLowerCase(), link);
  }

  readonly isOf: Wallets['isOf'] = (wallet, { address, signatureType }) => {
    if (signatureType === 0) return sameAddress(wallet, address);
    const link = this.#links.get(wallet.toLowerCase());
    return link !== undefined && link.signatureType === signatureType && sameAddress(link.address, address);
  };

  /** What `/balance-allowance` looks at: the venue derives the wallet and never asks for it. */
  walletOf(owner: { readonly address: string; readonly signatureType: number }): string | undefined {
    if (owner.signatureType === 0) return owner.address;
    for (const [wallet, link] of this.#links)
      if (link.signatureType === owner.signatureType && sameAddress(link.address, owner.address))
        return addressOf(wallet);
    return undefined;
  }
}

/** An order of somebody without a signature: house liquidity and counterparties. */
export interface PlainOrder {
  readonly tokenId: string;
  readonly side: Order['side'];
  readonly priceE4: number;
  readonly sizeE6: number;
  readonly type?: Order['type'];
  readonly postOnly?: boolean;
  readonly owner?: string;
  readonly wallet?: string;
}

export function plainOrder(
  market: Market,
  plain: PlainOrder,
  given: { readonly id: string; readonly nowMs: number },
): Order {
  return {
    id: given.id,
    owner: plain.owner ?? HOUSE.owner,
    wallet: plain.wallet ?? HOUSE.wallet,
    conditionId: market.conditionId,
    tokenId: plain.tokenId,
    side: plain.side,
    type: plain.type ?? 'GTC',
    postOnly: plain.postOnly ?? false,
    priceE4: plain.priceE4,
    sizeE6: plain.sizeE6,
    budgetMicro: undefined,
    expiration: 0,
    createdAtMs: given.nowMs,
    matchedE6: 0,
    status: 'LIVE',
    tradeIds: [],
  };
}
