import { describe, expect, it } from 'vitest';
import type { LocalServer, ServerAnswer, ServerReply } from '../../../src/domain/ports/local-server.ts';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { FedwatchServer } from '../../../src/sim/auxiliary/fedwatch-server.ts';
import { OddsServer } from '../../../src/sim/auxiliary/odds-server.ts';
import { TelegramServer } from '../../../src/sim/auxiliary/telegram-server.ts';
import { WeatherServer } from '../../../src/sim/auxiliary/weather-server.ts';
import { WebhookSink } from '../../../src/sim/auxiliary/webhook-sink.ts';

const parts = () => ({ clock: new VirtualClock(), random: seededRandom('auxiliary') });

function ask(
  server: LocalServer,
  target: string,
  given: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
) {
  const holder: { answer: ServerAnswer | undefined } = { answer: undefined };
  const { method = 'GET', headers = {}, body } = given;
  const text = body === undefined ? '' : JSON.stringify(body);
  server.onRequest({ method, target, headers, body: text, remote: '127.0.0.1' }, (answer) => {
    holder.answer = answer;
  });
  return holder;
}

function reply(server: LocalServer, target: string, given: Parameters<typeof ask>[2] = {}): ServerReply {
  const { answer } = ask(server, target, given);
  if (answer?.kind !== 'reply') throw new Error(`expected a reply, found ${answer?.kind ?? 'none yet'}`);
  return answer.reply;
}

const bodyOf = ({ body }: ServerReply) => JSON.parse(body);

describe('odds', () => {
  const KEY = 'sample';
  const odds = (credits = 100) => {
    const given = parts();
    const game = { id: 'g1', sportKey: 'basketball_nba', sportTitle: 'NBA', home: 'Celtics', away: 'Lakers' };
    const games = [{ ...game, commenceMs: Date.UTC(2026, 0, 2), homeProbability: 0.6 }];
    return { ...given, server: new OddsServer({ ...given, apiKey: KEY, games, creditsAtStart: credits }) };
  };
  const path = (more = '') => `/v4/sports/basketball_nba/odds?apiKey=${KEY}&regions=us${more}`;

  it('gives bookmakers with markets, outcomes and a margin, and says what it cost', () => {
    const { server } = odds();
    const { headers, ...given } = reply(server, path('&markets=h2h,totals'));
    const [game] = JSON.parse(given.body);
    expect(game).toMatchObject({ home_team: 'Celtics', away_team: 'Lakers', commence_time: '2026-01-02T00:00:00Z' });
    for (const { markets } of game.bookmakers) {
      const [{ outcomes }] = markets;
      const implied = outcomes.reduce((sum: number, { price }: { price: number }) => sum + 1 / price, 0);
      expect(implied).toBeGreaterThan(1);
      expect(implied).toBeLessThan(1.1);
    }
    expect(headers).toMatchObject({ 'x-requests-last': '2', 'x-requests-used': '2', 'x-requests-remaining': '98' });
  });

  it('moves with time, each sportsbook with its own last update', () => {
    const { server, clock } = odds();
    const before = bodyOf(reply(server, path()))[0].bookmakers;
    clock.advanceBy(600_000);
    const after = bodyOf(reply(server, path()))[0].bookmakers;
    expect(after).not.toEqual(before);
    expect(new Set(after.map(({ last_update }: { last_update: string }) => last_update)).size).toBeGreaterThan(2);
  });

  it.each([
    ['/v4/sports', 401, 'MISSING_KEY'],
    ['/v4/sports?apiKey=other', 401, 'INVALID_KEY'],
    [`/v4/sports/basketball_nba/odds?apiKey=${KEY}`, 422, 'MISSING_REGION'],
    [path('&markets=nonsense'), 422, 'INVALID_MARKET'],
    [`/v4/sports/curling/odds?apiKey=${KEY}&regions=us`, 404, 'UNKNOWN_SPORT'],
  ])('refuses %s with %i %s', (target, status, code) => {
    const refused = reply(odds().server, target);
    expect({ status: refused.status, code: bodyOf(refused).error_code }).toEqual({ status, code });
  });

  it('ends when the credits do', () => {
    const { server } = odds(1);
    expect(reply(server, path()).status).toBe(200);
    expect(bodyOf(reply(server, path())).error_code).toBe('OUT_OF_USAGE_CREDITS');
  });

  it('limits the rate where a fault says so', () => {
    const { server } = odds();
    server.setFaults([{ id: 'O4', venue: 'odds', times: 1 }]);
    expect(reply(server, path()).status).toBe(429);
    expect(reply(server, path()).status).toBe(200);
    expect(server.struckFaults()).toHaveLength(1);
  });
});

