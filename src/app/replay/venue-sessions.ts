/** The venues' own parsers, one connection at a time, behind one call. */
import type { VenueName } from '../../domain/instrument.ts';
import type { MarketDataEvent } from '../../domain/ports/market-data.ts';
import { KalshiMarketData } from '../../venues/kalshi/market-data.ts';
import { parseKalshiFrame } from '../../venues/kalshi/parse.ts';
import { PolymarketMarketData } from '../../venues/polymarket/market-data.ts';

/** Which frame of which market this was, where the venue counts them. */
export interface FramePlace {
  readonly ticker: string;
  readonly seq: number;
}

type Emit = (event: MarketDataEvent) => void;

const USE_YES_PRICE = false;

export class VenueSessions {
  readonly #emit: Emit;
  #kalshi: KalshiMarketData;
  readonly #polymarket: PolymarketMarketData;
  #connections = 0;

  constructor(emit: Emit) {
    this.#emit = emit;
    this.#kalshi = new KalshiMarketData({ connection: '0', useYesPrice: USE_YES_PRICE });
    this.#polymarket = new PolymarketMarketData({ connection: '0' });
  }

  /** How many connections the capture has opened so far: the first part of a checkpoint's key. */
  get connection(): number {
    return this.#connections;
  }

  onConnected(): void {
    this.#kalshi.reset(this.#emit);
    this.#connections++;
    this.#kalshi = new KalshiMarketData({ connection: String(this.#connections), useYesPrice: USE_YES_PRICE });
  }

  /** Feeds one frame to its venue's parser and says where it stands in the count, if it is part of a book. */
  onFrame(venue: VenueName, text: string): FramePlace | undefined {
    if (venue === 'polymarket') {
      this.#polymarket.onFrame(text, this.#emit);
      return undefined;
    }
    const frame = parseKalshiFrame(text, { useYesPrice: USE_YES_PRICE });
    this.#kalshi.onParsed(frame, this.#emit);
    return frame.kind === 'delta' || frame.kind === 'snapshot' ? frame : undefined;
  }
}
