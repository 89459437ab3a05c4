/** What a venue desk is given: the venue and everything that is chosen for it elsewhere. */
import type { Observable } from 'rxjs';
import type { Book } from '../domain/book/book.ts';
import type { BookId, VenueName } from '../domain/instrument.ts';
import type { ReportTrigger } from '../domain/limits/trigger.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { BookSnapshot, MarketDataEvent } from '../domain/ports/market-data.ts';
import type { Random } from '../domain/ports/random.ts';
import type { Reading, Venue, VenueStatus } from '../domain/ports/venue.ts';
import type { RateState } from '../domain/rate-limit.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { VenueDeskSettings } from './venue-desk-settings.ts';
import type { BeatOutcome } from './venue-upkeep.ts';

/** Worth a line and perhaps an alert, and not the breaker’s business. */
export interface VenueNotice {
  readonly venue: VenueName;
  readonly what: 'clockDrift' | 'budgetPressure' | 'upkeepFailed' | 'frameFault';
  readonly detail: string;
}

export interface VenueDeskParts {
  readonly runtime: ActorRuntime;
  readonly venue: Venue;
  readonly clock: Clock;
  /** Draws the jitter of reconnecting. */
  readonly random: Random;
  readonly settings: VenueDeskSettings;
  /** The books as market data made them: what the venue’s own are compared with. */
  readonly bookOf: (id: BookId) => Book | undefined;
  readonly report: ReportTrigger;
  readonly onNotice: (notice: VenueNotice) => void;
  /** After every (re)connection of the private stream and every gap in it. */
  readonly onReconciliationNeeded: (venue: VenueName, reason: string) => void;
  /** Each market connection’s own events, from before its first one: runs of equal times are told apart by connection. */
  readonly onMarketConnection?: (id: string, marketData$: Observable<MarketDataEvent>) => void;
  /** Many books in one request, where the venue has one. */
  readonly readBooks?: (books: readonly BookId[]) => Promise<Reading<readonly BookSnapshot[]>>;
  /** The adapter’s budgets by name. */
  readonly rateStates?: () => Readonly<Record<string, RateState>>;
  /** What replies to orders have shown of the venue, without asking it. */
  readonly standingNow?: () => VenueStatus;
  /** Signs ahead of the next orders. */
  readonly refreshHeaders?: () => Promise<void>;
  /** The dead-man’s switch for resting orders, where the venue has one. */
  readonly orderBeat?: {
    readonly beat: (id: string, onBeat: (outcome: BeatOutcome) => void) => void;
    readonly hasRestingOrders: () => boolean;
  };
}
