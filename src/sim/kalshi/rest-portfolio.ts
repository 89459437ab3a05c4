/** REST of money and positions: balances, fills, settlements, collateral return, transfers, order groups. */
import { type Call, integerIn, isWithin, paginate, param, type Route, type SignedCall, textIn } from './call.ts';
import { notFound, refuse } from './errors.ts';
import type { GroupRecord } from './groups.ts';
import { isObject, reply } from './json.ts';
import type { FillRecord, SettlementRecord } from './model.ts';
import { costMicro, countText, moneyText4, readCount, wholeCents } from './numbers.ts';
import { decode, optionalNumber, optionalText, parseBody } from './order-request.ts';
import type { Position } from './purse.ts';
import { eventPositionView, fillView, positionView, settlementView } from './views.ts';

const GROUPS = '/portfolio/order_groups';
const trade = { access: 'write::trade' } as const;

export const PORTFOLIO_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/portfolio/balance', access: 'read', run: balance },
  { method: 'GET', path: '/portfolio/positions', access: 'read', run: positions },
  { method: 'GET', path: '/portfolio/fills', access: 'read', run: fills },
  { method: 'GET', path: '/portfolio/settlements', access: 'read', run: settlements },
  { method: 'GET', path: '/portfolio/summary/total_resting_order_value', access: 'read', run: restingValue },
  { method: 'GET', path: '/portfolio/subaccounts/netting', access: 'read', run: getNetting },
  { method: 'PUT', path: '/portfolio/subaccounts/netting', access: 'write', run: putNetting },
  { method: 'POST', path: '/portfolio/intra_exchange_instance_transfer', access: 'write::transfer', run: transfer },
  { method: 'POST', path: `${GROUPS}/create`, ...trade, run: createGroup },
  { method: 'GET', path: GROUPS, access: 'read', run: listGroups },
  { method: 'GET', path: `${GROUPS}/:id`, access: 'read', run: (call) => reply(200, groupView(call, groupOf(call))) },
  {
    method: 'PUT',
    path: `${GROUPS}/:id/reset`,
    ...trade,
    run: onGroup((call, group) => call.core.groups.reset(group)),
  },
  {
    method: 'PUT',
    path: `${GROUPS}/:id/trigger`,
    ...trade,
    run: onGroup((call, group) => call.core.groups.trigger(group)),
  },
  { method: 'PUT', path: `${GROUPS}/:id/limit`, ...trade, run: onGroup(setLimit) },
  { method: 'DELETE', path: `${GROUPS}/:id`, ...trade, run: onGroup((call, group) => call.core.groups.delete(group)) },
];

/** `balance` is whole cents and cut; the dollars text is the truth. */
function balance({ core, accountId, query }: SignedCall) {
  const account = core.accounts.get(accountId);
  const only = integerIn(query, 'exchange_index');
  const subaccount = integerIn(query, 'subaccount') ?? 0;
  const asOf = core.nowMs() - core.settings.readLag.balanceMs;
  const byShard = account
    .purses()
    .filter(({ key }) => key.subaccount === subaccount && (only === undefined || key.shard === only))
    .map(({ key }) => ({ shard: key.shard, micro: account.cashAt(key, asOf) }));
  const total = byShard.reduce((sum, { micro }) => sum + micro, 0);
  let worth = 0;
  for (const { key, ticker, position } of account.positionsAt(asOf))
    if (key.subaccount === subaccount) worth += worthMicro(core.catalog.market(ticker).lastPriceE4, position);
  return reply(200, {
    balance: wholeCents(total),
    balance_breakdown: byShard.map(({ shard, micro }) => ({ balance: moneyText4(micro), exchange_index: shard })),
    balance_dollars: moneyText4(total),
    portfolio_value: wholeCents(worth),
    updated_ts: Math.floor(core.nowMs() / 1_000),
  });
}

function worthMicro(lastPriceE4: number, { sizeE6 }: Position): number {
  return costMicro(sizeE6 > 0 ? lastPriceE4 : 10_000 - lastPriceE4, Math.abs(sizeE6));
}

