/**
 * Brings about what the model of the engine says, in trading that begins, goes on and ends at both simulated venues.
 * What the venues say of our balances waits at doors, so that checks are answered when a test lets them.
 */
import type { EventObject } from 'xstate';
import type { VenueSeat } from '../../src/actors/trading-parts.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import { millis, USD } from '../../src/domain/units.ts';
import type { EngineEvent } from '../../src/machines/engine.machine.ts';
import { ControlDriver } from './control.driver.ts';
import type { Held } from './control-world.ts';
import { Door } from './door.ts';
import { ANN, type Machine, SETTINGS, type State } from './engine.catalogue.ts';
import type { Applied } from './harness/driver.ts';
import type { ModelEvent } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';
import type { Problem } from './linked.driver.ts';

const PATH = 'engine';
const SOON_MS = 20_000;
const TOLD_MS = 5_000;
/** The first leg is taken off again after this. */
const REST_MS = millis(600);

export class EngineAtVenues extends ControlDriver<Machine> {
  readonly #doors: Readonly<Record<VenueName, Door>> = { kalshi: new Door(), polymarket: new Door() };
  #start: Promise<unknown> = Promise.resolve();
  #hasStarted = false;
  #hasBooks = false;
  #isLineCut = false;
  readonly #cancels: VenueName[] = [];
  #work: Held | undefined;

