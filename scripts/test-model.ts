/**
 * `npm run test:model [-- <files or vitest options>]`: runs the tests that are generated from the charts, adds up
 * what the real actors did, and prints a row for each chart. Every state and transition is covered, or listed with
 * a reason; ends with `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHARTS } from '../src/machines/charts.ts';
import { COVERAGE_FOLDER, type CoveragePart } from '../test/model/harness/coverage-part.ts';
import { type ChartCoverage, coverageOf, excessOf } from './model-coverage.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'tandem-model-'));
try {
  const words = process.argv.slice(2);
  const testsPassed = await runTests(words);
  const parts = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as CoveragePart);
  const isPartial = words.some((word) => !word.startsWith('-'));
  // Some of the files say something about some of the charts only.
  const charts = CHARTS.map(({ machine }) => coverageOf(machine, parts)).filter(({ paths }) => !isPartial || paths > 0);
  report(charts);
  const excess = excessOf(charts);
  if (excess !== undefined) console.log(`\n${excess}`);
  if (!testsPassed) console.log('\ntests failed: see above');
  const failed = charts.filter(({ problems }) => problems.length > 0).length;
  console.log(`\n${charts.length - failed} passed, ${failed} failed`);
  if (failed > 0 || !testsPassed || excess !== undefined) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function runTests(words: readonly string[]): Promise<boolean> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  // Each file writes what it covered when it ends, so each has modules of its own.
  const args = [
    vitest,
    'run',
    '--isolate',
    ...(words.some((word) => !word.startsWith('-')) ? [] : ['test/model']),
    ...words,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, [COVERAGE_FOLDER]: folder },
      stdio: 'inherit',
    });
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}

function report(charts: readonly ChartCoverage[]): void {
  const rows = charts.map(
    ({ chart, states, edges, edgesAtVenues, exceptions, paths, pathsAtVenues, steps, unrealisable, problems }) => [
      `${problems.length === 0 ? '✓' : '✗'} ${chart}`,
      `${states.covered}/${states.total}`,
      `${edges.covered}/${edges.total}`,
      String(edgesAtVenues),
      String(exceptions.length),
      String(paths),
      String(pathsAtVenues),
      String(steps),
      String([...unrealisable.values()].reduce((sum, count) => sum + count, 0)),
    ],
  );
  const sum = (of: (chart: ChartCoverage) => number): number => charts.reduce((total, chart) => total + of(chart), 0);
  rows.push([
    '  all',
    `${sum(({ states }) => states.covered)}/${sum(({ states }) => states.total)}`,
    `${sum(({ edges }) => edges.covered)}/${sum(({ edges }) => edges.total)}`,
    String(sum(({ edgesAtVenues }) => edgesAtVenues)),
    String(sum(({ exceptions }) => exceptions.length)),
    String(sum(({ paths }) => paths)),
    String(sum(({ pathsAtVenues }) => pathsAtVenues)),
    String(sum(({ steps }) => steps)),
    String(sum(({ unrealisable }) => [...unrealisable.values()].reduce((total, count) => total + count, 0))),
  ]);
  const head = ['  chart', 'states', 'edges', 'at venues', 'listed', 'paths', 'at venues', 'steps', 'unrealisable'];
  printTable(head, rows);
  for (const { chart, edgesAlone, exceptions, unrealisable, problems } of charts) {
    const lines = [
      ...problems.map((problem) => `  ✗ ${problem}`),
      ...exceptions.map((one) => `  listed: ${'edge' in one ? one.edge : one.state}: ${one.reason}`),
      ...edgesAlone.map((edge) => `  without a venue: ${edge}`),
      ...[...unrealisable].map(([what, count]) => `  unrealisable, ${count} times: ${what}`),
    ];
    if (lines.length > 0) console.log(`\n${chart}\n${lines.join('\n')}`);
  }
}

function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  console.log(`\n${[head, ...rows].map(line).join('\n')}`);
}