function positions({ core, accountId, query }: SignedCall) {
  const asOf = core.nowMs() - core.settings.readLag.positionsMs;
  const [ticker, eventTicker] = [textIn(query, 'ticker'), textIn(query, 'event_ticker')];
  const subaccount = integerIn(query, 'subaccount') ?? 0;
  const isFlatDropped = query.get('count_filter')?.split(',').includes('position') === true;
  const rows = core.accounts
    .get(accountId)
    .positionsAt(asOf)
    .filter(({ key }) => key.subaccount === subaccount)
    .map((row) => ({ ...row, event: core.catalog.market(row.ticker).eventTicker }))
    .filter((row) => (ticker ?? row.ticker) === row.ticker && (eventTicker ?? row.event) === row.event)
    .filter(({ position }) => !isFlatDropped || position.sizeE6 !== 0);
  const idOf = (row: (typeof rows)[number]): string => `${row.ticker}/${row.key.shard}`;
  const page = paginate(rows, query, { operation: 'GetPositions', max: 1_000, normal: 100, idOf });
  const events = new Map<string, Position[]>();
  for (const { event, position } of page.rows) events.set(event, [...(events.get(event) ?? []), position]);
  return reply(200, {
    cursor: page.cursor,
    event_positions: [...events].map(([event, held]) => eventPositionView(event, held)),
    market_positions: page.rows.map((row) => positionView(row.ticker, row.position, row.key.shard)),
  });
}

function fills({ core, accountId, query }: SignedCall) {
  const [ticker, orderId] = [textIn(query, 'ticker'), textIn(query, 'order_id')];
  const subaccount = integerIn(query, 'subaccount');
  const asOfMicros = (core.nowMs() - core.settings.readLag.fillsMs + 1) * 1_000;
  const rows = core.blotter.fills
    .filter(
      (fill) =>
        fill.accountId === accountId &&
        fill.atMicros < asOfMicros &&
        (ticker === undefined || fill.ticker === ticker) &&
        (orderId === undefined || fill.orderId === orderId) &&
        (subaccount === undefined || fill.subaccount === subaccount) &&
        isWithin(query, fill.atMicros),
    )
    .toReversed();
  const rules = { operation: 'GetFills', max: 1_000, normal: 100, idOf: keyOfFill };
  const page = paginate(rows, query, rules);
  return reply(200, { fills: page.rows.map(fillView), cursor: page.cursor });
}

function keyOfFill({ tradeId, orderId }: FillRecord): string {
  return `${tradeId}/${orderId}`;
}

function settlements({ core, accountId, query }: SignedCall) {
  const [ticker, eventTicker] = [textIn(query, 'ticker'), textIn(query, 'event_ticker')];
  const rows = core.blotter.settlements
    .filter(
      (row) =>
        row.accountId === accountId &&
        (ticker ?? row.ticker) === row.ticker &&
        (eventTicker ?? row.eventTicker) === row.eventTicker &&
        isWithin(query, row.atMicros),
    )
    .toReversed();
  const idOf = (row: SettlementRecord): string => `${row.ticker}/${row.subaccount}/${row.atMicros}`;
  const page = paginate(rows, query, { operation: 'GetSettlements', max: 1_000, normal: 100, idOf });
  return reply(200, { settlements: page.rows.map(settlementView), cursor: page.cursor });
}

function restingValue({ core, accountId, query }: SignedCall) {
  const subaccount = integerIn(query, 'subaccount') ?? 0;
  const byShard = core.accounts
    .get(accountId)
    .purses()
    .filter(({ key }) => key.subaccount === subaccount)
    .map(({ key }) => ({ shard: key.shard, micro: core.entry.restingValueMicro(accountId, key) }));
  return reply(200, {
    total_resting_order_value: wholeCents(byShard.reduce((sum, { micro }) => sum + micro, 0)),
    resting_order_value_breakdown: byShard.map(({ shard, micro }) => ({
      exchange_index: shard,
      balance: moneyText4(micro),
    })),
  });
}

function getNetting({ core, accountId }: SignedCall) {
  const configs = core.accounts
    .get(accountId)
    .purses()
    .map(({ key, purse }) => ({
      subaccount_number: key.subaccount,
      enabled: purse.isNetting,
      exchange_index: key.shard,
    }));
  return reply(200, { netting_configs: configs });
}

