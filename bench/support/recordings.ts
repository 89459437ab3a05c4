/** Recorded Kalshi frames as a socket would deliver them: one flat string each, with the time of its receipt. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { kalshiFramesWithReceiveTime } from '../../src/app/capture/kalshi-streams.ts';
import { readLines } from '../../src/app/capture/read-lines.ts';

/** What came over one connection: sequence numbers and books start again with each. */
export interface Session {
  readonly texts: readonly string[];
  /** Milliseconds since the first frame of the recording. */
  readonly atMs: readonly number[];
}

export interface Recording {
  readonly name: string;
  readonly path: string;
  readonly sessions: readonly Session[];
  readonly messages: number;
  readonly bytes: number;
  readonly tickers: readonly string[];
}

interface OpenSession {
  readonly texts: string[];
  readonly atMs: number[];
}

export async function readRecording(path: string): Promise<Recording> {
  if (!existsSync(path)) throw new Error(`expected a recording of Kalshi frames, found nothing at ${path}`);
  const reader = kalshiFramesWithReceiveTime.open();
  const sessions: OpenSession[] = [{ texts: [], atMs: [] }];
  let startMs: number | undefined;
  for await (const lines of readLines(path)) {
    for (const step of lines.flatMap((line) => reader.read(line.text))) {
      if (step.kind === 'connected') sessions.push({ texts: [], atMs: [] });
      if (step.kind !== 'frame') continue;
      startMs ??= step.receivedAtMs;
      const session = sessions.at(-1);
      session?.texts.push(asDelivered(step.text));
      session?.atMs.push(step.receivedAtMs - startMs);
    }
  }
  const texts = sessions.flatMap((session) => session.texts);
  if (texts.length === 0) throw new Error(`expected Kalshi frames with receive times, found none in ${path}`);
  return {
    name: basename(path).replace(/\.ndjson(\.gz)?$/, ''),
    path,
    sessions: sessions.filter((session) => session.texts.length > 0),
    messages: texts.length,
    bytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    tickers: tickersOf(texts),
  };
}

/** A text cut out of a line stays a view of that line; a socket decodes each frame into a string of its own. */
export function asDelivered(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function tickersOf(texts: readonly string[]): string[] {
  const found = texts.flatMap((text) => /"market_ticker":"([^"]+)"/.exec(text)?.[1] ?? []);
  return [...new Set(found)];
}
