/** Recorded flows, request by request: signed anew, ids replaced, status and shape compared, error codes exactly. */
import assert from 'node:assert/strict';
import { priceE4, sizeE6 } from '../../../src/domain/units.ts';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { collection, fixtureCalls, type RecordedCall } from '../recorded.ts';
import { nearest } from '../shapes.ts';
import { BASE, Desk, OTHER, TICKER } from './desk.ts';
import { keyNamed } from './keys.ts';

const venue: Venue = 'kalshi';
const group = 'recordings';
const ORDERS = '/portfolio/events/orders';

/** Removed from the wire since June 2026, or added to it; each date is in the venue's changelog. */
const CHANGED_SINCE_JUNE = [
  'service',
  'fractional_trading_enabled',
  'liquidity_dollars',
  'resting_orders_count',
  'response_price_units',
  'tick_size',
  'exchange_index',
  'exchange_index_statuses',
  'intra_exchange_transfers_active',
  'exchange_estimated_resume_time',
  'client_order_id',
];

/** Says what a market is rather than what the venue does with it: other markets have other optional fields. */
const OF_ONE_MARKET = [
  'custom_strike',
  'early_close_condition',
  'occurrence_datetime',
  'floor_strike',
  'cap_strike',
  'mve_collection_ticker',
  'mve_selected_legs',
  'primary_participant_key',
  'is_provisional',
  'expected_expiration_time',
  'settlement_ts',
  'settlement_value_dollars',
  'fee_waiver_expiration_time',
  'functional_strike',
  'strike_type',
  'is_block_trade',
  'expiration_value',
];

interface Meta {
  readonly auth: string;
  readonly method: string;
  readonly path: string;
  readonly recorded_at_epoch_ms: number;
  readonly request_body: unknown;
  readonly status: number;
  readonly host?: string;
}

/** The whole session where it is at hand, the excerpt of the repository otherwise. */
function demoSession(): { readonly calls: readonly RecordedCall[]; readonly isWhole: boolean } {
  const files = collection('kalshi/rest-demo-session-20260611');
  if (files === undefined) return { calls: fixtureCalls('kalshi-demo-session/rest-session.jsonl'), isWhole: false };
  const calls = [...files].flatMap(([file, content]) => {
    const { auth, method, path, recorded_at_epoch_ms: atMs, request_body: body, status } = content as Meta;
    const reply = files.get(file.replace('.meta.json', '.json'));
    if (!file.endsWith('.meta.json') || typeof atMs !== 'number' || method === undefined || reply === undefined)
      return [];
    return [{ name: file.replace('.meta.json', ''), atMs, auth, method, path, body, status, reply }];
  });
  return { calls: calls.sort((a, b) => a.atMs - b.atMs), isWhole: true };
}

/** What the account and the book were that morning. */
async function asRecorded(desk: Desk): Promise<void> {
  desk.offer('ask', 99, 2, TICKER);
  desk.offer('ask', 52, 0, TICKER);
  await desk.alice.place({ price: '0.9900', count: '2.00' });
  desk.offer('bid', 47, 3);
  desk.offer('ask', 52, 3);
  desk.offer('ask', 50, 1, OTHER);
  await desk.alice.place({ ticker: OTHER, price: '0.5000', count: '1.00' });
  desk.sim.lifecycle.determine(OTHER, { result: 'yes' });
  desk.sim.lifecycle.settle(OTHER);
  desk.list('KXMORE-1-A', 'KXMORE-1');
  desk.list('KXMORE-1-B', 'KXMORE-1');
  desk.sim.lifecycle.closeEarly('KXMORE-1-B');
  desk.sim.scheduleSeriesFee({
    subject: 'KXMORE',
    feeType: 'quadratic',
    feeMultiplier: 1,
    scheduledMicros: desk.inHours(1),
  });
  desk.time.jump(600_000);
}

