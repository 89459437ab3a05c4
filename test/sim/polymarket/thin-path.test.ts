import { describe, expect, it } from 'vitest';
import { Client, follow, followOwn, get, listed, NO, quoted, tradingWorld, world, YES } from './kit.ts';

describe('the simulated Polymarket, from key to settlement', () => {
  it('makes a key, lists a book, matches a signed order, and moves money only when the trade is mined', async () => {
    const given = world();
    listed(given);
    const client = await new Client(given).enter();
    const market = follow(given);
    quoted(given);
    const user = followOwn(given, client);
    const placed = await client.post({ price: 0.51, size: 20, type: 'FOK' });
    expect(placed).toMatchObject({
      status: 200,
      body: { success: true, errorMsg: '', status: 'matched', takingAmount: '20', makingAmount: '10.2' },
    });
    expect(placed.body.tradeIDs).toHaveLength(1);
    expect(placed.body.transactionsHashes).toBeUndefined();
    expect(given.sim.control.account(client.wallet.address)?.cashMicro).toBe(1_000_000_000);
    given.clock.advanceBy(2_000);
    // 20 x 0.05 x 0.51 x 0.49 = 0.2499
    expect(given.sim.control.account(client.wallet.address)).toMatchObject({
      cashMicro: 1_000_000_000 - 10_200_000 - 249_900,
      shares: { [YES]: 20_000_000 },
    });
    given.clock.advanceBy(10_000);
    expect(user.of('trade').map(({ status }) => status)).toEqual(['MATCHED', 'MINED', 'CONFIRMED']);
    expect(market.of('last_trade_price')[0]).toMatchObject({ asset_id: YES, price: '0.51', size: '20', side: 'BUY' });
  });

  it('shows each level twice, mirrored, and prints the best level last', async () => {
    const { sim } = await tradingWorld();
    expect(get(sim.clob, `/book?token_id=${YES}`).body).toMatchObject({
      bids: [
        { price: '0.48', size: '100' },
        { price: '0.49', size: '50' },
      ],
      asks: [
        { price: '0.52', size: '200' },
        { price: '0.51', size: '80' },
      ],
    });
    expect(get(sim.clob, `/book?token_id=${NO}`).body).toMatchObject({
      bids: [
        { price: '0.48', size: '200' },
        { price: '0.49', size: '80' },
      ],
      asks: [
        { price: '0.52', size: '100' },
        { price: '0.51', size: '50' },
      ],
    });
  });
});
