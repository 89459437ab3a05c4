/**
 * `config/markets.json`: the pairs that a person vouches for and the pairs that a person forbids.
 * The same pair entries appear in the `<capture>.meta.json` beside a recording.
 */
import { z } from 'zod';
import { parsePrice } from '../../domain/decimal.ts';
import { PRICE_ONE } from '../../domain/units.ts';
import { readJsonFile } from './json-file.ts';

/** What one contract pays in one state, as decimal text: `1`, `0`, `0.5`, or `fair` for a price the venue will name. */
const payout = z
  .string()
  .regex(/^(fair|0(\.\d{1,4})?|1(\.0{1,4})?)$/, 'must be a payout within 0..1 with at most 4 decimals, or fair')
  .describe('payout of one YES contract: decimal text within 0..1, or "fair" when the venue will name a fair price');

const rulesHash = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits')
  .describe('SHA-256 of the resolution rules as they read when the pair was approved; a change suspends the pair');

const instant = z.iso.datetime({ offset: true });

const kalshiSide = z.strictObject({
  ticker: z.string().min(1).describe('market ticker, e.g. KXFEDDECISION-26DEC-H0'),
  rulesHash: rulesHash.optional(),
});

const polymarketSide = z.strictObject({
  yesTokenId: z
    .string()
    .regex(/^\d+$/)
    .describe('token or position id of the outcome that pays when the question is answered yes'),
  noTokenId: z
    .string()
    .regex(/^\d+$/)
    .optional()
    .describe('token of the opposite outcome; without it NO is bought through the mirrored YES book'),
  conditionId: z.string().optional().describe('condition of both tokens, for a person who looks the market up'),
  rulesHash: rulesHash.optional(),
});

const outcome = z.strictObject({
  state: z.string().min(1).describe('one way the world can turn out, e.g. "yes", "no", "void", "tie"'),
  kalshi: payout,
  polymarket: payout,
});

export const pairEntrySchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case words joined by hyphens')
    .describe('stable name of the pair in reports, e.g. fed-holds-in-december'),
  title: z.string().min(1).describe('the question, as a person reads it'),
  kalshi: kalshiSide,
  polymarket: polymarketSide,
  polarity: z
    .enum(['same', 'inverted'])
    .describe('same: both YES pay in the same states. inverted: YES here is NO there. The outcomes must agree with it'),
  outcomes: z
    .array(outcome)
    .min(2)
    .describe('every state the rules of either market allow, each exactly once, with what both YES contracts pay'),
  approvedBy: z.string().min(1).describe('who read both texts'),
  approvedAt: instant.describe('when they read them'),
  expiresAt: instant.describe('when the approval lapses; the pair is then not tradable'),
  note: z.string().optional().describe('what the next reader should know'),
});

const vetoEntrySchema = z.strictObject({
  kalshi: z.string().min(1).describe('market ticker, or a prefix that ends in *'),
  polymarket: z.string().min(1).describe('token id, condition id, or *'),
  reason: z.string().min(1).describe('a veto code such as THRESHOLD_MISMATCH, or a sentence'),
  by: z.string().min(1).describe('who forbade it'),
  at: instant.describe('when'),
});

export const marketsFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1),
    pairs: z.array(pairEntrySchema),
    vetoes: z.array(vetoEntrySchema),
  })
  .superRefine((file, context) => {
    for (const { path, message } of pairListProblems(file.pairs)) {
      context.addIssue({ code: 'custom', path: ['pairs', ...path], message });
    }
  });

export type PairEntry = z.infer<typeof pairEntrySchema>;
export type MarketsFile = z.infer<typeof marketsFileSchema>;

export interface PairProblem {
  /** Below the list of pairs. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What is wrong with a list of pairs beyond their shape, one sentence each. */
export function pairListProblems(pairs: readonly PairEntry[]): PairProblem[] {
  return pairs.flatMap((pair, at) => {
    const before = pairs.slice(0, at);
    const problems: PairProblem[] = pairProblems(pair).map((message) => ({ path: [at], message }));
    if (before.some((other) => other.id === pair.id)) {
      problems.push({ path: [at, 'id'], message: `${pair.id} is used twice` });
    }
    // A contract with two counterparts would be looked up under the first and traded under either.
    const sameTicker = before.find((other) => other.kalshi.ticker === pair.kalshi.ticker);
    if (sameTicker !== undefined) {
      const message = `${pair.kalshi.ticker} is already in pair ${sameTicker.id}`;
      problems.push({ path: [at, 'kalshi', 'ticker'], message });
    }
    return problems;
  });
}

function pairProblems(pair: PairEntry): string[] {
  const problems: string[] = [];
  const states = new Set(pair.outcomes.map((entry) => entry.state));
  if (states.size !== pair.outcomes.length) problems.push('each state must be listed once');
  const decided = pair.outcomes.filter((entry) => isDecided(entry.kalshi) && isDecided(entry.polymarket));
  for (const entry of decided) {
    const isSame = payoutE4(entry.kalshi) === payoutE4(entry.polymarket);
    if (isSame !== (pair.polarity === 'same')) {
      problems.push(
        `state ${entry.state} pays ${entry.kalshi} and ${entry.polymarket}, which contradicts polarity ${pair.polarity}`,
      );
    }
  }
  const paid = decided.map((entry) => payoutE4(entry.kalshi));
  if (!paid.includes(PRICE_ONE) || !paid.includes(0)) {
    problems.push('the outcomes must contain a state in which Kalshi YES pays 1 and one in which it pays 0');
  }
  if (Date.parse(pair.expiresAt) <= Date.parse(pair.approvedAt))
    problems.push('expiresAt must be later than approvedAt');
  if (pair.polymarket.noTokenId === pair.polymarket.yesTokenId)
    problems.push('noTokenId must be another token than yesTokenId');
  return problems;
}

/** Whether a contract simply wins or loses in this state. */
export function isDecided(payoutText: string): boolean {
  const payout = payoutE4(payoutText);
  return payout === 0 || payout === PRICE_ONE;
}

/** `undefined` for a fair price, and for text that its own rule has already refused. */
function payoutE4(text: string): number | undefined {
  return parsePrice(text);
}

/** Reads and validates the file. Throws one `FileProblem` that lists every problem with its place. */
export function readMarketsFile(path: string): MarketsFile {
  return readJsonFile(path, marketsFileSchema);
}
