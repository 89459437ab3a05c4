/**
 * What must hold whatever happens (SCENARIOS.md section 3), checked after every step of a scenario, and what must hold
 * when everything has come to rest.
 */
import type { Trading } from '../../src/actors/trading.ts';
import type { Instrument, VenueName } from '../../src/domain/instrument.ts';
import { instrumentId } from '../../src/domain/instrument.ts';
import type { ServerRequest } from '../../src/domain/ports/local-server.ts';
import type { PreparedOrder } from '../../src/domain/ports/venue.ts';
import type { TwoVenues, VenueSide } from '../support/two-venues.ts';
import type { ScenarioJournal } from './scenario-journal.ts';

/** What a scenario is about, and therefore cannot hold at its end. */
export interface Waivers {
  /** Errors of actors that the scenario provokes. */
  readonly faults?: boolean;
  /** Cash differs by so many micro-dollars at most, for the reason that the scenario gives. */
  readonly cashMicroUsd?: Partial<Record<VenueName, number>>;
}

const VENUES = ['kalshi', 'polymarket'] as const;
const ORDER_TARGETS = { kalshi: '/portfolio/events/orders', polymarket: '/order' } as const;

export class ScenarioChecks {
  readonly #venues: TwoVenues;
  readonly #trading: Trading;
  readonly #journal: ScenarioJournal;
  readonly #submitted = new Map<string, PreparedOrder>();
  readonly #legs = new Set<string>();
  readonly #seen: Record<VenueName, number>;
  readonly #arrived = new Set<string>();
  readonly #breaches: string[] = [];

  /** How long a venue that says what is not so may be believed, at most. */
  readonly #liesMs: Partial<Record<VenueName, number>>;
  readonly #wrongSince = new Map<string, number>();

  constructor(
    venues: TwoVenues,
    {
      trading,
      journal,
      liesMs,
    }: {
      readonly trading: Trading;
      readonly journal: ScenarioJournal;
      readonly liesMs: Partial<Record<VenueName, number>>;
    },
  ) {
    this.#liesMs = liesMs;
    this.#venues = venues;
    // What an earlier life sent was looked at then.
    const seen = (name: VenueName): number => venues.side(name).server.requests.length;
    this.#seen = { kalshi: seen('kalshi'), polymarket: seen('polymarket') };
    this.#trading = trading;
    this.#journal = journal;
  }

