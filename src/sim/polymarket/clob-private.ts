/** What the CLOB does for the owner of an API key: orders, cancels, queries, balances, heartbeats. */
import type { ServerReply } from '../../domain/ports/local-server.ts';
import { type FaultRack, faultText } from '../faults.ts';
import type { ApiKey, Auth } from './auth.ts';
import { pageOf } from './cursors.ts';
import type { OrderDesk, WalletLinks } from './desk.ts';
import { type Exchange, isOpen } from './exchange.ts';
import { EXCHANGE_V2, EXCHANGE_V3, NEG_RISK_EXCHANGE_V2 } from './exchanges.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { Ledger } from './ledger.ts';
import type { Admission, Limits } from './limits.ts';
import type { Order } from './model.ts';
import type { Gate, Modes } from './modes.ts';
import type { PolymarketSettings } from './options.ts';
import { recordOf } from './order-wire.ts';
import { failure, json, TEXT } from './replies.ts';
import { bodyOf, type Call, type Handler, type Routes } from './router.ts';
import type { Store } from './store.ts';
import { openOrderView, refusedLegView, tradeView } from './views.ts';

export interface PrivateParts {
  readonly auth: Auth;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly exchange: Exchange;
  readonly desk: OrderDesk;
  readonly wallets: WalletLinks;
  readonly limits: Limits;
  readonly modes: Modes;
  readonly heartbeats: Heartbeats;
  readonly faults: FaultRack;
  readonly settings: PolymarketSettings;
}

const BATCH_MAX = 15;
const CANCELS_MAX = 1_000;
const ORDER_PAGE = 100;
const TRADE_PAGE = 500;
const UNLIMITED = ((1n << 256n) - 1n).toString();

type Owned = (call: Call, key: ApiKey) => ServerReply;

export function privateRoutes(parts: PrivateParts): Routes {
  const level2 = (run: Owned): Handler => withKey(parts, run);
  return {
    ...keyRoutes(parts),
    'POST /order': level2((call, key) => postOrder(parts, call, key)),
    'POST /orders': level2((call, key) => postOrders(parts, call, key)),
    'DELETE /order': level2((call, key) => {
      const id = recordOf(bodyOf(call))?.orderID;
      return typeof id === 'string' ? cancelPriced(parts, key, [id]) : failure(400, 'Invalid payload');
    }),
    'DELETE /orders': level2((call, key) => {
      const ids = bodyOf(call);
      const isList = Array.isArray(ids) && ids.every((id) => typeof id === 'string') && ids.length <= CANCELS_MAX;
      return isList ? cancelPriced(parts, key, ids) : failure(400, 'Invalid payload');
    }),
    'DELETE /cancel-all': level2((_call, key) => cancelWhere(parts, key, () => true)),
    'DELETE /cancel-market-orders': level2((call, key) => {
      const { market, asset_id: asset } = recordOf(bodyOf(call)) ?? {};
      const agrees = (wanted: unknown, found: string): boolean =>
        wanted === undefined || wanted === '' || wanted === found;
      return cancelWhere(parts, key, (order) => agrees(market, order.conditionId) && agrees(asset, order.tokenId));
    }),
    'GET /data/order/:part': level2((call, key) => getOrder(parts, call, key)),
    'GET /data/orders': level2((call, key) => getOrders(parts, call, key)),
    'GET /data/trades': level2((call, key) => getTrades(parts, call, key)),
    'GET /balance-allowance': level2((call, key) => balance(parts, call, key)),
    'GET /balance-allowance/update': level2((call, key) => balance(parts, call, key)),
    'POST /v1/heartbeats': level2((call, key) => beat(parts, call, key)),
    'POST /heartbeats': level2((call, key) => beat(parts, call, key)),
    // Unverified shape: only the call is documented.
    'GET /v1/user/rate-limit-tier': level2((_call, key) => json({ tier: parts.limits.tierOf(key.address) })),
  };
}

