/** A market, its event and its series as a listing in our words. Pure. */
import { createHash } from 'node:crypto';
import { parsePrice } from '../../domain/decimal.ts';
import {
  type KalshiFeeFields,
  type KalshiFeeOptions,
  resolveKalshiFees,
  type ScheduledFeeChange,
} from '../../domain/fees/kalshi-fee.ts';
import { bookId, type TickGrid } from '../../domain/instrument.ts';
import type { Listing, ListingStanding } from '../../domain/ports/venue.ts';
import { type Micros, millis, PRICE_ONE, type PriceE4, priceE4, sizeE6, USD } from '../../domain/units.ts';
import type { EventRow, MarketRow, SeriesRow } from './rest-wire.ts';
import { tickGridOf } from './tick-grid.ts';
import { rateOfNumber } from './wire-values.ts';

/** What was read beside the market. A text says why something could not be. */
export interface ListingContext {
  readonly event: EventRow | string;
  readonly series: SeriesRow | string;
  readonly seriesChanges: readonly ScheduledFeeChange[] | string;
  readonly eventChanges: readonly ScheduledFeeChange[] | string;
  readonly terms: Pick<KalshiFeeOptions, 'terms' | 'makerMultiplierE6'>;
  readonly readAt: Micros;
}

/** A hundredth of a contract: fractions are accepted everywhere. */
const SIZE_MIN = sizeE6(10_000);
const MICROS_PER_MILLI = 1_000;

/** Combos and markets that pay on a scale are not what we trade. */
export function isBinary({ market_type, mve_collection_ticker }: MarketRow): boolean {
  return market_type === 'binary' && (mve_collection_ticker === undefined || mve_collection_ticker === '');
}

export function listingOf(market: MarketRow, context: ListingContext): Listing {
  const { readAt } = context;
  const event = typeof context.event === 'string' ? undefined : context.event;
  const book = bookId('kalshi', market.ticker);
  const rulesText = `${market.rules_primary}\n\n${market.rules_secondary}`;
  const engine = market.exchange_index ?? event?.exchange_index;
  return {
    venue: 'kalshi',
    venueKey: market.ticker,
    eventKey: market.event_ticker,
    seriesKey: event?.series_ticker,
    title: titleOf(market, event),
    yes: { book, inverted: false },
    no: { book, inverted: true },
    outcomeNames: [market.yes_sub_title, market.no_sub_title],
    standing: standingOf(market),
    grid: gridOf(market),
    minSizeE6: SIZE_MIN,
    ...feesOf(market, context),
    rulesText,
    rulesHash: `sha256:${createHash('sha256').update(rulesText).digest('hex')}`,
    closesAt: market.close_time,
    expectedResolutionAt: market.expected_expiration_time ?? undefined,
    // At most one market wins, which is not that one must. Without the event nothing is claimed.
    isExclusive: event?.mutually_exclusive ?? false,
    strike: strikeOf(market),
    yesPayoutE4: payoutOf(market),
    ...(market.status === 'disputed' ? { isDisputed: true as const } : {}),
    canCloseEarly: market.can_close_early,
    compartment: engine === undefined ? undefined : String(engine),
    takerDelayMs: millis(0),
    readAt,
  };
}

function titleOf(market: MarketRow, event: EventRow | undefined): string {
  // The market's own title is deprecated (September 2026) and may go away.
  return [market.title, event?.title, market.ticker].find((title) => title !== undefined && title !== '') ?? '';
}

/** The venue's object words; a filter has others. A contract that does not pay a dollar is none of ours. */
function standingOf(market: MarketRow): ListingStanding {
  if (market.notional_value_dollars !== USD) return 'unknown';
  switch (market.status) {
    case 'initialized':
      return 'unopened';
    case 'active':
      return 'open';
    case 'inactive':
      return 'paused';
    case 'closed':
      return 'closed';
    case 'determined':
    case 'disputed':
    case 'amended':
      return 'determined';
    case 'finalized':
      return 'settled';
    default:
      return 'unknown';
  }
}

/** Only `price_ranges` is the contract; the label beside it is not believed. */
function gridOf({ price_ranges }: MarketRow): TickGrid | undefined {
  if (price_ranges === undefined) return undefined;
  const reading = tickGridOf(price_ranges);
  return reading.kind === 'grid' ? reading.grid : undefined;
}

function strikeOf({ strike_type, floor_strike, cap_strike }: MarketRow): Listing['strike'] {
  if (strike_type === undefined) return undefined;
  return { type: strike_type, floor: floor_strike ?? undefined, cap: cap_strike ?? undefined };
}

/**
 * What one YES pays, once determined. There is no void: an event that cannot be measured has the result
 * `scalar` and a fair price. A result that contradicts its value is no payout.
 */
function payoutOf({ result, settlement_value_dollars }: MarketRow): PriceE4 | undefined {
  const byResult = result === 'yes' ? PRICE_ONE : result === 'no' ? priceE4(0) : undefined;
  if (settlement_value_dollars === undefined || settlement_value_dollars === null) return byResult;
  const byValue = parsePrice(settlement_value_dollars);
  if (result === 'scalar') return byValue;
  return byValue === byResult ? byResult : undefined;
}

type Fees = Pick<Listing, 'fees' | 'feeProblem'>;

function feesOf(market: MarketRow, context: ListingContext): Fees {
  const { event, series, seriesChanges, eventChanges, terms, readAt } = context;
  if (typeof event === 'string') return unpriced(event);
  if (typeof series === 'string') return unpriced(series);
  if (typeof seriesChanges === 'string') return unpriced(seriesChanges);
  if (typeof eventChanges === 'string') return unpriced(eventChanges);
  const readAtMs = Math.floor(readAt / MICROS_PER_MILLI);
  const waivedUntil = market.fee_waiver_expiration_time;
  const resolution = resolveKalshiFees(
    {
      series: feeFields({ type: series.fee_type, multiplier: series.fee_multiplier }),
      seriesChanges,
      event: feeFields({ type: event.fee_type_override, multiplier: event.fee_multiplier_override }),
      eventChanges,
      waivedUntilMs: waivedUntil === null || waivedUntil === undefined ? undefined : waivedUntil / MICROS_PER_MILLI,
      readAtMs,
    },
    { ...terms, atMs: readAtMs },
  );
  if (resolution.kind === 'known') return { fees: resolution.fees, feeProblem: undefined };
  return unpriced(`${resolution.reason}: ${resolution.detail}`);
}

function unpriced(feeProblem: string): Fees {
  return { fees: undefined, feeProblem };
}

/** What one place of the venue says about fees; a multiplier that is no exact rate says nothing. */
export function feeFields(stated: {
  readonly type: string | null | undefined;
  readonly multiplier: number | null | undefined;
}): KalshiFeeFields {
  const { type, multiplier } = stated;
  return {
    feeType: type ?? undefined,
    multiplierE6: multiplier === null || multiplier === undefined ? undefined : rateOfNumber(multiplier),
  };
}
