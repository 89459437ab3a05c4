/** Every capture format that we read, and how to tell which one a file is. */
import { statSync } from 'node:fs';
import type { CaptureFormat } from './capture.ts';
import { kalshiBareFrames, kalshiFramesDocument, kalshiFramesWithReceiveTime } from './kalshi-streams.ts';
import { ownRecording } from './own-recording.ts';
import {
  kalshiBookList,
  kalshiLegacyBooks,
  kalshiPolledBooks,
  polymarketBookDocument,
  polymarketPolledBooks,
  polymarketSampledMarkets,
} from './polled-books.ts';
import { polymarketFrames } from './polymarket-frames.ts';
import {
  crossVenueTape,
  derivedPairsTape,
  kalshiBestQuoteLog,
  kalshiBestQuotes,
  quotedPairsTape,
} from './quote-tapes.ts';
import { CaptureDamage, type CaptureLine, type FileDamage, fileDamage, readLines } from './read-lines.ts';
import { parseJson } from './records.ts';
import { kalshiAnomalies, kalshiRangeLadders, kalshiThresholdLadders } from './strike-ladders.ts';

export const captureFormats: readonly CaptureFormat[] = [
  ownRecording,
  kalshiFramesWithReceiveTime,
  kalshiFramesDocument,
  polymarketFrames,
  crossVenueTape,
  quotedPairsTape,
  derivedPairsTape,
  kalshiBestQuotes,
  kalshiBestQuoteLog,
  kalshiPolledBooks,
  kalshiBookList,
  kalshiLegacyBooks,
  polymarketPolledBooks,
  polymarketSampledMarkets,
  polymarketBookDocument,
  kalshiRangeLadders,
  kalshiThresholdLadders,
  kalshiAnomalies,
  // The least specific shape comes last.
  kalshiBareFrames,
];

/** A document is looked at whole, so only a file that fits comfortably in memory can be one. */
const DOCUMENT_BYTES_MAX = 64 * 1024 * 1024;

/** Lines looked at before a file is taken for something else: a damaged first line must not hide a capture. */
const LINES_TO_TRY = 20;

export type FormatFinding =
  | { readonly kind: 'known'; readonly format: CaptureFormat }
  /** a readable file that holds no market data we know */
  | { readonly kind: 'unknown' }
  /** not even readable as what its name says */
  | { readonly kind: 'damaged'; readonly damage: FileDamage };

/** What a file is. Looks at its first lines one by one, then at the whole file as a document. */
export async function formatOf(path: string): Promise<FormatFinding> {
  const lines = await firstLines(path);
  for (const { text } of lines) {
    const record = parseJson(text);
    const format = captureFormats.find(({ unit, recognises }) => unit === 'line' && recognises(record, text));
    if (format !== undefined) return { kind: 'known', format };
  }
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > DOCUMENT_BYTES_MAX) return { kind: 'unknown' };
  const { text, damage } = await readDocument(path);
  if (damage !== undefined) return { kind: 'damaged', damage };
  if (text === '') return { kind: 'damaged', damage: { where: path, message: 'the file is empty' } };
  const record = parseJson(text);
  const format = captureFormats.find(({ unit, recognises }) => unit === 'document' && recognises(record, text));
  if (format !== undefined) return { kind: 'known', format };
  if (record !== undefined || /\.csv(\.gz)?$/.test(path)) return { kind: 'unknown' };
  const broken = lines.find((line) => parseJson(line.text) === undefined);
  if (broken === undefined) return { kind: 'unknown' };
  const message = 'expected JSON, one document or one record a line, found something else';
  return { kind: 'damaged', damage: { where: `${path}:${broken.number}`, message } };
}

async function firstLines(path: string): Promise<readonly CaptureLine[]> {
  const lines: CaptureLine[] = [];
  try {
    for await (const batch of readLines(path)) {
      lines.push(...batch);
      if (lines.length >= LINES_TO_TRY) break;
    }
  } catch (error) {
    // A damaged file is recognised by what can be read of it; the replay reports the damage with its place.
    if (!(error instanceof CaptureDamage)) throw error;
  }
  return lines.slice(0, LINES_TO_TRY);
}

/** The whole text of a file, as far as it can be read. */
export async function readDocument(
  path: string,
): Promise<{ readonly text: string; readonly damage: FileDamage | undefined }> {
  const texts: string[] = [];
  try {
    for await (const batch of readLines(path)) for (const line of batch) texts.push(line.text);
  } catch (error) {
    return { text: texts.join('\n'), damage: fileDamage(path, error) };
  }
  return { text: texts.join('\n'), damage: undefined };
}
