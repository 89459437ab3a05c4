import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { coverageOf, excessOf } from '../../scripts/model-coverage.ts';
import type { CoveragePart, Exception } from '../model/harness/coverage-part.ts';

const lamp = setup({}).createMachine({
  id: 'lamp',
  initial: 'off',
  states: {
    off: { on: { pressed: 'on' } },
    on: { initial: 'dim', states: { dim: { on: { turned: 'bright' } }, bright: {} }, on: { pressed: 'off' } },
  },
});
const ON = 'lamp.off:pressed:0→lamp.on';
const BRIGHT = 'lamp.on.dim:turned:0→lamp.on.bright';
const OFF = 'lamp.on:pressed:0→lamp.off';

function part(edges: readonly string[], exceptions: readonly Exception[] = []): CoveragePart {
  const run = { paths: 1, pathsAtVenues: 0, steps: 2, unrealisable: [{ event: 'turned', reason: 'no hand' }] };
  return { edges: { lamp: edges }, atVenues: {}, exceptions: { lamp: exceptions }, runs: { lamp: run } };
}

describe('coverage of a chart', () => {
  it('adds up what several files did', () => {
    const found = coverageOf(lamp, [part([ON]), part([BRIGHT, OFF])]);
    expect(found).toMatchObject({
      states: { covered: 5, total: 5 },
      edges: { covered: 3, total: 3 },
      paths: 2,
      steps: 4,
      problems: [],
    });
    expect([...found.unrealisable]).toEqual([['turned: no hand', 2]]);
  });

  it('counts each edge once that was taken at venues, and the paths that were', () => {
    const runs = { lamp: { paths: 3, pathsAtVenues: 2, steps: 2, unrealisable: [] } };
    const atVenues: CoveragePart = { ...part([ON, OFF]), atVenues: { lamp: [ON] }, runs };
    expect(coverageOf(lamp, [atVenues, part([BRIGHT]), atVenues])).toMatchObject({
      edgesAtVenues: 1,
      edgesAlone: [OFF, BRIGHT],
      paths: 7,
      pathsAtVenues: 4,
    });
  });

  it('names what is neither covered nor listed', () => {
    expect(coverageOf(lamp, [part([ON, OFF])]).problems).toEqual([
      `edge neither covered nor listed: ${BRIGHT}`,
      'state neither covered nor listed: lamp.on.bright',
    ]);
  });

  it('accepts what is listed', () => {
    const exceptions: Exception[] = [
      { edge: BRIGHT, reason: 'no dimmer is sold' },
      { state: 'lamp.on.bright', reason: 'no dimmer is sold' },
    ];
    expect(coverageOf(lamp, [part([ON, OFF], exceptions)]).problems).toEqual([]);
  });

  it('catches what is listed and covered, and what no chart has', () => {
    const exceptions: Exception[] = [
      { edge: OFF, reason: 'was hard' },
      { edge: 'lamp.gone', reason: 'was removed' },
    ];
    expect(coverageOf(lamp, [part([ON, BRIGHT, OFF], exceptions)]).problems).toEqual([
      `edge listed as an exception, but covered: ${OFF}`,
      'exception for an edge that the chart does not have: lamp.gone',
    ]);
  });

  it('counts nothing as entered where no actor started', () => {
    expect(coverageOf(lamp, []).states.covered).toBe(0);
  });

  it('refuses more than three of a hundred as exceptions', () => {
    const all = coverageOf(lamp, [part([ON, OFF], [{ edge: BRIGHT, reason: 'rare' }])]);
    expect(excessOf([all])).toBe('expected at most 3 % of 8 edges and states listed as exceptions, found 1');
    expect(excessOf([{ ...all, edges: { covered: 100, total: 100 } }])).toBeUndefined();
  });
});
