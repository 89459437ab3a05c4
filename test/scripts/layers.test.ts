import { describe, expect, test } from 'vitest';
import { layerProblems } from '../../scripts/checks/layers.ts';

const problems = (path: string, specifier: string): string[] =>
  layerProblems(path, `import type { A } from '${specifier}';`).map(({ what }) => what);

describe('layers', () => {
  test.each([
    ['src/domain/units.ts', 'zod'],
    ['src/domain/units.ts', 'node:crypto'],
    ['src/domain/units.ts', '../streams/mark-stale.ts'],
    ['src/domain/ports/clock.ts', '../../app/cli.ts'],
    ['src/machines/order-leg.machine.ts', 'rxjs'],
    ['src/machines/order-leg.machine.ts', 'node:fs'],
    ['src/machines/order-leg.machine.ts', '../streams/mark-stale.ts'],
    ['src/machines/order-leg.machine.ts', '../venues/kalshi/parse.ts'],
    ['src/streams/mark-stale.ts', 'zod'],
    ['src/streams/mark-stale.ts', 'xstate'],
    ['src/streams/mark-stale.ts', '../machines/order-leg.machine.ts'],
    ['src/venues/kalshi/parse.ts', '../polymarket/parse.ts'],
    ['src/venues/kalshi/parse.ts', '../transport/socket.ts'],
    ['src/venues/kalshi/parse.ts', '../../db/order-store.ts'],
    ['src/venues/kalshi/parse.ts', '../../references/weather/nws.ts'],
    ['src/venues/kalshi/parse.ts', 'ws'],
    ['src/venues/kalshi/parse.ts', 'node:fs'],
    ['src/venues/transport/socket.ts', '../kalshi/parse.ts'],
    ['src/venues/transport/socket.ts', '../venue.ts'],
    ['src/venues/venue.ts', './kalshi/parse.ts'],
    ['src/references/weather/nws.ts', '../rates/fedwatch.ts'],
    ['src/db/order-store.ts', '../venues/venue.ts'],
    ['src/actors/order-leg.actor.ts', '../venues/kalshi/kalshi-venue.ts'],
    ['src/actors/order-leg.actor.ts', '../db/order-store.ts'],
    ['src/actors/order-leg.actor.ts', 'pg'],
    ['src/ops/top.ts', '../machines/order-leg.machine.ts'],
    ['src/ops/top.ts', 'kysely'],
    ['src/sim/kalshi/matching.ts', '../polymarket/matching.ts'],
    ['src/sim/kalshi/matching.ts', '../../domain/fees/kalshi.ts'],
    ['src/sim/kalshi/matching.ts', '../../domain/units-of-mine.ts'],
    ['src/sim/kalshi/matching.ts', '../../venues/kalshi/wire.ts'],
    ['src/sim/faults.ts', './kalshi/matching.ts'],
    ['src/ops/top.ts', '../app/compose.ts'],
    ['src/app/cli.ts', '../../test/support/books.ts'],
    ['src/app/cli.ts', '../elsewhere/x.ts'],
  ])('%s may not import %s', (path, specifier) => {
    expect(problems(path, specifier)).toHaveLength(1);
  });

  test.each([
    ['src/domain/book/book.ts', '../units.ts'],
    ['src/machines/order-leg.machine.ts', 'xstate'],
    ['src/machines/order-leg.machine.ts', '../domain/units.ts'],
    ['src/streams/mark-stale.ts', 'rxjs/operators'],
    ['src/venues/kalshi/parse.ts', './wire.ts'],
    ['src/venues/kalshi/parse.ts', '../venue.ts'],
    ['src/venues/kalshi/sign.ts', 'node:crypto'],
    ['src/venues/polymarket/sign.ts', '@noble/curves'],
    ['src/venues/transport/socket.ts', 'ws'],
    ['src/actors/order-leg.actor.ts', '../machines/order-leg.machine.ts'],
    ['src/sim/kalshi/matching.ts', '../../domain/units.ts'],
    ['src/sim/kalshi/matching.ts', '../../domain/ports/clock.ts'],
    ['src/sim/kalshi/matching.ts', '../faults.ts'],
    ['src/app/cli.ts', '../venues/kalshi/kalshi-venue.ts'],
    ['src/app/cli.ts', './replay/replay.ts'],
    ['src/app/cli.ts', 'commander'],
  ])('%s may import %s', (path, specifier) => {
    expect(problems(path, specifier)).toEqual([]);
  });

  test('a file outside the map is named', () => {
    expect(layerProblems('src/helpers/text.ts', '')).toHaveLength(1);
  });

  test('passing another file on is named, even within a layer', () => {
    expect(layerProblems('src/domain/index.ts', "export { price } from './units.ts';")).toHaveLength(1);
  });

  test('a computed import cannot hide outside the composition', () => {
    const source = 'await import(name);';

    expect(layerProblems('src/ops/plugins.ts', source)).toHaveLength(1);
    expect(layerProblems('src/app/plugins.ts', source)).toEqual([]);
  });
});
