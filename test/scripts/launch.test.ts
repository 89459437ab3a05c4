/**
 * `scripts/run.mjs` in a folder of its own, with stand-ins for the programs around it: an npm that only notes
 * that it was called, a compiler that writes one file, a product that answers.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const repository = new URL('../..', import.meta.url).pathname;

const NPM = `
  import { appendFileSync, mkdirSync } from 'node:fs';
  appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
  await new Promise((resolve) => setTimeout(resolve, 150));
  mkdirSync('node_modules', { recursive: true });
  if (process.env.NPM_FAILS) { console.error('npm error the disk is on fire'); process.exit(7); }
`;

const COMPILER = `
  const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
  appendFileSync('compiler-calls', 'called\\n');
  if (readFileSync('src/app/cli.ts', 'utf8').includes('broken')) { console.log('src/app/cli.ts(1,1): error TS1'); process.exit(2); }
  mkdirSync('dist/app', { recursive: true });
  writeFileSync('dist/app/cli.js', readFileSync('src/app/cli.ts'));
`;

/** Prints its arguments; with \`wait\`, lives until a signal and says how many it got. */
const PRODUCT = `
  const [word, ...rest] = process.argv.slice(2);
  let signals = 0;
  const summary = () => { console.log('summary after ' + signals + ' signal'); process.exit(3); };
  if (rest[0] === 'wait') {
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { signals++; setTimeout(summary, 200); });
    console.log('waiting');
    setInterval(() => {}, 1000);
  } else if (rest[0] === 'die') process.kill(process.pid, 'SIGKILL');
  else { console.log(JSON.stringify([word, ...rest])); process.exitCode = Number(rest[0] ?? 0); }
`;

