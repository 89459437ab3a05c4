import { describe, expect, it } from 'vitest';
import { contracts, microUsd, priceE4, sizeE6, USD } from '../../src/domain/units.ts';
import type { ExitContext } from '../../src/machines/exit.events.ts';
import { type BasketHeld, basketHeld, LAG_MS, patience, SIZE } from '../support/basket-held.ts';
import { level, type TwoVenues } from '../support/two-venues.ts';
import { orderOn } from '../support/two-venues-legs.ts';

/** Until the slowest look has surely come round, and another one. */
const LOOKS_MS = 2 * patience.checkMsMax + 1_000;

/** Rests above every bid. */
const SALE = {
  role: 'unwind',
  action: 'sell',
  limitE4: priceE4(9_000),
  sizeE6: SIZE,
  timeInForce: 'goodTillCanceled',
  reduceOnly: true,
  isReducing: true,
} as const;

async function settledBasket(result: 'yes' | 'no') {
  const held = await basketHeld();
  held.decideKalshi(result);
  held.payKalshi();
  held.resolvePolymarket(result);
  await held.advance(LOOKS_MS);
  if (result === 'no') held.redeem();
  await held.advance(LOOKS_MS);
  return held;
}

describe('position whose attempt was taken up again', () => {
  it('may differ by what is dust now, and by no more', async () => {
    const held = await basketHeld();
    const dust = (moreE6: number, dustE6: number) =>
      held.send({
        type: 'holding.changed',
        held: [{ leg: 0, sizeE6: sizeE6(SIZE + moreE6), costMicroUsd: microUsd(5.2 * USD) }],
        dustE6: sizeE6(dustE6),
        reason: 'test',
      });
    dust(500_000, 500_000);
    const [more, told] = [held.state, [...held.kinds]];
    dust(500_000, 0);
    expect([more, told, held.state, held.kinds]).toEqual(['held.open', [], 'held.oneSided', ['UNHEDGED']]);
  });
});

