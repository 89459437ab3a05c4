/** Reads segments back, up to where they break. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { parseRecord, type RecordingRecord } from './recording-format.ts';

export interface ReadSegments {
  readonly records: readonly RecordingRecord[];
  /** What could not be read, each with its file: `recording-…-00002.ndjson.gz: …`. Everything before it was. */
  readonly damages: readonly string[];
}

/** All records of some segments, in the order of `paths`. They are held in memory: for hours of recording, not months. */
export async function readSegments(paths: readonly string[]): Promise<ReadSegments> {
  const records: RecordingRecord[] = [];
  const damages: string[] = [];
  for (const path of paths) {
    for await (const line of linesOf(path, (damage) => damages.push(`${path}: ${damage}`))) {
      const record = parseRecord(line);
      if (record !== undefined) records.push(record);
      else damages.push(`${path}: expected a record, found ${line.length} characters that are none`);
    }
  }
  return { records, damages };
}

async function* linesOf(path: string, onDamage: (damage: string) => void): AsyncGenerator<string> {
  const file = createReadStream(path);
  const bytes = file.pipe(createGunzip());
  file.on('error', (error) => bytes.destroy(error));
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = '';
  try {
    for await (const chunk of bytes) {
      const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = pieces.pop() ?? '';
      yield* pieces;
    }
    if (rest !== '') onDamage(`the last line breaks off after ${rest.length} characters`);
  } catch (error) {
    onDamage(error instanceof Error ? error.message : String(error));
  } finally {
    file.destroy();
  }
}
