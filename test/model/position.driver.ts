/**
 * Brings about what the model of a position says: a basket that real legs bought at both simulated venues, whose
 * markets are decided, contested, paid and redeemed there.
 */
import type { EventObject } from 'xstate';
import type { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import { USD } from '../../src/domain/units.ts';
import type { PositionEvent, PositionInput } from '../../src/machines/position.events.ts';
import type { positionMachine } from '../../src/machines/position.machine.ts';
import { type BasketHeld, basketHeld, basketInput, LAG_MS, patience } from '../support/basket-held.ts';
import { books } from '../support/two-venues.ts';
import type { Applied, Driver } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';
import { bentRuntime, HeldVenues, VENUES } from './held-venues.ts';
import type { Problem } from './order-words.ts';

type Machine = typeof positionMachine;
type Heard<Type extends PositionEvent['type']> = Extract<PositionEvent, { readonly type: Type }>;

const PATH = 'position/p1';
const HOUSES = { kalshi: books, polymarket: books };
const SOON = { leastMs: 1_000, mostMs: 1_000 };
const DEPOSIT = 1_000 * USD;
const LOOKS_MS = 4 * patience.checkMsMax;
const OVERDUE_MS = patience.paymentMsMax + LOOKS_MS;

async function open(bend?: Parameters<typeof bentRuntime>[1]): Promise<{ held: HeldVenues; basket: BasketHeld }> {
  const held = await HeldVenues.open(HOUSES, {
    polymarket: { gammaResolutionLagMs: LAG_MS, mined: SOON, confirmed: SOON },
  });
  held.isOpen = true;
  for (const name of VENUES) held.doors[name].openAll();
  const bent = bend === undefined ? {} : { bend: (runtime: ActorRuntime) => bentRuntime(runtime, bend) };
  const basket = await basketHeld({}, { venues: held.asVenues(), ...bent });
  return { held, basket };
}

export async function positionInput(): Promise<PositionInput> {
  const { basket } = await open();
  const input = basketInput(basket.world);
  await basket.world.close();
  return input;
}

export class PositionDriver implements Driver<Machine> {
  #held: HeldVenues | undefined;
  #basket: BasketHeld | undefined;
  #path: readonly EventObject[] = [];
  #at = 0;
  #breaking: string | undefined;
  readonly #decided = new Set<VenueName>();
  #isPaid = false;
  #isRedeemable = false;

  async start({ events }: ModelPath): Promise<void> {
    this.#path = events;
    const { held, basket } = await open((name, _actor, handle) => {
      if (this.#breaking === name) {
        this.#breaking = undefined;
        throw new Error('disk');
      }
      handle();
    });
    this.#held = held;
    this.#basket = basket;
  }

  begun(): readonly ModelEvent<Machine>[] {
    return this.held.heard(PATH) as readonly ModelEvent<Machine>[];
  }

  async apply(event: ModelEvent<Machine>): Promise<Applied<Machine>> {
    this.#at++;
    const next = this.#path[this.#at] as PositionEvent | undefined;
    // What is booked is booked in the step in which it was heard.
    if (COMES_WITH.has(event.type)) return { took: [] };
    this.#breaking = next?.type === 'effect.failed' ? next.effect : undefined;
    const problem = await this.#bring(event as PositionEvent);
    const took = this.held.heard(PATH);
    if (took.length === 0 && problem !== undefined) return { unrealisable: problem };
    return { took: took as readonly ModelEvent<Machine>[] };
  }

  state(): string {
    return this.basket.state;
  }

  /** Nothing is in our books that a venue has not paid. */
  check(model: ModelState<Machine>): void {
    const [found, expected] = [JSON.stringify(this.basket.actor.getSnapshot().context), JSON.stringify(model.context)];
    if (found !== expected) throw new Error(`expected ${expected}, found ${found}`);
    for (const name of VENUES) {
      const [booked, there] = this.#cash(name);
      if (booked > there)
        throw new Error(`expected at most ${there} at ${name}, found ${booked} booked in ${this.state()}`);
    }
  }

  /** Once both have paid, everything that they paid is booked, to the micro-dollar. */
  async checkEnd(): Promise<void> {
    const { basket, held } = this;
    for (const name of VENUES) basket.world.side(name).setPlugged(true);
    if (!this.#decided.has('kalshi')) basket.decideKalshi('yes');
    if (!this.#isPaid) basket.payKalshi();
    if (!this.#decided.has('polymarket')) basket.resolvePolymarket('yes');
    else if (this.#isRedeemable) basket.redeem();
    const isOver = (): boolean => basket.state === 'held.settled' || basket.state === 'closed';
    if (!(await held.until(isOver, OVERDUE_MS))) throw new Error(`expected it to settle, found ${basket.state}`);
    for (const name of VENUES) {
      const [booked, there] = this.#cash(name);
      if (booked !== there) throw new Error(`expected ${there} booked at ${name}, found ${booked}`);
    }
  }

  async stop(): Promise<void> {
    await this.#basket?.world.close();
  }

  private get held(): HeldVenues {
    if (this.#held === undefined) throw new Error('expected venues, found none');
    return this.#held;
  }

  private get basket(): BasketHeld {
    if (this.#basket === undefined) throw new Error('expected a basket, found none');
    return this.#basket;
  }

  #cash(name: VenueName): readonly [booked: number, there: number] {
    const { accounts } = this.basket.world;
    return [accounts.ledger.cash(name), this.held.venues.side(name).truth.cash() - DEPOSIT];
  }

  #hears(type: string): boolean {
    return this.state() === 'closed' || this.held.hasHeard(PATH, (event) => event.type === type);
  }

  async #until(type: PositionEvent['type'], mostMs = LOOKS_MS): Promise<Problem> {
    return (await this.held.until(() => this.#hears(type), mostMs)) ? undefined : 'nothing is said of it';
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
        return 'nobody asked for it';
      default:
        basket.send(event);
        return undefined;
    }
  }

  /** Its venue decides, contests or pays; the next look that shows it is waited for. */
  async #decide({ evidence }: Heard<'settlement.checked'>): Promise<Problem> {
    const [wanted] = evidence;
    if (wanted === undefined) return 'nothing is said';
    if (wanted.leg === 0) this.#decideKalshi(wanted.standing);
    else this.#resolvePolymarket(wanted.yesPayoutE4 === 0 ? 'no' : 'yes');
    const isShown = (): boolean =>
      this.held.hasHeard(PATH, (event) => {
        const { type, evidence: shown = [] } = event as unknown as Partial<Heard<'settlement.checked'>>;
        return (
          type === 'settlement.checked' &&
          shown.some(({ leg, standing }) => leg === wanted.leg && standing === wanted.standing)
        );
      });
    return (await this.held.until(isShown, LOOKS_MS)) ? undefined : 'its venue says something else';
  }

  #decideKalshi(standing: string): void {
    const { basket } = this;
    if (!this.#decided.has('kalshi')) basket.decideKalshi('yes');
    const isFirst = !this.#decided.has('kalshi');
    this.#decided.add('kalshi');
    if (standing === 'disputed') {
      if (isFirst) basket.world.kalshi.sim.lifecycle.dispute(basket.world.kalshi.listing.venueKey);
    } else if (!this.#isPaid) {
      basket.payKalshi();
      this.#isPaid = true;
    }
  }

  #resolvePolymarket(result: 'yes' | 'no'): void {
    if (this.#decided.has('polymarket')) return;
    this.#decided.add('polymarket');
    this.#isRedeemable = result === 'no';
    this.basket.resolvePolymarket(result);
  }

  async #unplug(): Promise<Problem> {
    for (const name of VENUES) this.basket.world.side(name).setPlugged(false);
    const problem = await this.#until('settlementCheck.failed', OVERDUE_MS);
    for (const name of VENUES) this.basket.world.side(name).setPlugged(true);
    return problem;
  }
}

const COMES_WITH: ReadonlySet<string> = new Set(['settlement.recorded', 'settlement.reversed']);

function newsOf(basket: BasketHeld) {
  return { venueKey: basket.world.kalshi.listing.venueKey, change: 'determined' } as const;
}
