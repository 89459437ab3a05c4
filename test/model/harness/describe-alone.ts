/** What simulated venues could not bring about: the transitions that are left are walked with their events alone. */
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { edgesFired, noteRun } from './coverage.ts';
import { type Driver, runPath } from './driver.ts';
import { Model, type ModelSpec } from './model.ts';
import { pathsOf } from './paths.ts';

export interface Alone<Machine extends AnyStateMachine> extends ModelSpec<Machine> {
  readonly driver: () => Driver<Machine>;
}

/** Stands after all models of the chart in its file. The specs are tried in turn, until no transition is left. */
export function describeAlone<Machine extends AnyStateMachine>(
  { id, edges }: { readonly id: string; readonly edges: readonly string[] },
  specs: readonly Alone<Machine>[],
): void {
  describe(`model of ${id}, what is left`, () => {
    it('takes every transition that no venue brought about', async () => {
      const left = (): Set<string> => new Set(edges.filter((edge) => !edgesFired(id).has(edge)));
      for (const spec of specs) {
        if (left().size === 0) break;
        const model = new Model(spec);
        const start = model.start().edges.some((edge) => left().has(edge)) ? [{ name: 'begins', events: [] }] : [];
        for (const path of [...start, ...pathsOf(model, { wanted: left() })])
          noteRun(id, await runPath(model, spec.driver(), path));
      }
      expect([...left()]).toEqual([]);
    }, 60_000);
  });
}
