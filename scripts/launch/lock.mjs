/** Lets one process of this folder at a time install and build; the others wait and then find it done. */
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;
/** The holder touches its lock this often, and a lock that nobody touched for the longer time is abandoned. */
const TOUCH_MS = 5_000;
const ABANDONED_MS = 60_000;

export async function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await take(path);
  const touch = setInterval(() => {
    const now = new Date();
    utimesSync(path, now, now);
  }, TOUCH_MS);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    rmSync(path, { force: true });
  }
}

async function take(path) {
  for (let hasSaidSo = false; !create(path); hasSaidSo = true) {
    const holder = read(path);
    if (holder === undefined) continue;
    if (isAbandoned(path, holder)) removeAbandoned(path, holder);
    else {
      if (!hasSaidSo) console.error(`waiting for process ${holder.split(' ')[0]}, which is installing or building …`);
      await sleep(POLL_MS);
    }
  }
}

/** `wx` is the lock: of any number of processes exactly one creates the file. */
function create(path) {
  try {
    writeFileSync(path, `${process.pid} ${hostname()}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Between two waiters of a dead holder, the guard file keeps the slower from removing the faster one's new lock. */
function removeAbandoned(path, holder) {
  const guard = `${path}.removing`;
  if (!create(guard)) {
    if (isAbandoned(guard, read(guard) ?? '')) rmSync(guard, { force: true });
    return;
  }
  if (read(path) === holder) rmSync(path, { force: true });
  rmSync(guard, { force: true });
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAbandoned(path, holder) {
  const [pid, host] = holder.split(' ');
  if (host === hostname() && !isAlive(Number(pid))) return true;
  const touchedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return touchedAt !== undefined && Date.now() - touchedAt > ABANDONED_MS;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
