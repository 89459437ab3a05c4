import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { auditCommand } from '../../../src/app/commands/audit-command.ts';
import { MEMORY_FOLDER } from '../../../src/db/journal/memory-journal.ts';
import { sampleRun } from '../../db/journal/sample-session.ts';
import { commandRun, folderOf } from '../support.ts';

const FIRST_FILE = 'journal/runs/run-1/000000000001.ndjson';

/** A folder that holds `journal`, as a mode's does. */
async function sampleFolder(
  edit: (text: string) => string = (text) => text,
  options: Parameters<typeof sampleRun>[0] = {},
): Promise<string> {
  const { journal, run, clock } = sampleRun(options);
  await run();
  await Promise.all([journal.close(), clock.settleBy(20)]);
  const files = [...journal.files()].map(([path, bytes]): [string, string] => [
    path.replace(MEMORY_FOLDER, 'journal'),
    Buffer.from(bytes).toString(),
  ]);
  return folderOf(Object.fromEntries(files.map(([path, text]) => [path, path === FIRST_FILE ? edit(text) : text])));
}

const audit = (...words: readonly string[]) => commandRun(auditCommand(), words);

/** Runs with this folder as the one that the person stands in. */
function standIn(folder: string): void {
  const spy = vi.spyOn(process, 'cwd').mockReturnValue(folder);
  onTestFinished(() => spy.mockRestore());
}

describe('audit verify', () => {
  it('says what a good journal holds, and exits with 0', async () => {
    const folder = await sampleFolder();
    const { stdout, stderr, exitCode } = await audit('verify', `${folder}/journal`);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(/^✓ \S+\/journal\n {2}records {3}\d+, in 1 run: \d+ transition, /);
    expect(stdout).toContain('  time      2026-01-01T00:00:00.000000Z to 2026-01-01T00:00:00.');
    expect(stdout).toContain('  trading   2 attempts, 4 orders\n');
    expect(stdout).toContain('  unknown   1 order with no answer: a start asks the venues for it\n');
    expect(stdout).toContain('e2-2-polymarket at polymarket, leg 2-polymarket of e2 (');
  });

  it('names the first bad record with file and line, and exits with 2', async () => {
    const folder = await sampleFolder((text) => text.replace('"priceE4":4500', '"priceE4":4400'));
    const { stdout, exitCode } = await audit('verify', `${folder}/journal`);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/^✗ /);
    expect(stdout).toMatch(/ {2}first bad \S+\/000000000001\.ndjson:\d+: expected content whose hash is /);
  });

  it('prints one JSON value that says the same', async () => {
    const folder = await sampleFolder((text) => text.replace('"priceE4":4500', '"priceE4":4400'));
    const { stdout, exitCode } = await audit('verify', folder, '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      isValid: false,
      journal: `${folder}/journal`,
      problems: [{ what: expect.any(String) }],
    });
  });

  it('takes single files', async () => {
    const folder = await sampleFolder();
    const { stdout, exitCode } = await audit('verify', `${folder}/${FIRST_FILE}`);
    expect({ exitCode, isGood: stdout.startsWith('✓') }).toEqual({ exitCode: 0, isGood: true });
  });

  it('finds the newest journal below .tandem by itself', async () => {
    const folder = await sampleFolder();
    const home = folderOf();
    const { cpSync, utimesSync } = await import('node:fs');
    for (const [mode, day] of [
      ['paper', 1],
      ['demo/r2', 3],
      ['demo/r1', 2],
    ] as const) {
      cpSync(`${folder}/journal`, `${home}/.tandem/${mode}/journal`, { recursive: true });
      utimesSync(`${home}/.tandem/${mode}/${FIRST_FILE}`, day * 86_400, day * 86_400);
    }
    standIn(home);
    expect((await audit('verify')).stdout).toMatch(/^✓ \S+\/demo\/r2\/journal\n/);
  });

  it.each([
    ['nothing below .tandem', [], /^expected a journal below \S+\/\.tandem, found none: name its folder$/],
    ['a path that is not there', ['gone'], /^expected a journal at gone, found nothing$/],
    ['a folder without one', ['.'], /^expected a journal in \., found no folder named runs$/],
  ])('fails in one sentence on %s', async (_, words, message) => {
    standIn(folderOf());
    const { stdout, stderr, exitCode } = await audit(
      'verify',
      ...words.map((word) => (word === '.' ? folderOf() : word)),
    );
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
    expect(stderr.replace(/in \/\S+,/, 'in .,')).toMatch(message);
  });
});

