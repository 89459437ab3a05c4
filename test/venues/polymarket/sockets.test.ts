import { describe, expect, it } from 'vitest';
import { uniformGrid } from '../../../src/domain/instrument.ts';
import type { MarketDataEvent } from '../../../src/domain/ports/market-data.ts';
import type { SocketEnd } from '../../../src/domain/ports/socket.ts';
import type { PrivateEvent, StreamListener } from '../../../src/domain/ports/venue.ts';
import { priceE4, sizeE6 } from '../../../src/domain/units.ts';
import { L2Authenticator } from '../../../src/venues/polymarket/l2-auth.ts';
import { MarketTermsBook } from '../../../src/venues/polymarket/market-terms.ts';
import { PRODUCTION_SETTINGS } from '../../../src/venues/polymarket/presets.ts';
import { openMarketStream } from '../../../src/venues/polymarket/socket.ts';
import { openUserStream } from '../../../src/venues/polymarket/user-socket.ts';
import { ScriptedSockets } from '../../support/scripted-polymarket.ts';
import { canaryCredentials, OWNER } from './accounts.ts';
import { book, fixture, fixtureFrame, idOf, type Json, NO, namesOf, OTHER, priceChange, YES } from './frames.ts';

const END: SocketEnd = { kind: 'closed', code: 1006, message: 'gone' };

class Heard<Event> implements StreamListener<Event> {
  readonly calls: string[] = [];
  readonly events: Event[] = [];
  onOpen(): void {
    this.calls.push('open');
  }
  onAlive(): void {
    this.calls.push('alive');
  }
  onEvent(event: Event): void {
    this.events.push(event);
  }
  onEnd(end: SocketEnd): void {
    this.calls.push(`end ${end.message}`);
  }
}

function market(assetsPerConnectionMax = 500) {
  const sockets = new ScriptedSockets();
  const heard = new Heard<MarketDataEvent>();
  const terms = new MarketTermsBook();
  const settings = { ...PRODUCTION_SETTINGS, assetsPerConnectionMax };
  const stream = openMarketStream({ transport: sockets, settings, connection: 'c1', terms }, heard);
  const socket = sockets.last();
  const hear = (...frames: unknown[]) => {
    for (const frame of frames) socket.listener.onText(typeof frame === 'string' ? frame : JSON.stringify(frame));
  };
  return { stream, socket, heard, terms, hear };
}

describe('market stream', () => {
  it('subscribes with the documented first frame once it is open', () => {
    const { stream, socket, heard } = market();
    stream.subscribe([idOf(YES), idOf(NO)]);
    const before = socket.sent.length;
    socket.listener.onOpen();
    expect([before, heard.calls, socket.request.url]).toEqual([0, ['open'], PRODUCTION_SETTINGS.hosts.marketSocket]);
    expect(socket.frames()).toEqual([
      { assets_ids: [YES, NO], type: 'market', initial_dump: true, custom_feature_enabled: true },
    ]);
  });

  it('sends its first frame with the first books when it opened without any', () => {
    const { stream, socket } = market();
    socket.listener.onOpen();
    stream.subscribe([idOf(YES)]);
    expect(socket.frames()).toMatchObject([{ assets_ids: [YES], type: 'market' }]);
  });

  it('adds and takes books with operations, each once', () => {
    const { stream, socket } = market();
    socket.listener.onOpen();
    stream.subscribe([idOf(YES)]);
    stream.subscribe([idOf(YES), idOf(NO)]);
    stream.unsubscribe([idOf(YES), idOf(OTHER)]);
    stream.unsubscribe([idOf(YES)]);
    expect(socket.frames().slice(1)).toEqual([
      { operation: 'subscribe', assets_ids: [NO], custom_feature_enabled: true },
      { operation: 'unsubscribe', assets_ids: [YES] },
    ]);
  });

  it('refuses more assets than a connection carries and subscribes to none of them', () => {
    const { stream, socket } = market(2);
    socket.listener.onOpen();
    stream.subscribe([idOf(YES)]);
    expect(() => stream.subscribe([idOf(NO), idOf(OTHER)])).toThrow(/at most 2 assets, found 3 \(connection c1\)/);
    expect(socket.frames()).toHaveLength(1);
  });

  it('pings with text and never of its own accord', () => {
    const { stream, socket } = market();
    stream.heartbeat();
    socket.listener.onOpen();
    stream.heartbeat();
    expect(socket.sent).toEqual(['PING']);
  });

  it('is alive on any frame and passes events on', () => {
    const { stream, heard, hear } = market();
    stream.subscribe([idOf(YES), idOf(NO)]);
    hear(fixture('book-initial-dump'), 'PONG', fixture('price-change-both-tokens'));
    expect(heard.calls).toEqual(['alive', 'alive', 'alive']);
    expect(namesOf(heard.events)).toEqual(['book.snapshot', 'book.snapshot', 'book.levels']);
  });

  it('gaps a book that it gives up, and a late frame does not bring it back', () => {
    const { stream, heard, hear } = market();
    stream.subscribe([idOf(YES)]);
    hear(book(YES));
    stream.unsubscribe([idOf(YES)]);
    hear(book(YES));
    stream.subscribe([idOf(YES)]);
    hear(priceChange([{ asset_id: YES }]), book(YES));
    expect(namesOf(heard.events)).toEqual([
      'book.snapshot',
      'book.gapped unsubscribed',
      'frame.fault unknownMarket',
      'book.snapshot',
    ]);
  });

  it('gaps its books when it ends, before it says so', () => {
    const { stream, socket, heard, hear } = market();
    stream.subscribe([idOf(YES)]);
    hear(book(YES));
    socket.listener.onEnd(END);
    expect([namesOf(heard.events).at(-1), heard.calls.at(-1)]).toEqual(['book.gapped disconnected', 'end gone']);
  });

  it('follows the tick of a token for the orders to come', () => {
    const { stream, terms, hear } = market();
    const entry = { conditionId: 'c', tickE4: priceE4(100), minSizeE6: sizeE6(0), exchange: 'exchange' } as const;
    terms.set({ ...entry, tokenId: YES });
    stream.subscribe([idOf(YES)]);
    hear(book(YES), fixtureFrame('tick-size-change-finer'));
    expect(terms.find(YES)?.tickE4).toBe(10);
    terms.setGrid(YES, uniformGrid(25));
    expect(terms.find(YES)?.tickE4).toBe(25);
  });

  it('cannot ask for snapshots', () => {
    expect(market().stream.requestSnapshots([idOf(YES)])).toBe(false);
  });
});

