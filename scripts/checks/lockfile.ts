/** Manifests pin exactly, lock files are complete and name no address, and nothing needs an install script. */
import { posix } from 'node:path';
import type { Check, Problem } from './check.ts';
import { type LockedPackage, type LockFile, missingPlatformPackages } from './lock-file.ts';

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly overrides?: Record<string, unknown>;
  /** npm's own field: whose install scripts were read and may run. */
  readonly allowScripts?: Record<string, boolean>;
}

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
const EXACT = /^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(?:-[\w.-]+)?$/;

export const lockfile: Check = {
  name: 'lockfile',
  remedy:
    'pin exact versions, run npm install with the settings of .npmrc, then: node --import tsx scripts/complete-lockfile.ts',
  run: (project) =>
    project.files
      .filter((path) => posix.basename(path) === 'package.json' && !isRecordedManifest(path))
      .flatMap((path) => {
        const lockPath = posix.join(posix.dirname(path), 'package-lock.json');
        if (!project.files.includes(lockPath)) return [{ where: path, what: 'has no package-lock.json beside it' }];
        return lockProblems(lockPath, JSON.parse(project.text(path)), JSON.parse(project.text(lockPath)));
      }),
};

export function lockProblems(where: string, manifest: Manifest, lock: LockFile): Problem[] {
  const problems = [
    ...unpinned(manifest),
    ...outOfStep(manifest, lock),
    ...Object.entries(lock.packages).flatMap(([path, entry]) => complaintsAbout(path, entry, manifest)),
    ...missingPlatformPackages(lock).map(
      ({ name, parent }) => `does not describe ${name}, which ${parent} names: npm ci refuses it`,
    ),
  ];
  return problems.map((what) => ({ where, what }));
}

function unpinned(manifest: Manifest): string[] {
  const pins = [...KINDS.map((kind) => manifest[kind] ?? {}), manifest.overrides ?? {}].flatMap(Object.entries);
  return pins.flatMap(([name, version]) =>
    typeof version === 'string' && !EXACT.test(version)
      ? [`${name} is pinned to "${version}", an exact version expected`]
      : [],
  );
}

function outOfStep(manifest: Manifest, lock: LockFile): string[] {
  const root = lock.packages[''] ?? {};
  return KINDS.filter((kind) => JSON.stringify(sorted(manifest[kind])) !== JSON.stringify(sorted(root[kind]))).map(
    (kind) => `its ${kind} differ from package.json`,
  );
}

function complaintsAbout(path: string, entry: LockedPackage, manifest: Manifest): string[] {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const mustRun = entry.hasInstallScript === true && entry.dev !== true && entry.optional !== true;
  return [
    ...(entry.resolved?.startsWith('http') === true ? [`${path} names the address it came from`] : []),
    ...(mustRun && manifest.allowScripts?.[name] !== true ? [`${path} needs its install script in production`] : []),
  ];
}

function sorted(pins: Record<string, string> = {}): [string, string][] {
  return Object.entries(pins).sort(([left], [right]) => (left < right ? -1 : 1));
}

function isRecordedManifest(path: string): boolean {
  return path.startsWith('data/') || path.startsWith('test/fixtures/');
}