async function demo(checks: Checks): Promise<void> {
  const { calls, isWhole } = demoSession();
  if (!isWhole)
    checks.leaveOut(
      'listings of other markets',
      'the whole session is not beside this checkout; its excerpt is replayed',
    );
  await Desk.with(
    async (desk) => {
      desk.time.speed = 0;
      await asRecorded(desk);
      const ids = new Map<string, string>();
      let beforeMs = calls[0]?.atMs ?? 0;
      for (const call of calls) {
        desk.time.jump(Math.max(0, call.atMs - beforeMs));
        beforeMs = Math.max(beforeMs, call.atMs);
        const reply = await repeat(desk, call, ids);
        const own = reply.body?.order_id;
        if (call.status === 201 && typeof call.reply?.order_id === 'string' && own !== undefined)
          ids.set(call.reply.order_id, own);
        await compare(checks, call, reply);
      }
    },
    { readLag: { orderMs: 400 } },
  );
}

async function repeat(desk: Desk, call: RecordedCall, ids: ReadonlyMap<string, string>) {
  let path = call.path.replace(BASE, '');
  for (const [theirs, ours] of ids) path = path.replace(theirs, ours);
  const skew = /^auth__skew_(plus|minus)(\d+)(s|min)$/.exec(call.name);
  const skewMs = Number(skew?.[2] ?? 0) * (skew?.[3] === 'min' ? 60_000 : 1_000) * (skew?.[1] === 'minus' ? -1 : 1);
  const withoutSignature = ({ 'KALSHI-ACCESS-SIGNATURE': _gone, ...rest }: Readonly<Record<string, string>>) => rest;
  return desk.alice.raw(call.method, path, {
    skewMs,
    ...(call.body === null ? {} : { body: call.body }),
    ...(call.auth === 'bad-signature' ? { signsPath: '/something/else' } : {}),
    ...(call.auth === 'unknown-key-id' ? { key: keyNamed('nobody') } : {}),
    ...(call.auth === 'unauthenticated' ? { headers: () => ({}) } : {}),
    ...(call.auth === 'missing-signature-header' ? { headers: withoutSignature } : {}),
  });
}

async function compare(checks: Checks, call: RecordedCall, reply: { status: number; body: unknown }): Promise<void> {
  if (call.name.startsWith('orders__legacy')) {
    await checks.claim(`${call.name} is refused today with 410`, () =>
      assert.deepEqual([reply.status, codeOf(reply.body)], [410, 'deprecated_v1_order_endpoint']),
    );
    return;
  }
  const isList =
    call.name.startsWith('markets__') ||
    call.name.startsWith('series__') ||
    call.name.startsWith('settlements__') ||
    call.name.startsWith('trades__');
  const ignored = isList ? [...CHANGED_SINCE_JUNE, ...OF_ONE_MARKET] : CHANGED_SINCE_JUNE;
  await checks.claim(`${call.name} has status ${call.status}, its code and its shape`, () => {
    assert.deepEqual([reply.status, codeOf(reply.body)], [call.status, codeOf(call.reply)]);
    assert.deepEqual(nearest(call.reply, [reply.body], { ignored }), []);
  });
}