describe('position at both venues', () => {
  it('is open while both markets trade', async () => {
    const held = await basketHeld();
    expect(held.state).toBe('held.open');
    expect(held.last).toMatchObject({ standing: 'open', lockedMicroUsd: 10.4 * USD, dueMicroUsd: 0 });
  });

  it('books nothing on a result that is not paid', async () => {
    const held = await basketHeld();
    held.decideKalshi('yes');
    await held.advance(LOOKS_MS);
    expect(held.state).toBe('held.halfSettled');
    expect(held.last).toMatchObject({ lockedMicroUsd: 10.4 * USD, dueMicroUsd: SIZE, paidMicroUsd: 0 });
    expect(held.world.accounts.ledger.holding({ venue: 'kalshi', market: 'x', outcome: 'yes' }).sizeE6).toBe(0);
    expect(held.released).toEqual([]);
  });

  it('shows what is locked while one venue paid and the other has not spoken', async () => {
    const held = await basketHeld();
    held.decideKalshi('yes');
    held.payKalshi();
    await held.advance(LOOKS_MS);
    expect(held.state).toBe('held.halfSettled');
    expect(held.last).toMatchObject({ lockedMicroUsd: 5.2 * USD, paidMicroUsd: SIZE });
    expect(held.released).toEqual([held.world.kalshi.yes.book]);
  });

  it('settles when both have paid, and closes when nobody can take it back', async () => {
    const held = await settledBasket('yes');
    expect(held.state).toBe('held.settled');
    expect(held.kinds).toEqual([]);
    await held.advance(patience.revisionMs + 1_000);
    expect(held.state).toBe('closed');
  });

  it('earns the same whichever way the event goes (I24)', async () => {
    const [yes, no] = [await settledBasket('yes'), await settledBasket('no')];
    expect([yes.state, no.state]).toEqual(['held.settled', 'held.settled']);
    expect(yes.pnl()).toBe(no.pnl());
  });

  it('waits for the redemption, and says so when it is late (C4)', async () => {
    const held = await basketHeld();
    held.decideKalshi('no');
    held.payKalshi();
    held.resolvePolymarket('no');
    await held.advance(patience.paymentMsMax + LOOKS_MS);
    expect(held.state).toBe('held.halfSettled');
    expect(held.last).toMatchObject({ dueMicroUsd: SIZE, lockedMicroUsd: 5.2 * USD });
    expect(held.overdue.length).toBeGreaterThan(0);
    held.redeem();
    await held.advance(LOOKS_MS);
    expect(held.state).toBe('held.settled');
  });

  it('stands in dispute while a venue does, and takes the result that comes out of it', async () => {
    const held = await basketHeld();
    held.decideKalshi('yes');
    await held.advance(LOOKS_MS);
    const { lifecycle } = held.world.kalshi.sim;
    lifecycle.dispute(held.world.kalshi.listing.venueKey);
    await held.advance(LOOKS_MS);
    expect(held.state).toBe('held.disputed');
    lifecycle.amendResult(held.world.kalshi.listing.venueKey, { result: 'no' });
    await held.advance(LOOKS_MS);
    expect(held.state).toBe('held.halfSettled');
    expect(held.last.dueMicroUsd).toBe(0);
  });

  it('stands in dispute while the chain does', async () => {
    const held = await basketHeld();
    held.world.polymarket.setFaults({ id: 'C5', times: 1 });
    held.resolvePolymarket('no');
    await held.advance(LOOKS_MS);
    expect(held.state).toBe('held.disputed');
  });

  it('reports a loss of the match when both venues decide against us', async () => {
    const held = await basketHeld();
    held.decideKalshi('no');
    held.resolvePolymarket('yes');
    await held.advance(LOOKS_MS);
    expect(held.kinds).toEqual(['SETTLED_DIFFERENTLY']);
  });

  it('reports a loss of the match when both decide for us', async () => {
    const held = await basketHeld();
    held.decideKalshi('yes');
    held.resolvePolymarket('no');
    await held.advance(LOOKS_MS);
    expect(held.kinds).toEqual(['SETTLED_DIFFERENTLY']);
  });

  it('is one-sided when one venue voids and the other goes on', async () => {
    const held = await basketHeld();
    held.world.polymarket.setFaults({ id: 'C7', times: 1 });
    held.resolvePolymarket('yes');
    await held.advance(LOOKS_MS);
    expect(held.state).toBe('held.oneSided');
    expect(held.kinds).toEqual(['UNHEDGED']);
  });

  it('takes a payout back that its venue reversed, by a posting of its own (S46)', async () => {
    const held = await settledBasket('yes');
    const before = held.pnl();
    const { polymarket, accounts } = held.world;
    polymarket.sim.control.lifecycle.revise(polymarket.listing.venueKey, [500_000, 500_000]);
    await held.advance(LOOKS_MS);
    expect(held.reports.map(({ standing }) => standing)).toContain('reversed');
    expect(held.state).toBe('held.halfSettled');
    expect(held.kinds).toEqual(['SETTLED_DIFFERENTLY']);
    held.redeem();
    await held.advance(LOOKS_MS);
    expect(held.state).toBe('held.settled');
    expect(held.pnl() - before).toBe(SIZE / 2);
    expect(accounts.ledger.sum()).toBe(0n);
  });

  it('looks at once when a venue says that something changed', async () => {
    const held = await basketHeld();
    await held.advance(8_000);
    held.decideKalshi('yes');
    held.desk.onMarketData({
      kind: 'listing.changed',
      venue: 'kalshi',
      venueKey: held.world.kalshi.listing.venueKey,
      change: 'determined',
      detail: {},
    });
    await held.advance(50);
    expect(held.state).toBe('held.halfSettled');
  });

  it('learns nothing from a venue that does not answer', async () => {
    const held = await basketHeld();
    held.decideKalshi('yes');
    held.world.kalshi.setPlugged(false);
    held.world.polymarket.setPlugged(false);
    await held.advance(15_000);
    expect(held.state).toBe('held.open');
    held.world.kalshi.setPlugged(true);
    held.world.polymarket.setPlugged(true);
    await held.advance(15_000);
    expect(held.state).toBe('held.halfSettled');
  });
});

/** Every leg rests for sale at its take profit. */
async function resting() {
  const held = await basketHeld(
    {},
    { hasExits: true, exitStyle: 'resting', polymarket: { gammaResolutionLagMs: LAG_MS } },
  );
  await held.advance(2_000);
  return held;
}

function breakExit({ actor, world }: BasketHeld, leg: number): void {
  const exit = (actor.getSnapshot().children as Readonly<Record<string, never>>)[`exit/${leg}`];
  world.runtime.send(exit as never, { type: 'leg.reported', report: null } as never);
}

