/** Both production adapters over real connections, from addresses and keys: a simulator's or the venue's own. */
import type { VenueSeat } from '../../actors/trading-parts.ts';
import { KALSHI_DESK, POLYMARKET_DESK } from '../../actors/venue-desk-settings.ts';
import type { BookId, VenueName } from '../../domain/instrument.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { Inflow } from '../../domain/ports/inflow.ts';
import type { Random } from '../../domain/ports/random.ts';
import type { Venue } from '../../domain/ports/venue.ts';
import type { Secret } from '../../domain/secret.ts';
import { KalshiVenue } from '../../venues/kalshi/kalshi-venue.ts';
import { type KalshiHosts, kalshiDefaults } from '../../venues/kalshi/presets.ts';
import type { KalshiSettings } from '../../venues/kalshi/settings.ts';
import { kalshiSigner } from '../../venues/kalshi/sign.ts';
import type { DigestSigner } from '../../venues/polymarket/digest-signer.ts';
import type { ApiCredentials } from '../../venues/polymarket/l2-auth.ts';
import { PolymarketVenue } from '../../venues/polymarket/polymarket-venue.ts';
import { type PolymarketSettings, PRODUCTION_SETTINGS } from '../../venues/polymarket/presets.ts';
import { PolymarketSigner } from '../../venues/polymarket/signer.ts';
import { HeldSockets } from '../../venues/transport/held-sockets.ts';
import { UndiciHttp } from '../../venues/transport/undici-http.ts';
import { WsSockets } from '../../venues/transport/ws-socket.ts';
import { KeepWarm } from './keep-warm.ts';
import { type TripTimes, timedVenue } from './trip-times.ts';

export interface VenueAccess {
  readonly kalshi: {
    readonly hosts: KalshiHosts;
    readonly keyId: string;
    readonly privateKey: Secret;
    readonly settings?: Partial<KalshiSettings>;
  };
  readonly polymarket: Pick<PolymarketSettings, 'hosts' | 'signatureType' | 'funder'> & {
    readonly privateKey: Secret;
    readonly credentials: ApiCredentials;
  };
}

export interface OpenVenues {
  readonly kalshi: Venue;
  readonly polymarket: Venue;
  readonly seats: Readonly<Record<VenueName, VenueSeat>>;
  /** Of all streams. */
  readonly inflow: Inflow;
  /** Of the connections on which orders leave. */
  readonly warmth: KeepWarm;
  /** Ends every connection of both. The venues themselves are closed by whoever trades on them. */
  close(): Promise<void>;
}

export interface VenueParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly times: TripTimes;
  readonly digestSigner: DigestSigner;
}

/** A listing of a thousand markets is longer than what transports take by default. */
const REPLY_BYTES_MAX = 16 * 1_024 * 1_024;

export function openVenues(access: VenueAccess, { clock, random, times, digestSigner }: VenueParts): OpenVenues {
  const http = new UndiciHttp({ clock, replyBytesMax: REPLY_BYTES_MAX });
  const sockets = new HeldSockets(new WsSockets(), clock);
  const { kalshi: ofKalshi, polymarket: ofPolymarket } = access;
  const kalshi = new KalshiVenue({
    hosts: ofKalshi.hosts,
    settings: { ...kalshiDefaults, ...ofKalshi.settings },
    keyId: ofKalshi.keyId,
    signer: kalshiSigner(ofKalshi.privateKey),
    http,
    sockets,
    clock,
  });
  const { privateKey, credentials, hosts, signatureType, funder } = ofPolymarket;
  const polymarket = new PolymarketVenue({
    http,
    sockets,
    clock,
    random,
    signer: new PolymarketSigner({ privateKey, chainId: PRODUCTION_SETTINGS.chainId, digestSigner }),
    credentials,
    settings: { ...PRODUCTION_SETTINGS, hosts, signatureType, funder },
  });
  const kalshiRest = new URL(ofKalshi.hosts.restUrl);
  const warmth = new KeepWarm(http, clock, [
    { origin: kalshiRest.origin, path: `${kalshiRest.pathname}/exchange/status` },
    { origin: hosts.clob, path: '/time' },
  ]);
  return {
    kalshi,
    polymarket,
    seats: {
      kalshi: {
        venue: timedVenue(kalshi, times, clock),
        desk: {
          settings: KALSHI_DESK,
          rateStates: () => kalshi.rateStates(),
          refreshHeaders: () => kalshi.refreshHeaders(),
        },
      },
      polymarket: {
        venue: timedVenue(polymarket, times, clock),
        desk: {
          settings: POLYMARKET_DESK,
          rateStates: () => polymarket.rateStates(),
          standingNow: () => polymarket.standing(),
          readBooks: (books) => polymarket.books(books.map((book: BookId) => ({ book, inverted: false }))),
        },
        refresh: (instruments) => {
          for (const instrument of instruments) void polymarket.refreshBalance(instrument);
        },
      },
    },
    inflow: sockets,
    warmth,
    close: () => {
      warmth.stop();
      return http.close();
    },
  };
}
