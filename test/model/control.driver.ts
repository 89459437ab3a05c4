/** What the models of charts that hold entries back have in common: trading at both simulated venues, and a gap there. */
import type { AnyStateMachine } from 'xstate';
import { reducing } from '../actors/breaker-rig.ts';
import { type ControlGiven, ControlWorld, type Held } from './control-world.ts';
import type { Applied, Driver } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';

export abstract class ControlDriver<Machine extends AnyStateMachine> implements Driver<Machine> {
  #world: ControlWorld | undefined;

  /** Of the actor, in the journal. */
  protected abstract get path(): string;

  /** Whether the chart lets an entry pass now. */
  protected abstract get isEntering(): boolean;

  abstract start(path: ModelPath): Promise<void>;

  abstract apply(event: ModelEvent<Machine>, model: ModelState<Machine>): Promise<Applied<Machine>>;

  abstract state(): string;

  protected async open(given: ControlGiven): Promise<ControlWorld> {
    this.#world = await ControlWorld.open(given);
    return this.#world;
  }

  begun(): readonly ModelEvent<Machine>[] {
    return this.heard();
  }

  check(_model: ModelState<Machine>): void {
    if (this.world.trading.gate.permit(reducing('z9')).kind !== 'live')
      throw new Error('expected a reducing order to pass');
    this.world.check();
  }

  async checkEnd(_model: ModelState<Machine>): Promise<void> {
    await this.world.checkEnd();
  }

  async stop(): Promise<void> {
    await this.#world?.close();
  }

  protected get world(): ControlWorld {
    if (this.#world === undefined) throw new Error('expected a driver that was started');
    return this.#world;
  }

  protected heard(): readonly ModelEvent<Machine>[] {
    return this.world.heard(this.path) as readonly ModelEvent<Machine>[];
  }

  protected get hasHeardAnything(): boolean {
    return this.world.held.hasHeard(this.path, () => true);
  }

  /** Somebody offers a gap, and orders arrive exactly where the chart says so. */
  protected async knock(): Promise<void> {
    const isExpected = this.isEntering;
    const hasEntered = await this.world.knock();
    if (hasEntered !== isExpected)
      throw new Error(`expected an entry ${isExpected ? 'to arrive' : 'held back'} in ${this.state()}`);
  }

  /** What one leg has bought is completed, whatever holds entries back by then (U4). */
  protected async complete(held: Held): Promise<void> {
    await this.world.conclude(held, 'oneFilled');
    const { end } = this.world.outcomeOf(held);
    if (end !== 'balanced') throw new Error(`expected a repaired attempt, found ${end}`);
  }

  /** For charts that are not about what has opened the breaker. */
  protected resume(): void {
    const { breaker } = this.world.trading;
    const { standing, reports } = breaker.view();
    if (standing !== 'closed')
      breaker.resume({ by: 'ann', reason: 'seen', force: true, checks: [], seenReports: reports });
  }
}
