/**
 * How trading begins, what has to be clean before anything is entered, and how it ends: the engine and the pairs
 * that a person approved.
 */
import type { VenueName } from '../domain/instrument.ts';
import type { ReportTrigger } from '../domain/limits/trigger.ts';
import type { Venue } from '../domain/ports/venue.ts';
import type { StandingCheck } from '../domain/risk/breaker-reasons.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import { CancelAll } from './cancel-all.ts';
import { Engine, type EngineStanding } from './engine.actor.ts';
import { Mode } from './mode.actor.ts';
import type { OrderRegistry } from './order-registry.ts';
import { PairUpkeep } from './pair-upkeep.ts';
import type { Strategy } from './strategy.actor.ts';
import type { TradingBooks } from './trading-books.ts';
import type { TradedPair, TradingParts } from './trading-parts.ts';
import type { VenueDesk } from './venue-desk.ts';

export interface TradingLifeParts {
  readonly parts: TradingParts;
  readonly runtime: ActorRuntime;
  readonly venues: Readonly<Record<VenueName, Venue>>;
  readonly desks: Readonly<Record<VenueName, VenueDesk>>;
  readonly books: TradingBooks;
  readonly registry: OrderRegistry;
  readonly strategy: Strategy;
  readonly report: ReportTrigger;
}

export const VENUES = ['kalshi', 'polymarket'] as const;
/** How long venues may take until they take orders, before the checks say that they do not. */
const START_MS_MAX = 15_000;
const CHECKS_MS_MAX = 20_000;
const DRAIN_MS_MAX = 30_000;
const LOOK_MS = 100;

export class TradingLife {
  readonly engine: Engine;
  readonly pairs: PairUpkeep;
  /** `undefined` where whoever composes it answers for where orders go. */
  readonly mode: Mode | undefined;
  readonly #given: TradingLifeParts;
  readonly #cancelAll: CancelAll;

  constructor(given: TradingLifeParts) {
    this.#given = given;
    this.pairs = this.#makePairs();
    this.mode = this.#makeMode();
    this.#cancelAll = new CancelAll({ clock: given.parts.clock, venues: given.venues, report: given.report });
    this.engine = this.#makeEngine();
  }

  /** The books first, then the venues, then the checks; entries pass once those are clean or answered for. */
  async start(): Promise<EngineStanding> {
    const { books, desks } = this.#given;
    try {
      await books.open();
    } catch (error) {
      this.engine.startupFailed(String(error));
      throw error;
    }
    for (const name of VENUES) desks[name].start();
    await this.#until(START_MS_MAX, () => VENUES.every((name) => desks[name].availability().entries));
    this.engine.startupCompleted();
    await this.#until(START_MS_MAX, () => this.engine.standing !== 'checking');
    return this.engine.standing;
  }

  get isModeConfirmed(): boolean {
    return this.mode?.holds() !== false;
  }

  approve(pairs: readonly TradedPair[], by: string): void {
    this.pairs.add(pairs, by);
  }

  /** Whether venues, orders and accounts stand as we believe they do. */
  async checks(): Promise<readonly StandingCheck[]> {
    return [...this.#standingChecks(), ...(await this.#given.books.checks())];
  }

  cancelAll(): void {
    this.#cancelAll.start();
  }

  stop(): void {
    this.pairs.stop();
    this.#cancelAll.stop();
    for (const name of VENUES) this.#given.desks[name].stop();
  }

  #standingChecks(): StandingCheck[] {
    const { desks, registry } = this.#given;
    const venues = VENUES.map((name): StandingCheck => {
      const { entries, reason } = desks[name].availability();
      return { name: `${name} takes orders`, isClean: entries, detail: reason };
    });
    const unknown = registry.open().filter(({ report }) => report?.standing === 'unresolved');
    const orders: StandingCheck = {
      name: 'no order is unresolved',
      isClean: unknown.length === 0,
      detail: unknown.map(({ order }) => order.clientOrderId).join(', '),
    };
    return [...venues, orders];
  }

  #makeMode(): Mode | undefined {
    const { parts, runtime } = this.#given;
    const { ids, journal, listeners, mode } = parts;
    return mode && new Mode({ ...mode, runtime, ids, journal, onMode: (name, by) => listeners.onMode?.(name, by) });
  }

  #makePairs(): PairUpkeep {
    const { parts, runtime, venues, report, books } = this.#given;
    const { clock, journal, listeners, quarantined } = parts;
    return new PairUpkeep({
      runtime,
      clock,
      journal,
      venues,
      onListing: books.onListing,
      ...(quarantined === undefined ? {} : { quarantined }),
      listeners: {
        onTradable: (pairId) => listeners.onPair?.(pairId, 'tradable', ''),
        onUntradable: (pairId, reason) => listeners.onPair?.(pairId, 'untradable', reason),
        onApprovalRefused: (pairId, by, because) => listeners.onPair?.(pairId, 'untradable', `${by}: ${because}`),
        onDifference: (pairId, detail) => report({ kind: 'SETTLED_DIFFERENTLY', detail: `${pairId}: ${detail}` }),
      },
    });
  }

  #makeEngine(): Engine {
    const { parts, runtime, strategy } = this.#given;
    const { journal, listeners } = parts;
    return new Engine({
      runtime,
      journal,
      settings: { checksMsMax: CHECKS_MS_MAX, drainMsMax: DRAIN_MS_MAX },
      runChecks: (answer) => {
        const failed = (error: unknown): void => answer([{ name: 'checks', isClean: false, detail: String(error) }]);
        this.checks().then(answer, failed);
      },
      drain: (reason, ended) => {
        strategy.drain(reason);
        void this.#until(DRAIN_MS_MAX, () => strategy.liveAttempts === 0).then(() => {
          // What is still open at the deadline is left over, and has not ended.
          if (strategy.liveAttempts === 0) ended();
        });
      },
      cancelAll: () => this.cancelAll(),
      onChange: (change) => listeners.onEngine?.(change),
    });
  }

  /** Looks again and again, for so long at most. */
  #until(msMax: number, isSo: () => boolean): Promise<void> {
    const { clock } = this.#given.parts;
    const untilMs = clock.nowMs() + msMax;
    return new Promise((resolve) => {
      const look = (): void => {
        if (isSo() || clock.nowMs() >= untilMs) resolve();
        else clock.setTimeout(look, LOOK_MS);
      };
      look();
    });
  }
}
