/**
 * Brings about what the model of the circuit breaker says, in trading that goes on at both simulated venues: triggers
 * come from what becomes of orders and sockets, a probe is an attempt, and a resumption looks at the accounts.
 */
import type { EventObject } from 'xstate';
import type { TradingProfile } from '../../src/actors/trading-parts.ts';
import type { TriggerKind } from '../../src/domain/limits/trigger.ts';
import { type BreakerPolicy, breakerPolicy } from '../../src/domain/risk/breaker-policy.ts';
import { millis, USD } from '../../src/domain/units.ts';
import type {
  BreakerMemory,
  CircuitBreakerEvent,
  ResumeRequested,
} from '../../src/machines/circuit-breaker.machine.ts';
import type { Machine, State } from './circuit-breaker.catalogue.ts';
import { ControlDriver } from './control.driver.ts';
import type { Fate, Held } from './control-world.ts';
import type { Applied } from './harness/driver.ts';
import type { ModelEvent } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';
import type { Problem } from './linked.driver.ts';

const PATH = 'breaker';
const LOST_MS = 120_000;
/** Every pair but the one on which the gate is tried. */
const WAITING_MAX = 2;

/** A path need not take half an hour. */
export const POLICY_AT_VENUES: BreakerPolicy = { ...breakerPolicy('sports-standard'), cooldownMs: millis(10_000) };

export class BreakerAtVenues extends ControlDriver<Machine> {
  readonly #restored: BreakerMemory | undefined;
  #path: readonly EventObject[] = [];
  #at = 0;
  #isSinkBroken = false;
  #waiting: readonly Held[] = [];

  constructor(restored?: BreakerMemory) {
    super();
    this.#restored = restored;
  }

  async start({ events }: ModelPath): Promise<void> {
    this.#path = events;
    await this.open({
      chart: 'circuitBreaker',
      profile: (profile: TradingProfile) => ({ ...profile, breaker: POLICY_AT_VENUES }),
      ...(this.#restored === undefined ? {} : { parts: { breakerMemory: this.#restored } }),
      listeners: {
        onAlert: () => {
          if (this.#isSinkBroken) throw new Error('no line');
        },
      },
    });
    await this.world.start();
    await this.knock();
  }

  async apply(event: ModelEvent<Machine>, model: State): Promise<Applied<Machine>> {
    if (model.text === 'closed') await this.#prepare();
    this.#at++;
    const problem = await this.#bring(event as CircuitBreakerEvent, model);
    if (problem !== undefined && !this.hasHeardAnything) return { unrealisable: problem };
    if (!(await this.world.quiet(this.#waiting))) throw new Error('expected venues that are ready again, found none');
    await this.knock();
    return { took: this.heard() };
  }

  protected get path(): string {
    return PATH;
  }

  protected get isEntering(): boolean {
    const text = this.state();
    return this.#breaker.view().standing !== 'dead' && (text === 'closed' || text === 'halfOpen.waiting');
  }

  state(): string {
    const { standing, probe } = this.#breaker.view();
    if (standing === 'closed') return 'closed';
    // The gate is dead once its breaker failed; the chart itself stays latched.
    if (standing === 'dead') return 'open.latched';
    if (standing === 'halfOpen') return probe === undefined ? 'halfOpen.waiting' : 'halfOpen.probing';
    return `open.${standing}`;
  }

  /** I6: what can only reduce always passes, and every reason is kept until it is closed. */
  override check(model: State): void {
    const { text, context } = model;
    const { reasons, trips, resumes, reports } = this.#breaker.view();
    const found = JSON.stringify({ reasons, trips, resumes, reports });
    const expected = JSON.stringify({
      reasons: context.reasons,
      trips: context.trips,
      resumes: context.resumes,
      reports: context.reports,
    });
    if (found !== expected) throw new Error(`expected ${expected}, found ${found}`);
    if (text.startsWith('open') && reasons.list.length === 0) throw new Error('expected a reason, found none');
    super.check(model);
  }

  override async checkEnd(model: State): Promise<void> {
    for (const held of this.#waiting) await this.world.conclude(held, 'filled');
    await super.checkEnd(model);
  }

  get #breaker() {
    return this.world.trading.breaker;
  }

  /** What ends while nothing may be entered has begun before. */
  async #prepare(): Promise<void> {
    const ends = this.#path.slice(this.#at).filter(isOfEarlierAttempt).length;
    while (this.#waiting.length < Math.min(ends, WAITING_MAX)) if ((await this.#begin()) === undefined) return;
  }

  async #begin(): Promise<Held | undefined> {
    const pair = this.world.pairs.slice(0, WAITING_MAX).find((one) => this.#waiting.every((held) => held.pair !== one));
    const held = pair && (await this.world.begin(pair));
    if (held !== undefined) this.#waiting = [...this.#waiting, held];
    return held;
  }

  async #bring(event: CircuitBreakerEvent, model: State): Promise<Problem> {
    switch (event.type) {
      case 'trigger.reported':
        return this.#trip(event.trigger.kind);
      case 'execution.succeeded':
        return this.#end(event.attemptId, 'filled');
      case 'execution.abandoned':
        return this.#end(event.attemptId, 'killed');
      case 'probe.started':
        if (model.text !== 'halfOpen.waiting') return 'the gate names a probe only where there is none';
        return (await this.#begin()) === undefined ? 'nothing may be entered' : undefined;
      case 'cooldown.elapsed':
        if (model.text !== 'open.cooling') return 'only an open breaker that cools has this timer';
        await this.world.hears(PATH, event.type, POLICY_AT_VENUES.cooldownMs);
        return undefined;
      case 'halt.requested':
        this.#breaker.halt(event);
        return undefined;
      case 'resume.requested':
        return this.#resume(event, model);
      case 'effect.failed':
        this.#isSinkBroken = true;
        this.#breaker.halt({ by: 'ann', reason: 'tea', scope: 'entries' });
        return undefined;
      default:
        return 'nobody sends it';
    }
  }

  async #trip(kind: TriggerKind): Promise<Problem> {
    if (kind === 'EXECUTION_FAILED') return this.#meet('turnedAway');
    if (kind === 'ASYMMETRIC_EXECUTION') return this.#meet('oneFilled');
    const { kalshi } = this.world.held.venues;
    if (kind === 'SEQUENCE_GAP') kalshi.setFaults({ id: 'D3', times: 1, match: { channel: 'orderbook_delta' } });
    else {
      kalshi.setFaults({ id: 'N9' });
      kalshi.cutSockets();
    }
    const isHeard = await this.world.hears(PATH, 'trigger.reported', LOST_MS);
    kalshi.setFaults();
    return isHeard ? undefined : 'nobody notices';
  }

  async #meet(fate: Fate): Promise<Problem> {
    const { probe } = this.#breaker.view();
    const held = this.#find((attemptId) => attemptId === probe) ?? this.#waiting[0] ?? (await this.#begin());
    return held === undefined ? 'no attempt is on its way' : this.#conclude(held, fate);
  }

  /** `p1` is the probe, every other name an attempt that is none. */
  async #end(name: string, fate: Fate): Promise<Problem> {
    const { probe } = this.#breaker.view();
    const held = this.#find((attemptId) => (attemptId === probe) === (name === 'p1'));
    return held === undefined ? 'no such attempt is on its way' : this.#conclude(held, fate);
  }

  #find(fits: (attemptId: string) => boolean): Held | undefined {
    return this.#waiting.find(({ plan }) => fits(plan.attemptId));
  }

  /** S49: what one leg left is completed, whatever the breaker is by then. */
  async #conclude(held: Held, fate: Fate): Promise<undefined> {
    this.#waiting = this.#waiting.filter((one) => one !== held);
    await this.world.conclude(held, fate);
    const { end } = this.world.outcomeOf(held);
    if (fate === 'oneFilled' && end !== 'balanced') throw new Error(`expected a repaired attempt, found ${end}`);
  }

