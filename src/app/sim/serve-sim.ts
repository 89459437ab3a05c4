/** Puts a simulated world on loopback ports, and says in one JSON value where everything is. */
import type { LocalServer } from '../../domain/ports/local-server.ts';
import { type Served, serve } from '../../sim/shell/serve.ts';
import { controlServer } from './control-server.ts';
import { ownedClock } from './owned-clock.ts';
import type { KalshiAccount, PolymarketAccount } from './sim-accounts.ts';
import type { ListedMarket } from './sim-markets.ts';
import { makeWorld, type SimWorld, type SimWorldOptions } from './sim-world.ts';

/** The JSON line. Keys in it are the simulator's own, made when it started. */
export interface Announcement {
  readonly version: 1;
  readonly seed: string;
  readonly speed: number;
  readonly scenario: string;
  readonly kalshi: {
    readonly restUrl: string;
    readonly socketUrl: string;
    readonly accounts: readonly KalshiAccount[];
  };
  readonly polymarket: {
    readonly clobUrl: string;
    readonly gammaUrl: string;
    readonly dataUrl: string;
    readonly siteUrl: string;
    readonly marketSocketUrl: string;
    readonly userSocketUrl: string;
    readonly chainId: number;
    readonly accounts: readonly PolymarketAccount[];
  };
  readonly odds: { readonly url: string; readonly apiKey: string };
  readonly weather: { readonly url: string };
  readonly fedwatch: { readonly url: string };
  readonly telegram: { readonly url: string; readonly botToken: string; readonly chatId: number };
  readonly webhook: { readonly url: string };
  readonly control: { readonly url: string; readonly token: string };
  readonly markets: readonly ListedMarket[];
}

export interface ServedSim {
  readonly world: SimWorld;
  readonly announcement: Announcement;
  /** Ends movement, sockets and ports; resolves when all are closed. */
  close(): Promise<void>;
}

const CHAIN_ID = 137;

export async function serveSim(options: SimWorldOptions): Promise<ServedSim> {
  const clock = ownedClock(options.clock);
  const world = makeWorld({ ...options, clock });
  const token = Buffer.from(options.secretRandom.bytes(24)).toString('hex');
  const open: Served[] = [];
  const listen = async (server: LocalServer): Promise<Served> => {
    const served = await serve(server);
    open.push(served);
    return served;
  };
  const close = async (): Promise<void> => {
    world.stop();
    await Promise.all(open.map((served) => served.close()));
    clock.stop();
  };
  try {
    const announcement = announce(options, { world, token, ports: await listenAll(world, token, listen) });
    world.start();
    return { world, announcement, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Ports = Awaited<ReturnType<typeof listenAll>>;

async function listenAll(world: SimWorld, token: string, listen: (server: LocalServer) => Promise<Served>) {
  const { polymarket, auxiliary, servers } = world;
  return {
    kalshi: await listen(servers.kalshi),
    clob: await listen(servers.clob),
    gamma: await listen(polymarket.gamma),
    data: await listen(polymarket.data),
    site: await listen(polymarket.site),
    odds: await listen(auxiliary.odds),
    weather: await listen(auxiliary.weather),
    fedwatch: await listen(auxiliary.fedwatch),
    telegram: await listen(auxiliary.telegram),
    webhook: await listen(auxiliary.webhook),
    control: await listen(controlServer(token, world)),
  };
}

function announce(
  { seed, speed = 1, scenario }: SimWorldOptions,
  { world, token, ports }: { readonly world: SimWorld; readonly token: string; readonly ports: Ports },
): Announcement {
  const { accounts, auxiliary, markets } = world;
  return {
    version: 1,
    seed,
    speed,
    scenario: scenario.title,
    kalshi: {
      restUrl: `${ports.kalshi.httpOrigin}/trade-api/v2`,
      socketUrl: `${ports.kalshi.socketOrigin}/trade-api/ws/v2`,
      accounts: accounts.kalshi,
    },
    polymarket: {
      clobUrl: ports.clob.httpOrigin,
      gammaUrl: ports.gamma.httpOrigin,
      dataUrl: ports.data.httpOrigin,
      siteUrl: ports.site.httpOrigin,
      marketSocketUrl: `${ports.clob.socketOrigin}/ws/market`,
      userSocketUrl: `${ports.clob.socketOrigin}/ws/user`,
      chainId: CHAIN_ID,
      accounts: accounts.polymarket,
    },
    odds: { url: ports.odds.httpOrigin, apiKey: auxiliary.oddsApiKey },
    weather: { url: ports.weather.httpOrigin },
    fedwatch: { url: `${ports.fedwatch.httpOrigin}/fed-watch/` },
    telegram: { url: ports.telegram.httpOrigin, botToken: auxiliary.telegramToken, chatId: auxiliary.telegramChatId },
    webhook: { url: `${ports.webhook.httpOrigin}/` },
    control: { url: ports.control.httpOrigin, token },
    markets,
  };
}
