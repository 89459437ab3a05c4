/** Brings about what the model of an exit says, at Kalshi. Its position is the driver. */
import type { EventObject } from 'xstate';
import type { ExitPlan } from '../../src/domain/execution/exit-plan.ts';
import { millis } from '../../src/domain/units.ts';
import type { ExitContext, ExitEvent, ExitInput } from '../../src/machines/exit.events.ts';
import type { exitMachine } from '../../src/machines/exit.machine.ts';
import { type Bench, exitPlan } from '../support/exit-and-quote.ts';
import { type BookSides, books, level } from '../support/two-venues.ts';
import type { Applied, Driver } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';
import type { Problem } from './order-words.ts';
import { type Placed, PlacerFloor } from './placer.driver.ts';

type Machine = typeof exitMachine;
type Style = ExitPlan['style'];

const SIZE_E6 = 10_000_000;
const LOOK_MS = 1_000;
const RETRY_MS = 2_000;
const bidding = (cents: number): BookSides => ({ bids: [level(cents, 100)], asks: [level(cents + 4, 100)] });
const AT_PROFIT = bidding(56);
const AT_LOSS = bidding(44);
const NOBODY: BookSides = { bids: [], asks: [level(60, 100)] };

function placedAs(style: Style): Placed {
  const inputOf = (bench: Bench): ExitInput => ({
    plan: exitPlan(bench, { style, ordersMax: 2, retryMs: millis(500) }),
    sizeE6: SIZE_E6,
  });
  return { kind: 'exit', venue: 'kalshi', asks: 'requestClose', inputOf: inputOf as Placed['inputOf'], isHeld: true };
}

export async function exitInput(style: Style): Promise<ExitInput> {
  const given = placedAs(style);
  const floor = await PlacerFloor.open(given);
  const input = given.inputOf(floor.bench);
  await floor.close();
  return input;
}

export class ExitDriver implements Driver<Machine> {
  readonly #style: Style;
  #floor: PlacerFloor | undefined;
  #path: readonly EventObject[] = [];
  #at = 0;
  #hasBroken = false;

  constructor(style: Style) {
    this.#style = style;
  }

  async start({ events }: ModelPath): Promise<void> {
    this.#path = events;
    this.#floor = await PlacerFloor.open(placedAs(this.#style));
  }

  async apply(event: ModelEvent<Machine>): Promise<Applied<Machine>> {
    const { floor } = this;
    this.#at++;
    floor.path = this.#path.slice(this.#at);
    if (event.type === 'effect.failed' && this.#hasBroken) return { took: [] };
    const [next] = floor.path as readonly ExitEvent[];
    floor.breaking = next?.type === 'effect.failed' ? next.effect : undefined;
    const problem = await this.#bring(event as ExitEvent);
    const took = floor.heard();
    this.#hasBroken = took.some(({ type }) => type === 'effect.failed');
    if (took.length === 0 && problem !== undefined) return { unrealisable: problem };
    return { took: took as readonly ModelEvent<Machine>[] };
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
      if (!this.floor.isOver) this.#tell({ type: 'position.ended' });
    });
  }

  async stop(): Promise<void> {
    await this.#floor?.close();
  }

  private get floor(): PlacerFloor {
    if (this.#floor === undefined) throw new Error('expected a started exit, found none');
    return this.#floor;
  }

  #tell(event: ExitEvent): Problem {
    this.floor.bench.runtime.send(this.floor.actor.actor, event);
    return undefined;
  }

  async #bring(event: ExitEvent): Promise<Problem> {
    const { floor } = this;
    switch (event.type) {
      case 'leg.reported':
        return floor.words.report(event.report);
      case 'leg.settled':
        return floor.words.settle(event.legId);
      case 'exit.due':
        floor.held.house('kalshi', event.trigger === 'takeProfit' ? AT_PROFIT : AT_LOSS);
        return floor.hears('exit.due', LOOK_MS);
      case 'close.planned':
      case 'close.deferred':
      case 'close.lapsed':
      case 'close.impossible':
        return this.#close(event.type);
      case 'holding.fell':
        return this.#fall();
      case 'retry.due':
        return floor.hears('retry.due', RETRY_MS);
      case 'effect.failed':
        return 'nobody asked for it';
      default:
        return this.#other(event);
    }
  }

  async #other(event: ExitEvent): Promise<Problem> {
    const [, end, legId = ''] = /^xstate\.(done|error)\.actor\.leg\/([^/]+)/.exec(event.type) ?? [];
    if (end === 'error') return this.floor.breakLeg(legId);
    if (end === 'done') return this.floor.words.settle(legId);
    return this.#tell(event);
  }

  async #close(type: ExitEvent['type']): Promise<Problem> {
    const { floor } = this;
    if (!floor.isAsked) return 'the desk was not asked';
    const { trigger } = floor.context as unknown as ExitContext;
    if (type === 'close.deferred') floor.held.house('kalshi', NOBODY);
    else if (type === 'close.lapsed') floor.held.house('kalshi', books);
    else floor.held.house('kalshi', trigger === 'takeProfit' ? AT_PROFIT : books);
    await floor.held.settle();
    floor.answer();
    return undefined;
  }

  /** What is certainly held is less than what rests, for as long as it is looked at. */
  async #fall(): Promise<Problem> {
    const { floor } = this;
    const { held, exits, side } = floor.bench;
    const { minE6 } = held;
    held.minE6 = () => 0;
    exits.holdingChanged(side.yes);
    await floor.held.settle();
    held.minE6 = minE6;
    return floor.hasHeard('holding.fell') ? undefined : 'nothing of ours rests';
  }
}
