/** The simulators as the director moves them: gaps, counterparties, faults, cut lines, the ends of markets. */
import type { FlowVenueName } from '../../sim/flow/flow-venue.ts';
import type { Fate } from '../../sim/flow/gaps.ts';
import { kalshiFlowVenue } from '../sim/flow-venues.ts';
import type { AnyFault } from '../sim/scenario-file.ts';
import type { ListedMarket } from '../sim/sim-markets.ts';
import type { SimWorld } from '../sim/sim-world.ts';

export interface StagedGap {
  readonly pair: string;
  readonly contracts: number;
  readonly lifeMs: number;
  /** What the first order at each venue finds; all of it unless said. */
  readonly fates?: Partial<Readonly<Record<FlowVenueName, Fate>>>;
}

export interface Stage {
  /** False where the pair cannot have a gap now. */
  offer(gap: StagedGap): boolean;
  setFaults(faults: readonly AnyFault[]): void;
  marketOf(pair: string): ListedMarket;
  walletOf(): string;
  cut(venue: FlowVenueName): void;
  /** Both venues say that YES happened; nobody is paid yet. */
  resolve(pair: string): void;
  /** Kalshi pays, and the holder hands its winning shares in at Polymarket. */
  pay(pair: string): void;
  /** Orders of ours that have come to rest at Kalshi since this was last asked. */
  restingOrders(): readonly string[];
  /** Somebody trades this share of an order of ours, if it still rests. */
  tradeWith(orderId: string, share: number): void;
}

const ACCOUNT = 'main';
const CENT_E4 = 100;
const CONTRACT_E6 = 1_000_000;
const YES_PAYS = [1_000_000, 0] as const;
/** Of a dollar that is laid out, what is to be left after fees; the profile asks for 3 %. */
const NET_E4 = 330;

/** Both fees of one set, bought at this price of YES at Kalshi, in ten-thousandths of a dollar. */
export type SetFees = (pair: string, askE4: number) => number;

export function stageOf(world: SimWorld, feesOf: SetFees): Stage {
  const met = new Set<string>();
  const marketOf = (pair: string): ListedMarket => {
    const market = world.markets.find(({ id }) => id === pair);
    if (market === undefined) throw new Error(`expected a market of the scenario, found ${pair}`);
    return market;
  };
  const walletOf = (): string => world.accounts.polymarket[0]?.wallet ?? '';
  return {
    marketOf,
    walletOf,
    offer: ({ pair, contracts, lifeMs, fates }) => {
      const touch = world.flow.touchOf(pair);
      if (touch === undefined) return false;
      return world.flow.offer(pair, {
        cheap: 'kalshi',
        gapE4: gapFor(feesOf(pair, touch.askE4)),
        lifeMs,
        depthE6: contracts * CONTRACT_E6,
        fates: { kalshi: { kind: 'there' }, polymarket: { kind: 'there' }, ...fates },
      });
    },
    setFaults: (faults) => world.faults.replace(faults),
    cut: (venue) => {
      if (venue === 'kalshi') world.kalshi.cutSockets();
      else for (const channel of ['market', 'user'] as const) world.polymarket.control.cutSockets(channel);
    },
    resolve: (pair) => {
      const { kalshi, polymarket } = marketOf(pair);
      world.kalshi.lifecycle.determine(kalshi.ticker, { result: 'yes' });
      world.polymarket.control.lifecycle.resolve(polymarket.conditionId, YES_PAYS);
    },
    pay: (pair) => {
      const { kalshi, polymarket } = marketOf(pair);
      world.kalshi.lifecycle.settle(kalshi.ticker);
      world.polymarket.control.chain.redeem(walletOf(), polymarket.conditionId);
    },
    restingOrders: () => {
      const fresh = world.kalshi
        .orders(ACCOUNT)
        .filter(({ status, orderId }) => status === 'resting' && !met.has(orderId))
        .map(({ orderId }) => orderId);
      for (const orderId of fresh) met.add(orderId);
      return fresh;
    },
    tradeWith: (orderId, share) => tradeWith(world, orderId, share),
  };
}

/** The smallest gap in whole cents that leaves what the profile asks for. */
export function gapFor(feesE4: number): number {
  return Math.ceil((feesE4 + NET_E4) / CENT_E4) * CENT_E4;
}

/** Whoever is before us in the queue is served first. */
function tradeWith(world: SimWorld, orderId: string, share: number): void {
  const order = world.kalshi.orders(ACCOUNT).find((each) => each.orderId === orderId);
  if (order === undefined || order.status !== 'resting') return;
  const { ticker, side, priceE4, initialE6 } = order;
  const queue = world.kalshi.book(ticker).orders();
  const ours = queue.find(({ id }) => id === orderId);
  if (ours === undefined) return;
  const isBetter = (price: number): boolean => (side === 'bid' ? price > priceE4 : price < priceE4);
  const ahead = queue
    .filter((other) => other.side === side && other.id !== orderId)
    .filter((other) => isBetter(other.priceE4) || (other.priceE4 === priceE4 && other.sequence < ours.sequence))
    .reduce((sum, { remainingE6 }) => sum + remainingE6, 0);
  const wanted = Math.max(1, Math.floor((initialE6 * share) / CONTRACT_E6)) * CONTRACT_E6;
  kalshiFlowVenue(world.kalshi, ticker).take({ takes: side, priceE4, sizeE6: ahead + wanted });
}
