/** Kalshi frames for tests: recorded ones by name, and built ones with defaults. */
import { readFileSync } from 'node:fs';
import { BookStore } from '../../../src/domain/book/book-store.ts';
import type { BookId } from '../../../src/domain/instrument.ts';
import type { MarketDataEvent } from '../../../src/domain/ports/market-data.ts';
import type { KalshiFrame } from '../../../src/venues/kalshi/frame.ts';
import { KalshiMarketData } from '../../../src/venues/kalshi/market-data.ts';
import { parseKalshiFrame } from '../../../src/venues/kalshi/parse.ts';

export type Json = Record<string, unknown>;

export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../fixtures/kalshi/${name}.json`, import.meta.url), 'utf8'));
}

export function fixtureFrame(name: string): Json {
  return fixture(name) as Json;
}

/** Every frame of a recording. */
export function recordedStream(name: string): Json[] {
  return fixture(name) as Json[];
}

export function parse(frame: unknown, useYesPrice = false): KalshiFrame {
  return parseKalshiFrame(typeof frame === 'string' ? frame : JSON.stringify(frame), { useYesPrice });
}

/** A copy with `msg` fields replaced; `undefined` removes one. */
export function withMsg(frame: Json, fields: Json): Json {
  return { ...frame, msg: { ...(frame.msg as Json), ...fields } };
}

export function idOf(ticker: string): BookId {
  return `kalshi/${ticker}`;
}

export function subscribed(sid: number, channel = 'orderbook_delta'): Json {
  return { type: 'subscribed', id: 1, msg: { channel, sid } };
}

type Pair = readonly [string, string];

export function snapshot(
  place: { readonly sid?: number; readonly seq: number; readonly id?: number },
  ticker: string,
  sides: { readonly yes?: readonly Pair[]; readonly no?: readonly Pair[] } = {},
): Json {
  const { yes = [['0.4000', '10.00']], no = [['0.5000', '20.00']] } = sides;
  const msg = { market_ticker: ticker, market_id: 'm', yes_dollars_fp: yes, no_dollars_fp: no };
  return { type: 'orderbook_snapshot', sid: 1, ...place, msg };
}

export function delta(
  place: { readonly sid?: number; readonly seq: number },
  ticker: string,
  fields: {
    readonly price?: string;
    readonly size?: string;
    readonly side?: 'yes' | 'no';
    readonly atMs?: number;
  } = {},
): Json {
  const { price = '0.4000', size = '1.00', side = 'yes', atMs = 1_781_159_489_957 } = fields;
  const msg = { market_ticker: ticker, market_id: 'm', price_dollars: price, delta_fp: size, side, ts_ms: atMs };
  return { type: 'orderbook_delta', sid: 1, ...place, msg };
}

/** A connection under test, with everything it emitted and the books that follow from it. */
export class Listener {
  readonly marketData: KalshiMarketData;
  readonly events: MarketDataEvent[] = [];
  readonly books = new BookStore();

  constructor(useYesPrice = false) {
    this.marketData = new KalshiMarketData({ connection: 'c1', useYesPrice });
  }

  /** The events of these frames alone. */
  hear(...frames: readonly (Json | string)[]): MarketDataEvent[] {
    const from = this.events.length;
    for (const frame of frames)
      this.marketData.onFrame(typeof frame === 'string' ? frame : JSON.stringify(frame), this.emit);
    return this.events.slice(from);
  }

  reset(): MarketDataEvent[] {
    const from = this.events.length;
    this.marketData.reset(this.emit);
    return this.events.slice(from);
  }

  standing(ticker: string): string | undefined {
    return this.books.find(idOf(ticker))?.standing;
  }

  readonly emit = (event: MarketDataEvent): void => {
    this.books.apply(event, this.events.length, []);
    this.events.push(event);
  };
}

/** `kind`, with the reason or the fault where there is one. */
export function namesOf(events: readonly MarketDataEvent[]): string[] {
  return events.map((event) => {
    if (event.kind === 'book.gapped') return `${event.kind} ${event.reason}`;
    return event.kind === 'frame.fault' ? `${event.kind} ${event.fault}` : event.kind;
  });
}