  async start(_path: ModelPath): Promise<void> {
    for (const door of Object.values(this.#doors)) door.isOpen = false;
    await this.open({
      chart: 'engine',
      policy: 'makerThenHedge',
      // Kalshi is asked to cancel first: what rests does so elsewhere.
      profile: (profile) => ({
        ...profile,
        makerVenue: 'polymarket',
        repair: { ...profile.repair, restMsMax: REST_MS },
      }),
      seat: (seat) => this.#behindDoor(seat),
    });
    this.#start = this.world.trading.start().catch(() => undefined);
    await this.world.held.settle();
  }

  async apply(event: ModelEvent<Machine>, model: State): Promise<Applied<Machine>> {
    const problem = await this.#bring(event as EngineEvent, model);
    if (problem !== undefined && !this.#hasHeard(() => true)) return { unrealisable: problem };
    const { liveAttempts } = this.world.trading.strategy;
    if (this.#hasHeard(({ type }) => type === 'work.ended') && liveAttempts > 0)
      throw new Error(`expected work to have ended, found ${liveAttempts} attempts`);
    await this.knock();
    return { took: this.heard() };
  }

  protected get path(): string {
    return PATH;
  }

  protected get isEntering(): boolean {
    return this.state() === 'running';
  }

  state(): string {
    return this.engine.standing;
  }

  /** B46: running only after checks. Checks that the chart keeps are those that the venues answered. */
  override check(model: State): void {
    const { text, context } = model;
    const { engine } = this;
    if (engine.holds() !== (text === 'running')) throw new Error(`expected entries only in running, found ${text}`);
    const [found, expected] = [JSON.stringify(engine.checks), JSON.stringify(context.checks)];
    if (found !== expected) throw new Error(`expected the checks ${expected}, found ${found}`);
    if (text === 'running' && (context.round === 0 || !this.#hasBooks))
      throw new Error('expected a start and a round of checks before running');
    super.check(model);
  }

  /** I4: a drain ends at its deadline at the latest. */
  override async checkEnd(model: State): Promise<void> {
    const { text } = model;
    if (text === 'draining') {
      await this.world.hears(PATH, 'drain.overdue', SETTINGS.drainMsMax);
      if (this.state() !== 'stopped') throw new Error(`expected the drain to end, found ${this.state()}`);
    }
    await this.#endWork();
    if (this.#hasBooks) await super.checkEnd(model);
  }

  override async stop(): Promise<void> {
    for (const door of Object.values(this.#doors)) door.open();
    await this.world.during(this.#start);
    await super.stop();
  }

  private get engine() {
    return this.world.trading.life.engine;
  }

  #behindDoor(seat: VenueSeat): VenueSeat {
    const { venue } = seat;
    const balance: typeof venue.balance = () => this.#doors[venue.name].pass(() => venue.balance());
    const cancelAll: typeof venue.cancelAll = (onOutcome) => {
      if (this.#isLineCut && venue.name === 'kalshi') throw new Error('no line');
      this.#cancels.push(venue.name);
      venue.cancelAll(onOutcome);
    };
    const own = { balance, cancelAll };
    return {
      ...seat,
      venue: new Proxy(venue, {
        get: (inner, key) => own[key as keyof typeof own] ?? Reflect.get(inner, key, inner),
      }),
    };
  }

  #hasHeard(fits: (event: EventObject) => boolean): boolean {
    return this.world.held.hasHeard(PATH, fits);
  }

  #hears(type: string, mostMs: number): Promise<boolean> {
    return this.world.hears(PATH, type, mostMs);
  }

  async #bring(event: EngineEvent, { text, context }: State): Promise<Problem> {
    const { engine } = this;
    if (!ENDINGS.has(event.type)) await this.#endWork();
    else if (text === 'running') this.#work ??= await this.world.begin(this.#pair(0));
    switch (event.type) {
      case 'startup.completed':
        return this.#startUp(event.type);
      case 'startup.failed':
        return this.#startUp(event.type);
      case 'checks.completed':
        return this.#answer(event);
      case 'checks.overdue':
        if (text !== 'checking') return 'only a round of checks has this timer';
        return (await this.#hears(event.type, SETTINGS.checksMsMax)) ? undefined : 'it was answered';
      case 'checks.requested':
        engine.check(event.by);
        return undefined;
      case 'review.accepted':
        if (event.round !== context.round) return 'a person answers for the round that stands';
        engine.acceptReview(event);
        return undefined;
      case 'reduction.requested':
        engine.reduce(event);
        return undefined;
      case 'kill.requested':
        return this.#kill(text);
      case 'drain.requested':
        this.world.trading.drain(event.by, event.reason);
        return undefined;
      case 'work.ended':
        await this.#endWork();
        return (await this.#hears(event.type, TOLD_MS)) ? undefined : 'nothing was drained';
      case 'drain.overdue':
        if (text !== 'draining') return 'only a drain has this timer';
        return (await this.#hears(event.type, SETTINGS.drainMsMax)) ? undefined : 'it ended before';
      case 'effect.failed':
        return this.#killInPart(text);
    }
  }

  /** One venue cannot be asked; whoever sees to it says so at the breaker, which an actor's fault has opened. */
  async #killInPart(text: string): Promise<Problem> {
    const { breaker } = this.world.trading;
    this.#isLineCut = true;
    const problem = await this.#kill(text);
    this.#isLineCut = false;
    const { reports } = breaker.view();
    breaker.resume({ by: 'ann', reason: 'the line is there again', force: true, checks: [], seenReports: reports });
    return problem;
  }

  #pair(at: number) {
    const pair = this.world.pairs[at];
    if (pair === undefined) throw new Error(`expected a pair ${at}, found none`);
    return pair;
  }

  /** The books are opened with what both venues say, or with nothing where one of them cannot be read. */
  async #startUp(type: 'startup.completed' | 'startup.failed'): Promise<Problem> {
    if (this.#hasStarted) return 'it starts once';
    this.#hasStarted = true;
    const { polymarket } = this.world.held.venues;
    const heal =
      type === 'startup.failed'
        ? polymarket.inject({ fault: { kind: 'noConnection', cause: 'refused' }, on: 'http', path: '/balance' })
        : () => undefined;
    for (const door of Object.values(this.#doors)) door.letOne();
    const isHeard = await this.#hears(type, SOON_MS);
    heal();
    if (!isHeard) return 'nobody says so';
    this.#hasBooks = type === 'startup.completed';
    if (this.#hasBooks) this.world.trade();
    await this.world.held.settle(TOLD_MS / 5);
    return undefined;
  }

  /** Earlier rounds are answered first; a venue that shows more than we have booked is not clean. */
  async #answer({ round, checks }: Extract<EngineEvent, { type: 'checks.completed' }>): Promise<Problem> {
    const { kalshi } = this.world.held.venues;
    const doors = Object.values(this.#doors);
    const isHeard = (): boolean => this.#hasHeard((event) => 'round' in event && event.round === round);
    if (!this.#hasStarted) return 'nobody was asked';
    await this.world.quiet();
    const extra = checks.every(({ isClean }) => isClean) ? 0 : USD;
    kalshi.deposit(extra);
    while (!isHeard() && doors.some((door) => door.count > 0)) {
      for (const door of doors) door.letOne();
      await this.world.held.settle(100);
    }
    kalshi.deposit(0 - extra);
    return isHeard() ? undefined : 'nobody was asked in that round';
  }

  /** U1: whatever rests at the venues is off the book in a moment, wherever it can be reached. */
  async #kill(text: string): Promise<Problem> {
    if (text === 'running' && !(await this.world.rest(this.#pair(1))))
      throw new Error('expected an order that rests, found none');
    this.#cancels.length = 0;
    this.engine.kill(ANN);
    if (!this.#cancels.includes('polymarket'))
      throw new Error('expected Polymarket to be asked to cancel, found it not');
    await this.world.held.settle(REST_MS / 10);
    if (this.world.resting > 0) throw new Error(`expected nothing to rest after a kill, found ${this.world.resting}`);
    return undefined;
  }

  async #endWork(): Promise<void> {
    const work = this.#work;
    this.#work = undefined;
    if (work !== undefined) await this.world.conclude(work, 'killed');
  }
}

/** What work may be open at: all else begins once there is none. */
const ENDINGS: ReadonlySet<string> = new Set([
  'kill.requested',
  'drain.requested',
  'drain.overdue',
  'reduction.requested',
  'effect.failed',
  'work.ended',
]);
