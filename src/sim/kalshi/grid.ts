/** Price grids: the list of ranges is the contract, the structure only a label for it. */
import { type PriceE4, priceE4 } from '../../domain/units.ts';

export interface PriceRange {
  readonly startE4: PriceE4;
  readonly endE4: PriceE4;
  readonly stepE4: number;
}

interface Shape {
  /** Where the edge bands end; 0 for none. */
  readonly edgeE4: number;
  readonly edgeStepE4: number;
  readonly centreStepE4: number;
}

const shape = (edgeE4: number, edgeStepE4: number, centreStepE4: number): Shape => ({
  edgeE4,
  edgeStepE4,
  centreStepE4,
});

/** Kalshi's fixed-point page, 2026. */
const SHAPES: Readonly<Record<string, Shape>> = {
  linear_cent: shape(0, 100, 100),
  tapered_deci_cent: shape(1_000, 10, 100),
  deci_cent: shape(0, 10, 10),
  center_whole_edge_half_cent: shape(1_000, 50, 100),
  center_whole_edge_quint_cent: shape(1_000, 20, 100),
  center_half_edge_half_cent: shape(1_000, 50, 50),
  center_half_edge_quint_cent: shape(1_000, 20, 50),
  center_half_edge_deci_cent: shape(1_000, 10, 50),
  center_quint_edge_quint_cent: shape(1_000, 20, 20),
  center_quint_edge_deci_cent: shape(1_000, 10, 20),
  center_deci_edge_centi_cent: shape(100, 1, 10),
  center_centi_edge_centi_cent: shape(0, 1, 1),
};

export function rangesOf(structure: string): readonly PriceRange[] {
  const found = SHAPES[structure];
  if (found === undefined) throw new Error(`no price level structure ${JSON.stringify(structure)} is known`);
  const { edgeE4, edgeStepE4, centreStepE4 } = found;
  const range = (from: number, to: number, stepE4: number): PriceRange => ({
    startE4: priceE4(from),
    endE4: priceE4(to),
    stepE4,
  });
  if (edgeE4 === 0) return [range(0, 10_000, centreStepE4)];
  return [
    range(0, edgeE4, edgeStepE4),
    range(edgeE4, 10_000 - edgeE4, centreStepE4),
    range(10_000 - edgeE4, 10_000, edgeStepE4),
  ];
}

/** 0 and 1 are never prices. A price on the border of two ranges may use either step. */
export function isOnGrid(ranges: readonly PriceRange[], price: PriceE4): boolean {
  if (price <= 0 || price >= 10_000) return false;
  return ranges.some(
    ({ startE4, endE4, stepE4 }) => price >= startE4 && price <= endE4 && (price - startE4) % stepE4 === 0,
  );
}
