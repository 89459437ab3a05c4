/** The paper venue over live books: those of the Kalshi adapter at a simulated Kalshi, as a paper run has them. */
import { BookStore } from '../../src/domain/book/book-store.ts';
import { makerFee, takerFee } from '../../src/domain/fees/fee-schedule.ts';
import type { Level } from '../../src/domain/ports/market-data.ts';
import type { Random } from '../../src/domain/ports/random.ts';
import type { Fill, OrderState } from '../../src/domain/ports/venue.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import { microUsd, priceE4, USD } from '../../src/domain/units.ts';
import { TOUCH } from '../../src/venues/paper/fill-model.ts';
import { PaperVenue } from '../../src/venues/paper/paper-venue.ts';
import { KalshiRig, type KalshiWorld, kalshiWorld, TICKER, warmed } from './kalshi-rig.ts';
import { inMemory } from './rig-wire.ts';
import { AROUND_HALF, sorted } from './venue-claims.ts';
import type { BookSides, MakeVenueRig, OrderFault, Truth, VenueProfile, VenueRig } from './venue-rig.ts';

export const paperProfile: VenueProfile = {
  unsupported: ['amend'],
  hasWire: false,
  saysFees: true,
  settlesLater: false,
  hasSnapshotRequests: true,
  modes: ['paused'],
};

const CASH = 1_000 * USD;

export const paperRig: MakeVenueRig = async () => {
  const world = await kalshiWorld(inMemory);
  const books = new BookStore();
  const feeOf = (schedule: Parameters<typeof takerFee>[0], role: 'taker' | 'maker') =>
    role === 'taker' ? takerFee(schedule, 'real') : makerFee(schedule, 'real');
  const { clock, venue: live } = world;
  const venue = new PaperVenue({
    live,
    books,
    clock,
    random: alwaysLucky(),
    model: TOUCH,
    feeOf,
    cash: microUsd(CASH),
  });
  const stream = live.openMarketData({
    onOpen: () => stream.subscribe([`kalshi/${TICKER}`]),
    onAlive: () => undefined,
    onEnd: () => undefined,
    onEvent: (event) => {
      const touched: number[] = [];
      books.apply(event, clock.nowMs(), touched);
      venue.booksChanged(touched.map((index) => books.at(index).id));
    },
  });
  await warmed({ venue: live, wire: world.wire });
  const listings = await world.wire.time.until(venue.listings({ venueKeys: [TICKER] }));
  if (listings.kind === 'failed') throw new Error(listings.detail);
  await venue.warm(listings.value);
  return new PaperRig(world, venue, books);
};

/** Wins every draw, so that the contract is about the port; what a loss does is tested beside the models. */
function alwaysLucky(): Random {
  const random = seededRandom('paper contract');
  return { ...random, next: () => 0 };
}

class PaperRig implements VenueRig {
  readonly venue: PaperVenue;
  readonly clock;
  readonly time;
  readonly server;
  readonly venueKey;
  readonly yes;
  readonly no;
  readonly strange;
  /** A taker slips: it needs room beyond the best price. */
  readonly takes = { ask: priceE4(5_300), bid: priceE4(4_700) };
  readonly tooSmallE6;
  readonly rulesText;
  readonly secrets;
  readonly #live: KalshiRig;
  readonly #books: BookStore;
  readonly #fills: Fill[] = [];
  readonly #orders = new Map<string, OrderState>();
  #deposited = CASH;
  #house: BookSides = AROUND_HALF;
  /** Our own books miss the same change. */
  #isBroken = false;

  constructor(world: KalshiWorld, venue: PaperVenue, books: BookStore) {
    this.#live = new KalshiRig(world);
    this.#books = books;
    this.venue = venue;
    this.clock = world.clock;
    this.time = world.wire.time;
    this.server = world.server;
    const { venueKey, yes, no, strange, tooSmallE6, rulesText, secrets } = this.#live;
    this.venueKey = venueKey;
    this.yes = yes;
    this.no = no;
    this.strange = strange;
    this.tooSmallE6 = tooSmallE6;
    this.rulesText = rulesText;
    this.secrets = secrets;
    venue.openPrivate({
      onOpen: () => undefined,
      onAlive: () => undefined,
      onEnd: () => undefined,
      onEvent: (event) => {
        if (event.kind === 'fill.reported') this.#fills.push(event.fill);
        if (event.kind === 'order.reported') this.#orders.set(event.order.venueOrderId, event.order);
      },
    });
  }

