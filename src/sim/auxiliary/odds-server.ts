/**
 * The Odds API, version 4: sports, and odds of several sportsbooks, made up from the seed and moving with time.
 *
 * Shapes follow recorded replies of August 2026: decimal prices, a time of last update for each sportsbook (age at
 * the fetch: median 20 s, 95th percentile 94 s), and what the request cost in headers.
 */

import type { ServerReply } from '../../domain/ports/local-server.ts';
import type { Random } from '../../domain/ports/random.ts';
import {
  type AuxiliaryCall,
  type AuxiliaryParts,
  AuxiliaryServer,
  type Handled,
  isoSeconds,
  json,
} from './auxiliary-server.ts';

export interface OddsGame {
  readonly id: string;
  readonly sportKey: string;
  readonly sportTitle: string;
  readonly home: string;
  readonly away: string;
  readonly commenceMs: number;
  /** That the home team wins. */
  readonly homeProbability: number;
}

export interface OddsOptions extends AuxiliaryParts {
  readonly apiKey: string;
  readonly games: readonly OddsGame[];
  readonly creditsAtStart?: number;
}

const SPORTSBOOKS = [
  ['fanduel', 'FanDuel', 0.045],
  ['draftkings', 'DraftKings', 0.047],
  ['betmgm', 'BetMGM', 0.05],
  ['betonlineag', 'BetOnline.ag', 0.04],
  ['pinnacle', 'Pinnacle', 0.022],
] as const;

const MARKETS = ['h2h', 'spreads', 'totals'] as const;
type Market = (typeof MARKETS)[number];
/** A sportsbook looks at its price again so often; between two looks its odds and its time stay. */
const REVIEW_MS = 40_000;

export class OddsServer extends AuxiliaryServer {
  readonly #options: OddsOptions;
  readonly #offsets: ReadonlyMap<string, { readonly phaseMs: number; readonly lean: number }>;
  #remaining: number;
  #used = 0;

