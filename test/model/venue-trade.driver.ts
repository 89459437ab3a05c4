/**
 * A match of the simulated Polymarket, below the real leg that it belongs to. What the model says is told by the
 * simulator: as its chain moves, or, where the chain is past it already, in a frame that is late or untrue. Only two
 * events do not come through the router: one that no chart knows, and `matched` twice in a row, which it filters.
 */
import type { AnyActorRef, EventObject } from 'xstate';
import { stateText } from '../../src/actors/record-fields.ts';
import type { LegOrder } from '../../src/domain/execution/leg.ts';
import type { Fill } from '../../src/domain/ports/venue.ts';
import type { TradeSettlement, VenueTradeEvent, venueTradeMachine } from '../../src/machines/venue-trade.machine.ts';
import type { TradeStatus } from '../../src/sim/polymarket/model.ts';
import { type Applied, type Driver, unrealisable } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';
import { hears, SIZE } from './order-leg.catalogue.ts';
import { calmDown, checkBooks, checkSpan, checkTruth } from './order-leg.truth.ts';
import { LegWorld } from './order-leg.world.ts';

type Machine = typeof venueTradeMachine;

const STATUS: Readonly<Record<TradeSettlement, TradeStatus>> = {
  matched: 'MATCHED',
  mined: 'MINED',
  retrying: 'RETRYING',
  confirmed: 'CONFIRMED',
  failed: 'FAILED',
};

export class TradeDriver implements Driver<Machine> {
  readonly #order: LegOrder;
  readonly #first: TradeSettlement;
  #world: LegWorld | undefined;
  #ref: AnyActorRef | undefined;
  #path: readonly EventObject[] = [];
  #at = 0;
  #last: Fill | undefined;
  /** It was said to have failed, and it has not. */
  #isBelied = false;

  constructor(order: LegOrder, first: TradeSettlement) {
    this.#order = order;
    this.#first = first;
  }

  async start({ events }: ModelPath): Promise<void> {
    this.#path = events;
    const world = await LegWorld.open({ order: this.#order });
    this.#world = world;
    await world.settle();
    world.held.submission?.onSent();
    await world.bring({ filledE6: 0, isOff: false });
    if (world.held.reply !== undefined) world.held.submission?.onOutcome(world.held.reply);
    await world.bring({ filledE6: SIZE * 1_000_000, isOff: false });
    if (this.#first !== 'matched') {
      world.held.events.splice(0);
      this.#become(this.#first);
      await world.settle();
    }
    this.#deliver(this.#first);
    const tradeId = this.#last?.tradeId ?? '';
    const { children } = world.ref.getSnapshot() as { readonly children: Readonly<Record<string, AnyActorRef>> };
    this.#ref = children[`trade/${tradeId}`];
    world.heard(this.#actor);
  }

  async apply(event: ModelEvent<Machine>): Promise<Applied<Machine>> {
    this.#at++;
    const problem = await this.#bring(event as VenueTradeEvent);
    const took = this.world.heard(this.#actor);
    if (took.length === 0 && problem !== undefined) return unrealisable(problem);
    return { took: took as unknown as readonly ModelEvent<Machine>[] };
  }

  state(): string {
    return stateText((this.ref.getSnapshot() as { readonly value: unknown }).value);
  }

  /** What a venue takes back untruly nobody can span; what it says next puts it right. */
  check({ context }: ModelState<Machine>): void {
    if (!(this.#isBelied && this.state() === 'failed')) checkSpan(this.world);
    const found = (this.ref.getSnapshot() as { readonly context: typeof context }).context;
    if (found.sizeE6 !== context.sizeE6) throw new Error(`expected ${context.sizeE6}, found ${found.sizeE6}`);
  }

  async checkEnd(): Promise<void> {
    const said = new Set([this.#first, ...this.#path.map((event) => (event as { settlement?: string }).settlement)]);
    await calmDown(this.world);
    if (said.has('failed') && said.has('confirmed')) {
      const kinds = new Set(this.world.desk.triggers.map(({ kind }) => kind));
      if (!kinds.has('LATE_FILL')) throw new Error('expected a breaker that is told of a contradiction, found none');
    } else checkBooks(this.world);
    checkTruth(this.world);
  }

  async stop(): Promise<void> {
    await this.#world?.close();
  }

  get #actor(): string {
    return `${this.world.path}/trade/${this.#last?.tradeId ?? ''}`;
  }

  private get world(): LegWorld {
    if (this.#world === undefined) throw new Error('expected a started leg, found none');
    return this.#world;
  }

  private get ref(): AnyActorRef {
    if (this.#ref === undefined) throw new Error('expected a match, found none');
    return this.#ref;
  }

  async #bring(event: VenueTradeEvent): Promise<string | undefined> {
    const { world } = this;
    if (event.type === 'trade.reviewed') {
      world.send(hears.reviewed(event.settlement, this.#last?.tradeId));
      return undefined;
    }
    if (event.type !== 'trade.reported') {
      world.desk.runtime.send(this.ref, event as EventObject);
      return undefined;
    }
    const { settlement } = event;
    if (settlement === 'matched' && this.state() === 'matched') {
      world.send(hears.fill(SIZE, 'matched', this.#last?.tradeId));
      return undefined;
    }
    if (this.#last?.settlement === settlement) return 'the router tells nothing twice in a row';
    this.#become(settlement);
    await world.settle();
    return this.#deliver(settlement) ? undefined : 'nothing is told of it';
  }

  /** In truth where the chain can still become that, and where a later look will not find otherwise. */
  #become(settlement: TradeSettlement): void {
    const { polymarket } = this.world.venues;
    const trade = polymarket.trades()[0];
    if (trade === undefined) throw new Error('expected a match at the venue, found none');
    const isOver = trade.status === 'CONFIRMED' || trade.status === 'FAILED';
    const review = this.#path.slice(this.#at).findLast(({ type }) => type === 'trade.reviewed') as
      | { readonly settlement: string }
      | undefined;
    const isEnd = settlement === 'confirmed' || settlement === 'failed';
    const isTrue = !isOver && (!isEnd || review === undefined || review.settlement === settlement);
    if (isTrue) polymarket.sim.control.moveTrade(trade.id, STATUS[settlement]);
    else polymarket.sim.control.tellTrade(trade.id, STATUS[settlement]);
    this.#isBelied = settlement === 'failed' && polymarket.trades()[0]?.status !== 'FAILED';
  }

  #deliver(settlement: TradeSettlement): boolean {
    return this.world.deliver((event) => {
      if (event.kind !== 'fill.reported' || event.fill.settlement !== settlement) return false;
      this.#last = event.fill;
      return true;
    });
  }
}
