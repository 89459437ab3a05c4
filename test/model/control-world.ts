/**
 * The whole of trading over both simulated venues, for charts that say whether anything may be entered. A gap that is
 * worth taking is offered, and what arrives at the venues tells whether it was taken.
 */
import type { EventObject } from 'xstate';
import { Trading } from '../../src/actors/trading.ts';
import type {
  TradedPair,
  TradingListeners,
  TradingParts,
  TradingProfile,
  VenueSeat,
} from '../../src/actors/trading-parts.ts';
import { conservative100 } from '../../src/app/config/conservative-100.ts';
import type { AttemptPlan, ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import type { LegOrder } from '../../src/domain/execution/leg.ts';
import { instrumentId, type VenueName } from '../../src/domain/instrument.ts';
import type { PreparedOrder } from '../../src/domain/ports/venue.ts';
import { seededIds, seededRandom } from '../../src/domain/seeded-random.ts';
import { PRICE_ONE, priceE4, sizeE6, USD } from '../../src/domain/units.ts';
import type { AttemptOutcome } from '../../src/machines/attempt.events.ts';
import { FAIR, GAP, type Quotes, tradedPair } from '../support/attempt-world.ts';
import { extraMarkets, type HousePair } from '../support/extra-markets.ts';
import { type BookSides, level, type TwoVenuesOptions } from '../support/two-venues.ts';
import { seatsAt } from './control-seats.ts';
import { onEdgeAtVenues } from './harness/coverage.ts';
import { HeldVenues, VENUES } from './held-venues.ts';

export interface ControlGiven {
  /** The chart that is walked: its transitions count, those of all others are only there. */
  readonly chart: string;
  readonly policy?: ExecutionPolicy;
  readonly profile?: (profile: TradingProfile) => TradingProfile;
  readonly listeners?: TradingListeners;
  readonly venues?: TwoVenuesOptions;
  readonly seat?: (seat: VenueSeat) => VenueSeat;
  readonly parts?: Partial<TradingParts>;
  /** The pair on which gaps are offered, as it is approved. */
  readonly pair?: (pair: TradedPair) => TradedPair;
}

/** Its orders wait for their venues, until they are let go. */
export interface Held {
  readonly plan: AttemptPlan;
  readonly pair: HousePair;
}

/** What the venues make of the orders of an attempt. */
export type Fate = 'filled' | 'killed' | 'oneFilled' | 'turnedAway';

/** The gap is gone: neither order finds anybody. */
const GONE: Quotes = {
  ...FAIR,
  polymarket: { bids: [level(40, 100), level(39, 100)], asks: [level(52, 100), level(53, 100)] },
};
const SOON = { leastMs: 500, mostMs: 500 };
const QUOTE_MS = 1_000;
const WARM_MS = 2_000;
const TRAVEL_MS = 20;
const GAP_MS = 150;
const REST_MS = 120_000;
const PAIRS = 3;

export class ControlWorld {
  readonly held: HeldVenues;
  readonly trading: Trading;
  readonly #knockPair: HousePair;
  readonly #pairs: readonly HousePair[];
  readonly #outcomes = new Map<string, AttemptOutcome>();
  readonly #quotes = new Map<HousePair, Quotes>();
  readonly #given: ControlGiven;
  #onStart: ((plan: AttemptPlan) => void) | undefined;
  #isEven = false;
  #isQuoting = true;
  #isClosed = false;
  /** Broken promises that were seen where nobody may throw. */
  readonly #breaches: string[] = [];

  private constructor(held: HeldVenues, pairs: readonly HousePair[], given: ControlGiven) {
    this.held = held;
    this.#pairs = pairs;
    this.#knockPair = pairs.at(-1) as HousePair;
    this.#given = given;
    for (const pair of pairs) this.#quotes.set(pair, FAIR);
    const { policy = 'together', profile = (same) => same, parts = {} } = given;
    const { clock, journal } = held.asVenues();
    this.trading = new Trading({
      clock,
      journal,
      random: seededRandom('control'),
      ids: seededIds('control'),
      definitionOf: () => 'sha256:0',
      seats: seatsAt(held, (order) => this.#onSubmit(order), given.seat),
      profile: profile(roomy(conservative100(policy))),
      listeners: this.#listeners(),
      ...parts,
    });
    held.check = () => this.check();
  }

  static async open(given: ControlGiven): Promise<ControlWorld> {
    const polymarket = { mined: SOON, confirmed: SOON, ...given.venues?.polymarket };
    const held = await HeldVenues.open(FAIR, { cashUsd: 10_000, ...given.venues, polymarket });
    held.isOpen = true;
    for (const name of VENUES) held.doors[name].isPassing = true;
    const { pairs } = await extraMarkets(held.venues, PAIRS);
    const world = new ControlWorld(held, pairs, given);
    world.#quote();
    return world;
  }

  /** Everything is up, checked and running. */
  async start(): Promise<void> {
    await this.during(this.trading.start());
    this.trade();
    await this.held.settle(WARM_MS);
  }

  trade(): void {
    const { pair: bend = (same) => same } = this.#given;
    const pairs = this.#pairs.map(tradedPair);
    this.trading.trade([...pairs.slice(0, -1), bend(pairs.at(-1) as TradedPair)]);
  }

  /** Where gaps are offered that nobody is meant to get. */
  get knockPair(): HousePair {
    return this.#knockPair;
  }

  /** Nothing happens in any book until it is so: much time passes at little cost. */
  async lull(isDone: () => boolean, mostMs: number): Promise<boolean> {
    this.#isQuoting = false;
    const isSo = await this.held.until(isDone, mostMs);
    this.#isQuoting = true;
    for (const [pair, quotes] of this.#quotes) this.#show(pair, quotes);
    return isSo;
  }

  async during<Value>(work: Promise<Value>): Promise<Value> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    work.then(done, done);
    if (!(await this.held.until(() => isDone, REST_MS))) throw new Error('expected an end of it, found none');
    return work;
  }

  /** An attempt begins there, and its first order rests at its venue. */
  async rest(pair: HousePair): Promise<boolean> {
    const before = this.resting;
    await this.#tempt(pair, () => this.#show(pair, FAIR));
    return this.held.until(() => this.resting > before, GAP_MS);
  }

  /** Orders of ours that rest at the venues. */
  get resting(): number {
    return VENUES.reduce((sum, name) => sum + this.held.venues.side(name).truth.restingIds().length, 0);
  }

  heard(path: string): EventObject[] {
    return this.held.heard(path);
  }

  hears(path: string, type: string, mostMs: number): Promise<boolean> {
    return this.held.until(() => this.held.hasHeard(path, (event) => event.type === type), mostMs);
  }

  get pairs(): readonly HousePair[] {
    return this.#pairs;
  }

  /** An attempt begins there, and its orders stand at the doors of their venues. */
  async begin(pair: HousePair): Promise<Held | undefined> {
    for (const name of VENUES) this.held.doors[name].isPassing = false;
    const plan = await this.#tempt(pair, () => undefined);
    if (plan !== undefined)
      await this.held.until(() => this.#ordersOf(plan).some((order) => this.held.find(order) !== undefined), 1_000);
    for (const name of VENUES) this.held.doors[name].isPassing = true;
    this.#show(pair, FAIR);
    return plan && { plan, pair };
  }

  /** The orders arrive, and meet this; the end of the attempt is waited for. */
  async conclude({ plan, pair }: Held, fate: Fate): Promise<void> {
    const { lifecycle } = this.held.venues.polymarket.sim.control;
    if (fate === 'turnedAway') lifecycle.setAccepting(pair.polymarket.venueKey, false);
    this.#quotes.delete(pair);
    for (const order of this.#ordersOf(plan)) {
      const found = this.held.find(order);
      if (found === undefined) continue;
      const isMet = fate === 'filled' || (fate === 'oneFilled' && order.venue === 'polymarket');
      pair.house(order.venue, isMet ? offering(order, pair) : GONE[order.venue]);
      this.held.doors[order.venue].arrive(found);
      this.held.doors[order.venue].open(found);
    }
    await this.held.settle(2 * TRAVEL_MS);
    lifecycle.setAccepting(pair.polymarket.venueKey, true);
    this.#show(pair, FAIR);
    await this.held.until(() => this.#hasEnded(plan), REST_MS);
  }

  outcomeOf({ plan }: Held): AttemptOutcome {
    const outcome = this.#outcomes.get(plan.attemptId);
    if (outcome === undefined) throw new Error(`expected an end of ${plan.attemptId}, found none`);
    return outcome;
  }

  /**
   * Whether an entry leaves now: somebody offers a gap, and takes it back before the orders arrive. Either both venues
   * get one, or neither does.
   */
  async knock(): Promise<boolean> {
    const before = this.#received();
    const plan = await this.#tempt(this.#knockPair, () => this.#show(this.#knockPair, GONE));
    if (plan !== undefined) await this.held.until(() => this.#hasEnded(plan), REST_MS);
    const arrived = this.#received().map((count, at) => count - (before[at] ?? 0));
    this.#show(this.#knockPair, FAIR);
    await this.held.settle(2 * TRAVEL_MS);
    const [least, most] = [Math.min(...arrived), Math.max(...arrived)];
    // The first leg of a maker waits alone.
    if (least !== most && this.#given.policy !== 'makerThenHedge')
      throw new Error(`expected an order at both venues or at neither, found ${arrived}`);
    return most > 0;
  }

  /** No order of ours is open but those that wait at the doors, and both venues are ready for more. */
  async quiet(waiting: readonly Held[] = []): Promise<boolean> {
    const { strategy } = this.trading;
    return this.held.until(() => strategy.liveAttempts === waiting.length && this.#isReady(), REST_MS);
  }

  /** Both venues and all of their books are there again, as far as they come within so long. */
  ready(mostMs: number): Promise<boolean> {
    return this.held.until(() => this.#isReady(), mostMs);
  }

  #isReady(): boolean {
    const { desks } = this.trading;
    return VENUES.every(
      (name) =>
        desks[name].availability().entries && this.#pairs.every((pair) => desks[name].isTradable(pair[name].yes.book)),
    );
  }

  /** What is true at the venues lies within what is believed, and nothing left that may not. */
  check(): void {
    if (this.#breaches.length > 0) throw new Error(`expected no breach, found ${this.#breaches.join('; ')}`);
    for (const { id, truthE6, leastE6, mostE6 } of this.#spans())
      if (truthE6 < leastE6 || truthE6 > mostE6)
        throw new Error(`expected ${id} within ${leastE6}..${mostE6}, found ${truthE6} at ${this.#nowMs} ms`);
  }

  /** Nothing is open any more, and what is believed is what is true, to the contract and to the micro-dollar. */
  async checkEnd(givenMicroUsd: Partial<Record<VenueName, number>> = {}): Promise<void> {
    const { held, trading } = this;
    for (const name of VENUES) held.doors[name].openAll();
    const isOver = (): boolean => trading.strategy.liveAttempts === 0 && trading.registry.open().length === 0;
    if (!(await held.until(isOver, 2 * REST_MS)))
      throw new Error('expected every attempt to end, found one that lives');
    await held.settle(4 * SOON.mostMs);
    for (const { id, truthE6, leastE6, mostE6 } of this.#spans())
      if (truthE6 !== leastE6 || truthE6 !== mostE6)
        throw new Error(`expected ${truthE6} of ${id} and no doubt, found ${leastE6} to ${mostE6}`);
    for (const name of VENUES) {
      const there = held.venues.side(name).truth.cash() - (givenMicroUsd[name] ?? 0);
      const booked = trading.ledger.cash(name);
      if (booked !== there) throw new Error(`expected ${there} booked at ${name}, found ${booked}`);
    }
    held.checkArrivals();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.trading.stop();
    await this.held.venues.close();
  }

  get #nowMs(): number {
    return this.held.venues.clock.nowMs();
  }

  async #tempt(pair: HousePair, onStart: () => void): Promise<AttemptPlan | undefined> {
    let started: AttemptPlan | undefined;
    this.#onStart = (plan) => {
      started = plan;
      onStart();
    };
    this.#show(pair, { ...FAIR, polymarket: GAP.polymarket });
    await this.held.settle(TRAVEL_MS);
    this.#show(pair, GAP);
    await this.held.until(() => started !== undefined, GAP_MS);
    this.#onStart = undefined;
    return started;
  }

  #ordersOf({ attemptId }: AttemptPlan): readonly LegOrder[] {
    return this.trading.registry.open().flatMap(({ order }) => (order.attemptId === attemptId ? [order] : []));
  }

  #hasEnded({ attemptId }: AttemptPlan): boolean {
    return this.#outcomes.has(attemptId);
  }

  #received(): readonly number[] {
    return VENUES.map((name) => this.held.venues.side(name).truth.ordersReceived());
  }

  #spans() {
    return this.#pairs.flatMap(({ kalshi, polymarket }) =>
      [kalshi, polymarket].flatMap(({ venue, yes, no }) =>
        [yes, no].map((instrument) => ({
          id: instrumentId(instrument),
          truthE6: this.held.venues.side(venue).truth.matchedE6(instrument),
          ...this.trading.exposures.spanOf(instrument),
        })),
      ),
    );
  }

  /** Whatever the desk of orders believes: an entry that is handed over passes the gate in this moment. */
  #onSubmit({ request: { clientOrderId, isReducing } }: PreparedOrder): void {
    if (isReducing) return;
    const entry = this.trading.registry.open().find(({ order }) => order.clientOrderId === clientOrderId);
    const refusal = this.trading.gate.refusalOf(entry?.order.attemptId ?? '');
    if (refusal !== undefined) this.#breaches.push(`entry ${clientOrderId} left although ${refusal}`);
  }

  #listeners(): TradingListeners {
    const { listeners = {}, chart } = this.#given;
    return {
      ...listeners,
      onEdge: (machine, edge) => {
        if (machine === chart) onEdgeAtVenues(machine, edge);
      },
      onOutcome: (outcome) => this.#outcomes.set(outcome.attemptId, outcome),
      onApproval: (_, approval) => {
        if (approval.kind === 'started') this.#onStart?.(approval.plan);
      },
    };
  }

  #quote(): void {
    if (this.#isClosed) return;
    this.#isEven = !this.#isEven;
    if (this.#isQuoting) for (const [pair, quotes] of this.#quotes) this.#show(pair, quotes);
    this.held.venues.clock.setTimeout(() => this.#quote(), QUOTE_MS);
  }

  /** What changes far away from the touch is news all the same. */
  #show(pair: HousePair, quotes: Quotes): void {
    this.#quotes.set(pair, quotes);
    const far = this.#isEven ? 1_000 : 1_001;
    for (const name of VENUES) {
      const { bids, asks } = quotes[name];
      pair.house(name, { bids: [...bids, level(1, far)], asks: [...asks, level(99, far)] });
    }
  }
}

/** Somebody wants exactly this, at its limit. */
function offering({ instrument, action, limitE4, sizeE6: size, venue }: LegOrder, pair: HousePair): BookSides {
  const isYes = instrumentId(instrument) === instrumentId(pair[venue].yes);
  const met = [{ priceE4: priceE4(isYes ? limitE4 : PRICE_ONE - limitE4), sizeE6: sizeE6(size) }];
  return (action === 'buy') === isYes ? { bids: [level(1, 100)], asks: met } : { bids: met, asks: [level(99, 100)] };
}

/** Room for as many attempts as a path has. */
function roomy(profile: TradingProfile): TradingProfile {
  const plenty = (10_000 * USD) as TradingProfile['limits']['totalMicroUsdMax'];
  return { ...profile, limits: { ...profile.limits, totalMicroUsdMax: plenty, eventMicroUsdMax: plenty } };
}
