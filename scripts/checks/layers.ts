/** The map of CONTRIBUTING.md as a table: what each folder of `src` may import, and touch of the outside world. */
import { posix } from 'node:path';
import type { Check, Problem } from './check.ts';
import { COMPUTED, importsOf } from './imports.ts';
import { isSource } from './project.ts';

interface Layer {
  /** Folders below `src`, and single files without `.ts`; a layer always sees its own folder. */
  readonly sees: readonly string[];
  /** `scope/` stands for a whole scope. */
  readonly packages: readonly string[];
  readonly node: readonly string[] | 'any';
}

const FILES_AND_THREADS = [
  'buffer',
  'crypto',
  'events',
  'fs',
  'fs/promises',
  'os',
  'path',
  'stream',
  'url',
  'worker_threads',
  'zlib',
];

/**
 * `*` is one folder name, and the layer of `venues/*` is each venue by itself: siblings do not see each other.
 * The more specific name wins.
 */
const LAYERS: Readonly<Record<string, Layer>> = {
  app: { sees: [''], packages: ['*'], node: 'any' },
  actors: { sees: ['domain', 'machines', 'streams'], packages: ['xstate', 'rxjs'], node: [] },
  ops: {
    sees: ['domain'],
    packages: [
      '@hono/',
      'grammy',
      'hono',
      'ink',
      'json-rpc-2.0',
      'pino',
      'preact',
      'prom-client',
      'react',
      'uplot',
      'zod',
    ],
    node: 'any',
  },
  sim: { sees: ['domain/units', 'domain/ports'], packages: ['ws', 'undici'], node: 'any' },
  'sim/*': {
    sees: ['sim', 'sim/matching', 'domain/units', 'domain/ports'],
    packages: ['ethers', 'undici', 'ws'],
    node: 'any',
  },
  // One matching engine under both protocols.
  'sim/matching': { sees: ['sim', 'domain/units', 'domain/ports'], packages: [], node: [] },
  // What moves the simulated venues has to know them.
  'sim/flow': {
    sees: ['sim', 'sim/kalshi', 'sim/polymarket', 'sim/matching', 'domain/units', 'domain/ports'],
    packages: [],
    node: [],
  },
  machines: { sees: ['domain'], packages: ['xstate'], node: [] },
  streams: { sees: ['domain'], packages: ['rxjs'], node: [] },
  venues: { sees: ['domain'], packages: ['zod'], node: [] },
  'venues/*': {
    sees: ['domain', 'venues'],
    packages: ['@noble/', '@polymarket/', 'ethers', 'hash-wasm', 'secp256k1', 'zod'],
    node: ['buffer', 'crypto'],
  },
  'venues/transport': {
    sees: ['domain'],
    packages: ['undici', 'ws', 'zod'],
    node: [...FILES_AND_THREADS, 'http', 'https', 'net', 'tls'],
  },
  references: { sees: ['domain'], packages: ['zod'], node: [] },
  'references/*': { sees: ['domain', 'references'], packages: ['zod'], node: ['buffer', 'crypto'] },
  db: { sees: ['domain'], packages: ['@electric-sql/', 'kysely', 'pg', 'zod'], node: FILES_AND_THREADS },
  domain: { sees: [], packages: [], node: [] },
};

export const layers: Check = {
  name: 'layers',
  remedy:
    'import from a lower row only, or move the shared type down to src/domain/ports; the map is in CONTRIBUTING.md',
  run: (project) => project.files.filter(isSource).flatMap((path) => layerProblems(path, project.text(path))),
};

export function layerProblems(path: string, source: string): Problem[] {
  const home = layerOf(path);
  if (home === undefined) return [{ where: path, what: 'lies in no folder of the map' }];
  return importsOf(source).flatMap(({ specifier, line, isReexport }) => {
    const complaint = isReexport
      ? `passes ${specifier} on: import the file that defines the name`
      : complaintAbout(path, home, specifier);
    return complaint === undefined ? [] : [{ where: `${path}:${line}`, what: complaint }];
  });
}

function complaintAbout(path: string, home: string, specifier: string): string | undefined {
  const layer = LAYERS[home] as Layer;
  if (specifier === COMPUTED) return home === 'app' ? undefined : 'imports a computed name, which cannot be checked';
  if (specifier.startsWith('node:')) {
    const isAllowed = layer.node === 'any' || layer.node.includes(specifier.slice('node:'.length));
    return isAllowed ? undefined : `${home} may not use ${specifier}`;
  }
  if (!specifier.startsWith('.')) {
    return layer.packages.some((allowed) => covers(allowed, specifier))
      ? undefined
      : `${home} may not use the package ${specifier}`;
  }
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  return maySee(path, home, target) ? undefined : `${home} may not import ${target}`;
}

function maySee(path: string, home: string, target: string): boolean {
  const there = layerOf(target);
  if (there === undefined) return false;
  if (folderOf(path, home) === folderOf(target, there)) return true;
  if (there === 'app') return false;
  return LAYERS[home]?.sees.some((seen) => isInside(target, seen, there)) ?? false;
}

/** `sees: 'venues'` means the files that lie directly there, not the venues, which are layers of their own. */
function isInside(target: string, seen: string, there: string): boolean {
  if (seen === '') return true;
  if (seen in LAYERS && seen !== there) return false;
  return target.startsWith(`src/${seen}/`) || target === `src/${seen}.ts`;
}

function layerOf(path: string): string | undefined {
  const [top, folder, ...below] = path.split('/').slice(1);
  if (!path.startsWith('src/') || top === undefined || folder === undefined) return undefined;
  const names = below.length === 0 ? [top] : [`${top}/${folder}`, `${top}/*`, top];
  return names.find((name) => Object.hasOwn(LAYERS, name));
}

/** The folder that a layer's `*` stands for in this path. */
function folderOf(path: string, layer: string): string {
  return path
    .split('/')
    .slice(1, 1 + layer.split('/').length)
    .join('/');
}

function covers(allowed: string, specifier: string): boolean {
  if (allowed === '*') return true;
  return allowed.endsWith('/')
    ? specifier.startsWith(allowed)
    : specifier === allowed || specifier.startsWith(`${allowed}/`);
}
