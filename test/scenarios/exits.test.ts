/** What a person closes of a basket before its markets end. */
import { describe, expect, it } from 'vitest';
import type { Fill } from '../../src/domain/ports/venue.ts';
import { microUsd, priceE4, sizeE6 } from '../../src/domain/units.ts';
import { FAIR, GAP, level, type Scenario, scenarios } from './rig.ts';

const begin = scenarios();
const LOOKS_MS = 6_500;
const ELEVEN = 11_000_000;

const quickLooks = {
  polymarket: { gammaResolutionLagMs: 500 },
  profile: (one) => ({ ...one, position: { ...one.position, checkMsMin: 1_000, checkMsMax: 2_000 } }),
} satisfies Parameters<typeof begin>[0];

async function held() {
  const at = await begin(quickLooks);
  const { ledger, exposures } = at.trading;
  const cash = () => ledger.cash('kalshi') + ledger.cash('polymarket');
  const before = cash();
  await at.open();
  await at.settled();
  const { clock } = at.venues;
  return {
    at,
    gain: () => cash() - before,
    day: () => exposures.dayCounters({ nowMs: clock.nowMs(), wall: clock.wall() }).pnlMicroUsd,
  };
}

function close(at: Scenario, leg: number) {
  const { positionId = '' } = at.trading.books.positions.at(-1) ?? {};
  return at.trading.closeLeg({ positionId, leg, by: 'ann', reason: 'rather not' });
}

/** Every order of its is over. */
async function sold(at: Scenario): Promise<void> {
  await at.until(() => at.intended.at(-1)?.endsWith('exit') === true);
  await at.settled({ faults: true });
}

/** All of the leg at Kalshi, by nobody whom we know. */
function saleByHand({ kalshi }: Scenario): Fill {
  return {
    tradeId: 'by-hand',
    venueOrderId: 'by-hand',
    clientOrderId: undefined,
    instrument: kalshi.yes,
    action: 'sell',
    priceE4: priceE4(4_800),
    sizeE6: sizeE6(ELEVEN),
    feeMicroUsd: microUsd(0),
    role: 'taker',
    settlement: 'final',
    venueAt: undefined,
  };
}

/** It breaks over news that no order sends. */
function breakExit(at: Scenario, leg: number): void {
  const { runtime, books } = at.trading;
  const holder = books.held.actorOf(books.positions.at(-1)?.positionId ?? '');
  const { children = {} } = (holder?.getSnapshot() ?? {}) as { readonly children?: Readonly<Record<string, unknown>> };
  const exit = children[`exit/${leg}`];
  runtime.send(exit as never, { type: 'leg.reported', report: null } as never);
}

/** Contracts that were paid are no fills, and the checks of the rig are about fills: time passes without them. */
async function paid(at: Scenario, payouts: readonly [number, number] = [0, 1_000_000]): Promise<void> {
  for (const name of ['kalshi', 'polymarket'] as const) at.side(name).house = () => undefined;
  at.kalshi.sim.lifecycle.determine(at.kalshi.listing.venueKey, { result: 'yes' });
  at.kalshi.sim.lifecycle.settle(at.kalshi.listing.venueKey);
  at.polymarket.sim.control.lifecycle.resolve(at.polymarket.listing.venueKey, payouts);
  await at.venues.time.advance(2 * LOOKS_MS);
  if (payouts[1] === 0) return;
  at.polymarket.redeem();
  await at.venues.time.advance(2 * LOOKS_MS);
}

