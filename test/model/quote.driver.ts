/** Brings about what the model of a quote says, at Kalshi: prices move there, orders rest and fill there. */
import { millis, priceE4 } from '../../src/domain/units.ts';
import type { QuoteEvent, QuoteInput } from '../../src/machines/quote.events.ts';
import type { quoteMachine } from '../../src/machines/quote.machine.ts';
import { type Bench, quotePlan } from '../support/exit-and-quote.ts';
import { type BookSides, books, level } from '../support/two-venues.ts';
import type { Problem } from './order-words.ts';
import { inputOn, PlacerDriver } from './placer.driver.ts';
import type { Placed } from './placer-floor.ts';

type Machine = typeof quoteMachine;

const LOOK_MS = 1_000;
const PAUSE_MS = 1_000;
const REST_MS = 20_000;
const bidding = (cents: number): BookSides => ({ bids: [level(cents, 100)], asks: [level(52, 100)] });
/** Beyond the last price that keeps the edge. */
const DEAR = bidding(51);

const GIVEN: Placed = {
  kind: 'quote',
  venue: 'kalshi',
  asks: 'watchBook',
  inputOf: ((bench: Bench): QuoteInput => ({
    plan: quotePlan(bench, { restMsMax: millis(REST_MS), worstE4: priceE4(4_900), ordersMax: 2 }),
  })) as Placed['inputOf'],
  isHeld: false,
};

export function quoteInput(): Promise<QuoteInput> {
  return inputOn(GIVEN);
}

export class QuoteDriver extends PlacerDriver<Machine, QuoteEvent> {
  constructor() {
    super(GIVEN, { type: 'withdrawal.requested', reason: 'calm' });
  }

  protected bring(event: QuoteEvent): Promise<Problem> | Problem {
    const { floor } = this;
    switch (event.type) {
      case 'quote.planned':
        return this.#look('quote.planned', books);
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
    floor.held.house('kalshi', sides);
    await floor.held.settle();
    floor.answer();
    return floor.hears(type, LOOK_MS);
  }
}
