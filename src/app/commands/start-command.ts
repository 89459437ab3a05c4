/** `tandem start`: at this stage, the recordings that the project ships, at a pace that a person can follow. */
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { CONSERVATIVE_100 } from '../config/detection.ts';
import { EXIT, isTerminal, printJson, printLine } from '../console.ts';
import { DemoModel } from '../demo/demo-model.ts';
import { decisionText, demoScreen, demoSummary, statusLine, streamStatusLines } from '../demo/demo-view.ts';
import { LiveScreen } from '../demo/live-screen.ts';
import { Pacer } from '../replay/pacer.ts';
import { replayFile } from '../replay/replay-files.ts';
import type { RunReport } from '../replay/run-report.ts';

interface Part {
  readonly path: string;
  /** Multiple of the recorded pace: the tape polls every few seconds, the stream sends dozens of messages in one. */
  readonly speed: number;
}

const PARTS: readonly Part[] = [
  { path: shipped('worldcup-mexico-england.jsonl.gz'), speed: 25 },
  { path: shipped('kalshi-btc-15-minutes.ndjson.gz'), speed: 1 },
];

const REDRAW_MS = 250;
const STATUS_MS = 2_000;

function shipped(name: string): string {
  return fileURLToPath(new URL(`../../../data/${name}`, import.meta.url));
}

interface StartFlags {
  readonly duration?: number;
  readonly json?: boolean;
}

export function startCommand(): Command {
  return new Command('start')
    .summary('watch a recorded match on both venues: books, edges, decisions')
    .description(
      'Plays a recorded World Cup match as both venues quoted it, and a minute of a busy Kalshi market\n' +
        'beside it, through the parsers, books and detectors that trade. Nothing is bought: no account,\n' +
        'no key and no network are needed. Ends by itself after about 75 seconds.',
    )
    .option('--duration <time>', 'stop after this long, e.g. 20s or 2m', durationMs)
    .option('--json', 'print nothing but one JSON summary at the end')
    .addHelpText('after', '\nExamples:\n  npm start\n  npm start -- --duration 20s\n')
    .action(async (flags: StartFlags) => start(flags));
}

function durationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  const unit = match?.[2] === 'm' ? 60_000 : match?.[2] === 's' ? 1_000 : 1;
  const ms = Number(match?.[1]) * unit;
  if (!(ms > 0)) throw new InvalidArgumentError('expected a time such as 20s, 2m or 500ms.');
  return ms;
}

async function start(flags: StartFlags): Promise<void> {
  const startedMs = performance.now();
  const pacers = PARTS.map((part) => new Pacer(part.speed));
  const stop = (): void => {
    for (const pacer of pacers) pacer.stop();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const timer = flags.duration === undefined ? undefined : setTimeout(stop, flags.duration);
  const models: DemoModel[] = [];
  const display = flags.json === true ? undefined : openDisplay(models, startedMs, flags.duration);
  const outcomes = await Promise.all(
    PARTS.map(({ path }, at) =>
      replayFile(path, {
        policy: CONSERVATIVE_100,
        pacer: pacers[at] ?? new Pacer(1),
        nowMs: () => performance.now(),
        onRun: (run) => models.push(new DemoModel(run)),
        onDecision: (decision, run) => models.find((model) => model.run === run)?.onDecision(decision),
      }),
    ),
  );
  clearTimeout(timer);
  display?.close();
  const reports = outcomes.flatMap((outcome): RunReport[] => (outcome.kind === 'replayed' ? [outcome.report] : []));
  const ranSeconds = (performance.now() - startedMs) / 1_000;
  if (flags.json === true) printJson({ mode: 'replay', ranSeconds, runs: reports });
  else printLine(demoSummary(reports, ranSeconds));
  const isWhole = reports.length === PARTS.length && reports.every((report) => report.consistent);
  if (!isWhole) process.exitCode = EXIT.negative;
}

interface Display {
  close(): void;
}

function openDisplay(models: readonly DemoModel[], startedMs: number, durationMsMax: number | undefined): Display {
  return isTerminal() ? openScreen(models, startedMs, durationMsMax) : openLines(models);
}

function openScreen(models: readonly DemoModel[], startedMs: number, durationMsMax: number | undefined): Display {
  const screen = new LiveScreen(process.stdout);
  const draw = (): void => {
    const ran = ((performance.now() - startedMs) / 1_000).toFixed(0);
    const bound = durationMsMax === undefined ? '' : ` of ${(durationMsMax / 1_000).toFixed(0)}`;
    const wall = models.find((model) => model.pairs.length > 0)?.run.wallMs ?? 0;
    const match = wall > 0 ? ` · match time ${new Date(wall).toISOString().slice(11, 19)} UTC at 25×` : '';
    screen.draw(demoScreen(models, `${ran}${bound} s${match}`));
  };
  const redraw = setInterval(draw, REDRAW_MS);
  return {
    close: () => {
      clearInterval(redraw);
      draw();
      screen.close();
    },
  };
}

/** Where nobody redraws: how each pair stands every two seconds, and each new decision on a gap once. */
function openLines(models: readonly DemoModel[]): Display {
  printLine('REPLAY recorded books through the real parsers and detectors, no money; prices in cents');
  printLine(
    'The match is a tape of polled best prices: each row is a one-level book. The Kalshi markets are every message.',
  );
  const printed = new Set<string>();
  const print = (): void => {
    for (const model of models) {
      for (const pair of model.pairs) printLine(statusLine(pair, model.run.wallMs));
      for (const line of streamStatusLines(model)) printLine(line);
      for (const recent of model.recent) {
        const text = decisionText(recent);
        if (!printed.has(text)) printLine(`  decision ${text}`);
        printed.add(text);
      }
    }
  };
  const timer = setInterval(print, STATUS_MS);
  return {
    close: () => {
      clearInterval(timer);
      print();
    },
  };
}
