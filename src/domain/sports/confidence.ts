/** Design S's confidence in a sportsbook signal, 0 to 100, and its tiers (docs/rules.md §13.4). */
import { invariant } from '../invariant.ts';
import {
  contracts,
  type MicroUsd,
  type Millis,
  microUsd,
  millis,
  type PriceE4,
  priceE4,
  type SizeE6,
} from '../units.ts';

export interface ConfidenceEvidence {
  readonly books: number;
  /** Per contract. */
  readonly bookSpread: MicroUsd;
  readonly volumeE6: SizeE6;
  /** Negative once the event has begun, which still counts as near. */
  readonly untilEventMs: Millis;
  readonly priceE4: PriceE4;
}

export type ConfidenceTier = 'HIGH' | 'MEDIUM' | 'LOW' | 'SKIP';

export interface Confidence {
  readonly score: number;
  readonly tier: ConfidenceTier;
}

/** Design S names no base; 20 is the only one that gives its sample score of 75. */
const CONFIDENCE_BASE_SEED = 20;

const TIGHT_SPREAD = microUsd(20_000);
const BUSY_VOLUME = contracts(5_000);
const NEAR = millis(24 * 60 * 60 * 1_000);
const [CHEAP, DEAR] = [priceE4(1_000), priceE4(9_000)];

/** The sum of what speaks for and against, clamped to 0..100. Bounds are strict, as S writes them. */
export function confidence(evidence: ConfidenceEvidence, base: number = CONFIDENCE_BASE_SEED): Confidence {
  invariant(Number.isFinite(base), () => `the base of a confidence must be finite, found ${base}`);
  let score = base;
  if (evidence.books >= 4) score += 20;
  if (evidence.bookSpread < TIGHT_SPREAD) score += 15;
  if (evidence.volumeE6 > BUSY_VOLUME) score += 10;
  if (evidence.untilEventMs < NEAR) score += 10;
  if (evidence.priceE4 < CHEAP || evidence.priceE4 > DEAR) score -= 10;
  if (evidence.books <= 2) score -= 15;
  const clamped = Math.min(100, Math.max(0, score));
  return { score: clamped, tier: tierOf(clamped) };
}

function tierOf(score: number): ConfidenceTier {
  if (score >= 70) return 'HIGH';
  if (score >= 50) return 'MEDIUM';
  return score >= 30 ? 'LOW' : 'SKIP';
}
