/** How each venue is kept in touch with: everything that a setting may change, with the figures of autumn 2026. */
import { RECONNECT } from '../domain/limits/reconnect.ts';
import type { WeeklyWindow } from '../domain/limits/weekly-window.ts';
import type { ConnectionTerms } from '../machines/connection.events.ts';
import type { VenueTerms } from '../machines/venue.machine.ts';

export interface VenueDeskSettings {
  readonly market: ConnectionTerms;
  readonly private: ConnectionTerms;
  readonly venue: VenueTerms;
  readonly privateLogin: 'whileOpening' | 'firstFrame';
  readonly booksPerConnectionMax: number;
  /** Without data for so long a stream is quiet; without any frame for so long it is dead. */
  readonly quietMs: number;
  readonly deadMs: number;
  /** How often the figures of streams and budgets are looked at. */
  readonly lookMs: number;
  /** At most so many books are compared at once. */
  readonly crossCheckBooksMax: number;
  /** Before a book that differs is read again. */
  readonly secondLookMs: number;
  /** Between two questions about one quiet book that somebody would trade on. */
  readonly proofPauseMs: number;
  /** The same about one whose market is closed. */
  readonly closedPauseMs: number;
  /** Between two notices of frames that are wrong in the same way. */
  readonly faultPauseMs: number;
  /** A fill is expected on the private stream within this time. */
  readonly fillGraceMs: number;
  readonly windows: readonly WeeklyWindow[];
  /** Signatures made ahead; `undefined` where none are. */
  readonly refreshMs: number | undefined;
  /** The beat of the dead-man’s switch, and when a missed one has cancelled everything. */
  readonly beatMs: number;
  readonly beatDeadlineMs: number;
}

const MARKET: ConnectionTerms = {
  connectMs: 10_000,
  loginMs: 10_000,
  subscriptionMs: 10_000,
  heartbeatMs: 5_000,
  stableMs: 30_000,
  probeMs: 30_000,
  suspicionMs: 10_000,
  recheckMs: 10_000,
  contradictionsMax: 2,
  reconnect: RECONNECT,
  feed: { snapshotMs: 5_000, resyncPauseMs: 100, failuresMax: 3, warmingPauseMs: 5_000 },
};

// Our own events are rare: silence is asked about once a minute.
const PRIVATE: ConnectionTerms = { ...MARKET, probeMs: 60_000, suspicionMs: 55_000 };

const VENUE: VenueTerms = {
  statusMsOpen: 15_000,
  statusMsElse: 5_000,
  failedReadsMax: 3,
  clockMs: 60_000,
  clockRetryMs: 1_000,
  skewMsWarn: 1_000,
  skewMsStop: 5_000,
  coolDownMs: 1_000,
};

const COMMON = {
  venue: VENUE,
  quietMs: 5_000,
  deadMs: 30_000,
  lookMs: 1_000,
  crossCheckBooksMax: 20,
  secondLookMs: 1_000,
  proofPauseMs: 1_000,
  closedPauseMs: 10_000,
  faultPauseMs: 10_000,
  fillGraceMs: 5_000,
  beatMs: 5_000,
  beatDeadlineMs: 10_000,
} as const;

const NEW_YORK = 'America/New_York';

/** The venue pings every 10 s; its weekly pause is Thursday 03:00 to 05:00 in New York, and five minutes before. */
export const KALSHI_DESK: VenueDeskSettings = {
  ...COMMON,
  market: MARKET,
  private: PRIVATE,
  privateLogin: 'whileOpening',
  booksPerConnectionMax: 1_000,
  windows: [
    {
      name: 'weekly pause',
      weekday: 'Thu',
      from: '03:00',
      minutes: 120,
      leadMinutes: 5,
      trailMinutes: 0,
      zone: NEW_YORK,
    },
  ],
  // Header sets live for a second; refreshed at least twice in that time one always lies ready.
  refreshMs: 400,
};

/**
 * Text `PING` every 10 s, at most 500 assets a connection, and a restart of about 90 s on Tuesday 07:00 in New York
 * after which two minutes take resting orders only: no new risk from two minutes before to four after.
 */
export const POLYMARKET_DESK: VenueDeskSettings = {
  ...COMMON,
  market: { ...MARKET, heartbeatMs: 10_000 },
  private: { ...PRIVATE, heartbeatMs: 10_000 },
  privateLogin: 'firstFrame',
  booksPerConnectionMax: 500,
  crossCheckBooksMax: 500,
  windows: [
    {
      name: 'weekly restart',
      weekday: 'Tue',
      from: '07:00',
      minutes: 0,
      leadMinutes: 2,
      trailMinutes: 4,
      zone: NEW_YORK,
    },
  ],
  refreshMs: undefined,
};
