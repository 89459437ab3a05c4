import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SocketTransport } from '../../../src/domain/ports/socket.ts';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { millis } from '../../../src/domain/units.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { fixedDelays, roundTrips } from '../../../src/venues/transport/memory-delays.ts';
import { type FaultRule, TRANSPORT_FAULTS } from '../../../src/venues/transport/memory-faults.ts';
import { MemoryNetwork } from '../../../src/venues/transport/memory-network.ts';
import { EchoServer } from '../../support/echo-server.ts';
import { get, openOn, post, sendOn } from '../../support/transport-calls.ts';

const HTTP = 'https://venue.test';
const SOCKET = 'wss://venue.test/socket';

/** A network of 10 ms each way to one echo server. */
function setUp({ seed = 'seed', delays = fixedDelays(10) } = {}) {
  const clock = new VirtualClock();
  const server = new EchoServer();
  const network = new MemoryNetwork({ clock, random: seededRandom(seed), serverOf: () => server, delays });
  const open = (sockets: SocketTransport = network.sockets) => {
    const opened = openOn(sockets, SOCKET);
    clock.advanceBy(20);
    return opened;
  };
  return { clock, server, network, open, inject: (rule: FaultRule) => network.inject(rule) };
}

describe('memory network', () => {
  it('takes the way there, then the way back', () => {
    const { clock, server, network } = setUp();
    const sent = sendOn(network.http, get(`${HTTP}/echo`));
    clock.advanceTo(9);
    expect(server.requests).toHaveLength(0);
    clock.advanceTo(19);
    expect([server.requests.length, sent.calls]).toEqual([1, ['sent']]);
    clock.advanceTo(20);
    expect([sent.calls, clock.pending]).toEqual([['sent', 'reply'], 0]);
  });

  it('never calls back before it returns, also without a delay', () => {
    const { clock, network } = setUp({ delays: fixedDelays(0) });
    const opened = openOn(network.sockets, SOCKET);
    expect(opened.calls).toEqual([]);
    clock.advanceBy(0);
    expect(opened.calls).toEqual(['open']);
  });

  it('keeps the order of a socket, whatever each message takes', () => {
    const slower = roundTrips([
      [0, 1],
      [1, 400],
    ]);
    const { clock, network } = setUp({ delays: slower });
    const opened = openOn(network.sockets, SOCKET);
    clock.advanceBy(1_000);
    const texts = Array.from({ length: 200 }, (_, at) => `text ${at}`);
    for (const text of texts) opened.socket.send(text.slice('text '.length));
    clock.runUntilIdle();
    expect(opened.calls.slice(1)).toEqual(texts);
  });

  it('tells one story for one seed', () => {
    const story = (seed: string): unknown => {
      const { clock, server, network } = setUp({
        seed,
        delays: roundTrips([
          [0.5, 10],
          [1, 90],
        ]),
      });
      network.inject({ fault: { kind: 'duplicate' }, probability: 0.3 });
      network.inject({ fault: { kind: 'reorder', withinMs: 5 }, probability: 0.3 });
      network.inject({ fault: { kind: 'resetAfterSent' }, on: 'http', probability: 0.3 });
      const opened = openOn(network.sockets, SOCKET);
      const sents = Array.from({ length: 20 }, (_, at) => sendOn(network.http, get(`${HTTP}/echo/${at}`)));
      clock.advanceBy(100);
      for (let at = 0; at < 20; at++) opened.socket.send(String(at));
      clock.runUntilIdle();
      return [opened.calls, sents.map(({ calls }) => calls), server.events, clock.nowMs()];
    };
    expect(story('a')).toEqual(story('a'));
    expect(story('a')).not.toEqual(story('b'));
  });
});

