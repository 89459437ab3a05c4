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
const atVenues = new Map<string, Set<string>>();
const exceptions = new Map<string, Exception[]>();
const runs = new Map<string, Runs>();

interface Runs {
  paths: number;
  pathsAtVenues: number;
  steps: number;
  readonly unrealisable: { event: string; reason: string }[];
}

/** Where a path is walked: before simulated venues, or where the test says what they and children would say. */
export type Place = 'venues' | 'alone';

/** Give this to every `ActorRuntime` of a model test. */
export function onEdge(machine: string, edge: Edge): void {
  const fired = edges.get(machine) ?? new Set();
  edges.set(machine, fired.add(edge.id));
}

/** The same, where whatever the actor asks for is done, and simulated venues answer. */
export function onEdgeAtVenues(machine: string, edge: Edge): void {
  onEdge(machine, edge);
  const fired = atVenues.get(machine) ?? new Set();
  atVenues.set(machine, fired.add(edge.id));
}

export function noteRun(machine: string, { steps, unrealisable }: PathReport, place: Place = 'alone'): void {
  const count = runs.get(machine) ?? { paths: 0, pathsAtVenues: 0, steps: 0, unrealisable: [] };
  runs.set(machine, count);
  count.paths++;
  if (place === 'venues') count.pathsAtVenues++;
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
  const listed = (of: ReadonlyMap<string, ReadonlySet<string>>) =>
    Object.fromEntries([...of].map(([machine, fired]) => [machine, [...fired]]));
  const part: CoveragePart = {
    edges: listed(edges),
    atVenues: listed(atVenues),
    exceptions: Object.fromEntries(exceptions),
    runs: Object.fromEntries(runs),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${process.pid}-${crypto.randomUUID()}.json`), JSON.stringify(part));
});
