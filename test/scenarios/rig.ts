/**
 * The whole of trading at both simulated venues, in virtual time: a scenario opens a gap, breaks something, and lets
 * time pass. After every step of it what must always hold is checked (`scenario-checks.ts`).
 */

import { afterEach } from 'vitest';
import type { BreakerAlert } from '../../src/actors/breaker.actor.ts';
import type { Approval } from '../../src/actors/strategy.actor.ts';
import { Trading } from '../../src/actors/trading.ts';
import type { TradingParts, TradingProfile } from '../../src/actors/trading-parts.ts';
import { KALSHI_DESK, POLYMARKET_DESK } from '../../src/actors/venue-desk-settings.ts';
import { conservative100 } from '../../src/app/config/conservative-100.ts';
import { MemoryJournal } from '../../src/db/journal/memory-journal.ts';
import type { ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import type { LegReport } from '../../src/domain/execution/leg.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import type { TriggerKind } from '../../src/domain/limits/trigger.ts';
import type { Venue } from '../../src/domain/ports/venue.ts';
import { seededIds, seededRandom } from '../../src/domain/seeded-random.ts';
import type { AttemptOutcome } from '../../src/machines/attempt.events.ts';
import type { PositionReport } from '../../src/machines/position-facts.ts';
import type { Fault } from '../../src/sim/faults.ts';
import {
  type BookSides,
  level,
  type TwoVenues,
  type TwoVenuesOptions,
  twoVenues,
  type VenueSide,
} from '../support/two-venues.ts';
import { type Life, mortalClock, watchedVenue } from './life.ts';
import { ScenarioChecks, type Waivers } from './scenario-checks.ts';
import { orderText, ScenarioJournal } from './scenario-journal.ts';
import { pairOf } from './traded-pair.ts';

export { level } from '../support/two-venues.ts';

export type Quotes = Readonly<Record<VenueName, BookSides>>;

export interface ScenarioOptions extends TwoVenuesOptions {
  /** What the venues quote from the start; `FAIR` unless given. */
  readonly quotes?: Partial<Quotes>;
  readonly policy?: ExecutionPolicy;
  /**
   * This venue will say what is not so (a fill after its own last word): what is believed may be wrong from then on
   * until the truth was heard, for so long at most. Nothing is forgiven otherwise.
   */
  readonly liesMs?: Partial<Record<VenueName, number>>;
  /** YES at Kalshi is NO at Polymarket. */
  readonly isInverted?: boolean;
  /** Changes the profile, which is `conservative-100` otherwise. */
  readonly profile?: (profile: TradingProfile) => TradingProfile;
}

export interface GapOptions {
  readonly quotes?: Quotes;
  /** What the venues quote once an attempt has started; the books of before the gap unless given. */
  readonly after?: Quotes;
  /** How long after the start: 0 is before the first order arrives, and after it was decided. */
  readonly afterMs?: number;
}

/** Prices agree: nothing is to be had. */
export const FAIR: Quotes = {
  kalshi: { bids: [level(48, 100), level(47, 100)], asks: [level(52, 100), level(53, 100)] },
  polymarket: { bids: [level(48, 100), level(47, 100)], asks: [level(52, 100), level(53, 100)] },
};

/** Eleven sets: YES at 41 on Kalshi and NO at 52 on Polymarket cost 93 cents. */
export const GAP: Quotes = {
  kalshi: { bids: [level(38, 100), level(37, 100)], asks: [level(41, 20), level(60, 100)] },
  polymarket: { bids: [level(48, 100), level(47, 100)], asks: [level(52, 100), level(53, 100)] },
};

/** The other way round: NO on Kalshi, YES on Polymarket. */
export const GAP_AT_POLYMARKET: Quotes = {
  kalshi: { bids: [level(48, 100), level(47, 100)], asks: [level(52, 100), level(53, 100)] },
  polymarket: { bids: [level(38, 100), level(37, 100)], asks: [level(41, 20), level(60, 100)] },
};

const VENUES = ['kalshi', 'polymarket'] as const;
/** Books are quoted anew far inside the two seconds after which one is stale. */
const QUOTE_MS = 500;
const STEP_MS = 50;
/** Streams are up and books are live. */
const WARM_MS = 3_000;

export class Scenario {
  readonly venues: TwoVenues;
  readonly trading: Trading;
  readonly journal: ScenarioJournal;
  readonly outcomes: AttemptOutcome[] = [];
  readonly positions: PositionReport[] = [];
  readonly alerts: BreakerAlert[] = [];
  readonly approvals: Approval[] = [];
  readonly #checks: ScenarioChecks;
  readonly #quotes: Record<VenueName, BookSides>;
  readonly #life: Life;
  readonly #options: ScenarioOptions;
  #isEven = false;
  #isChecked = true;
  #onStart: (() => void) | undefined;

  private constructor(venues: TwoVenues, options: ScenarioOptions, life: Life) {
    this.venues = venues;
    this.#life = life;
    this.#options = options;
    this.#quotes = { ...FAIR, ...options.quotes };
    const clock = mortalClock(venues.clock, life);
    this.journal = new ScenarioJournal(life, venues.clock);
    const { policy = 'together', profile = (same) => same } = options;
    this.trading = new Trading({
      clock,
      random: seededRandom(life.run),
      ids: seededIds(life.run),
      journal: this.journal,
      definitionOf: this.journal.definitionOf,
      seats: this.#seats(),
      profile: profile(conservative100(policy)),
      listeners: {
        onOutcome: (outcome) => this.outcomes.push(outcome),
        onPosition: (report) => this.positions.push(report),
        onAlert: (alert) => this.alerts.push(alert),
        onApproval: (_, approval) => this.#approved(approval),
      },
    });
    const { trading, journal } = this;
    this.#checks = new ScenarioChecks(venues, { trading, journal, liesMs: options.liesMs ?? {} });
  }

  static async begin(options: ScenarioOptions = {}): Promise<Scenario> {
    const venues = await twoVenues(options);
    const { journal } = venues;
    return Scenario.#live(venues, options, { run: 'memory', journal, isOver: false });
  }

  static async #live(
    venues: TwoVenues,
    options: ScenarioOptions,
    life: Life,
    recover?: (trading: Trading) => void,
  ): Promise<Scenario> {
    const scenario = new Scenario(venues, options, life);
    const { trading } = scenario;
    // Trading takes up nothing of an earlier life by itself: until that is done, nothing is believed of it.
    scenario.#isChecked = recover === undefined;
    scenario.#quote();
    await scenario.#during(trading.start());
    trading.trade([pairOf(venues, options.isInverted)]);
    recover?.(trading);
    scenario.#isChecked = true;
    await scenario.run(WARM_MS);
    return scenario;
  }

  /**
   * The process dies in this moment: what was not synced is gone, no timer runs out and no answer is heard. Another one
   * starts on the journal that is left. The venues, and what they quote, go on.
   */
  async crash(recover: (trading: Trading) => void): Promise<Scenario> {
    const { clock } = this.venues;
    this.#life.isOver = true;
    for (const desk of Object.values(this.trading.desks)) desk.stop();
    const run = `${this.#life.run}-again`;
    const journal = new MemoryJournal({ clock, syncMs: 1, run: { run }, files: this.#life.journal.crash() });
    const life: Life = { run, journal, isOver: false };
    return Scenario.#live(this.venues, { ...this.#options, quotes: { ...this.#quotes } }, life, recover);
  }

  get kalshi(): TwoVenues['kalshi'] {
    return this.venues.kalshi;
  }

  get polymarket(): TwoVenues['polymarket'] {
    return this.venues.polymarket;
  }

  side(name: VenueName): VenueSide {
    return this.venues.side(name);
  }

  get nowMs(): number {
    return this.venues.clock.nowMs();
  }

  // What a scenario does.

  /** The houses quote this from now on, again and again. */
  quote(quotes: Partial<Quotes>): void {
    Object.assign(this.#quotes, quotes);
    for (const name of VENUES) if (quotes[name] !== undefined) this.#show(name);
  }

  /** Prices come apart, the side that moves last. Whoever starts on it changes what is quoted. */
  async open({ quotes = GAP, after = FAIR, afterMs = 20 }: GapOptions = {}): Promise<void> {
    this.#onStart = () => {
      if (afterMs === 0) this.quote(after);
      else this.venues.clock.setTimeout(() => this.quote(after), afterMs);
    };
    const moved = VENUES.filter((name) => quotes[name].asks[0]?.priceE4 !== this.#quotes[name].asks[0]?.priceE4);
    for (const name of VENUES) if (!moved.includes(name)) this.quote({ [name]: quotes[name] });
    await this.run(50);
    for (const name of moved) this.quote({ [name]: quotes[name] });
    await this.until(() => this.started > 0, 1_000);
  }

  setFaults(name: VenueName, ...faults: readonly Omit<Fault, 'venue'>[]): void {
    this.side(name).setFaults(...faults);
  }

  /** Time passes, timer by timer, with everything checked after each. */
  async run(ms: number): Promise<void> {
    const { clock } = this.venues;
    const untilMs = clock.nowMs() + ms;
    while (clock.nowMs() < untilMs) await this.#step(untilMs);
  }

  async until(condition: () => boolean, mostMs = 60_000): Promise<void> {
    const { clock } = this.venues;
    const untilMs = clock.nowMs() + mostMs;
    while (!condition()) {
      if (clock.nowMs() >= untilMs) throw new Error(`expected it within ${mostMs} ms, found ${this.told()}`);
      await this.#step(untilMs);
    }
  }

  async #during(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    work.then(done, done);
    await this.until(() => isDone);
    await work;
  }

  async #step(untilMs: number): Promise<void> {
    const { clock } = this.venues;
    // What is awaited runs out before time moves, and after it has.
    await clock.settleTo(Math.min(untilMs, clock.nextAtMs ?? untilMs, clock.nowMs() + STEP_MS));
    if (this.#isChecked) this.#checks.step();
  }

  // What came of it.

  get started(): number {
    return this.approvals.filter(({ kind }) => kind === 'started').length;
  }

  /** What the breaker was told, in order. */
  get triggers(): readonly TriggerKind[] {
    return this.journal.triggers.map(({ trigger }) => trigger.kind);
  }

  /** Orders as they were intended, in order: `kalshi buy 11 @41 entry`. */
  get intended(): readonly string[] {
    return this.journal.orders.map(orderText);
  }

  /** Requests to place an order as each venue received them, in order. */
  received(name: VenueName): number {
    return this.side(name).truth.ordersReceived();
  }

  /** The last report of a leg: `1-kalshi`. Of the newest attempt that has one. */
  report(legId: string): LegReport {
    const live = this.trading.registry.open().map(({ report }) => report);
    const ended = this.outcomes.flatMap(({ reports }) => reports);
    const found = [...ended, ...live].findLast((report) => report?.order.legId === legId);
    if (found === undefined) throw new Error(`expected a report of leg ${legId}, found none`);
    return found;
  }

  /** Where the newest attempt stands; `gone` once it has closed. */
  get attempt(): string {
    return this.trading.strategy.liveAttempts === 0 ? 'gone' : (this.journal.states('attempt/*').at(-1) ?? 'none');
  }

  get end(): string | undefined {
    return this.outcomes.at(-1)?.end;
  }

  /** Contracts that the venues hold for us in truth: YES at Kalshi (NO below zero), YES and NO at Polymarket. */
  get truth(): { readonly kalshi: number; readonly yes: number; readonly no: number } {
    const { kalshi, polymarket } = this.venues;
    const held = (side: VenueSide, outcome: 'yes' | 'no') => side.truth.matchedE6(side[outcome]) / 1_000_000;
    return { kalshi: held(kalshi, 'yes'), yes: held(polymarket, 'yes'), no: held(polymarket, 'no') };
  }

  get breaker(): string {
    return this.trading.breaker.view().standing;
  }

  told(): string {
    return JSON.stringify({
      attempt: this.journal.states('attempt/*'),
      intended: this.intended,
      truth: this.truth,
      triggers: this.triggers,
      breaker: this.breaker,
      approvals: this.approvals.slice(-2),
    });
  }

  /**
   * Waits until nothing is open any more, and then holds the books against the venues: what is believed is what is
   * true, to the contract and to the micro-dollar. What a scenario is about may be waived, by name.
   */
  async settled(waivers: Waivers = {}): Promise<void> {
    await this.until(
      () => this.trading.strategy.liveAttempts === 0 && this.trading.registry.open().length === 0,
      300_000,
    );
    await this.run(100);
    await this.#checks.atRest(waivers);
  }

  async stop(): Promise<void> {
    await this.trading.stop();
    await this.venues.close();
  }

  /** With everything that the program itself gives each desk. */
  #seats(): TradingParts['seats'] {
    const { kalshi, polymarket } = { kalshi: this.kalshi.venue, polymarket: this.polymarket.venue };
    const life = this.#life;
    const watched = (venue: Venue): Venue => watchedVenue(venue, life, (order) => this.#checks.onSubmit(order));
    return {
      kalshi: {
        venue: watched(kalshi),
        desk: {
          settings: KALSHI_DESK,
          rateStates: () => kalshi.rateStates(),
          refreshHeaders: () => kalshi.refreshHeaders(),
        },
      },
      polymarket: {
        venue: watched(polymarket),
        desk: {
          settings: POLYMARKET_DESK,
          rateStates: () => polymarket.rateStates(),
          standingNow: () => polymarket.standing(),
          readBooks: (books) => polymarket.books(books.map((book) => ({ book, inverted: false }))),
        },
        refresh: (instruments) => {
          for (const instrument of instruments) void polymarket.refreshBalance(instrument);
        },
      },
    };
  }

  #approved(approval: Approval): void {
    this.approvals.push(approval);
    if (approval.kind !== 'started') return;
    this.#onStart?.();
    this.#onStart = undefined;
  }

  #quote(): void {
    if (this.#life.isOver) return;
    this.#isEven = !this.#isEven;
    for (const name of VENUES) this.#show(name);
    this.venues.clock.setTimeout(() => this.#quote(), QUOTE_MS);
  }

  /** What changes far away from the touch is news all the same. */
  #show(name: VenueName): void {
    const { bids, asks } = this.#quotes[name];
    const far = this.#isEven ? 1 : 2;
    this.side(name).house({
      bids: bids.length === 0 ? [] : [...bids, level(1, far)],
      asks: asks.length === 0 ? [] : [...asks, level(99, far)],
    });
  }
}

/** The next request to place an order: for faults of the way there and back. */
export const onOrder = {
  kalshi: { times: 1, match: { method: 'POST', endpoint: '/portfolio/events/orders' } },
  polymarket: { times: 1, match: { step: 'order' } },
} as const;

/** The next order that is matched: for faults of the match. */
export const onMatch = {
  kalshi: { times: 1, match: { step: 'create' } },
  polymarket: { times: 1, match: { type: 'FOK' } },
} as const;

/** Begins scenarios, and stops each after its test. */
export function scenarios(): (options?: ScenarioOptions) => Promise<Scenario> {
  const begun: Scenario[] = [];
  afterEach(async () => {
    for (const one of begun.splice(0)) await one.stop();
  });
  return async (options = {}) => {
    const scenario = await Scenario.begin(options);
    begun.push(scenario);
    return scenario;
  };
}
