/** The detection policy of profile `conservative-100`, as replay and demo use it. */
import type { DetectionPolicy } from '../../domain/edge/decide.ts';
import type { WalkAccount } from '../../domain/edge/depth-walk.ts';
import { CONSERVATIVE_THRESHOLDS } from '../../domain/edge/evaluate.ts';
import { RACE_SEED } from '../../domain/race.ts';
import { contracts, microUsd, millis, USD } from '../../domain/units.ts';

/** $100 in all (design C, docs/rules.md §8), half of it at each venue. */
const KALSHI: WalkAccount = { id: 'kalshi', balanceMicroUsd: microUsd(50_000_000) };
const POLYMARKET: WalkAccount = { id: 'polymarket', balanceMicroUsd: microUsd(50_000_000) };

export const CONSERVATIVE_100: DetectionPolicy = {
  staleAfterMs: { kalshi: millis(2_000), polymarket: millis(2_000) },
  venueLagMsMax: millis(3_000),
  detectionIntervalMs: millis(0),
  depth: 50,
  race: RACE_SEED,
  thresholds: CONSERVATIVE_THRESHOLDS,
  limits: { maxSizeE6: contracts(50), maxCapitalMicroUsd: microUsd(100_000_000), reservesAtLimit: true },
  orderRules: {
    kalshi: { minSizeE6: contracts(1), minNotionalMicroUsd: microUsd(0), isWholeCent: false },
    // A taking order of less than a dollar, or of a fraction of a cent, is refused (Polymarket, 2026).
    polymarket: { minSizeE6: contracts(1), minNotionalMicroUsd: USD, isWholeCent: true },
  },
  accountOf: (venue) => (venue === 'kalshi' ? KALSHI : POLYMARKET),
};
