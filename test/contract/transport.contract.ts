/** What every pair of transports keeps, whatever carries the bytes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpTransport } from '../../src/domain/ports/http.ts';
import type { LocalServer } from '../../src/domain/ports/local-server.ts';
import type { SocketTransport } from '../../src/domain/ports/socket.ts';
import type { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { EchoServer } from '../support/echo-server.ts';
import { get, openOn, post, sendOn } from '../support/transport-calls.ts';

/** One client and one server, connected by the wire under test. */
export interface Rig {
  readonly http: HttpTransport;
  readonly sockets: SocketTransport;
  readonly httpOrigin: string;
  readonly socketOrigin: string;
  /** An origin that nobody listens on. */
  readonly deadHttpOrigin: string;
  readonly deadSocketOrigin: string;
  /** The clock that the client's time limits run on. */
  readonly clock: VirtualClock;
  /** Lets happen what happens without a time limit, until the promise resolves. */
  until<T>(promise: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export type MakeRig = (server: LocalServer, options: { readonly replyBytesMax: number }) => Promise<Rig>;

const REPLY_BYTES_MAX = 2_000;

export function describeHttpTransport(name: string, makeRig: MakeRig): void {
  describe(`${name} as HTTP transport`, () => {
    let server: EchoServer;
    let rig: Rig;
    beforeEach(async () => {
      server = new EchoServer();
      rig = await makeRig(server, { replyBytesMax: REPLY_BYTES_MAX });
    });
    afterEach(() => rig.close());

    const outcomeOf = (path: string) => rig.until(sendOn(rig.http, get(rig.httpOrigin + path)).outcome);

    it('brings method, path with query, headers and body to the server', async () => {
      const request = post(`${rig.httpOrigin}/echo/a%20b?x=1&y=é`, '{"text":"naïve ☂"}', {
        headers: { 'X-Key': 'k', 'content-type': 'application/json' },
      });
      await rig.until(sendOn(rig.http, request).outcome);
      expect(server.requests).toHaveLength(1);
      const [{ method, target, body, headers } = { method: '', target: '', body: '', headers: {} }] = server.requests;
      expect({ method, target, body }).toEqual({
        method: 'POST',
        target: '/echo/a%20b?x=1&y=%C3%A9',
        body: '{"text":"naïve ☂"}',
      });
      expect(headers).toMatchObject({
        'x-key': 'k',
        'content-type': 'application/json',
        'content-length': '21',
        host: new URL(rig.httpOrigin).host,
      });
    });

    it('brings status, headers in lower case and body back', async () => {
      const outcome = await outcomeOf('/echo');
      expect(outcome).toMatchObject({
        kind: 'reply',
        status: 200,
        headers: { 'content-type': 'application/json', 'x-path': '/echo' },
      });
      expect(outcome.kind === 'reply' && JSON.parse(outcome.body)).toMatchObject({ target: '/echo' });
    });

    it('says once that the request was sent, before the outcome', async () => {
      const sent = sendOn(rig.http, post(`${rig.httpOrigin}/echo`, '{}'));
      await rig.until(sent.outcome);
      expect(sent.calls).toEqual(['sent', 'reply']);
    });

    it.each(['GET', 'POST', 'PUT', 'DELETE'] as const)(
      'carries a %s with a body and the next request after it',
      async (method) => {
        const request = post(`${rig.httpOrigin}/echo`, '{"a":1}', { method });
        await rig.until(sendOn(rig.http, request).outcome);
        await rig.until(sendOn(rig.http, request).outcome);
        expect(server.requests.map((taken) => [taken.method, taken.body])).toEqual([
          [method, '{"a":1}'],
          [method, '{"a":1}'],
        ]);
      },
    );

    it.each([204, 301, 307, 404, 429, 500, 503])(
      'passes status %d on as a reply and follows nothing',
      async (status) => {
        expect(await outcomeOf(`/status/${status}`)).toMatchObject({ kind: 'reply', status, body: '' });
        expect(server.requests).toHaveLength(1);
      },
    );

    it('has not sent what found no connection', async () => {
      const sent = sendOn(rig.http, post(`${rig.deadHttpOrigin}/echo?key=secret`, '{}'));
      const outcome = await rig.until(sent.outcome);
      expect(outcome.kind).toBe('notSent');
      expect(outcome.kind !== 'reply' && outcome.message).toMatch(/^expected a connection for POST \/echo, but /);
      expect(sent.calls).toEqual(['notSent']);
    });

    it.each(['/reset', '/truncate/0', '/truncate/40', '/truncate/99'])(
      'has lost a request that ends as %s',
      async (path) => {
        const sent = sendOn(rig.http, post(rig.httpOrigin + path, '{}'));
        const outcome = await rig.until(sent.outcome);
        expect(outcome.kind !== 'reply' && outcome.message).toMatch(/^expected a complete reply to POST \//);
        expect(sent.calls).toEqual(['sent', 'lost']);
        expect(server.requests).toHaveLength(1);
      },
    );

    it('takes a reply that is cut off after its last byte as whole', async () => {
      expect(await outcomeOf('/truncate/100')).toMatchObject({ kind: 'reply', body: 'x'.repeat(100) });
    });

    it('loses what is not answered in time, though the server has it', async () => {
      const sent = sendOn(rig.http, post(`${rig.httpOrigin}/later`, '{}'));
      await rig.until(reached(() => server.waiting.length === 1));
      rig.clock.advanceBy(1_000);
      const outcome = await sent.outcome;
      expect(outcome).toMatchObject({ kind: 'lost' });
      expect(outcome.kind !== 'reply' && outcome.message).toContain('within 1000 ms');
      server.waiting[0]?.({ kind: 'reply', reply: { status: 200, headers: {}, body: '' } });
      await outcomeOf('/echo');
      expect(sent.calls).toEqual(['sent', 'lost']);
    });

    it('takes a body of exactly the limit and loses a longer one', async () => {
      expect(await outcomeOf(`/sized/${REPLY_BYTES_MAX}`)).toMatchObject({ kind: 'reply' });
      const longer = await outcomeOf(`/sized/${REPLY_BYTES_MAX + 1}`);
      expect(longer).toMatchObject({ kind: 'lost' });
      expect(longer.kind !== 'reply' && longer.message).toContain('more than 2000 bytes');
    });

    it('answers requests in flight each with their own reply', async () => {
      const paths = Array.from({ length: 20 }, (_, at) => `/echo/${at}`);
      const outcomes = await rig.until(
        Promise.all(paths.map((path) => sendOn(rig.http, get(rig.httpOrigin + path)).outcome)),
      );
      expect(outcomes.map((outcome) => outcome.kind === 'reply' && outcome.headers['x-path'])).toEqual(paths);
    });

    it('loses what is under way when it closes, and sends nothing afterwards', async () => {
      const sent = sendOn(rig.http, post(`${rig.httpOrigin}/later`, '{}'));
      await rig.until(reached(() => server.waiting.length === 1));
      await rig.until(rig.http.close());
      const after = sendOn(rig.http, post(`${rig.httpOrigin}/echo`, '{}'));
      await rig.until(after.outcome);
      expect([sent.calls, after.calls]).toEqual([['sent', 'lost'], ['notSent']]);
      expect(server.requests).toHaveLength(1);
    });
  });
}

export function describeSocketTransport(name: string, makeRig: MakeRig): void {
  describe(`${name} as socket transport`, () => {
    let server: EchoServer;
    let rig: Rig;
    beforeEach(async () => {
      server = new EchoServer();
      rig = await makeRig(server, { replyBytesMax: REPLY_BYTES_MAX });
    });
    afterEach(() => rig.close());

    const open = async (path = '/socket', over = {}) => {
      const opened = openOn(rig.sockets, rig.socketOrigin + path, over);
      await rig.until(opened.called('open'));
      return opened;
    };

    it('brings path and headers to the server', async () => {
      await open('/socket?a=1', { headers: { 'X-Key': 'k' } });
      expect(server.upgrades[0]).toMatchObject({ method: 'GET', target: '/socket?a=1', headers: { 'x-key': 'k' } });
    });

    it('brings texts both ways in order, whatever they hold', async () => {
      const opened = await open();
      const texts = ['{"a":1}', 'naïve ☂ 🂡', '', ' ', 'x'.repeat(1_000), '\u0000'];
      for (const text of texts) expect(opened.socket.send(text)).toBe(true);
      await rig.until(opened.called('text \u0000'));
      expect(opened.calls).toEqual(['open', ...texts.map((text) => `text ${text}`)]);
    });

    it('hands on nothing before it is open and after it ended', async () => {
      const opened = openOn(rig.sockets, `${rig.socketOrigin}/socket`);
      expect(opened.socket.send('early')).toBe(false);
      await rig.until(opened.called('open'));
      opened.socket.cut();
      await rig.until(opened.ended);
      expect(opened.socket.send('late')).toBe(false);
      opened.socket.ping();
      opened.socket.close();
      opened.socket.cut();
      expect(opened.calls).toEqual(['open', 'end']);
      expect(server.events).not.toContain('text early');
    });

    it('answers a ping with its payload and reports it', async () => {
      const opened = await open();
      opened.socket.send('!ping abc');
      await rig.until(opened.called('ping abc'));
      await rig.until(reached(() => server.events.includes('pong abc')));
    });

    it('reports the pong to its own ping', async () => {
      const opened = await open();
      opened.socket.ping();
      await rig.until(opened.called('pong'));
      expect(server.events).toContain('ping ');
    });

    it('reports a refused upgrade with its status', async () => {
      const opened = openOn(rig.sockets, `${rig.socketOrigin}/nowhere`);
      expect(await rig.until(opened.ended)).toMatchObject({ kind: 'refused', code: 403 });
      expect(opened.calls).toEqual(['end']);
    });

    it('fails when nobody listens', async () => {
      const opened = openOn(rig.sockets, `${rig.deadSocketOrigin}/socket`);
      expect(await rig.until(opened.ended)).toMatchObject({ kind: 'failed', code: undefined });
      expect(opened.calls).toEqual(['end']);
    });

    it('reports code and reason of a close frame', async () => {
      const opened = await open();
      opened.socket.send('!close 4001 too slow');
      expect(await rig.until(opened.ended)).toEqual({
        kind: 'closed',
        code: 4001,
        message: 'closed with code 4001: too slow',
      });
      await rig.until(reached(() => server.events.includes('close')));
    });

    it('fails when the connection breaks without a close frame', async () => {
      const opened = await open();
      opened.socket.send('!cut');
      expect(await rig.until(opened.ended)).toMatchObject({ kind: 'failed', code: undefined });
    });

    it('gets what was said before the connection broke', async () => {
      const opened = await open();
      opened.socket.send('!last words');
      await rig.until(opened.ended);
      expect(opened.calls).toEqual(['open', 'text words', 'end']);
    });

    it('closes politely', async () => {
      const opened = await open();
      opened.socket.close();
      expect(opened.socket.send('more')).toBe(false);
      expect(await rig.until(opened.ended)).toMatchObject({ kind: 'closed', code: 1000 });
      await rig.until(reached(() => server.events.includes('close')));
    });

    it('passes on what arrives while it closes', async () => {
      const opened = await open();
      opened.socket.send('one');
      opened.socket.close();
      await rig.until(opened.ended);
      expect(opened.calls).toEqual(['open', 'text one', 'end']);
    });

    it('cuts, and the server hears it', async () => {
      const opened = await open();
      opened.socket.cut();
      expect(await rig.until(opened.ended)).toMatchObject({ kind: 'failed', code: undefined });
      await rig.until(reached(() => server.events.includes('close')));
      expect(opened.calls).toEqual(['open', 'end']);
    });

    it('can be closed before it is open', async () => {
      const opened = openOn(rig.sockets, `${rig.socketOrigin}/socket`);
      opened.socket.close();
      expect(await rig.until(opened.ended)).toMatchObject({ kind: 'failed' });
      expect(opened.calls).toEqual(['end']);
    });

    it('takes a message of exactly the limit and ends on a longer one', async () => {
      const opened = await open('/socket', { messageBytesMax: 500 });
      opened.socket.send('!sized 500');
      await rig.until(opened.called(`text ${'x'.repeat(500)}`));
      opened.socket.send('!sized 501');
      expect(await rig.until(opened.ended)).toMatchObject({ kind: 'failed', code: undefined });
      expect(opened.calls).toHaveLength(3);
    });
  });
}

/** Resolves when the condition holds; looks once a turn of the event loop. */
async function reached(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
