/** Orders of version 3, of neg-risk markets and fine ticks, of linked wallets, and in markets that delay. */
import assert from 'node:assert/strict';
import { OrderType, Side } from '@polymarket/clob-client';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { CONDITION, Desk, errorOf, YES } from './desk.ts';

const venue: Venue = 'polymarket';
const group = 'client orders';
const rest = { tokenID: YES, price: 0.3, size: 10, side: Side.BUY };

async function versions(checks: Checks): Promise<void> {
  await Desk.with(
    async (desk) => {
      const { client } = await desk.member({ shares: 50 });
      await checks.claim('an order signed for version 3 is taken', async () =>
        assert.equal((await client.createAndPostOrder(rest, { version: 3 })).status, 'live'),
      );
      await checks.claim('exact amounts for version 3 are taken', async () => {
        const order = await client.createExchangeV3OrderFromAmounts({
          tokenID: YES,
          makerAmount: '3100000',
          takerAmount: '10000000',
          side: Side.BUY,
        });
        assert.equal((await client.postOrder(order)).status, 'live');
      });
      await checks.claim('a FOK sale of less than whole hundredths is refused with its text', async () => {
        const amounts = { tokenID: YES, makerAmount: '10005000', takerAmount: '5002500', side: Side.SELL };
        const order = await client.createExchangeV3OrderFromAmounts(amounts);
        assert.match(
          await errorOf(client.postOrder(order, OrderType.FOK)),
          /the sell orders maker amount supports a max accuracy of 2 decimals/,
        );
      });
      await checks.claim('at a tick of a cent a FOK purchase of five decimals of shares is refused', async () => {
        const amounts = { tokenID: YES, makerAmount: '5100000', takerAmount: '10000010', side: Side.BUY };
        const order = await client.createExchangeV3OrderFromAmounts(amounts);
        assert.match(await errorOf(client.postOrder(order, OrderType.FOK)), /taker amount a max of 4 decimals/);
      });
      await checks.claim('an order signed for version 2 is answered with order_version_mismatch', async () =>
        assert.match(await errorOf(client.createAndPostOrder(rest, { version: 2 })), /order_version_mismatch/),
      );
    },
    { clobVersion: 3 },
    { version: 'v2' },
  );
  await Desk.with(
    async (desk) => {
      const { client } = await desk.member({ shares: 50 });
      await checks.claim('in a neg-risk market the client signs for the other exchange and is taken', async () =>
        assert.equal((await client.createAndPostOrder({ ...rest, price: 0.3025 })).status, 'live'),
      );
      await checks.claim('signed for the wrong exchange it is refused', async () =>
        assert.notEqual((await client.createAndPostOrder(rest, { tickSize: '0.0025', negRisk: false })).status, 'live'),
      );
      await checks.claim('a FOK purchase for less than whole cents is refused with its text', async () => {
        const order = await client.createOrder({ ...rest, price: 0.5125, size: 10.01 });
        assert.match(
          await errorOf(client.postOrder(order, OrderType.FOK)),
          /the market buy orders maker amount supports a max accuracy of 2 decimals/,
        );
      });
      await checks.claim('0.301 passes the client and breaks the grid of 0.0025 at the venue', async () =>
        assert.match(
          await errorOf(client.createAndPostOrder({ ...rest, price: 0.301 })),
          /breaks minimum tick size rule/,
        ),
      );
    },
    {},
    { negRisk: true, tickE4: 25 },
  );
  await Desk.with(async (desk) => {
    const member = await desk.member();
    for (const [signatureType, name] of [
      [1, 'proxy'],
      [2, 'Safe'],
      [3, 'deposit wallet'],
    ] as const)
      await checks.claim(`an order for a ${name} is taken when the wallet is linked`, async () => {
        const funderAddress = `0x${String(signatureType).repeat(40)}`;
        desk.sim.control.linkWallet({ wallet: funderAddress, address: member.wallet.address, signatureType });
        desk.sim.control.chain.deposit(funderAddress, 100_000_000);
        assert.equal((await member.with({ signatureType, funderAddress }).createAndPostOrder(rest)).status, 'live');
      });
  });
}

async function delayed(checks: Checks): Promise<void> {
  await Desk.with(
    async (desk) => {
      const { client } = await desk.member();
      await checks.claim('a delayed order says delayed, without amounts', async () => {
        const { status, takingAmount } = await client.createAndPostMarketOrder(
          { tokenID: YES, amount: 5.1, price: 0.51, side: Side.BUY, orderType: OrderType.FOK },
          {},
          OrderType.FOK,
        );
        assert.deepEqual([status, takingAmount], ['delayed', '']);
      });
      await checks.claim('a delayed order matches when its window is over', async () => {
        desk.time.jump(3_100);
        assert.equal((await client.getTrades()).length, 1);
      });
      await checks.claim('market info announces the delay', async () =>
        assert.equal(((await client.getClobMarketInfo(CONDITION)) as unknown as { itode: boolean }).itode, true),
      );
    },
    {},
    { takerDelayMs: 3_000 },
  );
}

export const VERSIONS: readonly Scenario[] = [
  { venue, group, title: 'versions and wallets', run: versions },
  { venue, group, title: 'a delay', run: delayed },
];
