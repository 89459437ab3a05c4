/** Reads a private key from a file that nobody but its owner can read. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { Secret } from '../../domain/secret.ts';

const BYTES_MAX = 65_536;
/** Any right of the group or of others. */
const NOT_THE_OWNER = 0o077;

/** What is wrong with a key file and what mends it. Never a part of its content. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

/**
 * The content of the file at `path`. Throws a `KeyFileError` unless it is an ordinary file of ours that the
 * group and others may neither read nor write. The file is judged after it was opened, so that what is
 * judged is what is read.
 */
export function readKeyFile(path: string): Secret {
  const file = open(path);
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw new KeyFileError(`a key must be in an ordinary file, found something else at ${path}`);
    const mode = found.mode & 0o777;
    // Windows has no such modes: what it shows there says nothing about who may read.
    if (process.platform !== 'win32' && (mode & NOT_THE_OWNER) !== 0)
      throw new KeyFileError(
        `${path} must be readable by its owner only, found mode ${mode.toString(8).padStart(4, '0')}; ` +
          `fix it with: chmod 600 ${path}`,
      );
    if (process.getuid !== undefined && found.uid !== process.getuid())
      throw new KeyFileError(`${path} must belong to the user who runs this, found user id ${found.uid}`);
    if (found.size === 0 || found.size > BYTES_MAX)
      throw new KeyFileError(`${path} must hold 1 to ${BYTES_MAX} bytes, found ${found.size}`);
    return new Secret(readFileSync(file, 'utf8'));
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    // Not blocking: a pipe in place of the file must not hold up the start.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new KeyFileError(`expected a readable key file at ${path}, found ${code}`, { cause });
  }
}
