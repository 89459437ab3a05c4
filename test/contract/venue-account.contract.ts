/** Money, positions and fills against the venue's own books. */
import { describe, expect } from 'vitest';
import { contracts, micros, priceE4 } from '../../src/domain/units.ts';
import { type Claims, level, readOn, restOn, submitOn, total } from './venue-claims.ts';
import type { VenueRig } from './venue-rig.ts';

const START = micros(0);

/** Some of everything: a purchase over two levels, a sale of part of it, a maker's fill, and a purchase of NO. */
async function trade(rig: VenueRig): Promise<void> {
  await rig.house({ bids: [level(48, 100)], asks: [level(51, 7), level(52, 100)] });
  await submitOn(rig, { sizeE6: contracts(13), timeInForce: 'immediateOrCancel' });
  await rig.settled();
  await submitOn(rig, { action: 'sell', limitE4: rig.takes.bid, sizeE6: contracts(5), isReducing: true });
  await restOn(rig, { limitE4: priceE4(4_900), sizeE6: contracts(9) });
  await rig.counterparty('sell', level(49, 6));
  await rig.settled();
}

export function describeAccount({ claim, profile }: Claims): void {
  describe('the account', () => {
    claim('has the balance of the venue to the last micro-dollar', async (rig) => {
      expect((await readOn(rig, rig.venue.balance())).availableMicroUsd).toBe(1_000_000_000);
      await trade(rig);
      const { availableMicroUsd } = await readOn(rig, rig.venue.balance());
      expect(availableMicroUsd).toBe(rig.truth.cash());
      expect(availableMicroUsd).toBeLessThan(1_000_000_000);
    });

    claim('has the positions of the venue', async (rig) => {
      expect(await readOn(rig, rig.venue.positions())).toEqual([]);
      await trade(rig);
      const positions = await readOn(rig, rig.venue.positions());
      expect(positions).toEqual([{ instrument: rig.yes, sizeE6: rig.truth.yesHeldE6() }]);
      expect(rig.truth.yesHeldE6()).toBeGreaterThan(0);
    });

    claim('lists every fill with its trade, its order, its role and its fee', async (rig) => {
      await trade(rig);
      const fills = await readOn(rig, rig.venue.fills(START));
      const plain = fills.map(({ venueOrderId, sizeE6, role, feeMicroUsd }) => ({
        venueOrderId,
        sizeE6,
        role,
        feeMicroUsd,
      }));
      const true_ = rig.truth.fills().map(({ feeMicroUsd, ...fill }) => ({
        ...fill,
        feeMicroUsd: profile.saysFees ? feeMicroUsd : undefined,
      }));
      expect(plain.sort(byOrder)).toEqual(true_.sort(byOrder));
      expect(new Set(fills.map(({ tradeId }) => tradeId)).size).toBe(fills.length);
      expect(fills.every(({ tradeId, venueAt }) => tradeId !== '' && venueAt !== undefined)).toBe(true);
    });

    claim('explains its cash by its fills and what they were charged', async (rig) => {
      await trade(rig);
      const fills = await readOn(rig, rig.venue.fills(START));
      const fees = rig.truth.fills().reduce((sum, { feeMicroUsd }) => sum + feeMicroUsd, 0);
      const paid = fills.reduce((sum, { action, priceE4: price, sizeE6: size, notionalMicroUsd }) => {
        const notional = notionalMicroUsd ?? (price * size) / 10_000;
        return action === 'buy' ? sum + notional : sum - notional;
      }, 0);
      expect(1_000_000_000 - paid - fees).toBe(rig.truth.cash());
    });

    claim('lists the fills of one instrument, and of the time since', async (rig) => {
      await submitOn(rig);
      await rig.settled();
      expect(total(await readOn(rig, rig.venue.fills(START, rig.yes)))).toBe(contracts(10));
      expect(await readOn(rig, rig.venue.fills(START, rig.strange))).toEqual([]);
      await rig.time.advance(600_000);
      expect(await readOn(rig, rig.venue.fills(rig.clock.wall()))).toEqual([]);
    });

    claim('reads one order by its id', async (rig) => {
      const venueOrderId = await restOn(rig);
      expect(await readOn(rig, rig.venue.order(venueOrderId))).toMatchObject({
        venueOrderId,
        standing: 'resting',
        restingE6: contracts(10),
        originalE6: contracts(10),
      });
    });

    claim('fails as not found for an order that never was', async (rig) => {
      const reading = await rig.time.patiently(rig.venue.order(`0x${'ab'.repeat(32)}`));
      expect(reading).toMatchObject({ kind: 'failed', fault: 'notFound' });
    });

    claim('reads settlements, or declares that it cannot', async (rig) => {
      const reading = await rig.time.patiently(rig.venue.settlements(START));
      if (rig.venue.unsupported.has('settlements'))
        expect(reading).toMatchObject({ kind: 'failed', fault: 'unsupported' });
      else expect(reading).toMatchObject({ kind: 'read', value: [] });
    });
  });
}

function byOrder(
  a: { readonly venueOrderId: string; readonly sizeE6: number },
  b: { readonly venueOrderId: string; readonly sizeE6: number },
): number {
  return a.venueOrderId.localeCompare(b.venueOrderId) || a.sizeE6 - b.sizeE6;
}
