import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyFileError, readKeyFile } from '../../../src/app/secrets/key-file.ts';

const content = 'what only its owner may read';
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'key-file-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function keyFile(mode: number, text = content): string {
  const path = join(folder, 'kalshi.pem');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function refusalOf(path: string): string {
  try {
    readKeyFile(path);
  } catch (error) {
    expect(error).toBeInstanceOf(KeyFileError);
    return String(error);
  }
  return 'none';
}

describe.skipIf(process.platform === 'win32')('a key file', () => {
  it.each([0o600, 0o400])('of mode %o is read as a secret', (mode) => {
    const secret = readKeyFile(keyFile(mode));
    expect(secret.reveal()).toBe(content);
    expect(String(secret)).toBe('[secret]');
  });

  it.each([
    [0o640, '0640'],
    [0o604, '0604'],
    [0o644, '0644'],
    [0o620, '0620'],
    [0o601, '0601'],
  ])('of mode %o is refused with the file, the mode and the remedy', (mode, shown) => {
    const path = keyFile(mode);
    const refusal = refusalOf(path);
    expect(refusal).toContain(`found mode ${shown}`);
    expect(refusal).toContain(`chmod 600 ${path}`);
    expect(refusal).not.toContain(content);
  });

  it('is refused when it is missing, empty, or no ordinary file', () => {
    mkdirSync(join(folder, 'folder'), { mode: 0o700 });
    expect(refusalOf(join(folder, 'missing'))).toContain('ENOENT');
    expect(refusalOf(keyFile(0o600, ''))).toContain('found 0');
    expect(refusalOf(join(folder, 'folder'))).toContain('ordinary file');
  });
});
