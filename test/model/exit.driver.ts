/** Brings about what the model of an exit says, at a simulated venue. Its position is the driver. */
import type { ExitPlan } from '../../src/domain/execution/exit-plan.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import { millis } from '../../src/domain/units.ts';
import type { ExitContext, ExitEvent, ExitInput } from '../../src/machines/exit.events.ts';
import type { exitMachine } from '../../src/machines/exit.machine.ts';
import { type Bench, exitPlan } from '../support/exit-and-quote.ts';
import { type BookSides, books, level } from '../support/two-venues.ts';
import type { Problem } from './order-words.ts';
import { inputOn, PlacerDriver } from './placer.driver.ts';
import type { Placed, PlacerFloor } from './placer-floor.ts';

type Machine = typeof exitMachine;
type Style = ExitPlan['style'];

const SIZE_E6 = 10_000_000;
const LOOK_MS = 1_000;
const RETRY_MS = 2_000;
const bidding = (cents: number): BookSides => ({ bids: [level(cents, 100)], asks: [level(cents + 4, 100)] });
const AT_PROFIT = bidding(56);
const AT_LOSS = bidding(44);
const NOBODY: BookSides = { bids: [], asks: [level(60, 100)] };

export interface ExitAs {
  readonly style: Style;
  readonly venue: VenueName;
  readonly sizeE6?: number;
  /** An earlier life had an order on its way. */
  readonly isRestored?: boolean;
}

function placedAs({ style, venue, sizeE6 = SIZE_E6, isRestored = false }: ExitAs): Placed {
  const inputOf = (bench: Bench): ExitInput => ({
    plan: exitPlan(bench, { style, ordersMax: 2, retryMs: millis(500) }),
    sizeE6,
  });
  const common = { kind: 'exit', venue, asks: 'requestClose', inputOf, isHeld: true } as const;
  return isRestored ? { ...common, earlier } : common;
}

async function earlier(floor: PlacerFloor): Promise<void> {
  floor.actor.send({ type: 'exit.requested', reason: 'by hand' });
  floor.answer();
  await floor.held.write();
}

export function exitInput(as: ExitAs): Promise<ExitInput> {
  return inputOn(placedAs(as));
}

export class ExitDriver extends PlacerDriver<Machine, ExitEvent> {
  constructor(as: ExitAs) {
    super(placedAs(as), { type: 'position.ended' });
  }

  protected bring(event: ExitEvent): Promise<Problem> | Problem {
    const { floor } = this;
    switch (event.type) {
      case 'exit.due':
        floor.held.house(floor.venue, event.trigger === 'takeProfit' ? AT_PROFIT : AT_LOSS);
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
      default:
        return this.tell(event);
    }
  }

  async #close(type: ExitEvent['type']): Promise<Problem> {
    const { floor } = this;
    if (!floor.isAsked) return 'the desk was not asked';
    const { trigger } = floor.context as unknown as ExitContext;
    if (type === 'close.deferred') floor.held.house(floor.venue, NOBODY);
    else if (type === 'close.lapsed') floor.held.house(floor.venue, books);
    else floor.held.house(floor.venue, trigger === 'takeProfit' ? AT_PROFIT : books);
    await floor.held.settle();
    floor.answer();
    return undefined;
  }

  /** What is certainly held is less than what rests, for as long as it is looked at. */
  async #fall(): Promise<Problem> {
    const { floor } = this;
    const { held, exits } = floor.bench;
    const { minE6 } = held;
    held.minE6 = () => 0;
    exits.holdingChanged();
    await floor.held.settle();
    held.minE6 = minE6;
    exits.holdingChanged();
    return floor.hasHeard('holding.fell') ? undefined : 'nothing of ours rests';
  }
}
