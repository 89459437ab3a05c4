/** Lists the markets of a scenario on both simulated venues. Their ids are drawn from the seed. */
import type { Random } from '../../domain/ports/random.ts';
import { micros } from '../../domain/units.ts';
import type { KalshiSim } from '../../sim/kalshi/kalshi-sim.ts';
import type { PolymarketSim } from '../../sim/polymarket/polymarket-sim.ts';
import type { ScenarioMarket } from './scenario-file.ts';

/** A market of the scenario as a client finds it. */
export interface ListedMarket {
  readonly id: string;
  readonly title: string;
  readonly kalshi: { readonly ticker: string; readonly eventTicker: string };
  readonly polymarket: {
    readonly conditionId: string;
    readonly slug: string;
    readonly yesTokenId: string;
    readonly noTokenId: string;
    readonly tickSize: string;
    readonly negRisk: boolean;
  };
  readonly closesAt: string;
}

export interface Venues {
  readonly kalshi: KalshiSim;
  readonly polymarket: PolymarketSim;
}

const MICROS_PER_HOUR = 3_600_000_000;

export function listMarket(
  venues: Venues,
  market: ScenarioMarket,
  given: { readonly random: Random; readonly wallMicros: number },
): ListedMarket {
  const { random, wallMicros } = given;
  const closeMicros = wallMicros + Math.round(market.closesInHours * MICROS_PER_HOUR);
  const closesAt = new Date(Math.floor(closeMicros / 1_000)).toISOString();
  const eventTicker = market.kalshi.eventTicker ?? market.kalshi.ticker.split('-').slice(0, -1).join('-');
  listOnKalshi(venues.kalshi, market, { eventTicker, closeMicros });
  const polymarket = {
    conditionId: `0x${Buffer.from(random.bytes(32)).toString('hex')}`,
    slug: market.polymarket.slug ?? market.id,
    yesTokenId: tokenId(random),
    noTokenId: tokenId(random),
    tickSize: market.polymarket.tickSize,
    negRisk: market.polymarket.negRisk,
  };
  const { version, negRisk, feeRateE6, takerDelayMs, tickSize } = market.polymarket;
  venues.polymarket.control.lifecycle.addMarket({
    conditionId: polymarket.conditionId,
    tokens: [
      { tokenId: polymarket.yesTokenId, outcome: 'Yes' },
      { tokenId: polymarket.noTokenId, outcome: 'No' },
    ],
    question: `${market.title}?`,
    slug: polymarket.slug,
    tickE4: tickE4Of(tickSize),
    negRisk,
    version,
    fee: { rateE6: feeRateE6, exponent: 1, takerOnly: true },
    takerDelayMs,
    endIso: closesAt,
    tags: [market.category],
  });
  return {
    id: market.id,
    title: market.title,
    kalshi: { ticker: market.kalshi.ticker, eventTicker },
    polymarket,
    closesAt,
  };
}

export function tickE4Of(tickSize: string): number {
  return Math.round(Number(tickSize) * 10_000);
}

function listOnKalshi(
  kalshi: KalshiSim,
  market: ScenarioMarket,
  given: { readonly eventTicker: string; readonly closeMicros: number },
): void {
  const seriesTicker = given.eventTicker.split('-')[0] ?? given.eventTicker;
  const { feeType, feeMultiplier, priceLevelStructure, ticker } = market.kalshi;
  kalshi.addSeries({ ticker: seriesTicker, title: market.title, category: market.category, feeType, feeMultiplier });
  kalshi.addMarket({
    ticker,
    eventTicker: given.eventTicker,
    title: market.title,
    yesSubTitle: market.title,
    priceLevelStructure,
    closeMicros: micros(given.closeMicros),
    rulesPrimary: `If this happens before the market closes, it resolves to Yes: ${market.title}.`,
  });
}

/** 256 bits as a decimal number, as the venue's token ids are. */
function tokenId(random: Random): string {
  return BigInt(`0x${Buffer.from(random.bytes(32)).toString('hex')}`).toString();
}
