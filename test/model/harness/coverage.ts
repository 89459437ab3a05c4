/**
 * What the real actors did while the model tests ran: the edges that fired, and how many paths led there. Each
 * test file writes its part at its end; `npm run test:model` adds them up and judges.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Edge } from '../../../src/machines/edges.ts';
import { COVERAGE_FOLDER, type CoveragePart, type Exception } from './coverage-part.ts';
import type { PathReport } from './driver.ts';

const edges = new Map<string, Set<string>>();
const exceptions = new Map<string, Exception[]>();
const runs = new Map<string, { paths: number; steps: number; unrealisable: { event: string; reason: string }[] }>();

/** Give this to every `ActorRuntime` of a model test. */
export function onEdge(machine: string, edge: Edge): void {
  const fired = edges.get(machine) ?? new Set();
  edges.set(machine, fired.add(edge.id));
}

export function noteRun(machine: string, { steps, unrealisable }: PathReport): void {
  const count = runs.get(machine) ?? { paths: 0, steps: 0, unrealisable: [] };
  runs.set(machine, count);
  count.paths++;
  count.steps += steps;
  count.unrealisable.push(...unrealisable);
}

export function noteExceptions(machine: string, listed: readonly Exception[]): void {
  exceptions.set(machine, [...(exceptions.get(machine) ?? []), ...listed]);
}

export function edgesFired(machine: string): ReadonlySet<string> {
  return edges.get(machine) ?? new Set();
}

afterAll(() => {
  const folder = process.env[COVERAGE_FOLDER];
  if (folder === undefined) return;
  const part: CoveragePart = {
    edges: Object.fromEntries([...edges].map(([machine, fired]) => [machine, [...fired]])),
    exceptions: Object.fromEntries(exceptions),
    runs: Object.fromEntries(runs),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${process.pid}-${crypto.randomUUID()}.json`), JSON.stringify(part));
});
