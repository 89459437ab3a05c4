/**
 * Brings about what the model of a pair says, in trading at both simulated venues: a person approves, revokes and
 * forbids it, and both listings are really read, as the simulators have them by then.
 */
import type { EventObject } from 'xstate';
import type { TradedPair } from '../../src/actors/trading-parts.ts';
import type { PairTerms } from '../../src/domain/pairs/pair-terms.ts';
import { micros, rateE6 } from '../../src/domain/units.ts';
import type { PairEvent } from '../../src/machines/pair.machine.ts';
import { ControlDriver } from './control.driver.ts';
import type { Applied } from './harness/driver.ts';
import type { ModelEvent } from './harness/model.ts';
import type { Problem } from './linked.driver.ts';
import { LEAVES, type Machine, PAIR_AT_VENUES, SHORT_MS, type State } from './pair.catalogue.ts';

const PATH = `pair/${PAIR_AT_VENUES}`;
const LISTINGS_PATH = '/trade-api/v2/markets';
/** Every pair is read once in five minutes. */
const READ_MS = 310_000;
const SOON_MS = 500;
const READY_MS = 20_000;
const MICROS_PER_MILLI = 1_000;

export class PairAtVenues extends ControlDriver<Machine> {
  readonly #quarantine: string | undefined;
  #terms: PairTerms | undefined;
  #isScreenBroken = false;
  #at = 0;
  #mend: () => void = () => undefined;
  #let: () => void = () => undefined;

  constructor(quarantine?: string) {
    super();
    this.#quarantine = quarantine;
  }

