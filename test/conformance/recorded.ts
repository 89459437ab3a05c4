/** Recorded requests with their replies, from this repository and, where they lie beside it, from larger collections. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface RecordedCall {
  readonly name: string;
  readonly atMs: number;
  /** How the recorder signed. */
  readonly auth: string;
  readonly method: string;
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: recorded text of another program
  readonly body: any;
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: recorded text of another program
  readonly reply: any;
}

const FIXTURES = new URL('../fixtures/', import.meta.url);
/** A folder `shared` beside the checkout; a clone has none. */
const COLLECTIONS = new URL('../../../shared/data/', import.meta.url);

export function fixtureCalls(path: string): readonly RecordedCall[] {
  return readFileSync(new URL(path, FIXTURES), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ atMs: 0, auth: 'signed', ...JSON.parse(line) }));
}

export function fixtureText(path: string): string {
  return readFileSync(new URL(path, FIXTURES), 'utf8');
}

export function fixtureNames(path: string): readonly string[] {
  return readdirSync(new URL(path, FIXTURES)).filter((file) => file.endsWith('.json'));
}

/** The JSON files of a collection by name, or `undefined` where there is none. */
export function collection(path: string): ReadonlyMap<string, unknown> | undefined {
  const folder = new URL(`${path}/`, COLLECTIONS);
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return new Map(files.map((file) => [file, JSON.parse(readFileSync(new URL(file, folder), 'utf8'))]));
}
