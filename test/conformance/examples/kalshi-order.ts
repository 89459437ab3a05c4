/** Kalshi's official client against the simulator: rests an order, cancels it, and buys what is offered. */
import { Configuration, MarketApi, OrdersApi } from 'kalshi-typescript';
import type { Announcement } from '../../../src/app/sim/serve-sim.ts';

export async function tradeOnKalshi({ kalshi, markets: [market] }: Announcement) {
  const [account] = kalshi.accounts;
  if (account === undefined || market === undefined) throw new Error('expected an account and a market, found none');
  const { ticker } = market.kalshi;
  const { keyId: apiKey, privateKeyPem } = account;
  const config = new Configuration({ apiKey, privateKeyPem, basePath: kalshi.restUrl });
  const orders = new OrdersApi(config);
  const order = { ticker, side: 'bid', count: '5.00', self_trade_prevention_type: 'taker_at_cross' } as const;

  const { data: resting } = await orders.createOrderV2({
    ...order,
    price: '0.0100',
    time_in_force: 'good_till_canceled',
  });
  const { data: canceled } = await orders.cancelOrderV2(resting.order_id);
  const { data: bought } = await orders.createOrderV2({
    ...order,
    price: '0.9900',
    time_in_force: 'immediate_or_cancel',
  });
  const { data: book } = await new MarketApi(config).getMarketOrderbook(ticker);
  return { resting, canceled, bought, book };
}
