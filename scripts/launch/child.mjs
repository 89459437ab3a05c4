/** Child processes: one that takes over the terminal, and one whose output is kept for an error message. */
import { spawn } from 'node:child_process';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PARENT_POLL_MS = 500;

/**
 * Runs the program in our place and ends as it ended: with its exit code, or by its signal.
 *
 * The program must hear of a signal exactly once, or its "second Ctrl-C means now" would cut its summary off.
 * In a terminal, Ctrl-C already reaches the whole process group, so it is not passed on. Without one, signals
 * may come to us alone, from `npm`, from `timeout` (which signals both its child and the group), or several
 * times: the program then gets a group of its own and we forward the first of each kind.
 */
export async function handOver(command, args, cwd) {
  const hasTerminal = process.stdin.isTTY === true || process.stdout.isTTY === true;
  const child = spawn(command, args, {
    cwd,
    stdio: 'inherit',
    detached: !hasTerminal && process.platform !== 'win32',
  });
  const { code, signal } = await untilClosed(child, hasTerminal ? ['SIGINT'] : []);
  if (signal === null) process.exitCode = code ?? 1;
  else process.kill(process.pid, signal);
}

/** Runs a command quietly; resolves to its exit code and everything it printed. */
export async function runQuietly(command, args, { cwd, env = process.env, shell = false }) {
  const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  child.stderr.on('data', (chunk) => chunks.push(chunk));
  const { code, signal } = await untilClosed(child, []);
  if (signal !== null) process.kill(process.pid, signal);
  return { code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') };
}

function untilClosed(child, alreadyDelivered) {
  const pending = new Set(FORWARDED.filter((signal) => !alreadyDelivered.includes(signal)));
  const listener = (signal) => {
    if (pending.delete(signal)) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, listener);
  const watch = watchParent(() => listener('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  }).finally(() => {
    clearInterval(watch);
    for (const signal of FORWARDED) process.off(signal, listener);
  });
}

/**
 * npm puts a shell between itself and us. When npm is told to end, it passes that on to the shell, which dies
 * without a word and leaves us behind. Started by anything else, we may well outlive our parent on purpose.
 */
function watchParent(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  return setInterval(() => {
    if (process.ppid !== parent) onGone();
  }, PARENT_POLL_MS);
}
