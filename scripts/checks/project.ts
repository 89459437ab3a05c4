/** The files of a repository as the checks see them: everything tracked, and new files that are not ignored. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface Project {
  readonly root: string;
  /** Paths below the root with forward slashes, sorted. */
  readonly files: readonly string[];
  readonly bytes: (path: string) => Buffer;
  readonly text: (path: string) => string;
}

export function openProject(root: string): Project {
  const bytes = (path: string): Buffer => readFileSync(join(root, path));
  return { root, files: listFiles(root), bytes, text: (path) => bytes(path).toString('utf8') };
}

function listFiles(root: string): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`expected a git repository, found: ${stderr.trim()}`);
  const listed = new Set(stdout.split('\0').filter((path) => path !== ''));
  // A deleted file stays listed until the deletion is committed; a nested repository is listed as a folder.
  return [...listed].filter((path) => existsSync(join(root, path)) && statSync(join(root, path)).isFile()).sort();
}

function isTypeScript(path: string): boolean {
  return extname(path) === '.ts';
}

export function isSource(path: string): boolean {
  return path.startsWith('src/') && isTypeScript(path);
}

/** Recordings and worked cases: bytes that others produced, kept as they came. */
export function isRecorded(path: string): boolean {
  return path.startsWith('data/') || path.startsWith('test/fixtures/');
}
