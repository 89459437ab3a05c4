/** Sessions of the official clients, request by request: order signatures as recorded, request signatures made anew. */
import assert from 'node:assert/strict';
import { Wallet } from 'ethers';
import type { MarketSpec } from '../../../src/sim/polymarket/model.ts';
import type { PolymarketSettings } from '../../../src/sim/polymarket/options.ts';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { fixtureNames, fixtureText } from '../recorded.ts';
import { nearest } from '../shapes.ts';
import { Desk, Member, type RawReply, YES } from './desk.ts';

const venue: Venue = 'polymarket';

/** The key that the recorder signed with: everybody's example. */
const EXAMPLE_KEY = `0x${'11'.repeat(32)}`;
const DEPOSIT_WALLET = `0x${'22'.repeat(20)}`;
const CREDENTIALS = { key: '11111111-2222-3333-4444-555555555555', secret: `${'A'.repeat(43)}=`, passphrase: 'pp' };

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: readonly string[];
  readonly body: unknown;
}

interface Session {
  readonly result: unknown;
  readonly error: unknown;
  readonly requests: readonly Request[];
}

interface Staging {
  readonly settings?: Partial<PolymarketSettings>;
  readonly spec?: Partial<MarketSpec>;
  readonly signatureType?: number;
  readonly hasKey?: boolean;
  readonly hasQuotes?: boolean;
  readonly hasOrder?: boolean;
  /** Status of each request where it is not 200 throughout. */
  readonly statuses?: readonly number[];
  /** What the last reply is compared with; nothing where the client returned something of its own. */
  readonly compares?: 'reply' | 'rows' | 'keys';
  readonly refusal?: RegExp;
}

const REFUSAL = /invalid order version|order_version_mismatch/;
const canceling: Staging = { hasOrder: true, compares: 'keys' };

const STAGES: Readonly<Record<string, Staging>> = {
  'v1-cancel': canceling,
  'v1-createOrDeriveApiKey': { hasKey: false },
  'v1-fok': { hasQuotes: true, statuses: [200, 200, 200, 200, 400], refusal: REFUSAL },
  'v1-gtc': { statuses: [200, 200, 200, 400], refusal: REFUSAL },
  'v1-heartbeat': { compares: 'keys' },
  'v2-batch_postOrders': { compares: 'rows' },
  'v2-cancelAll': canceling,
  'v2-cancelMarketOrders': canceling,
  'v2-cancelOrder': canceling,
  'v2-cancelOrders': canceling,
  'v2-createOrDeriveApiKey_create_400_then_derive': { statuses: [400, 200] },
  'v2-createOrDeriveApiKey_create_400_throwOnError': { statuses: [400] },
  'v2-createOrDeriveApiKey_create_ok': { hasKey: false },
  'v2-fok_limit_priced_no_market_lookup': { hasQuotes: true },
  'v2-fok_market_createAndPostMarketOrder': { hasQuotes: true },
  'v2-getBalanceAllowance_collateral': { compares: 'keys' },
  'v2-getOpenOrders': { hasOrder: true },
  'v2-getOrder': { hasOrder: true },
  'v2-getTrades': {},
  'v2-gnosis_safe_gtd': { signatureType: 2, compares: 'reply' },
  'v2-gtc_limit_createAndPostOrder_cold': { compares: 'reply' },
  'v2-gtc_limit_options_preset': { compares: 'reply' },
  'v2-order_version_mismatch_retry': {
    spec: { version: 'v2' },
    statuses: [200, 200, 200, 400],
    refusal: /^order_version_mismatch$/,
  },
  'v2-poly1271_limit': { signatureType: 3, spec: { negRisk: true }, compares: 'reply' },
  'v2-postHeartbeat': { compares: 'keys' },
  'v2-updateBalanceAllowance_conditional': { compares: 'keys' },
  'v2-useServerTime_cancelAll': canceling,
  'v2-version3_limit': { spec: { version: 'v2' }, settings: { clobVersion: 3 }, compares: 'reply' },
};