describe('position with an exit that breaks', () => {
  it.each(['kalshi', 'polymarket'] as const)(
    'has its order at %s taken off, and believes what is so',
    async (venue) => {
      const held = await resting();
      const side = held.world.side(venue);
      const before = [side.truth.restingIds().length, held.exposures.spanOf(heldAt(held, venue)).leastE6];
      breakExit(held, venue === 'kalshi' ? 0 : 1);
      await held.advance(1_000);
      expect([before, side.truth.restingIds()]).toEqual([[1, 0], []]);
      await held.advance(60_000);
      expect(held.exposures.spanOf(heldAt(held, venue))).toEqual({ leastE6: SIZE, mostE6: SIZE });
      expect(held.actor.getSnapshot().context.broken).toEqual([]);
      expect(held.kinds).toEqual(['ACTOR_FAULT']);
    },
  );

  it('hears what its order sold afterwards, as often as it breaks', async () => {
    const held = await resting();
    const { kalshi } = held.world;
    kalshi.setPlugged(false);
    breakExit(held, 0);
    await held.advance(10);
    breakExit(held, 0);
    kalshi.counterparty('buy', level(55, 4));
    kalshi.setPlugged(true);
    await held.advance(40_000);
    const left = SIZE - contracts(4);
    expect([kalshi.truth.matchedE6(kalshi.yes), kalshi.truth.restingIds()]).toEqual([left, []]);
    expect(held.exposures.spanOf(kalshi.yes)).toEqual({ leastE6: left, mostE6: left });
    expect(held.actor.getSnapshot().context.legs.map(({ sizeE6: size }) => size)).toEqual([left, SIZE]);
    expect(held.actor.getSnapshot().context.sales).toMatchObject([{ leg: 0, sizeE6: contracts(4) }]);
  });
});

describe('position whose legs are sold before their markets end', () => {
  it('holds what its attempt left, less what exits sold', async () => {
    const held = await resting();
    held.world.kalshi.counterparty('buy', level(55, 4));
    await held.advance(2_000);
    const cost = 5.72 * USD;
    held.send({
      type: 'holding.changed',
      held: [{ leg: 0, sizeE6: contracts(11), costMicroUsd: microUsd(cost) }],
      reason: 'a late fill',
    });
    const [leg] = held.actor.getSnapshot().context.legs;
    expect([leg?.sizeE6, leg?.costMicroUsd]).toEqual([contracts(7), (cost * 7) / 11]);
    expect(exitContext(held, 0).sizeE6).toBe(contracts(11));
  });

  it('takes a close off when its attempt sells what it closes (S18)', async () => {
    const held = await resting();
    const { kalshi } = held.world;
    const order = orderOn(held.world, 'kalshi', { ...SALE, instrument: kalshi.yes });
    held.order(order);
    await held.advance(2_000);
    expect(kalshi.truth.restingIds()).toHaveLength(1);
    expect(exitContext(held, 0).placed.map(({ report }) => report.end)).toEqual(['canceled']);
    expect(held.exposures.spanOf(kalshi.yes)).toEqual({ leastE6: 0, mostE6: SIZE });
  });

  it('takes contracts that a sale took, and may give back, for nothing that was redeemed (C3)', async () => {
    const never = { leastMs: 1_000_000_000, mostMs: 1_000_000_000 };
    const held = await basketHeld(
      {},
      {
        polymarket: { mined: never, confirmed: never, gammaResolutionLagMs: LAG_MS },
        hasExits: true,
        onMatched: confirmAll,
      },
    );
    const { polymarket } = held.world;
    held.send({ type: 'exit.requested', reason: 'by hand' });
    await held.advance(500);
    const [sale] = polymarket.trades().slice(-1);
    if (sale === undefined) throw new Error('expected a sale, found none');
    polymarket.sim.control.moveTrade(sale.id, 'MINED');
    await held.advance(LOOKS_MS);
    held.resolvePolymarket('no');
    await held.advance(4 * LOOKS_MS);
    polymarket.sim.control.moveTrade(sale.id, 'FAILED');
    await held.advance(LOOKS_MS);
    expect(polymarket.truth.matchedE6(polymarket.no)).toBe(SIZE);
    expect(held.exposures.spanOf(polymarket.no)).toEqual({ leastE6: SIZE, mostE6: SIZE });
    expect(held.last).toMatchObject({ dueMicroUsd: SIZE, paidMicroUsd: 0 });
    held.redeem();
    await held.advance(LOOKS_MS);
    expect(held.last).toMatchObject({ dueMicroUsd: 0, paidMicroUsd: SIZE });
    expect(held.exposures.spanOf(polymarket.no)).toEqual({ leastE6: 0, mostE6: 0 });
  });
});

function heldAt({ world }: BasketHeld, venue: 'kalshi' | 'polymarket') {
  return venue === 'kalshi' ? world.kalshi.yes : world.polymarket.no;
}

function exitContext({ actor }: BasketHeld, leg: number): ExitContext {
  const { children } = actor.getSnapshot() as unknown as {
    readonly children: Readonly<Record<string, { getSnapshot(): { readonly context: ExitContext } }>>;
  };
  const exit = children[`exit/${leg}`];
  if (exit === undefined) throw new Error('expected an exit, found none');
  return exit.getSnapshot().context;
}

function confirmAll({ polymarket }: TwoVenues): void {
  for (const { id } of polymarket.trades()) polymarket.sim.control.moveTrade(id, 'CONFIRMED');
}
