/** The parts of the gate that are other people's programs: compiler, linter, dead-code finder, tests. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Check, Problem } from './check.ts';

interface Tool {
  readonly package: string;
  readonly bin: string;
  readonly args: readonly string[];
}

const LINES_SHOWN = 80;

export const types = toolCheck('types', 'mend what the compiler names', {
  package: 'typescript',
  bin: 'tsc',
  args: ['--noEmit'],
});

export const lint = toolCheck(
  'lint',
  'run npm run format for what can be mended by itself, and mend the rest by hand',
  {
    package: '@biomejs/biome',
    bin: 'biome',
    args: ['ci', '--error-on-warnings', '--colors=off', '.'],
  },
);

export const unused = toolCheck(
  'unused',
  'delete what nobody uses, or take away its export; knip.json names the entry files',
  {
    package: 'knip',
    bin: 'knip',
    args: ['--no-progress'],
  },
);

export const tests = toolCheck('tests', 'npm test -- <file> runs one file', {
  package: 'vitest',
  bin: 'vitest',
  args: ['run'],
});

function toolCheck(name: string, remedy: string, tool: Tool): Check {
  return { name, remedy, run: ({ root }) => toolProblems(root, tool) };
}

async function toolProblems(root: string, { package: name, bin, args }: Tool): Promise<Problem[]> {
  const { code, output } = await run(binOf(root, name, bin), args, root);
  if (code === 0) return [];
  const lines = output.trimEnd().split('\n');
  const shown = lines.length > LINES_SHOWN ? ['…', ...lines.slice(-LINES_SHOWN)] : lines;
  return [{ where: bin, what: `ended with exit code ${code}\n${shown.join('\n')}` }];
}

/** The script behind a command, so that it runs on the Node that runs us and without a shell. */
function binOf(root: string, name: string, bin: string): string {
  const manifest = join(root, 'node_modules', name, 'package.json');
  const { bin: bins } = JSON.parse(readFileSync(manifest, 'utf8'));
  return createRequire(manifest).resolve(join(dirname(manifest), typeof bins === 'string' ? bins : bins[bin]));
}

function run(script: string, args: readonly string[], cwd: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
