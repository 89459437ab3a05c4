/** Books that a recorder wrote down by itself while it recorded: an independent opinion of the same moment. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { Book } from '../../domain/book/book.ts';
import type { Level } from '../../domain/ports/market-data.ts';
import { CONTRACT } from '../../domain/units.ts';
import { type FileDamage, fileDamage, readLines } from './read-lines.ts';
import { instantMs, parseJson } from './records.ts';

const checkpointSchema = z.object({
  checkpoint_ts: z.string(),
  market_ticker: z.string(),
  sequence_number: z.number(),
  yes_bid_prices: z.array(z.number()),
  yes_bid_sizes: z.array(z.number()),
  no_bid_prices: z.array(z.number()),
  no_bid_sizes: z.array(z.number()),
});

export interface Checkpoint {
  readonly ticker: string;
  readonly seq: number;
  readonly atMs: number;
  readonly yes: readonly CentLevel[];
  readonly no: readonly CentLevel[];
}

/** What the recorder shows: whole cents, finer levels merged into them. */
interface CentLevel {
  readonly cents: number;
  readonly size: number;
}

export type CheckpointVerdict = 'equal' | 'unequal' | 'notComparable';

/** How many levels a side the recorder wrote at most. */
const DEPTH = 5;

/** The file of checkpoints beside a capture, if there is one, whichever of the two is packed. */
export function checkpointPath(capturePath: string): string | undefined {
  const match = /^(.*)(\.ndjson|\.jsonl)(\.gz)?$/.exec(capturePath);
  if (match === null) return undefined;
  const plain = `${match[1]}.checkpoints${match[2]}`;
  return [plain, `${plain}.gz`].find((path) => existsSync(path));
}

/** All checkpoints of a file, and a fault for every line that is not one. */
export async function readCheckpoints(
  path: string,
): Promise<{ readonly checkpoints: readonly Checkpoint[]; readonly faults: readonly FileDamage[] }> {
  const checkpoints: Checkpoint[] = [];
  const faults: FileDamage[] = [];
  try {
    for await (const batch of readLines(path)) {
      for (const line of batch) {
        const checkpoint = toCheckpoint(line.text);
        if (checkpoint !== undefined) checkpoints.push(checkpoint);
        else
          faults.push({ where: `${path}:${line.number}`, message: "expected a recorder's book, found another record" });
      }
    }
  } catch (error) {
    faults.push(fileDamage(path, error));
  }
  return { checkpoints, faults };
}

function toCheckpoint(text: string): Checkpoint | undefined {
  const parsed = checkpointSchema.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const row = parsed.data;
  const atMs = instantMs(row.checkpoint_ts);
  const yes = zip(row.yes_bid_prices, row.yes_bid_sizes);
  const no = zip(row.no_bid_prices, row.no_bid_sizes);
  if (atMs === undefined || yes === undefined || no === undefined) return undefined;
  return { ticker: row.market_ticker, seq: row.sequence_number, atMs, yes, no };
}

function zip(prices: readonly number[], sizes: readonly number[]): CentLevel[] | undefined {
  if (prices.length !== sizes.length) return undefined;
  return prices.map((cents, at) => ({ cents, size: sizes[at] ?? 0 }));
}

/**
 * Holds our book against the recorder's. It can be compared when no level finer than a cent lies
 * within one cent of the range shown, because the recorder merged those into whole cents.
 */
export function judge(checkpoint: Checkpoint, book: Book): CheckpointVerdict {
  const yes = judgeSide(checkpoint.yes, book.bids(false));
  const no = judgeSide(checkpoint.no, book.bids(true));
  if (yes === 'notComparable' || no === 'notComparable') return 'notComparable';
  return yes === 'equal' && no === 'equal' ? 'equal' : 'unequal';
}

function judgeSide(shown: readonly CentLevel[], ours: readonly Level[]): CheckpointVerdict {
  const reachesTheEnd = shown.length < DEPTH;
  const cents = shown.map((level) => level.cents);
  const lowest = reachesTheEnd ? 0 : Math.min(...cents) - 1;
  const highest = Math.max(...cents, reachesTheEnd ? 100 : 0) + 1;
  const isMerged = ours.some(
    ({ priceE4 }) => priceE4 % 100 !== 0 && priceE4 >= lowest * 100 && priceE4 <= highest * 100,
  );
  if (isMerged) return 'notComparable';
  const best = ours.slice(0, DEPTH);
  const isEqual =
    best.length === shown.length &&
    best.every((level, at) => {
      const other = shown[at];
      return other !== undefined && level.priceE4 === other.cents * 100 && sameSize(level.sizeE6, other.size);
    });
  return isEqual ? 'equal' : 'unequal';
}

/** The recorder kept sizes as binary floats of at most two decimals. */
function sameSize(sizeE6: number, shown: number): boolean {
  return sizeE6 === Math.round(shown * 100) * (CONTRACT / 100);
}
