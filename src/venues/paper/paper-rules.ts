/** What a paper order must be, from the listing of its market. Pure. */
import { instrumentId, isOnGrid } from '../../domain/instrument.ts';
import type { Listing, OrderRequest, Refused } from '../../domain/ports/venue.ts';
import { complement, type Micros, SIZE_E6_MAX, type SizeE6, sizeE6 } from '../../domain/units.ts';
import { mayRest } from './paper-order.ts';

/** A hundredth of a contract: the finest size that either venue takes in an order. */
export const LOT: SizeE6 = sizeE6(10_000);

export function refused<Reason extends string>(reason: Reason, detail: string): Refused<Reason> {
  return { kind: 'refused', reason, detail, retryAfterMs: undefined };
}

export function prepareRefusal(
  request: OrderRequest,
  listing: Listing | undefined,
  now: Micros,
): Refused<'unsupported' | 'invalidOrder'> | undefined {
  const { instrument, clientOrderId } = request;
  if (listing === undefined)
    return refused(
      'unsupported',
      `expected a listing of ${instrumentId(instrument)} read before the order, found none`,
    );
  const problem = problemOf(request, listing, now);
  return problem === undefined ? undefined : refused('invalidOrder', `${problem} (client id ${clientOrderId})`);
}

function problemOf(request: OrderRequest, listing: Listing, now: Micros): string | undefined {
  const { instrument, limitE4, sizeE6: size, timeInForce, expiresAt, postOnly } = request;
  const { grid, minSizeE6, fees, feeProblem } = listing;
  if (size <= 0 || size % LOT !== 0 || size > SIZE_E6_MAX)
    return `a size must be whole hundredths of a contract above 0, found ${size} millionths`;
  if (size < minSizeE6) return `a size must be at least ${minSizeE6} millionths, found ${size}`;
  if (postOnly && !mayRest(request)) return `an order that must rest cannot be ${timeInForce}`;
  if ((timeInForce === 'goodTillDate') !== (expiresAt !== undefined))
    return `expiresAt belongs to goodTillDate and to nothing else, found ${expiresAt} with ${timeInForce}`;
  if (expiresAt !== undefined && expiresAt <= now)
    return `an order must expire in the future, found ${expiresAt} at ${now}`;
  if (grid === undefined) return 'the price grid of the market must be known before an order is made';
  const bookPrice = instrument.inverted ? complement(limitE4) : limitE4;
  if (!isOnGrid(grid, bookPrice)) return `a price must lie on the grid of its market, found ${limitE4}`;
  // A fee that is unknown is a refusal, never a default.
  return fees === undefined ? `the fees of the market must be known, found ${feeProblem ?? 'none'}` : undefined;
}