describe('a leg that a person closes', () => {
  it('is sold at its venue, and its partner stands one-sided', async () => {
    const { at } = await held();
    const answer = close(at, 0);
    await sold(at);
    const { leastE6, mostE6 } = at.trading.exposures.spanOf(at.kalshi.yes);
    expect([answer, at.intended.slice(2)]).toEqual([{ kind: 'asked' }, ['kalshi sell 11 @45 exit']]);
    expect([at.truth, leastE6, mostE6]).toEqual([{ kalshi: 0, yes: 0, no: 11 }, 0, 0]);
    expect(at.positions.at(-1)).toMatchObject({ standing: 'oneSided', legs: [{ sizeE6: 0 }, { sizeE6: ELEVEN }] });
    expect(at.triggers).toContain('UNHEDGED');
    expect(close(at, 0).kind).toBe('refused');
    const [asked, again] = at.journal.recordsOf('command').filter(({ command }) => command === 'closeLeg');
    expect([asked, again]).toMatchObject([{ by: 'ann', parameters: { leg: 0, reason: 'rather not' } }, { by: 'ann' }]);
  });

  it('counts in the day what it brought, once its partner is paid', async () => {
    const { at, gain, day } = await held();
    close(at, 0);
    await sold(at);
    const early = day();
    await paid(at);
    expect([early, at.positions.at(-1)?.standing]).toEqual([0, 'settled']);
    expect(at.trading.ledger.cash('kalshi')).not.toBe(0);
    expect(day()).toBe(gain());
  });

  it('counts in the day without any payout where its partner is closed as well', async () => {
    const { at, gain, day } = await held();
    close(at, 0);
    close(at, 1);
    await sold(at);
    await at.run(1_000);
    expect([at.truth, at.positions.at(-1)?.standing]).toEqual([{ kalshi: 0, yes: 0, no: 0 }, 'closed']);
    expect(gain()).toBeLessThan(0);
    expect(day()).toBe(gain());
    expect(at.trading.exposures.span()).toEqual({ leastMicroUsd: 0, mostMicroUsd: 0 });
  });

  it('is taken back from the day with the payout of its partner', async () => {
    const { at, gain, day } = await held();
    close(at, 0);
    await sold(at);
    await paid(at, [1_000_000, 0]);
    const counted = day() === gain();
    const { lifecycle } = at.polymarket.sim.control;
    lifecycle.revise(at.polymarket.listing.venueKey, [500_000, 500_000]);
    await at.venues.time.advance(2 * LOOKS_MS);
    const takenBack = day();
    at.polymarket.redeem();
    await at.venues.time.advance(2 * LOOKS_MS);
    expect([counted, takenBack]).toEqual([true, 0]);
    expect(at.positions.at(-1)?.standing).toBe('settled');
    expect(day()).toBe(gain());
  });

  it('is not sold a second time when something else has sold it meanwhile (S18)', async () => {
    const { at } = await held();
    close(at, 0);
    at.trading.books.takeIn(
      { fill: saleByHand(at), order: undefined, report: undefined, isContradiction: false },
      at.trading.strategy,
    );
    const heard = at.journal.recordsOf('transition').filter(({ machine }) => machine === 'exit');
    expect(at.intended.slice(2)).toEqual(['kalshi sell 11 @45 exit']);
    expect(heard.map(({ event, to }) => [event.type, to])).toContainEqual(['holding.fell', 'cancelling']);
    expect(at.journal.recordsOf('transition').at(-1)).toMatchObject({ machine: 'exit', to: 'pausing' });
  });

  it('is followed when its exit breaks while the order is on its way', async () => {
    const { at } = await held();
    close(at, 0);
    const sent = at.received('kalshi');
    await at.until(() => at.received('kalshi') > sent);
    breakExit(at, 0);
    await at.settled({ faults: true });
    const { leastE6, mostE6 } = at.trading.exposures.spanOf(at.kalshi.yes);
    expect([at.truth.kalshi, leastE6, mostE6, at.intended.slice(2)]).toEqual([0, 0, 0, ['kalshi sell 11 @45 exit']]);
    expect(at.positions.at(-1)).toMatchObject({ standing: 'oneSided', legs: [{ sizeE6: 0 }, { sizeE6: ELEVEN }] });
    expect(at.triggers).toContain('ACTOR_FAULT');
  });
});

describe('a leg of which something was sold', () => {
  it('holds no contracts that an exit sold after a late fill of its attempt', async () => {
    const at = await begin({ ...quickLooks, policy: 'makerThenHedge', liesMs: { kalshi: 1_000 } });
    at.setFaults('kalshi', { id: 'O11', times: 1, parameters: { sizeE6: 5_000_000, delayMs: 60_000 } });
    await at.open({ after: GAP });
    await at.run(500);
    at.kalshi.counterparty('sell', level(39, 6));
    await at.run(500);
    at.quote({ ...FAIR, polymarket: GAP.polymarket });
    await at.until(() => at.attempt === 'gone');
    close(at, 1);
    await at.until(() => at.truth.no === 0);
    await at.until(() => at.attempt !== 'gone', 90_000);
    await at.settled({ faults: true });
    expect(at.truth).toEqual({ kalshi: 11, yes: 0, no: 5 });
    expect(at.positions.at(-1)?.legs.map(({ sizeE6 }) => sizeE6)).toEqual([ELEVEN, 5_000_000]);
  });
});
