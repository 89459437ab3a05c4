/** Brings about what the model of a quote says, at a simulated venue: prices move there, orders rest and fill there. */
import type { EventObject } from 'xstate';
import type { VenueName } from '../../src/domain/instrument.ts';
import { millis, priceE4 } from '../../src/domain/units.ts';
import type { QuoteEvent, QuoteInput } from '../../src/machines/quote.events.ts';
import type { quoteMachine } from '../../src/machines/quote.machine.ts';
import { type Bench, quotePlan } from '../support/exit-and-quote.ts';
import { type BookSides, books, level } from '../support/two-venues.ts';
import type { Problem } from './order-words.ts';
import { inputOn, PlacerDriver } from './placer.driver.ts';
import type { Placed, PlacerFloor } from './placer-floor.ts';

type Machine = typeof quoteMachine;

const LOOK_MS = 1_000;
const PAUSE_MS = 1_000;
const REST_MS = 20_000;
/** Shorter than a pause. */
const LAST_MS = 150;
const bidding = (cents: number): BookSides => ({ bids: [level(cents, 100)], asks: [level(52, 100)] });
/** Beyond the last price that keeps the edge. */
const DEAR = bidding(51);

export interface QuoteAs {
  readonly venue: VenueName;
  /** An earlier life had an order on its way, or one that was turned away. */
  readonly isRestored?: 'live' | 'ended';
}

function placedAs({ venue, isRestored }: QuoteAs): Placed {
  const inputOf = (bench: Bench): QuoteInput => ({
    plan: quotePlan(bench, { restMsMax: millis(REST_MS), worstE4: priceE4(4_900), ordersMax: 2 }),
  });
  const common = { kind: 'quote', venue, asks: 'watchBook', inputOf, isHeld: false } as const;
  return isRestored === undefined ? common : { ...common, earlier: (floor) => earlier(floor, isRestored) };
}

async function earlier(floor: PlacerFloor, left: 'live' | 'ended'): Promise<void> {
  floor.answer();
  await floor.held.write();
  const [order] = floor.context.placed;
  if (order === undefined) throw new Error('expected an order, found none');
  const refused = { ...order.report, standing: 'ended', end: 'refused', refusal: 'venuePaused' } as const;
  if (left === 'ended') await floor.words.report(refused);
}

export function quoteInput(as: QuoteAs): Promise<QuoteInput> {
  return inputOn(placedAs(as));
}

export class QuoteDriver extends PlacerDriver<Machine, QuoteEvent> {
  constructor(as: QuoteAs) {
    super(placedAs(as), { type: 'withdrawal.requested', reason: 'calm' });
  }

  /** Prices go on moving while an order is being taken back. */
  protected override waitsNext(next: EventObject | undefined): boolean {
    return next?.type === 'market.moved' || next?.type === 'edge.gone' || super.waitsNext(next);
  }

  /** Time for quotes may be over in the pause after an order has ended. */
  protected override prepare(event: QuoteEvent): Promise<void> | undefined {
    const isLast = this.next?.type === 'rest.elapsed' && event.type === 'leg.reported';
    if (!isLast || event.report.standing !== 'ended') return undefined;
    const { held, sinceMs } = this.floor;
    return held.settle(Math.max(0, sinceMs + REST_MS - LAST_MS - held.venues.clock.nowMs()));
  }

  protected bring(event: QuoteEvent): Promise<Problem> | Problem {
    const { floor } = this;
    switch (event.type) {
      case 'quote.planned':
        // Whatever of the first may yet come to light stands before the second.
        return this.#look('quote.planned', floor.context.placed.length === 0 ? books : bidding(46));
      case 'queue.moved':
        return this.#look('queue.moved', books);
      case 'market.moved':
        return this.#look('market.moved', bidding(46));
      case 'edge.gone':
        return this.#look('edge.gone', DEAR);
      case 'rest.elapsed':
        return floor.hears('rest.elapsed', REST_MS);
      case 'pause.over':
        return floor.hears('pause.over', PAUSE_MS);
      default:
        return this.tell(event);
    }
  }

  /** The desk looks at what the house shows. */
  async #look(type: QuoteEvent['type'], sides: BookSides): Promise<Problem> {
    const { floor } = this;
    floor.held.house(floor.venue, sides);
    await floor.held.settle();
    floor.answer();
    return floor.hears(type, LOOK_MS);
  }
}