  async #resume({ by, reason, force, checks, seenReports }: ResumeRequested, { context }: State): Promise<Problem> {
    if (checks.length === 0) return 'trading always checks';
    const isUnclean = checks.some(({ isClean }) => !isClean);
    const mend = isUnclean ? this.#unsettle() : () => undefined;
    const asked = this.world.trading.resume({ by, reason, force });
    // Whoever halts while somebody looks at the accounts has seen something else.
    if (seenReports !== context.reports) this.#breaker.halt({ by: 'bob', reason: 'wait', scope: 'entries' });
    await this.world.during(asked);
    mend();
    await this.world.held.settle();
    if (this.#hasSeenUnclean() !== isUnclean && this.#waiting.length === 0)
      throw new Error(`expected ${isUnclean ? 'something unclean' : 'clean checks'}, found the opposite`);
    return undefined;
  }

  #hasSeenUnclean(): boolean {
    return this.world.held.hasHeard(PATH, (event) => {
      const { checks = [] } = event as Partial<ResumeRequested>;
      return checks.some(({ isClean }) => !isClean);
    });
  }

  /** What a venue says differs from our books, or it says nothing. Returns what mends it. */
  #unsettle(): () => void {
    const { kalshi, polymarket } = this.world.held.venues;
    if (this.#at % 2 === 0)
      return polymarket.inject({ fault: { kind: 'noConnection', cause: 'refused' }, on: 'http', path: '/balance' });
    kalshi.deposit(USD);
    return () => kalshi.deposit(0 - USD);
  }
}

function isOfEarlierAttempt(event: EventObject): boolean {
  const { attemptId, trigger } = event as { readonly attemptId?: string; readonly trigger?: { attemptId?: string } };
  return (attemptId ?? trigger?.attemptId)?.startsWith('a') === true;
}
