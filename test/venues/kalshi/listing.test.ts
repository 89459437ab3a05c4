import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KALSHI_DIRECT_MEMBER } from '../../../src/domain/fees/kalshi-fee.ts';
import type { HttpRequest } from '../../../src/domain/ports/http.ts';
import { micros } from '../../../src/domain/units.ts';
import { feeFields, type ListingContext, listingOf } from '../../../src/venues/kalshi/listing.ts';
import { eventReply, marketReply, seriesReply } from '../../../src/venues/kalshi/rest-wire.ts';
import { lost, reply } from '../../support/scripted-transport.ts';
import { no, restFixture, TICKER, VenueBench, yes } from './venues.ts';

const readAt = micros(1_790_000_000_000_000);
const { series } = seriesReply.parse(restFixture('series-get'));
const { event } = eventReply.parse(restFixture('event-get'));

function context(fields: Partial<ListingContext> = {}): ListingContext {
  const terms = { terms: KALSHI_DIRECT_MEMBER, makerMultiplierE6: undefined };
  return { event, series, seriesChanges: [], eventChanges: [], terms, readAt, ...fields };
}

function listed(name: string, fields: Record<string, unknown> = {}, given: Partial<ListingContext> = {}) {
  const { market } = restFixture(name) as { market: object };
  return listingOf(marketReply.parse({ market: { ...market, ...fields } }).market, context(given));
}

describe('a listing', () => {
  it('says what is traded, under which rules, and until when', () => {
    const rulesText = '(text)\n\n(text)';
    expect(listed('market-get')).toMatchObject({
      venue: 'kalshi',
      venueKey: TICKER,
      eventKey: 'KXWTACHALLENGERMATCH-26JUN11JIMLEP',
      seriesKey: 'KXWTACHALLENGERMATCH',
      title: 'Will player B win the match?',
      yes,
      no,
      outcomeNames: ['Player B', 'Player B'],
      standing: 'open',
      minSizeE6: 10_000,
      rulesText,
      rulesHash: `sha256:${createHash('sha256').update(rulesText).digest('hex')}`,
      closesAt: Date.parse('2026-06-25T16:00:00Z') * 1_000,
      expectedResolutionAt: Date.parse('2026-06-11T19:00:00Z') * 1_000,
      isExclusive: true,
      strike: { type: 'structured', floor: undefined, cap: undefined },
      yesPayoutE4: undefined,
      canCloseEarly: true,
      compartment: '0',
      readAt,
    });
  });

  it('hashes other rules to another hash', () => {
    expect(listed('market-get', { rules_secondary: 'else' }).rulesHash).not.toBe(listed('market-get').rulesHash);
  });

  it.each([
    ['initialized', 'unopened'],
    ['active', 'open'],
    ['inactive', 'paused'],
    ['closed', 'closed'],
    ['determined', 'determined'],
    ['disputed', 'determined'],
    ['amended', 'determined'],
    ['finalized', 'settled'],
    ['something_new', 'unknown'],
  ])('that the venue calls %s is %s', (status, standing) => {
    expect(listed('market-get', { status }).standing).toBe(standing);
  });

  it('that does not pay a dollar has no standing that is traded', () => {
    expect(listed('market-get', { notional_value_dollars: '100.0000' }).standing).toBe('unknown');
  });

  it.each<[string, Record<string, unknown>, number | undefined]>([
    ['market-determined', {}, 10_000],
    ['market-finalized', {}, 10_000],
    ['market-finalized-scalar-void', {}, 5_300],
    ['market-finalized', { result: 'no', settlement_value_dollars: '0.0000' }, 0],
    ['market-finalized', { result: 'no', settlement_value_dollars: undefined }, 0],
    ['market-finalized', { result: 'no' }, undefined],
    ['market-finalized-scalar-void', { settlement_value_dollars: '' }, undefined],
    ['market-get', {}, undefined],
  ])('of %s with %o pays YES %s', (name, fields, payout) => {
    expect(listed(name, fields).yesPayoutE4).toBe(payout);
  });

  it('takes its grid from the ranges, and has none when they cannot be read', () => {
    expect(listed('market-tapered-deci-cent').grid?.bands).toHaveLength(3);
    expect(listed('market-get', { price_ranges: undefined }).grid).toBeUndefined();
    expect(listed('market-get', { price_ranges: [{ start: '0', end: '0.5', step: '0.01' }] }).grid).toBeUndefined();
  });

  it('keeps its strike', () => {
    const strike = { strike_type: 'between', floor_strike: 90.5, cap_strike: 91.49 };
    expect(listed('market-get', strike).strike).toEqual({ type: 'between', floor: 90.5, cap: 91.49 });
  });

  it('claims no exclusivity without its event', () => {
    expect(listed('market-get', {}, { event: 'not read' })).toMatchObject({ isExclusive: false, seriesKey: undefined });
  });
});

