/**
 * Gap sizes and lifetimes as a tape of both venues holds them: two World Cup winner contracts, polled on one clock
 * about every 3.7 s for 25 minutes of 2026-07-06 (data/worldcup-mexico-england.jsonl.gz). A test computes these figures
 * from that file again. Lifetimes are from the first poll with a gap to the first without, so short ones look longer.
 *
 * Gross gaps of a contract that settles two weeks later: they calibrate the shape, and most pass no profile after fees.
 */
import type { Share } from './draw.ts';
import type { GapShape } from './gaps.ts';

/** Of all polls of both venues. */
export const TAPE_SHARE_WITH_GAP = 0.711;
export const TAPE_SHARE_BEYOND_2_CENTS = 0.142;

const SIZE_E4: readonly Share[] = [
  { share: 0.5, value: 100 },
  { share: 0.9, value: 220 },
  { share: 0.99, value: 250 },
  { share: 1, value: 260 },
];

/** Cut at 30 s: longer ones are a difference of the contracts' prices rather than an episode. */
const LIFE_MS: readonly Share[] = [
  { share: 0.1, value: 7_400 },
  { share: 0.5, value: 19_100 },
  { share: 0.6, value: 30_000 },
  { share: 1, value: 30_000 },
];

/** The smaller of both best sizes; the upper half is cut at 200, as the generated gaps are. */
const CONTRACTS: readonly Share[] = [
  { share: 0.1, value: 12 },
  { share: 0.5, value: 190 },
  { share: 1, value: 200 },
];

export const TAPE_GAPS: GapShape = { sizeE4: SIZE_E4, lifeMs: LIFE_MS, contracts: CONTRACTS };
