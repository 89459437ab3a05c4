/** The disk of the machine. Files are 0600, folders 0700: a journal is nobody else's to read. */
import {
  chmodSync,
  close,
  closeSync,
  constants,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  write,
  writeSync,
} from 'node:fs';
import { platform } from 'node:os';
import { dirname } from 'node:path';
import { codeOf } from '../store-fault.ts';
import type { JournalDisk, JournalFile } from './journal-disk.ts';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const PERMISSIONS = 0o777;

export const fileDisk: JournalDisk = {
  makeFolder: (path) => {
    mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
    if ((statSync(path).mode & PERMISSIONS) !== FOLDER_MODE) chmodSync(path, FOLDER_MODE);
    syncFolder(dirname(path));
  },
  list: (path) => orWhenAbsent(() => readdirSync(path).sort(), []),
  read: (path) => orWhenAbsent(() => readFileSync(path), undefined),
  sizeOf: (path) => statSync(path).size,
  cut: (path, length) =>
    withFile(path, constants.O_RDWR, (descriptor) => {
      ftruncateSync(descriptor, length);
      fsyncSync(descriptor);
    }),
  put: (path, bytes) => {
    const draft = `${path}.draft`;
    withFile(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, (descriptor) => {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      fsyncSync(descriptor);
    });
    renameSync(draft, path);
    syncFolder(dirname(path));
  },
  create: (path) => {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;
    const descriptor = openSync(path, isWriteDurable ? flags | constants.O_DSYNC : flags, FILE_MODE);
    syncFolder(dirname(path));
    return opened(descriptor);
  },
};

/**
 * On Linux a write to a file opened so ends when it is on the disk, as if `fdatasync` had followed in the same call:
 * one way to the thread pool and back instead of two, with a busy loop on each. Elsewhere that flag is missing or
 * means less than a sync does.
 */
const isWriteDurable = platform() === 'linux';

function opened(descriptor: number): JournalFile {
  return {
    write: (bytes, onEnd) => write(descriptor, bytes, 0, bytes.length, null, (error, written) => onEnd(error, written)),
    // Every byte written before is on the disk already.
    sync: (onEnd) => (isWriteDurable ? process.nextTick(onEnd, null) : fdatasync(descriptor, onEnd)),
    close: (onEnd) => close(descriptor, onEnd),
  };
}

function withFile(path: string, flags: number, use: (descriptor: number) => void): void {
  const descriptor = openSync(path, flags, FILE_MODE);
  try {
    use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A new name is on the disk only when its folder is. */
function syncFolder(path: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY);
  } catch (error) {
    // Windows opens no folders, and syncs names by itself.
    if (codeOf(error) === 'EISDIR' || codeOf(error) === 'EPERM' || codeOf(error) === 'EACCES') return;
    throw error;
  }
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function orWhenAbsent<Result>(read: () => Result, absent: Result): Result {
  try {
    return read();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return absent;
    throw error;
  }
}
