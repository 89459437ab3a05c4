/** Turns what a capture says about its markets into the baskets that the replay watches. */
import type { Book } from '../../domain/book/book.ts';
import type { BookStore } from '../../domain/book/book-store.ts';
import { requireDecimal } from '../../domain/decimal.ts';
import type { SpecialState } from '../../domain/edge/atoms.ts';
import { type BasketProof, type BasketResult, type LegReference, NOTHING_PROVEN } from '../../domain/edge/basket.ts';
import { complementSet, crossVenueBoxes, type Listing, sumOfNo, sumOfYes } from '../../domain/edge/families.ts';
import { ladder, type StrikeListing } from '../../domain/edge/strike-families.ts';
import type { Watch, WatchedLeg, WatchList } from '../../domain/edge/watch-list.ts';
import type { OrderFee } from '../../domain/fees/fee-schedule.ts';
import { type BookId, bookId, type Instrument } from '../../domain/instrument.ts';
import { invariant } from '../../domain/invariant.ts';
import { PRICE_ONE, type PriceE4, priceE4 } from '../../domain/units.ts';
import type { EventRelation, PairRelation, Strike, TokensRelation } from '../capture/capture.ts';
import { type CaptureMeta, firstMatch } from '../capture/meta.ts';
import { STRIKE_SCALE } from '../capture/strike.ts';
import { isDecided, type PairEntry } from '../config/markets-file.ts';

export interface WatchSources {
  readonly books: BookStore;
  readonly watches: WatchList;
  readonly meta: CaptureMeta;
  readonly hasSizes: boolean;
  readonly feeOf: (book: BookId) => OrderFee | undefined;
}

/** The pair that a person described beside the capture, if it names this Kalshi market. */
function entryOf(relation: PairRelation, meta: CaptureMeta): PairEntry | undefined {
  return meta.pairs.find((pair) => bookId('kalshi', pair.kalshi.ticker) === relation.yes.kalshi.book);
}

/** Both boxes of a pair. Without an entry beside the capture the recorder's own pairing is taken as it is. */
export function watchPair(relation: PairRelation, sources: WatchSources): void {
  const entry = entryOf(relation, sources.meta);
  const kalshi = listingOf(relation.yes.kalshi, 'Kalshi');
  const polymarket = listingOf(relation.yes.polymarket, 'Polymarket');
  const results = crossVenueBoxes({
    a: kalshi,
    b: polymarket,
    isInverted: entry?.polarity === 'inverted',
    special: entry === undefined ? [] : undecidedStates(entry),
    proof: { ...NOTHING_PROVEN, equivalent: true },
  });
  const title = entry?.title ?? relation.yes.kalshi.book.slice('kalshi/'.length);
  for (const [at, result] of results.entries()) {
    const side = at === 0 ? 'yes' : 'no';
    addWatch(sources, {
      id: `box/${relation.pairId}/${side}`,
      label: `${title}: Kalshi ${side} + Polymarket ${boxSide(side, entry)}`,
      promisedE4: PRICE_ONE,
      result,
      instruments: [sideOf(relation.yes.kalshi, side), sideOf(relation.yes.polymarket, boxSide(side, entry))],
    });
  }
}

function boxSide(kalshiSide: 'yes' | 'no', entry: PairEntry | undefined): 'yes' | 'no' {
  return (kalshiSide === 'yes') === (entry?.polarity === 'inverted') ? 'yes' : 'no';
}

/** The states in which a contract does not simply pay 0 or 1. "Fair" is any price, so it counts at both ends. */
function undecidedStates(entry: PairEntry): SpecialState[] {
  return entry.outcomes.flatMap(({ state, kalshi, polymarket }) => {
    if (isDecided(kalshi) && isDecided(polymarket)) return [];
    return payouts(kalshi).flatMap((a) =>
      payouts(polymarket).map((b): SpecialState => ({ name: `${state} ${a}/${b}`, yesPayouts: [a, b] })),
    );
  });
}

function payouts(text: string): PriceE4[] {
  return text === 'fair' ? [priceE4(0), PRICE_ONE] : [priceE4(requireDecimal(text, 4))];
}

/** Both tokens of a Polymarket market: the venue fills one against the other, so below a dollar is an alarm too. */
export function watchTokens(relation: TokensRelation, sources: WatchSources): void {
  const yes: Instrument = { book: relation.yes, inverted: false };
  const no: Instrument = { book: relation.no, inverted: false };
  addWatch(sources, {
    id: `complement/${relation.marketId}`,
    label: `${relation.marketId}: both tokens`,
    promisedE4: PRICE_ONE,
    result: complementSet({ label: relation.marketId, yes: reference(yes), no: reference(no) }),
    instruments: [yes, no],
  });
}