  /** Worked out from what was reported, in arithmetic of its own. */
  get truth(): Truth {
    const held = (isInverted: boolean): number =>
      this.#fills
        .filter(({ instrument }) => instrument.inverted === isInverted)
        .reduce((sum, { action, sizeE6: size }) => (action === 'buy' ? sum + size : sum - size), 0);
    const paid = (): number =>
      this.#fills.reduce((sum, { action, priceE4: price, sizeE6: size, feeMicroUsd = 0 }) => {
        const exact = (price * size) / 10_000;
        return sum + feeMicroUsd + (action === 'buy' ? Math.ceil(exact) : -Math.floor(exact));
      }, 0);
    return {
      cash: () => microUsd(this.#deposited - paid()),
      yesHeldE6: () => held(false),
      noHeldE6: () => held(true),
      restingIds: () =>
        [...this.#orders.values()].flatMap(({ venueOrderId, standing }) =>
          standing === 'resting' ? [venueOrderId] : [],
        ),
      fills: () =>
        this.#fills.map(({ venueOrderId, sizeE6: size, feeMicroUsd = microUsd(0), role }) => ({
          venueOrderId,
          sizeE6: size,
          feeMicroUsd,
          role,
        })),
      book: () => this.#live.truth.book(),
    };
  }

  addManyMarkets() {
    return this.#live.addManyMarkets();
  }

  async house(sides: BookSides): Promise<void> {
    this.#house = sides;
    await this.#live.house(sides);
    await this.#followed();
  }

  houseOfStrange(sides: BookSides): Promise<void> {
    return this.#live.houseOfStrange(sides);
  }

  /** Somebody's quote reaches so far for a moment: the live book never knows of ours. */
  async counterparty(action: 'buy' | 'sell', level: Level): Promise<void> {
    const before = this.#house;
    const behind = (side: readonly Level[]) => side.filter(({ priceE4: price }) => price !== level.priceE4);
    await this.house(
      action === 'sell'
        ? { bids: behind(before.bids), asks: [level, ...before.asks] }
        : { bids: [level, ...before.bids], asks: behind(before.asks) },
    );
    await this.house(before);
  }

  setCash(cash: number): void {
    const change = cash - this.truth.cash();
    this.#deposited += change;
    this.venue.deposit(microUsd(change));
  }

  settled(): Promise<void> {
    return this.time.advance(1_000);
  }

  skewClock(ms: number): void {
    this.#live.skewClock(ms);
  }

  enter(mode: 'open' | 'paused' | 'postOnly'): Promise<void> {
    return this.#live.enter(mode);
  }

  failNextOrder(fault: OrderFault): void {
    throw new Error(`no wire carries a paper order, so none can fail as ${fault}`);
  }

  breakNextBookChange(): void {
    this.#isBroken = true;
    this.#live.breakNextBookChange(2);
  }

  healStreams(): void {
    this.#live.healStreams();
  }

  cutSockets(): void {
    this.#live.cutSockets();
  }

  orderRequests(): number {
    return this.#live.orderRequests();
  }

  unplug(): Promise<void> {
    return this.#live.unplug();
  }

  async close(): Promise<void> {
    await this.venue.close();
    await this.#live.close();
  }

  async #followed(): Promise<void> {
    if (this.#isBroken) return;
    const book = this.#books.open(this.yes.book);
    await this.time.reached(
      () =>
        book.standing === 'live' &&
        JSON.stringify({ bids: book.bids(false), asks: book.asks(false) }) ===
          JSON.stringify(sorted(this.#live.truth.book())),
    );
  }
}