async function sessions(checks: Checks): Promise<void> {
  for (const file of fixtureNames('polymarket-samples/recorded')) {
    const name = file.replace('.json', '');
    const staging = STAGES[name];
    if (staging === undefined) throw new Error(`no stage is known for the session ${name}`);
    await Desk.with((desk) => play(checks, desk, { name, staging }), staging.settings ?? {}, staging.spec ?? {});
  }
}

async function play(checks: Checks, desk: Desk, { name, staging }: { name: string; staging: Staging }): Promise<void> {
  const session: Session = JSON.parse(fixtureText(`polymarket-samples/recorded/${name}.json`));
  const member = await staged(desk, staging);
  const placed =
    staging.hasOrder === true
      ? (await member.client.createAndPostOrder({ tokenID: YES, price: 0.2, size: 10, side: 'BUY' as never })).orderID
      : undefined;
  const replies: RawReply[] = [];
  const wanted = session.requests.slice(0, staging.statuses?.length);
  for (const request of wanted) replies.push(await send(desk, member, { request, placed, replies }));
  const expected = staging.statuses ?? wanted.map(() => 200);
  await checks.claim(`${name} is answered with ${[...new Set(expected)].join(', then ')}`, () =>
    assert.deepEqual(
      replies.map(({ status }) => status),
      [...expected],
      JSON.stringify(replies.at(-1)?.body),
    ),
  );
  const last = replies.at(-1)?.body;
  if (staging.refusal !== undefined)
    await checks.claim(`${name} ends with the documented refusal`, () =>
      assert.match(last.error, staging.refusal ?? /^$/),
    );
  if (staging.compares === 'reply' || staging.compares === 'rows')
    await checks.claim(`${name} is answered in the shape that the client returned`, () =>
      assert.deepEqual(nearest(session.result, [last], { isLoose: true }), []),
    );
  if (staging.compares === 'keys')
    await checks.claim(`${name} is answered with the keys that the client returned`, () =>
      assert.deepEqual(Object.keys(last).sort(), Object.keys(session.result as object).sort()),
    );
}

async function staged(desk: Desk, staging: Staging): Promise<Member> {
  const wallet = new Wallet(EXAMPLE_KEY);
  const { control } = desk.sim;
  if (staging.hasQuotes !== true) desk.quote([], []);
  for (const holder of [wallet.address, DEPOSIT_WALLET]) control.chain.deposit(holder, 1_000_000_000);
  control.chain.grant(wallet.address, { tokenId: YES, sharesE6: 100_000_000 });
  const { key, secret, passphrase } = CREDENTIALS;
  if (staging.hasKey !== false) control.installKey({ key, secret, passphrase, address: wallet.address, nonce: '0' });
  const { signatureType } = staging;
  if (signatureType !== undefined)
    control.linkWallet({ wallet: DEPOSIT_WALLET, address: wallet.address, signatureType });
  return new Member(desk, wallet, CREDENTIALS);
}

/** Ids of the recorder's stub are replaced by those of this venue. */
async function send(
  desk: Desk,
  member: Member,
  { request, placed, replies }: { request: Request; placed: string | undefined; replies: readonly RawReply[] },
): Promise<RawReply> {
  const tradeId = replies.find(({ body }) => Array.isArray(body?.tradeIDs))?.body.tradeIDs[0];
  const local = (text: string): string =>
    text.replaceAll('0xabc0', placed ?? '0xabc0').replaceAll('t-1', tradeId ?? 't-1');
  const query = new URLSearchParams(request.query).toString();
  const target = local(`${request.path}${query === '' ? '' : `?${query}`}`);
  const body = request.body === null ? undefined : JSON.parse(local(JSON.stringify(request.body)));
  if (request.headers.includes('poly_nonce')) return member.level1(request.method, target);
  if (request.headers.includes('poly_api_key')) return member.raw(request.method, target, body);
  return desk.ask(request.method, target, body === undefined ? {} : { body: JSON.stringify(body) });
}

export const RECORDINGS: readonly Scenario[] = [
  { venue, group: 'recordings', title: 'session of a client', run: sessions },
];
