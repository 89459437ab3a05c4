/** Polymarket frames for tests: recorded ones by name, and built ones with defaults. */
import { readFileSync } from 'node:fs';
import { BookStore } from '../../../src/domain/book/book-store.ts';
import type { BookId } from '../../../src/domain/instrument.ts';
import type { MarketDataEvent } from '../../../src/domain/ports/market-data.ts';
import type { PolymarketFrame } from '../../../src/venues/polymarket/frame.ts';
import { PolymarketMarketData } from '../../../src/venues/polymarket/market-data.ts';
import { parsePolymarketFrame } from '../../../src/venues/polymarket/parse.ts';

export type Json = Record<string, unknown>;

export const YES = '71321045679252212594626385532706912750332728571942532289631379312455583992563';
export const NO = '52114319501245915516055106046884209969926127482827954674443846427813813222426';
export const OTHER = '85354956062430465315924116860125388538595433819574542752031640332592237464430';

export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../fixtures/polymarket/${name}.json`, import.meta.url), 'utf8'));
}

export function fixtureFrame(name: string): Json {
  return fixture(name) as Json;
}

/** The condition that the fixtures are about. */
export const CONDITION = String(fixtureFrame('price-change-both-tokens').market);

/** The only frame of a text. */
export function parse(frame: unknown): PolymarketFrame {
  const [only, ...rest] = parsePolymarketFrame(typeof frame === 'string' ? frame : JSON.stringify(frame));
  if (only === undefined || rest.length > 0) throw new Error(`expected one frame, found ${rest.length + 1}`);
  return only;
}

export function idOf(tokenId: string): BookId {
  return `polymarket/${tokenId}`;
}

type Level = { readonly price: string; readonly size: string };

export function book(
  tokenId: string,
  of: { readonly market?: string; readonly bids?: readonly Level[]; readonly asks?: readonly Level[] } = {},
): Json {
  const { market = CONDITION, bids = [{ price: '0.4', size: '10' }], asks = [{ price: '0.6', size: '20' }] } = of;
  return { event_type: 'book', asset_id: tokenId, market, bids, asks, timestamp: '1763625600000', tick_size: '0.01' };
}

export interface Change {
  readonly asset_id: string;
  readonly price?: string;
  readonly size?: string;
  readonly side?: 'BUY' | 'SELL';
}

export function priceChange(changes: readonly Change[], market = CONDITION): Json {
  const price_changes = changes.map((change) => ({ price: '0.5', size: '7', side: 'BUY', ...change }));
  return { event_type: 'price_change', market, price_changes, timestamp: '1763625600500' };
}

/** A connection under test, with everything it emitted and the books that follow from it. */
export class Listener {
  readonly marketData = new PolymarketMarketData({ connection: 'c1' });
  readonly events: MarketDataEvent[] = [];
  readonly books = new BookStore();

  /** The events of these frames alone. */
  hear(...frames: readonly unknown[]): MarketDataEvent[] {
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

  standings(...tokenIds: readonly string[]): (string | undefined)[] {
    return tokenIds.map((tokenId) => this.books.find(idOf(tokenId))?.standing);
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

/** The CLOB record of the market that the fixtures are about. */
export function clobMarket(over: Json = {}): Json {
  const t = [
    { t: YES, o: 'Yes' },
    { t: NO, o: 'No' },
  ];
  return {
    c: CONDITION,
    t,
    mos: 5,
    mts: 0.01,
    mbf: 1000,
    tbf: 1000,
    nr: false,
    itode: true,
    fd: { r: 0.05, e: 1, to: true },
    ...over,
  };
}