describe('weather', () => {
  const weather = () => {
    const given = parts();
    const place = {
      latitude: 40.78,
      longitude: -73.97,
      gridId: 'OKX',
      gridX: 33,
      gridY: 37,
      timeZone: 'America/New_York',
    };
    const stations = [{ id: 'KNYC', name: 'Central Park', ...place, meanCelsius: 8 }];
    return { ...given, server: new WeatherServer({ ...given, stations }) };
  };
  const headers = { 'user-agent': 'tandem', host: '127.0.0.1:1' };

  it('refuses who does not say who asks', () => {
    expect(reply(weather().server, '/stations/KNYC/observations/latest').status).toBe(403);
  });

  it('leads from a point to its stations and forecast', () => {
    const { server } = weather();
    const { properties } = bodyOf(reply(server, '/points/40.78,-73.97', { headers }));
    const local = (url: string) => new URL(url).pathname;
    const stations = bodyOf(reply(server, local(properties.observationStations), { headers }));
    expect(stations.features[0].properties.stationIdentifier).toBe('KNYC');
    const forecast = bodyOf(reply(server, local(properties.forecast), { headers }));
    expect(forecast.properties.periods).toHaveLength(14);
  });

  it('has checked readings, and none that quality control has not seen', () => {
    const { server } = weather();
    const temperature = () =>
      bodyOf(reply(server, '/stations/KNYC/observations/latest', { headers })).properties.temperature;
    expect(temperature()).toMatchObject({
      unitCode: 'wmoUnit:degC',
      value: expect.any(Number),
      qualityControl: 'qc:V',
    });
    server.setMissing('KNYC', true);
    expect(temperature()).toMatchObject({ value: null, qualityControl: 'qc:Z' });
  });

  it('knows no place that it was not given', () => {
    expect(reply(weather().server, '/points/1,1', { headers }).status).toBe(404);
  });
});

describe('fedwatch', () => {
  const fedwatch = () => {
    const meetings = [{ date: '2026-12-09', contract: 'ZQZ6', holdPercent: 84 }];
    return new FedwatchServer({ ...parts(), meetings, currentBasisPoints: 350 });
  };

  it('has rows that add up to 100 in every column', () => {
    const [meeting] = bodyOf(reply(fedwatch(), '/fed-watch/latest.json')).meetings;
    for (const column of ['now', 'day1', 'week1', 'month1'])
      expect(
        meeting.rate_probabilities.reduce((sum: number, row: Record<string, number>) => sum + (row[column] ?? 0), 0),
      ).toBeCloseTo(100, 6);
    expect(meeting).toMatchObject({ tab_label: '9 Dec26', current_target: '350-37585', summary: { no_change: 84 } });
  });

  it('shows the same on its page, and rows twice where a fault says so', () => {
    const server = fedwatch();
    expect(reply(server, '/fed-watch/').body).toContain('<td>350-375 (Current)</td><td>84%</td>');
    server.setFaults([{ id: 'D1', venue: 'fedwatch', times: 1 }]);
    expect(bodyOf(reply(server, '/fed-watch/latest.json')).meetings[0].rate_probabilities).toHaveLength(6);
  });
});

