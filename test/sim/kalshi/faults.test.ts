import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { FaultRack } from '../../../src/sim/faults.ts';
import { KALSHI_FAULTS } from '../../../src/sim/kalshi/fault-list.ts';
import { SimDriver, TICKER } from '../../support/sim-driver.ts';
import { broken, type FaultWish, IOC, ORDERS, send, watching } from './broken-venue.ts';

describe('fault rack', () => {
  const place = { step: 'request', endpoint: 'POST /x', market: 'M' };

  test('strikes as often as its rate says, the same way for the same seed', () => {
    const count = (seed: string): number => {
      const rack = new FaultRack('kalshi', seededRandom(seed));
      rack.set([{ id: 'O1', venue: 'any', rate: 0.25 }]);
      return Array.from({ length: 4_000 }, () => rack.strike('O1', place)).filter((fault) => fault !== undefined)
        .length;
    };
    expect(count('a')).toBe(count('a'));
    expect(Math.abs(count('a') - 1_000)).toBeLessThan(100);
  });

  test('strikes after so many places, so many times, at the place that was meant, at its venue', () => {
    const rack = new FaultRack('kalshi', seededRandom('x'));
    rack.set([
      { id: 'O1', venue: 'kalshi', after: 1, times: 2, match: { market: 'M', endpoint: '/x' } },
      { id: 'O2', venue: 'polymarket' },
    ]);
    expect(rack.strike('O1', { ...place, market: 'N' })).toBeUndefined();
    const seen = Array.from({ length: 5 }, () => rack.strike('O1', place) !== undefined);
    expect([seen, rack.strike('O2', place), rack.struck().length]).toEqual([
      [false, true, true, false, false],
      undefined,
      2,
    ]);
  });
});

describe('simulated Kalshi under faults of the line', () => {
  test.each([
    ['O1', 'silence', ['resting']],
    ['O2', 'silence', []],
    ['N1', 'silence', []],
    ['N2', 'silence', []],
    ['N6', 'reset', ['resting']],
    ['N7', 'truncate', ['resting']],
    ['N8', 'reset', []],
    ['O3', 502, ['resting']],
    ['O13', 409, ['resting']],
    ['O4', 429, []],
    ['O18', 400, []],
    ['O20', 401, []],
  ])('%s answers with %s while the truth is %j', (id, expected, truth) => {
    const driver = broken({ id, match: { step: ['O18'].includes(id) ? 'create' : 'request' } });
    const sent = send(driver);
    expect([sent.status(), sent.truth()]).toEqual([expected, truth]);
  });

  test('N1 one way lets the order in and nothing out', () => {
    const sent = send(broken({ id: 'N1', parameters: { direction: 'out' } }));
    expect([sent.status(), sent.truth()]).toEqual(['silence', ['resting']]);
  });

  test('N3 holds data back while pings go on, and N4 the reverse', () => {
    const frozen = broken({ id: 'N3', times: 1, parameters: { durationMs: 30_000 } });
    const socket = watching(frozen);
    frozen.offer('bid', 40, 1);
    frozen.clock.advanceBy(20_000);
    expect([socket.frames.length, socket.pings.length]).toEqual([0, 2]);
    frozen.clock.advanceBy(10_000);
    expect(socket.frames.map(({ type }) => type)).toEqual(['orderbook_snapshot', 'orderbook_delta']);
    const mute = broken({ id: 'N4' });
    const quiet = watching(mute);
    mute.offer('bid', 40, 1);
    mute.clock.advanceBy(60_000);
    expect([quiet.frames.length, quiet.pings.length]).toEqual([1, 0]);
  });

  test('N5 delays the answer and not the order', () => {
    const driver = broken({ id: 'N5', match: { step: 'request' } });
    const sent = send(driver);
    expect([sent.status(), sent.truth()]).toEqual([undefined, ['resting']]);
    driver.clock.advanceBy(10_000);
    expect(sent.status()).toBe(201);
  });

  test('N6 cuts a socket without a close frame', () => {
    const driver = broken({ id: 'N6', match: { step: 'frame', type: 'orderbook_delta' } });
    const socket = watching(driver);
    driver.offer('bid', 40, 1);
    expect([socket.end, driver.sim.connectionCount()]).toEqual(['cut', 0]);
  });

  test('N9 refuses five upgrades in a row', () => {
    const driver = broken({ id: 'N9', times: 5 });
    for (let attempt = 0; attempt < 5; attempt++) expect(() => driver.connect()).toThrow('502');
    expect(driver.connect().end).toBe('open');
  });

  test('N10 never acknowledges a subscription, N2 never hears it', () => {
    for (const id of ['N10', 'N2']) expect(broken({ id }).subscribe({ channels: ['trade'] }).frames).toEqual([]);
  });

  test('N11 kills the socket while REST lives, or the reverse', () => {
    const deaf = broken({ id: 'N11', match: { step: 'frame' } });
    const socket = deaf.connect();
    deaf.subscribe({ channels: ['orderbook_delta'], market_tickers: [TICKER] }, socket);
    expect([socket.end, send(deaf).status()]).toEqual(['cut', 201]);
    const mute = broken({ id: 'N11', match: { step: 'request' } });
    const alive = watching(mute);
    mute.offer('bid', 40, 1);
    expect([alive.frames.length, send(mute).status()]).toEqual([1, 'reset']);
  });

  test('N12 is dead from right after one order on, sockets too', () => {
    const driver = broken({ id: 'N12', times: 1, match: { endpoint: `POST /trade-api/v2${ORDERS}` } });
    const socket = watching(driver);
    expect(send(driver).status()).toBe(201);
    socket.take();
    driver.offer('bid', 40, 1);
    expect([send(driver).status(), socket.frames.length]).toEqual(['silence', 0]);
    expect(() => driver.connect()).toThrow('502');
    driver.clock.advanceBy(10_000);
    expect([send(driver).status(), socket.frames[0]?.type]).toEqual([201, 'orderbook_delta']);
  });
});

