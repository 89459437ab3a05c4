/**
 * How alike two texts look. These numbers propose and order; they never decide that two contracts
 * or teams are the same (docs/rules.md §14: "CPI above 3.0%" and "above 3.1%" are 95 % alike).
 *
 * Ratios are those of RapidFuzz, 0 to 100, over texts normalised by `normaliseText`.
 */

const COMBINING_MARK = /\p{M}/gu;
const NOT_KEPT = /[^a-z0-9%$. ]/g;
const LONE_DOT = /(?<!\d)\.|\.(?!\d)/g;
const SPACES = / +/g;

/**
 * NFKD without combining marks, in lower case; every character other than a letter, a digit, `%`, `$`,
 * a dot or a space becomes a space; dots that are not between digits vanish; one space between words.
 */
export function normaliseText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(COMBINING_MARK, '')
    .toLowerCase()
    .replace(NOT_KEPT, ' ')
    .replace(LONE_DOT, '')
    .replace(SPACES, ' ')
    .trim();
}

/** The least number of characters to insert, delete or replace to turn one text into the other. */
export function levenshteinDistance(a: string, b: string): number {
  const [from, to] = [Array.from(a), Array.from(b)];
  let previous = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [row, left] of from.entries()) {
    const current = [row + 1];
    for (const [column, right] of to.entries()) {
      const replaced = cell(previous, column) + (left === right ? 0 : 1);
      current.push(Math.min(replaced, cell(previous, column + 1) + 1, cell(current, column) + 1));
    }
    previous = current;
  }
  return cell(previous, to.length);
}

/** `1 − distance ÷ length of the longer text`; two empty texts are alike. */
export function levenshteinSimilarity(a: string, b: string): number {
  const longer = Math.max(lengthOf(a), lengthOf(b));
  return longer === 0 ? 1 : 1 - levenshteinDistance(a, b) / longer;
}

/** Like the Levenshtein distance, but without replacing: both lengths less twice the longest common subsequence. */
export function indelDistance(a: string, b: string): number {
  return lengthOf(a) + lengthOf(b) - 2 * commonSubsequence(Array.from(a), Array.from(b));
}

/** `100 × (1 − indel distance ÷ both lengths)`; two empty texts are alike. */
export function indelRatio(a: string, b: string): number {
  return percentAlike(indelDistance(a, b), lengthOf(a) + lengthOf(b));
}

/** The indel ratio of both texts with their words in alphabetical order. */
export function tokenSortRatio(a: string, b: string): number {
  return indelRatio(joined(tokensOf(a)), joined(tokensOf(b)));
}

/**
 * Compares the words that both texts share with what each has besides, and takes the best of three
 * ratios. 100 when one text's words contain the other's; 0 when either text has no words.
 */
export function tokenSetRatio(a: string, b: string): number {
  const [tokensA, tokensB] = [new Set(tokensOf(a)), new Set(tokensOf(b))];
  if (tokensA.size === 0 || tokensB.size === 0) return 0;
  const shared = [...tokensA].filter((token) => tokensB.has(token));
  const onlyA = [...tokensA].filter((token) => !tokensB.has(token));
  const onlyB = [...tokensB].filter((token) => !tokensA.has(token));
  if (shared.length > 0 && (onlyA.length === 0 || onlyB.length === 0)) return 100;
  const sharedLength = lengthOf(joined(shared));
  const gap = sharedLength > 0 ? 1 : 0;
  const extraA = gap + lengthOf(joined(onlyA));
  const extraB = gap + lengthOf(joined(onlyB));
  const differing = percentAlike(indelDistance(joined(onlyA), joined(onlyB)), 2 * sharedLength + extraA + extraB);
  if (sharedLength === 0) return differing;
  // Shared words against shared words plus the rest: the distance is the length of the rest.
  return Math.max(
    differing,
    percentAlike(extraA, 2 * sharedLength + extraA),
    percentAlike(extraB, 2 * sharedLength + extraB),
  );
}

function percentAlike(distance: number, lengths: number): number {
  return lengths === 0 ? 100 : 100 * (1 - distance / lengths);
}

function commonSubsequence(a: readonly string[], b: readonly string[]): number {
  let previous = new Array<number>(b.length + 1).fill(0);
  for (const left of a) {
    const current = [0];
    for (const [column, right] of b.entries()) {
      const extended = cell(previous, column) + 1;
      current.push(left === right ? extended : Math.max(cell(previous, column + 1), cell(current, column)));
    }
    previous = current;
  }
  return cell(previous, b.length);
}

/** Cells are read only after they were written, so the fallback never counts. */
function cell(row: readonly number[], column: number): number {
  return row[column] ?? 0;
}

function tokensOf(text: string): string[] {
  return text.split(/\s+/).filter((token) => token !== '');
}

function joined(tokens: readonly string[]): string {
  return [...tokens].sort().join(' ');
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