describe('user stream', () => {
  function user() {
    const sockets = new ScriptedSockets();
    const heard = new Heard<PrivateEvent>();
    const { credentials, traces } = canaryCredentials();
    const authenticator = new L2Authenticator({ address: '0x', credentials });
    const marks = { owner: OWNER, funder: `0x${'22'.repeat(20)}` };
    const stream = openUserStream({ transport: sockets, settings: PRODUCTION_SETTINGS, authenticator, marks }, heard);
    return { stream, socket: sockets.last(), heard, traces };
  }

  it('sends its credentials in the first frame and asks for every market', () => {
    const { socket, heard, traces } = user();
    socket.listener.onOpen();
    const [apiKey, secret, passphrase] = traces;
    expect(socket.frames()).toEqual([{ auth: { apiKey, secret, passphrase }, type: 'user' }]);
    expect(heard.calls).toEqual(['open']);
  });

  it('passes orders and fills on', () => {
    const { socket, heard } = user();
    socket.listener.onOpen();
    for (const frame of Object.values(fixture('user-trades') as Record<string, Json>))
      socket.listener.onText(JSON.stringify(frame));
    const settlements = heard.events.map((event) =>
      event.kind === 'fill.reported' ? event.fill.settlement : event.kind,
    );
    expect(settlements).toEqual(['confirmed', 'failed', 'matched', 'mined', 'retrying']);
  });

  it('shows its credentials to nobody, even when the venue repeats them', () => {
    const { stream, socket, heard, traces } = user();
    socket.listener.onOpen();
    for (const trace of traces) {
      socket.listener.onText(trace);
      socket.listener.onText(JSON.stringify({ event_type: trace }));
      socket.listener.onText(JSON.stringify({ event_type: 'order', error: trace }));
    }
    const seen = JSON.stringify([heard.events, heard.calls, stream]);
    for (const trace of traces) expect(seen).not.toContain(trace);
  });

  it('pings with text once it is open', () => {
    const { stream, socket } = user();
    stream.heartbeat();
    socket.listener.onOpen();
    stream.heartbeat();
    expect(socket.sent.slice(1)).toEqual(['PING']);
  });

  it('covers every market, so subscribing changes nothing', () => {
    const { stream, socket } = user();
    socket.listener.onOpen();
    stream.subscribe([idOf(YES)]);
    stream.unsubscribe([idOf(YES)]);
    expect(socket.sent).toHaveLength(1);
  });
});
