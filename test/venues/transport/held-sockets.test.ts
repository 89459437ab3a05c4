import { describe, expect, it } from 'vitest';
import type { LegOrder } from '../../../src/domain/execution/leg.ts';
import type { SocketListener, SocketTransport } from '../../../src/domain/ports/socket.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { HeldSockets } from '../../../src/venues/transport/held-sockets.ts';

const REQUEST = { url: 'ws://127.0.0.1/feed', headers: {}, messageBytesMax: 1_000 };
const ENDED = { kind: 'closed', code: 1_000, message: 'closed with code 1000' } as const;
const ordersIn = (...books: readonly string[]): readonly LegOrder[] =>
  books.map((book) => ({ instrument: { book, inverted: false } }) as unknown as LegOrder);

function setup() {
  const clock = new VirtualClock();
  const heard: string[] = [];
  const wires: SocketListener[] = [];
  const done: string[] = [];
  const wire: SocketTransport = {
    open: (_, listener) => {
      wires.push(listener);
      const name = wires.length;
      return {
        bufferedBytes: 7,
        send: (text) => done.push(`${name} ${text}`) > 0,
        ping: () => void done.push(`${name} ping`),
        close: () => void done.push(`${name} close`),
        cut: () => void done.push(`${name} cut`),
      };
    },
  };
  const sockets = new HeldSockets(wire, clock);
  const open = (onText: (text: string) => void = () => undefined) => {
    const name = wires.length;
    const socket = sockets.open(REQUEST, {
      onOpen: () => heard.push(`${name} open`),
      onText: (text) => {
        heard.push(`${name} ${text}`);
        onText(text);
      },
      onPing: () => heard.push(`${name} ping`),
      onPong: () => heard.push(`${name} pong`),
      onEnd: ({ message }) => heard.push(`${name} ${message}`),
    });
    const listener = wires[name];
    if (listener === undefined) throw new Error('expected an opened socket, found none');
    return { ...listener, socket };
  };
  return { clock, sockets, open, heard, done };
}

describe('held sockets', () => {
  it('pass everything on at once while nobody holds them', () => {
    const { open, heard, done } = setup();
    const line = open();
    line.onOpen();
    line.onText('a');
    line.onPing('');
    line.onPong();
    expect(heard).toEqual(['0 open', '0 a', '0 ping', '0 pong']);
    expect([line.socket.send('hello'), line.socket.bufferedBytes]).toEqual([true, 7]);
    line.socket.ping();
    line.socket.close();
    expect(done).toEqual(['1 hello', '1 ping', '1 close']);
  });

  it('let messages wait, in their order, until the turn after the release', () => {
    const { clock, sockets, open, heard } = setup();
    const [one, two] = [open(), open()];
    sockets.hold();
    one.onText('a');
    two.onText('b');
    one.onText('c');
    sockets.release();
    one.onText('d');
    expect(heard).toEqual([]);
    clock.advanceBy(1);
    expect(heard).toEqual(['0 a', '0 c', '0 d', '1 b']);
    one.onText('e');
    expect(heard.at(-1)).toBe('0 e');
  });

  it('hear pings and pongs of a connection whose messages wait', () => {
    const { sockets, open, heard } = setup();
    const line = open();
    sockets.hold();
    line.onText('a');
    line.onPing('');
    line.onPong();
    expect(heard).toEqual(['0 ping', '0 pong']);
  });

  it('catch up to the last message about the markets of an order, with all that came before it there', () => {
    const { clock, sockets, open, heard } = setup();
    const [kalshi, polymarket] = [open(), open()];
    sockets.hold();
    for (const text of ['other 1', 'KX-A 2', 'other 3', 'KX-A 4', 'other 5']) kalshi.onText(text);
    for (const text of ['token9 1', 'else 2']) polymarket.onText(text);
    sockets.catchUp(ordersIn('kalshi/KX-A', 'polymarket/token9'));
    expect(heard).toEqual(['0 other 1', '0 KX-A 2', '0 other 3', '0 KX-A 4', '1 token9 1']);
    sockets.release();
    clock.advanceBy(1);
    expect(heard.slice(5)).toEqual(['0 other 5', '1 else 2']);
  });

  it('make nobody blind when nothing releases them', () => {
    const { clock, sockets, open, heard } = setup();
    const line = open();
    sockets.hold();
    line.onText('a');
    clock.advanceBy(9);
    expect(heard).toEqual([]);
    clock.advanceBy(1);
    line.onText('b');
    expect(heard).toEqual(['0 a', '0 b']);
  });

  it('make nobody blind when they are held again and again', () => {
    const { clock, sockets, open, heard } = setup();
    const line = open();
    sockets.hold();
    line.onText('a');
    for (let ms = 0; ms < 9; ms++) {
      clock.advanceBy(1);
      sockets.release();
      sockets.hold();
    }
    expect(heard).toEqual([]);
    clock.advanceBy(1);
    expect(heard).toEqual(['0 a']);
  });

  it('pass a long backlog on a little in each turn', () => {
    const { clock, sockets, open, heard } = setup();
    const [one, two] = [open(), open()];
    sockets.hold();
    for (let n = 0; n < 100; n++) one.onText(`a${n}`);
    for (let n = 0; n < 100; n++) two.onText(`b${n}`);
    sockets.release();
    const turns: number[] = [];
    while (heard.length < 200) {
      const before = heard.length;
      clock.advanceBy(1);
      turns.push(heard.length - before);
    }
    expect(Math.max(...turns)).toBe(64);
    expect(heard).toEqual([
      ...Array.from({ length: 100 }, (_, n) => `0 a${n}`),
      ...Array.from({ length: 100 }, (_, n) => `1 b${n}`),
    ]);
  });

  it('hold the rest of a backlog when one of its messages is a reason to', () => {
    const { clock, sockets, open, heard } = setup();
    const line = open((text) => {
      if (text === 'gap') sockets.hold();
    });
    sockets.hold();
    for (const text of ['a', 'gap', 'b']) line.onText(text);
    sockets.release();
    clock.advanceBy(1);
    expect(heard).toEqual(['0 a', '0 gap']);
    sockets.release();
    clock.advanceBy(1);
    expect(heard).toEqual(['0 a', '0 gap', '0 b']);
  });

  it('pass on what waits before the end of its connection', () => {
    const { sockets, open, heard } = setup();
    const line = open();
    sockets.hold();
    line.onText('a');
    line.onEnd(ENDED);
    expect(heard).toEqual(['0 a', '0 closed with code 1000']);
  });

  it('pass on nothing of a connection that was cut', () => {
    const { clock, sockets, open, heard, done } = setup();
    const line = open((text) => {
      if (text === 'bad') line.socket.cut();
    });
    sockets.hold();
    for (const text of ['bad', 'b', 'c']) line.onText(text);
    sockets.release();
    clock.advanceBy(1);
    expect([heard, done]).toEqual([['0 bad'], ['1 cut']]);
  });
});
