/** The last client of the old protocol: everything works but its orders, which get the documented refusal. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { OrderType, Side } from '@polymarket/clob-client';
import { Wallet } from 'ethers';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { fixtureCalls, type RecordedCall } from '../recorded.ts';
import { nearest } from '../shapes.ts';
import { Desk, type Member, signerOf, YES } from './desk.ts';

const venue: Venue = 'polymarket';

/** What is used of it. It is installed in `test/tools` only, where it does not meet its successor. */
interface RetiredClient {
  createOrDeriveApiKey(): Promise<{ readonly key: string; readonly secret: string; readonly passphrase: string }>;
  getOrderBook(token: string): Promise<{ readonly asset_id: string }>;
  getTickSize(token: string): Promise<string>;
  getOpenOrders(): Promise<unknown>;
  cancelAll(): Promise<unknown>;
  createAndPostOrder(order: unknown, options: unknown, type: string): Promise<unknown>;
  createAndPostMarketOrder(order: unknown, options: unknown, type: string): Promise<unknown>;
}

interface RetiredPackage {
  readonly ClobClient: new (host: string, chain: number, signer: unknown, creds?: unknown) => RetiredClient;
}

/** Its alias in `test/tools/package.json`. */
const RETIRED_NAME = 'clob-client-retired';

function retiredPackage(): RetiredPackage | undefined {
  const require = createRequire(new URL('../../tools/package.json', import.meta.url));
  try {
    return require(RETIRED_NAME);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

const REFUSAL = /order_version_mismatch|invalid order version, please use the latest clob-client/;

async function retiredClient(checks: Checks): Promise<void> {
  const found = retiredPackage();
  if (found === undefined) {
    checks.leaveOut('clob-client 5.8.1', 'not installed: run npm install in test/tools');
    return;
  }
  await Desk.with(async (desk) => {
    const wallet = Wallet.createRandom();
    desk.sim.control.chain.deposit(wallet.address, 100_000_000);
    const creds = await new found.ClobClient(desk.served.httpOrigin, 137, signerOf(wallet)).createOrDeriveApiKey();
    const client = new found.ClobClient(desk.served.httpOrigin, 137, signerOf(wallet), creds);
    await checks.claim('it still gets a key', () => assert.equal(typeof creds.key, 'string'));
    await checks.claim('it still reads books', async () =>
      assert.equal((await client.getOrderBook(YES)).asset_id, YES),
    );
    await checks.claim('it still reads tick sizes', async () => assert.equal(await client.getTickSize(YES), '0.01'));
    await checks.claim('it still reads its open orders', async () =>
      assert.deepEqual(await client.getOpenOrders(), []),
    );
    await checks.claim('it still cancels', async () =>
      assert.deepEqual(await client.cancelAll(), { canceled: [], not_canceled: {} }),
    );
    const order = { tokenID: YES, price: 0.5, size: 10, side: 'BUY' };
    await checks.claim('its resting order is refused', async () =>
      assert.match(JSON.stringify(await client.createAndPostOrder(order, {}, 'GTC')), REFUSAL),
    );
    await checks.claim('its market order is refused', async () =>
      assert.match(
        JSON.stringify(
          await client.createAndPostMarketOrder({ tokenID: YES, amount: 10, price: 0.52, side: 'BUY' }, {}, 'FOK'),
        ),
        REFUSAL,
      ),
    );
    await checks.claim('nothing of it reached the book', () => assert.deepEqual(desk.sim.control.trades(), []));
  });
  await Desk.with(
    async (desk) => {
      const wallet = Wallet.createRandom();
      const creds = await new found.ClobClient(desk.served.httpOrigin, 137, signerOf(wallet)).createOrDeriveApiKey();
      const client = new found.ClobClient(desk.served.httpOrigin, 137, signerOf(wallet), creds);
      await checks.claim('the older text can be had too', async () =>
        assert.match(
          JSON.stringify(
            await client.createAndPostOrder({ tokenID: YES, price: 0.5, size: 10, side: 'BUY' }, {}, 'GTC'),
          ),
          /order_version_mismatch/,
        ),
      );
    },
    { oldOrderText: 'order_version_mismatch' },
  );
}

async function liveOrders(checks: Checks): Promise<void> {
  const calls = fixtureCalls('conformance/polymarket-orders-202601.jsonl');
  for (const call of calls.filter(({ path }) => path === '/order'))
    await Desk.with(async (desk) => {
      const member = await desk.member();
      await checks.claim(`${call.name} in its own format is refused with 400`, async () => {
        const order = { ...call.body.order, tokenId: YES, maker: member.wallet.address, signer: member.wallet.address };
        const { status, body } = await member.raw('POST', '/order', { ...call.body, order, owner: member.creds.key });
        assert.equal(status, 400);
        assert.match(body.error, REFUSAL);
      });
      const read = calls.find(({ name }) => name === call.name.replace(/_(full|partial)_fill_/, '_order_status_$1_'));
      if (read !== undefined && read !== call) await again(checks, { desk, member, call, read });
    });
}

/** The same purchase in today's format, against as many shares as it got then. */
async function again(
  checks: Checks,
  { desk, member, call, read }: { desk: Desk; member: Member; call: RecordedCall; read: RecordedCall },
): Promise<void> {
  const { makerAmount, takerAmount } = call.body.order;
  const cents = Math.round((Number(makerAmount) / Number(takerAmount)) * 100);
  desk.quote([], [[cents, Number(call.reply.takingAmount)]]);
  const order = { tokenID: YES, amount: Number(makerAmount) / 1e6, price: cents / 100, side: Side.BUY };
  const bought = await member.client.createAndPostMarketOrder(order, {}, OrderType.FAK);
  await checks.claim(`${call.name} in today's format takes and pays as recorded`, () => {
    const { success, status, takingAmount, makingAmount } = call.reply;
    assert.deepEqual(
      [bought.success, bought.status, Number(bought.takingAmount), Number(bought.makingAmount)],
      [success, status, Number(takingAmount), Number(makingAmount)],
    );
  });
  await checks.claim(`${read.name} has its status, sizes and shape`, async () => {
    const { status, body } = await member.raw('GET', `/data/order/${bought.orderID}`);
    assert.deepEqual(
      [status, body.original_size, body.size_matched, body.price],
      [read.status, read.reply.original_size, read.reply.size_matched, read.reply.price],
    );
    assert.deepEqual(nearest(read.reply, [body], { isLoose: true }), []);
  });
}

export const RETIRED: readonly Scenario[] = [
  { venue, group: 'retired client', title: 'the client of the old protocol', run: retiredClient },
  { venue, group: 'recordings', title: 'orders of January 2026', run: liveOrders },
];
