/** The part of npm's lock file that we read, and the platform packages that it sometimes leaves out. */
export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface MissingPackage {
  /** The package that names it as optional, as a path in the lock file. */
  readonly parent: string;
  readonly name: string;
  readonly version: string;
}

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/**
 * Tools with native parts ship one optional package per platform. When the registry in use serves only some
 * of them, npm leaves the others out of the lock file, and `npm ci` then refuses that very file everywhere
 * ("Missing: … from lock file").
 */
export function missingPlatformPackages({ packages }: LockFile): MissingPackage[] {
  return Object.entries(packages).flatMap(([parent, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !isDescribed(packages, parent, name))
      .map(([name, version]) => ({ parent, name, version })),
  );
}

/**
 * The same lock file with an entry for each of them. Version, `os`, `cpu` and `libc` are all that npm needs to
 * skip a package meant for another machine. There is no `integrity`, because nobody here has seen the bytes;
 * npm fills it in on the first machine that installs the package.
 */
export function completed(lock: LockFile): LockFile {
  const added = missingPlatformPackages(lock).map(({ parent, name, version }): [string, LockedPackage] => {
    const platform = platformOf(name);
    if (platform === undefined || !/^\d/.test(version)) {
      throw new Error(`expected a package for one platform, found ${name}@${version} (wanted by ${parent})`);
    }
    const { license, dev, engines } = lock.packages[parent] ?? {};
    const inherited = { ...(license && { license }), ...(dev && { dev }), ...(engines && { engines }) };
    return [`node_modules/${name}`, { version, ...platform, ...inherited, optional: true }];
  });
  const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(added) });
  return { ...lock, packages: Object.fromEntries(packages.sort(([left], [right]) => left.localeCompare(right, 'en'))) };
}

/** npm looks beside the package first, then in each folder above it. */
function isDescribed(packages: LockFile['packages'], parent: string, name: string): boolean {
  let folder = parent;
  while (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] === undefined) {
    if (folder === '') return false;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')));
  }
  return true;
}

function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> | undefined {
  const words = name.split(/[/-]/);
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) return undefined;
  const has = (prefix: string): boolean => words.some((word) => word.startsWith(prefix));
  const libc = has('musl') ? ['musl'] : has('gnu') ? ['glibc'] : undefined;
  return { os: [os], cpu: [cpu], ...(os === 'linux' && libc !== undefined ? { libc } : {}) };
}
