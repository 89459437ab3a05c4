/** The engine of the tick-to-trade bench: trading as it is, over real sockets, with eyes on its wires. */
import { Trading } from '../../src/actors/trading.ts';
import type { TradedPair, TradingListeners, TradingProfile, VenueSeat } from '../../src/actors/trading-parts.ts';
import { KALSHI_DESK, POLYMARKET_DESK } from '../../src/actors/venue-desk-settings.ts';
import { definitionHash } from '../../src/app/charts/definition.ts';
import { conservative100 } from '../../src/app/config/conservative-100.ts';
import type { Announcement } from '../../src/app/sim/serve-sim.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { systemIds, systemRandom } from '../../src/app/system-random.ts';
import type { RiskLimits } from '../../src/domain/limits/risk-limits.ts';
import { termsAsRead } from '../../src/domain/pairs/pair-terms.ts';
import type { HttpTransport } from '../../src/domain/ports/http.ts';
import type { Inflow } from '../../src/domain/ports/inflow.ts';
import type { Journal } from '../../src/domain/ports/journal.ts';
import type { SocketTransport } from '../../src/domain/ports/socket.ts';
import type { Listing, Venue } from '../../src/domain/ports/venue.ts';
import type { BreakerPolicy, TripRule } from '../../src/domain/risk/breaker-policy.ts';
import { Secret } from '../../src/domain/secret.ts';
import { contracts, micros, microUsd, millis, USD } from '../../src/domain/units.ts';
import { KalshiVenue } from '../../src/venues/kalshi/kalshi-venue.ts';
import { kalshiDefaults } from '../../src/venues/kalshi/presets.ts';
import { kalshiSigner } from '../../src/venues/kalshi/sign.ts';
import { loadDigestSigner } from '../../src/venues/polymarket/digest-signer.ts';
import { PolymarketVenue } from '../../src/venues/polymarket/polymarket-venue.ts';
import { PRODUCTION_SETTINGS } from '../../src/venues/polymarket/presets.ts';
import { PolymarketSigner } from '../../src/venues/polymarket/signer.ts';

const PLENTY = { capacity: 1_000_000, refillPerSecond: 1_000_000 };
/** A page of three hundred markets is longer than the transport takes by itself. */
export const READ_BYTES_MAX = 64 * 1_024 * 1_024;

const NOTHING_LIMITED = Object.fromEntries(
  Object.keys(conservative100('together').limits).map((name) => [name, undefined]),
) as unknown as RiskLimits;

const RARE: TripRule = { kind: 'within', count: 1_000_000, windowMs: millis(1), standing: 'latched' };

/** A bench that stops at the first hiccup of a busy machine measures nothing. */
const NEVER_OPENS: BreakerPolicy = {
  name: 'bench',
  cooldownMs: millis(1),
  rules: Object.fromEntries(
    Object.keys(conservative100('together').breaker.rules).map((kind) => [kind, RARE]),
  ) as BreakerPolicy['rules'],
};

/** The profile without limits of money: a bench trades for longer than a hundred dollars last. */
function profile(): TradingProfile {
  const base = conservative100('together');
  const detection = {
    ...base.detection,
    // The other venue's book stands still here: what is measured is how fast, not whether.
    staleAfterMs: { kalshi: millis(3_600_000), polymarket: millis(3_600_000) },
    limits: { maxSizeE6: contracts(50), maxCapitalMicroUsd: microUsd(100 * USD), reservesAtLimit: true },
    thresholds: { ...base.detection.thresholds, minTradeValueMicroUsd: microUsd(0), minProfitMicroUsd: microUsd(0) },
  };
  return {
    ...base,
    detection,
    limits: NOTHING_LIMITED,
    breaker: NEVER_OPENS,
    market: { ...base.market, staleAfterMs: detection.staleAfterMs },
  };
}

export async function tickEngine(given: {
  readonly announcement: Announcement;
  readonly http: HttpTransport;
  readonly sockets: SocketTransport & Inflow;
  readonly journal: Journal;
  readonly listeners: TradingListeners;
}): Promise<Trading> {
  const { announcement, http, sockets, journal, listeners } = given;
  const [kalshi, polymarket] = [await kalshiSeat(given), await polymarketSeat(announcement, { http, sockets })];
  const trading = new Trading({
    clock: systemClock,
    random: systemRandom,
    ids: systemIds,
    journal,
    definitionOf: definitionHash,
    seats: { kalshi, polymarket },
    profile: profile(),
    listeners,
    inflow: sockets,
  });
  await trading.start();
  trading.trade(await pairsOf(announcement, kalshi.venue, polymarket.venue));
  return trading;
}

