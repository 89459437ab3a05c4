/** What an attempt leaves whose own actor broke: nobody decides for it any more, and nothing of it is forgotten. */
import { describe, expect, it } from 'vitest';
import type { SettlementStep } from '../../src/sim/polymarket/settlement.ts';
import { FAIR, GAP, level, onMatch, type Quotes, type Scenario, scenarios } from './rig.ts';

const begin = scenarios();

type Settlement = readonly SettlementStep[];

const LOOKS_MS = 6_500;
const ELEVEN = 11_000_000;
const FIFTY = 50_000_000;
/** Fifty sets: one leg alone costs more than may be unhedged. */
const DEEP: Quotes = {
  kalshi: { bids: [level(38, 200)], asks: [level(41, 200)] },
  polymarket: { bids: [level(48, 200)], asks: [level(52, 200)] },
};

const quickLooks = {
  polymarket: { gammaResolutionLagMs: 500 },
  profile: (one) => ({ ...one, position: { ...one.position, checkMsMin: 1_000, checkMsMax: 2_000 } }),
} satisfies Parameters<typeof begin>[0];

/** The live attempt breaks over news that no leg sends. */
function breakAttempt(at: Scenario): void {
  const { runtime, strategy } = at.trading;
  const [attempt] = Object.values(strategy.actor.getSnapshot().children);
  runtime.send(attempt as never, { type: 'leg.reported', report: null } as never);
}

/** An order breaks over a fill that nobody can count. */
function breakOrphan(at: Scenario, actorId: string): void {
  const { runtime, strategy } = at.trading;
  const orphan = (strategy.actor.getSnapshot().children as Readonly<Record<string, never>>)[actorId];
  runtime.send(
    orphan as never,
    { type: 'fill.reported', tradeId: 't', sizeE6: 0.5, cashMicroUsd: 0, settlement: 'final' } as never,
  );
}

/** What its orders have cost, as they were last known. */
function cashOf({ trading, approvals }: Scenario): number {
  const started = approvals.find((approval) => approval.kind === 'started');
  const reports = trading.registry.endedOf(started?.plan.attemptId ?? '');
  return reports.reduce((sum, { cashMicroUsd }) => sum + cashMicroUsd, 0);
}

/** Only its leg at Polymarket has filled, nobody trades any more, and a person closes it before the chain has spoken. */
async function takenOver(at: Scenario, settlement: Settlement) {
  at.polymarket.sim.control.scriptSettlement(settlement);
  const sellers = { bids: [level(48, 100)], asks: [] };
  await at.open({ after: { kalshi: { bids: [], asks: [] }, polymarket: sellers }, afterMs: 0 });
  await at.until(() => at.attempt === 'stuck.waiting');
  const { attemptId = '' } = at.trading.strategy.actor.getSnapshot().context.attempts[0] ?? {};
  const triggers = at.triggers.length;
  at.trading.strategy.closeAttempt(attemptId, 'ann', 'sells it elsewhere');
  await at.until(() => at.attempt === 'gone');
  await at.run(500);
  return { triggers };
}

async function orphansEnd(at: Scenario): Promise<void> {
  await at.until(() => at.trading.strategy.actor.getSnapshot().context.orphans.length === 0);
  await at.settled({ faults: true });
}

/** Contracts that were paid are no fills, and the checks of the rig are about fills: time passes without them. */
async function paid(at: Scenario): Promise<void> {
  for (const name of ['kalshi', 'polymarket'] as const) at.side(name).house = () => undefined;
  at.kalshi.sim.lifecycle.determine(at.kalshi.listing.venueKey, { result: 'yes' });
  at.kalshi.sim.lifecycle.settle(at.kalshi.listing.venueKey);
  at.polymarket.sim.control.lifecycle.resolve(at.polymarket.listing.venueKey, [1_000_000, 0]);
  await at.venues.time.advance(2 * LOOKS_MS);
}