// Each test starts several processes, which can take seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Stands between npm and the launcher as a shell does: it passes nothing on. */
const STARTED_BY_SHELL = `
  import { spawn } from 'node:child_process';
  spawn(process.execPath, ['scripts/run.mjs', 'tandem', 'x', 'wait'], { stdio: 'inherit' });
`;

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tandem-launch-'));
  cpSync(join(repository, 'scripts/run.mjs'), join(root, 'scripts/run.mjs'));
  cpSync(join(repository, 'scripts/launch'), join(root, 'scripts/launch'), { recursive: true });
  put('package.json', '{ "type": "module" }');
  put('package-lock.json', '{ "packages": { "": {} } }');
  put('tsconfig.json', '{}');
  put('tsconfig.build.json', '{}');
  put('src/app/cli.ts', PRODUCT);
  put('npm/npm-cli.js', NPM);
  put('node_modules/typescript/package.json', '{ "type": "commonjs" }');
  put('node_modules/typescript/bin/tsc', COMPILER);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, ['scripts/run.mjs', ...args], {
    cwd: root,
    env: { ...process.env, npm_execpath: join(root, 'npm/npm-cli.js'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function run(args: readonly string[], env?: Record<string, string>) {
  return outcomeOf(start(args, env));
}

function outcomeOf(child: ChildProcess) {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

function untilSaid(output: Readable | null, words: string): Promise<void> {
  return new Promise((resolve) => {
    output?.on('data', (chunk) => String(chunk).includes(words) && resolve());
  });
}

/** How often a stand-in was called. */
function callsOf(program: 'npm' | 'compiler'): number {
  const file = join(root, `${program}-calls`);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0;
}

describe('launcher', () => {
  test('installs and builds once, and passes arguments and exit code through', async () => {
    const first = await run(['tandem', 'replay', '0', '--speed', 'max']);
    const second = await run(['tandem', 'replay', '5']);

    expect(first).toMatchObject({ code: 0, stdout: '["replay","0","--speed","max"]\n' });
    expect(first.stderr).toContain('installing packages');
    expect(second).toEqual({ code: 5, signal: null, stdout: '["replay","5"]\n', stderr: '' });
    expect([callsOf('npm'), callsOf('compiler')]).toEqual([1, 1]);
  });

  test('start hands over the word start', async () => {
    expect(await run(['start', '0'])).toMatchObject({ stdout: '["start","0"]\n' });
  });

  test('installs without install scripts, audits and questions', async () => {
    await run(['tandem', 'x']);

    const call = readFileSync(join(root, 'npm-calls'), 'utf8');
    expect(call).toMatch(/^ci .*--no-audit --no-fund/);
    expect(call).toContain('--ignore-scripts=true');
  });

  test('installs again when the lock file changed', async () => {
    await run(['tandem', 'x']);
    put('package-lock.json', '{ "packages": { "": {} }, "changed": true }');
    await run(['tandem', 'x']);

    expect(callsOf('npm')).toBe(2);
  });

  test('adopts what npm itself has installed from this very lock file', async () => {
    put('package.json', '{ "type": "module", "dependencies": { "a": "1.0.0" } }');
    const entry = { 'node_modules/a': { version: '1.0.0' } };
    put('package-lock.json', JSON.stringify({ packages: { '': { dependencies: { a: '1.0.0' } }, ...entry } }));
    put('node_modules/.package-lock.json', JSON.stringify({ packages: entry }));
    put('node_modules/a/package.json', '{}');

    await run(['tandem', 'x']);

    expect(callsOf('npm')).toBe(0);
  });

  test.each([
    ['another version', { 'node_modules/a': { version: '1.0.1' } }],
    ['one package more', { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } }],
    ['one package less', {}],
  ])('does not adopt %s', async (_what, installed) => {
    const entry = { 'node_modules/a': { version: '1.0.0' } };
    put('package.json', '{ "type": "module", "dependencies": { "a": "1.0.0" } }');
    put('package-lock.json', JSON.stringify({ packages: { '': { dependencies: { a: '1.0.0' } }, ...entry } }));
    put('node_modules/.package-lock.json', JSON.stringify({ packages: installed }));
    put('node_modules/a/package.json', '{}');

    await run(['tandem', 'x']);

    expect(callsOf('npm')).toBe(1);
  });

  test('builds again when a source changed, and not when only its time did', async () => {
    await run(['tandem', 'x']);
    put('src/app/cli.ts', PRODUCT);
    await run(['tandem', 'x']);
    const afterTouch = callsOf('compiler');
    appendFileSync(join(root, 'src/app/cli.ts'), '\n');
    await run(['tandem', 'x']);

    expect([afterTouch, callsOf('compiler')]).toEqual([1, 2]);
  });

  test('removes output whose source is gone', async () => {
    put('dist/app/gone.js', '');
    await run(['tandem', 'x']);

    expect(existsSync(join(root, 'dist/app/gone.js'))).toBe(false);
  });

  test('of several first starts one installs and the others wait for it', async () => {
    const outcomes = await Promise.all([
      run(['tandem', 'x', '0']),
      run(['tandem', 'x', '0']),
      run(['tandem', 'x', '0']),
    ]);

    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect([callsOf('npm'), callsOf('compiler')]).toEqual([1, 1]);
  });

  test('says whom it waits for, and goes on when that one is done', async () => {
    put('.tandem/setup.lock', `${process.pid} ${hostname()}`);
    const child = start(['tandem', 'x', '0']);
    const outcome = outcomeOf(child);
    await untilSaid(child.stderr, `waiting for process ${process.pid}`);
    rmSync(join(root, '.tandem/setup.lock'));

    expect(await outcome).toMatchObject({ code: 0, stdout: '["x","0"]\n' });
  });

  test('a lock left by a process that died does not hold anybody up', async () => {
    const child = start(['unknown']);
    await outcomeOf(child);
    put('.tandem/setup.lock', `${child.pid} ${hostname()}`);

    expect(await run(['tandem', 'x', '0'])).toMatchObject({ code: 0 });
  });

  test('a failed install shows the last lines of npm and is tried again next time', async () => {
    const failed = await run(['tandem', 'x'], { NPM_FAILS: '1' });
    const next = await run(['tandem', 'x']);

    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('npm error the disk is on fire');
    expect(failed.stderr).toContain('exit code 7');
    expect(next.code).toBe(0);
  });

  test('a failed build names the error and leaves no build behind', async () => {
    put('src/app/cli.ts', 'broken');
    const failed = await run(['tandem', 'x']);
    put('src/app/cli.ts', PRODUCT);

    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('src/app/cli.ts(1,1): error TS1');
    expect(await run(['tandem', 'x'])).toMatchObject({ code: 0 });
  });

  test.each([[['strat']], [[]], [['constructor']]])('the words %j are a wrong usage', async (words) => {
    const { code, stderr } = await run(words);

    expect(code).toBe(64);
    expect(stderr).toContain('expected one of start, tandem, test');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'forwards %s once, however often it comes, and waits for the summary',
    async (signal) => {
      const child = start(['tandem', 'x', 'wait']);
      const outcome = outcomeOf(child);
      await untilSaid(child.stdout, 'waiting');

      child.kill(signal);
      child.kill(signal);

      expect(await outcome).toMatchObject({ code: 3, stdout: 'waiting\nsummary after 1 signal\n' });
    },
  );

  test('ends the program when npm ends the shell between them', async () => {
    put('started.mjs', STARTED_BY_SHELL);
    const shell = spawn(process.execPath, ['started.mjs'], {
      cwd: root,
      env: { ...process.env, npm_lifecycle_event: 'tandem', npm_execpath: join(root, 'npm/npm-cli.js') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const outcome = outcomeOf(shell);
    await untilSaid(shell.stdout, 'waiting');

    shell.kill('SIGKILL');

    expect((await outcome).stdout).toContain('summary after 1 signal');
  });

  test('ends by the signal that ended the program', async () => {
    expect(await run(['tandem', 'x', 'die'])).toMatchObject({ code: null, signal: 'SIGKILL' });
  });
});
