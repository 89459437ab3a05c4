/**
 * Where what lies:
 *
 *     <folder>/lock                                     who may write
 *     <folder>/runs/<run>/manifest.json                 versions, configuration, machines, seed, mode
 *     <folder>/runs/<run>/definitions/<sha256>.json     every machine of the run
 *     <folder>/runs/<run>/000000000001.ndjson           records, named by the first one's number
 */
import { basename, dirname, join } from 'node:path';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { StoreFault } from '../store-fault.ts';
import type { JournalDisk } from './journal-disk.ts';
import { contentHash, definitionHash, type MachineDefinition } from './machine-definition.ts';

export interface RunManifest {
  readonly version: 1;
  readonly run: string;
  readonly mode: string;
  readonly startedAt: string;
  readonly seed?: string | undefined;
  /** Hash of the whole configuration. */
  readonly config: string;
  /** Of the program, its commit, Node and what else decides how it behaves. */
  readonly versions: Readonly<Record<string, string>>;
  /** Definition of every machine, by name. */
  readonly machines: Readonly<Record<string, string>>;
  /** The hash that the first record links to. */
  readonly prev: string;
}

export interface RecordFile {
  readonly path: string;
  readonly run: string;
  readonly firstSeq: number;
  readonly size: number;
}

const RUNS = 'runs';
const SUFFIX = '.ndjson';
const NAME = /^(\d{12,16})\.ndjson$/;
const RUN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const SEQ_DIGITS = 12;

export function runFolder(folder: string, run: string): string {
  return join(folder, RUNS, run);
}

export function recordFilePath(folder: string, run: string, firstSeq: number): string {
  return join(runFolder(folder, run), `${String(firstSeq).padStart(SEQ_DIGITS, '0')}${SUFFIX}`);
}

/** A run of that name can be made: it becomes the name of a folder. */
export function isRunName(run: string): boolean {
  return RUN_NAME.test(run);
}

/** Every file of the chain, in its order. An empty one is left by a run that ended before its first record. */
export function recordFiles(disk: JournalDisk, folder: string): RecordFile[] {
  const files = disk.list(join(folder, RUNS)).flatMap((run) =>
    disk.list(runFolder(folder, run)).flatMap((name) => {
      const file = recordFileAt(disk, join(runFolder(folder, run), name));
      return file === undefined ? [] : [file];
    }),
  );
  return files.sort((a, b) => a.firstSeq - b.firstSeq || a.size - b.size);
}

/** `undefined` for a path that is not named as a file of records is. */
export function recordFileAt(disk: JournalDisk, path: string): RecordFile | undefined {
  const firstSeq = Number(NAME.exec(basename(path))?.[1]);
  if (Number.isNaN(firstSeq)) return undefined;
  return { path, run: basename(dirname(path)), firstSeq, size: disk.sizeOf(path) };
}

export function writeManifest(
  disk: JournalDisk,
  folder: string,
  manifest: RunManifest,
  machines: readonly MachineDefinition[],
): string {
  const home = runFolder(folder, manifest.run);
  disk.makeFolder(join(home, 'definitions'));
  for (const machine of machines)
    disk.put(definitionPath(home, definitionHash(machine)), bytesOf(canonicalJson(machine)));
  const text = `${canonicalJson(manifest)}\n`;
  disk.put(join(home, 'manifest.json'), bytesOf(text));
  return contentHash(text);
}

/** The text of a run's manifest and its hash; `undefined` where none was kept. */
export function readManifest(
  disk: JournalDisk,
  home: string,
): { readonly manifest: RunManifest; readonly hash: string } | undefined {
  const bytes = disk.read(join(home, 'manifest.json'));
  if (bytes === undefined) return undefined;
  const text = Buffer.from(bytes).toString('utf8');
  return { manifest: parsed(text, join(home, 'manifest.json')) as RunManifest, hash: contentHash(text) };
}

/** A definition that a run kept; `undefined` where it did not. Throws where it is not what its name says. */
export function readDefinition(disk: JournalDisk, home: string, definition: string): MachineDefinition | undefined {
  const path = definitionPath(home, definition);
  const bytes = disk.read(path);
  if (bytes === undefined) return undefined;
  const text = Buffer.from(bytes).toString('utf8');
  const found = contentHash(text);
  if (found !== definition)
    throw new StoreFault('corrupt', `expected ${path} to hash to ${definition}, found ${found}`);
  return parsed(text, path) as MachineDefinition;
}

function definitionPath(home: string, definition: string): string {
  return join(home, 'definitions', `${basename(definition.replace(/^sha256:/, ''))}.json`);
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StoreFault('corrupt', `expected JSON in ${path}, found something else`, error);
  }
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}
