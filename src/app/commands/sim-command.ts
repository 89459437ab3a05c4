/** `tandem sim serve`: both venues and what surrounds them, simulated on loopback ports. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { EXIT, fail, printLine, printNote } from '../console.ts';
import { recordedFrames } from '../sim/recorded-frames.ts';
import { DEFAULT_SCENARIO, parseScenario, type Scenario, ScenarioProblem } from '../sim/scenario-file.ts';
import { serveSim } from '../sim/serve-sim.ts';
import { systemClock } from '../system-clock.ts';
import { systemRandom } from '../system-random.ts';

interface ServeFlags {
  readonly seed?: string;
  readonly scenario?: string;
  readonly speed: number;
  readonly json?: boolean;
}

const SEED_BELOW = 1_000_000_000;

export function simCommand(): Command {
  const command = new Command('sim').summary('simulated venues').description('Simulated venues to trade against.');
  const serve = new Command('serve')
    .summary('serve both venues on loopback ports until a signal ends it')
    .description(
      'Serves a simulated Kalshi and Polymarket, sportsbook odds, weather, rates, Telegram and a webhook\n' +
        'receiver on free loopback ports, and prints one JSON line that says where they are and with which\n' +
        'keys and accounts to use them. The keys are made at each start. Ends with SIGINT or SIGTERM.',
    )
    .option('--seed <text>', 'the same seed moves the markets the same way; drawn and printed unless given')
    .option('--scenario <file>', 'markets, accounts, movement and faults; docs/simulators.md describes the file')
    .option('--speed <x>', "pace of the markets' movement; venues and signatures keep real time", speedOf, 1)
    .option('--json', 'print one JSON line (always the case)')
    .addHelpText(
      'after',
      '\nExamples:\n  tandem sim serve --seed 42\n  tandem sim serve --scenario scenario.json --speed 5\n',
    )
    .action(async (flags: ServeFlags) => serveUntilSignal(flags));
  for (const each of [serve])
    each.exitOverride().showSuggestionAfterError().showHelpAfterError('Run tandem sim serve --help for its options.');
  return command.addCommand(serve);
}

function speedOf(text: string): number {
  const speed = Number(/^(\d+(?:\.\d+)?)x?$/.exec(text)?.[1]);
  if (!(speed > 0)) throw new InvalidArgumentError('Expected a number above 0, such as 5 or 0.5.');
  return speed;
}

async function serveUntilSignal({
  seed = String(randomInt(SEED_BELOW)),
  scenario: path,
  speed,
}: ServeFlags): Promise<void> {
  // Listened for before anything opens, so that an early signal ends it just as cleanly.
  const signal = nextSignal();
  const { scenario, frames } = await readScenario(path);
  const served = await serveSim({ scenario, seed, speed, frames, clock: systemClock, secretRandom: systemRandom });
  printLine(JSON.stringify(served.announcement));
  const { length } = served.announcement.markets;
  printNote(
    `simulating ${length} ${length === 1 ? 'market' : 'markets'} of "${scenario.title}" with seed ${seed}, until SIGINT or SIGTERM`,
  );
  printNote(`${await signal}: closing`);
  await served.close();
}

async function readScenario(path: string | undefined) {
  if (path === undefined) return { scenario: DEFAULT_SCENARIO, frames: [] };
  try {
    const scenario = parseScenario(readFileSync(path, 'utf8'), path);
    return { scenario, frames: await framesOf(scenario, path) };
  } catch (error) {
    if (error instanceof ScenarioProblem) return fail(EXIT.failed, error.message);
    if (error instanceof Error && 'code' in error)
      return fail(EXIT.failed, `cannot read ${path}: ${String(error.code)}`);
    throw error;
  }
}

async function framesOf({ flow }: Scenario, path: string) {
  const plan = flow.kind === 'combined' ? flow.recorded : flow.kind === 'recorded' ? flow : undefined;
  return plan === undefined ? [] : recordedFrames(resolve(dirname(path), plan.capture));
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((done) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => done(name));
  });
}
