/** Section 1.6: what the venues decide, and what they take back. */
import { describe, expect, it } from 'vitest';
import type { PositionReport } from '../../src/machines/position-facts.ts';
import { type Scenario, scenarios } from './rig.ts';

const begin = scenarios();

const CONFIRMED_MS = 11_000;
const LOOKS_MS = 6_500;
const PAID_OUT = { yes: [1_000_000, 0], no: [0, 1_000_000], half: [500_000, 500_000] } as const;

/** Eleven sets, YES at Kalshi and NO at Polymarket, with every match confirmed. */
async function held(): Promise<Scenario> {
  const at = await begin({
    polymarket: { gammaResolutionLagMs: 500 },
    profile: (one) => ({ ...one, position: { ...one.position, checkMsMin: 1_000, checkMsMax: 2_000 } }),
  });
  await at.open();
  await at.settled();
  await at.run(CONFIRMED_MS);
  for (const name of ['kalshi', 'polymarket'] as const) at.side(name).house = () => undefined;
  return at;
}

/** Contracts that were paid are no fills, and the checks of the rig are about fills: time passes without them. */
async function later(at: Scenario, ms: number): Promise<void> {
  await at.venues.time.advance(ms);
  expect(at.trading.ledger.sum()).toBe(0n);
}

function last(at: Scenario): PositionReport {
  const report = at.positions.at(-1);
  if (report === undefined) throw new Error('expected a position, found none');
  return report;
}

/** What the ledger believes to have less what there is. */
function cashDiffers(at: Scenario): readonly number[] {
  return (['kalshi', 'polymarket'] as const).map((name) => at.trading.ledger.cash(name) - at.side(name).truth.cash());
}

function redeem(at: Scenario): void {
  const token = at.polymarket.no.book.slice('polymarket/'.length);
  const ours = at.polymarket.sim.control
    .positions()
    .find(({ tokenId, sharesE6 }) => tokenId === token && sharesE6 === 11_000_000);
  at.polymarket.sim.control.chain.redeem(ours?.wallet ?? '', at.polymarket.listing.venueKey);
}

describe('resolution', () => {
  it('S44 › one venue pays while the other is disputed: half settled, and capital and profit show it', async () => {
    const at = await held();
    const before = { cash: at.trading.ledger.cash('kalshi'), locked: last(at).lockedMicroUsd };
    at.kalshi.sim.lifecycle.determine(at.kalshi.listing.venueKey, { result: 'yes' });
    await later(at, LOOKS_MS);
    expect(last(at)).toMatchObject({ standing: 'halfSettled', dueMicroUsd: 11_000_000, paidMicroUsd: 0 });
    at.kalshi.sim.lifecycle.settle(at.kalshi.listing.venueKey);
    at.setFaults('polymarket', { id: 'C5', parameters: { durationMs: 8_000 } });
    at.polymarket.sim.control.lifecycle.resolve(at.polymarket.listing.venueKey, PAID_OUT.yes);
    await later(at, LOOKS_MS);
    // Paid here, locked there: what is left is worth what it cost, and nothing is earned before it is decided.
    expect(['halfSettled', 'disputed']).toContain(last(at).standing);
    expect(last(at).paidMicroUsd).toBe(11_000_000);
    expect(last(at).lockedMicroUsd).toBeGreaterThan(0);
    expect(last(at).lockedMicroUsd).toBeLessThan(before.locked);
    expect(at.trading.ledger.cash('kalshi')).toBe(before.cash + 11_000_000);
    await later(at, 8_000);
    expect(last(at)).toMatchObject({ standing: 'settled', lockedMicroUsd: 0 });
    expect(cashDiffers(at)).toEqual([0, 0]);
    expect(at.triggers).toEqual([]);
  });

  it('S46 › a payout that is taken back is taken back by a posting of its own, and paid anew', async () => {
    const at = await held();
    at.kalshi.sim.lifecycle.determine(at.kalshi.listing.venueKey, { result: 'no' });
    at.kalshi.sim.lifecycle.settle(at.kalshi.listing.venueKey);
    at.polymarket.sim.control.lifecycle.resolve(at.polymarket.listing.venueKey, PAID_OUT.no);
    await later(at, LOOKS_MS);
    redeem(at);
    await later(at, LOOKS_MS);
    expect(last(at)).toMatchObject({ standing: 'settled', paidMicroUsd: 11_000_000 });
    expect(cashDiffers(at)).toEqual([0, 0]);
    const postings = at.journal.recordsOf('ledger').length;
    at.polymarket.sim.control.lifecycle.revise(at.polymarket.listing.venueKey, PAID_OUT.half);
    await later(at, LOOKS_MS);
    const added = at.journal.recordsOf('ledger').slice(postings);
    expect(added.map(({ transaction }) => transaction.kind)).toEqual(['reversal']);
    expect(last(at)).toMatchObject({ standing: 'halfSettled', paidMicroUsd: 0, dueMicroUsd: 5_500_000 });
    expect([at.triggers, at.breaker]).toEqual([['SETTLED_DIFFERENTLY'], 'latched']);
  });

  it('S46 › what was paid and taken back is exposure again, and counts once in the day when it is paid anew', async () => {
    const at = await held();
    const { exposures } = at.trading;
    const { clock } = at.venues;
    const today = (): number => exposures.dayCounters({ nowMs: clock.nowMs(), wall: clock.wall() }).pnlMicroUsd;
    const costMicroUsd = last(at).lockedMicroUsd;
    at.kalshi.sim.lifecycle.determine(at.kalshi.listing.venueKey, { result: 'yes' });
    at.kalshi.sim.lifecycle.settle(at.kalshi.listing.venueKey);
    at.polymarket.sim.control.lifecycle.resolve(at.polymarket.listing.venueKey, PAID_OUT.yes);
    await later(at, LOOKS_MS);
    const paid = [exposures.span().mostMicroUsd, today()];
    at.polymarket.sim.control.lifecycle.revise(at.polymarket.listing.venueKey, PAID_OUT.half);
    await later(at, LOOKS_MS);
    const { leastE6, mostE6 } = exposures.spanOf(at.polymarket.no);
    const takenBack = [leastE6, mostE6, exposures.span().mostMicroUsd, today()];
    redeem(at);
    await later(at, LOOKS_MS);
    expect(paid).toEqual([0, 11_000_000 - costMicroUsd]);
    expect(takenBack).toEqual([11_000_000, 11_000_000, last(at).legs[1]?.costMicroUsd, 0]);
    expect([exposures.span().mostMicroUsd, today()]).toEqual([0, 16_500_000 - costMicroUsd]);
    expect(cashDiffers(at)).toEqual([0, 0]);
  });
});