function keyRoutes({ auth, ledger, ...parts }: PrivateParts): Routes {
  const given = (key: ApiKey): ServerReply => json({ apiKey: key.key, secret: key.secret, passphrase: key.passphrase });
  const level1 = (
    find: (wallet: { address: string; nonce: string }) => ApiKey | undefined,
    otherwise: string,
  ): Handler => {
    return (call) => {
      const wallet = auth.wallet(call.headers);
      if (wallet.kind === 'refused') return wallet.reply;
      const key = find(wallet.who);
      return key === undefined ? failure(400, otherwise) : given(key);
    };
  };
  const level2 = (run: Owned): Handler => withKey({ auth, faults: parts.faults }, run);
  return {
    'POST /auth/api-key': level1((wallet) => auth.create(wallet), TEXT.keyExists),
    'GET /auth/derive-api-key': level1((wallet) => auth.derive(wallet), 'Could not derive api key!'),
    'GET /auth/api-keys': level2((_call, key) => json({ apiKeys: auth.keysOf(key.address) })),
    'DELETE /auth/api-key': level2((_call, key) => {
      auth.remove(key.key);
      return json('OK');
    }),
    'GET /auth/ban-status/closed-only': level2((_call, key) => {
      const wallets = [0, 1, 2, 3].flatMap(
        (signatureType) => parts.wallets.walletOf({ address: key.address, signatureType }) ?? [],
      );
      return json({ closed_only: wallets.some((wallet) => ledger.account(wallet).closedOnly) });
    }),
  };
}

function withKey({ auth, faults }: Pick<PrivateParts, 'auth' | 'faults'>, run: Owned): Handler {
  return (call) => {
    const found = auth.apiKey(call);
    const expired = faults.strike('O20', { method: call.method, endpoint: `${call.method} ${call.path}` });
    if (expired !== undefined) return failure(401, TEXT.l2);
    return found.kind === 'known' ? run(call, found.who) : found.reply;
  };
}

function postOrder({ desk, limits, modes }: PrivateParts, call: Call, key: ApiKey): ServerReply {
  return guarded(
    modes.forOrders(),
    () => limits.admit(key.address, { kind: 'order', cost: 1 }),
    () => desk.take(bodyOf(call), key),
  );
}

/** 200 with one object per order, in their order; a refused leg says success, has no id and tells why. */
function postOrders({ desk, limits, modes }: PrivateParts, call: Call, key: ApiKey): ServerReply {
  const bodies = bodyOf(call);
  if (!Array.isArray(bodies) || bodies.length === 0) return failure(400, TEXT.payload);
  if (bodies.length > BATCH_MAX)
    return failure(400, `Too many orders in payload: ${bodies.length}, max allowed: ${BATCH_MAX}`);
  const admit = (): Admission => limits.admit(key.address, { kind: 'order', cost: bodies.length });
  return guarded(modes.forOrders(), admit, () =>
    json(
      bodies.map((body) => {
        const reply = desk.take(body, key);
        const told: unknown = JSON.parse(reply.body);
        return reply.status === 200 ? told : refusedLegView(String(recordOf(told)?.error ?? ''));
      }),
    ),
  );
}

function cancelPriced(parts: PrivateParts, key: ApiKey, ids: readonly string[]): ServerReply {
  const admit = (): Admission => parts.limits.admit(key.address, { kind: 'cancel', cost: ids.length });
  return guarded(parts.modes.forCancels(), admit, () => json(cancelEach(parts, key, ids)));
}

/** Costs one and one more for each order, which nobody knows before: the balance may fall below nothing. */
function cancelWhere(parts: PrivateParts, key: ApiKey, holds: (order: Order) => boolean): ServerReply {
  const admit = (): Admission => parts.limits.admit(key.address, { kind: 'cancel', cost: 1 });
  return guarded(parts.modes.forCancels(), admit, () => {
    const open = parts.store.ordersOf(key.key).filter((order) => isOpen(order) && holds(order));
    const told = json(
      cancelEach(
        parts,
        key,
        open.map(({ id }) => id),
      ),
    );
    return { ...told, headers: { ...told.headers, ...parts.limits.charge(key.address, open.length) } };
  });
}

/** HTTP 200 even when nothing was cancelled. */
function cancelEach(
  { store, exchange, faults }: PrivateParts,
  key: ApiKey,
  ids: readonly string[],
): { readonly canceled: string[]; readonly not_canceled: Record<string, string> } {
  const canceled: string[] = [];
  const not_canceled: Record<string, string> = {};
  for (const id of ids) {
    const order = store.orders.get(id);
    const isOwn = order !== undefined && order.owner === key.key && isOpen(order);
    const lost = isOwn
      ? faults.strike('O12', { step: 'cancel', market: order.conditionId, account: order.wallet })
      : undefined;
    const isDone = isOwn && (lost !== undefined || exchange.cancel(id, { status: 'CANCELED', reason: 'canceled' }));
    if (isDone && (lost === undefined || faultText(lost, 'reply', 'canceled') === 'canceled')) canceled.push(id);
    else not_canceled[id] = TEXT.cancelGone;
  }
  return { canceled, not_canceled };
}

