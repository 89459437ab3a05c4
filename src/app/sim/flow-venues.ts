/** What the flow does, in each simulated venue's own words. */
import { priceE4, sizeE6 } from '../../domain/units.ts';
import type { BookSide, FlowBook, FlowLevel, FlowVenue, LevelVenue } from '../../sim/flow/flow-venue.ts';
import type { KalshiSim } from '../../sim/kalshi/kalshi-sim.ts';
import type { Counterparty } from '../../sim/polymarket/flow.ts';
import type { PolymarketSim } from '../../sim/polymarket/polymarket-sim.ts';
import type { ListedMarket } from './sim-markets.ts';

/** The house's liquidity has this owner in the simulated Kalshi. */
const HOUSE = 'house';

export function kalshiFlowVenue(sim: KalshiSim, ticker: string): LevelVenue {
  return {
    get isOpen() {
      return sim.market(ticker).status === 'active';
    },
    quote: ({ bids, asks }) => sim.house.setBook(ticker, { bids: bids.map(level), asks: asks.map(level) }),
    change: (side, change) =>
      sim.house.change(ticker, side, { priceE4: priceE4(change.priceE4), deltaE6: change.deltaE6 }),
    take: (order) => takeOnKalshi(sim, ticker, order),
  };
}

function level({ priceE4: price, sizeE6: size }: FlowLevel) {
  return { priceE4: priceE4(price), sizeE6: sizeE6(size) };
}

/**
 * The house never trades with itself at Kalshi, so what a taker does is split in the order of the queue: what the house
 * offers is taken away, and what clients offer is matched.
 */
function takeOnKalshi(
  sim: KalshiSim,
  ticker: string,
  {
    takes,
    priceE4: limit,
    sizeE6: size,
  }: { readonly takes: BookSide; readonly priceE4: number; readonly sizeE6: number },
): void {
  const isWithin = (price: number): boolean => (takes === 'ask' ? price <= limit : price >= limit);
  const queue = sim
    .book(ticker)
    .orders()
    .filter((order) => order.side === takes && isWithin(order.priceE4))
    .sort((a, b) => (takes === 'ask' ? a.priceE4 - b.priceE4 : b.priceE4 - a.priceE4) || a.sequence - b.sequence);
  let left = size;
  let fromClients = 0;
  for (const order of queue) {
    const part = Math.min(left, order.remainingE6);
    if (part <= 0) break;
    left -= part;
    if (order.owner === HOUSE) sim.house.change(ticker, takes, { priceE4: order.priceE4, deltaE6: -part });
    else fromClients += part;
  }
  if (fromClients === 0) return;
  const side = takes === 'ask' ? 'bid' : 'ask';
  sim.house.place({
    ticker,
    side,
    priceE4: priceE4(limit),
    sizeE6: sizeE6(fromClients),
    timeInForce: 'immediateOrCancel',
  });
}

export function polymarketFlowVenue(sim: PolymarketSim, market: ListedMarket['polymarket']): FlowVenue {
  const { flow } = sim.control;
  let taker: Counterparty | undefined;
  return {
    get isOpen() {
      const { closed, acceptingOrders } = sim.control.market(market.conditionId);
      return !closed && acceptingOrders;
    },
    quote: (book: FlowBook) => flow.setLevels(market.yesTokenId, book),
    take: ({ takes, priceE4: price, sizeE6: size }) => {
      taker ??= flow.counterparty();
      const side = takes === 'ask' ? 'BUY' : 'SELL';
      taker.order({ tokenId: market.yesTokenId, side, priceE4: price, sizeE6: size, type: 'FAK' });
    },
  };
}
