/** What every venue keeps, whatever it is: an adapter on either wire, or paper. */
import { describe } from 'vitest';
import { describeAccount } from './venue-account.contract.ts';
import { claimsOf, type KnownDifference } from './venue-claims.ts';
import { describeFaults } from './venue-faults.contract.ts';
import { describeOrders } from './venue-orders.contract.ts';
import { describeReads } from './venue-reads.contract.ts';
import type { MakeVenueRig, VenueProfile } from './venue-rig.ts';
import { describeStreams } from './venue-streams.contract.ts';

export function describeVenue(
  name: string,
  given: {
    readonly profile: VenueProfile;
    readonly makeRig: MakeVenueRig;
    readonly differences: readonly KnownDifference[];
  },
): void {
  describe(name, () => {
    const claims = claimsOf(name, given);
    describeReads(claims);
    describeOrders(claims);
    describeAccount(claims);
    describeStreams(claims);
    describeFaults(claims);
  });
}
