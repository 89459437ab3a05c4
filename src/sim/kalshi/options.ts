/** What can be chosen about the simulated venue. Where the venue's own behaviour is in doubt, it is a switch here. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../../domain/ports/random.ts';
import type { LatencySampler } from '../latency.ts';
import type { AuthOptions } from './auth.ts';
import type { FeeRounding } from './fees.ts';

export interface ReadLag {
  /** GET of one order: 404 until then, and older than the list afterwards. */
  readonly orderMs: number;
  readonly orderListMs: number;
  readonly fillsMs: number;
  readonly positionsMs: number;
  readonly balanceMs: number;
}

/** Recorded demo session 2026-06-11 and later observations: one order lags, lists are fresher. */
export const OBSERVED_READ_LAG: ReadLag = {
  orderMs: 300,
  orderListMs: 100,
  fillsMs: 500,
  positionsMs: 1_000,
  balanceMs: 100,
};

export interface SocketOptions {
  readonly pingMs: number;
  /** More than this unread ends every subscription that wants to send, with error 25. */
  readonly overflowBytes: number;
  readonly commandsPerSecond: number;
  readonly marketsPerSubscription: number;
  /** Adds `sending_ts_ms` to every frame, as live frames have had since October 2026. */
  readonly stampsSending: boolean;
}

export interface KalshiSimOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly auth?: Partial<AuthOptions>;
  /** Round trip of a request; half of it passes before the venue acts. None unless given. */
  readonly latency?: LatencySampler;
  /** The same for what only reads; as long as everything else unless given. */
  readonly readLatency?: LatencySampler;
  readonly readLag?: Partial<ReadLag>;
  /** A post-only order that would cross: 400 (recorded), or accepted and canceled (changelog, June 2026). */
  readonly postOnlyCross?: 'refuse' | 'cancel';
  /** A killed fill-or-kill: 409 (observed), or 201 with zero (a note of the older API). */
  readonly fillOrKillAnswer?: 'conflict' | 'zeroFill';
  readonly feeRounding?: FeeRounding;
  /** Whether resting orders hold balance as a sum. Otherwise only the check at the match ends them. */
  readonly restingOrdersReserve?: boolean;
  /** How late expired orders are swept; two to three minutes were observed. */
  readonly expirySweepLateMs?: number;
  /** From the close to the sweep of what still rests. */
  readonly closeSweepMs?: number;
  /** Code of every order operation on a market that does not trade any more; documented in upper case only. */
  readonly marketInactiveCode?: string;
  /** Whether orders can be canceled during an exchange pause (the venue's pages contradict each other). */
  readonly cancelsInExchangePause?: boolean;
  /** How long cancel-all also ends orders that come after it; the venue allows itself a minute. */
  readonly cancelAllLingersMs?: number;
  /** Thursday 03:00 to 05:00 in New York. */
  readonly weeklyPause?: boolean;
  /** Determined markets settle by themselves after their timer. */
  readonly settlesByTimer?: boolean;
  /** How long live endpoints show what is over: about three months at the venue. */
  readonly keptMs?: number;
  readonly socket?: Partial<SocketOptions>;
}

export interface Settings
  extends Required<Omit<KalshiSimOptions, 'auth' | 'readLag' | 'socket' | 'latency' | 'readLatency'>> {
  readonly auth: AuthOptions;
  readonly latency: LatencySampler | undefined;
  readonly readLatency: LatencySampler | undefined;
  readonly readLag: ReadLag;
  readonly socket: SocketOptions;
}

const KEPT_MS = 92 * 86_400_000;
const NO_LAG: ReadLag = { orderMs: 0, orderListMs: 0, fillsMs: 0, positionsMs: 0, balanceMs: 0 };

export function settle(options: KalshiSimOptions): Settings {
  return {
    postOnlyCross: 'refuse',
    fillOrKillAnswer: 'conflict',
    feeRounding: 'sixDecimals',
    restingOrdersReserve: false,
    expirySweepLateMs: 0,
    closeSweepMs: 1_000,
    marketInactiveCode: 'market_inactive',
    cancelsInExchangePause: false,
    cancelAllLingersMs: 0,
    weeklyPause: false,
    settlesByTimer: true,
    keptMs: KEPT_MS,
    ...options,
    latency: options.latency,
    readLatency: options.readLatency ?? options.latency,
    auth: { windowMs: 10_000, refusesRepeatedTimestamp: false, ...options.auth },
    readLag: { ...NO_LAG, ...options.readLag },
    socket: {
      pingMs: 10_000,
      overflowBytes: 16_000_000,
      commandsPerSecond: 10_000,
      marketsPerSubscription: 500_000,
      stampsSending: false,
      ...options.socket,
    },
  };
}