function guarded(gate: Gate, admit: () => Admission, run: () => ServerReply): ServerReply {
  if (gate.kind === 'shut') return gate.reply;
  const admission = admit();
  if (admission.kind === 'refused') return admission.reply;
  const reply = run();
  return { ...reply, headers: { ...reply.headers, ...admission.headers } };
}

function getOrder({ store, settings }: PrivateParts, call: Call, key: ApiKey): ServerReply {
  const order = store.orders.get(call.part);
  const isHidden = order !== undefined && settings.finishedOrders === 'dropped' && !isOpen(order);
  if (order === undefined || order.owner !== key.key || isHidden) return failure(404, TEXT.orderNotFound);
  return json(openOrderView(store.market(order.conditionId), order));
}

function getOrders({ store }: PrivateParts, call: Call, key: ApiKey): ServerReply {
  const wants = (name: string, found: string): boolean => agrees(call, name, found);
  const open = store
    .ordersOf(key.key)
    .filter(isOpen)
    .filter((order) => wants('id', order.id) && wants('market', order.conditionId) && wants('asset_id', order.tokenId));
  const page = pageOf(open, { cursor: call.query.get('next_cursor') ?? undefined, limit: ORDER_PAGE });
  if (page === undefined) return failure(400, 'Invalid next_cursor');
  return json({ ...page, data: page.data.map((order) => openOrderView(store.market(order.conditionId), order)) });
}

function getTrades({ store }: PrivateParts, call: Call, key: ApiKey): ServerReply {
  const number = (name: string): number | undefined => {
    const text = call.query.get(name);
    return text === null ? undefined : Number(text);
  };
  const [before = Number.POSITIVE_INFINITY, after = Number.NEGATIVE_INFINITY] = [number('before'), number('after')];
  const own = store
    .tradesOf(key.key)
    .filter((trade) => agrees(call, 'id', trade.id) && agrees(call, 'market', trade.conditionId))
    .filter((trade) => agrees(call, 'asset_id', trade.tokenId))
    .filter(({ makers, takerWallet }) => {
      const wallet = call.query.get('maker_address')?.toLowerCase();
      const wallets = [takerWallet, ...makers.map((maker) => maker.wallet)];
      return wallet === undefined || wallets.some((each) => each.toLowerCase() === wallet);
    })
    .filter(({ matchedAtMs }) => matchedAtMs / 1000 < before && matchedAtMs / 1000 >= after)
    .reverse();
  const page = pageOf(own, { cursor: call.query.get('next_cursor') ?? undefined, limit: TRADE_PAGE });
  if (page === undefined) return failure(400, 'Invalid next_cursor');
  return json({ ...page, data: page.data.map((trade) => tradeView(trade, { owner: key.key })) });
}

function agrees(call: Call, name: string, found: string): boolean {
  const wanted = call.query.get(name);
  return wanted === null || wanted === '' || wanted === found;
}

/** The wallet is derived from the key and the signature type, so a wrong type truthfully has nothing. */
function balance({ ledger, wallets }: PrivateParts, call: Call, key: ApiKey): ServerReply {
  const type = call.query.get('asset_type');
  const tokenId = call.query.get('token_id') ?? '';
  const signatureType = Number(call.query.get('signature_type') ?? '0');
  const isCollateral = type === 'COLLATERAL';
  if (!isCollateral && type !== 'CONDITIONAL' && type !== 'CONDITIONAL-V2') return failure(400, 'Invalid asset type');
  const wallet = wallets.walletOf({ address: key.address, signatureType });
  const account = wallet === undefined ? undefined : ledger.account(wallet);
  const held = wallet === undefined ? 0 : isCollateral ? ledger.cash(wallet) : ledger.shares(wallet, tokenId);
  const allowance = account?.isApproved === true ? UNLIMITED : '0';
  const spenders = type === 'CONDITIONAL-V2' ? [EXCHANGE_V3] : [EXCHANGE_V2, NEG_RISK_EXCHANGE_V2];
  return json({
    balance: String(held),
    allowances: Object.fromEntries(spenders.map((spender) => [spender, allowance])),
  });
}

function beat({ heartbeats }: PrivateParts, call: Call, key: ApiKey): ServerReply {
  const body = recordOf(bodyOf(call));
  return body === undefined ? failure(400, 'Invalid payload') : heartbeats.beat(key.key, body.heartbeat_id);
}