describe('an attempt that broke', () => {
  it('leaves a position once both legs had filled, which is watched until it is paid', async () => {
    const at = await begin(quickLooks);
    at.polymarket.sim.control.scriptSettlement([{ status: 'CONFIRMED', afterMs: 3_000 }]);
    await at.open();
    await at.until(() => at.attempt === 'balanced');
    breakAttempt(at);
    await orphansEnd(at);
    const held = at.positions.at(-1);
    await paid(at);
    expect(held).toMatchObject({ standing: 'open', legs: [{ sizeE6: ELEVEN }, { sizeE6: ELEVEN }] });
    expect(at.positions.at(-1)).toMatchObject({ standing: 'settled', paidMicroUsd: ELEVEN, lockedMicroUsd: 0 });
    expect(at.trading.exposures.span()).toEqual({ leastMicroUsd: 0, mostMicroUsd: 0 });
    expect(at.triggers).toEqual(['ACTOR_FAULT', 'ACTOR_FAULT']);
  });

  it('leaves a position that stands one-sided where one leg had filled, and blocks entries', async () => {
    const at = await begin(quickLooks);
    at.setFaults('polymarket', { id: 'O6', ...onMatch.polymarket });
    await at.open({ quotes: DEEP });
    await at.until(() => at.received('kalshi') + at.received('polymarket') === 2);
    breakAttempt(at);
    await orphansEnd(at);
    await at.run(6_000);
    expect([at.truth, at.intended.length, at.breaker]).toEqual([{ kalshi: 50, yes: 0, no: 0 }, 2, 'latched']);
    expect(at.positions.at(-1)).toMatchObject({ standing: 'oneSided', legs: [{ sizeE6: FIFTY }, { sizeE6: 0 }] });
    expect(at.triggers.filter((kind) => kind === 'UNHEDGED').length).toBeGreaterThan(0);
    const unhedged = (await at.venues.time.patiently(at.trading.books.checks())).find(
      ({ name }) => name === 'nothing is unhedged',
    );
    expect(unhedged?.isClean).toBe(false);
    await paid(at);
    expect(at.positions.at(-1)).toMatchObject({ standing: 'settled', paidMicroUsd: FIFTY });
    expect(at.trading.exposures.span()).toEqual({ leastMicroUsd: 0, mostMicroUsd: 0 });
  });
});

describe('what was left of an attempt that broke', () => {
  it('hears of a fill that comes late: its position does, and nobody repairs it', async () => {
    const at = await begin({ ...quickLooks, policy: 'makerThenHedge', liesMs: { kalshi: 1_000 } });
    at.setFaults('kalshi', { id: 'O11', times: 1, parameters: { sizeE6: 8_000_000, delayMs: 60_000 } });
    await at.open({ after: GAP });
    await at.run(500);
    at.kalshi.counterparty('sell', level(39, 3));
    await at.run(500);
    at.quote({ ...FAIR, polymarket: GAP.polymarket });
    breakAttempt(at);
    await orphansEnd(at);
    const before = at.positions.at(-1);
    const sent = at.intended.length;
    await at.until(() => at.trading.strategy.actor.getSnapshot().context.orphans.length > 0, 90_000);
    await orphansEnd(at);
    expect(before).toMatchObject({ standing: 'open', legs: [{ sizeE6: 3_000_000 }, { sizeE6: 3_000_000 }] });
    expect(at.positions.at(-1)).toMatchObject({
      standing: 'oneSided',
      legs: [{ sizeE6: ELEVEN }, { sizeE6: 3_000_000 }],
    });
    expect(at.journal.recordsOf('spawn').filter(({ machine }) => machine === 'position')).toHaveLength(1);
    expect([at.intended.length, at.truth]).toEqual([sent, { kalshi: 11, yes: 0, no: 3 }]);
    expect(at.triggers).toEqual(expect.arrayContaining(['LATE_FILL', 'UNHEDGED']));
    await paid(at);
    expect(at.positions.at(-1)).toMatchObject({ standing: 'settled', paidMicroUsd: ELEVEN });
    expect(at.trading.exposures.span()).toEqual({ leastMicroUsd: 0, mostMicroUsd: 0 });
  });

  it('keeps no room for an order whose actor broke again, once its venue has said that it is over', async () => {
    const at = await begin(quickLooks);
    at.polymarket.sim.control.scriptSettlement([{ status: 'CONFIRMED', afterMs: 3_000 }]);
    at.setFaults('kalshi', { id: 'O6', ...onMatch.kalshi });
    await at.open();
    await at.until(() => at.received('kalshi') + at.received('polymarket') === 2);
    breakAttempt(at);
    await at.until(() => at.trading.strategy.actor.getSnapshot().context.orphans.length > 0);
    for (const { actorId } of at.trading.strategy.actor.getSnapshot().context.orphans) breakOrphan(at, actorId);
    const [reserved] = [at.trading.exposures.span().mostMicroUsd, await at.run(1_000)];
    await orphansEnd(at);
    const { mostMicroUsd } = at.trading.exposures.span();
    expect(reserved).toBeGreaterThan(mostMicroUsd);
    expect([at.truth, mostMicroUsd]).toEqual([{ kalshi: 0, yes: 0, no: 11 }, cashOf(at)]);
    expect(at.positions.at(-1)).toMatchObject({ standing: 'oneSided', legs: [{ sizeE6: 0 }, { sizeE6: ELEVEN }] });
  });
});

