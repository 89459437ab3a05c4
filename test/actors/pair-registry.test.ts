import { describe, expect, it } from 'vitest';
import { PairRegistry } from '../../src/actors/pair-registry.ts';
import type { PairTerms } from '../../src/domain/pairs/pair-terms.ts';
import type { Listing } from '../../src/domain/ports/venue.ts';
import { micros, millis, rateE6, sizeE6 } from '../../src/domain/units.ts';
import { controlRig } from './control-rig.ts';

const HASH = 'sha256:read-by-a-person';
const DAY_MICROS = 24 * 3_600_000_000;

function listing(venue: Listing['venue'], over: Partial<Listing> = {}): Listing {
  const instrument = { book: `${venue}/1`, inverted: false } as const;
  return {
    venue,
    venueKey: '1',
    eventKey: undefined,
    seriesKey: undefined,
    title: 'Fed holds in December',
    yes: instrument,
    no: { ...instrument, inverted: true },
    outcomeNames: ['Yes', 'No'],
    standing: 'open',
    grid: undefined,
    minSizeE6: sizeE6(1_000_000),
    fees: undefined,
    feeProblem: undefined,
    rulesText: '',
    rulesHash: HASH,
    closesAt: micros(1_770_000_000_000_000),
    expectedResolutionAt: undefined,
    isExclusive: false,
    strike: { type: 'greater', floor: 4.25, cap: undefined },
    yesPayoutE4: undefined,
    canCloseEarly: false,
    compartment: undefined,
    takerDelayMs: millis(0),
    readAt: micros(0),
    ...over,
  };
}

const BOTH = { kalshi: listing('kalshi'), polymarket: listing('polymarket') };

function registryRig(quarantined?: ReadonlyMap<string, string>) {
  const rig = controlRig();
  const heard: string[] = [];
  const pairs = new PairRegistry({
    ...rig,
    proofMs: millis(60_000),
    ...(quarantined === undefined ? {} : { quarantined }),
    listeners: {
      onListingsWanted: (pairId) => heard.push(`read ${pairId}`),
      onTradable: (_, isBelowQuiet) => heard.push(isBelowQuiet ? 'tradable, doubtful' : 'tradable'),
      onUntradable: (_, reason) => heard.push(`untradable: ${reason}`),
      onApprovalRefused: (_, by, because) => heard.push(`refused ${by}: ${because}`),
      onDifference: (_, detail) => heard.push(`differed: ${detail}`),
    },
  });
  const side = { venueKey: '1', rulesHash: HASH, closesAt: undefined, strike: undefined };
  const terms: PairTerms = {
    pairId: 'fed',
    title: 'Fed holds in December',
    kalshi: side,
    polymarket: side,
    scoreE6: rateE6(1_000_000),
    approvedBy: 'ann',
    expiresAt: micros(rig.clock.wall() + DAY_MICROS),
  };
  return { ...rig, pairs, heard, terms };
}

type Rig = ReturnType<typeof registryRig>;

function standing(rig: Rig): readonly (string | undefined)[] {
  const [view] = rig.pairs.view();
  return [view?.standing, view?.reason];
}

function tradable(over: Partial<PairTerms> = {}): Rig {
  const rig = registryRig();
  rig.pairs.load([{ ...rig.terms, ...over }], [], 'file');
  rig.pairs.observe('fed', BOTH);
  return rig;
}

