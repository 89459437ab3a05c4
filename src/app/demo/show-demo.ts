/** What `tandem start` does: runs the demonstration before somebody's eyes, or in silence for one JSON value. */
import type { ExecutionPolicy } from '../../domain/execution/attempt-plan.ts';
import { EXIT, isTerminal, printJson, printLine, printNote } from '../console.ts';
import { systemClock } from '../system-clock.ts';
import type { DemoFolder } from './demo-folder.ts';
import { type DemoResult, runDemo } from './demo-run.ts';
import { demoReport, summaryText } from './demo-summary.ts';
import type { DemoWatch } from './demo-watch.ts';
import { LiveScreen } from './live-screen.ts';
import { liveScreen, storyText } from './live-view.ts';
import { statusLine } from './plain-view.ts';

export interface DemoAsked {
  readonly folder: DemoFolder;
  readonly seed: string;
  readonly policy: ExecutionPolicy;
  readonly durationMs: number | undefined;
  readonly isJson: boolean;
}

const REDRAW_MS = 250;
const STATUS_MS = 5_000;

/** Resolves with the exit code. */
export async function showDemo({ folder, seed, policy, durationMs, isJson }: DemoAsked): Promise<number> {
  let display: Display | undefined;
  const result = await runDemo({
    folder,
    seed,
    policy,
    durationMs,
    clock: systemClock,
    stopped: nextSignal(),
    onWatch: (watch) => {
      if (!isJson) display = isTerminal() ? openScreen(watch) : openLines(watch);
    },
  });
  display?.close();
  tell(result, folder.journal, isJson);
  return result.isGood ? EXIT.done : EXIT.negative;
}

function tell(result: DemoResult, journal: string, isJson: boolean): void {
  if (isJson) printJson(demoReport(result, journal));
  else printLine(`\n${summaryText(result, journal)}`);
}

/** The first signal ends the show in good order; a second one ends the process. */
function nextSignal(): Promise<void> {
  return new Promise((done) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const)
      process.once(name, () => {
        printNote(`${name}: closing what is open; once more ends at once`);
        done();
      });
  });
}

interface Display {
  close(): void;
}

function openScreen(watch: DemoWatch): Display {
  const screen = new LiveScreen(process.stdout);
  const draw = (): void => screen.draw(liveScreen(watch, process.stdout.rows));
  const timer = setInterval(draw, REDRAW_MS);
  draw();
  return {
    close: () => {
      clearInterval(timer);
      draw();
      screen.close();
    },
  };
}

/** Where nobody redraws: everything that happens, once, and how things stand every few seconds. */
function openLines(watch: DemoWatch): Display {
  for (const line of watch.story.lines) printLine(storyText(line));
  watch.story.onLine((line) => printLine(storyText(line)));
  const timer = setInterval(() => printLine(statusLine(watch)), STATUS_MS);
  return { close: () => clearInterval(timer) };
}
