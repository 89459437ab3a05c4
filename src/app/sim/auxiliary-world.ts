/** The small servers around the venues, with something to say for the default scenario and most others. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../../domain/ports/random.ts';
import type { AuxiliaryFault } from '../../sim/auxiliary/auxiliary-server.ts';
import { FedwatchServer } from '../../sim/auxiliary/fedwatch-server.ts';
import { OddsServer } from '../../sim/auxiliary/odds-server.ts';
import { TelegramServer } from '../../sim/auxiliary/telegram-server.ts';
import { WeatherServer } from '../../sim/auxiliary/weather-server.ts';
import { WebhookSink } from '../../sim/auxiliary/webhook-sink.ts';
import type { AnyFault } from './scenario-file.ts';

export interface Auxiliary {
  readonly odds: OddsServer;
  readonly weather: WeatherServer;
  readonly fedwatch: FedwatchServer;
  readonly telegram: TelegramServer;
  readonly webhook: WebhookSink;
  readonly oddsApiKey: string;
  readonly telegramToken: string;
  readonly telegramChatId: number;
  setFaults(faults: readonly AnyFault[]): void;
  struckFaults(): readonly { readonly id: string }[];
}

const DAY_MS = 86_400_000;
const CHAT_ID = 424_242;

export interface AuxiliaryRequest {
  readonly clock: Clock;
  readonly randomOf: (name: string) => Random;
  readonly secretRandom: Random;
}

export function makeAuxiliary({ clock, randomOf, secretRandom }: AuxiliaryRequest): Auxiliary {
  const hex = (bytes: number): string => Buffer.from(secretRandom.bytes(bytes)).toString('hex');
  const parts = (name: string) => ({ clock, random: randomOf(name) });
  const nowMs = Math.floor(clock.wall() / 1_000);
  const [oddsApiKey, telegramToken] = [hex(16), `7000000001:${hex(17)}`];
  const odds = new OddsServer({ ...parts('odds'), apiKey: oddsApiKey, games: games(nowMs, randomOf('games')) });
  const weather = new WeatherServer({ ...parts('weather'), stations: STATIONS });
  const fedwatch = new FedwatchServer({ ...parts('fedwatch'), meetings: MEETINGS, currentBasisPoints: 350 });
  const telegram = new TelegramServer({ ...parts('telegram'), token: telegramToken, chatId: CHAT_ID, userId: CHAT_ID });
  const webhook = new WebhookSink(parts('webhook'));
  const servers = [odds, weather, fedwatch, telegram, webhook];
  return {
    odds,
    weather,
    fedwatch,
    telegram,
    webhook,
    oddsApiKey,
    telegramToken,
    telegramChatId: CHAT_ID,
    setFaults: (faults) => {
      for (const server of servers) server.setFaults(auxiliaryFaults(faults));
    },
    struckFaults: () => servers.flatMap((server) => server.struckFaults()),
  };
}

function auxiliaryFaults(faults: readonly AnyFault[]): AuxiliaryFault[] {
  return faults.flatMap(({ venue, ...fault }) =>
    venue === 'kalshi' || venue === 'polymarket' ? [] : [{ ...fault, venue }],
  );
}

const STATIONS = [
  {
    id: 'KNYC',
    name: 'New York City, Central Park',
    latitude: 40.7831,
    longitude: -73.9712,
    gridId: 'OKX',
    gridX: 33,
    gridY: 37,
    timeZone: 'America/New_York',
    meanCelsius: 8,
  },
  {
    id: 'KMDW',
    name: 'Chicago, Midway',
    latitude: 41.786,
    longitude: -87.7524,
    gridId: 'LOT',
    gridX: 72,
    gridY: 69,
    timeZone: 'America/Chicago',
    meanCelsius: 4,
  },
  {
    id: 'KMIA',
    name: 'Miami International Airport',
    latitude: 25.7906,
    longitude: -80.3164,
    gridId: 'MFL',
    gridX: 105,
    gridY: 51,
    timeZone: 'America/New_York',
    meanCelsius: 24,
  },
  {
    id: 'KAUS',
    name: 'Austin-Bergstrom',
    latitude: 30.1945,
    longitude: -97.6699,
    gridId: 'EWX',
    gridX: 159,
    gridY: 88,
    timeZone: 'America/Chicago',
    meanCelsius: 15,
  },
] as const;

const MEETINGS = [
  { date: '2026-12-09', contract: 'ZQZ6', holdPercent: 84 },
  { date: '2027-01-27', contract: 'ZQF7', holdPercent: 71 },
  { date: '2027-03-17', contract: 'ZQH7', holdPercent: 52 },
] as const;

const GAMES = [
  ['basketball_nba', 'NBA', 'Boston Celtics', 'Los Angeles Lakers', 0.53],
  ['basketball_nba', 'NBA', 'New York Knicks', 'Miami Heat', 0.61],
  ['americanfootball_nfl', 'NFL', 'Kansas City Chiefs', 'Buffalo Bills', 0.55],
  ['icehockey_nhl', 'NHL', 'Toronto Maple Leafs', 'Montreal Canadiens', 0.58],
] as const;

function games(nowMs: number, random: Random) {
  return GAMES.map(([sportKey, sportTitle, home, away, homeProbability], at) => ({
    id: Buffer.from(random.bytes(16)).toString('hex'),
    sportKey,
    sportTitle,
    home,
    away,
    commenceMs: nowMs + (at + 1) * (DAY_MS / 4),
    homeProbability,
  }));
}
