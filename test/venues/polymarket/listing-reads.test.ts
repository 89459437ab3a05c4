import { describe, expect, it } from 'vitest';
import { priceE4 } from '../../../src/domain/units.ts';
import { lost, reply } from '../../support/scripted-polymarket.ts';
import { CONDITION, fixtureFrame, idOf, type Json, NO, YES } from './frames.ts';
import {
  gammaV1,
  orderRequest,
  preparedOn,
  readOf,
  settled,
  underTest,
  warmVenue,
  withMarket,
} from './venue-under-test.ts';

const INSTRUMENT = { book: idOf(YES), inverted: false } as const;

describe('a book over HTTP', () => {
  it('is read in no particular order and must be the one that was asked for', async () => {
    const under = underTest();
    const body = fixtureFrame('book-rest');
    under.http.on('GET /book', reply(body));
    const other = { book: idOf('1'), inverted: false };
    const found = [
      await under.venue.book({ book: idOf(String(body.asset_id)), inverted: false }),
      await under.venue.book(other),
    ];
    expect(found.map(readOf)).toMatchObject([{ kind: 'book.snapshot' }, 'malformed']);
  });
});

describe('several books', () => {
  it('are asked for in one request, and strangers are left out', async () => {
    const under = underTest();
    const body = fixtureFrame('book-rest');
    const asked = { book: idOf(String(body.asset_id)), inverted: false };
    under.http.on('POST /books', reply([body, { ...body, asset_id: '1' }]));
    expect(readOf(await under.venue.books([asked]))).toMatchObject([{ book: asked.book }]);
    expect(under.http.requests.map(({ body: text }) => text)).toEqual([JSON.stringify([{ token_id: body.asset_id }])]);
  });

  it('are none when one cannot be believed, or more than 500 are asked for', async () => {
    const under = underTest();
    under.http.on('POST /books', reply([{ ...fixtureFrame('book-rest'), bids: 'none' }]));
    const many = Array.from({ length: 501 }, (_, at) => ({ book: idOf(String(at)), inverted: false }));
    const found = [await under.venue.books([INSTRUMENT]), await under.venue.books(many)];
    expect(found.map(readOf)).toEqual(['malformed', 'unsupported']);
  });
});

describe('the market of a token', () => {
  it('is named by the venue, which must name the token too', async () => {
    const under = underTest();
    const market = { condition_id: CONDITION, primary_token_id: YES, secondary_token_id: NO };
    under.http.on(`GET /markets-by-token/${YES}`, reply(market), reply({ ...market, primary_token_id: '1' }));
    const found = [await under.venue.conditionOf(INSTRUMENT), await under.venue.conditionOf(INSTRUMENT)];
    expect(found.map(readOf)).toEqual([CONDITION, 'malformed']);
  });
});

describe('listings', () => {
  it('are read by cursor to the end, whatever the pages hold', async () => {
    const under = underTest();
    withMarket(under.http).on(
      'GET /markets/keyset',
      reply({ markets: [], next_cursor: 'a' }),
      reply({ markets: [gammaV1, { legacy: true }] }),
    );
    expect(readOf(await under.venue.listings({ onlyOpen: true }))).toMatchObject([
      { venueKey: CONDITION, standing: 'open' },
    ]);
    const queries = under.http
      .queries('GET /markets/keyset')
      .map((query) => [query.get('closed'), query.get('after_cursor')]);
    expect(queries).toEqual([
      ['false', null],
      ['false', 'a'],
    ]);
  });

  it('are no listings when the cursor is ignored', async () => {
    const under = underTest();
    withMarket(under.http).on('GET /markets/keyset', reply({ markets: [gammaV1], next_cursor: 'a' }));
    expect(readOf(await under.venue.listings({}))).toBe('malformed');
  });

  it('by key are asked for again among the closed ones, and never wider than asked', async () => {
    const under = underTest();
    const closed = { ...gammaV1, closed: true, umaResolutionStatus: 'resolved', outcomePrices: '["1", "0"]' };
    const stranger = { ...gammaV1, conditionId: '0xother' };
    withMarket(under.http).on('GET /markets/keyset', reply({ markets: [stranger] }), reply({ markets: [closed] }));
    const found = readOf(await under.venue.listings({ venueKeys: [CONDITION] }));
    expect(found).toMatchObject([{ venueKey: CONDITION, standing: 'settled', yesPayoutE4: 10_000 }]);
    expect(under.http.queries('GET /markets/keyset').map((query) => query.get('closed'))).toEqual(['false', 'true']);
  });

  it('of an event are read inside it, because markets leave the list of markets', async () => {
    const under = underTest();
    const { events: _, ...market } = gammaV1 as Json;
    const event = { id: '260654', slug: 'sample-event', series: [{ id: '10684', slug: 's' }], markets: [market] };
    withMarket(under.http).on(
      'GET /events/keyset',
      reply({ events: [event, { ...event, id: '1', slug: 'stranger' }] }),
    );
    expect(readOf(await under.venue.listings({ eventKey: 'sample-event' }))).toMatchObject([
      { eventKey: 'sample-event', seriesKey: '10684' },
    ]);
  });

  it('without a CLOB record are listed and cannot be ordered', async () => {
    const under = underTest();
    withMarket(under.http).on(`GET /clob-markets/${CONDITION}`, reply({ error: 'market not found' }, 404));
    expect(readOf(await under.venue.listings({ venueKeys: [CONDITION] }))).toMatchObject([{ venueKey: CONDITION }]);
    expect(under.venue.prepare(orderRequest())).toMatchObject({ kind: 'refused', reason: 'unsupported' });
  });

  it('fail as a whole when one CLOB record cannot be read', async () => {
    const under = underTest();
    withMarket(under.http).on(`GET /clob-markets/${CONDITION}`, lost());
    expect(readOf(await settled(under, under.venue.listings({ venueKeys: [CONDITION] })))).toBe('unreachable');
  });
});

describe('warming', () => {
  it('reads the version and adopts the tick of now', async () => {
    const under = await warmVenue();
    const reading = await under.venue.listings({ venueKeys: [CONDITION] });
    if (reading.kind === 'failed') throw new Error(reading.detail);
    withMarket(under.http, { mts: 0.001 });
    expect(await under.venue.warm(reading.value)).toMatchObject({ kind: 'read' });
    expect(preparedOn(under, { limitE4: priceE4(5_010), timeInForce: 'goodTillCanceled' }).venue).toBe('polymarket');
  });

  it('fails when the venue speaks another version, or closed the market', async () => {
    const under = await warmVenue();
    const reading = await under.venue.listings({ venueKeys: [CONDITION] });
    if (reading.kind === 'failed') throw new Error(reading.detail);
    under.http.on('GET /version', reply({ version: 4 }));
    const other = await under.venue.warm(reading.value);
    withMarket(under.http).on('GET /markets/keyset', reply({ markets: [{ ...gammaV1, closed: true }] }));
    const closed = await under.venue.warm(reading.value);
    expect([readOf(other), readOf(closed)]).toEqual(['unsupported', 'notFound']);
    expect(under.venue.prepare(orderRequest())).toMatchObject({ kind: 'refused' });
  });
});
