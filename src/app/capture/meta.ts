/** `<capture>.meta.json`: what a recording does not say about itself, and where we know it from. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { parseDecimal } from '../../domain/decimal.ts';
import type { BookId, TickGrid } from '../../domain/instrument.ts';
import { tickGridOf } from '../../venues/kalshi/tick-grid.ts';
import { readJsonFile } from '../config/json-file.ts';
import { pairEntrySchema, pairListProblems } from '../config/markets-file.ts';

const decimal = (decimals: number) =>
  z
    .string()
    .refine(
      (text) => (parseDecimal(text, decimals) ?? -1) >= 0,
      `must be decimal text, 0 or more, with at most ${decimals} decimals`,
    );

const provenance = {
  source: z.string().min(1).describe('where the parameters come from'),
  readAt: z.iso.datetime({ offset: true }),
  assumed: z.boolean().describe('true when nobody read them for these markets at that time'),
};

/** Books that an entry is about: an exact key, or a prefix that ends in `*`. */
const match = z.string().min(1);

/** No venue ever charged ten times its own schedule: a larger number is a slip of the keyboard. */
const MULTIPLIER_MAX = 10;

const kalshiFees = z.strictObject({
  venue: z.literal('kalshi'),
  match,
  feeType: z.enum(['quadratic', 'quadratic_with_maker_fees', 'quadratic_with_combo_maker_fees']),
  multiplier: decimal(6).refine((text) => Number(text) <= MULTIPLIER_MAX, `must be at most ${MULTIPLIER_MAX}`),
  ...provenance,
});

const polymarketFees = z.strictObject({
  venue: z.literal('polymarket'),
  match,
  rate: decimal(6).refine((text) => Number(text) <= 1, 'must be at most 1'),
  exponent: z.int().min(1).max(4),
  takerOnly: z.boolean(),
  ...provenance,
});

const grid = z.strictObject({
  match: z.string().min(1).describe('book id such as kalshi/KXBTC15M-*, or a prefix that ends in *'),
  bands: z
    .array(z.strictObject({ start: z.string(), end: z.string(), step: z.string() }))
    .superRefine((bands, context) => {
      const reading = tickGridOf(bands);
      if (reading.kind === 'malformed') context.addIssue({ code: 'custom', message: reading.message });
    }),
});

const eventFacts = z.strictObject({
  match: z.string().min(1).describe('Kalshi event ticker, or a prefix that ends in *'),
  exclusive: z.boolean().describe('at most one market of the event pays'),
  exhaustive: z.boolean().describe('at least one market of the event pays, whatever happens'),
  source: z.string().min(1),
});

const metaSchema = z
  .strictObject({
    version: z.literal(1),
    title: z.string().min(1).optional(),
    pairs: z.array(pairEntrySchema).default([]),
    fees: z.array(z.discriminatedUnion('venue', [kalshiFees, polymarketFees])).default([]),
    grids: z.array(grid).default([]),
    events: z.array(eventFacts).default([]),
  })
  .superRefine((file, context) => {
    for (const { path, message } of pairListProblems(file.pairs)) {
      context.addIssue({ code: 'custom', path: ['pairs', ...path], message });
    }
  });

export type CaptureMeta = z.infer<typeof metaSchema>;
export type FeeFacts = CaptureMeta['fees'][number];

export const NO_META: CaptureMeta = { version: 1, pairs: [], fees: [], grids: [], events: [] };

/**
 * The facts beside a capture, or none. They stay valid when the capture is packed or unpacked. Throws a
 * `FileProblem` when the file is there and not valid.
 */
export function readMeta(capturePath: string): CaptureMeta {
  const otherPath = capturePath.endsWith('.gz') ? capturePath.slice(0, -'.gz'.length) : `${capturePath}.gz`;
  const path = [capturePath, otherPath].map((capture) => `${capture}.meta.json`).find((file) => existsSync(file));
  return path === undefined ? NO_META : readJsonFile(path, metaSchema);
}

/** The price grid that the facts beside a capture give a book, if they do. */
export function gridOf(meta: CaptureMeta, book: BookId): TickGrid | undefined {
  const entry = firstMatch(meta.grids, book);
  const reading = entry === undefined ? undefined : tickGridOf(entry.bands);
  return reading?.kind === 'grid' ? reading.grid : undefined;
}

/** The first entry whose `match` fits the key: exact, or as a prefix that ends in `*`. */
export function firstMatch<T extends { readonly match: string }>(entries: readonly T[], key: string): T | undefined {
  return entries.find(({ match: pattern }) =>
    pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern,
  );
}
