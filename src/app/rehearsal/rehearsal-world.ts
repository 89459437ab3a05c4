/** What a rehearsal trades: a pair that no venue lists, under keys that open no account. */
import type { WatchedPair } from '../../domain/edge/pair-watches.ts';
import type { FeeSchedule } from '../../domain/fees/fee-schedule.ts';
import { type BookId, uniformGrid } from '../../domain/instrument.ts';
import type { Random } from '../../domain/ports/random.ts';
import type { Listing } from '../../domain/ports/venue.ts';
import { Secret } from '../../domain/secret.ts';
import { contracts, micros, millis, priceE4, RATE_ONE, rateE6 } from '../../domain/units.ts';
import { kalshiDefaults } from '../../venues/kalshi/presets.ts';
import type { KalshiSigner } from '../../venues/kalshi/sign.ts';
import { MarketTermsBook } from '../../venues/polymarket/market-terms.ts';

const TICKER = 'KXREHEARSAL-27JAN01-A';
const CONDITION = `0x${'5e'.repeat(32)}`;
/** As long as real ones are. */
const TOKENS = { yes: `5${'1'.repeat(76)}`, no: `5${'2'.repeat(76)}` } as const;
const CENT_E4 = 100;
const KEY_BYTES = 32;
const SIGNATURE = `${'A'.repeat(342)}==`;

const SOURCE = { source: 'rehearsal', readAtMs: 0, assumed: true } as const;
const KALSHI_FEES: FeeSchedule = {
  venue: 'kalshi',
  feeType: 'quadratic',
  multiplierE6: rateE6(RATE_ONE),
  makerMultiplierE6: rateE6(RATE_ONE),
  ...kalshiDefaults.accountTerms,
  ...SOURCE,
};
const POLYMARKET_FEES: FeeSchedule = {
  venue: 'polymarket',
  rateE6: rateE6(50_000),
  exponent: 1,
  takerOnly: true,
  rebateRateE6: undefined,
  builderRateE6: rateE6(0),
  collected: 'cash',
  ...SOURCE,
};

export function rehearsalPair(): WatchedPair {
  const there = (token: string): BookId => `polymarket/${token}`;
  const book: BookId = `kalshi/${TICKER}`;
  return {
    id: 'rehearsal',
    title: 'Rehearsal',
    kalshi: listing({
      venue: 'kalshi',
      venueKey: TICKER,
      yes: { book, inverted: false },
      no: { book, inverted: true },
      fees: KALSHI_FEES,
    }),
    polymarket: listing({
      venue: 'polymarket',
      venueKey: CONDITION,
      yes: { book: there(TOKENS.yes), inverted: false },
      no: { book: there(TOKENS.no), inverted: false },
      fees: POLYMARKET_FEES,
    }),
    isInverted: false,
    special: [],
  };
}

export function rehearsalTerms(): MarketTermsBook {
  const terms = new MarketTermsBook();
  for (const tokenId of Object.values(TOKENS))
    terms.set({
      tokenId,
      conditionId: CONDITION,
      tickE4: priceE4(CENT_E4),
      minSizeE6: contracts(5),
      exchange: 'exchange',
    });
  return terms;
}

/** Live headers lie ready when an order leaves, so a rehearsal's cost nothing either. As long as one of RSA-2048. */
export const readySigner: KalshiSigner = {
  sign: () => SIGNATURE,
  signLater: () => Promise.resolve(SIGNATURE),
};

export function throwawayWallet(random: Random): Secret {
  return new Secret(`0x${Buffer.from(random.bytes(KEY_BYTES)).toString('hex')}`);
}

function listing(given: Pick<Listing, 'venue' | 'venueKey' | 'yes' | 'no' | 'fees'>): Listing {
  return {
    ...given,
    eventKey: undefined,
    seriesKey: undefined,
    title: 'Rehearsal',
    outcomeNames: ['Yes', 'No'],
    standing: 'open',
    grid: uniformGrid(CENT_E4),
    minSizeE6: contracts(1),
    feeProblem: undefined,
    rulesText: '',
    rulesHash: '',
    closesAt: undefined,
    expectedResolutionAt: undefined,
    isExclusive: false,
    strike: undefined,
    yesPayoutE4: undefined,
    canCloseEarly: false,
    compartment: undefined,
    takerDelayMs: millis(0),
    readAt: micros(0),
  };
}