describe('simulated Kalshi under faults of its data', () => {
  const frames = (fault: FaultWish, channels?: string[]) => {
    const driver = new SimDriver();
    const socket = watching(driver, channels);
    driver.sim.setFaults([{ venue: 'kalshi', times: 1, ...fault }]);
    for (const cents of [40, 41, 42]) driver.offer('bid', cents, 1);
    return { frames: socket.frames, driver, socket };
  };

  test.each([
    ['D1 repeats a frame', 'D1', [2, 2, 3, 4]],
    ['D2 swaps two frames', 'D2', [3, 2, 4]],
    ['D3 leaves a gap', 'D3', [3, 4]],
    ['D4 sends an old snapshot on', 'D4', [2, 3, 4, 5]],
  ])('%s', (_title, id, sequence) => {
    expect(frames({ id }).frames.map(({ seq }) => seq)).toEqual(sequence);
  });

  test('D4 sends the snapshot as it was at the start', () => {
    expect(frames({ id: 'D4' }).frames[1]).toMatchObject({
      type: 'orderbook_snapshot',
      msg: expect.not.objectContaining({ yes_dollars_fp: expect.anything() }),
    });
  });

  test.each([
    ['D5', { delta_fp: '-1000000.00' }],
    ['D6', { price_dollars: '0.9900' }],
    ['D11', { market_ticker: 'KXNEVERLISTED-26JAN01-X' }],
    ['D10', { never_heard_of: expect.anything() }],
  ])('%s bends one delta', (id, expected) => {
    expect(frames({ id }).frames[0].msg).toMatchObject(expected);
  });

  test.each([
    ['null', null],
    ['number', 0.4],
    ['NaN', 'NaN'],
  ])('D10 puts %s where a price belongs', (kind, value) => {
    expect(frames({ id: 'D10', parameters: { kind } }).frames[0].msg.price_dollars).toBe(value);
  });

  test('D7 and T6 bend the times', () => {
    const { driver, frames: stale } = frames({ id: 'D7' });
    expect(stale[0].msg.ts_ms).toBe(driver.nowMs() - 20_000);
    expect(frames({ id: 'T6' }).frames[0].msg.ts_ms).toBe(driver.nowMs() / 1_000);
  });

  test('D8 changes the grid while the book lives', () => {
    const { driver } = frames({ id: 'D8' });
    driver.clock.advanceBy(1);
    expect(driver.sim.market(TICKER).priceLevelStructure).toBe('deci_cent');
  });

  test('D9 pauses or closes the market under an order', () => {
    expect(send(broken({ id: 'D9' })).status()).toBe(409);
    expect(send(broken({ id: 'D9', parameters: { how: 'close' } })).status()).toBe(400);
  });

  test('D12 empties the book without side keys', () => {
    expect(frames({ id: 'D12' }).frames[0]).toMatchObject({
      type: 'orderbook_snapshot',
      seq: 2,
      msg: { market_ticker: TICKER },
    });
    expect(Object.keys(frames({ id: 'D12' }).frames[0].msg)).toHaveLength(2);
  });

  test('D13 shows placeholder quotes', () => {
    expect(frames({ id: 'D13' }, ['ticker']).frames[0].msg).toMatchObject({
      yes_bid_dollars: '0.0010',
      yes_ask_dollars: '0.9990',
    });
  });

  test('D14 floods in sequence', () => {
    const { frames: many } = frames({ id: 'D14', parameters: { count: 500 } });
    expect(many.map(({ seq }) => seq)).toEqual(Array.from({ length: 503 }, (_none, index) => index + 2));
  });

  test.each([
    ['V1', 25],
    ['V2', 10],
  ])('%s ends the subscription with its terminal error', (id, code) => {
    const { frames: seen, socket } = frames({ id });
    expect(seen).toMatchObject([{ type: 'error', sid: 1, seq: 3, msg: { code } }]);
    expect(socket.end).toBe('open');
  });
});

