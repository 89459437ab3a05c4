/**
 * The simulated Polymarket: an independent reading of its protocol, without a wire, a clock or chance of its own.
 *
 * Four servers stand behind it, as at the real venue: `clob` (REST, and the sockets `/ws/market` and `/ws/user`),
 * `gamma`, `data` and `site` (geoblock). The simulator itself is a server too, which serves all four below the paths
 * `/gamma-api`, `/data-api` and `/site`, and the CLOB everywhere else, so that one port is enough.
 */
import type { Clock } from '../../domain/ports/clock.ts';
import type {
  LocalServer,
  ServerAnswer,
  ServerReply,
  ServerRequest,
  UpgradeAnswer,
} from '../../domain/ports/local-server.ts';
import type { Random } from '../../domain/ports/random.ts';
import { FaultRack, faultNumber } from '../faults.ts';
import { Auth } from './auth.ts';
import { Chain } from './chain.ts';
import { privateRoutes } from './clob-private.ts';
import { publicRoutes } from './clob-public.ts';
import { Control } from './control.ts';
import { dataRoutes } from './data-api.ts';
import { OrderDesk, WalletLinks } from './desk.ts';
import { Exchange, isOpen } from './exchange.ts';
import { Flow } from './flow.ts';
import { Front, type Received } from './front.ts';
import { gammaRoutes } from './gamma.ts';
import { Heartbeats } from './heartbeats.ts';
import { Ledger } from './ledger.ts';
import { Lifecycle } from './lifecycle.ts';
import { Limits } from './limits.ts';
import { MarketFeed } from './market-feed.ts';
import { Modes } from './modes.ts';
import { DEFAULT_SETTINGS, type PolymarketSettings, type PolymarketSimOptions } from './options.ts';
import { Outage } from './outage.ts';
import type { Publisher } from './publisher.ts';
import { failure } from './replies.ts';
import { Retention } from './retention.ts';
import { type Routes, route } from './router.ts';
import { Settlement } from './settlement.ts';
import { siteRoutes } from './site.ts';
import { Store } from './store.ts';
import { UserFeed } from './user-feed.ts';

/** Not `data`: the CLOB has paths below `/data` of its own. */
const PREFIXES = { 'gamma-api': 'gamma', 'data-api': 'data', site: 'site' } as const;
const NO_SOCKET: UpgradeAnswer = { kind: 'refuse', reply: failure(404, 'not found') };

export class PolymarketSim implements LocalServer {
  readonly clob: LocalServer;
  readonly gamma: LocalServer;
  readonly data: LocalServer;
  readonly site: LocalServer;
  /** For tests, scenarios and flow: no client of the venue can do what this can. */
  readonly control: Control;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #settings: PolymarketSettings;
  readonly #front: Front;
  readonly #retention: Retention;
  readonly #faults: FaultRack;
  readonly #marketFeed: MarketFeed;
  readonly #userFeed: UserFeed;
  #offsetMs = 0;

