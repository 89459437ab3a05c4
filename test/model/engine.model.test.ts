import { Engine, type EngineChange } from '../../src/actors/engine.actor.ts';
import type { StandingCheck } from '../../src/domain/risk/breaker-reasons.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { type EngineEvent, engineMachine } from '../../src/machines/engine.machine.ts';
import { type ControlRig, controlRig } from '../actors/control-rig.ts';
import {
  ANN,
  canFail,
  events,
  eventsAtStart,
  eventsAtVenues,
  type Machine,
  SETTINGS,
  type State,
  shared,
  UNKNOWN,
} from './engine.catalogue.ts';
import { EngineAtVenues } from './engine.driver.ts';
import { onEdge } from './harness/coverage.ts';
import { describeModel } from './harness/describe-model.ts';
import { type Applied, type Driver, unrealisable } from './harness/driver.ts';

class EngineDriver implements Driver<Machine> {
  #rig: ControlRig = controlRig();
  #engine: Engine | undefined;
  readonly #answers: ((checks: readonly StandingCheck[]) => void)[] = [];
  readonly #ends: (() => void)[] = [];
  readonly #changes: EngineChange[] = [];
  #hasStarted = false;
  #cancels = 0;
  #kills = 0;
  #failing: string | undefined;

  start(): void {
    this.#rig = controlRig(onEdge);
    this.#engine = new Engine({
      ...this.#rig,
      settings: SETTINGS,
      runChecks: (answer) => {
        this.#failOn('requestChecks');
        this.#answers.push(answer);
      },
      drain: (_, ended) => {
        this.#failOn('requestDrain');
        this.#ends.push(ended);
      },
      cancelAll: () => {
        this.#failOn('requestCancelAll');
        this.#cancels++;
      },
      onChange: (change) => this.#changes.push(change),
    });
  }

  apply(event: EngineEvent, { text, context }: State): Applied<Machine> {
    const engine = this.#running;
    if (event === UNKNOWN) return void this.#rig.runtime.sendUnknown('engine');
    switch (event.type) {
      case 'startup.completed':
        this.#hasStarted = true;
        return void engine.startupCompleted();
      case 'startup.failed':
        return void engine.startupFailed(event.detail);
      case 'checks.completed': {
        const answer = this.#answers[event.round - 1];
        if (answer === undefined) return unrealisable('nobody was asked in that round');
        return void answer(event.checks);
      }
      case 'checks.overdue':
        if (text !== 'checking') return unrealisable('only a round of checks has this timer');
        return void this.#rig.clock.advanceBy(SETTINGS.checksMsMax);
      case 'checks.requested':
        return void engine.check(event.by);
      case 'review.accepted':
        engine.acceptReview(event);
        // A person answers for the round that stands when they answer.
        return { took: [{ ...event, round: context.round }] };
      case 'reduction.requested':
        return void engine.reduce(event);
      case 'kill.requested':
        this.#kills++;
        return void engine.kill(event);
      case 'drain.requested':
        return void engine.drain(event);
      case 'work.ended': {
        const end = this.#ends.at(-1);
        return end === undefined ? unrealisable('nothing was drained') : void end();
      }
      case 'drain.overdue':
        if (text !== 'draining') return unrealisable('only a drain has this timer');
        return void this.#rig.clock.advanceBy(SETTINGS.drainMsMax);
      case 'effect.failed':
        return this.#fail(event, text);
    }
  }

  state(): string {
    return this.#running.standing;
  }

  /** Entries only while running, and running only after checks that were clean or answered for. */
  check({ text, context }: State): void {
    const engine = this.#running;
    if (engine.holds() !== (text === 'running')) throw new Error(`expected entries only in running, found ${text}`);
    if (engine.checks.length !== context.checks.length) throw new Error('the checks differ');
    if (text === 'running' && (context.round === 0 || !this.#hasStarted))
      throw new Error('expected a start and a round of checks before running');
    if (text === 'stopped' && !this.#changes.some(({ kind }) => kind === 'stopped')) throw new Error('nobody was told');
    if (this.#cancels < this.#kills - 1) throw new Error('expected every kill to cancel what rests');
  }

  /** I4: a drain ends, whatever becomes of the work. */
  checkEnd({ text }: State): void {
    if (text !== 'draining') return;
    this.#rig.clock.advanceBy(SETTINGS.drainMsMax);
    if (this.#running.standing !== 'stopped') throw new Error('expected the drain to end at its deadline');
  }

  stop(): void {
    this.#engine = undefined;
  }

  /** Breaks a port, and does what uses it. */
  #fail(event: EngineEvent & { type: 'effect.failed' }, text: string): Applied<Machine> {
    if (!canFail(event.effect, text)) return unrealisable('nobody asks for it here');
    const engine = this.#running;
    this.#failing = event.effect;
    try {
      if (event.effect === 'requestCancelAll') {
        engine.kill(ANN);
        return { took: [{ type: 'kill.requested', ...ANN }, event] };
      }
      if (event.effect === 'requestDrain') {
        engine.drain(ANN);
        return { took: [{ type: 'drain.requested', ...ANN }, event] };
      }
      engine.check('ann');
      return { took: [{ type: 'checks.requested', by: 'ann' }, event] };
    } finally {
      this.#failing = undefined;
    }
  }

  #failOn(effect: string): void {
    if (this.#failing === effect) throw new Error(`${effect} failed`);
  }

  get #running(): Engine {
    if (this.#engine === undefined) throw new Error('expected a driver that was started');
    return this.#engine;
  }
}

describeModel({
  ...shared,
  events,
  driver: () => new EngineDriver(),
  walks: { seed: 'engine', count: 40, steps: 30 },
});

const EDGES = edgesOf(engineMachine).map(({ id }) => id);

describeModel({
  ...shared,
  variant: 'at venues',
  events: eventsAtVenues,
  driver: () => new EngineAtVenues(),
  wanted: new Set(EDGES),
  witnesses: 2,
  place: 'venues',
});

describeModel({
  ...shared,
  variant: 'at venues, while it starts',
  events: eventsAtStart,
  driver: () => new EngineAtVenues(),
  wanted: new Set(
    EDGES.filter((edge) => edge.includes('start') || edge.includes('heldBack') || edge.includes('effect')),
  ),
  witnesses: 2,
  place: 'venues',
});
