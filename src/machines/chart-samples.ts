/** Something that each chart can be started with, so that its documents show numbers and its checks start it. */
import type { AttemptPlan } from '../domain/execution/attempt-plan.ts';
import type { LegOrder } from '../domain/execution/leg.ts';
import type { BookId } from '../domain/instrument.ts';
import { RECONNECT } from '../domain/limits/reconnect.ts';
import { breakerPolicy } from '../domain/risk/breaker-policy.ts';
import { microUsd, millis, priceE4, sizeE6 } from '../domain/units.ts';
import type { FeedTerms } from './book-feed.machine.ts';
import type { ConnectionInput } from './connection.events.ts';
import type { ExitInput } from './exit.events.ts';
import type { PositionInput } from './position.events.ts';
import type { QuoteInput } from './quote.events.ts';
import type { VenueInput } from './venue.machine.ts';

const KALSHI = { book: 'kalshi:KXFED-26SEP-T4.25' as BookId, inverted: false };
const POLYMARKET = { book: 'polymarket:7001' as BookId, inverted: true };

export const SAMPLE_FEED: FeedTerms = {
  snapshotMs: 5_000,
  resyncPauseMs: 250,
  failuresMax: 3,
  warmingPauseMs: 2_000,
};

export const SAMPLE_BREAKER = breakerPolicy('conservative-100');

export const SAMPLE_CONNECTION: ConnectionInput = {
  venue: 'kalshi',
  carries: 'market',
  login: 'whileOpening',
  terms: {
    connectMs: 10_000,
    loginMs: 5_000,
    subscriptionMs: 10_000,
    heartbeatMs: 10_000,
    stableMs: 60_000,
    probeMs: 30_000,
    suspicionMs: 5_000,
    recheckMs: 2_000,
    contradictionsMax: 3,
    reconnect: RECONNECT,
    feed: SAMPLE_FEED,
  },
};

export const SAMPLE_VENUE: VenueInput = {
  venue: 'kalshi',
  budgets: ['read', 'write'],
  terms: {
    statusMsOpen: 60_000,
    statusMsElse: 10_000,
    failedReadsMax: 3,
    clockMs: 60_000,
    clockRetryMs: 5_000,
    skewMsWarn: 250,
    skewMsStop: 1_000,
    coolDownMs: 1_000,
  },
};

export const SAMPLE_ORDER: LegOrder = {
  attemptId: 'a1',
  legId: '1-kalshi',
  venue: 'kalshi',
  role: 'entry',
  basketLeg: 0,
  clientOrderId: '00000000-0000-4000-8000-000000000001',
  instrument: KALSHI,
  action: 'buy',
  limitE4: priceE4(4_500),
  sizeE6: sizeE6(10_000_000),
  timeInForce: 'fillOrKill',
  expiresAt: undefined,
  postOnly: false,
  reduceOnly: false,
  isReducing: false,
};

export const SAMPLE_ATTEMPT: AttemptPlan = {
  attemptId: 'a1',
  opportunityId: 'o1',
  watchId: 'fed-sep',
  label: 'Fed cuts in September',
  policy: 'together',
  legs: [
    SAMPLE_ORDER,
    {
      ...SAMPLE_ORDER,
      legId: '2-polymarket',
      venue: 'polymarket',
      basketLeg: 1,
      clientOrderId: '00000000-0000-4000-8000-000000000002',
      instrument: POLYMARKET,
    },
  ],
  sizeE6: sizeE6(10_000_000),
  promisedE4: 10_000,
  capitalMicroUsd: microUsd(9_200_000),
  profitMicroUsd: microUsd(800_000),
  books: [],
  repair: {
    hedgeDeadlineMs: millis(2_000),
    restMsMax: millis(30_000),
    repairMsMax: millis(10_000),
    repairLossMicroUsdMax: microUsd(500_000),
    repairOrdersMax: 4,
    stuckRetryMs: millis(5_000),
    dustMicroUsdMax: microUsd(10_000),
  },
};

export const SAMPLE_EXIT: ExitInput = {
  plan: {
    positionId: 'p1',
    leg: 0,
    venue: 'kalshi',
    instrument: KALSHI,
    orders: undefined,
    style: 'taking',
    slippageE4Max: 200,
    ordersMax: 5,
    retryMs: millis(1_000),
  },
  sizeE6: 10_000_000,
};

export const SAMPLE_POSITION: PositionInput = {
  positionId: 'p1',
  watchId: 'fed-sep',
  label: 'Fed cuts in September',
  legs: [
    {
      leg: 0,
      venue: 'kalshi',
      venueKey: 'KXFED-26SEP-T4.25',
      instrument: KALSHI,
      outcome: 'yes',
      eventYes: 'yes',
      sizeE6: sizeE6(10_000_000),
      costMicroUsd: microUsd(4_500_000),
    },
  ],
  promisedE4: 10_000,
  patience: { checkMsMin: 60_000, checkMsMax: 3_600_000, paymentMsMax: 86_400_000, revisionMs: 172_800_000 },
  exits: [],
};

export const SAMPLE_QUOTE: QuoteInput = {
  plan: {
    quoteId: 'q1',
    attemptId: 'a1',
    basketLeg: 0,
    venue: 'kalshi',
    instrument: KALSHI,
    sizeE6: sizeE6(10_000_000),
    minSizeE6: sizeE6(1_000_000),
    worstE4: priceE4(4_600),
    restMsMax: millis(300_000),
    pauseMs: millis(2_000),
    ordersMax: 20,
  },
};
