import { chmodSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { captureFixture, folderOf, linesOf, replayed, TAPE } from '../support.ts';

const GOOD = captureFixture('kalshi-ws-ndjson.ndjson');
const BAD = '{"recv_ns":1778677235676177152,"control":"ws_connected"}\n{"recv_ns":17786772357,"frame":{}}\n';

describe('replay', () => {
  it('prints one block a recording and one total on standard output, and nothing else', async () => {
    const { stdout, stderr, exitCode } = await replayed(GOOD);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(/^✓ \S+kalshi-ws-ndjson\.ndjson\n {2}Kalshi WebSocket recording\n {2}read /);
    expect(stdout).toMatch(/\n\n1 recording · 12 messages · 9 deltas\n/);
  });

  it('looks through folders by name, below them too, and leaves out what belongs to a capture', async () => {
    const row = linesOf(TAPE)[0] ?? '';
    const folder = folderOf({
      'b.jsonl': row,
      'b.jsonl.meta.json': '{"version":1,"title":"named"}',
      'a.ndjson': readFileSync(GOOD),
      'below/c.jsonl': row,
      '.hidden.jsonl': row,
      'notes.md': 'not looked at',
    });
    const { stdout, exitCode } = await replayed(folder);
    const names = [...stdout.matchAll(/^✓ (.*)$/gm)].map((match) => match[1]?.slice(folder.length + 1));
    expect({ names, exitCode }).toEqual({ names: ['a.ndjson', 'b.jsonl', 'below/c.jsonl'], exitCode: 0 });
    expect(stdout).toContain('polled best prices: named');
  });

  it('says on standard error what it skipped in a folder, and does not mind', async () => {
    const folder = folderOf({ 'a.ndjson': readFileSync(GOOD), 'teams.json': '{"MX":"Mexico"}' });
    const { stdout, stderr, exitCode } = await replayed(folder, '--check');
    expect(exitCode).toBe(0);
    expect(stderr).toBe(`skipped ${folder}/teams.json: no market data in a format that Tandem knows\n`);
    expect(stdout).not.toContain('teams');
  });

  it('fails when a file that was named is no recording', async () => {
    const folder = folderOf({ 'teams.json': '{"MX":"Mexico"}' });
    const { stderr, exitCode } = await replayed(GOOD, `${folder}/teams.json`);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/expected a recording in a format that docs\/captures\.md lists, found \S+teams\.json$/);
  });

  it('fails where there is no recording at all', async () => {
    const { stdout, stderr, exitCode } = await replayed(folderOf());
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
    expect(stderr).toMatch(/expected a recording .*, found none$/);
  });

  it('fails on a path that is not there, in one sentence', async () => {
    const { stdout, stderr, exitCode } = await replayed(`${folderOf()}/gone.ndjson`);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
    expect(stderr).toMatch(/^cannot read \S+\/gone\.ndjson: no such file or folder$/);
  });

  it('fails on damage that leaves nothing to replay, and with --check says so by its exit code', async () => {
    const folder = folderOf({ 'a.json': '{"frames":[' });
    expect((await replayed(folder)).exitCode).toBe(1);
    expect((await replayed(folder, '--check')).exitCode).toBe(2);
  });

  it('reports an inconsistency either way, and exits 2 for it with --check alone', async () => {
    const folder = folderOf({ 'a.ndjson': BAD });
    const [plain, check] = [await replayed(folder), await replayed(folder, '--check')];
    expect([plain.exitCode, check.exitCode]).toEqual([0, 2]);
    expect(plain.stdout).toContain(`${folder}/a.ndjson:2: expected records in the order of their receipt`);
    expect(plain.stderr).toBe('Something is inconsistent: the lines above say what and where.\n');
  });

  it('names a file that may not be read', async () => {
    const folder = folderOf({ 'a.ndjson': BAD });
    chmodSync(`${folder}/a.ndjson`, 0);
    const { stdout, exitCode } = await replayed(folder, '--check');
    // The superuser cannot be kept from a file, and finds what is wrong inside it.
    const found = process.getuid?.() === 0 ? '2: expected records in' : '1: cannot be read: EACCES';
    expect(exitCode).toBe(2);
    expect(stdout).toContain(`${folder}/a.ndjson:${found}`);
  });

  it('fails on a path that leads through a file', async () => {
    const { stderr, exitCode } = await replayed(`${GOOD}/below.ndjson`);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/\/below\.ndjson: no such file or folder$/);
  });
});

describe('replay --json', () => {
  it('prints one JSON value and nothing else on standard output', async () => {
    const { stdout, stderr, exitCode } = await replayed(GOOD, captureFixture('cross-venue-tape.jsonl'), '--json');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(JSON.parse(stdout)).toMatchObject({
      consistent: true,
      runs: [
        { format: 'kalshi-ws-ndjson', deltas: 9 },
        { format: 'cross-venue-tape', grossEdges: 4 },
      ],
      damaged: [],
      skipped: [],
    });
  });

  it('lists damage and what it skipped in the same value', async () => {
    const folder = folderOf({ 'a.json': '{"frames":[', 'b.ndjson': BAD, 'c.json': '{}' });
    const { stdout, stderr, exitCode } = await replayed(folder, '--json', '--check');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 2 });
    expect(JSON.parse(stdout)).toMatchObject({
      consistent: false,
      runs: [{ capture: `${folder}/b.ndjson`, consistent: false, problems: [{ kind: 'time' }, { kind: 'malformed' }] }],
      damaged: [{ capture: `${folder}/a.json`, where: `${folder}/a.json:1` }],
      skipped: [`${folder}/c.json`],
    });
  });

  it('prints its value also when it fails', async () => {
    const { stdout, exitCode } = await replayed(folderOf(), '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ consistent: false, runs: [], damaged: [], skipped: [] });
  });
});

describe('replay --speed', () => {
  it.each(['fast', '0x', '-1x', '10', 'x', '1e3x', 'Infinityx', '', '10X'])('does not take %j', async (speed) => {
    const { stdout, stderr, exitCode } = await replayed(GOOD, `--speed=${speed}`);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 64 });
    expect(stderr).toMatch(/Expected max, or a multiple of the recorded pace such as 10x\./);
  });

  it.each(['max', '1000x', '2.5x'])('takes %s', async (speed) => {
    const { exitCode } = await replayed(captureFixture('kalshi-book-list.json'), '--speed', speed);
    expect(exitCode).toBe(0);
  });
});
