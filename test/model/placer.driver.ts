/** What the models of an exit and of a quote have in common: a floor on which their orders are placed. */
import type { AnyStateMachine, EventObject } from 'xstate';
import type { LegReport } from '../../src/domain/execution/leg.ts';
import type { Applied, Driver } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';
import type { Problem } from './order-words.ts';
import { type Placed, PlacerFloor } from './placer-floor.ts';

export abstract class PlacerDriver<Machine extends AnyStateMachine, Event extends EventObject>
  implements Driver<Machine>
{
  readonly #given: Placed;
  /** What its owner says when nothing more is wanted. */
  readonly #farewell: Event;
  #floor: PlacerFloor | undefined;
  #path: readonly EventObject[] = [];
  #at = 0;
  #hasBroken = false;

  constructor(given: Placed, farewell: Event) {
    this.#given = given;
    this.#farewell = farewell;
  }

  /** Whether what comes next comes while cancels are on their way. */
  protected waitsNext(next: EventObject | undefined): boolean {
    const { report } = (next ?? {}) as { readonly report?: LegReport };
    return report !== undefined && report.standing !== 'ended';
  }

  /** What must be so before it comes. */
  protected prepare(_event: Event): Promise<void> | undefined {
    return undefined;
  }

  protected get next(): EventObject | undefined {
    return this.#path[this.#at];
  }

  /** Brings about what no order of its own says. */
  protected abstract bring(event: Event): Promise<Problem> | Problem;

  async start({ events }: ModelPath): Promise<void> {
    this.#path = events;
    this.#floor = await PlacerFloor.open(this.#given, this.#breaksNext());
  }

  begun(): readonly ModelEvent<Machine>[] {
    return this.#took();
  }

  async apply(event: ModelEvent<Machine>): Promise<Applied<Machine>> {
    const { floor } = this;
    this.#at++;
    floor.path = this.#path.slice(this.#at);
    const wanted = event as unknown as Event;
    if (wanted.type === 'effect.failed' && this.#hasBroken) return { took: [] };
    floor.breaking = this.#breaksNext();
    if (this.waitsNext(this.#path[this.#at])) floor.shutDoors();
    await this.prepare(wanted);
    const problem = await this.#bring(wanted);
    const took = this.#took();
    return took.length === 0 && problem !== undefined ? { unrealisable: problem } : { took };
  }

  state(): string {
    return this.floor.state;
  }

  check(model: ModelState<Machine>): void {
    const [found, expected] = [JSON.stringify(this.floor.context), JSON.stringify(model.context)];
    if (found !== expected) throw new Error(`expected ${expected}, found ${found}`);
    this.floor.check();
  }

  checkEnd(): Promise<void> {
    return this.floor.checkEnd(() => {
      if (!this.floor.isOver) this.tell(this.#farewell);
    });
  }

  async stop(): Promise<void> {
    await this.#floor?.close();
  }

  protected get floor(): PlacerFloor {
    if (this.#floor === undefined) throw new Error('expected a started actor, found none');
    return this.#floor;
  }

  protected tell(event: Event): Problem {
    this.floor.bench.runtime.send(this.floor.actor.actor, event);
    return undefined;
  }

  async #bring(event: Event): Promise<Problem> {
    const { words } = this.floor;
    const said = event as unknown as { readonly report: never; readonly legId: string };
    if (event.type === 'leg.reported') return words.report(said.report);
    if (event.type === 'leg.reversed') return words.reverse(said.legId);
    if (event.type === 'effect.failed') return 'nobody asked for it';
    const [, end, legId = ''] = /^xstate\.(done|error)\.actor\.leg\/([^/]+)/.exec(event.type) ?? [];
    if (end === 'error') return this.floor.breakLeg(legId);
    if (end === 'done') return words.settle(legId);
    return this.bring(event);
  }

  #took(): readonly ModelEvent<Machine>[] {
    const took = this.floor.heard();
    this.#hasBroken = took.some(({ type }) => type === 'effect.failed');
    return took as unknown as readonly ModelEvent<Machine>[];
  }

  #breaksNext(): string | undefined {
    const next = this.#path[this.#at] as (EventObject & { readonly effect?: string }) | undefined;
    return next?.type === 'effect.failed' ? next.effect : undefined;
  }
}

/** As its chart is started for a path, in names of a floor of its own. */
export async function inputOn<Input>(given: Placed): Promise<Input> {
  const floor = await PlacerFloor.open(given);
  const { input } = floor;
  await floor.close();
  return input as Input;
}
