/** Steps on a venue's price grid. Bands differ in their step, so the next price depends on where one stands. */
import { isOnGrid, slotWidth, type TickGrid } from '../instrument.ts';
import { PRICE_ONE, type PriceE4, priceE4 } from '../units.ts';

/** The lowest price above this one at which the venue takes orders; `undefined` when there is none below a dollar. */
export function nextAbove(grid: TickGrid, price: number): PriceE4 | undefined {
  const width = slotWidth(grid);
  for (let at = (Math.floor(price / width) + 1) * width; at < PRICE_ONE; at += width) {
    const candidate = priceE4(at);
    if (isOnGrid(grid, candidate)) return candidate;
  }
  return undefined;
}

/** The highest price below this one at which the venue takes orders; `undefined` when there is none above zero. */
function nextBelow(grid: TickGrid, price: number): PriceE4 | undefined {
  const width = slotWidth(grid);
  for (let at = (Math.ceil(price / width) - 1) * width; at > 0; at -= width) {
    const candidate = priceE4(at);
    if (isOnGrid(grid, candidate)) return candidate;
  }
  return undefined;
}

export function atOrAbove(grid: TickGrid, price: number): PriceE4 | undefined {
  return nextAbove(grid, price - 1);
}

export function atOrBelow(grid: TickGrid, price: number): PriceE4 | undefined {
  return nextBelow(grid, price + 1);
}

/** The grid as somebody sees it who trades the opposite outcome: every price is a dollar less it. */
export function mirroredGrid(grid: TickGrid): TickGrid {
  return {
    bands: [...grid.bands].reverse().map(({ startE4, endE4, stepE4 }) => ({
      startE4: priceE4(PRICE_ONE - endE4),
      endE4: priceE4(PRICE_ONE - startE4),
      stepE4,
    })),
  };
}
