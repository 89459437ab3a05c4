/** Reads a capture file line by line, compressed or not, and says exactly where it stops making sense. */
import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';

export interface CaptureLine {
  /** Counted from 1, as an editor shows it. */
  readonly number: number;
  readonly text: string;
}

/** The file ends, or its compression breaks, before its content does. */
export class CaptureDamage extends Error {
  override readonly name = 'CaptureDamage';
  /** The line that could not be read to its end. */
  readonly line: number;

  constructor(message: string, line: number, cause: unknown) {
    super(message, { cause });
    this.line = line;
  }
}

/** What is wrong with a file: `where` is `path:line`, or the path alone where no line can be named. */
export interface FileDamage {
  readonly where: string;
  readonly message: string;
}

/**
 * The lines of a file in batches, empty lines left out. Files that end in `.gz` are unpacked. The line
 * ends of either system are accepted, and so is a byte order mark: neither is content.
 *
 * Everything readable is yielded before a `CaptureDamage` is thrown, so that a truncated recording
 * is still looked at up to the break.
 */
export async function* readLines(path: string): AsyncGenerator<readonly CaptureLine[]> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  const bytes = path.endsWith('.gz') ? file.pipe(createGunzip({ chunkSize: 1 << 18 })) : file;
  file.on('error', (error) => bytes.destroy(error));
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let number = 0;
  try {
    for await (const chunk of bytes) {
      const pieces = (rest + decoder.write(chunk)).split('\n');
      rest = pieces.pop() ?? '';
      const lines: CaptureLine[] = [];
      for (const piece of pieces) {
        number++;
        const text = withoutMarks(piece, number);
        if (text !== '') lines.push({ number, text });
      }
      yield lines;
    }
  } catch (error) {
    const last = withoutMarks(rest, number + 1);
    if (last !== '') yield [{ number: number + 1, text: last }];
    throw damage(number, error);
  } finally {
    file.destroy();
  }
  const last = withoutMarks(rest + decoder.end(), number + 1);
  if (last !== '') yield [{ number: number + 1, text: last }];
}

function withoutMarks(piece: string, number: number): string {
  const text = number === 1 && piece.startsWith('\uFEFF') ? piece.slice(1) : piece;
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

function damage(lines: number, error: unknown): CaptureDamage {
  const cause = error instanceof Error ? error.message : String(error);
  const message = lines === 0 ? `cannot be read: ${cause}` : `can be read up to line ${lines} and no further: ${cause}`;
  return new CaptureDamage(message, lines + 1, error);
}

/** Where and why a file cannot be read on. Throws on again what is not about the file. */
export function fileDamage(path: string, error: unknown): FileDamage {
  if (!(error instanceof CaptureDamage)) throw error;
  return { where: `${path}:${error.line}`, message: error.message };
}
