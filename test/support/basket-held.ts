/** A basket bought at both simulated venues by real legs, and the real position actor that holds it. */
import type { Actor } from 'xstate';
import type { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import type { ExitDesk } from '../../src/actors/exit-desk.ts';
import { exitOrdersIn } from '../../src/actors/exit-orders.ts';
import { bindPosition } from '../../src/actors/position.actor.ts';
import { PositionDesk } from '../../src/actors/position-desk.ts';
import { stateText } from '../../src/actors/record-fields.ts';
import { SettlementBooks } from '../../src/actors/settlement-books.ts';
import { SettlementWatch } from '../../src/actors/settlement-watch.ts';
import type { BasketLeg } from '../../src/domain/execution/held-basket.ts';
import type { LegOrder, LegReport } from '../../src/domain/execution/leg.ts';
import type { BookId } from '../../src/domain/instrument.ts';
import type { Trigger } from '../../src/domain/limits/trigger.ts';
import { ExposureBook } from '../../src/domain/risk/exposure-book.ts';
import { contracts, microUsd, USD } from '../../src/domain/units.ts';
import type { ExitInput } from '../../src/machines/exit.events.ts';
import { exitMachine } from '../../src/machines/exit.machine.ts';
import type { PositionEvent, PositionInput } from '../../src/machines/position.events.ts';
import type { positionMachine } from '../../src/machines/position.machine.ts';
import type { PositionReport } from '../../src/machines/position-facts.ts';
import { UNLIMITED } from '../domain/risk/risk-samples.ts';
import { onEdgeAtVenues } from '../model/harness/coverage.ts';
import { exitsFor, exitsOf } from './basket-exits.ts';
import type { TwoVenues, TwoVenuesOptions } from './two-venues.ts';
import { deskAt, type Leg, type LegDesk, legDesk, orderOn } from './two-venues-legs.ts';

export const SIZE = contracts(10);
export const patience = { checkMsMin: 1_000, checkMsMax: 4_000, paymentMsMax: 20_000, revisionMs: 60_000 };
const MATCHED_MS = 500;
const CONFIRMED_MS = 30_000;
const ATTEMPT = 'a1';
const GROUP = { eventId: 'event', category: 'any', correlated: 'any' };
/** The lists of the venue say a result later than its markets do. */
export const LAG_MS = 1_500;

export interface BasketOptions extends TwoVenuesOptions {
  /** Venues that are there already, as a model wants them. */
  readonly venues?: TwoVenues;
  /** Changes the handlers that the chart is bound with. */
  readonly bend?: (runtime: ActorRuntime) => ActorRuntime;
  /** Every leg may be sold before its market ends. */
  readonly hasExits?: boolean;
  readonly exitStyle?: ExitInput['plan']['style'];
  /** Both legs have matched. */
  readonly onMatched?: (venues: TwoVenues) => void;
}

/** YES at Kalshi and NO at Polymarket, ten of each at 52 cents. */
function basketOf({ kalshi, polymarket }: TwoVenues): readonly BasketLeg[] {
  const held = { sizeE6: SIZE, costMicroUsd: microUsd(5.2 * USD), eventYes: 'yes' as const };
  const { yes } = kalshi;
  const { no } = polymarket;
  return [
    { leg: 0, venue: 'kalshi', venueKey: kalshi.listing.venueKey, instrument: yes, outcome: 'yes', ...held },
    { leg: 1, venue: 'polymarket', venueKey: polymarket.listing.venueKey, instrument: no, outcome: 'no', ...held },
  ];
}

function basketInput(world: TwoVenues, given: Partial<PositionInput> = {}): PositionInput {
  return {
    positionId: 'p1',
    watchId: 'w1',
    label: 'will it happen',
    legs: basketOf(world),
    promisedE4: 10_000,
    patience,
    exits: [],
    ...given,
  };
}

/** Buys both legs and waits until nothing of it can be reversed. */
export async function basketHeld(given: Partial<PositionInput> = {}, options: BasketOptions = {}): Promise<BasketHeld> {
  const desk = { polymarket: { gammaResolutionLagMs: LAG_MS }, ...options, onEdge: onEdgeAtVenues };
  const world = options.venues === undefined ? await legDesk(desk) : await deskAt(options.venues, desk);
  const bought = world.plan([
    orderOn(world, 'kalshi', { instrument: world.kalshi.yes }),
    orderOn(world, 'polymarket', { instrument: world.polymarket.no, basketLeg: 1 }),
  ]);
  await world.time.advance(MATCHED_MS);
  options.onMatched?.(world);
  await world.time.advance(CONFIRMED_MS);
  const held = new BasketHeld(world, bought, { given, ...options });
  await held.advance(100);
  return held;
}

interface Life {
  readonly input: PositionInput;
  readonly desk: PositionDesk;
  readonly actor: Actor<typeof positionMachine>;
}

export class BasketHeld {
  readonly world: LegDesk;
  readonly triggers: Trigger[] = [];
  readonly reports: PositionReport[] = [];
  readonly overdue: PositionReport[] = [];
  readonly released: BookId[] = [];
  /** What is believed to be held, as risk has it. */
  readonly exposures = new ExposureBook({
    limits: UNLIMITED,
    feeBound: () => microUsd(USD),
    navMicroUsd: microUsd(2_000 * USD),
    onHoldings: () => this.#exits?.holdingChanged(),
  });
  readonly #orders: Leg[];
  #noted: readonly LegReport[] = [];
  readonly #options: BasketOptions;
  #life: Life;
  #exits: ExitDesk | undefined;

  constructor(world: LegDesk, bought: readonly Leg[], options: BasketOptions & { given?: Partial<PositionInput> }) {
    this.world = world;
    this.#orders = [...bought];
    this.#options = options;
    const input = basketInput(world, options.given);
    this.exposures.adopt({ attemptId: ATTEMPT, group: GROUP, basketLegs: 2, reports: [], at: this.#moment() });
    this.noteAttempt();
    this.#life = this.#begin(
      options.hasExits === true ? { ...input, exits: exitsFor(input, options.exitStyle) } : input,
    );
  }

  get input(): PositionInput {
    return this.#life.input;
  }

  get actor(): Life['actor'] {
    return this.#life.actor;
  }

  get desk(): PositionDesk {
    return this.#life.desk;
  }

  /** A later life, which remembers what was settled; its books know no payout that an earlier one made. */
  restart(): void {
    const { settlements } = this.actor.getSnapshot().context;
    this.world.runtime.stop(this.actor);
    this.#life = this.#begin({ ...this.input, restored: { settlements } });
  }

  #begin(input: PositionInput): Life {
    const { bend = (same: ActorRuntime) => same, hasExits = false } = this.#options;
    const { kalshi, polymarket, clock, journal, runtime, accounts } = this.world;
    const reportTrigger = (trigger: Trigger): void => void this.triggers.push(trigger);
    const desk = new PositionDesk({
      clock,
      watch: new SettlementWatch([kalshi.venue, polymarket.venue], clock.wall(), accounts.ledger),
      books: new SettlementBooks(accounts.ledger, journal),
      exposures: {
        settle: (book) => {
          this.released.push(book);
          this.exposures.settle(book);
        },
        unsettle: (book) => this.exposures.unsettle(book),
      },
      exitOrdersOf: (exit) => exitOrdersIn(this.world.registry, exit),
      reportTrigger,
      onReport: (report) => this.reports.push(report),
      onExposure: () => undefined,
      onOverdue: (report) => this.overdue.push(report),
    });
    const exits = hasExits ? exitsOf(this.world, { exposures: this.exposures, reportTrigger, bend }) : undefined;
    this.#exits = exits?.desk;
    const machine = bindPosition(bend(runtime), desk, exits?.exit ?? exitMachine);
    return { input, desk, actor: runtime.start(machine, { id: 'position/p1', input }) };
  }

  /** The attempt that bought it is taken up again, and places one more order. */
  order(order: LegOrder): Leg {
    const [leg] = this.world.plan([order]);
    if (leg === undefined) throw new Error('expected a leg, found none');
    this.#orders.push(leg);
    this.noteAttempt();
    return leg;
  }

  /** What the orders of its attempt have come to by now. */
  noteAttempt(): void {
    const reports = this.#orders.map((leg) => leg.report());
    if (reports.every((report, at) => report === this.#noted[at])) return;
    this.#noted = reports;
    this.exposures.report(ATTEMPT, reports, this.#moment());
  }

  #moment() {
    const { clock } = this.world;
    return { nowMs: clock.nowMs(), wall: clock.wall() };
  }

  get state(): string {
    return stateText(this.actor.getSnapshot().value);
  }

  advance(ms: number): Promise<void> {
    return this.world.time.advance(ms);
  }

  send(event: PositionEvent): void {
    this.world.runtime.send(this.actor, event);
  }

  decideKalshi(result: 'yes' | 'no'): void {
    this.world.kalshi.sim.lifecycle.determine(this.world.kalshi.listing.venueKey, { result });
  }

  payKalshi(): void {
    this.world.kalshi.sim.lifecycle.settle(this.world.kalshi.listing.venueKey);
  }

  resolvePolymarket(result: 'yes' | 'no'): void {
    this.world.polymarket.sim.control.lifecycle.resolve(
      this.world.polymarket.listing.venueKey,
      result === 'yes' ? [1_000_000, 0] : [0, 1_000_000],
    );
  }

  redeem(): void {
    this.world.polymarket.redeem();
  }

  get kinds(): readonly string[] {
    return this.triggers.map(({ kind }) => kind);
  }

  pnl(): number {
    const { ledger } = this.world.accounts;
    return ledger.settledPnl('kalshi') + ledger.settledPnl('polymarket');
  }

  get last(): PositionReport {
    const last = this.reports.at(-1);
    if (last === undefined) throw new Error('expected a report, found none');
    return last;
  }
}