describe('transport faults over HTTP', () => {
  const outcomes = (rule: FaultRule, path = '/echo') => {
    const { clock, server, inject, network } = setUp();
    inject(rule);
    const sent = sendOn(network.http, post(HTTP + path, '{}'));
    clock.runUntilIdle();
    return { calls: sent.calls, taken: server.requests.length, atMs: clock.nowMs() };
  };

  it.each([
    ['N1', { calls: ['sent', 'lost'], taken: 0, atMs: 1_000 }],
    ['N2', { calls: ['sent', 'lost'], taken: 0, atMs: 1_000 }],
    ['N5', { calls: ['sent', 'lost'], taken: 1 }],
    ['N6', { calls: ['sent', 'lost'], taken: 1, atMs: 20 }],
    ['N7', { calls: ['sent', 'lost'], taken: 1, atMs: 20 }],
    ['N8', { calls: ['notSent'], taken: 0, atMs: 0 }],
  ] as const)('%s ends as it does on a real wire', (id, expected) => {
    expect(outcomes(TRANSPORT_FAULTS[id].rule)).toMatchObject(expected);
  });

  it.each(['N3', 'N4', 'N9', 'N10', 'N11'] as const)('%s leaves HTTP alone', (id) => {
    expect(outcomes(TRANSPORT_FAULTS[id].rule)).toMatchObject({ calls: ['sent', 'reply'], taken: 1, atMs: 20 });
  });

  it('delivers a request that a partition held, after everybody has given it up', () => {
    const { clock, server, inject, network } = setUp();
    inject({ fault: { kind: 'partition', direction: 'toServer' }, forMs: 5_000 });
    const sent = sendOn(network.http, post(`${HTTP}/echo`, '{}'));
    clock.advanceTo(4_999);
    expect([sent.calls, server.requests.length]).toEqual([['sent', 'lost'], 0]);
    clock.advanceTo(5_000);
    expect([sent.calls, server.requests.length]).toEqual([['sent', 'lost'], 1]);
  });

  it('lets a request through a partition of the way back', () => {
    const { clock, server, inject, network } = setUp();
    const heal = inject({ fault: { kind: 'partition', direction: 'toClient' } });
    const sent = sendOn(network.http, post(`${HTTP}/echo`, '{}'));
    clock.advanceTo(500);
    expect([sent.calls, server.requests.length]).toEqual([['sent'], 1]);
    heal();
    expect(sent.calls).toEqual(['sent', 'reply']);
  });

  it('is dead exactly between the legs (N12)', () => {
    const { clock, server, inject, network } = setUp();
    inject(TRANSPORT_FAULTS.N12.rule);
    const first = sendOn(network.http, post(`${HTTP}/echo`, '1'));
    const second = sendOn(network.http, post(`${HTTP}/echo`, '2'));
    clock.advanceTo(20);
    expect([first.calls, second.calls, server.requests.map(({ body }) => body)]).toEqual([['sent'], ['sent'], ['1']]);
    clock.runUntilIdle();
    expect([first.calls, second.calls]).toEqual([
      ['sent', 'lost'],
      ['sent', 'lost'],
    ]);
  });

  it('slows down by latency and by bytes', () => {
    const { clock, inject, network } = setUp();
    inject({ fault: { kind: 'slow', extraMs: 100, bytesPerSecond: 1_000 }, path: '/sized' });
    const slow = sendOn(network.http, get(`${HTTP}/sized/400`, { timeoutMs: millis(60_000) }));
    const fast = sendOn(network.http, get(`${HTTP}/echo`));
    clock.advanceTo(20);
    expect([slow.calls, fast.calls]).toEqual([['sent'], ['sent', 'reply']]);
    clock.runUntilIdle();
    // 100 ms and 28 bytes of request there, 100 ms and 400 bytes back, and 20 ms of wire.
    expect([slow.calls, clock.nowMs()]).toEqual([['sent', 'reply'], 648]);
  });

  it('hits as many requests as it was told, and nobody else', () => {
    const { clock, inject, network } = setUp();
    inject({ fault: { kind: 'noConnection', cause: 'refused' }, on: 'http', times: 2 });
    const sents = Array.from({ length: 4 }, () => sendOn(network.http, get(`${HTTP}/echo`)));
    clock.runUntilIdle();
    expect(sents.map(({ calls }) => calls.at(-1))).toEqual(['notSent', 'notSent', 'reply', 'reply']);
  });
});

