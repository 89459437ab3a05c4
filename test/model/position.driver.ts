/**
 * Brings about what the model of a position says: a basket that real legs bought at both simulated venues, whose
 * markets are decided, contested, paid and redeemed there.
 */
import type { EventObject } from 'xstate';
import type { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { type BasketLeg, type LegEvidence, resized } from '../../src/domain/execution/held-basket.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import { priceE4, sizeE6 as sizeOf, USD } from '../../src/domain/units.ts';
import type { LegHolding, PositionEvent, PositionInput } from '../../src/machines/position.events.ts';
import type { positionMachine } from '../../src/machines/position.machine.ts';
import { type BasketHeld, basketHeld, LAG_MS, patience } from '../support/basket-held.ts';
import { books } from '../support/two-venues.ts';
import { orderOn } from '../support/two-venues-legs.ts';
import type { Applied, Driver } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';
import { bentRuntime, HeldVenues, VENUES } from './held-venues.ts';
import type { Problem } from './order-words.ts';
import { HeldExits } from './position.exits.ts';

type Machine = typeof positionMachine;
type Heard<Type extends PositionEvent['type']> = Extract<PositionEvent, { readonly type: Type }>;

const PATH = 'position/p1';
const HOUSES = { kalshi: books, polymarket: books };
const DEPOSIT = 1_000 * USD;
const LOOKS_MS = 4 * patience.checkMsMax;
const FOLLOWING_MS = 31_000;
const OVERDUE_MS = patience.paymentMsMax + LOOKS_MS;

export interface HeldAs {
  /** Every leg may be sold before its market ends. */
  readonly hasExits?: boolean;
  /** An earlier life saw the second leg decided and booked. */
  readonly isRestored?: boolean;
}

interface Floor {
  readonly held: HeldVenues;
  readonly basket: BasketHeld;
}

async function open({ hasExits = false }: HeldAs, bend?: Parameters<typeof bentRuntime>[1]): Promise<Floor> {
  const held = await HeldVenues.open(HOUSES, { polymarket: { gammaResolutionLagMs: LAG_MS } });
  held.isOpen = true;
  for (const name of VENUES) held.doors[name].openAll();
  const bent = bend === undefined ? {} : { bend: (runtime: ActorRuntime) => bentRuntime(runtime, bend) };
  const onMatched = (): void => held.conclude('CONFIRMED');
  const basket = await basketHeld({}, { venues: held.asVenues(), hasExits, onMatched, ...bent });
  for (const name of VENUES) held.doors[name].isOpen = false;
  return { held, basket };
}

export async function positionInput(as: HeldAs = {}): Promise<PositionInput> {
  const driver = new PositionDriver(as);
  await driver.start({ name: 'begins', events: [] });
  const { input } = driver;
  await driver.stop();
  return input;
}

export class PositionDriver implements Driver<Machine> {
  readonly #as: HeldAs;
  #floor: Floor | undefined;
  #exits: HeldExits | undefined;
  #path: readonly EventObject[] = [];
  #at = 0;
  #breaking: string | undefined;
  readonly #decided = new Set<VenueName>();
  readonly #paid = new Set<VenueName>();
  /** What one YES pays at Polymarket. */
  #payoutE4: number | undefined;
  /** The ledger does not take what a venue did: somebody has to look. */
  #isRefused = false;

  constructor(as: HeldAs = {}) {
    this.#as = as;
  }

  async start({ events }: ModelPath): Promise<void> {
    this.#path = events;
    this.#floor = await open(this.#as, (name, _actor, handle) => {
      if (this.#breaking === name) {
        this.#breaking = undefined;
        throw new Error('disk');
      }
      handle();
    });
    this.#exits = new HeldExits(this.held, this.basket);
    if (this.#as.isRestored === true) {
      this.#resolvePolymarket(10_000);
      await this.held.until(() => this.#isBooked(1), LOOKS_MS);
      this.held.forget(PATH);
      this.basket.restart();
      await this.held.settle(100);
    }
    this.held.check = () => this.#contain();
  }

  get input(): PositionInput {
    return this.basket.input;
  }

  begun(): readonly ModelEvent<Machine>[] {
    return this.held.heard(PATH) as readonly ModelEvent<Machine>[];
  }

  async apply(event: ModelEvent<Machine>): Promise<Applied<Machine>> {
    this.#at++;
    const next = this.#path[this.#at] as PositionEvent | undefined;
    // What is booked, or looked up, is so in the step in which it was heard.
    if (COMES_WITH.has(event.type)) return { took: [] };
    this.#breaking = next?.type === 'effect.failed' ? next.effect : undefined;
    if (next?.type === 'settlement.refused') this.#shut();
    const problem = await this.#bring(event as PositionEvent);
    const took = this.held.heard(PATH);
    this.#isRefused ||= took.some(({ type }) => type === 'settlement.refused');
    if (took.length === 0 && problem !== undefined) return { unrealisable: problem };
    return { took: took as readonly ModelEvent<Machine>[] };
  }

  state(): string {
    return this.basket.state;
  }

  /** Nothing is in our books that a venue has not paid, and what is held is believed to be held. */
  check(model: ModelState<Machine>): void {
    const { context } = this.basket.actor.getSnapshot();
    const [found, expected] = [JSON.stringify(context), JSON.stringify(model.context)];
    if (found !== expected) throw new Error(`expected ${expected}, found ${found}`);
    this.#contain();
    for (const name of VENUES) {
      const [booked, there] = this.#cash(name);
      if (booked > there && !this.exits.isSelling)
        throw new Error(`expected at most ${there} at ${name}, found ${booked} booked in ${this.state()}`);
    }
    for (const leg of context.legs) {
      if (this.#paid.has(leg.venue)) continue;
      const [there, least] = [this.#leftE6(leg), leg.sizeE6 - this.exits.pendingE6(leg.leg)];
      if (there < least || there > leg.sizeE6)
        throw new Error(`expected ${least} to ${leg.sizeE6} held of leg ${leg.leg}, found ${there} in ${this.state()}`);
      const { mostE6 } = this.basket.exposures.spanOf(leg.instrument);
      if (there > mostE6 && this.#owes(leg))
        throw new Error(`expected at most ${mostE6} held of leg ${leg.leg}, found ${there} in ${this.state()}`);
    }
  }

  /** Once both have paid, everything that they paid is booked, to the micro-dollar, and nothing is believed held. */
  async checkEnd(): Promise<void> {
    const { basket, held } = this;
    this.#breaking = undefined;
    for (const name of VENUES) {
      basket.world.side(name).setPlugged(true);
      held.house(name, books);
    }
    this.exits.openDoors();
    await held.settle(1_000);
    this.exits.openDoors();
    this.#decideKalshi('settled');
    if (!this.#decided.has('polymarket')) this.#resolvePolymarket(10_000);
    this.#redeem();
    const isOver = (): boolean => {
      this.exits.openDoors();
      this.#isRefused ||= this.#hears('settlement.refused');
      return this.#isRefused || basket.state === 'held.settled' || basket.state === 'closed';
    };
    if (!(await held.until(isOver, 2 * OVERDUE_MS))) throw new Error(`expected it to settle, found ${basket.state}`);
    if (this.#isRefused) return;
    for (const name of VENUES) {
      const [booked, there] = this.#cash(name);
      if (booked !== there) throw new Error(`expected ${there} booked at ${name}, found ${booked}`);
    }
    for (const { leg, instrument } of this.input.legs) {
      const { leastE6, mostE6 } = basket.exposures.spanOf(instrument);
      if (leastE6 !== 0 || mostE6 !== 0)
        throw new Error(`expected nothing held of leg ${leg} at the end, found ${leastE6} to ${mostE6}`);
    }
  }

  async stop(): Promise<void> {
    await this.#floor?.basket.world.close();
  }

  private get held(): HeldVenues {
    if (this.#floor === undefined) throw new Error('expected venues, found none');
    return this.#floor.held;
  }

  private get basket(): BasketHeld {
    if (this.#floor === undefined) throw new Error('expected a basket, found none');
    return this.#floor.basket;
  }

  private get exits(): HeldExits {
    if (this.#exits === undefined) throw new Error('expected exits, found none');
    return this.#exits;
  }

  #cash(name: VenueName): readonly [booked: number, there: number] {
    const { accounts } = this.basket.world;
    return [accounts.ledger.cash(name), this.held.venues.side(name).truth.cash() - DEPOSIT];
  }

  #hears(type: string): boolean {
    return this.held.hasHeard(PATH, (event) => event.type === type);
  }

  async #until(type: PositionEvent['type'], mostMs = LOOKS_MS): Promise<Problem> {
    const isHeard = (): boolean => this.state() === 'closed' || this.#hears(type);
    return (await this.held.until(isHeard, mostMs)) ? undefined : 'nothing is said of it';
  }

  async #bring(event: PositionEvent): Promise<Problem> {
    const { basket } = this;
    switch (event.type) {
      case 'settlement.checked':
        return this.#decide(event);
      case 'settlementCheck.failed':
        return this.#unplug();
      case 'market.changed':
        basket.desk.onMarketData({ kind: 'listing.changed', venue: 'kalshi', ...newsOf(basket) } as never);
        return undefined;
      case 'check.due':
        return this.#until('check.due');
      case 'payment.overdue':
        return this.state() === 'held.halfSettled' ? this.#until('payment.overdue', OVERDUE_MS) : 'nothing is due';
      case 'revision.expired':
        return this.state() === 'held.settled'
          ? this.#until('revision.expired', patience.revisionMs + LOOKS_MS)
          : 'it is not settled';
      case 'effect.failed':
        this.#breaking = event.effect;
        return this.#until('effect.failed');
      case 'settlement.refused':
        return 'the ledger takes it';
      case 'following.due':
        return this.#until('following.due', FOLLOWING_MS);
      case 'exit.triggered':
        return this.exits.trigger(event.leg);
      case 'exit.lapsed':
        return this.exits.lapse(event.leg);
      case 'exit.sold':
        return this.exits.sell(event.leg, event.sizeE6);
      case 'holding.changed':
        return this.#change(event);
      default:
        return this.#hear(event);
    }
  }

  #hear(event: PositionEvent): Promise<Problem> | Problem {
    const [, end, leg = ''] = /^xstate\.(done|error)\.actor\.exit\/(\d+)/.exec(event.type) ?? [];
    if (end === 'error') return this.exits.break(Number(leg));
    if (end === 'done') return this.exits.end(Number(leg));
    this.basket.send(event);
    return undefined;
  }

  /** Its venue decides, contests, pays or takes back; the next look that shows it is waited for. */
  async #decide({ evidence }: Heard<'settlement.checked'>): Promise<Problem> {
    const [wanted] = evidence;
    if (wanted === undefined) return 'nothing is said';
    if (wanted.leg === 0) this.#decideKalshi(wanted.standing);
    else this.#resolvePolymarket(wanted.yesPayoutE4 ?? 0);
    const isShown = (): boolean =>
      this.held.hasHeard(PATH, (event) => {
        const { type, evidence: shown = [] } = event as unknown as Partial<Heard<'settlement.checked'>>;
        return type === 'settlement.checked' && shown.some((each) => shows(each, wanted));
      });
    return (await this.held.until(isShown, LOOKS_MS)) ? undefined : 'its venue says something else';
  }

  #decideKalshi(standing: string): void {
    const { basket } = this;
    const isFirst = !this.#decided.has('kalshi');
    if (isFirst) basket.decideKalshi('yes');
    this.#decided.add('kalshi');
    if (standing === 'disputed') {
      if (isFirst) basket.world.kalshi.sim.lifecycle.dispute(basket.world.kalshi.listing.venueKey);
    } else if (!this.#paid.has('kalshi')) {
      basket.payKalshi();
      this.#paid.add('kalshi');
    }
  }

  /** Another payout than before takes the first one back. */
  #resolvePolymarket(yesPayoutE4: number): void {
    if (this.#payoutE4 === yesPayoutE4) return;
    const { sim, listing } = this.basket.world.polymarket;
    const { lifecycle } = sim.control;
    const payouts = [yesPayoutE4 * 100, (10_000 - yesPayoutE4) * 100] as const;
    if (this.#decided.has('polymarket')) lifecycle.revise(listing.venueKey, payouts);
    else lifecycle.resolve(listing.venueKey, payouts);
    this.#decided.add('polymarket');
    this.#payoutE4 = yesPayoutE4;
  }

  #redeem(): void {
    if (!this.#decided.has('polymarket') || this.#payoutE4 === 10_000) return;
    this.basket.redeem();
    this.#paid.add('polymarket');
  }

  /** Its attempt is taken up again for a late fill and sells there; what is held is told as it is afterwards. */
  async #change({ held: [wanted], reason }: Heard<'holding.changed'>): Promise<Problem> {
    const { legs, bought } = this.basket.actor.getSnapshot().context;
    const leg = legs.find((each) => each.leg === wanted?.leg);
    const whole = bought.find((each) => each.leg === wanted?.leg);
    if (leg === undefined || whole === undefined || leg.sizeE6 === 0) return 'nothing is held of it';
    if (this.exits.pendingE6(leg.leg) > 0) return 'an exit sells it';
    if (this.#decided.has(leg.venue)) return 'nobody trades there any more';
    const { basket, held } = this;
    const order = orderOn(basket.world, leg.venue, {
      instrument: leg.instrument,
      basketLeg: leg.leg,
      role: 'unwind',
      action: 'sell',
      limitE4: priceE4(4_500),
      sizeE6: leg.sizeE6,
      timeInForce: 'immediateOrCancel',
      reduceOnly: true,
      isReducing: true,
    });
    const sale = basket.order(order);
    await held.settle();
    await held.arrive(order, order.sizeE6);
    held.openDoor(order);
    await held.until(() => sale.report().standing === 'ended', LOOKS_MS);
    held.conclude('CONFIRMED', order);
    await held.settle();
    const sizeE6 = sizeOf(whole.sizeE6 - sale.trueFilledE6());
    this.basket.noteAttempt();
    this.basket.send({ type: 'holding.changed', held: [holdingOf(resized(whole, sizeE6))], reason });
    return undefined;
  }

  /** Closes the books of what is sold, while its position still waits for the venue. */
  #shut(): void {
    const { accounts, polymarket } = this.basket.world;
    accounts.close(polymarket.listing);
  }

  #isBooked(leg: number): boolean {
    const { settlements } = this.basket.actor.getSnapshot().context;
    return settlements.some((each) => each.leg === leg && each.booked !== undefined);
  }

  /** Of contracts that are still held, by the last word of the venue. */
  #owes({ venue, sizeE6 }: BasketLeg): boolean {
    return venue === 'polymarket' && sizeE6 > 0 && this.#payoutE4 !== 10_000;
  }

  /** Bought and not sold again, whatever settled. */
  #leftE6({ venue, instrument }: BasketLeg): number {
    return this.basket.world.side(venue).truth.matchedE6(instrument);
  }

  /** At every instant: what is believed holds what is true, until a payout says that it is cash. */
  #contain(): void {
    const { basket } = this;
    basket.noteAttempt();
    for (const leg of this.input.legs) {
      const left = this.#leftE6(leg);
      if (left < 0) throw new Error(`expected nothing short at ${leg.venue}, found ${left} in ${this.state()}`);
      if (this.#paid.has(leg.venue) || this.#isBooked(leg.leg)) continue;
      const { leastE6, mostE6 } = basket.exposures.spanOf(leg.instrument);
      if (left < leastE6 || left > mostE6)
        throw new Error(`expected ${leastE6} to ${mostE6} held at ${leg.venue}, found ${left} in ${this.state()}`);
    }
  }

  async #unplug(): Promise<Problem> {
    for (const name of VENUES) this.basket.world.side(name).setPlugged(false);
    const problem = await this.#until('settlementCheck.failed', OVERDUE_MS);
    for (const name of VENUES) this.basket.world.side(name).setPlugged(true);
    return problem;
  }
}

function shows({ leg, standing, payment }: LegEvidence, wanted: LegEvidence): boolean {
  const isPaid = wanted.payment === undefined || payment !== undefined;
  return leg === wanted.leg && standing === wanted.standing && isPaid;
}

function holdingOf({ leg, sizeE6, costMicroUsd }: BasketLeg): LegHolding {
  return { leg, sizeE6, costMicroUsd };
}

const COMES_WITH: ReadonlySet<string> = new Set(['settlement.recorded', 'settlement.reversed', 'exit.ordersFound']);

function newsOf(basket: BasketHeld) {
  return { venueKey: basket.world.kalshi.listing.venueKey, change: 'determined' } as const;
}