function putNetting({ core, accountId, request }: SignedCall) {
  const body = parseBody(request.body);
  const fields = isObject(body) ? body : {};
  const { enabled, subaccount_number: subaccount, exchange_index: shard } = fields;
  if (typeof enabled !== 'boolean') throw refuse(400, 'missing_parameters');
  const key = { shard: Number(shard ?? 0), subaccount: Number(subaccount ?? 0) };
  const events = core.catalog.allEvents().filter(({ collateralReturnType }) => collateralReturnType === 'MECNET');
  const purse = core.accounts.get(accountId).purse(key);
  purse.setNetting(enabled, new Set(events.map(({ eventTicker }) => eventTicker)));
  core.accounts.get(accountId).remember(key, core.nowMs());
  return reply(200, { subaccount_number: key.subaccount, enabled, exchange_index: key.shard });
}

/** Between shards, in hundredths of a cent: balances must be where the order goes. */
function transfer({ core, accountId, request, query }: SignedCall) {
  const fields = decode(request.body, 'IntraExchangeInstanceTransferRequest', {
    source: 'string',
    destination: 'string',
    amount: 'number',
    source_exchange_shard: 'number',
    destination_exchange_shard: 'number',
    subaccount: 'number',
  });
  const amount = optionalNumber(fields, 'amount');
  if (amount === undefined) throw refuse(400, 'missing_parameters');
  if (!Number.isSafeInteger(amount) || amount <= 0) throw refuse(400, 'invalid_parameters');
  const subaccount = optionalNumber(fields, 'subaccount') ?? integerIn(query, 'subaccount') ?? 0;
  const account = core.accounts.get(accountId);
  const from = { shard: optionalNumber(fields, 'source_exchange_shard') ?? 0, subaccount };
  const to = { shard: optionalNumber(fields, 'destination_exchange_shard') ?? 0, subaccount };
  const micro = amount * 100;
  if (account.purse(from).cashMicro < micro) throw refuse(400, 'insufficient_balance');
  account.purse(from).cashMicro -= micro;
  account.purse(to).cashMicro += micro;
  account.remember(from, core.nowMs());
  account.remember(to, core.nowMs());
  return reply(200, { transfer_id: core.newId() });
}

function createGroup({ core, accountId, request }: SignedCall) {
  const fields = decode(request.body, 'CreateOrderGroupRequest', {
    contracts_limit_fp: 'string',
    contracts_limit: 'number',
    subaccount: 'number',
    exchange_index: 'number',
  });
  const subaccount = optionalNumber(fields, 'subaccount') ?? 0;
  const exchangeIndex = Math.max(0, optionalNumber(fields, 'exchange_index') ?? 0);
  const group = core.groups.create({ accountId, subaccount, exchangeIndex, limitE6: limitIn(fields) });
  return reply(201, { order_group_id: group.id, subaccount, exchange_index: exchangeIndex });
}

function limitIn(fields: ReturnType<typeof decode>): number {
  const whole = optionalNumber(fields, 'contracts_limit');
  const text = optionalText(fields, 'contracts_limit_fp') ?? (whole === undefined ? undefined : String(whole));
  if (text === undefined) throw refuse(400, 'missing_parameters');
  const limitE6 = readCount(text);
  if (limitE6 === undefined || limitE6 === 0) throw refuse(400, 'invalid_parameters');
  return limitE6;
}

function groupOf(call: SignedCall): GroupRecord {
  const group = call.core.groups.find(param(call, 'id'), call.accountId);
  if (group === undefined) throw notFound();
  return group;
}

function groupView({ core }: Call, group: GroupRecord) {
  return {
    is_auto_cancel_enabled: true,
    contracts_limit_fp: countText(group.limitE6),
    orders: core.groups.restingOf(group),
    exchange_index: group.exchangeIndex,
  };
}

function listGroups(call: SignedCall) {
  const groups = call.core.groups.ofAccount(call.accountId);
  return reply(200, {
    order_groups: groups.map((group) => ({
      id: group.id,
      contracts_limit_fp: countText(group.limitE6),
      is_auto_cancel_enabled: true,
      exchange_index: group.exchangeIndex,
    })),
  });
}

function onGroup(run: (call: SignedCall, group: GroupRecord) => void) {
  return (call: SignedCall) => {
    run(call, groupOf(call));
    return reply(200, {});
  };
}

function setLimit({ core, request }: SignedCall, group: GroupRecord): void {
  const kinds = { contracts_limit_fp: 'string', contracts_limit: 'number' } as const;
  core.groups.setLimit(group, limitIn(decode(request.body, 'UpdateOrderGroupLimitRequest', kinds)));
}
