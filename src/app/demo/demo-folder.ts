/** Where a demonstration keeps its state: a folder of its own for every run, and the last few of them. */
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../domain/ports/random.ts';

const PRIVATE = 0o700;
export const RUNS_KEPT = 5;
const RUN_NAME = /^\d{8}T\d{6}-[0-9a-f]{4}$/;

export interface DemoFolder {
  readonly run: string;
  readonly path: string;
  readonly journal: string;
}

/** Makes the folder of a new run below `home`, and deletes the oldest beyond the last few. */
export function makeDemoFolder(home: string, given: { readonly wallMs: number; readonly random: Random }): DemoFolder {
  const demo = join(home, '.tandem', 'demo');
  mkdirSync(demo, { recursive: true, mode: PRIVATE });
  for (const folder of [join(home, '.tandem'), demo]) chmodSync(folder, PRIVATE);
  const time = new Date(given.wallMs).toISOString().replace(/[-:]|\.\d+Z$/g, '');
  const run = `${time}-${Buffer.from(given.random.bytes(2)).toString('hex')}`;
  const path = join(demo, run);
  mkdirSync(path, { mode: PRIVATE });
  deleteOldRuns(demo);
  return { run, path, journal: join(path, 'journal') };
}

/** Names begin with their time, so the alphabet is their age. Whatever is named otherwise is not ours to delete. */
function deleteOldRuns(demo: string): void {
  const runs = readdirSync(demo)
    .filter((name) => RUN_NAME.test(name))
    .sort();
  for (const old of runs.slice(0, Math.max(0, runs.length - RUNS_KEPT)))
    rmSync(join(demo, old), { recursive: true, force: true });
}
