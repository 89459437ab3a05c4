import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDemoFolder } from '../../../src/app/demo/demo-folder.ts';
import { type DemoResult, DUST_MICRO_USD, runDemo } from '../../../src/app/demo/demo-run.ts';
import { demoReport, summaryText } from '../../../src/app/demo/demo-summary.ts';
import type { DemoWatch } from '../../../src/app/demo/demo-watch.ts';
import { liveScreen } from '../../../src/app/demo/live-view.ts';
import { statusLine } from '../../../src/app/demo/plain-view.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import { systemRandom } from '../../../src/app/system-random.ts';

const DURATION_MS = 14_000;
/** Often enough to see an order on its way. */
const LOOK_MS = 100;

/** One run over real loopback ports for all claims: it takes as long as it says. */
describe('a demonstration', () => {
  const home = mkdtempSync(join(tmpdir(), 'tandem-demo-'));
  const folder = makeDemoFolder(home, { wallMs: Date.now(), random: systemRandom });
  const screens: string[] = [];
  const lines: string[] = [];
  let result: DemoResult;

  beforeAll(async () => {
    let timer: NodeJS.Timeout | undefined;
    const look = (watch: DemoWatch): void => {
      timer = setInterval(() => {
        screens.push(liveScreen(watch));
        lines.push(statusLine(watch));
      }, LOOK_MS);
    };
    result = await runDemo({
      folder,
      seed: '42',
      policy: 'together',
      durationMs: DURATION_MS,
      clock: systemClock,
      onWatch: look,
      stopped: new Promise(() => undefined),
    });
    clearInterval(timer);
  }, 60_000);

  afterAll(() => rmSync(home, { recursive: true }));

  it('ends with accounts that hold what Tandem believes, and with nothing unhedged but dust', () => {
    expect(result.differences).toEqual([]);
    expect(result.unhedgedMicroUsd).toBeLessThanOrEqual(DUST_MICRO_USD);
    expect(result.isGood).toBe(true);
  });

  it('leaves a journal that verifies', () => {
    expect(existsSync(folder.journal)).toBe(true);
    expect(result.journal).toMatchObject({ problems: [], openIntents: [], torn: undefined });
    expect(result.journal.runs).toMatchObject([{ mode: 'demo', isSealed: true }]);
    expect(result.journal.orders).toBeGreaterThan(0);
  });

  it('trades within its time, and says which situations it did not reach', () => {
    const report = demoReport(result, folder.journal);
    expect(report.firstAttemptSeconds).toBeLessThan(15);
    expect(report.situations).toContain('an attempt where both legs fill');
    expect(report.situations.length + report.notReached.length).toBe(9);
    expect(summaryText(result, folder.journal)).toContain('not reached in this time');
  });

  it('is one JSON value without anything secret in it', () => {
    const text = JSON.stringify(demoReport(result, folder.journal));
    expect(JSON.parse(text)).toMatchObject({ mode: 'demo', seed: '42', policy: 'together', isGood: true });
    expect(text).not.toMatch(/PRIVATE KEY|secret|passphrase/i);
  });

  it('shows mode, venues, breaker, exposure, books with both edges, and attempts with their legs', () => {
    const held = screens.find((screen) => screen.includes('balanced')) ?? '';
    expect(held).toContain('[DEMO]');
    expect(held).toContain('conservative-100');
    expect(held.split('\n').length).toBeLessThanOrEqual(40);
    expect(held).toMatch(/Kalshi ●/);
    expect(held).toContain('breaker closed');
    expect(held).toMatch(/exposure \$\d+\.\d\d … \$\d+\.\d\d of \$100/);
    expect(held).toMatch(/Lakers beat Celtics +\d+\/\d+/);
    expect(held).toMatch(/\[K entry \d+\/\d+~? filled\]/);
    expect(held).toMatch(/\[P entry \d+\/\d+~? filled\]/);
  });

  it('shows a leg before it has filled', () => {
    expect(screens.some((screen) => /\[[KP] entry 0\/\d+ working\]/.test(screen))).toBe(true);
  });

  it('stands in one line where nobody redraws', () => {
    expect(lines.at(-1)).toMatch(/^--- \d+ s \| Kalshi . Polymarket . \| breaker /);
  });
});