describe('transport faults on sockets', () => {
  it('N1 holds back what was sent and delivers it in order', () => {
    const { clock, server, inject, open } = setUp();
    const opened = open();
    const heal = inject({ fault: { kind: 'partition', direction: 'both' } });
    for (const text of ['one', 'three']) opened.socket.send(text);
    clock.advanceBy(1_000);
    expect([server.events, opened.socket.bufferedBytes]).toEqual([[], 8]);
    heal();
    clock.advanceBy(10);
    expect([opened.calls, opened.socket.bufferedBytes]).toEqual([['open', 'text one', 'text three'], 0]);
  });

  it('N2 swallows everything and tells nobody', () => {
    const { clock, server, inject, open } = setUp();
    const opened = open();
    inject(TRANSPORT_FAULTS.N2.rule);
    expect(opened.socket.send('gone')).toBe(true);
    opened.socket.ping();
    server.sockets[0]?.send('gone too');
    clock.runUntilIdle();
    expect([opened.calls, server.events]).toEqual([['open'], []]);
    opened.socket.cut();
    clock.runUntilIdle();
    expect(opened.calls).toEqual(['open', 'end']);
  });

  it('N3 answers pings and says nothing', () => {
    const { clock, server, inject, open } = setUp();
    const opened = open();
    inject(TRANSPORT_FAULTS.N3.rule);
    opened.socket.send('hello');
    opened.socket.ping();
    server.sockets[0]?.ping('x');
    clock.runUntilIdle();
    expect(opened.calls.toSorted()).toEqual(['open', 'ping x', 'pong']);
    expect(server.events).toContain('text hello');
  });

  it('N4 says everything and answers no ping', () => {
    const { clock, server, inject, open } = setUp();
    const opened = open();
    inject(TRANSPORT_FAULTS.N4.rule);
    opened.socket.send('hello');
    opened.socket.ping();
    server.sockets[0]?.ping('x');
    clock.runUntilIdle();
    expect([opened.calls, server.events]).toEqual([['open', 'text hello'], ['text hello']]);
  });

  it('N8 and N9 make no connection, N9 five times in a row', () => {
    const { clock, inject, network } = setUp();
    inject(TRANSPORT_FAULTS.N9.rule);
    const tries = Array.from({ length: 6 }, () => openOn(network.sockets, SOCKET));
    clock.runUntilIdle();
    expect(tries.map(({ calls }) => calls.join())).toEqual(['end', 'end', 'end', 'end', 'end', 'open']);
  });

  it('N10 opens and hears no subscription', () => {
    const { clock, server, inject, open } = setUp();
    inject(TRANSPORT_FAULTS.N10.rule);
    const opened = open();
    opened.socket.send('subscribe');
    opened.socket.ping();
    clock.runUntilIdle();
    expect([opened.calls, server.events]).toEqual([['open', 'pong'], ['ping ']]);
  });

  it('duplicates and reorders texts, and nothing else', () => {
    const { clock, server, inject, open } = setUp();
    const opened = open();
    const socket = server.sockets[0];
    const stop = inject({ fault: { kind: 'duplicate' }, times: 1 });
    socket?.send('a');
    stop();
    inject({ fault: { kind: 'reorder', withinMs: 50 }, times: 2 });
    for (const text of ['b', 'c', 'd']) socket?.send(text);
    clock.advanceBy(10);
    expect(opened.calls).toEqual(['open', 'text a', 'text a', 'text c', 'text b']);
    clock.advanceBy(50);
    expect(opened.calls.at(-1)).toBe('text d');
  });

  it('says what was held back before it closes', () => {
    const { clock, server, inject, open } = setUp();
    const opened = open();
    inject({ fault: { kind: 'reorder', withinMs: 50 } });
    server.sockets[0]?.send('last');
    server.sockets[0]?.close(1012, 'restart');
    clock.runUntilIdle();
    expect(opened.calls).toEqual(['open', 'text last', 'end']);
  });

  it('counts what the client has not read', () => {
    const { clock, server, inject, open } = setUp();
    open();
    inject({ fault: { kind: 'partition', direction: 'toClient' } });
    server.sockets[0]?.send('twelve bytes');
    clock.advanceBy(100);
    expect(server.sockets[0]?.bufferedBytes).toBe(12);
  });
});