  constructor({ clock, random, settings = {} }: PolymarketSimOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#settings = { ...DEFAULT_SETTINGS, ...settings };
    this.#faults = new FaultRack('polymarket', random);
    const parts = this.#parts();
    this.#front = parts.front;
    this.#retention = new Retention(parts);
    this.#marketFeed = parts.marketFeed;
    this.#userFeed = parts.userFeed;
    this.clob = this.#server('clob', { ...publicRoutes(parts), ...privateRoutes(parts) });
    this.gamma = this.#server('gamma', gammaRoutes({ ...parts, books: parts.exchange.books }));
    this.data = this.#server('data', dataRoutes({ ...parts, books: parts.exchange.books }));
    this.site = this.#server(
      'site',
      siteRoutes(parts.modes, () => parts.control.whereabouts),
    );
    this.control = parts.control;
  }

  onRequest(request: ServerRequest, answer: (answer: ServerAnswer) => void): void {
    const [first = '', ...rest] = request.target.slice(1).split('/');
    if (first === 'gamma-api' || first === 'data-api' || first === 'site')
      this[PREFIXES[first]].onRequest({ ...request, target: `/${rest.join('/')}` }, answer);
    else this.clob.onRequest(request, answer);
  }

  onUpgrade(request: ServerRequest): UpgradeAnswer {
    return this.clob.onUpgrade(request);
  }

  #parts() {
    const [clock, random, settings, faults] = [this.#clock, this.#random, this.#settings, this.#faults];
    const nowMs = (): number => Math.floor(clock.wall() / 1000) + this.#offsetMs;
    const [store, ledger, modes, outage, wallets] = [
      new Store(random),
      new Ledger(),
      new Modes(clock),
      new Outage(),
      new WalletLinks(),
    ];
    const auth = new Auth({ random, chainId: settings.chainId, skewMs: settings.skewMs, nowMs });
    const limits = new Limits({ defaultTier: settings.defaultTier, nowMs: () => clock.nowMs() });
    const common = { clock, random, settings, faults, store, ledger, modes, outage, wallets, auth, limits, nowMs };
    // The exchange tells the feeds and the feeds read its books: what is told meanwhile goes through here.
    const publisher: Publisher = {
      levelsChanged: (market, change) => {
        marketFeed.levelsChanged(market, change);
        this.#marketFaults(market.conditionId, lifecycle);
      },
      traded: (market, trades) => marketFeed.traded(market, trades),
      orderChanged: (order, change) => userFeed.orderChanged(order, change),
      tradeChanged: (trade) => userFeed.tradeChanged(trade),
      tickChanged: (market, oldTickE4) => marketFeed.tickChanged(market, oldTickE4),
      marketAdded: (market) => marketFeed.marketAdded(market),
      marketResolved: (market) => marketFeed.marketResolved(market),
    };
    const settlement = new Settlement({ ...common, onChange: publisher.tradeChanged });
    const exchange = new Exchange({ ...common, settlement, publisher });
    const marketFeed = new MarketFeed(common, exchange.books);
    const userFeed = new UserFeed(common, auth);
    const lifecycle = new Lifecycle({ ...common, exchange, publisher });
    const desk = new OrderDesk({ ...common, exchange }, wallets);
    const heartbeats = new Heartbeats({
      clock,
      random,
      deadlineMs: settings.heartbeatMs,
      onMissed: (owner) => {
        for (const { id } of store.ordersOf(owner).filter(isOpen))
          exchange.cancel(id, { status: 'CANCELED', reason: 'heartbeat' });
      },
    });
    const flow = new Flow({ ...common, exchange });
    const chain = new Chain(common);
    const front = new Front({
      ...common,
      marketOf: (tokenId) => store.ofToken(tokenId)?.market.conditionId,
      shiftClock: (ms) => this.#shiftClock(ms),
    });
    const shiftClock = (ms: number): void => this.#shiftClock(ms);
    const all = {
      ...common,
      settlement,
      exchange,
      marketFeed,
      userFeed,
      lifecycle,
      desk,
      heartbeats,
      flow,
      chain,
      front,
      shiftClock,
    };
    return { ...all, control: new Control(all) };
  }

  #shiftClock(ms: number): void {
    this.#offsetMs = ms;
  }

  /** Ticks that change and markets that pause while somebody trades. */
  #marketFaults(conditionId: string, lifecycle: Lifecycle): void {
    if (!this.#faults.isArmed) return;
    const place = { market: conditionId, step: 'levels' };
    const tick = this.#faults.strike('D8', place);
    if (tick !== undefined) lifecycle.setTick(conditionId, faultNumber(tick, 'tickE4', 10));
    const pause = this.#faults.strike('D9', place);
    if (pause === undefined) return;
    lifecycle.setAccepting(conditionId, false);
    const durationMs = faultNumber(pause, 'durationMs', 0);
    if (durationMs > 0) this.#clock.setTimeout(() => lifecycle.setAccepting(conditionId, true), durationMs);
  }

  #server(server: Received['server'], routes: Routes): LocalServer {
    return {
      onRequest: (request, answer) => {
        this.#retention.moveOn();
        this.#front.take(request, { server, handle: (call): ServerReply => route(routes, call), give: answer });
      },
      onUpgrade: (request) => (server === 'clob' ? this.#upgrade(request) : NO_SOCKET),
    };
  }

  #upgrade({ target }: ServerRequest): UpgradeAnswer {
    const [path] = target.split('?');
    const feed = path === '/ws/market' ? this.#marketFeed : path === '/ws/user' ? this.#userFeed : undefined;
    if (feed === undefined) return NO_SOCKET;
    const place = { channel: path === '/ws/market' ? 'market' : 'user', step: 'connect' };
    const refused = this.#faults.strike('N9', place) ?? this.#faults.strike('N8', place);
    if (refused !== undefined)
      return { kind: 'refuse', reply: failure(faultNumber(refused, 'status', 503), 'unavailable') };
    return { kind: 'accept', open: (socket) => feed.open(socket) };
  }
}
