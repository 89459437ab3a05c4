/** Public reads through the SDK: each body as the SDK declares it, and the rules of lists, filters and pages. */
import assert from 'node:assert/strict';
import { priceE4 } from '../../../src/domain/units.ts';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { Desk, EVENT, OTHER, refused, SERIES, TICKER, type Trader } from './desk.ts';
import { differencesFrom } from './sdk-model.ts';

const venue: Venue = 'kalshi';
const group = 'SDK market data';

export async function declared(
  checks: Checks,
  sentence: string,
  proof: { readonly model: string; readonly body: () => Promise<{ readonly data: unknown }> },
): Promise<void> {
  await checks.claim(`${sentence} is a ${proof.model}`, async () => {
    assert.deepEqual(differencesFrom(proof.model, (await proof.body()).data), []);
  });
}

async function shapes(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    await alice.place({ side: 'bid', price: '0.5200', count: '1.00', time_in_force: 'immediate_or_cancel' });
    desk.sim.scheduleSeriesFee({
      subject: SERIES,
      feeType: 'quadratic',
      feeMultiplier: 1,
      scheduledMicros: desk.inHours(1),
    });
    desk.sim.scheduleEventFee({ subject: EVENT, feeType: null, feeMultiplier: null, scheduledMicros: desk.inHours(1) });
    const rows: readonly [string, string, () => Promise<{ readonly data: unknown }>][] = [
      ['a market', 'GetMarketResponse', () => alice.market.getMarket(TICKER)],
      ['the list of markets', 'GetMarketsResponse', () => alice.market.getMarkets(10)],
      ['a book', 'GetMarketOrderbookResponse', () => alice.market.getMarketOrderbook(TICKER, 0)],
      ['a batch of books', 'GetMarketOrderbooksResponse', () => alice.market.getMarketOrderbooks([TICKER, OTHER])],
      ['the list of trades', 'GetTradesResponse', () => alice.market.getTrades(10)],
      ['a series', 'GetSeriesResponse', () => alice.market.getSeries(SERIES)],
      ['the list of series', 'GetSeriesListResponse', () => alice.market.getSeriesList()],
      ['an event', 'GetEventResponse', () => alice.events.getEvent(EVENT)],
      ['an event with its markets', 'GetEventResponse', () => alice.events.getEvent(EVENT, true)],
      ['the list of events', 'GetEventsResponse', () => alice.events.getEvents(10)],
      ['the list of events with markets', 'GetEventsResponse', () => alice.events.getEvents(10, undefined, true)],
      [
        'the list of multivariate events',
        'GetMultivariateEventsResponse',
        () => alice.events.getMultivariateEvents(10),
      ],
      ['the fee changes of events', 'GetEventFeeChangesResponse', () => alice.events.getEventFeeChanges()],
      ['the fee changes of series', 'GetSeriesFeeChangesResponse', () => alice.exchange.getSeriesFeeChanges()],
      [
        'the fee changes of series, past ones too',
        'GetSeriesFeeChangesResponse',
        () => alice.exchange.getSeriesFeeChanges(SERIES, true),
      ],
      ['the status of the exchange', 'ExchangeStatus', () => alice.exchange.getExchangeStatus()],
      ['the schedule of the exchange', 'GetExchangeScheduleResponse', () => alice.exchange.getExchangeSchedule()],
      ['the time of user data', 'GetUserDataTimestampResponse', () => alice.exchange.getUserDataTimestamp()],
      ['the cutoff of history', 'GetHistoricalCutoffResponse', () => alice.historical.getHistoricalCutoff()],
      ['the list of old markets', 'GetMarketsResponse', () => alice.historical.getHistoricalMarkets()],
      ['the list of old trades', 'GetTradesResponse', () => alice.historical.getTradesHistorical()],
      ['the list of old fills', 'GetFillsResponse', () => alice.historical.getFillsHistorical()],
      ['the list of old orders', 'GetOrdersResponse', () => alice.historical.getHistoricalOrders()],
    ];
    for (const [sentence, model, body] of rows) await declared(checks, sentence, { model, body });
  });
}