const rules: fc.Arbitrary<FaultRule> = fc
  .record({
    id: fc.constantFrom(...(Object.keys(TRANSPORT_FAULTS) as (keyof typeof TRANSPORT_FAULTS)[])),
    probability: fc.constantFrom(0.2, 0.7, 1),
    forMs: fc.constantFrom(undefined, 40, 700),
  })
  .map(({ id, probability, forMs }) => ({
    ...TRANSPORT_FAULTS[id].rule,
    probability,
    ...(forMs === undefined ? {} : { forMs }),
  }));

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('inject' as const), rule: rules }),
    fc.record({
      do: fc.constant('send' as const),
      path: fc.constantFrom('/echo', '/reset', '/truncate/5', '/silence', '/status/500'),
    }),
    fc.record({ do: fc.constant('open' as const) }),
    fc.record({ do: fc.constant('say' as const), text: fc.constantFrom('x', '!cut', '!close 1012 bye', '!ping p') }),
    fc.record({ do: fc.constantFrom('ping' as const, 'close' as const, 'cut' as const) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(300) }),
  ),
  { maxLength: 40 },
);

type Step = typeof steps extends fc.Arbitrary<readonly (infer S)[]> ? S : never;

/** Does one step after the other, lets everything end, and returns what the listeners were told. */
function play(script: readonly Step[], seed: string) {
  const { clock, network } = setUp({ seed });
  const sents: ReturnType<typeof sendOn>[] = [];
  const opens: ReturnType<typeof openOn>[] = [];
  const take = (step: Step): void => {
    const last = opens.at(-1)?.socket;
    switch (step.do) {
      case 'inject':
        network.inject(step.rule);
        break;
      case 'send':
        sents.push(sendOn(network.http, post(HTTP + step.path, '{}')));
        break;
      case 'open':
        opens.push(openOn(network.sockets, SOCKET));
        break;
      case 'say':
        last?.send(step.text);
        break;
      case 'wait':
        clock.advanceBy(step.ms);
        break;
      default:
        last?.[step.do]();
    }
  };
  for (const step of script) take(step);
  clock.runUntilIdle();
  for (const { socket } of opens) socket.cut();
  clock.runUntilIdle();
  return { http: sents.map(({ calls }) => calls), sockets: opens.map(({ calls }) => calls) };
}

describe('memory network under every fault', () => {
  it('calls back exactly once, in order, and nothing after the end', () => {
    fc.assert(
      fc.property(steps, fc.string(), (script, seed) => {
        const { http, sockets } = play(script, seed);
        const endings = [['sent', 'reply'], ['sent', 'lost'], ['notSent']].map(String);
        for (const calls of http) expect(endings).toContain(String(calls));
        for (const calls of sockets) {
          expect([calls.filter((call) => call === 'end').length, calls.at(-1)]).toEqual([1, 'end']);
          expect(calls.lastIndexOf('open')).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('round trips', () => {
  const KALSHI = [
    [0, 230],
    [0.5, 243],
    [0.95, 256],
    [1, 337],
  ] as const;

  it('have the quantiles they were drawn from', () => {
    const random = seededRandom('delays');
    const draw = roundTrips(KALSHI);
    const drawn = Array.from({ length: 20_000 }, () => {
      const { toServerMs, toClientMs } = draw(random);
      return toServerMs + toClientMs;
    }).sort((a, b) => a - b);
    expect(drawn[10_000]).toBeCloseTo(243, 0);
    expect(drawn[19_000]).toBeCloseTo(256, 0);
    expect(drawn.at(-1)).toBeLessThanOrEqual(337);
    expect(drawn[0]).toBeGreaterThanOrEqual(230);
  });

  it.each([
    ['no quantile', []],
    [
      'times that fall',
      [
        [0.5, 10],
        [1, 9],
      ],
    ],
    [
      'shares that fall',
      [
        [0.5, 10],
        [0.4, 20],
      ],
    ],
    ['no time at all', [[0.5, 0]]],
  ] as const)('refuse %s', (_what, quantiles) => {
    expect(() => roundTrips(quantiles)).toThrow(/quantile/);
  });
});
