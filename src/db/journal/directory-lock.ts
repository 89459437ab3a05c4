/**
 * One writer for a folder. The lock is a file that only one process can create, and says who did: process id, when
 * that process started, and which boot of which machine it belongs to, so that a number used again is not mistaken
 * for a holder that lives.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { codeOf, StoreFault, storeFault } from '../store-fault.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** In the kernel's own count; empty where the system does not tell. */
  readonly startedAt: string;
  readonly bootId: string;
  readonly host: string;
}

export interface Processes {
  readonly self: ProcessIdentity;
  /** `unknown`: it runs, if it runs, where we cannot see it. */
  stateOf(holder: ProcessIdentity): 'alive' | 'gone' | 'unknown';
}

export interface DirectoryLock {
  release(): void;
}

/** Two processes that remove the same dead lock at once: one of them has to look again, not often. */
const TRIES = 5;

/** Throws a `StoreFault` of kind `locked` that names the holder. */
export function takeLock(path: string, processes: Processes = systemProcesses()): DirectoryLock {
  const own = `${path}.${processes.self.pid}`;
  const text = JSON.stringify(processes.self);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // Written first and linked then: a lock that can be seen is complete.
    writeFileSync(own, text, { mode: 0o600 });
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (linked(own, path)) return { release: () => release(path, text) };
      removeIfGone(path, own, processes);
    }
  } catch (error) {
    throw storeFault(`take the lock ${path}`, error);
  } finally {
    rmSync(own, { force: true });
  }
  throw new StoreFault('locked', `expected to take the lock ${path}, found others taking it at the same moment`);
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function removeIfGone(path: string, own: string, processes: Processes): void {
  const seen = read(path);
  if (seen === undefined) return;
  const holder = identityOf(seen, path);
  const state = processes.stateOf(holder);
  if (state !== 'gone') throw new StoreFault('locked', lockedText(path, holder, state));
  // Between two that found the same dead lock, the guard keeps the slower from removing the faster one's new lock.
  const guard = `${path}.removing`;
  if (!linked(own, guard)) {
    const other = read(guard);
    if (other !== undefined && processes.stateOf(identityOf(other, guard)) === 'gone') rmSync(guard, { force: true });
    return;
  }
  if (read(path) === seen) rmSync(path, { force: true });
  rmSync(guard, { force: true });
}

function lockedText(path: string, { pid, host }: ProcessIdentity, state: 'alive' | 'unknown'): string {
  const held = `expected ${dirname(path)} to be free, found it in use by process ${pid}`;
  return state === 'alive'
    ? `${held}: stop that one first, or use another folder`
    : `${held} on ${host}, which cannot be seen from here: make sure that it has ended, then remove ${path}`;
}

function release(path: string, text: string): void {
  // Whoever took it from us by hand keeps it.
  if (read(path) === text) rmSync(path, { force: true });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function identityOf(text: string, path: string): ProcessIdentity {
  try {
    const { pid, startedAt, bootId, host } = JSON.parse(text) as Partial<Record<string, unknown>>;
    if (Number.isSafeInteger(pid))
      return { pid: Number(pid), startedAt: String(startedAt), bootId: String(bootId), host: String(host) };
  } catch {
    // Not JSON: the same message as for any other stranger.
  }
  throw new StoreFault(
    'locked',
    `expected ${path} to name a process, found something else: make sure that nothing uses the folder, then remove it`,
  );
}

export function systemProcesses(): Processes {
  const bootId = proc('/proc/sys/kernel/random/boot_id');
  const host = hostname();
  return {
    self: { pid: process.pid, startedAt: startOf(process.pid), bootId, host },
    stateOf: (holder) => {
      if (holder.bootId !== '' && bootId !== '' && holder.bootId !== bootId && holder.host === host) return 'gone';
      if (holder.host !== host) return 'unknown';
      if (!isRunning(holder.pid)) return 'gone';
      const startedAt = startOf(holder.pid);
      return startedAt === '' || holder.startedAt === '' || startedAt === holder.startedAt ? 'alive' : 'gone';
    },
  };
}

/** The 22nd field, counted behind the name in parentheses, which may hold anything. */
function startOf(pid: number): string {
  const text = proc(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function proc(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // Not Linux: process ids alone have to do.
    return '';
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
