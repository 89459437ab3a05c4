/** Replays captures in process: from files in a folder that is removed again, or straight from text. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type Command, CommanderError } from 'commander';
import { onTestFinished, vi } from 'vitest';
import type { CaptureFormat } from '../../src/app/capture/capture.ts';
import type { Checkpoint } from '../../src/app/capture/checkpoints.ts';
import { type CaptureMeta, NO_META } from '../../src/app/capture/meta.ts';
import { replayCommand } from '../../src/app/commands/replay-command.ts';
import { CONSERVATIVE_100 } from '../../src/app/config/detection.ts';
import { CommandFailure, EXIT } from '../../src/app/console.ts';
import { Pacer } from '../../src/app/replay/pacer.ts';
import { type FileOutcome, replayFile } from '../../src/app/replay/replay-files.ts';
import { ReplayRun } from '../../src/app/replay/replay-run.ts';
import type { RunReport } from '../../src/app/replay/run-report.ts';
import type { Decision } from '../../src/domain/edge/decide.ts';

export const STREAM = shipped('kalshi-btc-15-minutes.ndjson.gz');
export const CHECKPOINTS = shipped('kalshi-btc-15-minutes.checkpoints.ndjson.gz');
export const TAPE = shipped('worldcup-mexico-england.jsonl.gz');
export const TAPE_META = shipped('worldcup-mexico-england.jsonl.gz.meta.json');

function shipped(name: string): string {
  return fileURLToPath(new URL(`../../data/${name}`, import.meta.url));
}

export function captureFixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/captures/${name}`, import.meta.url));
}

/** The lines of a file, unpacked where its name says so. */
export function linesOf(path: string): string[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split('\n').filter((line) => line !== '');
}

/** A folder with these files, gone when the test is over. Returns its path. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export async function outcomeOf(path: string, speed = Number.POSITIVE_INFINITY): Promise<FileOutcome> {
  return replayFile(path, { policy: CONSERVATIVE_100, pacer: new Pacer(speed), nowMs: () => 0 });
}

/** The report of a file that can be replayed, consistent or not. */
export async function reportOf(path: string, speed?: number): Promise<RunReport> {
  const outcome = await outcomeOf(path, speed);
  if (outcome.kind !== 'replayed') throw new Error(`expected ${path} to be replayed, found ${JSON.stringify(outcome)}`);
  return outcome.report;
}

export interface TextReplay {
  readonly report: RunReport;
  /** One line a decision: basket, time, verdict, figures, and the books as they were seen. */
  readonly decisions: readonly string[];
}

/** Replays the text of a capture as its file would be. */
export function replayText(
  text: string,
  of: {
    readonly format: CaptureFormat;
    readonly meta?: CaptureMeta;
    readonly checkpoints?: readonly Checkpoint[];
  },
): TextReplay {
  const decisions: string[] = [];
  const run = new ReplayRun({
    path: 'capture',
    format: of.format,
    meta: of.meta ?? NO_META,
    checkpoints: of.checkpoints,
    policy: CONSERVATIVE_100,
    onDecision: (decision) => decisions.push(decisionLine(decision)),
  });
  const parts = of.format.unit === 'document' ? [text] : text.split('\n');
  for (const [at, part] of parts.entries()) {
    if (part !== '') for (const step of run.stepsOf(part, at + 1)) run.apply(step);
  }
  return { report: run.finish(0, true), decisions };
}

function decisionLine({ watch, atMs, verdict }: Decision): string {
  const reason = verdict.kind === 'declined' ? `${verdict.reason} ${verdict.detail}` : '';
  const walk = verdict.kind === 'edge' ? verdict.evaluation.walk : verdict.best;
  const books = verdict.books.map(({ book, epoch, version, quietMs }) => `${book}/${epoch}/${version}/${quietMs}`);
  return [watch.id, atMs, verdict.kind, reason, verdict.grossEdgeE4, walk?.sizeE6, walk?.profitMicroUsd, books].join();
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** `tandem replay` with these words, in this process. */
export async function replayed(...words: readonly string[]): Promise<CommandResult> {
  return commandRun(replayCommand(), words);
}

/** A command with these words, in this process. */
export async function commandRun(command: Command, words: readonly string[]): Promise<CommandResult> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => stdout.push(String(chunk)) > 0);
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => stderr.push(String(chunk)) > 0);
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await command.exitOverride().parseAsync(words, { from: 'user' });
    return { stdout: stdout.join(''), stderr: stderr.join(''), exitCode: Number(process.exitCode ?? EXIT.done) };
  } catch (error) {
    const exitCode =
      error instanceof CommandFailure ? error.exitCode : error instanceof CommanderError ? EXIT.usage : EXIT.bug;
    const last = error instanceof Error ? error.message : String(error);
    return { stdout: stdout.join(''), stderr: `${stderr.join('')}${last}`, exitCode };
  } finally {
    process.exitCode = before;
    out.mockRestore();
    err.mockRestore();
  }
}
