/** The default scenario of `tandem start`: one recorded market and nine that are generated, and what money there is. */
import { fileURLToPath } from 'node:url';
import type { PairChoice } from '../compose.ts';
import { type Scenario, scenarioSchema } from '../sim/scenario-file.ts';
import type { ListedMarket } from '../sim/sim-markets.ts';

const RECORDED_ID = 'bitcoin-quarter-hour';
export const RECORDED_TICKER = 'KXBTC15M-26MAY130915-15';
export const RECORDING = fileURLToPath(new URL('../../../data/kalshi-btc-15-minutes.ndjson.gz', import.meta.url));

/** Prices where both fees together leave room for a gap that nobody has to look at first. */
const GENERATED: readonly (readonly [id: string, title: string, ticker: string, fairCents: number])[] = [
  ['lakers-win', 'Lakers beat Celtics', 'KXNBAGAME-26DEC01LALBOS-LAL', 38],
  ['fed-holds', 'Fed holds in December', 'KXFEDDECISION-26DEC-H0', 76],
  ['rain-seattle', 'Rain in Seattle Friday', 'KXRAINSEA-26DEC04-T0', 64],
  ['chiefs-win', 'Chiefs beat Broncos', 'KXNFLGAME-26DEC06DENKC-KC', 69],
  ['ny-hot', 'New York above 50 °F', 'KXHIGHNY-26DEC01-T50', 27],
  ['gas-up', 'Gasoline above $3.20', 'KXAAAGASW-26DEC07-3.20', 33],
  ['arsenal-win', 'Arsenal beat Chelsea', 'KXEPLGAME-26DEC05ARSCHE-ARS', 45],
  ['cpi-low', 'Inflation below 2.8 %', 'KXCPIYOY-26NOV-T2.8', 58],
  ['launch-week', 'Rocket launch this week', 'KXLAUNCH-26DEC06-Y', 72],
];

const DEMO_CASH_USD = '120';

export function demoScenario(): Scenario {
  return scenarioSchema.parse({
    version: 1,
    title: 'one minute of everything',
    markets: [
      ...GENERATED.map(([id, title, ticker, fairCents]) => ({
        id,
        title,
        fairCents,
        kalshi: { ticker },
        polymarket: {},
      })),
      {
        id: RECORDED_ID,
        title: 'Bitcoin up, recorded',
        kalshi: { ticker: RECORDED_TICKER, priceLevelStructure: 'tapered_deci_cent' },
        polymarket: { tickSize: '0.001' },
      },
    ],
    accounts: {
      kalshi: [{ id: 'main', usd: DEMO_CASH_USD }],
      polymarket: [{ id: 'main', usd: DEMO_CASH_USD }],
    },
    flow: {
      kind: 'combined',
      recorded: { capture: RECORDING, tickers: { [RECORDED_TICKER]: RECORDED_ID } },
      generated: {
        pace: 'lively',
        rates: { movesPerSecond: 1 / 40, takersPerSecond: 1 / 20, refreshesPerSecond: 1.5 },
      },
    },
  });
}

/** Everything that the scenario lists on both venues; each event stands for itself. */
export function demoPairs(markets: readonly ListedMarket[]): PairChoice[] {
  return markets.map(({ id, title, kalshi, polymarket }) => ({
    id,
    title,
    kalshi: kalshi.ticker,
    polymarket: polymarket.conditionId,
    isInverted: false,
    group: { eventId: id, category: 'demo', correlated: id },
    approvedBy: 'the scenario',
  }));
}

/** Where gaps may be offered. */
export const STAGED_PAIRS: readonly string[] = GENERATED.map(([id]) => id);