  /** I2, I3 and I6, in the moment in which an order is handed to its adapter. What is wrong is told by the next step. */
  onSubmit(order: PreparedOrder): void {
    const { clientOrderId, isReducing } = order.request;
    const intent = this.#journal.intents.get(clientOrderId);
    if (intent === undefined) {
      this.#breaches.push(`an intent before order ${clientOrderId} leaves, found none`);
      return;
    }
    const leg = `${intent.attempt}/${intent.leg}`;
    const { standing } = this.#trading.breaker.view();
    const mayEnter = standing === 'closed' || standing === 'halfOpen';
    if (this.#legs.has(leg)) this.#breaches.push(`leg ${leg} to be sent once, found it sent again`);
    if (!this.#journal.isIntentDurable(clientOrderId))
      this.#breaches.push(`${leg} on disk before it left, found it not`);
    if (!isReducing && !mayEnter) this.#breaches.push(`no entry past a breaker that is ${standing}, found ${leg}`);
    this.#legs.add(leg);
    this.#submitted.set(clientOrderId, order);
  }

  step(): void {
    if (this.#breaches.length > 0) throw new Error(`expected ${this.#breaches.join('; ')}`);
    for (const name of VENUES) this.#arrivals(this.#venues.side(name));
    for (const { side, instrument } of this.#instruments()) this.#holds(side, instrument);
    require(this.#trading.ledger.sum() === 0n, 'postings to sum to 0', String(this.#trading.ledger.sum()));
    this.#withinLimits();
  }

  /** Every request that arrived was handed over, once, and is what the journal says that it is. */
  #arrivals({ name, server }: VenueSide): void {
    const { requests } = server;
    for (const request of requests.slice(this.#seen[name])) if (isOrder(name, request)) this.#arrival(name, request);
    this.#seen[name] = requests.length;
  }

  #arrival(name: VenueName, { body }: ServerRequest): void {
    const unsigned = unsignedOf(name, body);
    const order = [...this.#submitted.values()].find((one) => one.venue === name && one.body === unsigned);
    require(order !== undefined, `an order handed over for what ${name} received`, body);
    const id = order?.request.clientOrderId ?? '';
    require(this.#journal.intents.get(id)?.body === unsigned, `the intent of ${id} to say what was sent`, unsigned);
    require(!this.#arrived.has(id), `order ${id} to arrive once`, 'a second request');
    this.#arrived.add(id);
  }

  /** Believed exposure spans what is true. */
  #holds({ truth, name }: VenueSide, instrument: Instrument): void {
    const held = truth.matchedE6(instrument);
    const { leastE6, mostE6 } = this.#trading.exposures.spanOf(instrument);
    const [id, nowMs] = [instrumentId(instrument), this.#venues.clock.nowMs()];
    if (leastE6 <= held && held <= mostE6) {
      this.#wrongSince.delete(id);
      return;
    }
    const since = this.#wrongSince.get(id) ?? nowMs;
    this.#wrongSince.set(id, since);
    const isLate = nowMs - since > (this.#liesMs[name] ?? -1);
    require(!isLate, `${name} ${id} in ${leastE6}..${mostE6}`, `${held} at ${nowMs} ms`);
  }

  #withinLimits(): void {
    const { exposures } = this.#trading;
    const { mostMicroUsd } = exposures.span();
    const { totalMicroUsdMax } = exposures.limits;
    const most = totalMicroUsdMax ?? Number.POSITIVE_INFINITY;
    require(mostMicroUsd <= most, `exposure within ${most}`, String(mostMicroUsd));
  }

  /** After everything has ended. */
  async atRest({ faults = false, cashMicroUsd = {} }: Waivers): Promise<void> {
    const { exposures, ledger, registry } = this.#trading;
    for (const { side, instrument } of this.#instruments()) {
      const held = side.truth.matchedE6(instrument);
      const { leastE6, mostE6 } = exposures.spanOf(instrument);
      const believed = `${leastE6}..${mostE6}`;
      require(leastE6 === held && mostE6 === held, `belief of ${instrumentId(instrument)} to be ${held}`, believed);
    }
    for (const name of VENUES) {
      const cash = this.#venues.side(name).truth.cash();
      const difference = Math.abs(ledger.cash(name) - cash);
      require(difference <= (cashMicroUsd[name] ?? 0), `cash ${cash} at ${name}`, String(ledger.cash(name)));
    }
    require(registry.open().length === 0, 'no live leg', String(registry.open().length));
    await this.#isReleased();
    const errors = this.#journal.recordsOf('error').map(({ actor, message }) => `${actor}: ${message}`);
    require(faults || errors.length === 0, 'no actor to break', errors.join('; '));
    const { problems } = this.#journal.verify();
    require(problems.length === 0, 'a journal that holds', JSON.stringify(problems.slice(0, 3)));
  }

  /** Nothing is set aside for orders any more: all cash is free, and no order is counted. */
  async #isReleased(): Promise<void> {
    const { exposures, books } = this.#trading;
    const { clock, time } = this.#venues;
    await time.patiently(books.checks());
    const group = { eventId: 'event', category: 'test', correlated: 'event' };
    const { openOrders, available, dayTrades } = exposures.state(group, { nowMs: clock.nowMs(), wall: clock.wall() });
    require(openOrders === 0, 'no open order', String(openOrders));
    require(dayTrades ===
      exposures.dayCounters({ nowMs: clock.nowMs(), wall: clock.wall() }).trades, 'no room', 'some');
    for (const { venue, microUsd } of available) {
      const cash = Math.min(this.#trading.ledger.cash(venue), this.#venues.side(venue).truth.cash());
      require(microUsd === cash, `all of ${cash} free at ${venue}`, String(microUsd));
    }
  }

  #instruments(): readonly { readonly side: VenueSide; readonly instrument: Instrument }[] {
    return VENUES.flatMap((name) => {
      const side = this.#venues.side(name);
      return [
        { side, instrument: side.yes },
        { side, instrument: side.no },
      ];
    });
  }
}

function isOrder(name: VenueName, { method, target }: ServerRequest): boolean {
  return method === 'POST' && target.endsWith(ORDER_TARGETS[name]);
}

/** The body without what only the wire needs: signature and owner. */
function unsignedOf(name: VenueName, body: string): string {
  if (name === 'kalshi') return body;
  const { order, owner: _, ...rest } = JSON.parse(body) as { order: Record<string, unknown>; owner: string };
  const { signature: __, ...unsigned } = order;
  const { orderType, ...others } = rest as Record<string, unknown>;
  return JSON.stringify({ ...others, order: unsigned, orderType });
}

function require(holds: boolean, expected: string, found: string): void {
  if (!holds) throw new Error(`expected ${expected}, found ${found}`);
}