async function books(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    desk.offer('bid', 45, 2);
    desk.offer('ask', 55, 2);
    const { data } = await alice.market.getMarketOrderbook(TICKER);
    await checks.claim('lists YES bids ascending, best last', () =>
      assert.deepEqual(data.orderbook_fp.yes_dollars, [
        ['0.4500', '2.00'],
        ['0.4700', '3.00'],
      ]),
    );
    await checks.claim('lists asks as NO bids at one minus the price', () =>
      assert.deepEqual(data.orderbook_fp.no_dollars, [
        ['0.4500', '2.00'],
        ['0.4800', '3.00'],
      ]),
    );
    await checks.claim('cuts to the best levels when a depth is asked', async () => {
      const { data: cut } = await alice.market.getMarketOrderbook(TICKER, 1);
      assert.deepEqual(cut.orderbook_fp, { yes_dollars: [['0.4700', '3.00']], no_dollars: [['0.4800', '3.00']] });
    });
    await checks.claim('shows both sides as lists when the book is empty', async () => {
      const { data: empty } = await alice.market.getMarketOrderbook(OTHER);
      assert.deepEqual(empty.orderbook_fp, { yes_dollars: [], no_dollars: [] });
    });
    await checks.claim('agrees with the quotes of the market object', async () => {
      const { market } = (await alice.market.getMarket(TICKER)).data;
      assert.deepEqual(
        [market.yes_bid_dollars, market.yes_bid_size_fp, market.yes_ask_dollars, market.yes_ask_size_fp],
        ['0.4700', '3.00', '0.5200', '3.00'],
      );
      assert.deepEqual([market.no_bid_dollars, market.no_ask_dollars], ['0.4800', '0.5300']);
    });
    await checks.claim('is public for one market', async () => {
      assert.equal((await desk.stranger().market.getMarketOrderbook(TICKER)).status, 200);
    });
    await checks.claim('asks for a signature when many are read at once', async () => {
      assert.equal((await refused(desk.stranger().market.getMarketOrderbooks([TICKER]))).status, 401);
    });
    await checks.claim('come as many as were asked for', async () => {
      const { data: many } = await alice.market.getMarketOrderbooks([TICKER, OTHER]);
      assert.deepEqual(
        many.orderbooks.map(({ ticker }) => ticker),
        [TICKER, OTHER],
      );
    });
  });
}

async function lists(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    for (let at = 0; at < 5; at++) desk.list(`KXPAGE-26-${at}`, 'KXPAGE-26');
    await checks.claim('end with an empty cursor', async () =>
      assert.equal((await alice.market.getMarkets(100)).data.cursor, ''),
    );
    await checks.claim('are walked page by page without a gap or a repeat', async () => {
      const seen: string[] = [];
      for (let cursor: string | undefined; cursor !== ''; ) {
        const { data }: { data: { markets: { ticker: string }[]; cursor: string } } = await alice.market.getMarkets(
          2,
          cursor,
        );
        seen.push(...data.markets.map(({ ticker }) => ticker));
        cursor = data.cursor;
      }
      assert.deepEqual([seen.length, new Set(seen).size], [7, 7]);
    });
    await checks.claim('take a cursor that was never given without a word', async () => {
      assert.equal((await alice.market.getMarkets(2, 'no-such-cursor')).status, 200);
    });
    await checks.claim('refuse a limit above 1000 with the flat message', async () => {
      const { status, body } = await refused(alice.market.getMarkets(1_001));
      assert.deepEqual([status, Object.keys(body)], [400, ['msg']]);
    });
    await checks.claim('of events refuse a limit above 200', async () =>
      assert.equal((await refused(alice.events.getEvents(201))).status, 400),
    );
    await checks.claim('of trades refuse a limit above 1000', async () =>
      assert.equal((await refused(alice.market.getTrades(1_001))).status, 400),
    );
    await filters(checks, { desk, alice });
  });
}