async function pairsOf(announcement: Announcement, kalshi: Venue, polymarket: Venue): Promise<readonly TradedPair[]> {
  const { markets } = announcement;
  const read = async (venue: Venue, venueKeys: readonly string[]): Promise<ReadonlyMap<string, Listing>> => {
    const reading = await venue.listings({ venueKeys });
    if (reading.kind === 'failed') throw new Error(`${venue.name}: ${reading.fault}: ${reading.detail}`);
    return new Map(reading.value.map((listing) => [listing.venueKey, listing]));
  };
  const [here, there] = await Promise.all([
    read(
      kalshi,
      markets.map((market) => market.kalshi.ticker),
    ),
    read(
      polymarket,
      markets.map((market) => market.polymarket.conditionId),
    ),
  ]);
  return markets.map((market): TradedPair => {
    const [one, other] = [here.get(market.kalshi.ticker), there.get(market.polymarket.conditionId)];
    if (one === undefined || other === undefined) throw new Error(`expected listings of ${market.id}, found fewer`);
    const terms = termsAsRead({
      pairId: market.id,
      title: market.title,
      kalshi: one,
      polymarket: other,
      approvedBy: 'bench',
      expiresAt: micros(systemClock.wall() + 86_400_000_000),
    });
    const group = { eventId: market.id, category: 'bench', correlated: market.id };
    return {
      id: market.id,
      title: market.title,
      kalshi: one,
      polymarket: other,
      isInverted: false,
      special: [],
      group,
      terms,
    };
  });
}

async function kalshiSeat({
  announcement: { kalshi },
  http,
  sockets,
}: {
  readonly announcement: Announcement;
  readonly http: HttpTransport;
  readonly sockets: SocketTransport;
}): Promise<VenueSeat> {
  const [account] = kalshi.accounts;
  if (account === undefined) throw new Error('expected an account at Kalshi, found none');
  const venue = new KalshiVenue({
    hosts: { restUrl: kalshi.restUrl, socketUrl: kalshi.socketUrl },
    settings: {
      ...kalshiDefaults,
      limits: { read: PLENTY, write: PLENTY },
      shares: { read: 1, write: 1, readReserve: 0.4, writeReserve: 0.5 },
    },
    keyId: account.keyId,
    signer: kalshiSigner(new Secret(account.privateKeyPem)),
    http,
    sockets,
    clock: systemClock,
  });
  return { venue, desk: { settings: KALSHI_DESK, refreshHeaders: () => venue.refreshHeaders() } };
}

async function polymarketSeat(
  { polymarket }: Announcement,
  { http, sockets }: { readonly http: HttpTransport; readonly sockets: SocketTransport },
): Promise<VenueSeat> {
  const [account] = polymarket.accounts;
  if (account === undefined) throw new Error('expected an account at Polymarket, found none');
  const limit = { ...PRODUCTION_SETTINGS.orderLimit, capacity: 1_000_000, refillPerSecond: 1_000_000 };
  const venue = new PolymarketVenue({
    http,
    sockets,
    clock: systemClock,
    random: systemRandom,
    signer: new PolymarketSigner({
      privateKey: new Secret(account.privateKey),
      chainId: 137,
      digestSigner: await loadDigestSigner(),
    }),
    credentials: {
      apiKey: new Secret(account.apiKey),
      secret: new Secret(account.apiSecret),
      passphrase: new Secret(account.apiPassphrase),
    },
    settings: {
      ...PRODUCTION_SETTINGS,
      hosts: {
        clob: polymarket.clobUrl,
        gamma: polymarket.gammaUrl,
        data: polymarket.dataUrl,
        geoblock: `${polymarket.siteUrl}/api/geoblock`,
        marketSocket: polymarket.marketSocketUrl,
        userSocket: polymarket.userSocketUrl,
      },
      signatureType: 0,
      funder: undefined,
      orderLimit: limit,
      readLimit: limit,
    },
  });
  const readBooks = (books: readonly `${'kalshi' | 'polymarket'}/${string}`[]) =>
    venue.books(books.map((book) => ({ book, inverted: false })));
  return { venue, desk: { settings: POLYMARKET_DESK, readBooks } };
}
