/** What an attempt leaves whose own actor broke: nobody decides for it any more, and nothing of it is forgotten. */
import { describe, expect, it } from 'vitest';
import { level, onMatch, type Quotes, type Scenario, scenarios } from './rig.ts';

const begin = scenarios();
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

describe('an attempt that a person took over', () => {
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
    await paid(at);
    expect(at.positions.at(-1)).toMatchObject({ standing: 'settled', paidMicroUsd: ELEVEN });
  });
});