/** YES and NO of one market: below a dollar the book is wrong before it is an opportunity. */
export function watchComplement(book: BookId, sources: WatchSources): void {
  const yes: Instrument = { book, inverted: false };
  addWatch(sources, {
    id: `complement/${book}`,
    label: `${book}: yes + no`,
    promisedE4: PRICE_ONE,
    result: complementSet(listingOf(yes, book)),
    instruments: [yes, sideOf(yes, 'no')],
  });
}

/** All markets of one Kalshi event that have a book so far: one of each YES, one of each NO. */
export function watchOutcomes(eventId: string, books: readonly BookId[], sources: WatchSources): void {
  const facts = firstMatch(sources.meta.events, eventId);
  const proof: BasketProof = {
    ...NOTHING_PROVEN,
    exclusive: facts?.exclusive ?? false,
    exhaustive: facts?.exhaustive ?? false,
  };
  const outcomes = books.map((book) => listingOf({ book, inverted: false }, book));
  const set = { outcomes, special: [], proof };
  for (const side of ['yes', 'no'] as const) {
    addWatch(sources, {
      id: `${side}-of-all/${eventId}`,
      label: `${eventId}: ${side} of all ${books.length}`,
      promisedE4: side === 'yes' ? PRICE_ONE : (books.length - 1) * PRICE_ONE,
      result: side === 'yes' ? sumOfYes(set) : sumOfNo(set),
      instruments: books.map((book) => sideOf({ book, inverted: false }, side)),
    });
  }
}

/** Ladders over every two thresholds of an event, and the set of all its ranges. */
export function watchEvent(relation: EventRelation, sources: WatchSources): void {
  const thresholds = relation.strikes
    .filter((strike) => strike.floor !== undefined && (strike.type === 'greater' || strike.type === 'greater_or_equal'))
    .sort((a, b) => (a.floor ?? 0) - (b.floor ?? 0));
  for (const [at, low] of thresholds.entries()) {
    for (const high of thresholds.slice(at + 1)) watchLadder(relation.eventId, { low, high }, sources);
  }
  const ranges = relation.strikes.filter((strike) => strike.type === 'between');
  if (ranges.length > 1)
    watchOutcomes(
      relation.eventId,
      relation.strikes.map((strike) => strike.book),
      sources,
    );
}

function watchLadder(
  eventId: string,
  strikes: { readonly low: Strike; readonly high: Strike },
  sources: WatchSources,
): void {
  const { low, high } = strikes;
  const result = ladder(
    { low: thresholdOf(low), high: thresholdOf(high) },
    // Markets of one Kalshi event settle on one value read at one instant.
    { proof: { ...NOTHING_PROVEN, sameObservation: true } },
  );
  addWatch(sources, {
    id: `ladder/${low.book}/${high.book}`,
    label: `${eventId}: above ${low.floor} + not above ${high.floor}`,
    promisedE4: PRICE_ONE,
    result,
    instruments: [
      { book: low.book, inverted: false },
      { book: high.book, inverted: true },
    ],
  });
}

function thresholdOf(strike: Strike): StrikeListing {
  const { book, floor, type } = strike;
  invariant(
    floor !== undefined && (type === 'greater' || type === 'greater_or_equal'),
    () => `${book} must be a threshold`,
  );
  return {
    listing: listingOf({ book, inverted: false }, book),
    // The unit cancels out.
    bounds: [{ strike: Math.round(floor * STRIKE_SCALE), comparator: type }],
  };
}

function listingOf(yes: Instrument, label: string): Listing {
  return { label, yes: reference(yes), no: reference(sideOf(yes, 'no')) };
}

function reference(instrument: Instrument): LegReference {
  return { kind: 'instrument', instrument };
}

function sideOf(yes: Instrument, side: 'yes' | 'no'): Instrument {
  return side === 'yes' ? yes : { book: yes.book, inverted: !yes.inverted };
}

function addWatch(
  sources: WatchSources,
  draft: Pick<Watch, 'id' | 'label' | 'promisedE4'> & {
    readonly result: BasketResult;
    readonly instruments: readonly Instrument[];
  },
): void {
  const { id, label, promisedE4, result, instruments } = draft;
  const family = result.kind === 'basket' ? result.basket.family : result.family;
  const legs = instruments.map((instrument): WatchedLeg => {
    const book: Book = sources.books.open(instrument.book);
    return { book, inverted: instrument.inverted, fee: sources.feeOf(instrument.book), label: instrument.book };
  });
  sources.watches.add({ id, label, family, legs, promisedE4, result, hasSizes: sources.hasSizes });
}
