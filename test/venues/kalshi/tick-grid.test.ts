import { describe, expect, it } from 'vitest';
import { isOnGrid, slotWidth, uniformGrid } from '../../../src/domain/instrument.ts';
import { priceE4 } from '../../../src/domain/units.ts';
import { tickGridOf, tickGridOfLabel } from '../../../src/venues/kalshi/tick-grid.ts';

const range = (start: string, end: string, step: string) => ({ start, end, step });

describe('Kalshi price ranges', () => {
  it('become bands in ten-thousandths of a dollar', () => {
    const reading = tickGridOf([
      range('0.0000', '0.1000', '0.0010'),
      range('0.1000', '0.9000', '0.0100'),
      range('0.9000', '1.0000', '0.0010'),
    ]);
    expect(reading).toEqual({ kind: 'grid', grid: tickGridOfLabel('tapered_deci_cent') });
  });

  it.each([
    ['no range at all', []],
    ['a hole between two ranges', [range('0', '0.10', '0.001'), range('0.20', '1', '0.01')]],
    ['ranges that overlap', [range('0', '0.20', '0.01'), range('0.10', '1', '0.01')]],
    ['ranges in descending order', [range('0.5', '1', '0.01'), range('0', '0.5', '0.01')]],
    ['an end below 1', [range('0', '0.99', '0.01')]],
    ['a range that ends where it starts', [range('0', '0', '0.01'), range('0', '1', '0.01')]],
    ['a step of 0', [range('0', '1', '0')]],
    ['a step that does not divide its range', [range('0', '1', '0.0300')]],
    ['a step finer than 0.0001', [range('0', '1', '0.00001')]],
    ['text that is not a number', [range('0', '1', 'NaN')]],
  ])('are malformed with %s', (_, ranges) => {
    expect(tickGridOf(ranges).kind).toBe('malformed');
  });
});

describe('Kalshi price level structure labels', () => {
  it.each([
    ['linear_cent', 100],
    ['deci_cent', 10],
    ['center_centi_edge_centi_cent', 1],
  ])('name one step everywhere: %s', (label, step) => {
    expect(tickGridOfLabel(label)).toEqual(uniformGrid(step));
  });

  it.each([
    ['tapered_deci_cent', 0.05, 10, 100],
    ['center_whole_edge_half_cent', 0.05, 50, 100],
    ['center_whole_edge_quint_cent', 0.05, 20, 100],
    ['center_half_edge_half_cent', 0.05, 50, 50],
    ['center_half_edge_quint_cent', 0.05, 20, 50],
    ['center_half_edge_deci_cent', 0.05, 10, 50],
    ['center_quint_edge_quint_cent', 0.05, 20, 20],
    ['center_quint_edge_deci_cent', 0.05, 10, 20],
    ['center_deci_edge_centi_cent', 0.005, 1, 10],
  ])('name a finer step near 0 and 1: %s', (label, edge, edgeStep, centreStep) => {
    const grid = tickGridOfLabel(label);
    if (grid === undefined) throw new Error(`expected a grid for ${label}`);
    const at = Math.round(edge * 10_000);
    expect(isOnGrid(grid, priceE4(at + edgeStep))).toBe(true);
    expect(isOnGrid(grid, priceE4(10_000 - at - edgeStep))).toBe(true);
    expect(isOnGrid(grid, priceE4(5_000 + centreStep))).toBe(true);
    expect(isOnGrid(grid, priceE4(5_000 + centreStep / 2))).toBe(false);
    expect(10_000 % slotWidth(grid)).toBe(0);
  });

  it.each(['banded_centi_cent', '', 'constructor', 'something_new'])('name no grid when unpublished: %j', (label) => {
    expect(tickGridOfLabel(label)).toBeUndefined();
  });
});