describe('pair registry', () => {
  it('trades a pair only after both markets read as they were approved', () => {
    const rig = registryRig();
    expect(rig.pairs.isTradable('fed')).toBe(false);
    rig.pairs.load([rig.terms], [], 'file');
    expect([rig.pairs.isTradable('fed'), rig.heard]).toEqual([false, ['read fed']]);
    rig.pairs.observe('fed', BOTH);
    expect([rig.pairs.isTradable('fed'), rig.heard.at(-1)]).toEqual([true, 'tradable']);
  });

  it('suspends a pair whose rules have changed, for good', () => {
    const rig = tradable();
    rig.pairs.observe('fed', { ...BOTH, polymarket: listing('polymarket', { rulesHash: 'sha256:other' }) });
    expect(standing(rig)).toEqual([
      'suspended',
      'RULES_CHANGED: polymarket/1: expected sha256:read-by-a-person as approved, found sha256:other',
    ]);
    rig.pairs.observe('fed', BOTH);
    rig.pairs.load([rig.terms], [], 'file');
    expect(rig.pairs.isTradable('fed')).toBe(false);
  });

  it.each([
    ['close time', { closesAt: micros(1_770_000_000_000_001) }, /^CLOSE_TIME_MOVED/],
    ['strike', { strike: { type: 'greater', floor: 4.5, cap: undefined } }, /^STRIKE_CHANGED/],
  ])('suspends a pair whose %s is another than it was read first', (_, over, reason) => {
    const rig = tradable();
    rig.pairs.observe('fed', { ...BOTH, kalshi: listing('kalshi', over) });
    expect(standing(rig)).toEqual(['suspended', expect.stringMatching(reason)]);
  });

  it('does not trade a pair whose rules nobody pinned', () => {
    const rig = registryRig();
    rig.pairs.load([{ ...rig.terms, kalshi: { ...rig.terms.kalshi, rulesHash: undefined } }], [], 'file');
    rig.pairs.observe('fed', BOTH);
    expect(standing(rig)).toEqual(['approved', expect.stringMatching(/^RULES_UNPINNED/)]);
  });

  it('does not trade a pair below 0.95, and says so of one below 0.99 (I12)', () => {
    const low = tradable({ scoreE6: rateE6(949_999) });
    expect([low.pairs.isTradable('fed'), low.heard]).toEqual([
      false,
      ['refused ann: expected a score of 950000 or more, found 949999'],
    ]);
    expect(tradable({ scoreE6: rateE6(950_000) }).heard.at(-1)).toBe('tradable, doubtful');
  });

  it('stops trading when the approval runs out', () => {
    const rig = tradable();
    for (let hour = 0; hour < 24 * 60; hour++) {
      rig.pairs.observe('fed', BOTH);
      rig.clock.advanceBy(60_000);
    }
    expect(standing(rig)).toEqual(['expired', 'APPROVAL_EXPIRED: the approval has run out']);
    rig.pairs.approve({ ...rig.terms, expiresAt: micros(rig.clock.wall() + DAY_MICROS) }, 'bob', 'read again');
    rig.pairs.observe('fed', BOTH);
    expect(rig.pairs.isTradable('fed')).toBe(true);
  });

  it('does not take an approval that has run out already', () => {
    const rig = tradable({ expiresAt: micros(0) });
    expect(rig.pairs.isTradable('fed')).toBe(false);
  });

  it('stops trading when the markets were not read for too long, and goes on after a reading', () => {
    const rig = tradable();
    rig.clock.advanceBy(60_000);
    expect(standing(rig)).toEqual(['approved', 'LISTINGS_UNREAD: neither market was read lately']);
    rig.pairs.observe('fed', BOTH);
    expect(rig.pairs.isTradable('fed')).toBe(true);
    rig.pairs.unread('fed', 'no answer');
    expect(rig.pairs.isTradable('fed')).toBe(false);
  });

  it('is over when one market has closed', () => {
    const rig = tradable();
    rig.pairs.observe('fed', { ...BOTH, kalshi: listing('kalshi', { standing: 'closed' }) });
    expect(standing(rig)).toEqual(['expired', 'MARKET_CLOSED: kalshi/1 is closed']);
  });

  it('waits while a market is paused', () => {
    const rig = tradable();
    rig.pairs.observe('fed', { ...BOTH, kalshi: listing('kalshi', { standing: 'paused' }) });
    expect(standing(rig)).toEqual(['approved', expect.stringMatching(/^MARKET_NOT_OPEN/)]);
  });

  it('keeps a forbidden pair out, whoever approves it, until the veto is lifted', () => {
    const rig = tradable();
    rig.pairs.veto({ pairId: 'fed', by: 'bob', reason: 'SOURCE_MISMATCH' });
    expect(standing(rig)).toEqual(['quarantined', 'veto.placed by bob: SOURCE_MISMATCH']);
    rig.pairs.approve(rig.terms, 'ann', 'I disagree');
    expect(rig.heard.at(-1)).toBe('refused ann: veto.placed by bob: SOURCE_MISMATCH');
    rig.pairs.liftVeto('fed', 'bob', 'same source after all');
    expect(rig.pairs.isTradable('fed')).toBe(false);
    rig.pairs.approve(rig.terms, 'ann', 'read again');
    rig.pairs.observe('fed', BOTH);
    expect(rig.pairs.isTradable('fed')).toBe(true);
  });

  it('follows an edited file: vetoes placed and lifted, pairs taken out and put back', () => {
    const rig = tradable();
    const veto = { pairId: 'fed', by: 'bob', reason: 'SOURCE_MISMATCH' };
    rig.pairs.load([rig.terms], [veto], 'file');
    expect(standing(rig)[0]).toBe('quarantined');
    rig.pairs.load([rig.terms], [], 'file');
    rig.pairs.observe('fed', BOTH);
    expect(rig.pairs.isTradable('fed')).toBe(true);
    rig.pairs.load([], [], 'file');
    expect(standing(rig)).toEqual(['suspended', 'approval.revoked by file: no longer in the list of pairs']);
    rig.pairs.load([rig.terms], [], 'file');
    rig.pairs.observe('fed', BOTH);
    expect(rig.pairs.isTradable('fed')).toBe(true);
  });

  it('quarantines a pair that the venues decided differently, and a gap that twins do not have', () => {
    const differed = tradable();
    differed.pairs.differed('fed', 'kalshi yes, polymarket no');
    expect(standing(differed)[0]).toBe('quarantined');
    expect(differed.heard).toContain('differed: kalshi yes, polymarket no');
    const doubted = tradable();
    doubted.pairs.doubt('fed', '9 cents for 61 s');
    expect(standing(doubted)).toEqual(['quarantined', 'gap.doubted: 9 cents for 61 s']);
  });

  it('keeps a quarantine through a restart', () => {
    const rig = registryRig(new Map([['fed', 'gap.doubted: 9 cents for 61 s']]));
    rig.pairs.load([rig.terms], [], 'file');
    rig.pairs.observe('fed', BOTH);
    expect(standing(rig)).toEqual(['quarantined', 'gap.doubted: 9 cents for 61 s']);
  });

  it('ends entries and touches nothing else when a pair is revoked (U4)', () => {
    const rig = tradable();
    rig.records.splice(0);
    rig.pairs.revoke('fed', 'ann', 'read again');
    expect(rig.pairs.isTradable('fed')).toBe(false);
    expect(rig.records).toMatchObject([
      { kind: 'command', by: 'ann', command: 'revokePair', parameters: { pairId: 'fed' } },
      { kind: 'transition', actor: 'pair/fed', to: 'suspended', effects: ['announceUntradable'] },
    ]);
  });

  it('does not trade a pair whose actor is gone', () => {
    const rig = tradable();
    const actor = rig.runtime.started.get('pair/fed');
    if (actor !== undefined) rig.runtime.stop(actor);
    expect([rig.pairs.isTradable('fed'), standing(rig)[0]]).toEqual([false, 'dead']);
  });
});