describe('the fee of a listing', () => {
  it('names its parameters, their source and when they were read', () => {
    const { fees, feeProblem } = listed('market-get');
    expect(feeProblem).toBeUndefined();
    expect(fees).toMatchObject({
      venue: 'kalshi',
      feeType: 'quadratic',
      multiplierE6: 1_000_000,
      source: 'type from series, multiplier from series',
      readAtMs: 1_790_000_000_000,
      assumed: false,
      ...KALSHI_DIRECT_MEMBER,
    });
  });

  it('follows the override of its event, a scheduled change and a waiver', () => {
    const half = { ...event, fee_multiplier_override: 0.5 };
    expect(listed('market-get', {}, { event: half }).fees).toMatchObject({ multiplierE6: 500_000 });
    const change = {
      ...feeFields({ type: 'quadratic_with_maker_fees', multiplier: 1 }),
      scheduledAtMs: 1_780_000_000_000,
    };
    expect(listed('market-get', {}, { seriesChanges: [change] }).fees).toMatchObject({
      feeType: 'quadratic_with_maker_fees',
    });
    const waived = { fee_waiver_expiration_time: '2027-01-01T00:00:00Z' };
    expect(listed('market-get', waived).fees).toMatchObject({ multiplierE6: 0 });
  });

  it.each<[string, Partial<ListingContext>]>([
    ['event', { event: 'event: unreachable' }],
    ['series', { series: 'series: unreachable' }],
    ['series changes', { seriesChanges: 'series changes: unreachable' }],
    ['event changes', { eventChanges: 'event changes: unreachable' }],
  ])('is missing, with the reason, when the %s could not be read', (what, given) => {
    expect(listed('market-get', {}, given)).toMatchObject({ fees: undefined, feeProblem: `${what}: unreachable` });
  });

  it('is refused for a type or a multiplier that we cannot price', () => {
    const flat = { ...series, fee_type: 'flat' };
    expect(listed('market-get', {}, { series: flat }).feeProblem).toContain('UNSUPPORTED_FEE_TYPE');
    const odd = { ...series, fee_multiplier: 0.123_456_78 };
    expect(listed('market-get', {}, { series: odd }).feeProblem).toContain('FEE_UNKNOWN');
  });
});