describe('audit timeline', () => {
  it('tells an attempt from the decision to its end, one line a record', async () => {
    const folder = await sampleFolder();
    const { stdout, exitCode } = await audit('timeline', 'e1', '--dir', folder);
    expect(exitCode).toBe(0);
    const lines = stdout.split('\n').map((line) => line.trimEnd());
    expect(lines[0]).toBe('attempt e1, now work.balanced|watch.late');
    expect(stdout).toMatch(/ {2}< decision +approved o-e1: net edge \(net \$0\.012\) {2}#3\n/);
    expect(stdout).toMatch(/ {2}attempt +started in work\.lastLook\|watch\.calm/);
    expect(stdout).toMatch(/ {4}leg\/1-kalshi +intent 5 on kalshi · e1-1-kalshi/);
    expect(stdout).toMatch(/ 0\.5 +0\.\d {4}leg\/1-kalshi +planned → live\.sending on intent\.recorded/);
    expect(stdout).toMatch(/live\.resting → ended on fill\.reported \(price \$0\.45, size 5, tradeId t-e1-1-kalshi\)/);
    expect(stdout).toMatch(/booked fill fill\/kalshi\/t-e1-1-kalshi/);
    expect(stdout).toContain(
      'leg 1-kalshi on kalshi · on disk after 0.5 ms · order.acknowledged after 29.5 ms · first fill after 41.5 ms · filled 5 · ended',
    );
  });

  it('keeps other attempts out', async () => {
    const { stdout } = await audit('timeline', 'e1', '--dir', await sampleFolder());
    expect(stdout).not.toContain('e2');
  });

  it('says of an order without an answer that there is none', async () => {
    const { stdout } = await audit('timeline', 'e2', '--dir', await sampleFolder());
    expect(stdout).toMatch(
      /leg 2-polymarket on polymarket · on disk after 1\.0 ms · order\.unknown after \d+\.\d ms · filled 0 · unresolved/,
    );
  });

  it('takes the beginning of an id that only one attempt has', async () => {
    const folder = await sampleFolder(undefined, { attempts: ['e1-first', 'e2-second'] });
    const one = await audit('timeline', 'e1', '--dir', folder);
    expect([one.exitCode, one.stdout]).toEqual([0, expect.stringContaining('attempt e1-first')]);
    const several = await audit('timeline', 'e', '--dir', folder);
    expect([several.exitCode, several.stderr]).toEqual([1, expect.stringContaining('found none with the id e:')]);
  });

  it('names the nearest attempts when there is none of that id', async () => {
    const { stdout, stderr, exitCode } = await audit('timeline', 'e22', '--dir', await sampleFolder());
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
    expect(stderr).toMatch(/found none with the id e22: the nearest of 2 are e2, e1$/);
  });

  it('does not tell a story from a damaged journal', async () => {
    const folder = await sampleFolder((text) => text.replace('"priceE4":4500', '"priceE4":4400'));
    const { stderr, exitCode } = await audit('timeline', 'e1', '--dir', folder);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/000000000001\.ndjson:\d+: expected content whose hash is/);
  });

  it('prints one JSON value with every record and its times', async () => {
    const { stdout } = await audit('timeline', 'e1', '--dir', await sampleFolder(), '--json');
    const timeline = JSON.parse(stdout);
    expect(timeline.entries[0]).toMatchObject({ isCause: true, record: { kind: 'decision' } });
    expect(timeline.orders).toHaveLength(2);
  });

  it('has colours on a terminal only, and none with NO_COLOR', async () => {
    const folder = await sampleFolder();
    const { isTTY } = process.stdout;
    onTestFinished(() => {
      process.stdout.isTTY = isTTY;
      vi.unstubAllEnvs();
    });
    process.stdout.isTTY = true;
    vi.stubEnv('NO_COLOR', undefined);
    expect((await audit('timeline', 'e1', '--dir', folder)).stdout).toContain('\u001b[32m');
    vi.stubEnv('NO_COLOR', '1');
    expect((await audit('timeline', 'e1', '--dir', folder)).stdout).not.toContain('\u001b[');
  });
});
