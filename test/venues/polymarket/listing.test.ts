import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { uniformGrid } from '../../../src/domain/instrument.ts';
import { micros } from '../../../src/domain/units.ts';
import { type ListingResult, listingOf } from '../../../src/venues/polymarket/listing.ts';
import { clobMarketReply, gammaMarket } from '../../../src/venues/polymarket/rest-wire.ts';
import { NOW } from './accounts.ts';
import { clobMarket, fixture, idOf, type Json, NO, YES } from './frames.ts';

const v1 = fixture('gamma-market-v1') as Json;
const v2 = fixture('gamma-market-v2') as Json;
const recorded = fixture('gamma-markets-recorded') as Record<string, Json>;

function result(market: Json, clob: Json | undefined): ListingResult {
  return listingOf({
    market: gammaMarket.parse(market),
    clob: clob === undefined ? undefined : clobMarketReply.parse(clob),
    readAt: NOW,
  });
}

function listed(market: Json | undefined = v1, clob: Json | null = clobMarket()) {
  const found = result(market ?? {}, clob ?? undefined);
  if (found.kind === 'unlistable') throw new Error(found.why);
  return found;
}

describe('a listing', () => {
  it('has everything that trading needs, from both records', () => {
    const { listing, terms } = listed();
    expect(listing).toMatchObject({
      venueKey: v1.conditionId,
      eventKey: 'sample-event',
      title: 'Sample up or down?',
      yes: { book: idOf(YES), inverted: false },
      no: { book: idOf(NO), inverted: false },
      outcomeNames: ['Yes', 'No'],
      standing: 'open',
      grid: uniformGrid(100),
      minSizeE6: 5_000_000,
      feeProblem: undefined,
      closesAt: micros(Date.parse('2026-12-31T09:25:00Z') * 1_000),
      isExclusive: false,
      compartment: 'exchange',
      takerDelayMs: 250,
    });
    expect(terms).toMatchObject([
      { tokenId: YES, tickE4: 100, exchange: 'exchange' },
      { tokenId: NO, tickE4: 100, exchange: 'exchange' },
    ]);
  });

  it('takes its fee from the CLOB record, with source and time, and never from the caps', () => {
    const { listing } = listed(v1, clobMarket({ fd: { r: 0.04, e: 1, to: true } }));
    expect(listing.fees).toMatchObject({
      rateE6: 40_000,
      exponent: 1,
      takerOnly: true,
      rebateRateE6: 150_000,
      source: 'fd of the CLOB market record',
      readAtMs: NOW / 1_000,
      assumed: false,
    });
  });

  it('takes its fee from Gamma when the CLOB record names none', () => {
    expect(listed(v1, clobMarket({ fd: null })).listing.fees).toMatchObject({
      rateE6: 50_000,
      source: 'Gamma feeSchedule',
    });
  });

  it('has a fee problem and no fee when neither record names one', () => {
    const { listing } = listed({ ...v1, feeSchedule: undefined }, clobMarket({ fd: undefined }));
    expect(listing).toMatchObject({ fees: undefined, feeProblem: expect.stringContaining('FEE_UNKNOWN') });
  });

  it('takes tick and smallest size from the CLOB record', () => {
    const { listing } = listed(v1, clobMarket({ mts: 0.0025, mos: 15 }));
    expect(listing).toMatchObject({ grid: uniformGrid(25), minSizeE6: 15_000_000 });
  });

  it('of a neg-risk market is exclusive and signed for its own exchange', () => {
    const { listing, terms } = listed({ ...v1, negRisk: true }, clobMarket({ nr: true }));
    expect([listing.isExclusive, listing.compartment, terms?.[0]?.exchange]).toEqual([
      true,
      'negRiskExchange',
      'negRiskExchange',
    ]);
  });

  it('of the next protocol takes position ids and the third exchange', () => {
    const [yes, no] = v2.positionIds as [string, string];
    const t = [
      { t: yes, o: 'Yes' },
      { t: no, o: 'No' },
    ];
    const { listing, terms } = listed(v2, clobMarket({ t }));
    expect(listing).toMatchObject({ yes: { book: idOf(yes) }, no: { book: idOf(no) }, compartment: 'exchangeV3' });
    expect(terms?.map(({ exchange }) => exchange)).toEqual(['exchangeV3', 'exchangeV3']);
  });

  it.each([['v3'], [undefined], ['']])('of version %s is not tradable', (version) => {
    const { listing, terms } = listed({ ...v1, version });
    expect([listing.standing, terms, listing.feeProblem]).toEqual([
      'unknown',
      undefined,
      expect.stringMatching(/v1 or v2/),
    ]);
  });

  it('waits as long as the longer of both delays', () => {
    expect(listed({ ...v1, secondsDelay: 3 }).listing.takerDelayMs).toBe(3_000);
  });

  it('hashes the rules with their source, so that a change of either is seen', () => {
    const rules = (over: Json) => listed({ ...v1, description: 'Pays if it rains.', ...over }).listing;
    const plain = rules({});
    const sourced = rules({ resolutionSource: 'https://example.org' });
    expect(plain.rulesHash).toBe(`sha256:${createHash('sha256').update('Pays if it rains.').digest('hex')}`);
    expect(sourced.rulesText).toContain('https://example.org');
    expect(sourced.rulesHash).not.toBe(plain.rulesHash);
  });

  it('calls the outcome named Yes yes, wherever it stands', () => {
    const { listing } = listed({ ...v1, outcomes: '["No", "Yes"]' });
    expect([listing.yes.book, listing.outcomeNames]).toEqual([idOf(NO), ['Yes', 'No']]);
  });

  it.each<[string, Json, string]>([
    ['a book that accepts orders', {}, 'open'],
    ['orders refused', { acceptingOrders: false }, 'paused'],
    ['no book', { enableOrderBook: false }, 'paused'],
    ['a flag missing', { acceptingOrders: undefined }, 'paused'],
    ['nothing about closing', { closed: undefined }, 'unknown'],
    ['nothing about being active', { active: undefined }, 'unknown'],
    ['an opening to come', { active: false }, 'unopened'],
    ['a close, though orders are accepted', { closed: true }, 'closed'],
    ['an archive', { archived: true }, 'closed'],
    ['a dispute', { closed: true, umaResolutionStatus: 'disputed' }, 'closed'],
    ['a resolution', { closed: true, umaResolutionStatus: 'resolved', outcomePrices: '["0", "1"]' }, 'settled'],
    [
      'a resolution without prices',
      { closed: true, umaResolutionStatus: 'resolved', outcomePrices: '["0", "0"]' },
      'determined',
    ],
  ])('with %s stands accordingly', (_, over, standing) => {
    expect(listed({ ...v1, ...over }).listing.standing).toBe(standing);
  });

  it('pays half when it was resolved half and half', () => {
    const over = { closed: true, umaResolutionStatus: 'resolved', outcomePrices: '["0.5", "0.5"]' };
    expect(listed({ ...v1, ...over }).listing.yesPayoutE4).toBe(5_000);
  });

  it('shows no payout before it is resolved', () => {
    expect(listed({ ...v1, closed: true, outcomePrices: '["1", "0"]' }).listing.yesPayoutE4).toBeUndefined();
  });

  it('that was resolved stands so in every version', () => {
    const over = { version: undefined, closed: true, umaResolutionStatus: 'resolved', outcomePrices: '["1", "0"]' };
    expect(listed({ ...v1, ...over })).toMatchObject({ listing: { standing: 'settled' }, terms: undefined });
  });

  it('of a recorded closed market says who won', () => {
    const { listing } = listed(recorded.closed_binary_accepting_false, null);
    expect([listing.yesPayoutE4, listing.outcomeNames]).toEqual([0, ['Yes', 'No']]);
  });

  it('of a recorded match keeps the names of the teams', () => {
    const { listing } = listed(recorded.sports_market_money_line, null);
    expect([listing.outcomeNames, listing.yesPayoutE4, listing.takerDelayMs]).toEqual([
      ['FaZe', 'illwill'],
      10_000,
      3_000,
    ]);
  });

  it('of a recorded open market belongs to its series', () => {
    expect(listed(recorded.open, null).listing).toMatchObject({
      seriesKey: '10684',
      eventKey: 'btc-updown-5m-1773307200',
    });
  });

  it.each<[string, Json, Json | undefined]>([
    ['one token', { clobTokenIds: `["${YES}"]` }, undefined],
    ['tokens that are no list', { clobTokenIds: 'yes' }, undefined],
    ['the same token twice', { clobTokenIds: `["${YES}", "${YES}"]` }, undefined],
    ['three outcomes', { outcomes: '["A", "B", "C"]' }, undefined],
    [
      'other tokens at the CLOB',
      {},
      clobMarket({
        t: [
          { t: '1', o: 'Yes' },
          { t: '2', o: 'No' },
        ],
      }),
    ],
  ])('is none with %s', (_, over, clob) => {
    expect(result({ ...v1, ...over }, clob)).toMatchObject({ kind: 'unlistable' });
  });
});