async function filters(checks: Checks, { desk, alice }: { desk: Desk; alice: Trader }): Promise<void> {
  const tickers = async (
    status?: 'unopened' | 'open' | 'paused' | 'closed' | 'settled',
    event?: string,
    series?: string,
  ) => {
    const none = undefined;
    const { data } = await alice.market.getMarkets(
      100,
      none,
      event,
      series,
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      status,
    );
    return data.markets.map(({ ticker }) => ticker);
  };
  await checks.claim('keep to one event', async () =>
    assert.deepEqual(await tickers(undefined, EVENT), [TICKER, OTHER]),
  );
  await checks.claim('keep to one series', async () =>
    assert.equal((await tickers(undefined, undefined, 'KXPAGE')).length, 5),
  );
  await checks.claim('keep to the tickers that were named', async () => {
    const none = undefined;
    const { data } = await alice.market.getMarkets(
      10,
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      `${OTHER},KXPAGE-26-1`,
    );
    assert.deepEqual(data.markets.map(({ ticker }) => ticker).sort(), ['KXPAGE-26-1', OTHER]);
  });
  await checks.claim('call an active market open', async () => assert.ok((await tickers('open')).includes(TICKER)));
  await checks.claim('refuse the word active, which objects use', async () => {
    assert.equal((await alice.raw('GET', '/markets?status=active')).status, 400);
  });
  desk.sim.lifecycle.pause('KXPAGE-26-0');
  await checks.claim('call an inactive market paused', async () =>
    assert.deepEqual(await tickers('paused'), ['KXPAGE-26-0']),
  );
  desk.sim.lifecycle.closeEarly('KXPAGE-26-1');
  await checks.claim('call a closed market closed', async () =>
    assert.deepEqual(await tickers('closed'), ['KXPAGE-26-1']),
  );
  desk.sim.lifecycle.determine('KXPAGE-26-1', { result: 'yes' });
  await checks.claim('call a determined market closed, because it is not paid', async () => {
    assert.deepEqual(await tickers('closed'), ['KXPAGE-26-1']);
  });
  desk.sim.lifecycle.settle('KXPAGE-26-1');
  await checks.claim('call a finalized market settled', async () =>
    assert.deepEqual(await tickers('settled'), ['KXPAGE-26-1']),
  );
  await checks.claim('refuse two kinds of time filters at once', async () => {
    const none = undefined;
    const { status } = await refused(alice.market.getMarkets(10, none, none, none, 1, none, none, none, 1));
    assert.equal(status, 400);
  });
  await checks.claim('leave combinations out when asked', async () => {
    desk.list('KXMVEGAME-1-A', 'KXMVEGAME-1');
    const none = undefined;
    const { data } = await alice.market.getMarkets(
      100,
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      'exclude',
    );
    assert.equal(
      data.markets.some(({ ticker }) => ticker.startsWith('KXMVE')),
      false,
    );
  });
  await checks.claim('of events leave multivariate ones out', async () => {
    const { data } = await alice.events.getEvents(100);
    assert.equal(
      data.events.some(({ event_ticker: ticker }) => ticker.startsWith('KXMVE')),
      false,
    );
  });
  await checks.claim('of multivariate events hold them', async () => {
    const { data } = await alice.events.getMultivariateEvents(100);
    assert.deepEqual(
      data.events.map(({ event_ticker: ticker }) => ticker),
      ['KXMVEGAME-1'],
    );
  });
}

async function life(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    const market = async (ticker = TICKER) => (await alice.market.getMarket(ticker)).data;
    const isMarket = (sentence: string): Promise<void> =>
      declared(checks, sentence, { model: 'GetMarketResponse', body: async () => ({ data: await market() }) });
    desk.sim.lifecycle.regrid(OTHER, 'tapered_deci_cent');
    await checks.claim('shows the bands of a tapered grid', async () => {
      assert.deepEqual(
        (await market(OTHER)).market.price_ranges.map(({ start, end, step }) => [
          Number(start),
          Number(end),
          Number(step),
        ]),
        [
          [0, 0.1, 0.001],
          [0.1, 0.9, 0.01],
          [0.9, 1, 0.001],
        ],
      );
    });
    desk.sim.lifecycle.determine(TICKER, { result: 'scalar', valueE4: priceE4(5_300), expirationValue: 'walkover' });
    await isMarket('a determined market');
    await checks.claim('is determined before it is paid', async () => {
      const { market: row } = await market();
      assert.deepEqual(
        [row.status, row.result, row.settlement_value_dollars, row.settlement_ts ?? null],
        ['determined', 'scalar', '0.5300', null],
      );
    });
    desk.sim.lifecycle.dispute(TICKER);
    await checks.claim('may be disputed', async () => assert.equal((await market()).market.status, 'disputed'));
    desk.sim.lifecycle.amendResult(TICKER, { result: 'no' });
    await checks.claim('may flip its result', async () => {
      const { market: row } = await market();
      assert.deepEqual([row.status, row.result, row.settlement_value_dollars], ['amended', 'no', '0.0000']);
    });
    desk.time.jump(((await market()).market.settlement_timer_seconds + 1) * 1_000);
    await isMarket('a finalized market');
    await checks.claim('is finalized by its timer, with the time of payment', async () => {
      const { market: row } = await market();
      assert.deepEqual([row.status, typeof row.settlement_ts], ['finalized', 'string']);
    });
    await checks.claim('is unknown with 404 when it was never listed', async () => {
      assert.equal((await refused(alice.market.getMarket('KXNONE-1-A'))).status, 404);
    });
    await checks.claim('lists NO and YES of a past trade at the same YES price', async () => {
      desk.offer('ask', 60, 5, OTHER);
      await alice.place({ ticker: OTHER, price: '0.6000', count: '2.00', time_in_force: 'immediate_or_cancel' });
      const { data } = await alice.market.getTrades(1, undefined, OTHER);
      const [trade] = data.trades;
      assert.deepEqual(
        [trade?.count_fp, trade?.yes_price_dollars, trade?.no_price_dollars],
        ['2.00', '0.6000', '0.4000'],
      );
    });
  });
}

export const MARKET_DATA: readonly Scenario[] = [
  { venue, group, title: 'reads', run: shapes },
  { venue, group, title: 'books', run: books },
  { venue, group, title: 'lists', run: lists },
  { venue, group, title: 'a market in its life', run: life },
];
