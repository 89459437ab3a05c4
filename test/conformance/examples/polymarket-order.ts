/** Polymarket's official client against the simulator: rests an order, cancels it, and buys what is offered. */
import { ClobClient, OrderType, Side } from '@polymarket/clob-client';
import { Wallet } from 'ethers';
import type { Announcement } from '../../../src/app/sim/serve-sim.ts';

export async function tradeOnPolymarket({ polymarket, markets: [market] }: Announcement) {
  const [account] = polymarket.accounts;
  if (account === undefined || market === undefined) throw new Error('expected an account and a market, found none');
  const wallet = new Wallet(account.privateKey);
  const signer = {
    getAddress: () => wallet.getAddress(),
    _signTypedData: (...asked: Parameters<Wallet['signTypedData']>) => wallet.signTypedData(...asked),
  };
  const creds = { key: account.apiKey, secret: account.apiSecret, passphrase: account.apiPassphrase };
  const client = new ClobClient({ host: polymarket.clobUrl, chain: polymarket.chainId, signer, creds });
  const order = { tokenID: market.polymarket.yesTokenId, side: Side.BUY, size: 5 };

  const resting = await client.createAndPostOrder({ ...order, price: 0.01 }, undefined, OrderType.GTC);
  const canceled = await client.cancelOrder({ orderID: resting.orderID });
  const bought = await client.createAndPostOrder({ ...order, price: 0.99 }, undefined, OrderType.GTC);
  const book = await client.getOrderBook(order.tokenID);
  return { resting, canceled, bought, book };
}