describe('discovery', () => {
  function bench(): VenueBench {
    return new VenueBench()
      .on('GET /markets', reply(200, restFixture('markets-list-last-page')))
      .on('GET /events/KXWTACHALLENGERMATCH-26JUN11JIMLEP', reply(200, restFixture('event-get')))
      .on('GET /series/KXWTACHALLENGERMATCH', reply(200, restFixture('series-get')))
      .on('GET /series/fee_changes', reply(200, restFixture('series-fee-changes')))
      .on('GET /events/fee_changes', reply(200, restFixture('event-fee-changes')));
  }

  async function found(of: VenueBench, query: Parameters<VenueBench['venue']['listings']>[0]) {
    const reading = of.venue.listings(query);
    await of.clock.settleUntilIdle();
    return await reading;
  }

  it('reads event and series once for all markets of a query, and leaves combos out', async () => {
    const of = bench();
    const [market] = restFixture('markets-list-last-page').markets as object[];
    const combo = { ...market, ticker: 'KXMVE-1', mve_collection_ticker: 'KXMVE' };
    const scaled = { ...market, ticker: 'S', market_type: 'scalar' };
    of.on('GET /markets', reply(200, { markets: [market, { ...market, ticker: 'B' }, combo, scaled], cursor: '' }));
    const reading = await found(of, { seriesKey: 'KXWTACHALLENGERMATCH', onlyOpen: true });
    expect(reading.kind === 'read' && reading.value.map(({ venueKey }) => venueKey)).toEqual([TICKER, 'B']);
    expect(of.http.lines).toEqual([
      'GET /trade-api/v2/markets?series_ticker=KXWTACHALLENGERMATCH&status=open&mve_filter=exclude&limit=1000',
      'GET /trade-api/v2/events/KXWTACHALLENGERMATCH-26JUN11JIMLEP',
      'GET /trade-api/v2/series/KXWTACHALLENGERMATCH',
      'GET /trade-api/v2/series/fee_changes?series_ticker=KXWTACHALLENGERMATCH&show_historical=true',
      'GET /trade-api/v2/events/fee_changes?limit=200',
    ]);
  });

  it('asks for named markets a hundred at a time', async () => {
    const of = bench();
    const venueKeys = Array.from({ length: 101 }, (_, at) => `T${at}`);
    await found(of, { venueKeys });
    const asked = of.http.requests.map(({ url }) => new URL(url).searchParams.get('tickers')?.split(',').length);
    expect(asked.slice(0, 2)).toEqual([100, 1]);
  });

  it('lists many events and series instead of asking for each', async () => {
    const [market] = restFixture('markets-list-last-page').markets as object[];
    const keys = Array.from({ length: 21 }, (_, at) => `E${at}`);
    const of = bench()
      .on(
        'GET /markets',
        reply(200, { markets: keys.map((key) => ({ ...market, ticker: `T-${key}`, event_ticker: key })), cursor: '' }),
      )
      .on(
        'GET /events',
        reply(200, {
          events: keys.map((key) => ({ ...event, event_ticker: key, series_ticker: `S${key}` })),
          cursor: '',
        }),
      )
      .on('GET /series', reply(200, { series: keys.map((key) => ({ ...series, ticker: `S${key}` })) }));
    const reading = await found(of, {});
    expect(reading.kind === 'read' && reading.value.every(({ fees }) => fees !== undefined)).toBe(true);
    expect(of.http.requests).toHaveLength(5);
  });

  it('lists a market whose event the venue does not have, and prices it not', async () => {
    const of = bench().on('GET /events/KXWTACHALLENGERMATCH-26JUN11JIMLEP', reply(404));
    expect(await found(of, {})).toMatchObject({ kind: 'read', value: [{ fees: undefined }] });
  });

  it('prices nothing while the fee changes cannot be read', async () => {
    const of = bench().on('GET /series/fee_changes', reply(403));
    const reading = await found(of, {});
    expect(reading).toMatchObject({ value: [{ fees: undefined, feeProblem: expect.stringContaining('fee changes') }] });
  });

  it.each(['GET /markets', 'GET /events/KXWTACHALLENGERMATCH-26JUN11JIMLEP', 'GET /series/KXWTACHALLENGERMATCH'])(
    'fails when %s does not answer',
    async (line) => {
      expect(await found(bench().on(line, lost), {})).toMatchObject({ kind: 'failed', fault: 'unreachable' });
    },
  );

  it('fails on a market that lacks what we need', async () => {
    const of = bench().on('GET /markets', (_: HttpRequest) => reply(200, { markets: [{ ticker: 'X' }], cursor: '' }));
    expect(await found(of, {})).toMatchObject({ kind: 'failed', fault: 'malformed' });
  });
});
