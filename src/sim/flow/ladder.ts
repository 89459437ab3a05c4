/** The house's side of a generated book: what it wants to quote around a price. */
import type { Random } from '../../domain/ports/random.ts';
import { contractsE6, drawn } from './draw.ts';
import type { BookSide, FlowBook, FlowLevel } from './flow-venue.ts';
import { DELTA_SIZE } from './rates.ts';

export interface Touch {
  readonly bidE4: number;
  readonly askE4: number;
}

export interface Grid {
  readonly tickE4: number;
  /** Levels on each side. */
  readonly levels: number;
}

/** The two best prices around a fair one, on the grid, at least a tick apart. */
export function touchAround(fairE4: number, spreadE4: number, { tickE4 }: Grid): Touch {
  const bidE4 = onGrid(Math.floor((fairE4 - spreadE4 / 2) / tickE4) * tickE4, tickE4);
  const askE4 = Math.max(bidE4 + tickE4, Math.ceil((fairE4 + spreadE4 / 2) / tickE4) * tickE4);
  return { bidE4, askE4: Math.min(askE4, 10_000 - tickE4) };
}

export function onGrid(price: number, tickE4: number): number {
  return Math.min(Math.max(price, tickE4), 10_000 - 2 * tickE4);
}

export class Ladder {
  readonly #grid: Grid;
  readonly #random: Random;
  readonly #sizes = { bid: new Map<number, number>(), ask: new Map<number, number>() };
  #touch: Touch = { bidE4: 0, askE4: 10_000 };

  constructor(grid: Grid, random: Random) {
    this.#grid = grid;
    this.#random = random;
  }

  get touch(): Touch {
    return this.#touch;
  }

  /** Levels beyond the new touch go, missing ones are filled, the others stay as they are. */
  moveTo(touch: Touch): void {
    this.#touch = touch;
    for (const side of ['bid', 'ask'] as const) {
      const wanted = new Set(this.#prices(side));
      for (const price of this.#sizes[side].keys()) if (!wanted.has(price)) this.#sizes[side].delete(price);
      for (const price of wanted) if (!this.#sizes[side].has(price)) this.#sizes[side].set(price, this.#drawSize());
    }
  }

  /** So much at a price, whatever was there. */
  set(side: BookSide, priceE4: number, sizeE6: number): void {
    if (sizeE6 > 0) this.#sizes[side].set(priceE4, sizeE6);
    else this.#sizes[side].delete(priceE4);
  }

  sizeAt(side: BookSide, priceE4: number): number {
    return this.#sizes[side].get(priceE4) ?? 0;
  }

  /** So many ticks behind the best price, or `undefined` beyond the scale. */
  priceAt(side: BookSide, depth: number): number | undefined {
    const { tickE4 } = this.#grid;
    const price = side === 'bid' ? this.#touch.bidE4 - depth * tickE4 : this.#touch.askE4 + depth * tickE4;
    return price >= tickE4 && price <= 10_000 - tickE4 ? price : undefined;
  }

  /** New sizes at so many levels, the best one among them. */
  refresh(count: number): void {
    for (let at = 0; at < count; at++) {
      const side = at % 2 === 0 ? 'bid' : 'ask';
      const depth = at < 2 ? 0 : this.#random.below(this.#grid.levels);
      const price = this.priceAt(side, depth);
      if (price !== undefined) this.#sizes[side].set(price, this.#drawSize());
    }
  }

  book(): FlowBook {
    const side = (name: BookSide): FlowLevel[] =>
      [...this.#sizes[name]]
        .map(([priceE4, sizeE6]) => ({ priceE4, sizeE6 }))
        .sort((a, b) => (name === 'bid' ? b.priceE4 - a.priceE4 : a.priceE4 - b.priceE4));
    return { bids: side('bid'), asks: side('ask') };
  }

  #prices(side: BookSide): number[] {
    return Array.from({ length: this.#grid.levels }, (_, depth) => this.priceAt(side, depth)).filter(
      (price) => price !== undefined,
    );
  }

  #drawSize(): number {
    return contractsE6(drawn(DELTA_SIZE, this.#random), false);
  }
}
