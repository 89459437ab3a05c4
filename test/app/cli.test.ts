/** The command line as a process. Each start costs a second, so everything else is tested in process. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { captureFixture } from './support.ts';

const CLI = fileURLToPath(new URL('../../src/app/cli.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function tandem(...words: readonly string[]): Promise<{ stdout: string; stderr: string; exitCode: number | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', CLI, ...words], {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: '1' },
    });
    const [out, err]: [string[], string[]] = [[], []];
    child.stdout.on('data', (chunk) => out.push(String(chunk)));
    child.stderr.on('data', (chunk) => err.push(String(chunk)));
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ stdout: out.join(''), stderr: err.join(''), exitCode }));
  });
}

describe.concurrent('tandem', { timeout: 60_000 }, () => {
  it('prints its version', async () => {
    expect(await tandem('--version')).toEqual({ stdout: `${manifest.version}\n`, stderr: '', exitCode: 0 });
  });

  it('prints help with every command', async () => {
    const { stdout, stderr, exitCode } = await tandem('--help');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(/Usage: tandem [\s\S]*\n {2}start [\s\S]*\n {2}replay /);
  });

  it('suggests a command for a misspelt one', async () => {
    const { stdout, stderr, exitCode } = await tandem('replya', 'data');
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 64 });
    expect(stderr).toMatch(/unknown command 'replya'\n\(Did you mean replay\?\)\nRun with --help/);
  });

  it('says where the options of a command are', async () => {
    const { stderr, exitCode } = await tandem('replay');
    expect(exitCode).toBe(64);
    expect(stderr).toMatch(/missing required argument 'captures'\nRun tandem replay --help for its options\./);
  });

  it('keeps results and notes apart, and its exit code to the rules', async () => {
    const { stdout, stderr, exitCode } = await tandem('replay', captureFixture('cross-venue-tape.jsonl'), 'gone.jsonl');
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
    expect(stderr).toBe('error cannot read gone.jsonl: no such file or folder\n');
  });
});
