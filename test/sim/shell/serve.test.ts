import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { LocalServer, ServerSocket } from '../../../src/domain/ports/local-server.ts';
import { type ServeOptions, serve } from '../../../src/sim/shell/serve.ts';
import { WsSockets } from '../../../src/venues/transport/ws-socket.ts';
import { EchoServer } from '../../support/echo-server.ts';
import { turns } from '../../support/raw-server.ts';
import { openOn } from '../../support/transport-calls.ts';

async function setUp<S extends LocalServer>(server: S, options?: ServeOptions) {
  const served = await serve(server, options);
  onTestFinished(() => served.close());
  return { server, served };
}

/** Sends bytes on a connection of its own and resolves with everything that came back by its end. */
function exchange(port: number, bytes: string): { readonly socket: Socket; readonly all: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  const all = new Promise<string>((resolve) => {
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', (error) => {
      received += `[${'code' in error ? error.code : error.message}]`;
    });
    socket.on('close', () => resolve(received));
  });
  socket.write(bytes);
  return { socket, all };
}

const request = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${more}\r\n`;

describe('served over HTTP', () => {
  it('answers with exactly what the server said, and adds no date', async () => {
    const { served } = await setUp(new EchoServer());
    const answer = await exchange(served.port, request('/status/503')).all;
    expect(answer).toBe(
      'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nlocation: /echo\r\nConnection: close\r\n\r\n',
    );
  });

  it('joins repeated headers and keeps the target as it was sent', async () => {
    const { server, served } = await setUp(new EchoServer());
    await exchange(served.port, request('/echo?b=%2F&a', 'X-A: 1\r\nx-a: 2\r\n')).all;
    expect(server.requests[0]).toMatchObject({
      target: '/echo?b=%2F&a',
      headers: { 'x-a': '1, 2' },
      remote: '127.0.0.1',
    });
  });

  it('resets without a byte', async () => {
    const { served } = await setUp(new EchoServer());
    expect(await exchange(served.port, request('/reset')).all).toBe('[ECONNRESET]');
  });

  it('breaks off after exactly as many bytes of the body as it was told', async () => {
    const { served } = await setUp(new EchoServer());
    const answer = await exchange(served.port, request('/truncate/7')).all;
    expect(answer).toMatch(/content-length: 100\r\n/);
    expect(answer.split('\r\n\r\n')[1]).toBe('xxxxxxx');
  });

  it('stays silent with the connection open', async () => {
    const { served, server } = await setUp(new EchoServer());
    const { socket, all } = exchange(served.port, request('/silence'));
    while (server.requests.length === 0) await turns(1);
    await turns(20);
    expect([socket.destroyed, socket.bytesRead]).toEqual([false, 0]);
    socket.destroy();
    expect(await all).toBe('');
  });

  it('refuses a body that is too long, and the server never sees it', async () => {
    const { served, server } = await setUp(new EchoServer(), { bodyBytesMax: 10 });
    const body = (length: number) =>
      `POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n${'x'.repeat(length)}`;
    expect(await exchange(served.port, body(10)).all).toMatch(/^HTTP\/1.1 200 /);
    expect(await exchange(served.port, body(11)).all).toMatch(/^HTTP\/1.1 413 /);
    expect(server.requests).toHaveLength(1);
  });

  it('answers garbage with 400 and ends', async () => {
    const { served, server } = await setUp(new EchoServer());
    expect(await exchange(served.port, 'garbage\r\n\r\n').all).toMatch(/^HTTP\/1.1 400 /);
    expect(server.requests).toHaveLength(0);
  });

  it('takes an answer for a client that has gone', async () => {
    const { served, server } = await setUp(new EchoServer());
    const { socket, all } = exchange(served.port, request('/later'));
    while (server.waiting.length === 0) await turns(1);
    socket.destroy();
    await all;
    await turns(5);
    server.waiting[0]?.({ kind: 'reply', reply: { status: 200, headers: {}, body: 'late' } });
    expect(await exchange(served.port, request('/status/200')).all).toMatch(/^HTTP\/1.1 200 /);
  });

  it('refuses a second answer to one request', async () => {
    const { served, server } = await setUp(new EchoServer());
    const { all } = exchange(served.port, request('/later'));
    while (server.waiting.length === 0) await turns(1);
    server.waiting[0]?.({ kind: 'reset' });
    expect(() => server.waiting[0]?.({ kind: 'reset' })).toThrow('found a second answer to GET /later');
    await all;
  });
});

describe('served over sockets', () => {
  const client = (url: string) => {
    const connection = new WebSocket(url, { perMessageDeflate: false });
    onTestFinished(() => connection.terminate());
    return connection;
  };

  it('refuses an upgrade with status, headers and body', async () => {
    const { served } = await setUp(new EchoServer());
    const upgrade =
      'upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
    const answer = await exchange(served.port, `GET /no HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n${upgrade}\r\n`)
      .all;
    expect(answer).toBe(
      'HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 2\r\nx-why: not here\r\n\r\nno',
    );
  });

  it('loses none of 50,000 messages sent at once, and keeps their order', async () => {
    const count = 50_000;
    const { served, server } = await setUp(new EchoServer());
    const opened = openOn(new WsSockets(), `${served.socketOrigin}/socket`);
    await opened.called('open');
    for (let at = 0; at < count; at++) server.sockets[0]?.send(String(at));
    server.sockets[0]?.close(1000, '');
    await opened.ended;
    expect(opened.calls).toHaveLength(count + 2);
    expect(opened.calls.slice(1, -1).every((call, at) => call === `text ${at}`)).toBe(true);
  });

  it('tells how much a client has not read', async () => {
    const { served, server } = await setUp(new EchoServer());
    const connection = client(`${served.socketOrigin}/socket`);
    await new Promise((resolve) => connection.on('open', resolve));
    connection.pause();
    const text = 'x'.repeat(1024 * 1024);
    const socket = server.sockets[0] as ServerSocket;
    for (let sent = 0; sent < 32; sent++) socket.send(text);
    await turns(20);
    expect(socket.bufferedBytes).toBeGreaterThan(text.length);
    const drained = new Promise<void>((resolve) => {
      let left = 32;
      connection.on('message', () => {
        if (--left === 0) resolve();
      });
    });
    connection.resume();
    await drained;
    expect(socket.bufferedBytes).toBe(0);
  });

  it('does not take binary messages', async () => {
    const { served, server } = await setUp(new EchoServer());
    const connection = client(`${served.socketOrigin}/socket`);
    connection.on('open', () => connection.send(Buffer.from('x')));
    expect(await new Promise((resolve) => connection.on('close', resolve))).toBe(1003);
    while (server.events.length === 0) await turns(1);
    expect(server.events).toEqual(['close']);
  });

  it('ends a client whose message is too long', async () => {
    const { served, server } = await setUp(new EchoServer(), { messageBytesMax: 10 });
    const connection = client(`${served.socketOrigin}/socket`);
    connection.on('open', () => connection.send('x'.repeat(11)));
    await new Promise((resolve) => connection.on('close', resolve));
    while (server.events.length === 0) await turns(1);
    expect(server.events).toEqual(['close']);
  });

  it('tells the server once that a client has gone, and takes no more for it', async () => {
    const { served, server } = await setUp(new EchoServer());
    const connection = client(`${served.socketOrigin}/socket`);
    await new Promise((resolve) => connection.on('open', resolve));
    expect(served.socketCount).toBe(1);
    connection.terminate();
    while (server.events.length === 0) await turns(1);
    const [socket] = server.sockets;
    socket?.send('late');
    socket?.ping('late');
    socket?.close(1000, '');
    socket?.cut();
    await turns(5);
    expect([server.events, served.socketCount]).toEqual([['close'], 0]);
  });
});

describe('served servers', () => {
  it('live side by side in one process', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => setUp(new EchoServer())));
    expect(new Set(all.map(({ served }) => served.port)).size).toBe(5);
    await Promise.all(all.map(({ served }, at) => exchange(served.port, request(`/echo/${at}`)).all));
    expect(all.map(({ server }) => server.requests.map(({ target }) => target))).toEqual(
      all.map((_, at) => [`/echo/${at}`]),
    );
  });

  it('say goodbye to sockets and end silent requests when they close', async () => {
    const { served, server } = await setUp(new EchoServer());
    const opened = openOn(new WsSockets(), `${served.socketOrigin}/socket`);
    await opened.called('open');
    const { all } = exchange(served.port, request('/silence'));
    while (server.requests.length === 0) await turns(1);
    await served.close();
    expect(await opened.ended).toMatchObject({ kind: 'closed', code: 1001 });
    expect(await all).toBe('');
    expect(await exchange(served.port, '').all).toBe('[ECONNREFUSED]');
  });

  it('close also with a client that reads nothing', async () => {
    const { served, server } = await setUp(new EchoServer());
    const connection = new WebSocket(`${served.socketOrigin}/socket`);
    await new Promise((resolve) => connection.on('open', resolve));
    connection.pause();
    const text = 'x'.repeat(1024 * 1024);
    for (let sent = 0; sent < 32; sent++) server.sockets[0]?.send(text);
    await turns(20);
    await served.close();
    expect(server.events).toEqual(['close']);
    connection.terminate();
  });

  it('refuse a port that is taken', async () => {
    const { served } = await setUp(new EchoServer());
    await expect(serve(new EchoServer(), { port: served.port })).rejects.toThrow('EADDRINUSE');
  });
});
