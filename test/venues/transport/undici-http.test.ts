import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { millis } from '../../../src/domain/units.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { serve } from '../../../src/sim/shell/serve.ts';
import { UndiciHttp, type UndiciHttpOptions } from '../../../src/venues/transport/undici-http.ts';
import { EchoServer } from '../../support/echo-server.ts';
import { rawReply, rawServer, turns } from '../../support/raw-server.ts';
import { get, post, sendOn } from '../../support/transport-calls.ts';

function transport(options: Partial<UndiciHttpOptions> = {}) {
  const clock = new VirtualClock();
  const http = new UndiciHttp({ clock, ...options });
  onTestFinished(() => http.close());
  return { clock, http };
}

async function echo() {
  const server = new EchoServer();
  const served = await serve(server);
  onTestFinished(() => served.close());
  return { server, served };
}

const originOf = ({ port }: { readonly port: number }, scheme = 'http') => `${scheme}://127.0.0.1:${port}`;

describe('what was not sent', () => {
  it('is a request to a server whose TLS handshake fails', async () => {
    const server = await rawServer((socket) => socket.end('this is no handshake\r\n\r\n'));
    const sent = sendOn(transport().http, post(`${originOf(server, 'https')}/orders`, '{"secret":1}'));
    await sent.outcome;
    expect(sent.calls).toEqual(['notSent']);
    expect(server.received()).not.toContain('secret');
  });

  it('is a request whose time is over before the handshake is', async () => {
    const server = await rawServer(() => undefined);
    const { clock, http } = transport();
    const sent = sendOn(http, post(`${originOf(server, 'https')}/orders`, '{}'));
    // The first bytes of a TLS handshake.
    await server.hears('\u0016\u0003');
    clock.advanceBy(1_000);
    expect(await sent.outcome).toMatchObject({
      kind: 'notSent',
      message: 'expected a connection for POST /orders, found none within 1000 ms',
    });
    await turns(10);
    expect(sent.calls).toEqual(['notSent']);
  });

  it('is a request that waited for a busy lane until its time was over', async () => {
    const { server, served } = await echo();
    const { clock, http } = transport({ orderSocketsMax: 1 });
    const first = sendOn(http, post(`${served.httpOrigin}/later`, '1', { timeoutMs: millis(5_000) }));
    await first.sent;
    const second = sendOn(http, post(`${served.httpOrigin}/echo`, '2'));
    const third = sendOn(http, post(`${served.httpOrigin}/echo`, '3', { timeoutMs: millis(5_000) }));
    clock.advanceBy(1_000);
    await second.outcome;
    while (server.waiting.length === 0) await turns(1);
    server.waiting[0]?.({ kind: 'reply', reply: { status: 200, headers: {}, body: '' } });
    await third.outcome;
    expect([first.calls, second.calls, third.calls]).toEqual([['sent', 'reply'], ['notSent'], ['sent', 'reply']]);
    expect(server.requests.map(({ body }) => body)).toEqual(['1', '3']);
  });

  it('is a request that cannot be built, and the caller gets its answer first', async () => {
    const { http } = transport();
    let hasReturned = false;
    const outcome = new Promise((resolve) => {
      http.send(post('http://127.0.0.1:9/orders', '{}', { headers: { 'x-key': 'a\r\nb: c' } }), {
        onOutcome: ({ kind }) => resolve([kind, hasReturned]),
      });
      hasReturned = true;
    });
    expect(await outcome).toEqual(['notSent', true]);
  });
});