describe('an attempt that a person took over', () => {
  it('has its matches followed: one that fails on chain is taken back in belief, books and position', async () => {
    const at = await begin(quickLooks);
    const { triggers } = await takenOver(at, [
      { status: 'MINED', afterMs: 1_000 },
      { status: 'FAILED', afterMs: 40_000 },
    ]);
    const held = at.positions.at(-1);
    const before = at.trading.exposures.spanOf(at.polymarket.no);
    await orphansEnd(at);
    expect([held?.standing, held?.legs.map(({ sizeE6 }) => sizeE6)]).toEqual(['oneSided', [0, ELEVEN]]);
    expect([before, at.truth]).toEqual([
      { leastE6: 0, mostE6: ELEVEN },
      { kalshi: 0, yes: 0, no: 0 },
    ]);
    expect(at.triggers.slice(triggers)).toContain('TRADE_FAILED');
    expect(at.positions.at(-1)).toMatchObject({ standing: 'closed', legs: [{ sizeE6: 0 }, { sizeE6: 0 }] });
    expect(at.trading.exposures.span()).toEqual({ leastMicroUsd: 0, mostMicroUsd: 0 });
  });

  it('has its matches followed until they are confirmed, and changes nothing that was so already', async () => {
    const at = await begin(quickLooks);
    await takenOver(at, [
      { status: 'MINED', afterMs: 1_000 },
      { status: 'CONFIRMED', afterMs: 40_000 },
    ]);
    const known = at.positions.length;
    await orphansEnd(at);
    expect(
      at.positions
        .slice(known)
        .map(({ standing }) => standing)
        .filter((standing) => standing !== 'oneSided'),
    ).toEqual([]);
    expect(at.trading.exposures.spanOf(at.polymarket.no)).toEqual({ leastE6: ELEVEN, mostE6: ELEVEN });
    expect(at.positions.at(-1)).toMatchObject({ standing: 'oneSided', legs: [{ sizeE6: 0 }, { sizeE6: ELEVEN }] });
  });

  it('leaves its one leg as a position that stands one-sided', async () => {
    const at = await begin(quickLooks);
    at.setFaults('polymarket', { id: 'O6', ...onMatch.polymarket });
    const deserted = { bids: [], asks: [level(41, 20)] };
    await at.open({ after: { kalshi: deserted, polymarket: { bids: [], asks: [level(52, 100)] } }, afterMs: 0 });
    await at.until(() => at.attempt === 'stuck.waiting');
    await at.run(12_000);
    const { attemptId = '' } = at.trading.strategy.actor.getSnapshot().context.attempts[0] ?? {};
    at.trading.strategy.closeAttempt(attemptId, 'ann', 'sells it elsewhere');
    await at.settled();
    expect(at.positions.at(-1)).toMatchObject({ standing: 'oneSided', legs: [{ sizeE6: ELEVEN }, { sizeE6: 0 }] });
    expect(at.journal.recordsOf('command').at(-1)).toMatchObject({
      by: 'ann',
      command: 'closeAttempt',
      parameters: { attemptId, reason: 'sells it elsewhere' },
    });
    await paid(at);
    expect(at.positions.at(-1)).toMatchObject({ standing: 'settled', paidMicroUsd: ELEVEN });
  });
});
