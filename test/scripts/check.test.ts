/** Compiler, linter, dead-code finder and test runner, each on a small project with one planted offence. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Check } from '../../scripts/checks/check.ts';
import { openProject } from '../../scripts/checks/project.ts';
import { lint, tests, types, unused } from '../../scripts/checks/tools.ts';

const repository = new URL('../..', import.meta.url).pathname;
const SETTINGS = ['package.json', 'biome.json', 'tsconfig.json', 'vitest.config.ts', 'knip.json', '.gitignore'];

// Each test starts several processes, which can take seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tandem-check-'));
  for (const file of SETTINGS) cpSync(join(repository, file), join(root, file));
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  spawnSync('git', ['init', '--quiet'], { cwd: root });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function reportOf(check: Check): Promise<string> {
  const problems = await check.run(openProject(root));
  return problems.map(({ what }) => what).join('\n');
}

describe('gate', () => {
  test('types names a value of the wrong type', async () => {
    plant('src/a.ts', "export const a: number = 'one';\n");

    expect(await reportOf(types)).toContain('src/a.ts(1,14): error TS2322');
  });

  test.each([
    ['an explicit any', 'export const a: any = 1;\n', 'noExplicitAny'],
    ['a finding that is only a warning', 'export function a(): number {\n  debugger;\n  return 1;\n}\n', 'noDebugger'],
    ['another format', "export const a = 'one'\n", 'format'],
    [
      'a function over 60 lines',
      `export function a(b: () => void): void {\n${'  b();\n'.repeat(61)}}\n`,
      'noExcessiveLinesPerFunction',
    ],
  ])('lint names %s', async (_what, source, rule) => {
    plant('src/a.ts', source);

    expect(await reportOf(lint)).toContain(rule);
  });

  test('unused names a file, an export and a dependency that nobody needs', async () => {
    plant('src/app/cli.ts', "import { used } from './a.ts';\n\nused();\n");
    plant('src/app/a.ts', 'export function used(): void {}\nexport function unneeded(): void {}\n');
    plant('src/app/forgotten.ts', 'export {};\n');

    const report = await reportOf(unused);

    expect(report).toContain('unneeded');
    expect(report).toContain('src/app/forgotten.ts');
    expect(report).toContain('rxjs');
  });

  test('tests names a test that fails', async () => {
    plant('test/a.test.ts', "import { expect, test } from 'vitest';\n\ntest('one is two', () => expect(1).toBe(2));\n");

    expect(await reportOf(tests)).toContain('one is two');
  });

  test('an unknown part is a wrong usage', () => {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/check.ts', 'layer'], {
      cwd: repository,
      encoding: 'utf8',
    });

    expect(status).toBe(64);
    expect(stderr).toContain('found "layer"');
  });
});
