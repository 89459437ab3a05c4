/** `tandem start`: trades with simulated money against both simulated venues, and shows what it does and why. */
import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ExecutionPolicy } from '../../domain/execution/attempt-plan.ts';
import { printLine } from '../console.ts';
import { makeDemoFolder } from '../demo/demo-folder.ts';
import { systemRandom } from '../system-random.ts';

const POLICIES: Readonly<Record<string, ExecutionPolicy>> = {
  taker: 'together',
  sequential: 'sequential',
  maker: 'makerThenHedge',
};
const SEED_BELOW = 1_000_000_000;

interface StartFlags {
  readonly duration?: number;
  readonly policy: string;
  readonly seed?: string;
  readonly json?: boolean;
}

export function startCommand(): Command {
  return new Command('start')
    .summary('trade with simulated money against both simulated venues')
    .description(
      'Starts a simulated Kalshi and Polymarket on loopback ports, fed by a recording and by generated\n' +
        'markets, and trades between them with the real clients, charts and journal under the limits of\n' +
        'profile conservative-100. Shows books, edges, attempts with the state of every leg, exposure,\n' +
        'P&L, the breaker and the connections. No account, no key and no network are needed. Exits with\n' +
        '0 only if the simulated accounts hold what Tandem believes, nothing is unhedged, and the journal\n' +
        'verifies. Runs until Ctrl-C unless a duration is given.',
    )
    .option('--duration <time>', 'stop after this long, e.g. 60s or 2m', timeOf)
    .addOption(
      new Option('--policy <name>', 'both legs at once, one after the other, or the first one resting')
        .choices(Object.keys(POLICIES))
        .default('taker'),
    )
    .option('--seed <text>', 'the same seed moves the markets and stages the same way; drawn unless given')
    .option('--json', 'print nothing but one JSON summary at the end')
    .addHelpText(
      'after',
      '\nExamples:\n  npm start\n  npm start -- --duration 60s\n  npm start -- --duration 60s --policy maker --seed 42\n',
    )
    .action(async (flags: StartFlags) => start(flags));
}

function timeOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  const unit = match?.[2] === 'm' ? 60_000 : match?.[2] === 's' ? 1_000 : 1;
  const ms = Number(match?.[1]) * unit;
  if (!(ms > 0)) throw new InvalidArgumentError('expected a time such as 20s, 2m or 500ms.');
  return ms;
}

async function start(flags: StartFlags): Promise<void> {
  const { seed = String(randomInt(SEED_BELOW)), duration: durationMs, json: isJson = false } = flags;
  const folder = makeDemoFolder(process.cwd(), { wallMs: Date.now(), random: systemRandom });
  if (!isJson) printLine(`DEMO simulated money, run ${folder.run}, seed ${seed}: starting both venues and a Tandem`);
  // Everything that trades is loaded after the first line: no other command waits for it.
  const { showDemo } = await import('../demo/show-demo.ts');
  const policy = POLICIES[flags.policy] ?? 'together';
  const exitCode = await showDemo({ folder, seed, policy, durationMs, isJson });
  if (exitCode !== 0) process.exitCode = exitCode;
}
