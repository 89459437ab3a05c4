/** What the exits of a held basket do at its venues: prices trigger them, and their orders sell there or do not. */
import type { AnyActorRef } from 'xstate';
import { exitOrdersIn } from '../../src/actors/exit-orders.ts';
import type { LegOrder, LegReport } from '../../src/domain/execution/leg.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import { isLive } from '../../src/machines/child-leg.ts';
import type { ExitContext } from '../../src/machines/exit.events.ts';
import { RETRY_MS } from '../support/basket-exits.ts';
import type { BasketHeld } from '../support/basket-held.ts';
import { type BookSides, books, level } from '../support/two-venues.ts';
import { type HeldVenues, VENUES } from './held-venues.ts';
import type { Problem } from './order-words.ts';

const PATH = 'position/p1';
const LOOK_MS = 1_000;
const SOLD_MS = 10_000;
const ENDED_MS = 40_000;
/** A bid of 56 cents for what each venue holds of ours: YES at one, NO at the other. */
const AT_PROFIT: Readonly<Record<VenueName, BookSides>> = {
  kalshi: { bids: [level(56, 100)], asks: [level(60, 100)] },
  polymarket: { bids: [level(40, 100)], asks: [level(44, 100)] },
};

export class HeldExits {
  readonly #held: HeldVenues;
  readonly #basket: BasketHeld;

  constructor(held: HeldVenues, basket: BasketHeld) {
    this.#held = held;
    this.#basket = basket;
  }

  /** Orders of theirs may have sold what is not booked yet. */
  get isSelling(): boolean {
    return [0, 1].some((leg) => this.pendingE6(leg) > 0);
  }

  /** What their orders may have sold, or may yet sell, without its being final. */
  pendingE6(leg: number): number {
    return this.#placed(leg).reduce((sum, { provisionalE6, openE6 }) => sum + provisionalE6 + openE6, 0);
  }

  /** The bid reaches the take profit. */
  async trigger(leg: number): Promise<Problem> {
    const venue = venueOf(leg);
    if (this.#context(leg) === undefined) return 'it has no exit';
    this.#held.house(venue, AT_PROFIT[venue]);
    return this.#until(() => this.#hears('exit.triggered', leg), LOOK_MS, 'it is selling already');
  }

  /** The order that is on its way finds nobody, and the price goes away. */
  async lapse(leg: number): Promise<Problem> {
    if (this.#context(leg)?.trigger !== 'takeProfit') return 'nobody waits for a price';
    const order = await this.#waiting(leg);
    if (order !== undefined) await this.#arrive(order, 0);
    this.#held.house(venueOf(leg), books);
    return this.#until(() => this.#hears('exit.lapsed', leg), LOOK_MS + RETRY_MS, 'it goes on');
  }

  /**
   * So much of its order is sold. All: to its end. A part: it has matched, and nothing confirms it. Nothing: what had
   * matched is taken back by the chain.
   */
  async sell(leg: number, byE6: number): Promise<Problem> {
    const order = await this.#waiting(leg);
    const venue = venueOf(leg);
    if (order === undefined && this.#provisionalE6(leg) === 0) return 'nothing is for sale';
    if (order !== undefined) await this.#arrive(order, byE6 === 0 ? order.sizeE6 : Math.min(byE6, order.sizeE6));
    if (byE6 === 0 && venue === 'kalshi') return 'what matches there is final';
    if (byE6 === 0 || byE6 >= (order?.sizeE6 ?? 0)) this.#held.conclude(byE6 === 0 ? 'FAILED' : 'CONFIRMED');
    await this.#held.settle();
    const isFinal = (): boolean => this.#provisionalE6(leg) === 0 || byE6 > 0;
    return this.#until(isFinal, SOLD_MS, 'it is not taken back');
  }

  /** Nothing more comes of it. */
  async end(leg: number): Promise<Problem> {
    if (this.#context(leg) === undefined) return 'it has no exit';
    const isEnded = (): boolean => {
      this.openDoors();
      return this.#hears(`xstate.done.actor.exit/${leg}`, leg);
    };
    return this.#until(isEnded, ENDED_MS, 'it goes on');
  }

  break(leg: number): Problem {
    const ref = this.#ref(leg);
    if (ref === undefined) return 'it has no exit';
    this.#held.breakOff(this.#basket.world.runtime, ref);
    return undefined;
  }

  /** Whatever they sent arrives, and its venues say their last words. */
  openDoors(): void {
    for (const name of VENUES) this.#held.doors[name].openAll();
    this.#held.conclude('CONFIRMED');
    for (const name of VENUES) this.#held.doors[name].isOpen = false;
  }

  async #arrive(order: LegOrder, fillE6: number): Promise<void> {
    await this.#held.arrive(order, fillE6);
    this.#held.openDoor(order);
    await this.#held.settle();
  }

  /** Its order that has not reached its venue; a moment later there may be one. */
  async #waiting(leg: number): Promise<LegOrder | undefined> {
    const found = (): LegOrder | undefined => {
      const order = this.#context(leg)?.placed.find(isLive)?.report.order;
      return order !== undefined && this.#held.find(order)?.hasArrived === false ? order : undefined;
    };
    if (this.#context(leg)?.trigger !== undefined)
      await this.#held.until(() => found() !== undefined, LOOK_MS + RETRY_MS);
    return found();
  }

  #provisionalE6(leg: number): number {
    return this.#placed(leg).reduce((sum, { provisionalE6 }) => sum + provisionalE6, 0);
  }

  /** Also of one that broke. */
  #placed(leg: number): readonly LegReport[] {
    const { input, world } = this.#basket;
    return exitOrdersIn(world.registry, { positionId: input.positionId, leg }).map(({ report }) => report);
  }

  #context(leg: number): ExitContext | undefined {
    return (this.#ref(leg)?.getSnapshot() as { readonly context: ExitContext } | undefined)?.context;
  }

  #ref(leg: number): AnyActorRef | undefined {
    const { children } = this.#basket.actor.getSnapshot() as {
      readonly children: Readonly<Record<string, AnyActorRef>>;
    };
    return children[`exit/${leg}`];
  }

  #hears(type: string, leg: number): boolean {
    return this.#held.hasHeard(PATH, (event) => {
      const { leg: of = leg } = event as unknown as { readonly leg?: number };
      return event.type === type && of === leg;
    });
  }

  async #until(isDone: () => boolean, mostMs: number, problem: string): Promise<Problem> {
    const isOver = (): boolean => this.#basket.state === 'closed' || isDone();
    return (await this.#held.until(isOver, mostMs)) ? undefined : problem;
  }
}

function venueOf(leg: number): VenueName {
  return leg === 0 ? 'kalshi' : 'polymarket';
}