  constructor(options: OddsOptions) {
    super('odds', options);
    this.#options = options;
    this.#remaining = options.creditsAtStart ?? 20_000;
    this.#offsets = new Map(
      options.games.flatMap(({ id }) =>
        SPORTSBOOKS.map(([book]) => [`${id}/${book}`, offset(options.random)] as const),
      ),
    );
  }

  /** As if somebody else had used the rest of the key's credits. */
  spend(credits: number): void {
    this.#used += Math.min(credits, this.#remaining);
    this.#remaining = Math.max(0, this.#remaining - credits);
  }

  protected handle(call: AuxiliaryCall): Handled {
    const key = call.query.get('apiKey') ?? '';
    if (key === '') return failure(401, 'MISSING_KEY', 'API key is missing');
    if (key !== this.#options.apiKey) return failure(401, 'INVALID_KEY', 'API key is not valid');
    if (call.method !== 'GET') return failure(404, 'NOT_FOUND', 'Not found');
    if (call.path === '/v4/sports' || call.path === '/v4/sports/') return json(this.#sports(), 200, this.#quota(0));
    const sport = /^\/v4\/sports\/([a-z0-9_]+)\/odds\/?$/.exec(call.path)?.[1];
    return sport === undefined ? failure(404, 'NOT_FOUND', 'Not found') : this.#odds(sport, call.query);
  }

  protected override tooMany(): ServerReply {
    return failure(429, 'EXCEEDED_FREQ_LIMIT', 'Requests are too frequent');
  }

  #sports(): unknown[] {
    const titles = new Map(this.#options.games.map(({ sportKey, sportTitle }) => [sportKey, sportTitle]));
    return [...titles].map(([key, title]) => ({
      key,
      group: key.split('_')[0],
      title,
      description: title,
      active: true,
      has_outrights: false,
    }));
  }

  #odds(sport: string, query: URLSearchParams): ServerReply {
    const games = this.#options.games.filter(({ sportKey }) => sport === 'upcoming' || sportKey === sport);
    if (games.length === 0) return failure(404, 'UNKNOWN_SPORT', 'Unknown sport');
    const regions = list(query.get('regions'));
    const books = list(query.get('bookmakers'));
    if (regions.length === 0 && books.length === 0) return failure(422, 'MISSING_REGION', 'Missing regions parameter');
    const unknown = regions.find((region) => !['us', 'us2', 'uk', 'eu', 'au'].includes(region));
    if (unknown !== undefined) return failure(422, 'INVALID_REGION', `Invalid region parameter: ${unknown}`);
    const markets = list(query.get('markets') ?? 'h2h');
    const wrong = markets.find((market) => !MARKETS.some((known) => known === market));
    if (wrong !== undefined) return failure(422, 'INVALID_MARKET', `Invalid markets parameter: ${wrong}`);
    const format = query.get('oddsFormat') ?? 'decimal';
    if (format !== 'decimal' && format !== 'american')
      return failure(422, 'INVALID_ODDS_FORMAT', `Invalid oddsFormat parameter: ${format}`);
    const cost = markets.length * Math.max(1, regions.length);
    if (cost > this.#remaining) return failure(401, 'OUT_OF_USAGE_CREDITS', 'Usage quota has been reached');
    const body = games.map((game) => this.#game(game, { books, format, markets: markets as Market[] }));
    return json(body, 200, this.#quota(cost));
  }

  #game(
    game: OddsGame,
    asked: {
      readonly books: readonly string[];
      readonly format: 'decimal' | 'american';
      readonly markets: readonly Market[];
    },
  ): unknown {
    const nowMs = this.nowMs();
    const bookmakers = SPORTSBOOKS.filter(([key]) => asked.books.length === 0 || asked.books.includes(key)).map(
      ([key, title, margin]) => {
        const { phaseMs, lean } = this.#offsets.get(`${game.id}/${key}`) ?? { phaseMs: 0, lean: 0 };
        const reviewedMs = Math.floor((nowMs + phaseMs) / REVIEW_MS) * REVIEW_MS - phaseMs;
        const home = clamp(game.homeProbability + lean + drift(game, reviewedMs));
        const update = isoSeconds(reviewedMs);
        const price = (probability: number): number => odds(probability * (1 + margin), asked.format);
        return {
          key,
          title,
          last_update: update,
          markets: asked.markets.map((market) => ({
            key: market,
            last_update: update,
            outcomes: outcomes(market, game, { home, price }),
          })),
        };
      },
    );
    return {
      id: game.id,
      sport_key: game.sportKey,
      sport_title: game.sportTitle,
      commence_time: isoSeconds(game.commenceMs),
      home_team: game.home,
      away_team: game.away,
      bookmakers,
    };
  }

  #quota(cost: number): Record<string, string> {
    this.spend(cost);
    return {
      'x-requests-remaining': String(this.#remaining),
      'x-requests-used': String(this.#used),
      'x-requests-last': String(cost),
    };
  }
}

function outcomes(
  market: Market,
  game: OddsGame,
  { home, price }: { readonly home: number; readonly price: (probability: number) => number },
): unknown[] {
  if (market === 'totals')
    return [
      { name: 'Over', price: price(0.51), point: 8.5 },
      { name: 'Under', price: price(0.49), point: 8.5 },
    ];
  const point = home > 0.5 ? -1.5 : 1.5;
  const covers = clamp(home - Math.sign(0.5 - point) * 0.12);
  const share = market === 'h2h' ? home : covers;
  return [
    { name: game.home, price: price(share), ...(market === 'spreads' ? { point } : {}) },
    { name: game.away, price: price(1 - share), ...(market === 'spreads' ? { point: -point } : {}) },
  ];
}

/** The price of a moment is a function of that moment: a sportsbook that did not look again says the same again. */
function drift({ homeProbability }: OddsGame, atMs: number): number {
  return (1 / 50) * Math.sin(atMs / 900_000 + homeProbability * 20) + 0.01 * Math.sin(atMs / 131_000);
}

function offset(random: Random): { readonly phaseMs: number; readonly lean: number } {
  return { phaseMs: random.below(REVIEW_MS), lean: (random.next() - 0.5) / 50 };
}

function odds(probability: number, format: 'decimal' | 'american'): number {
  const decimal = Math.max(1.01, Math.round((1 / Math.min(0.99, probability)) * 100) / 100);
  if (format === 'decimal') return decimal;
  return decimal >= 2 ? Math.round((decimal - 1) * 100) : Math.round(-100 / (decimal - 1));
}

function clamp(probability: number): number {
  return Math.min(0.97, Math.max(0.03, probability));
}

function list(text: string | null): string[] {
  return (text ?? '').split(',').filter((part) => part !== '');
}

function failure(status: number, code: string, message: string): ServerReply {
  return json(
    { message, error_code: code, details_url: `https://the-odds-api.com/liveapi/guides/v4/api-error-codes.html` },
    status,
  );
}
