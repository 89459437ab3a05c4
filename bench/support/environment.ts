/** Where the figures come from: without it they mean nothing. */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

export interface Environment {
  readonly node: string;
  readonly cores: number;
  readonly processor: string;
  readonly flags: readonly string[];
  /** `undefined` outside a git repository. A tree with changes is marked with a plus. */
  readonly commit: string | undefined;
  /** Day of that commit: a clock would change the file on every run. */
  readonly committed: string | undefined;
}

export function environment(): Environment {
  const head = git('log', '-1', '--format=%h %cs')?.split(' ');
  const isChanged = (git('status', '--porcelain', '--', 'src', 'bench') ?? '') !== '';
  return {
    node: process.versions.node,
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    // The loader of TypeScript is how every bench starts and changes nothing about the code that runs.
    flags: process.execArgv.filter((flag) => flag !== '--import' && flag !== 'tsx'),
    commit: head?.[0] === undefined ? undefined : `${head[0]}${isChanged ? '+' : ''}`,
    committed: head?.[1],
  };
}

export function environmentLine({ node, cores, processor, flags, commit }: Environment): string {
  const flagText = flags.length === 0 ? 'no flags' : flags.join(' ');
  return `Node ${node} · ${cores} cores (${processor}) · ${flagText} · commit ${commit ?? 'unknown'}`;
}

function git(...args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // No git, or no repository: the figures then carry no commit.
    return undefined;
  }
}
