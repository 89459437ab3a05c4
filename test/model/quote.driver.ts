/** Brings about what the model of a quote says, at Kalshi: prices move there, orders rest and fill there. */
import type { EventObject } from 'xstate';
import { millis, priceE4 } from '../../src/domain/units.ts';
import type { QuoteEvent, QuoteInput } from '../../src/machines/quote.events.ts';
import type { quoteMachine } from '../../src/machines/quote.machine.ts';
import { type Bench, quotePlan } from '../support/exit-and-quote.ts';
import { type BookSides, books, level } from '../support/two-venues.ts';
import type { Applied, Driver } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';
import type { Problem } from './order-words.ts';
import { type Placed, PlacerFloor } from './placer.driver.ts';

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

export async function quoteInput(): Promise<QuoteInput> {
  const floor = await PlacerFloor.open(GIVEN);
  const input = GIVEN.inputOf(floor.bench);
  await floor.close();
  return input;
}

export class QuoteDriver implements Driver<Machine> {
  #floor: PlacerFloor | undefined;
  #path: readonly EventObject[] = [];
  #at = 0;
  #hasBroken = false;

  async start({ events }: ModelPath): Promise<void> {
    this.#path = events;
    this.#floor = await PlacerFloor.open(GIVEN, this.#breaksNext());
  }

  begun(): readonly ModelEvent<Machine>[] {
    return this.#took();
  }

  async apply(event: ModelEvent<Machine>): Promise<Applied<Machine>> {
    const { floor } = this;
    this.#at++;
    floor.path = this.#path.slice(this.#at);
    if (event.type === 'effect.failed' && this.#hasBroken) return { took: [] };
    floor.breaking = this.#breaksNext();
    const problem = await this.#bring(event as QuoteEvent);
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
      if (!this.floor.isOver) this.#tell({ type: 'withdrawal.requested', reason: 'calm' });
    });
  }

  async stop(): Promise<void> {
    await this.#floor?.close();
  }

  private get floor(): PlacerFloor {
    if (this.#floor === undefined) throw new Error('expected a started quote, found none');
    return this.#floor;
  }

  #took(): readonly ModelEvent<Machine>[] {
    const took = this.floor.heard();
    this.#hasBroken = took.some(({ type }) => type === 'effect.failed');
    return took as readonly ModelEvent<Machine>[];
  }

  #breaksNext(): string | undefined {
    const next = this.#path[this.#at] as QuoteEvent | undefined;
    return next?.type === 'effect.failed' ? next.effect : undefined;
  }

  #tell(event: QuoteEvent): Problem {
    this.floor.bench.runtime.send(this.floor.actor.actor, event);
    return undefined;
  }

  async #bring(event: QuoteEvent): Promise<Problem> {
    const { floor } = this;
    switch (event.type) {
      case 'leg.reported':
        return floor.words.report(event.report);
      case 'leg.settled':
        return floor.words.settle(event.legId);
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
      case 'effect.failed':
        return 'nobody asked for it';
      default:
        return this.#other(event);
    }
  }

  async #other(event: QuoteEvent): Promise<Problem> {
    const [, end, legId = ''] = /^xstate\.(done|error)\.actor\.leg\/([^/]+)/.exec(event.type) ?? [];
    if (end === 'error') return this.floor.breakLeg(legId);
    if (end === 'done') return this.floor.words.settle(legId);
    return this.#tell(event);
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
