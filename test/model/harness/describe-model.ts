/** Turns a chart, a catalogue of events and a driver into one test per path. */
import { describe, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { noteExceptions, noteRun, type Place } from './coverage.ts';
import type { Exception } from './coverage-part.ts';
import { type Driver, runPath } from './driver.ts';
import { Model, type ModelEvent, type ModelSpec } from './model.ts';
import { type PathOptions, pathsOf } from './paths.ts';

export interface ModelTests<Machine extends AnyStateMachine> extends ModelSpec<Machine>, PathOptions {
  /** What tells several models of one chart apart: `kalshi`. */
  readonly variant?: string;
  readonly driver: () => Driver<Machine>;
  readonly place?: Place;
  /** Edges and states that no test of this chart can reach, each with its reason. */
  readonly exceptions?: readonly Exception[];
  /** A failing path as it was printed: only this is run. */
  readonly replay?: readonly ModelEvent<Machine>[];
}

export function describeModel<Machine extends AnyStateMachine>(tests: ModelTests<Machine>): void {
  const { machine, variant, exceptions = [], replay, place } = tests;
  const model = new Model(tests);
  const paths =
    replay === undefined ? pathsOf(model, tests) : [{ name: 'replays the path that failed', events: replay as never }];
  noteExceptions(machine.id, exceptions);
  describe(`model of ${machine.id}${variant === undefined ? '' : ` (${variant})`}`, () => {
    for (const path of paths) {
      it(path.name, async () => {
        noteRun(machine.id, await runPath(model, tests.driver(), path), place);
      });
    }
  });
}