describe('telegram', () => {
  const telegram = () => {
    const given = parts();
    return { ...given, server: new TelegramServer({ ...given, token: '1:sample', chatId: 5, userId: 5 }) };
  };
  const call = (server: LocalServer, method: string, body: unknown) =>
    ask(server, `/bot1:sample/${method}`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  const done = (given: ReturnType<typeof call>) =>
    given.answer?.kind === 'reply' ? bodyOf(given.answer.reply) : undefined;

  it('knows its token', () => {
    const { server } = telegram();
    expect(done(call(server, 'getMe', {}))).toMatchObject({ ok: true, result: { is_bot: true } });
    expect(reply(server, '/bot1:other/getMe').status).toBe(401);
  });

  it('holds a long poll until somebody writes, and gives each update until it is taken', () => {
    const { server, clock } = telegram();
    const poll = call(server, 'getUpdates', { timeout: 30 });
    clock.advanceBy(5_000);
    expect(poll.answer).toBeUndefined();
    server.say('/status');
    const [update] = done(poll).result;
    expect(update.message).toMatchObject({ text: '/status', chat: { id: 5 } });
    expect(done(call(server, 'getUpdates', { timeout: 0 })).result).toHaveLength(1);
    const rest = call(server, 'getUpdates', { timeout: 1, offset: update.update_id + 1 });
    clock.advanceBy(1_000);
    expect(done(rest).result).toEqual([]);
  });

  it('ends a poll when a second one comes', () => {
    const { server } = telegram();
    const first = call(server, 'getUpdates', { timeout: 30 });
    call(server, 'getUpdates', { timeout: 30 });
    expect(done(first)).toMatchObject({ ok: false, error_code: 409 });
  });

  it('gives buttons that were pressed', () => {
    const { server } = telegram();
    server.press('confirm:1', 7);
    const [update] = done(call(server, 'getUpdates', {})).result;
    expect(update.callback_query).toMatchObject({ data: 'confirm:1', message: { message_id: 7 } });
    call(server, 'answerCallbackQuery', { callback_query_id: update.callback_query.id });
    expect(server.answeredCallbacks()).toHaveLength(1);
  });

  it.each([
    ['<b>one', 'Can\'t find end tag corresponding to start tag "b"'],
    ['a <x>', 'Unsupported start tag "x" at byte offset 2'],
    ['<b>é</i>', 'Unmatched end tag at byte offset 5, expected "</b>", found "</i>"'],
  ])('cannot parse %s', (text, problem) => {
    const { server } = telegram();
    const answer = done(call(server, 'sendMessage', { chat_id: 5, text, parse_mode: 'HTML' }));
    expect(answer.description).toBe(`Bad Request: can't parse entities: ${problem}`);
    expect(server.sent()).toEqual([]);
  });

  it('shows what HTML means, and says when to come back', () => {
    const { server } = telegram();
    const message = { chat_id: 5, text: '<b>P&amp;L</b> +1', parse_mode: 'HTML' };
    expect(done(call(server, 'sendMessage', message)).result.text).toBe('P&L +1');
    server.setFaults([{ id: 'O4', venue: 'telegram', parameters: { retryAfterSeconds: 12 } }]);
    expect(done(call(server, 'sendMessage', message))).toMatchObject({
      error_code: 429,
      parameters: { retry_after: 12 },
    });
  });
});

describe('webhook sink', () => {
  it('keeps what came, and answers as faults say', () => {
    const { clock, random } = parts();
    const server = new WebhookSink({ clock, random });
    const post = () => ask(server, '/alerts', { method: 'POST', body: { level: 'high' } });
    expect(post().answer).toMatchObject({ reply: { status: 204 } });
    server.setFaults([
      { id: 'O3', venue: 'webhook', times: 1 },
      { id: 'N5', venue: 'webhook', times: 1, after: 1, parameters: { delayMs: 4_000 } },
    ]);
    expect(post().answer).toMatchObject({ reply: { status: 500 } });
    const slow = post();
    expect(slow.answer).toBeUndefined();
    clock.advanceBy(4_000);
    expect(slow.answer).toMatchObject({ reply: { status: 204 } });
    expect(server.received().map(({ status, body }) => [status, body])).toEqual(
      [204, 500, 204].map((status) => [status, '{"level":"high"}']),
    );
  });

  it('passes over faults of other servers', () => {
    const server = new WebhookSink(parts());
    server.setFaults([{ id: 'N2', venue: 'odds' }]);
    expect(ask(server, '/', { method: 'POST' }).answer).toMatchObject({ reply: { status: 204 } });
  });
});
