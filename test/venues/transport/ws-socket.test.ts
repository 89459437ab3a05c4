import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { WsSockets } from '../../../src/venues/transport/ws-socket.ts';
import { rawServer, turns } from '../../support/raw-server.ts';
import { openOn } from '../../support/transport-calls.ts';

const sockets = new WsSockets();
const urlOf = ({ port }: { readonly port: number }) => `ws://127.0.0.1:${port}/feed`;

/** A server that takes the upgrade and then sends exactly these bytes. */
function sends(bytes: Uint8Array | string) {
  return upgrading((socket) => socket.write(bytes));
}

/** A server that takes the upgrade and then does what it is told. */
function upgrading(then: (socket: Socket) => void) {
  return rawServer((socket, chunk) => {
    const key = /sec-websocket-key: (.+)\r\n/i.exec(chunk.toString('latin1'))?.[1];
    if (key === undefined) return;
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    then(socket);
  });
}

/** One frame without a mask, as a server sends it. */
function frame(opcode: number, payload: Uint8Array | string, isFinal = true): Buffer {
  const content = Buffer.from(payload);
  return Buffer.concat([Buffer.from([(isFinal ? 0x80 : 0) | opcode, content.length]), content]);
}

const TEXT = 1;
const BINARY = 2;
const PING = 9;

describe('ws socket', () => {
  it('offers no compression, also to a server that wants it', async () => {
    const http = createServer();
    const server = new WebSocketServer({ server: http, perMessageDeflate: true });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
      http.close();
    });
    const offered = new Promise((resolve) => {
      server.on('connection', (connection, request) => {
        resolve([request.headers['sec-websocket-extensions'], connection.extensions]);
      });
    });
    const opened = openOn(sockets, urlOf(http.address() as AddressInfo));
    expect(await offered).toEqual([undefined, '']);
    await opened.called('open');
    opened.socket.cut();
    await opened.ended;
  });

  it('refuses a server that compresses all the same', async () => {
    const compressed = Buffer.concat([Buffer.from([0xc1, 2]), Buffer.from('ab')]);
    const opened = openOn(sockets, urlOf(await sends(compressed)));
    expect(await opened.ended).toMatchObject({ kind: 'failed', code: undefined });
    expect(opened.calls).toEqual(['open', 'end']);
  });

  it('ends on a binary message and passes nothing on after it', async () => {
    const bytes = Buffer.concat([frame(TEXT, 'a'), frame(BINARY, 'b'), frame(TEXT, 'c'), frame(PING, 'd')]);
    const opened = openOn(sockets, urlOf(await sends(bytes)));
    expect(await opened.ended).toEqual({
      kind: 'failed',
      code: undefined,
      message: 'expected text messages, found a binary one of 1 characters',
    });
    expect(opened.calls).toEqual(['open', 'text a', 'end']);
  });

  it('puts text together across fragments and chunks', async () => {
    const character = Buffer.from('☂');
    const bytes = Buffer.concat([frame(TEXT, character.subarray(0, 1), false), frame(0, character.subarray(1))]);
    const opened = openOn(sockets, urlOf(await sends(bytes)));
    await opened.called('text ☂');
    opened.socket.cut();
    await opened.ended;
  });

  it.each([
    ['text that is not UTF-8', frame(TEXT, Buffer.from([0xc3, 0x28]))],
    ['an opcode that does not exist', frame(5, '')],
    ['a masked frame', Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5])],
    ['HTTP in the middle', Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
  ])('ends on %s', async (_what, bytes) => {
    const opened = openOn(sockets, urlOf(await sends(bytes)));
    expect(await opened.ended).toMatchObject({ kind: 'failed', code: undefined });
    expect(opened.calls).toEqual(['open', 'end']);
  });

  it.each([
    ['garbage', 'what?\r\n\r\n', 'failed'],
    [
      'a wrong key',
      'HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: x\r\n\r\n',
      'failed',
    ],
    ['a redirect', 'HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n', 'refused'],
    ['too many requests', 'HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n', 'refused'],
  ])('does not open on %s', async (_what, bytes, kind) => {
    const server = await rawServer((socket) => socket.write(bytes));
    const opened = openOn(sockets, urlOf(server));
    expect(await opened.ended).toMatchObject({ kind });
    await turns(10);
    expect([opened.calls, server.connections.length]).toEqual([['end'], 1]);
  });

  it('can be cut during a handshake that never ends', async () => {
    const server = await rawServer(() => undefined);
    const opened = openOn(sockets, urlOf(server));
    await server.hears('GET /feed');
    opened.socket.cut();
    expect(await opened.ended).toMatchObject({ kind: 'failed', message: 'the connection was cut by us' });
    expect(opened.calls).toEqual(['end']);
  });

  it('can be cut while the other side reads nothing, and tells how much waits', async () => {
    const server = await sends('');
    const opened = openOn(sockets, urlOf(server));
    await opened.called('open');
    server.connections[0]?.pause();
    const text = 'x'.repeat(1024 * 1024);
    while (opened.socket.bufferedBytes < 4 * text.length) opened.socket.send(text);
    opened.socket.cut();
    await opened.ended;
    expect(opened.calls).toEqual(['open', 'end']);
  });

  it('passes on nothing of the same chunk after it was cut', async () => {
    const server = await sends(Buffer.concat([frame(TEXT, 'a'), frame(TEXT, 'b'), frame(TEXT, 'c')]));
    const calls: string[] = [];
    const ended = new Promise<void>((resolve) => {
      const socket = sockets.open(
        { url: urlOf(server), headers: {}, messageBytesMax: 100 },
        {
          onOpen: () => calls.push('open'),
          onText: (text) => {
            calls.push(text);
            socket.cut();
          },
          onPing: () => undefined,
          onPong: () => undefined,
          onEnd: () => resolve(),
        },
      );
    });
    await ended;
    expect(calls).toEqual(['open', 'a']);
  });

  it('ends exactly once, whatever bytes come', async () => {
    const frames = fc.array(
      fc.oneof(
        fc
          .record({ opcode: fc.nat(15), payload: fc.uint8Array({ maxLength: 20 }), isFinal: fc.boolean() })
          .map(({ opcode, payload, isFinal }) => frame(opcode, payload, isFinal)),
        fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      ),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(frames, async (parts) => {
        const server = await upgrading((socket) => socket.end(Buffer.concat(parts)));
        const opened = openOn(sockets, urlOf(server));
        await opened.ended;
        await turns(3);
        server.close();
        expect([opened.calls[0], opened.calls.at(-1)]).toEqual(['open', 'end']);
        expect(opened.calls.filter((call) => call === 'open' || call === 'end')).toHaveLength(2);
      }),
      { numRuns: 100 },
    );
  });
});
