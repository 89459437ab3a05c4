/** What an order on one outcome token needs to know, read before the order and never while it is prepared. */
import type { TickGrid } from '../../domain/instrument.ts';
import type { PriceE4, SizeE6 } from '../../domain/units.ts';
import type { ExchangeName } from './contracts.ts';

/** A purchase that matches at once moves at least one dollar ("min size: $1", venue text of 2026). */
export const MARKETABLE_BUY_MIN = 1_000_000;

export interface MarketTerms {
  readonly tokenId: string;
  readonly conditionId: string;
  readonly tickE4: PriceE4;
  readonly minSizeE6: SizeE6;
  readonly exchange: ExchangeName;
}

/** Terms by token. The tick is live state: the market stream changes it while orders are prepared. */
export class MarketTermsBook {
  readonly #terms = new Map<string, MarketTerms>();

  find(tokenId: string): MarketTerms | undefined {
    return this.#terms.get(tokenId);
  }

  set(terms: MarketTerms): void {
    this.#terms.set(terms.tokenId, terms);
  }

  /** A market that may not be traded has no terms, so no order can be prepared for it. */
  delete(tokenId: string): void {
    this.#terms.delete(tokenId);
  }

  /** Adopts the grid that the venue announced for a token. Without terms there is nothing to change. */
  setGrid(tokenId: string, grid: TickGrid): void {
    const terms = this.#terms.get(tokenId);
    const [band, ...others] = grid.bands;
    if (terms === undefined || band === undefined || others.length > 0) return;
    if (band.stepE4 !== terms.tickE4) this.#terms.set(tokenId, { ...terms, tickE4: band.stepE4 });
  }
}
