/**
 * The other side of the tick-to-trade bench, in a process of its own: both simulated venues over loopback, a flood of
 * book changes over many instruments, and now and then a gap in one of them.
 *
 * Talks to its parent: says where everything is once, then does what it is told (`Told`).
 */

import { scenarioSchema } from '../../src/app/sim/scenario-file.ts';
import { type ServedSim, serveSim } from '../../src/app/sim/serve-sim.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { systemRandom } from '../../src/app/system-random.ts';
import { type PriceE4, priceE4, type SizeE6, sizeE6 } from '../../src/domain/units.ts';

export interface WorldTerms {
  readonly pairs: number;
  /** Changes of Kalshi books a second, over all pairs. */
  readonly perSecond: number;
}

export type Told =
  | { readonly kind: 'flood'; readonly on: boolean }
  /** Opens a gap in the pair with this number. */
  | { readonly kind: 'gap'; readonly pair: number }
  /** Makes the books of that pair what they were. */
  | { readonly kind: 'close'; readonly pair: number }
  | { readonly kind: 'end' };

/** How often the flood looks at the clock and sends what is due. */
const TICK_MS = 2;
const PLENTY_USD = '900000';
const CONTRACT_E6 = 1_000_000;
const DEPTH: SizeE6 = sizeE6(10 * CONTRACT_E6);
const FAR: SizeE6 = sizeE6(500 * CONTRACT_E6);
const NONE: SizeE6 = sizeE6(0);
/** Kalshi asks 50 cents and Polymarket asks 51 for the opposite; 42 against 51 is a gap of seven. */
const QUOTES = { kalshiBid: 4_000, kalshiAsk: 5_000, polymarketBid: 4_900, polymarketAsk: 5_100, gap: 4_200 } as const;
/** A match is final this soon: a pair that still waits for the chain takes no second gap. */
const SETTLEMENT = { mined: { leastMs: 50, mostMs: 100 }, confirmed: { leastMs: 100, mostMs: 200 } } as const;

const level = (price: number, size: SizeE6): { readonly priceE4: PriceE4; readonly sizeE6: SizeE6 } => ({
  priceE4: priceE4(price),
  sizeE6: size,
});

export function tickerOf(pair: number): string {
  return `KXTICK${pair}-27JAN01-A`;
}

function scenarioOf(pairs: number) {
  return scenarioSchema.parse({
    version: 1,
    title: 'tick to trade',
    latency: 'none',
    flow: { kind: 'none' },
    markets: Array.from({ length: pairs }, (_, pair) => ({
      id: `tick-${pair}`,
      title: `Event ${pair}`,
      kalshi: { ticker: tickerOf(pair) },
      polymarket: {},
    })),
    accounts: {
      kalshi: [{ id: 'main', usd: PLENTY_USD }],
      polymarket: [{ id: 'main', usd: PLENTY_USD }],
    },
  });
}

class TickWorld {
  readonly #served: ServedSim;
  readonly #terms: WorldTerms;
  #isFlooding = false;
  #sent = 0;

  constructor(served: ServedSim, terms: WorldTerms) {
    this.#served = served;
    this.#terms = terms;
    for (let pair = 0; pair < terms.pairs; pair++) this.#quote(pair);
  }

  do(told: Told): void {
    switch (told.kind) {
      case 'end':
        void this.#served.close().then(() => process.exit(0));
        return;
      case 'flood':
        this.#isFlooding = told.on;
        this.#sent = 0;
        if (told.on) this.#flood(systemClock.nowMs());
        return;
      case 'gap':
        this.#served.world.kalshi.house.setLevel(tickerOf(told.pair), 'ask', level(QUOTES.gap, DEPTH));
        // Only the next instant says that the run of changes is over.
        this.#change();
        return;
      case 'close':
        this.#quote(told.pair);
    }
  }

  #quote(pair: number): void {
    const { kalshi, polymarket, markets } = this.#served.world;
    const ticker = tickerOf(pair);
    kalshi.house.setLevel(ticker, 'ask', level(QUOTES.gap, NONE));
    kalshi.house.setLevel(ticker, 'ask', level(QUOTES.kalshiAsk, FAR));
    if (this.#sent === 0) kalshi.house.setLevel(ticker, 'bid', level(QUOTES.kalshiBid, FAR));
    polymarket.control.flow.setLevels(markets[pair]?.polymarket.yesTokenId ?? '', {
      bids: [level(QUOTES.polymarketBid, FAR)],
      asks: [level(QUOTES.polymarketAsk, FAR)],
    });
  }

  #flood(startMs: number): void {
    if (!this.#isFlooding) return;
    const due = Math.floor(((systemClock.nowMs() - startMs) / 1_000) * this.#terms.perSecond);
    while (this.#sent < due) this.#change();
    systemClock.setTimeout(() => this.#flood(startMs), TICK_MS);
  }

  /** A contract more, then one less, far from the best price: the book moves and no edge does. */
  #change(): void {
    const { pairs } = this.#terms;
    const deltaE6 = Math.floor(this.#sent / pairs) % 2 === 0 ? CONTRACT_E6 : -CONTRACT_E6;
    const ticker = tickerOf(this.#sent % pairs);
    this.#served.world.kalshi.house.change(ticker, 'bid', { priceE4: priceE4(QUOTES.kalshiBid), deltaE6 });
    this.#sent++;
  }
}

async function run(terms: WorldTerms): Promise<void> {
  const served = await serveSim({
    scenario: scenarioOf(terms.pairs),
    seed: 'tick-to-trade',
    clock: systemClock,
    secretRandom: systemRandom,
    polymarket: SETTLEMENT,
  });
  const world = new TickWorld(served, terms);
  process.on('message', (told: Told) => world.do(told));
  process.once('disconnect', () => world.do({ kind: 'end' }));
  process.send?.(served.announcement);
}

if (process.send !== undefined && process.argv[2] !== undefined) await run(JSON.parse(process.argv[2]) as WorldTerms);
