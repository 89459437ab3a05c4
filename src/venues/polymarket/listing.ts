/**
 * A market as Gamma describes it and the CLOB trades it, in our words. Gamma has the words, the dates and the
 * standing; the CLOB record has what an order needs: tokens, tick, smallest size, fee and taker delay.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseDecimal, parsePrice, parseSize } from '../../domain/decimal.ts';
import type { PolymarketFees } from '../../domain/fees/fee-schedule.ts';
import { type PolymarketFeeFields, resolvePolymarketFees } from '../../domain/fees/polymarket-fee.ts';
import { bookId, type Instrument } from '../../domain/instrument.ts';
import type { Listing, ListingStanding } from '../../domain/ports/venue.ts';
import {
  type Micros,
  millis,
  PRICE_ONE,
  type PriceE4,
  type RateE6,
  rateE6,
  type SizeE6,
  sizeE6,
} from '../../domain/units.ts';
import type { ExchangeName } from './contracts.ts';
import type { MarketTerms } from './market-terms.ts';
import { tickGridOf } from './order-book.ts';
import { instantOf } from './order-state.ts';
import type { ClobMarket, GammaMarket } from './rest-wire.ts';

/** Marketable orders wait this long where the CLOB record says `itode` (mid-2026). */
const TAKER_DELAY_MS = 250;
const NO_BUILDER_FEE = rateE6(0);

/** Text that holds a JSON list of texts, as Gamma sends lists. */
const textList = z.array(z.string());

export interface MarketReading {
  readonly market: GammaMarket;
  /** The CLOB record; `undefined` when it was not read or does not exist. */
  readonly clob: ClobMarket | undefined;
  readonly readAt: Micros;
}

export type ListingResult =
  | {
      readonly kind: 'listed';
      readonly listing: Listing;
      /** What orders need, for both tokens; `undefined` when orders must not be built. */
      readonly terms: readonly MarketTerms[] | undefined;
    }
  /** Not a market of two tokens with a book: nothing that could be traded or matched. */
  | { readonly kind: 'unlistable'; readonly why: string };

export function listingOf(reading: MarketReading): ListingResult {
  const { market, clob, readAt } = reading;
  const tokens = tokensOf(market);
  const names = pairOf(listIn(market.outcomes));
  if (tokens === undefined || names === undefined)
    return { kind: 'unlistable', why: `market ${market.conditionId}: expected two tokens and two outcomes` };
  if (clob !== undefined && !namesTokens(clob, tokens))
    return { kind: 'unlistable', why: `market ${market.conditionId}: Gamma and CLOB must name the same tokens` };
  // The first outcome is the one that happens, unless the names say that it is the second.
  const isReversed = /^no$/i.test(names[0]) && /^yes$/i.test(names[1]);
  const [yesAt, noAt] = isReversed ? ([1, 0] as const) : ([0, 1] as const);
  const exchange = exchangeNameOf(market, clob);
  const tick = tickTextOf(market, clob);
  const grid = tickGridOf(tick);
  const minSizeE6 = minSizeOf(market, clob);
  const { fees, feeProblem } = feesOf(reading);
  const payout = payoutOf(market, yesAt);
  const event = market.events?.[0];
  const rulesText = rulesOf(market);
  const listing: Listing = {
    venue: 'polymarket',
    venueKey: market.conditionId,
    eventKey: event?.slug ?? event?.id,
    seriesKey: event?.series?.[0]?.id,
    title: market.question ?? '',
    yes: instrumentOf(tokens[yesAt]),
    no: instrumentOf(tokens[noAt]),
    outcomeNames: [names[yesAt], names[noAt]],
    standing: tradableStanding(standingOf(market, payout), exchange),
    grid,
    minSizeE6: minSizeE6 ?? sizeE6(0),
    fees,
    feeProblem: exchange === undefined ? versionProblem(market) : feeProblem,
    rulesText,
    rulesHash: `sha256:${createHash('sha256').update(rulesText).digest('hex')}`,
    closesAt: instantOf(market.endDate),
    expectedResolutionAt: instantOf(market.umaEndDate) ?? instantOf(market.endDate),
    isExclusive: isNegRisk(market, clob),
    strike: undefined,
    yesPayoutE4: isResolved(market) ? payout : undefined,
    ...(market.umaResolutionStatus === 'disputed' ? { isDisputed: true as const } : {}),
    canCloseEarly: true,
    compartment: exchange,
    takerDelayMs: millis(Math.max((market.secondsDelay ?? 0) * 1_000, clob?.itode === true ? TAKER_DELAY_MS : 0)),
    readAt,
  };
  const step = grid?.bands[0]?.stepE4;
  const mayTrade = exchange !== undefined && clob !== undefined && step !== undefined && minSizeE6 !== undefined;
  const terms = mayTrade
    ? tokens.map((tokenId) => ({ tokenId, conditionId: market.conditionId, tickE4: step, minSizeE6, exchange }))
    : undefined;
  return { kind: 'listed', listing, terms };
}