function codeOf(body: unknown): unknown {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** Today's words for an order of the retired format. */
function translated({ body }: RecordedCall): { side: 'bid' | 'ask'; cents: number; count: number } {
  const isYes = body.side === 'yes';
  const cents = isYes ? body.yes_price : 100 - body.no_price;
  return { side: isYes === (body.action === 'buy') ? 'bid' : 'ask', cents, count: body.count };
}

async function live(checks: Checks): Promise<void> {
  for (const call of fixtureCalls('conformance/kalshi-orders-202601.jsonl'))
    await Desk.with(async (desk) => {
      await checks.claim(`${call.name} in its own format is refused with 410`, async () => {
        const { status, body } = await desk.alice.raw(call.method, call.path.replace(BASE, ''), { body: call.body });
        assert.deepEqual([status, codeOf(body)], [410, 'deprecated_v1_order_endpoint']);
      });
      const order = translated(call);
      const filled = call.reply.order?.fill_count ?? call.reply.order?.taker_fill_count ?? 0;
      const isPoor = codeOf(call.reply) === 'insufficient_balance';
      if (call.reply.error?.code !== 'market_not_found')
        desk.list(call.body.ticker, call.body.ticker.split('-').slice(0, 2).join('-'));
      const level = { priceE4: priceE4(order.cents * 100), sizeE6: sizeE6(filled * 1_000_000) };
      if (filled > 0) desk.sim.house.setLevel(call.body.ticker, order.side === 'bid' ? 'ask' : 'bid', level);
      const account = isPoor ? desk.join('poor', { cashMicro: 1_000 }) : desk.alice;
      const expected =
        isPoor || filled === 0 ? (codeOf(call.reply) ?? 'nothing filled') : `${filled.toFixed(2)} filled`;
      await checks.claim(`${call.name} in today's format ends as recorded: ${expected}`, async () => {
        const { status, body } = await account.raw('POST', ORDERS, {
          body: {
            ticker: call.body.ticker,
            side: order.side,
            price: (order.cents / 100).toFixed(4),
            count: order.count.toFixed(2),
            time_in_force: call.body.time_in_force,
            client_order_id: call.body.client_order_id,
            self_trade_prevention_type: 'taker_at_cross',
          },
        });
        const isTaken = codeOf(call.reply) === undefined;
        assert.deepEqual([status, codeOf(body)], [isTaken ? 201 : call.status, codeOf(call.reply)]);
        if (isTaken) assert.equal(body.fill_count, filled.toFixed(2));
      });
    });
}

/** January 2026 had cents, and no twins in dollars everywhere; what was not retired since is still there. */
const RETIRED = new Set([
  'available_on_brokers',
  'fractional_trading_enabled',
  'liquidity',
  'liquidity_dollars',
  'tick_size',
  'response_price_units',
  'resting_orders_count',
  'notional_value',
  'last_price',
  'no_ask',
  'no_bid',
  'yes_ask',
  'yes_bid',
  'previous_price',
  'previous_yes_ask',
  'previous_yes_bid',
  'open_interest',
  'volume',
  'volume_24h',
  'settlement_value',
  'count',
  'price',
  'no_price',
  'yes_price',
  'no_price_fixed',
  'yes_price_fixed',
  'position',
  'market_exposure',
  'realized_pnl',
  'total_traded',
  'fees_paid',
  'total_cost',
  'event_exposure',
  'total_cost_shares',
  'fill_count',
  'initial_count',
  'remaining_count',
  'maker_fees',
  'maker_fill_cost',
  'taker_fees',
  'taker_fill_cost',
  'queue_position',
  'type',
  'action',
  'category',
  'risk_limit_cents',
  'strike_period',
  'strike_date',
  'additional_prohibitions',
  'contract_terms_url',
  'contract_url',
  'product_metadata',
  'subtitle',
  'response',
]);

/** Sent in January and optional in today's schema: an absent key is how the venue says null or nothing. */
const OPTIONAL_TODAY = ['milestones', 'expiration_time', 'order_group_id'];

const GOLDEN: Readonly<Record<string, string>> = {
  'events_list_response.json': '/events',
  'market_single_response.json': `/markets/${TICKER}`,
  'markets_list_response.json': '/markets',
  'portfolio_fills_response.json': '/portfolio/fills',
  'portfolio_orders_response.json': '/portfolio/orders',
  'portfolio_positions_response.json': '/portfolio/positions',
  'series_list_response.json': '/series',
};

async function golden(checks: Checks): Promise<void> {
  const files = collection('kalshi/rest-golden-202601');
  if (files === undefined) {
    checks.leaveOut('replies of January 2026', 'the collection is not beside this checkout');
    return;
  }
  await Desk.with(async (desk) => {
    await desk.alice.place({ price: '0.5200', count: '1.00', time_in_force: 'immediate_or_cancel' });
    for (const [file, content] of files) {
      const path = GOLDEN[file];
      if (path === undefined)
        checks.leaveOut(file, 'an endpoint that the system does not use, or a batch of the retired format');
      else
        await checks.claim(`${file}: what was not retired since is still there`, async () => {
          const { body } = await desk.alice.raw('GET', path);
          const then = (content as { response: unknown }).response;
          const gone = nearest(then, [body], { ignored: [...RETIRED, ...OF_ONE_MARKET, ...OPTIONAL_TODAY] }).filter(
            (text) => text.endsWith('is missing'),
          );
          assert.deepEqual(gone, []);
        });
    }
  });
}

export const RECORDINGS: readonly Scenario[] = [
  { venue, group, title: 'demo session of 2026-06-11', run: demo },
  { venue, group, title: 'orders of January 2026', run: live },
  { venue, group, title: 'golden replies of January 2026', run: golden },
];
