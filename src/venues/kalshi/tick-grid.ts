/** Kalshi's price grids: from `price_ranges`, which is the contract, or from the label, which is a hint. */
import { parsePrice } from '../../domain/decimal.ts';
import { type TickBand, type TickGrid, uniformGrid } from '../../domain/instrument.ts';
import { PRICE_ONE, priceE4 } from '../../domain/units.ts';
import type { PriceRange } from './wire.ts';

export type TickGridReading =
  | { readonly kind: 'grid'; readonly grid: TickGrid }
  | { readonly kind: 'malformed'; readonly message: string };

/**
 * The grid that `price_ranges` describes. Malformed unless the ranges are ascending, touch each other,
 * cover 0 to 1 and each is a whole number of its own steps.
 */
export function tickGridOf(ranges: readonly PriceRange[]): TickGridReading {
  const bands: TickBand[] = [];
  let reached = 0;
  for (const range of ranges) {
    const startE4 = parsePrice(range.start);
    const endE4 = parsePrice(range.end);
    const stepE4 = parsePrice(range.step);
    if (startE4 === undefined || endE4 === undefined || stepE4 === undefined || stepE4 === 0)
      return malformed(`prices of range ${bands.length} must lie within 0..1 with a step above 0`);
    if (startE4 !== reached || endE4 <= startE4)
      return malformed(`range ${bands.length} must start at ${reached} and end above it, found ${startE4}..${endE4}`);
    if ((endE4 - startE4) % stepE4 !== 0)
      return malformed(`range ${bands.length} of ${startE4}..${endE4} must be whole steps, found a step of ${stepE4}`);
    bands.push({ startE4, endE4, stepE4 });
    reached = endE4;
  }
  if (reached !== PRICE_ONE) return malformed(`price_ranges must reach 10000, found ${reached}`);
  return { kind: 'grid', grid: { bands } };
}

function malformed(message: string): TickGridReading {
  return { kind: 'malformed', message };
}

/**
 * The grid behind a `price_level_structure` label, or `undefined` for a label without a published
 * grid (`banded_centi_cent`, the empty string, anything new).
 */
export function tickGridOfLabel(label: string): TickGrid | undefined {
  return gridsByLabel.get(label);
}

/** One step near 0 and 1, another between. */
function tapered(edgeWidth: number, edgeStep: number, centreStep: number): TickGrid {
  const [inner, outer] = [priceE4(edgeWidth), priceE4(PRICE_ONE - edgeWidth)];
  return {
    bands: [
      { startE4: priceE4(0), endE4: inner, stepE4: priceE4(edgeStep) },
      { startE4: inner, endE4: outer, stepE4: priceE4(centreStep) },
      { startE4: outer, endE4: PRICE_ONE, stepE4: priceE4(edgeStep) },
    ],
  };
}

// Kalshi changelog of 2026-07-23 and 2026-08-13. Whole, half, quint, deci and centi are 1, 1/2, 1/5, 1/10
// and 1/100 of a cent.
const gridsByLabel: ReadonlyMap<string, TickGrid> = new Map([
  ['linear_cent', uniformGrid(100)],
  ['deci_cent', uniformGrid(10)],
  ['center_centi_edge_centi_cent', uniformGrid(1)],
  ['tapered_deci_cent', tapered(1_000, 10, 100)],
  ['center_whole_edge_half_cent', tapered(1_000, 50, 100)],
  ['center_whole_edge_quint_cent', tapered(1_000, 20, 100)],
  ['center_half_edge_half_cent', tapered(1_000, 50, 50)],
  ['center_half_edge_quint_cent', tapered(1_000, 20, 50)],
  ['center_half_edge_deci_cent', tapered(1_000, 10, 50)],
  ['center_quint_edge_quint_cent', tapered(1_000, 20, 20)],
  ['center_quint_edge_deci_cent', tapered(1_000, 10, 20)],
  ['center_deci_edge_centi_cent', tapered(100, 1, 10)],
]);
