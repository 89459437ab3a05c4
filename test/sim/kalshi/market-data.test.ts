import { describe, expect, test } from 'vitest';
import { priceE4 } from '../../../src/domain/units.ts';
import { isOnGrid, rangesOf } from '../../../src/sim/kalshi/grid.ts';
import { EVENT, SimDriver, TICKER } from '../../support/sim-driver.ts';

describe('simulated Kalshi market data', () => {
  test('lists in pages that end with an empty cursor', () => {
    const driver = new SimDriver();
    for (let index = 0; index < 4; index++)
      driver.sim.addMarket({ ticker: `KXLIST-1-${index}`, eventTicker: 'KXLIST-1', closeMicros: driver.inHours(1) });
    const seen: string[] = [];
    let cursor = '';
    let pages = 0;
    do {
      const { body } = driver.get(`/markets?limit=2&cursor=${cursor}`);
      seen.push(...body.markets.map(({ ticker }: { ticker: string }) => ticker));
      cursor = body.cursor;
      pages++;
    } while (cursor !== '');
    expect([pages, new Set(seen).size, seen.length]).toEqual([3, 5, 5]);
  });

  test('takes a garbage cursor silently and refuses a limit above the maximum', () => {
    const driver = new SimDriver();
    expect(driver.get('/markets?limit=5&cursor=garbage-cursor-fixture').status).toBe(200);
    const refused = driver.get('/markets?limit=1001');
    expect([refused.status, refused.body.msg]).toEqual([
      400,
      expect.stringContaining("'Limit' failed on the 'lte' tag"),
    ]);
  });

  test('filters in its own words and refuses those of the objects', () => {
    const driver = new SimDriver();
    driver.sim.addMarket({
      ticker: 'KXNEW-1-A',
      eventTicker: 'KXNEW-1',
      openMicros: driver.inHours(1),
      closeMicros: driver.inHours(2),
    });
    const count = (status: string): number => driver.get(`/markets?status=${status}`).body.markets.length;
    expect([count('open'), count('unopened'), count('closed'), count('settled'), count('paused')]).toEqual([
      1, 1, 0, 0, 0,
    ]);
    driver.sim.lifecycle.determine(TICKER, { result: 'yes' });
    expect(count('closed')).toBe(1);
    driver.clock.advanceBy(60_000);
    expect([count('closed'), count('settled')]).toEqual([0, 1]);
    expect(driver.get('/markets?status=active').status).toBe(400);
  });

  test('refuses time filters of two kinds at once', () => {
    expect(new SimDriver().get('/markets?min_close_ts=1&min_created_ts=1').status).toBe(400);
  });

  test('gives bids of both outcomes, best last, and the YES ask as the rest of the NO bid', () => {
    const driver = new SimDriver();
    for (const [side, cents] of [
      ['bid', 42],
      ['bid', 47],
      ['ask', 52],
      ['ask', 60],
    ] as const)
      driver.offer(side, cents, 3);
    expect(driver.get(`/markets/${TICKER}/orderbook`).body).toEqual({
      orderbook_fp: {
        yes_dollars: [
          ['0.4200', '3.00'],
          ['0.4700', '3.00'],
        ],
        no_dollars: [
          ['0.4000', '3.00'],
          ['0.4800', '3.00'],
        ],
      },
    });
    expect(driver.get(`/markets/${TICKER}/orderbook?depth=1`).body.orderbook_fp.no_dollars).toEqual([
      ['0.4800', '3.00'],
    ]);
    expect(driver.get(`/markets/${TICKER}`).body.market).toMatchObject({
      yes_ask_dollars: '0.5200',
      no_bid_dollars: '0.4800',
      no_ask_dollars: '0.5300',
    });
  });

  test('keeps combinations out of the events list', () => {
    const driver = new SimDriver();
    driver.sim.addEvent({ eventTicker: 'KXMVESPORTS-1', seriesTicker: 'KXMVESPORTS' });
    const tickers = (path: string): string[] =>
      driver.get(path).body.events.map((event: { event_ticker: string }) => event.event_ticker);
    expect(tickers('/events')).toEqual([EVENT]);
    expect(tickers('/events/multivariate')).toEqual(['KXMVESPORTS-1']);
  });

  test('knows every labelled price grid and both steps on a border', () => {
    const grid = rangesOf('tapered_deci_cent');
    expect([50, 1_000, 1_050, 1_100, 9_010, 10_000, 0].map((price) => isOnGrid(grid, priceE4(price)))).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(isOnGrid(rangesOf('center_deci_edge_centi_cent'), priceE4(7))).toBe(true);
    expect(isOnGrid(rangesOf('center_deci_edge_centi_cent'), priceE4(107))).toBe(false);
  });

  test('lists public trades with the taker told in book words', () => {
    const driver = new SimDriver();
    driver.offer('bid', 47, 3);
    driver.order({ side: 'ask', price: '0.4700', count: '2.50', time_in_force: 'immediate_or_cancel' });
    expect(driver.get(`/markets/trades?ticker=${TICKER}`).body.trades).toMatchObject([
      {
        yes_price_dollars: '0.4700',
        no_price_dollars: '0.5300',
        count_fp: '2.50',
        taker_book_side: 'ask',
        taker_outcome_side: 'no',
      },
    ]);
  });

  test('shows a combination without a book as 1.0000 on both asks', () => {
    const driver = new SimDriver();
    driver.sim.addMarket({
      ticker: 'KXMVEX-1-A',
      eventTicker: 'KXMVEX-1',
      closeMicros: driver.inHours(1),
      priceLevelStructure: 'center_deci_edge_centi_cent',
    });
    expect(driver.get('/markets/KXMVEX-1-A').body.market).toMatchObject({
      yes_ask_dollars: '1.0000',
      no_ask_dollars: '1.0000',
    });
    expect(driver.get('/markets?mve_filter=exclude').body.markets).toHaveLength(1);
  });

  test('answers 404 for what it does not know', () => {
    const driver = new SimDriver();
    for (const path of ['/markets/NO', '/events/NO', '/series/NO', '/nothing'])
      expect(driver.get(path).status).toBe(404);
  });
});