  async start(): Promise<void> {
    await this.open({
      chart: 'pair',
      pair: (pair) => this.#unapproved(pair),
      ...(this.#quarantine === undefined
        ? {}
        : { parts: { quarantined: new Map([[PAIR_AT_VENUES, this.#quarantine]]) } }),
      listeners: {
        onPair: () => {
          if (this.#isScreenBroken) throw new Error('no screen');
        },
      },
    });
    await this.world.start();
    this.#hold();
    await this.knock();
  }

  async apply(event: ModelEvent<Machine>, model: State): Promise<Applied<Machine>> {
    this.#at++;
    const isLeft = model.text === 'vouched.tradable' && LEAVES.has(event.type);
    const held = isLeft ? await this.world.begin(this.world.knockPair) : undefined;
    const problem = await this.#bring(event as PairEvent, model);
    if (held !== undefined) await this.complete(held);
    if (problem !== undefined && !this.hasHeardAnything) return { unrealisable: problem };
    this.resume();
    await this.knock();
    return { took: this.heard() };
  }

  protected get path(): string {
    return PATH;
  }

  protected get isEntering(): boolean {
    return this.state() === 'vouched.tradable';
  }

  state(): string {
    const standing = this.#view()?.standing ?? 'dead';
    return standing === 'approved' || standing === 'tradable' ? `vouched.${standing}` : standing;
  }

  /** I12, and every standing but tradable has its reason. */
  override check(model: State): void {
    const { text, context } = model;
    const { standing, reason } = this.#view() ?? {};
    if (standing === 'tradable' && (context.scoreE6 < 950_000 || context.approvedBy === undefined))
      throw new Error('expected an approval of a pair that is traded, found none');
    if (reason !== context.reason) throw new Error(`expected the reason ${context.reason}, found ${reason}`);
    const isLost = ['suspended', 'quarantined', 'expired'].includes(text);
    if (isLost && reason === '') throw new Error(`expected a reason in ${text}, found none`);
    super.check(model);
  }

  override async checkEnd(model: State): Promise<void> {
    this.#let();
    this.#mend();
    await super.checkEnd(model);
  }

  get #registry() {
    return this.world.trading.life.pairs.registry;
  }

  #view() {
    return this.#registry.view().find(({ pairId }) => pairId === PAIR_AT_VENUES);
  }

  #hasHeard(fits: (event: EventObject) => boolean): boolean {
    return this.world.held.hasHeard(PATH, fits);
  }

  #unapproved(pair: TradedPair): TradedPair {
    this.#terms = pair.terms;
    return { ...pair, terms: { ...pair.terms, approvedBy: undefined } };
  }

  async #bring(event: PairEvent, model: State): Promise<Problem> {
    const registry = this.#registry;
    const pairId = PAIR_AT_VENUES;
    switch (event.type) {
      case 'approval.given':
        registry.approve(this.#termsFor(event), event.by, 'read both');
        return undefined;
      case 'approval.revoked':
        registry.revoke(pairId, event.by, event.reason);
        return undefined;
      case 'approval.expired':
        return (await this.world.hears(PATH, event.type, SHORT_MS)) ? undefined : 'it has not begun to run';
      case 'veto.placed':
        registry.veto({ pairId, by: event.by, reason: event.reason });
        return undefined;
      case 'veto.lifted':
        registry.liftVeto(pairId, event.by, 'read again');
        return undefined;
      case 'gap.doubted':
        registry.doubt(pairId, event.detail);
        return undefined;
      case 'outcomes.differed':
        registry.differed(pairId, event.detail);
        return undefined;
      case 'effect.failed':
        return this.#breakScreen(model.text);
      default:
        return this.#read(event.type, model.text);
    }
  }

  #termsFor({ by, scoreE6, approvalMsLeft }: Extract<PairEvent, { type: 'approval.given' }>): PairTerms {
    if (this.#terms === undefined) throw new Error('expected terms, found none');
    const expiresAt = micros(this.world.held.venues.clock.wall() + approvalMsLeft * MICROS_PER_MILLI);
    return { ...this.#terms, approvedBy: by, scoreE6: rateE6(scoreE6), expiresAt };
  }

  async #breakScreen(text: string): Promise<Problem> {
    if (text !== 'vouched.approved') return 'only this step has a listener that is broken here';
    this.#isScreenBroken = true;
    await this.#read('listings.agreed', text);
    this.#isScreenBroken = false;
    return undefined;
  }

  /** Both listings are read, and the simulators say this. What waits is answered, or the next round is waited for. */
  async #read(type: PairEvent['type'], text: string): Promise<Problem> {
    this.#mend();
    this.#mend = this.#change(type, text);
    this.#let();
    const isHeard = (): boolean => this.#hasHeard((event) => event.type === type);
    await this.world.held.until(isHeard, SOON_MS);
    if (!isHeard()) await this.world.lull(isHeard, READ_MS);
    this.#hold();
    await this.world.ready(READY_MS);
    return isHeard() ? undefined : 'no reading says so';
  }

  /** Makes the venue say so, and answer. Returns what takes it back. */
  #change(type: PairEvent['type'], text: string): () => void {
    const { kalshi } = this.world.held.venues;
    const { lifecycle } = kalshi.sim;
    const { venueKey } = this.world.knockPair.kalshi;
    const isEven = this.#at % 2 === 0;
    const { closeMicros } = kalshi.sim.market(venueKey);
    if (type === 'market.ended') {
      lifecycle.closeEarly(venueKey);
      return () => lifecycle.moveClose(venueKey, closeMicros);
    }
    if (type === 'terms.changed') {
      if (isEven) lifecycle.moveClose(venueKey, closeMicros + 60_000_000);
      else lifecycle.updateMetadata(venueKey, { strikeType: 'greater', floorStrike: 3 });
      return () => {
        lifecycle.moveClose(venueKey, closeMicros);
        lifecycle.updateMetadata(venueKey, { strikeType: undefined, floorStrike: undefined });
      };
    }
    if (type !== 'listings.unproven') return () => undefined;
    // What is on its way already arrives.
    if (!isEven && text !== 'vouched.approved')
      return kalshi.inject({ fault: { kind: 'noConnection', cause: 'dns' }, on: 'http', path: LISTINGS_PATH });
    lifecycle.pause(venueKey);
    return () => lifecycle.activate(venueKey);
  }

  /** From now on nobody hears what listings are asked for, until something is to be read. */
  #hold(): void {
    this.#let = this.world.held.venues.kalshi.inject({
      fault: { kind: 'partition', direction: 'both' },
      on: 'http',
      path: LISTINGS_PATH,
    });
  }
}
