/** A basket bought at both simulated venues by real legs, and the real position actor that holds it. */
import type { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { bindPosition } from '../../src/actors/position.actor.ts';
import { PositionDesk } from '../../src/actors/position-desk.ts';
import { stateText } from '../../src/actors/record-fields.ts';
import { SettlementBooks } from '../../src/actors/settlement-books.ts';
import { SettlementWatch } from '../../src/actors/settlement-watch.ts';
import type { BasketLeg } from '../../src/domain/execution/held-basket.ts';
import type { BookId } from '../../src/domain/instrument.ts';
import type { Trigger } from '../../src/domain/limits/trigger.ts';
import { contracts, microUsd, USD } from '../../src/domain/units.ts';
import { exitMachine } from '../../src/machines/exit.machine.ts';
import type { PositionEvent, PositionInput } from '../../src/machines/position.events.ts';
import type { PositionReport } from '../../src/machines/position-facts.ts';
import { onEdgeAtVenues } from '../model/harness/coverage.ts';
import type { TwoVenues, TwoVenuesOptions } from './two-venues.ts';
import { deskAt, type LegDesk, legDesk, orderOn } from './two-venues-legs.ts';

export const SIZE = contracts(10);
export const patience = { checkMsMin: 1_000, checkMsMax: 4_000, paymentMsMax: 20_000, revisionMs: 60_000 };
const CONFIRMED_MS = 30_000;
/** The lists of the venue say a result later than its markets do. */
export const LAG_MS = 1_500;

export interface BasketOptions extends TwoVenuesOptions {
  /** Venues that are there already, as a model wants them. */
  readonly venues?: TwoVenues;
  /** Changes the handlers that the chart is bound with. */
  readonly bend?: (runtime: ActorRuntime) => ActorRuntime;
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

export function basketInput(world: TwoVenues, given: Partial<PositionInput> = {}): PositionInput {
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
  world.plan([
    orderOn(world, 'kalshi', { instrument: world.kalshi.yes }),
    orderOn(world, 'polymarket', { instrument: world.polymarket.no }),
  ]);
  await world.time.advance(CONFIRMED_MS);
  const held = new BasketHeld(world, given, options.bend);
  await held.advance(100);
  return held;
}

export class BasketHeld {
  readonly world: LegDesk;
  readonly desk: PositionDesk;
  readonly triggers: Trigger[] = [];
  readonly reports: PositionReport[] = [];
  readonly overdue: PositionReport[] = [];
  readonly released: BookId[] = [];
  readonly actor;

  constructor(world: LegDesk, given: Partial<PositionInput>, bend = (same: ActorRuntime) => same) {
    this.world = world;
    const { kalshi, polymarket, clock, journal, runtime } = world;
    this.desk = new PositionDesk({
      clock,
      watch: new SettlementWatch([kalshi.venue, polymarket.venue], clock.wall()),
      books: new SettlementBooks(world.accounts.ledger, journal),
      exposures: { settle: (book) => this.released.push(book), unsettle: () => undefined },
      reportTrigger: (trigger) => this.triggers.push(trigger),
      onReport: (report) => this.reports.push(report),
      onExposure: () => undefined,
      onOverdue: (report) => this.overdue.push(report),
    });
    const machine = bindPosition(bend(runtime), this.desk, exitMachine);
    this.actor = runtime.start(machine, { id: 'position/p1', input: basketInput(world, given) });
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
    const { polymarket } = this.world;
    const token = polymarket.no.book.slice('polymarket/'.length);
    const [holder] = polymarket.sim.control
      .positions()
      .filter(({ tokenId, sharesE6 }) => tokenId === token && sharesE6 === SIZE);
    if (holder === undefined) throw new Error('expected somebody who holds NO, found nobody');
    polymarket.sim.control.chain.redeem(holder.wallet, polymarket.listing.venueKey);
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
