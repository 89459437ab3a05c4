/** The account's own limits and costs, which are to be believed over every page about tiers. */
import type { Reading } from '../../domain/ports/venue.ts';
import type { KalshiAccount } from './account.ts';
import { failed } from './classify.ts';
import type { WireAccess } from './wire-access.ts';

type Failed = Extract<Reading<never>, { readonly kind: 'failed' }>;

/** Reads both and takes our share of them; or says why not. */
export async function adoptAccountLimits(account: KalshiAccount, access: WireAccess): Promise<Failed | undefined> {
  const limits = await account.accountLimits();
  if (limits.kind === 'failed') return orNothing(limits);
  const costs = await account.endpointCosts();
  if (costs.kind === 'failed') return orNothing(costs);
  const { read, write } = limits.value;
  const hasRoom = access.adoptLimits({
    read: { capacity: read.bucket_capacity, refillPerSecond: read.refill_rate },
    write: { capacity: write.bucket_capacity, refillPerSecond: write.refill_rate },
  });
  if (!hasRoom) return failed('venueError', 'our share of the account limits must hold two requests, found less');
  access.costs.adopt({ defaultCost: costs.value.default_cost, costs: costs.value.endpoint_costs });
  return undefined;
}

/** A venue that does not publish them leaves us with the lowest tier, which is what we start from. */
function orNothing(failure: Failed): Failed | undefined {
  return failure.fault === 'notFound' ? undefined : failure;
}