describe('what is lost', () => {
  it('is a request that is reset after the server took it', async () => {
    const server = await rawServer((socket) => socket.resetAndDestroy());
    const sent = sendOn(transport().http, post(`${originOf(server)}/orders`, '{"a":1}'));
    const outcome = await sent.outcome;
    expect(sent.calls).toEqual(['sent', 'lost']);
    expect(outcome.kind !== 'reply' && outcome.message).toMatch(
      /^expected a complete reply to POST \/orders, but .*ECONNRESET/,
    );
    expect(server.received()).toContain('{"a":1}');
  });

  it.each([
    ['garbage', 'no HTTP at all\r\n\r\n'],
    ['a status line that breaks off', 'HTTP/1.1 20'],
    ['a head that breaks off', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n'],
    ['a body that breaks off', rawReply('hello').slice(0, -1)],
    ['chunks that break off', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!'],
    ['nothing', ''],
  ])('is a request that is answered with %s', async (_what, bytes) => {
    const server = await rawServer((socket) => socket.end(bytes, 'latin1'));
    const sent = sendOn(transport().http, post(`${originOf(server)}/orders`, '{}'));
    await sent.outcome;
    expect(sent.calls).toEqual(['sent', 'lost']);
    expect(server.connections).toHaveLength(1);
  });

  it.each([
    ['with a length', `HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n`],
    ['in chunks', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1388\r\n${'x'.repeat(5_000)}`],
  ])('is a reply %s that is too long, before it is complete', async (_what, bytes) => {
    const server = await rawServer((socket) => socket.write(bytes));
    const sent = sendOn(transport({ replyBytesMax: 4_999 }).http, get(`${originOf(server)}/big`));
    expect(await sent.outcome).toMatchObject({
      kind: 'lost',
      message: 'expected a complete reply to GET /big, found a body of more than 4999 bytes',
    });
  });

  it('is never sent a second time, also on a connection that worked before', async () => {
    let requests = 0;
    const server = await rawServer((socket) => {
      requests++;
      if (requests === 1) socket.write(rawReply('fine'));
      else socket.destroy();
    });
    const { http } = transport();
    await sendOn(http, post(`${originOf(server)}/orders`, '1')).outcome;
    const second = sendOn(http, post(`${originOf(server)}/orders`, '2'));
    await second.outcome;
    await turns(20);
    expect([second.calls, requests, server.connections.length]).toEqual([['sent', 'lost'], 2, 1]);
  });

  it('is an exchange with a socket that stays half-open', async () => {
    const server = await rawServer(() => undefined);
    const { clock, http } = transport();
    const sent = sendOn(http, post(`${originOf(server)}/orders`, '{}'));
    await server.hears('{}');
    clock.advanceBy(999);
    expect(sent.calls).toEqual(['sent']);
    clock.advanceBy(1);
    await sent.outcome;
    expect([sent.calls, clock.pending]).toEqual([['sent', 'lost'], 0]);
  });
});

describe('onSent', () => {
  it('waits until a slow server has taken the last byte off our hands', async () => {
    const server = await rawServer((socket) => socket.pause());
    const { http } = transport();
    // More than any kernel buffers between two sockets.
    const body = 'x'.repeat(64 * 1024 * 1024);
    const sent = sendOn(http, post(`${originOf(server)}/upload`, body));
    await server.hears('POST /upload');
    await turns(200);
    expect(sent.calls).toEqual([]);
    let left = body.length;
    server.connections[0]?.on('data', (chunk) => {
      left -= chunk.length;
      server.connections[0]?.resume();
    });
    server.connections[0]?.resume();
    await sent.sent;
    expect(sent.calls).toEqual(['sent']);
    expect(left).toBeLessThan(body.length / 2);
  });

  it('comes before a reply that comes before the request is read', async () => {
    const server = await rawServer((socket) => socket.write(rawReply('early')));
    const sent = sendOn(transport().http, post(`${originOf(server)}/orders`, '{}'));
    await sent.outcome;
    expect(sent.calls).toEqual(['sent', 'reply']);
  });
});

describe('connections', () => {
  it('are opened by keepWarm and used by orders, never by reads', async () => {
    const server = await rawServer((socket) => socket.write(rawReply('ok')));
    const { http } = transport({ orderSockets: 3 });
    expect(await http.keepWarm(originOf(server), '/time')).toBe(3);
    expect(server.connections).toHaveLength(3);
    await turns(5);
    await Promise.all(['1', '2', '3'].map((body) => sendOn(http, post(`${originOf(server)}/orders`, body)).outcome));
    expect(server.connections).toHaveLength(3);
    await sendOn(http, get(`${originOf(server)}/markets`)).outcome;
    expect(server.connections).toHaveLength(4);
  });

  it('are counted as open only where the server answers', async () => {
    const server = await rawServer((socket) => socket.destroy());
    expect(await transport().http.keepWarm(originOf(server), '/time')).toBe(0);
  });

  it('are not shared with a request that gets no answer', async () => {
    const { served } = await echo();
    const { http } = transport({ orderSockets: 2 });
    await http.keepWarm(served.httpOrigin, '/echo');
    const silent = [1, 2, 3].map((at) => sendOn(http, post(`${served.httpOrigin}/silence`, String(at))));
    await Promise.all(silent.map(({ sent }) => sent));
    const outcome = await sendOn(http, post(`${served.httpOrigin}/echo`, 'through')).outcome;
    expect(outcome).toMatchObject({ kind: 'reply', status: 200 });
  });

  it('that the server closed while idle are replaced without a loss', async () => {
    const server = await rawServer((socket) => socket.end(rawReply('ok')));
    const { http } = transport();
    for (const body of ['1', '2', '3']) {
      const sent = sendOn(http, post(`${originOf(server)}/orders`, body));
      await sent.outcome;
      expect(sent.calls).toEqual(['sent', 'reply']);
      await turns(5);
    }
    expect(server.connections).toHaveLength(3);
  });

  it('survive a cancel with a body', async () => {
    const server = await rawServer((socket) => socket.write(rawReply('ok')));
    const { http } = transport();
    for (const id of ['1', '2', '3']) {
      await sendOn(http, post(`${originOf(server)}/order`, `{"id":${id}}`, { method: 'DELETE' })).outcome;
    }
    expect(server.connections).toHaveLength(1);
  });

  it('are all gone after close', async () => {
    const server = await rawServer((socket) => socket.write(rawReply('ok')));
    const { http } = transport();
    await http.keepWarm(originOf(server), '/time');
    const closed = server.connections.map((socket) => new Promise((resolve) => socket.on('close', resolve)));
    await http.close();
    await Promise.all(closed);
  });
});

describe('whatever bytes come back', () => {
  it('there is one outcome, and the server is asked once', async () => {
    const replies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.tuple(fc.nat(40), fc.string({ maxLength: 20 })).map(([cut, body]) => rawReply(body).slice(0, cut + 20)),
      fc.string({ maxLength: 60 }).map((text) => `HTTP/1.1 200 OK\r\n${text}\r\n\r\n`),
    );
    let bytes = '';
    let requests = 0;
    const server = await rawServer((socket) => {
      requests++;
      socket.end(bytes, 'latin1');
    });
    await fc.assert(
      fc.asyncProperty(replies, async (reply) => {
        bytes = reply;
        requests = 0;
        const { http } = { http: new UndiciHttp({ clock: new VirtualClock() }) };
        const sent = sendOn(http, post(`${originOf(server)}/orders`, '{}'));
        const { kind } = await sent.outcome;
        await turns(3);
        await http.close();
        expect([
          ['sent', 'reply'],
          ['sent', 'lost'],
        ]).toContainEqual(sent.calls);
        expect([kind === 'notSent', requests]).toEqual([false, 1]);
      }),
      { numRuns: 200 },
    );
  });
});