/** Fee parameters of the CLOB record (trading truth), else of Gamma; never the fields in basis points, which are caps. */
function feesOf({ market, clob, readAt }: MarketReading): {
  readonly fees: PolymarketFees | undefined;
  readonly feeProblem: string | undefined;
} {
  const own = clob?.fd ?? undefined;
  const schedule = market.feeSchedule ?? undefined;
  const rebate = schedule?.rebateRate ?? undefined;
  const rebateRateE6 = rebate === undefined ? undefined : rateOf(rebate);
  const rate = own?.r ?? schedule?.rate;
  const rateText = rate === undefined ? undefined : rateOf(rate);
  let fields: PolymarketFeeFields | undefined;
  if (rateText !== undefined && own !== undefined)
    fields = { rateE6: rateText, exponent: own.e, takerOnly: own.to, rebateRateE6 };
  else if (rateText !== undefined && schedule !== undefined)
    fields = { rateE6: rateText, exponent: schedule.exponent, takerOnly: schedule.takerOnly, rebateRateE6 };
  const resolution = resolvePolymarketFees({
    market: fields,
    override: undefined,
    builderRateE6: NO_BUILDER_FEE,
    readAtMs: Math.floor(readAt / 1_000),
  });
  if (resolution.kind === 'refused')
    return { fees: undefined, feeProblem: `${resolution.reason}: ${resolution.detail}` };
  const source = own === undefined ? 'Gamma feeSchedule' : 'fd of the CLOB market record';
  return { fees: { ...resolution.fees, source }, feeProblem: undefined };
}

/** `undefined` for a version that we do not know: such a market is not traded. */
function exchangeNameOf(market: GammaMarket, clob: ClobMarket | undefined): ExchangeName | undefined {
  if (market.version === 'v2') return 'exchangeV3';
  if (market.version !== 'v1') return undefined;
  return isNegRisk(market, clob) ? 'negRiskExchange' : 'exchange';
}

function versionProblem({ version }: GammaMarket): string {
  return `expected market version v1 or v2, found ${JSON.stringify(version ?? null)}`;
}

function isNegRisk(market: GammaMarket, clob: ClobMarket | undefined): boolean {
  return (clob?.nr ?? market.negRisk) === true;
}

/**
 * `acceptingOrders` alone can stay true on a closed market (third parties, 2026), so all four flags must agree. A
 * flag that is missing is not a yes.
 */
function standingOf(market: GammaMarket, payout: PriceE4 | undefined): ListingStanding {
  const { active, closed, archived, acceptingOrders, enableOrderBook } = market;
  if (isResolved(market)) return payout === undefined ? 'determined' : 'settled';
  if (closed === true || archived === true) return 'closed';
  if (closed !== false || typeof active !== 'boolean') return 'unknown';
  if (!active) return 'unopened';
  return acceptingOrders === true && enableOrderBook === true ? 'open' : 'paused';
}

/** For minutes after a resolution the prices shown are still those of the book: they are a payout once it is closed. */
function isResolved({ umaResolutionStatus, closed }: GammaMarket): boolean {
  return umaResolutionStatus === 'resolved' && closed === true;
}

/** A market of a version that we do not know is over when it says so, and is otherwise not ours to judge. */
function tradableStanding(standing: ListingStanding, exchange: ExchangeName | undefined): ListingStanding {
  const isOver = standing === 'closed' || standing === 'determined' || standing === 'settled';
  return exchange === undefined && !isOver ? 'unknown' : standing;
}

/** What YES pays, when both prices are whole ten-thousandths of a dollar that add up to it. Halves occur. */
function payoutOf(market: GammaMarket, yesAt: 0 | 1): PriceE4 | undefined {
  const texts = pairOf(listIn(market.outcomePrices));
  const [first, second] = [parsePrice(texts?.[0] ?? ''), parsePrice(texts?.[1] ?? '')];
  if (first === undefined || second === undefined || first + second !== PRICE_ONE) return undefined;
  return yesAt === 0 ? first : second;
}

/** Every word that decides the payout; a change of any of it must change the hash. */
function rulesOf({ description, resolutionSource }: GammaMarket): string {
  const source = (resolutionSource ?? '') === '' ? '' : `\n\nResolution source: ${resolutionSource}`;
  return `${description ?? ''}${source}`;
}

/** A market of "Protocol V2" has position ids, every other has CLOB token ids. */
function tokensOf(market: GammaMarket): readonly [string, string] | undefined {
  const tokens = pairOf(market.version === 'v2' ? (market.positionIds ?? undefined) : listIn(market.clobTokenIds));
  if (tokens === undefined || tokens[0] === tokens[1]) return undefined;
  return tokens.every((tokenId) => /^[1-9][0-9]{0,77}$/.test(tokenId)) ? tokens : undefined;
}

function namesTokens(clob: ClobMarket, tokens: readonly string[]): boolean {
  const named = clob.t.flatMap((token) => (token === null ? [] : [token.t]));
  return named.length === tokens.length && tokens.every((tokenId) => named.includes(tokenId));
}

function tickTextOf(market: GammaMarket, clob: ClobMarket | undefined): string | undefined {
  const tick = clob?.mts ?? market.orderPriceMinTickSize ?? undefined;
  return tick === undefined ? undefined : String(tick);
}

function minSizeOf(market: GammaMarket, clob: ClobMarket | undefined): SizeE6 | undefined {
  const size = clob?.mos ?? market.orderMinSize ?? undefined;
  return size === undefined ? undefined : parseSize(String(size));
}

/** A rate that arrived as a JSON number; its shortest decimal text is what was sent. */
function rateOf(rate: number): RateE6 | undefined {
  const millionths = parseDecimal(String(rate), 6);
  return millionths === undefined || millionths < 0 ? undefined : rateE6(millionths);
}

function instrumentOf(tokenId: string): Instrument {
  return { book: bookId('polymarket', tokenId), inverted: false };
}

function listIn(text: string | null | undefined): readonly string[] | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  try {
    const parsed = textList.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Not JSON: the market is unlistable, and says so.
    return undefined;
  }
}

function pairOf(list: readonly string[] | undefined): readonly [string, string] | undefined {
  const [first, second, ...others] = list ?? [];
  return first === undefined || second === undefined || others.length > 0 ? undefined : [first, second];
}
