/**
 * Gaps between the two venues: how large, how long, how deep, and whether they are still there for whoever comes.
 *
 * What becomes of the orders of an arbitrageur is drawn together with the gap, once per gap, and not order by order:
 * with real money the gaps that were gone had been larger (6.25 c at the median) than those that filled (4.81 c).
 */
import type { Random } from '../../domain/ports/random.ts';
import { drawn, type Share } from './draw.ts';
import type { FlowVenueName } from './flow-venue.ts';

/** What the first order at a venue finds: all of it, a part, or that somebody was faster. */
export type Fate =
  | { readonly kind: 'there' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'partly'; readonly share: number };

export interface Gap {
  readonly cheap: FlowVenueName;
  /** What a pair of YES here and NO there costs less than a dollar, before fees. */
  readonly gapE4: number;
  readonly lifeMs: number;
  readonly depthE6: number;
  readonly fates: Readonly<Record<FlowVenueName, Fate>>;
}

export interface GapShape {
  /** Ten-thousandths of a dollar. */
  readonly sizeE4: readonly Share[];
  readonly lifeMs: readonly Share[];
  readonly contracts: readonly Share[];
}

/**
 * 0 to 4 c (median 0.78, 90th percentile 2.5 over 186 pairs), 1 to 30 s (median 3.6 s in NBA markets, 10.5 s in one
 * NFL game), 5 to 200 contracts.
 */
export const GENERATED_GAPS: GapShape = {
  sizeE4: [
    { share: 0.05, value: 5 },
    { share: 0.5, value: 78 },
    { share: 0.9, value: 250 },
    { share: 1, value: 400 },
  ],
  lifeMs: [
    { share: 0.05, value: 1_000 },
    { share: 0.5, value: 5_000 },
    { share: 0.9, value: 15_000 },
    { share: 1, value: 30_000 },
  ],
  contracts: [
    { share: 0.05, value: 5 },
    { share: 0.5, value: 40 },
    { share: 1, value: 200 },
  ],
};

/** First legs that found nothing: 1,165 of 1,939 attempts of a public bot in 54 hours of February 2026. */
const FIRST_LEG_GONE = 1_165 / 1_939;
/** The median edge in cents over all attempts lies between 6.25 (gone) and 4.81 (filled). */
const MEDIAN_CENTS = 5.7;
/** Odds of being gone per cent of edge: the medians' distance over the square of a spread of 3 c. */
const ODDS_PER_CENT = (6.25 - 4.81) / 3 ** 2;
/** Filled first legs that were partial, and whose second leg found too little: 72 and 228 of 774. */
const FIRST_LEG_PARTIAL = 72 / 774;
const SECOND_LEG_GONE = 228 / 774;

/** That the first leg still finds its gap. Falls with the gap. */
export function fillProbability(gapE4: number): number {
  const odds = Math.log(FIRST_LEG_GONE / (1 - FIRST_LEG_GONE)) + ODDS_PER_CENT * (gapE4 / 100 - MEDIAN_CENTS);
  return 1 / (1 + Math.exp(odds));
}

/** Four draws for the gap and three for its fate, always, so that one setting does not shift all that follows. */
export function drawGap(shape: GapShape, random: Random): Gap {
  const gapE4 = Math.round(drawn(shape.sizeE4, random));
  const lifeMs = Math.round(drawn(shape.lifeMs, random));
  const depthE6 = Math.round(drawn(shape.contracts, random)) * 1_000_000;
  const cheap = random.next() < 0.5 ? 'kalshi' : 'polymarket';
  const [first, second, share] = [random.next(), random.next(), random.next()];
  const filled = fillProbability(gapE4);
  const polymarket: Fate =
    first >= filled
      ? { kind: 'gone' }
      : first < filled * FIRST_LEG_PARTIAL
        ? { kind: 'partly', share: 0.1 + 0.8 * share }
        : { kind: 'there' };
  return {
    cheap,
    gapE4,
    lifeMs,
    depthE6,
    fates: { polymarket, kalshi: second < SECOND_LEG_GONE ? { kind: 'gone' } : { kind: 'there' } },
  };
}
