#!/usr/bin/env node
/** The command line: every command by name, and what becomes of a command that cannot go on. */
import { Command, CommanderError } from 'commander';
import { auditCommand } from './commands/audit-command.ts';
import { chartsCommand } from './commands/charts-command.ts';
import { replayCommand } from './commands/replay-command.ts';
import { simCommand } from './commands/sim-command.ts';
import { startCommand } from './commands/start-command.ts';
import { CommandFailure, EXIT, paint, printNote } from './console.ts';
import { VERSION } from './version.ts';

const program = new Command('tandem')
  .description(
    'Finds and takes arbitrage between prediction markets. At this stage it trades with simulated money only.',
  )
  .version(VERSION, '-v, --version', 'print the version')
  .helpOption('-h, --help', 'print help')
  .showSuggestionAfterError()
  .showHelpAfterError('Run with --help for the commands and their options.')
  .exitOverride()
  .addCommand(startCommand())
  .addCommand(replayCommand())
  .addCommand(simCommand())
  .addCommand(chartsCommand())
  .addCommand(auditCommand());

for (const command of program.commands) {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`Run tandem ${command.name()} --help for its options.`);
}

// A reader that has seen enough (`| head`) closes the pipe: that is how it says so, not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.done);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof CommandFailure) {
    printNote(`${paint('red', 'error')} ${error.message}`);
    return error.exitCode;
  }
  printNote(`${paint('red', 'bug')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return EXIT.bug;
}
