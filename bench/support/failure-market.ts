/**
 * The books of the failure bench: what they show when a gap opens, and what is left of them when one leg failed.
 *
 * Everything is drawn from what was recorded, and nothing is chosen by what comes out:
 *
 * - The edge that is advertised after fees, by how the attempt ended, is the median that the recorded bot saw.
 * - A price holds 5 to 200 contracts; the thinner ones stand at Polymarket, whose order leaves first as the bot's did.
 * - Spreads and the way a price goes within a second are those of Kalshi's 15-minute bitcoin markets, which the bot
 *   traded: 5,331 checkpoints a second apart between 10 and 90 cents, 2026-05-11 to 05-14. Polymarket's spreads are the
 *   quartiles of its recorded books. Levels lie a cent apart, as 95 % of the recorded ones do.
 * - Polymarket leads: Kalshi comes to its price when a gap closes. A leg that was killed for want of volume is taken as
 *   the proof that the gap has closed (the better the edge, the likelier it is gone); a gap whose leg failed for any other
 *   reason lives on for the recorded 1 to 30 seconds. Both venues then move together.
 */

import type { Random } from '../../src/domain/ports/random.ts';
import type { Quotes } from '../../test/support/attempt-world.ts';
import type { BookSides } from '../../test/support/two-venues.ts';
import { level } from '../../test/support/two-venues.ts';

/** Medians, in cents a contract. */
export const EDGE_CENTS = { notFilled: 6.25, bothFilled: 4.81, oneLegged: 5.15 } as const;
/** What the takers of both legs pay at about half a dollar, in cents a contract. */
const FEES_CENTS = 3;
/** Our profile takes no gap above eight cents without a person, however good the one was that the bot took. */
const GROSS_CENTS_MAX = 8;
const DEPTH = { least: 5, most: 200 };
const GAP_LIFE_MS = { least: 1_000, most: 30_000 };
/** How far the best prices of a venue lie apart, in cents: each up to this share of the draws. */
const SPREAD_CENTS = {
  kalshi: [
    [0.75, 1],
    [0.95, 2],
    [0.99, 3],
    [1, 8],
  ],
  polymarket: [
    [0.75, 1],
    [1, 2],
  ],
} as const satisfies Record<string, Steps>;
/** How far the middle went within a second, either way, in whole cents. */
const MOVE_CENTS: Steps = [
  [0.526, 0],
  [0.841, 1],
  [0.927, 2],
  [0.957, 3],
  [0.976, 4],
  [0.983, 5],
  [0.987, 6],
  [0.993, 8],
  [0.998, 10],
  [0.999, 20],
  [1, 39],
];
/** Prices start about half a dollar, where fees are what they are taken for, and stay where orders are possible. */
const START_CENTS = { least: 45, most: 55 };
const WITHIN_CENTS = { least: 10, most: 90 };
const LEVELS = 3;

type Steps = readonly (readonly [share: number, cents: number])[];

export class FailureMarket {
  readonly #random: Random;
  /** What Polymarket bids for YES. */
  #bidCents = 50;
  #grossCents = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** YES is cheaper at Kalshi than Polymarket pays for it, by the edge and the fees of both, and by one price each. */
  gap(edgeCents: number): Quotes {
    this.#bidCents = this.#between(START_CENTS.least, START_CENTS.most);
    const gross = Math.min(GROSS_CENTS_MAX, edgeCents + FEES_CENTS);
    this.#grossCents = Math.floor(gross) + (this.#random.next() < gross % 1 ? 1 : 0);
    const [one, other] = [this.#depth(), this.#depth()];
    const { kalshi, polymarket } = this.closed();
    const bids = [level(this.#bidCents, Math.min(one, other)), ...this.#levels(this.#bidCents - this.#grossCents, -1)];
    const asks = [level(this.#kalshiAsk, Math.max(one, other)), ...kalshi.asks];
    return {
      kalshi: { bids: this.#levels(this.#kalshiAsk - this.#spread('kalshi'), -1), asks },
      polymarket: { bids, asks: polymarket.asks },
    };
  }

  /** Both venues hold the same price, which is Polymarket's. */
  closed(): Quotes {
    return { kalshi: this.#around('kalshi'), polymarket: this.#around('polymarket') };
  }

  /** Before the order at Polymarket arrived, its price has gone to Kalshi's. */
  lostToKalshi(): BookSides {
    this.#bidCents = this.#kalshiAsk - 1;
    return this.closed().polymarket;
  }

  /** What Polymarket shows when only a part of `contracts` is left. */
  cutTo(contracts: number): BookSides {
    const part = Math.max(1, Math.floor(contracts * this.#random.next()));
    const { asks } = this.closed().polymarket;
    return { bids: [level(this.#bidCents, part), ...this.#levels(this.#bidCents - this.#grossCents, -1)], asks };
  }

  /** A second goes by. */
  move(): void {
    const cents = stepOf(MOVE_CENTS, this.#random.next()) * (this.#random.next() < 0.5 ? -1 : 1);
    this.#bidCents = Math.min(WITHIN_CENTS.most, Math.max(WITHIN_CENTS.least, this.#bidCents + cents));
  }

  gapLifeMs(): number {
    return logBetween(GAP_LIFE_MS, this.#random.next());
  }

  get #kalshiAsk(): number {
    return this.#bidCents - this.#grossCents;
  }

  #around(venue: keyof typeof SPREAD_CENTS): BookSides {
    return {
      bids: this.#levels(this.#bidCents, -1),
      asks: this.#levels(this.#bidCents + this.#spread(venue), 1),
    };
  }

  #levels(fromCents: number, stepCents: 1 | -1): BookSides['bids'] {
    return Array.from({ length: LEVELS }, (_, at) => level(fromCents + at * stepCents, this.#depth()));
  }

  #spread(venue: keyof typeof SPREAD_CENTS): number {
    return stepOf(SPREAD_CENTS[venue], this.#random.next());
  }

  #depth(): number {
    return Math.round(logBetween(DEPTH, this.#random.next()));
  }

  #between(least: number, most: number): number {
    return least + this.#random.below(most - least + 1);
  }
}

/** The least step that the share does not pass. */
function stepOf(steps: Steps, share: number): number {
  return steps.find(([upTo]) => share < upTo)?.[1] ?? 0;
}

/** As many between 5 and 10 as between 100 and 200. */
function logBetween({ least, most }: { readonly least: number; readonly most: number }, share: number): number {
  return least * (most / least) ** share;
}
