/** The two boxes of a pair of markets, as they are watched live: each leg with its own book and fee. */
import type { BookStore } from '../book/book-store.ts';
import { type FeeModel, type FeeSchedule, takerFee } from '../fees/fee-schedule.ts';
import type { Instrument } from '../instrument.ts';
import type { Listing as MarketListing } from '../ports/venue.ts';
import { PRICE_ONE } from '../units.ts';
import type { SpecialState } from './atoms.ts';
import { type BasketProof, NOTHING_PROVEN } from './basket.ts';
import { crossVenueBoxes, type Listing } from './families.ts';
import type { Watch, WatchedLeg } from './watch-list.ts';

export interface WatchedPair {
  readonly id: string;
  readonly title: string;
  readonly kalshi: MarketListing;
  readonly polymarket: MarketListing;
  /** YES here is NO there. */
  readonly isInverted: boolean;
  /** Voids and ties that the rules foresee. */
  readonly special: readonly SpecialState[];
  readonly proof?: BasketProof;
}

/**
 * Both boxes of a pair, Kalshi's leg first: `box/<pair>/yes` buys YES at Kalshi and the opposite at Polymarket,
 * `box/<pair>/no` the other way round. A leg whose fee schedule is unknown is watched and never traded.
 */
export function pairWatches(pair: WatchedPair, books: BookStore, feeModel: FeeModel): Watch[] {
  const { kalshi, polymarket, isInverted, special } = pair;
  const results = crossVenueBoxes({
    a: listingOf(kalshi, 'Kalshi'),
    b: listingOf(polymarket, 'Polymarket'),
    isInverted,
    special,
    proof: pair.proof ?? { ...NOTHING_PROVEN, equivalent: true },
  });
  return results.map((result, at): Watch => {
    const here = at === 0 ? 'yes' : 'no';
    const there = (here === 'yes') === isInverted ? 'yes' : 'no';
    return {
      id: `box/${pair.id}/${here}`,
      label: `${pair.title}: Kalshi ${here} + Polymarket ${there}`,
      family: result.kind === 'basket' ? result.basket.family : result.family,
      legs: [
        legOf(kalshi[here], kalshi.fees, { books, feeModel }),
        legOf(polymarket[there], polymarket.fees, { books, feeModel }),
      ],
      promisedE4: PRICE_ONE,
      result,
      hasSizes: true,
    };
  });
}

function listingOf({ yes, no }: MarketListing, label: string): Listing {
  return { label, yes: { kind: 'instrument', instrument: yes }, no: { kind: 'instrument', instrument: no } };
}

function legOf(
  { book, inverted }: Instrument,
  fees: FeeSchedule | undefined,
  { books, feeModel }: { readonly books: BookStore; readonly feeModel: FeeModel },
): WatchedLeg {
  const fee = fees === undefined ? undefined : takerFee(fees, feeModel);
  return { book: books.open(book), inverted, fee, label: book };
}