describe('simulated Kalshi under faults of settlement and time', () => {
  const result = (id: string): unknown[] => {
    const driver = broken({ id });
    driver.sim.lifecycle.determine(TICKER, { result: 'yes' });
    const { status, result: what, settlementValueE4 } = driver.sim.market(TICKER);
    return [status, what, settlementValueE4];
  };

  test('C5 disputes, C6 turns round, C7 pays half', () => {
    expect([result('C5'), result('C6'), result('C7')]).toEqual([
      ['disputed', 'yes', 10_000],
      ['determined', 'no', 0],
      ['determined', 'scalar', 5_000],
    ]);
  });

  test('T1 and T2 move the venue clock, so that signatures no longer hold', () => {
    expect(send(broken({ id: 'T1' })).status()).toBe(401);
    expect(send(broken({ id: 'T2' })).status()).toBe(401);
    expect(send(broken({ id: 'T1', parameters: { skewMs: 1_000 } })).status()).toBe(201);
  });

  test('T7 begins maintenance and ends it', () => {
    const driver = broken({ id: 'T7', times: 1 });
    expect(driver.order().body.error.code).toBe('trading_is_paused');
    driver.clock.advanceBy(7_200_000);
    expect(driver.order().status).toBe(201);
  });

  test('V4 takes one shard down', () => {
    expect(broken({ id: 'V4' }).order().body.error.code).toBe('exchange_is_paused');
  });
});

describe('fault list', () => {
  /** The project's catalogue, and why some of it has no place at this venue. */
  const CATALOGUE = { N: 12, D: 14, O: 22, C: 8, T: 7 } as const;
  const ELSEWHERE: Readonly<Record<string, string>> = {
    O5: 'matching engine restarts with 425 are of the other venue',
    O19: 'delayed orders are of the other venue',
    C1: 'chain',
    C2: 'chain',
    C3: 'chain',
    C4: 'chain',
    C8: 'chain',
    T3: 'an hour of the day, not a fault of a venue',
    T4: 'an hour of the day, not a fault of a venue',
    T5: 'of the host',
  };

  test('has every fault of the catalogue that concerns this venue', () => {
    const ids = new Set(KALSHI_FAULTS.map(({ id }) => id));
    const wanted = Object.entries(CATALOGUE).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_none, index) => `${letter}${index + 1}`),
    );
    expect(wanted.filter((id) => !ids.has(id) && ELSEWHERE[id] === undefined)).toEqual([]);
    expect(wanted.filter((id) => ids.has(id) && ELSEWHERE[id] !== undefined)).toEqual([]);
  });

  test('combines: several faults strike one request', () => {
    const driver = broken(
      { id: 'O16', match: { step: 'create' } },
      { id: 'O3', match: { step: 'request' } },
      { id: 'N5', match: { step: 'request' }, parameters: { delayMs: 100 } },
    );
    driver.offer('ask', 50, 100);
    const sent = send(driver, IOC);
    driver.clock.advanceBy(100);
    expect([sent.status(), driver.sim.fills('alice')[0]?.sizeE6]).toEqual([502, 3_700_000]);
  });

  test('is the same run for the same seed', () => {
    const run = (): unknown => {
      const driver = new SimDriver();
      driver.sim.setFaults([
        { id: 'O3', venue: 'any', rate: 0.3 },
        { id: 'O16', venue: 'any', rate: 0.5 },
      ]);
      driver.offer('ask', 50, 1_000);
      return Array.from({ length: 10 }, () => [send(driver, { ...IOC, count: '1.00' }).holder.answer]);
    };
    expect(run()).toEqual(run());
  });
});
