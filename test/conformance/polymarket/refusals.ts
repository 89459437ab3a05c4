/** What the venue refuses, and in which words; the client gives errors back as values. */
import assert from 'node:assert/strict';
import { isV2Order, OrderType, orderToJsonV2, Side } from '@polymarket/clob-client';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { CONDITION, Desk, errorOf, type Member, YES } from './desk.ts';

const venue: Venue = 'polymarket';
const rest = { tokenID: YES, price: 0.3, size: 10, side: Side.BUY };

async function refusals(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const member = await desk.member({ dollars: 100 });
    const { client } = member;
    const texts: readonly [string, () => Promise<unknown>, RegExp][] = [
      [
        'an order beyond the balance',
        () => client.createAndPostOrder({ ...rest, size: 5_000 }),
        /^not enough balance \/ allowance/,
      ],
      [
        'a sale without shares',
        () => client.createAndPostOrder({ ...rest, price: 0.7, side: Side.SELL }),
        /^not enough balance \/ allowance/,
      ],
      [
        'a resting order below five shares',
        () => client.createAndPostOrder({ ...rest, size: 3 }),
        /lower than the minimum: 5/,
      ],
      [
        'a marketable buy below a dollar',
        () =>
          client.createAndPostMarketOrder(
            { tokenID: YES, amount: 0.98, price: 0.51, side: Side.BUY, orderType: OrderType.FOK },
            {},
            OrderType.FOK,
          ),
        /invalid amount for a marketable BUY order \(\$0\.98\), min size: \$1/,
      ],
      [
        'a good-till-date order that ends too soon',
        () =>
          client.createAndPostOrder(
            { ...rest, expiration: Math.floor(desk.time.nowMs / 1_000) + 10 },
            {},
            OrderType.GTD,
          ),
        /invalid expiration/,
      ],
    ];
    for (const [what, call, text] of texts)
      await checks.claim(`${what} is a value with its documented text`, async () =>
        assert.match(await errorOf(call()), text),
      );
    await checks.claim('a value carries its status', async () =>
      assert.equal(
        ((await client.createAndPostOrder({ ...rest, size: 5_000 })) as unknown as { status: number }).status,
        400,
      ),
    );
    await checks.claim('with throwOnError the same is thrown', async () =>
      assert.rejects(
        member.with({ throwOnError: true }).createAndPostOrder({ ...rest, size: 5_000 }),
        /not enough balance/,
      ),
    );
    const post = async (change: (body: Record<string, unknown>, order: Record<string, unknown>) => unknown) => {
      const signed = await client.createOrder(rest);
      if (!isV2Order(signed)) throw new Error('expected an order of version 2');
      const body = structuredClone(orderToJsonV2(signed, member.creds.key, OrderType.GTC)) as unknown as Record<
        string,
        unknown
      >;
      return member.raw('POST', '/order', change(body, body.order as Record<string, unknown>));
    };
    const bodies: readonly [string, Parameters<typeof post>[0], RegExp][] = [
      ['a body without an order', () => ({}), /Invalid order payload/],
      [
        'the key of another',
        (body) => ({ ...body, owner: '00000000-0000-4000-8000-000000000000' }),
        /the order owner has to be the owner of the API KEY/,
      ],
      [
        'a signer that is not the wallet of the key',
        (body, order) => ({ ...body, order: { ...order, signer: `0x${'2'.repeat(40)}` } }),
        /the order signer address has to be the address of the API KEY/,
      ],
      [
        'an order of the retired format',
        (body, { timestamp: _t, metadata: _m, builder: _b, ...order }) => ({
          ...body,
          order: { ...order, taker: `0x${'0'.repeat(40)}`, nonce: '0', feeRateBps: '0' },
        }),
        /invalid order version|order_version_mismatch/,
      ],
    ];
    for (const [what, change, text] of bodies)
      await checks.claim(`${what} is 400 with its documented text`, async () => {
        const { status, body } = await post(change);
        assert.equal(status, 400);
        assert.match(body.error, text);
      });
    await checks.claim('a changed amount breaks the signature', async () =>
      assert.equal(
        (await post((body, order) => ({ ...body, order: { ...order, makerAmount: '3000001' } }))).status,
        400,
      ),
    );
    await venueWide(checks, { desk, member });
  });
}

async function venueWide(checks: Checks, { desk, member }: { desk: Desk; member: Member }): Promise<void> {
  const { client } = member;
  const attempt = async () => {
    const signed = await client.createAndPostOrder(rest);
    return signed as unknown as { error?: string; status?: unknown };
  };
  const { control } = desk.sim;
  await checks.claim('a new account must use the deposit wallet', async () => {
    control.setAccount(member.wallet.address, { depositWalletOnly: true });
    const { error } = await attempt();
    control.setAccount(member.wallet.address, { depositWalletOnly: false });
    assert.equal(error, 'maker address not allowed, please use the deposit wallet flow');
  });
  await checks.claim('a closed-only account is refused with its address', async () => {
    control.setAccount(member.wallet.address, { closedOnly: true });
    const { error } = await attempt();
    control.setAccount(member.wallet.address, { closedOnly: false });
    assert.match(error ?? '', /address in closed only mode/);
  });
  await checks.claim('a market that is not ready refuses orders', async () => {
    control.lifecycle.setAccepting(CONDITION, false);
    const { error } = await attempt();
    control.lifecycle.setAccepting(CONDITION, true);
    assert.equal(error, 'the market is not yet ready to process new orders');
  });
  for (const [mode, text] of [
    ['cancelOnly', /cancel-only/],
    ['disabled', /currently disabled/],
    ['postOnly', /post-only mode/],
  ] as const)
    await checks.claim(`in the mode ${mode} orders are 503`, async () => {
      control.setMode(mode);
      const { error, status } = await attempt();
      control.setMode('open');
      assert.equal(status, 503);
      assert.match(error ?? '', text);
    });
  await checks.claim('while the engine restarts orders are 425', async () => {
    control.restart({ downMs: 10_000, postOnlyMs: 10_000 });
    const { status } = await attempt();
    desk.time.jump(30_000);
    assert.equal(status, 425);
  });
  await checks.claim('after a restart everything is taken again', async () =>
    assert.equal((await attempt()).error, undefined),
  );
  await checks.claim('a blocked region is 403', async () => {
    control.setRegion('blocked');
    const { status } = await attempt();
    control.setRegion('free');
    assert.equal(status, 403);
  });
  await checks.claim('an empty bucket is 429 with Retry-After', async () => {
    const slow = await desk.member();
    control.setTier(slow.wallet.address, 'standard');
    let last = await slow.raw('DELETE', '/orders', []);
    for (let at = 0; at < 2_000 && last.status !== 429; at++)
      last = await slow.raw(
        'DELETE',
        '/orders',
        Array.from({ length: 900 }, () => '0x0'),
      );
    assert.deepEqual(
      [last.status, last.body.error, last.headers['retry-after'] !== undefined],
      [429, 'Too Many Requests', true],
    );
  });
  await checks.claim('a refused connection is a value without a status', async () => {
    const gone = member.with({ host: 'http://127.0.0.1:9' });
    const answer: unknown = await gone.getOpenOrders().catch((error: Error) => error);
    assert.equal(
      typeof answer === 'object' && answer !== null && 'status' in answer && answer.status !== undefined,
      false,
    );
  });
}

export const REFUSALS: readonly Scenario[] = [{ venue, group: 'client errors', title: 'refusals', run: refusals }];
