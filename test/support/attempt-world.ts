/**
 * Trading at both simulated venues in virtual time, attempt after attempt: the house opens a gap, whoever drives says
 * what becomes of it, and an operator resumes what the breaker stopped. Nothing is checked between the steps, so that
 * thousands of attempts take minutes.
 */
import type { BreakerAlert } from '../../src/actors/breaker.actor.ts';
import { Trading } from '../../src/actors/trading.ts';
import type { TradedPair, TradingListeners, TradingParts, TradingProfile } from '../../src/actors/trading-parts.ts';
import { KALSHI_DESK, POLYMARKET_DESK } from '../../src/actors/venue-desk-settings.ts';
import { conservative100 } from '../../src/app/config/conservative-100.ts';
import type { AttemptPlan, ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import { instrumentId, type VenueName } from '../../src/domain/instrument.ts';
import { termsAsRead } from '../../src/domain/pairs/pair-terms.ts';
import type { Journal } from '../../src/domain/ports/journal.ts';
import type { Listing } from '../../src/domain/ports/venue.ts';
import { seededIds, seededRandom } from '../../src/domain/seeded-random.ts';
import { micros } from '../../src/domain/units.ts';
import type { AttemptOutcome } from '../../src/machines/attempt.events.ts';
import { type ExtraMarkets, extraMarkets, type HousePair } from './extra-markets.ts';
import { type BookSides, level, type TwoVenues, type TwoVenuesOptions, twoVenues } from './two-venues.ts';

export type Quotes = Readonly<Record<VenueName, BookSides>>;

export interface WorldOptions extends TwoVenuesOptions {
  readonly seed?: string;
  readonly policy?: ExecutionPolicy;
  readonly profile?: (profile: TradingProfile) => TradingProfile;
  readonly listeners?: TradingListeners;
  /** Instead of the one in memory, which keeps everything. */
  readonly journal?: (venues: TwoVenues) => Journal;
  /** How many pairs of markets there are; one is quoted at a time. */
  readonly pairs?: number;
  readonly quoteMs?: number;
}

export interface Belief {
  readonly instrument: string;
  readonly truthE6: number;
  readonly leastE6: number;
  readonly mostE6: number;
}

/** What is done the moment an attempt has been approved, before its first order arrives. */
export type Script = (plan: AttemptPlan) => void;

export const FAIR: Quotes = {
  kalshi: { bids: [level(48, 100), level(47, 100)], asks: [level(52, 100), level(53, 100)] },
  polymarket: { bids: [level(48, 100), level(47, 100)], asks: [level(52, 100), level(53, 100)] },
};

/** Eleven sets: YES at 41 on Kalshi and NO at 52 on Polymarket cost 93 cents. */
export const GAP: Quotes = {
  ...FAIR,
  kalshi: { bids: [level(38, 100), level(37, 100)], asks: [level(41, 20), level(60, 100)] },
};

const VENUES = ['kalshi', 'polymarket'] as const;
const QUOTE_MS = 500;
/** Streams are up and books are live. */
const WARM_MS = 3_000;
const OPERATOR_MS = 1_000;
/** After this long a gap that nobody took is closed, and opened anew. */
const GAP_MS = 500;

export class AttemptWorld {
  readonly venues: TwoVenues;
  readonly trading: Trading;
  readonly outcomes: AttemptOutcome[] = [];
  readonly alerts: BreakerAlert[] = [];
  readonly #options: WorldOptions;
  readonly #markets: ExtraMarkets;
  readonly #quotes = new Map<HousePair, Record<VenueName, BookSides>>();
  #pair: HousePair;
  #script: Script | undefined;
  #started: AttemptPlan | undefined;
  #isEven = false;
  #isOperatorThere = false;
  resumes = 0;
  refusedResumes = 0;
  isClosed = false;
  /** Of venues, pairs and whoever supervises: what is left when no work is. */
  actorsAtStart = 0;

  private constructor(venues: TwoVenues, markets: ExtraMarkets, options: WorldOptions) {
    this.venues = venues;
    this.#markets = markets;
    this.#options = options;
    this.#pair = markets.pairs[0] as HousePair;
    this.#quotes.set(this.#pair, { ...FAIR });
    const { policy = 'together', profile = (same) => same, seed = 'attempts', journal } = options;
    this.trading = new Trading({
      clock: venues.clock,
      random: seededRandom(seed),
      ids: seededIds(seed),
      journal: journal?.(venues) ?? venues.journal,
      definitionOf: () => 'sha256:0',
      seats: this.#seats(),
      profile: profile(conservative100(policy)),
      listeners: this.#listeners(),
    });
  }

  static async begin(options: WorldOptions = {}): Promise<AttemptWorld> {
    const venues = await twoVenues({ cashUsd: 100_000, ...options });
    const markets = await extraMarkets(venues, options.pairs ?? 1);
    const world = new AttemptWorld(venues, markets, options);
    world.#quote();
    const started = world.trading.start();
    let isDone = false;
    started.finally(() => {
      isDone = true;
    });
    while (!isDone) await world.run(100);
    await started;
    world.trading.trade(markets.pairs.map(tradedPair));
    await world.run(WARM_MS);
    world.actorsAtStart = world.trading.runtime.liveActors;
    return world;
  }

  get nowMs(): number {
    return this.venues.clock.nowMs();
  }

  run(ms: number): Promise<void> {
    return this.venues.clock.settleBy(ms);
  }

  async until(condition: () => boolean, mostMs: number): Promise<boolean> {
    const { clock } = this.venues;
    const untilMs = clock.nowMs() + mostMs;
    while (!condition()) {
      if (clock.nowMs() >= untilMs) return false;
      await clock.settleTo(Math.min(untilMs, clock.nextAtMs ?? untilMs));
    }
    return true;
  }

  quote(quotes: Partial<Quotes>): void {
    Object.assign(this.#quotesOf(this.#pair), quotes);
    for (const name of VENUES) if (quotes[name] !== undefined) this.#show(this.#pair, name);
  }

  get pair(): HousePair {
    return this.#pair;
  }

  /** What follows is about this pair; those before are quoted all the same. */
  turnTo(at: number): HousePair {
    const next = this.#markets.pairs[at];
    if (next === undefined) throw new Error(`expected a pair with number ${at}, found none`);
    this.#pair = next;
    this.quote(FAIR);
    return next;
  }

  /** Nobody quotes this pair any more. */
  leave(pair: HousePair): void {
    this.#quotes.delete(pair);
  }

  #quotesOf(pair: HousePair): Record<VenueName, BookSides> {
    const known = this.#quotes.get(pair) ?? { ...FAIR };
    this.#quotes.set(pair, known);
    return known;
  }

  /**
   * Opens a gap until somebody takes it, another one each time where they are drawn; answers with the outcome once the
   * venues have said their last word.
   */
  async attempt(
    script: Script,
    gap: Quotes | (() => Quotes) = GAP,
    mostMs = 600_000,
  ): Promise<AttemptOutcome | undefined> {
    this.#started = undefined;
    this.#script = script;
    const untilMs = this.nowMs + mostMs;
    while (this.#started === undefined && this.nowMs < untilMs)
      await this.#tempt(typeof gap === 'function' ? gap() : gap);
    const plan = this.#started as AttemptPlan | undefined;
    if (plan === undefined) return undefined;
    const mine = (): AttemptOutcome | undefined =>
      this.outcomes.findLast(({ attemptId }) => attemptId === plan.attemptId);
    await this.until(() => mine() !== undefined, untilMs - this.nowMs);
    return mine();
  }

  /** No attempt lives and no order is open. */
  async rest(mostMs = 300_000): Promise<boolean> {
    this.quote(FAIR);
    const { strategy, registry } = this.trading;
    return this.until(() => strategy.liveAttempts === 0 && registry.open().length === 0, mostMs);
  }

  /** What is true and what is believed of the first pair. */
  spans(): readonly Belief[] {
    return VENUES.flatMap((name) => {
      const { yes, no, truth } = this.venues.side(name);
      return [yes, no].map((instrument) => ({
        instrument: instrumentId(instrument),
        truthE6: truth.matchedE6(instrument),
        ...this.trading.exposures.spanOf(instrument),
      }));
    });
  }

  /** What is believed is what is true, to the contract and to the micro-dollar. */
  get isBelievedTrue(): boolean {
    const { ledger } = this.trading;
    return (
      this.spans().every(({ truthE6, leastE6, mostE6 }) => leastE6 === truthE6 && mostE6 === truthE6) &&
      VENUES.every((name) => ledger.cash(name) === this.venues.side(name).truth.cash())
    );
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.trading.stop();
    await this.venues.close();
  }

  /** Opens a gap, the side that moves last. */
  tempt(gap: Quotes): void {
    this.quote({ polymarket: gap.polymarket });
    this.quote({ kalshi: gap.kalshi });
  }

  async #tempt(gap: Quotes): Promise<void> {
    this.quote(FAIR);
    await this.run(20);
    // Books that passed each other on their way were a gap already: what the script made of them stays.
    if (this.#started !== undefined) return;
    this.quote({ polymarket: gap.polymarket });
    await this.run(20);
    if (this.#started !== undefined) return;
    this.quote({ kalshi: gap.kalshi });
    await this.until(() => this.#started !== undefined, GAP_MS);
  }

  #listeners(): TradingListeners {
    const { listeners = {} } = this.#options;
    return {
      ...listeners,
      onOutcome: (outcome) => {
        this.outcomes.push(outcome);
        listeners.onOutcome?.(outcome);
      },
      onAlert: (alert) => {
        this.alerts.push(alert);
        if (alert.kind === 'opened') this.#callOperator();
        listeners.onAlert?.(alert);
      },
      onApproval: (decision, approval) => {
        if (approval.kind === 'started') this.#onStarted(approval.plan);
        listeners.onApproval?.(decision, approval);
      },
    };
  }

  #onStarted(plan: AttemptPlan): void {
    this.#started = plan;
    this.#script?.(plan);
    this.#script = undefined;
  }

  /** Comes after a while, looks whether everything is clean, and resumes; comes again if it is not. */
  #callOperator(): void {
    if (this.#isOperatorThere) return;
    this.#isOperatorThere = true;
    this.venues.clock.setTimeout(() => void this.#operate(), OPERATOR_MS);
  }

  async #operate(): Promise<void> {
    this.#isOperatorThere = false;
    if (this.isClosed || this.trading.breaker.view().standing === 'closed') return;
    const answer = await this.trading.resume({ by: 'operator', reason: 'looked at it', force: false });
    if (answer.kind === 'resumed') this.resumes++;
    else {
      this.refusedResumes++;
      this.#callOperator();
    }
  }

  #quote(): void {
    if (this.isClosed) return;
    this.#isEven = !this.#isEven;
    for (const pair of this.#quotes.keys()) for (const name of VENUES) this.#show(pair, name);
    this.venues.clock.setTimeout(() => this.#quote(), this.#options.quoteMs ?? QUOTE_MS);
  }

  /** What changes far away from the touch is news all the same. */
  #show(pair: HousePair, name: VenueName): void {
    const { bids, asks } = this.#quotesOf(pair)[name];
    const far = this.#isEven ? 1_000 : 1_001;
    pair.house(name, {
      bids: [...bids, level(1, far)],
      asks: [...asks, level(99, far)],
    });
  }

  #seats(): TradingParts['seats'] {
    const { kalshi, polymarket } = this.venues;
    return {
      kalshi: { venue: kalshi.venue, desk: { settings: KALSHI_DESK, rateStates: () => kalshi.venue.rateStates() } },
      polymarket: {
        venue: polymarket.venue,
        desk: { settings: POLYMARKET_DESK, rateStates: () => polymarket.venue.rateStates() },
        refresh: () => void polymarket.venue.refreshBalance(),
      },
    };
  }
}

export function tradedPair({
  id,
  kalshi,
  polymarket,
}: {
  id: string;
  kalshi: Listing;
  polymarket: Listing;
}): TradedPair {
  const expiresAt = micros(Number.MAX_SAFE_INTEGER);
  return {
    id,
    title: id,
    kalshi,
    polymarket,
    isInverted: false,
    special: [],
    group: { eventId: id, category: 'test', correlated: id },
    terms: termsAsRead({ pairId: id, title: id, kalshi, polymarket, approvedBy: 'test', expiresAt }),
  };
}
