/** Which files a replay is about, and one file from its first record to its report. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Decision, DetectionPolicy } from '../../domain/edge/decide.ts';
import type { CaptureStep } from '../capture/capture.ts';
import { checkpointPath, readCheckpoints } from '../capture/checkpoints.ts';
import { formatOf, readDocument } from '../capture/formats.ts';
import { readMeta } from '../capture/meta.ts';
import { fileDamage, readLines } from '../capture/read-lines.ts';
import { FileProblem } from '../config/json-file.ts';
import type { Pacer } from './pacer.ts';
import { ReplayRun } from './replay-run.ts';
import type { RunReport } from './run-report.ts';

const CAPTURE_NAME = /\.(json|jsonl|ndjson|csv)(\.gz)?$/;
/** Files that belong to a capture beside them. */
const COMPANION_NAME = /(\.meta\.json|\.checkpoints\.(ndjson|jsonl)(\.gz)?|markets\.json)$/;

/** A path that somebody gave and that is neither a file nor a folder that can be read. */
export class PathProblem extends Error {
  override readonly name = 'PathProblem';
}

/**
 * Every file that may be a capture below the given files and folders, in name order. Throws a
 * `PathProblem` when a path does not exist.
 */
export function captureFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    try {
      return statSync(path).isDirectory() ? filesBelow(path) : [path];
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
      const why = isMissing ? 'no such file or folder' : error instanceof Error ? error.message : String(error);
      throw new PathProblem(`cannot read ${path}: ${why}`, { cause: error });
    }
  });
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  // Links to files are followed; links to folders may lead in a circle and are not.
  const files = entries.filter((entry) => !entry.isDirectory() && isCaptureName(entry.name));
  const folders = entries.filter((entry) => entry.isDirectory());
  const paths = files.map(({ name }) => join(folder, name)).filter((path) => !isFolder(path));
  return [...paths, ...folders.flatMap(({ name }) => filesBelow(join(folder, name)))];
}

function isCaptureName(name: string): boolean {
  return CAPTURE_NAME.test(name) && !COMPANION_NAME.test(name);
}

/** A link that leads nowhere is no folder: reading it will say what is wrong with it. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

export type FileOutcome =
  | { readonly kind: 'replayed'; readonly report: RunReport }
  /** a readable file without market data that we know */
  | { readonly kind: 'skipped'; readonly capture: string }
  /** not replayed at all: `where` is `path:line`, or the path alone where no line can be named */
  | { readonly kind: 'damaged'; readonly capture: string; readonly where: string; readonly message: string };

export interface ReplayOptions {
  readonly policy: DetectionPolicy;
  readonly pacer: Pacer;
  readonly onRun?: (run: ReplayRun) => void;
  readonly onDecision?: (decision: Decision, run: ReplayRun) => void;

  /** Monotonic milliseconds, for the messages per second. */
  readonly nowMs: () => number;
}

/** Replays one file. Whatever is wrong with it is in the outcome; throws only on our own bugs. */
export async function replayFile(path: string, options: ReplayOptions): Promise<FileOutcome> {
  const finding = await formatOf(path);
  if (finding.kind === 'unknown') return { kind: 'skipped', capture: path };
  if (finding.kind === 'damaged') return { kind: 'damaged', capture: path, ...finding.damage };
  const { format } = finding;
  let meta: ReturnType<typeof readMeta>;
  try {
    meta = readMeta(path);
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    return { kind: 'damaged', capture: path, where: error.path, message: error.message };
  }
  const besides = checkpointPath(path);
  const recorded = besides === undefined ? undefined : await readCheckpoints(besides);
  const run: ReplayRun = new ReplayRun({
    path,
    format,
    meta,
    checkpoints: recorded?.checkpoints,
    policy: options.policy,
    onDecision: (decision) => options.onDecision?.(decision, run),
  });
  for (const fault of recorded?.faults ?? []) run.noteDamage(fault);
  options.onRun?.(run);
  const startedMs = options.nowMs();
  if (format.unit === 'document') await replayDocument(path, run, options.pacer);
  else await replayLines(path, run, options.pacer);
  const seconds = (options.nowMs() - startedMs) / 1_000;
  return { kind: 'replayed', report: run.finish(seconds, !options.pacer.isStopped) };
}

async function replayDocument(path: string, run: ReplayRun, pacer: Pacer): Promise<void> {
  const { text, damage } = await readDocument(path);
  if (damage !== undefined) run.noteDamage(damage);
  await replaySteps(run.stepsOf(text, 1), run, pacer);
}

async function replayLines(path: string, run: ReplayRun, pacer: Pacer): Promise<void> {
  try {
    for await (const batch of readLines(path)) {
      for (const line of batch) {
        const steps = run.stepsOf(line.text, line.number);
        if (pacer.isPaced) await replaySteps(steps, run, pacer);
        else for (const step of steps) run.apply(step);
      }
      if (pacer.isStopped) return;
    }
  } catch (error) {
    run.noteDamage(fileDamage(path, error));
  }
}

async function replaySteps(steps: readonly CaptureStep[], run: ReplayRun, pacer: Pacer): Promise<void> {
  for (const step of steps) {
    if ('receivedAtMs' in step && pacer.isPaced) await pacer.waitFor(step.receivedAtMs);
    if (pacer.isStopped) return;
    run.apply(step);
  }
}
