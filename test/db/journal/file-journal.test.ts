import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/app/system-clock.ts';
import { FaultyDisk } from '../../../src/db/journal/faulty-disk.ts';
import { fileDisk } from '../../../src/db/journal/file-disk.ts';
import { FileJournal, type FileJournalOptions } from '../../../src/db/journal/file-journal.ts';
import { recordFiles } from '../../../src/db/journal/journal-layout.ts';
import { BEFORE_THE_FIRST } from '../../../src/db/journal/read-journal.ts';
import { verifyJournal } from '../../../src/db/journal/verify-journal.ts';
import type { JournalFault } from '../../../src/domain/ports/journal.ts';
import { SAMPLE_MACHINES } from './sample-session.ts';

function home(): string {
  const path = mkdtempSync(join(tmpdir(), 'tandem-journal-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return join(path, 'journal');
}

function open(folder: string, more: Partial<FileJournalOptions> & { readonly name?: string } = {}): FileJournal {
  const { name = 'run-1', ...options } = more;
  return new FileJournal(folder, {
    clock: systemClock,
    run: {
      run: name,
      mode: 'paper',
      seed: '7',
      config: 'sha256:1',
      versions: { tandem: '0.1.0' },
      machines: SAMPLE_MACHINES,
    },
    onFault: () => undefined,
    ...options,
  });
}

const synced = (journal: FileJournal): Promise<JournalFault | undefined> =>
  new Promise((resolve) => journal.sync(resolve));

describe('the journal on disk', () => {
  it('is nobody else’s to read: folders 0700, files 0600', async () => {
    const folder = home();
    await open(folder).close();
    const modes = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
      const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
      return `${entry.isDirectory() ? 'folder' : 'file'} ${mode.toString(8)}`;
    });
    expect([...new Set(modes)].sort()).toEqual(['file 600', 'folder 700']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('closes a folder that others could read', async () => {
    const folder = home();
    await open(folder).close();
    chmodSync(folder, 0o755);
    await open(folder, { name: 'run-2' }).close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('keeps a manifest and every definition, bound into the chain', async () => {
    const folder = home();
    await open(folder).close();
    const manifest = JSON.parse(readFileSync(join(folder, 'runs/run-1/manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({
      version: 1,
      run: 'run-1',
      mode: 'paper',
      seed: '7',
      config: 'sha256:1',
      versions: { tandem: '0.1.0' },
    });
    expect(Object.keys(manifest.machines)).toEqual(['sampleAttempt', 'sampleLeg']);
    expect(readdirSync(join(folder, 'runs/run-1/definitions'))).toHaveLength(2);
    expect(verifyJournal(fileDisk, recordFiles(fileDisk, folder), BEFORE_THE_FIRST).problems).toEqual([]);
  });

  it('has one writer: a second one is refused and told whose it is, and free again after the first has closed', async () => {
    const folder = home();
    const first = open(folder);
    expect(() => open(folder, { name: 'run-2' })).toThrow(
      expect.objectContaining({ kind: 'locked', message: expect.stringContaining(`in use by process ${process.pid}`) }),
    );
    await first.close();
    await open(folder, { name: 'run-2' }).close();
  });

  it('does not begin a run a second time', async () => {
    const folder = home();
    await open(folder).close();
    expect(() => open(folder)).toThrow(/expected a new run, found \S+\/runs\/run-1 from an earlier one/);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it.each(['../up', '', 'a/b', '.hidden'])('refuses %j as the name of a run', (name) => {
    expect(() => open(home(), { name })).toThrow(/expected a run that can name a folder/);
  });

  it.each([
    ['ENOSPC', 'full', /found ENOSPC: the disk is full: free space, then start again/],
    ['EROFS', 'readOnly', /found EROFS: the file system is read-only: mount it writable/],
  ] as const)('says at the start that it cannot begin: %s', (code, kind, message) => {
    for (const at of ['makeFolder', 'put', 'create'] as const) {
      const disk = new FaultyDisk(fileDisk, {
        clock: systemClock,
        fates: (operation) => (operation.kind === at ? { kind: 'failure', code } : undefined),
      });
      expect(() => open(home(), { disk })).toThrow(
        expect.objectContaining({ kind, message: expect.stringMatching(message) }),
      );
    }
  });

  it('writes at once what is waited for, with the clock of the machine', async () => {
    const folder = home();
    const journal = open(folder);
    journal.append({ kind: 'command', by: 'cli', command: 'halt', parameters: {} });
    expect(await synced(journal)).toBeUndefined();
    const [file] = recordFiles(fileDisk, folder);
    expect(readFileSync(file?.path ?? '', 'utf8').split('\n')).toHaveLength(3);
    await journal.close();
  });

  it('frees the folder when closing fails, and says that it did', async () => {
    const folder = home();
    const disk = new FaultyDisk(fileDisk, {
      clock: systemClock,
      fates: ({ kind }) => (kind === 'sync' ? { kind: 'failure', code: 'EIO' } : undefined),
    });
    await expect(open(folder, { disk }).close()).rejects.toThrow(
      /found EIO: the disk failed.* Record 0 is the last that is certainly on the disk/,
    );
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('refuses to go on behind a file of an earlier run that was shortened', async () => {
    const folder = home();
    await open(folder).close();
    await open(folder, { name: 'run-2' }).close();
    const [first] = recordFiles(fileDisk, folder);
    const lines = readFileSync(first?.path ?? '', 'utf8')
      .trimEnd()
      .split('\n');
    writeFileSync(first?.path ?? '', `${lines.slice(0, -1).join('\n')}\n`);
    expect(() => open(folder, { name: 'run-3' })).toThrow(
      expect.objectContaining({
        kind: 'corrupt',
        message: expect.stringMatching(/expected record 2, found 3: 1 missing/),
      }),
    );
  });
});
