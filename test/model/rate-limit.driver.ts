/**
 * Brings about what the model of a budget says: the one of orders at Kalshi, drawn on by real orders, refused by the
 * simulator, and refilled by the clock, while trading goes on at both venues.
 */
import type { EventObject } from 'xstate';
import type { RateState } from '../../src/domain/rate-limit.ts';
import { seededIds } from '../../src/domain/seeded-random.ts';
import { contracts } from '../../src/domain/units.ts';
import type { RateLimitEvent, rateLimitMachine } from '../../src/machines/rate-limit.machine.ts';
import { level } from '../support/two-venues.ts';
import { ControlDriver } from './control.driver.ts';
import type { Held } from './control-world.ts';
import type { Applied } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';
import type { Problem } from './linked.driver.ts';

type Machine = typeof rateLimitMachine;

const PATH = 'venue/kalshi/rate/write';
/** Twenty orders besides those that reduce, and one more every five seconds. */
const WRITES = { capacity: 400, refillPerSecond: 2 };
const REFILLED_MS = 240_000;
const SOON_MS = 2_500;
const LONG_MS: Readonly<Record<RateState, number>> = {
  ample: REFILLED_MS,
  slowed: SOON_MS,
  exhausted: 2 * SOON_MS,
  cooling: SOON_MS,
};
/** So many refusals in a row are waited out for longer than it takes to notice them. */
const UNHEARD = 2;
const ORDERS_MAX = 40;

export class RateAtVenues extends ControlDriver<Machine> {
  readonly #ids = seededIds('rate limit');
  #path: readonly EventObject[] = [];
  #at = 0;
  #held: Held | undefined;

  async start({ events }: ModelPath): Promise<void> {
    this.#path = events;
    await this.open({ chart: 'rateLimit', venues: { writes: WRITES } });
    await this.world.start();
    await this.knock();
  }

  async apply(event: ModelEvent<Machine>, model: ModelState<Machine>): Promise<Applied<Machine>> {
    const isRefusedLater = this.#path.slice(this.#at).some(({ type }) => type === 'limit.refused');
    if (model.text === 'ample' && isRefusedLater) this.#held ??= await this.world.begin(this.#pair);
    this.#at++;
    const problem = await this.#bring(event as RateLimitEvent);
    if (problem !== undefined && !this.hasHeardAnything) return { unrealisable: problem };
    this.resume();
    await this.knock();
    return { took: this.heard() };
  }

  protected get path(): string {
    return PATH;
  }

  protected get isEntering(): boolean {
    return this.state() === 'ample' && this.#adapterState === 'ample';
  }

  state(): string {
    return this.#desk.budget('write');
  }

  /** I15: scanning waits, and every refusal was told. */
  override check(model: ModelState<Machine>): void {
    const { text, context } = model;
    const isFree = text === 'ample' || text === 'slowed';
    if (this.#desk.requestBudget('write') !== isFree)
      throw new Error(`expected scanning ${isFree ? 'to go on' : 'to wait'} in ${text}`);
    const { reports } = this.world.trading.breaker.view();
    if (reports < context.refusals) throw new Error(`expected ${context.refusals} refusals told, found ${reports}`);
    super.check(model);
  }

  override async checkEnd(model: ModelState<Machine>): Promise<void> {
    if (this.#held !== undefined) await this.world.conclude(this.#held, 'killed');
    await super.checkEnd(model);
  }

  get #desk() {
    return this.world.trading.desks.kalshi;
  }

  get #pair() {
    const [pair] = this.world.pairs;
    if (pair === undefined) throw new Error('expected a pair, found none');
    return pair;
  }

  get #adapterState(): RateState {
    return this.world.held.venues.kalshi.venue.rateStates().write;
  }

  async #bring(event: RateLimitEvent): Promise<Problem> {
    switch (event.type) {
      case 'budget.sampled':
        return this.#sample(event.state);
      case 'limit.refused':
        return this.#refuse(event.retryAfterMs);
      case 'cooling.ended':
        return (await this.world.hears(PATH, event.type, REFILLED_MS)) ? undefined : 'nothing cools';
    }
  }

  async #sample(state: RateState): Promise<Problem> {
    if (state === 'cooling') return this.#refuseUnheard();
    // It is sampled again when something has cooled.
    if (state === this.state()) await this.#refuseUnheard();
    else if (state !== 'ample')
      for (let count = 0; count < ORDERS_MAX && this.#adapterState !== state; count++) await this.#spend();
    const isHeard = await this.world.held.until(() => this.#isSampled(state), LONG_MS[state]);
    return isHeard ? undefined : 'the budget is not so';
  }

  /** An order of ours that may reduce and finds nobody: it draws on the budget, and on nothing else. */
  async #spend(): Promise<void> {
    const { kalshi } = this.world.held.asVenues().venues;
    const prepared = kalshi.prepare({
      clientOrderId: this.#ids.uuid(),
      instrument: this.#pair.kalshi.yes,
      action: 'buy',
      limitE4: level(2, 1).priceE4,
      sizeE6: contracts(1),
      timeInForce: 'fillOrKill',
      expiresAt: undefined,
      postOnly: false,
      reduceOnly: false,
      isReducing: true,
    });
    if ('kind' in prepared) throw new Error(`expected an order, found ${prepared.reason}: ${prepared.detail}`);
    await this.world.during(new Promise((resolve) => kalshi.submit(prepared, resolve)));
  }

  /** An order that trading sends, or the one that repairs what came of it. */
  async #refuse(retryAfterMs: number | undefined): Promise<Problem> {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return 'no order is on its way';
    this.#limit(retryAfterMs);
    await this.world.conclude(held, 'oneFilled');
    this.world.held.venues.kalshi.setFaults();
    return undefined;
  }

  /** The adapter meets it with orders of somebody who does not tell the desk; the venue names no time to wait. */
  async #refuseUnheard(): Promise<Problem> {
    this.#limit(undefined, UNHEARD);
    for (let count = 0; count < UNHEARD; count++) await this.#spend();
    this.world.held.venues.kalshi.setFaults();
    return (await this.world.held.until(() => this.#isSampled('cooling'), SOON_MS)) ? undefined : 'it was not noticed';
  }

  #isSampled(state: RateState): boolean {
    return this.world.held.hasHeard(PATH, (event) => 'state' in event && event.state === state);
  }

  #limit(retryAfterMs: number | undefined, times = 1): void {
    const parameters = retryAfterMs === undefined ? {} : { retryAfterSeconds: retryAfterMs / 1_000 };
    const match = { method: 'POST', endpoint: '/portfolio/events/orders' };
    this.world.held.venues.kalshi.setFaults({ id: 'O4', times, match, parameters });
  }
}
