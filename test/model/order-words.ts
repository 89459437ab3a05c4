/**
 * Brings about what a model has an order say: it is filled, killed, refused, lost, taken off or taken back at its
 * simulated venue, and its real leg tells whoever placed it.
 */
import type { EventObject } from 'xstate';
import { confirmedE6, type LegOrder, type LegReport } from '../../src/domain/execution/leg.ts';
import { isImmediate } from '../../src/domain/execution/leg-evidence.ts';
import type { ServerAnswer } from '../../src/domain/ports/local-server.ts';
import type { OrderOutcome } from '../../src/domain/ports/venue.ts';
import type { HeldVenues } from './held-venues.ts';

/** Why the world cannot do it; `undefined` where it did. */
export type Problem = string | undefined;

/** Whoever placed the orders, as far as it is asked. */
export interface Placer {
  readonly held: HeldVenues;
  /** What it knows of an order. */
  report(legId: string): LegReport | undefined;
  isSettled(legId: string): boolean;
  isOver(): boolean;
  /** Has the leg of a live order ask for it. */
  reconcile(order: LegOrder): void;
  /** What the way goes on to say of an order. */
  comes(legId: string): readonly LegReport[];
}

const LOT_E6 = 10_000;
/** Until an order that never came is given up, and until a venue has said its last word. */
const GIVEN_UP_MS = 40_000;
const SETTLED_MS = 120_000;
const HELD_READ_MS = 1_000;

export class OrderWords {
  readonly #told: Placer;

  constructor(told: Placer) {
    this.#told = told;
  }

  async report(wanted: LegReport): Promise<Problem> {
    const { held: venues } = this.#told;
    const order = this.#told.report(wanted.order.legId)?.order;
    if (order === undefined) return 'about an order that was never handed over';
    if (wanted.end === 'withheld') return this.#withhold(order);
    await venues.write();
    const held = venues.find(order);
    if (held === undefined) return 'it was never sent';
    if (wanted.end === 'refused' && wanted.refusal !== undefined) return this.#refuse(order, wanted.refusal);
    if (wanted.end === 'notAccepted') return this.#lose(order);
    const share = confirmedE6(wanted) / wanted.order.sizeE6;
    const fillE6 = shareOf(order, share);
    if (share === 0 && wanted.end === 'filled') return this.#fail(order);
    if (wanted.standing === 'unresolved') return this.#silence(order, fillE6);
    const problem = await this.#fill(order, fillE6);
    if (problem !== undefined) return problem;
    if (wanted.end === 'canceled') await venues.takeOff(order);
    await this.#tell(order, wanted);
    if (wanted.finalE6 > 0 && order.venue === 'polymarket') {
      venues.conclude('CONFIRMED', order);
      await venues.settle();
    }
    return undefined;
  }

  /** Nothing more can come of it: the chain has confirmed, and time passes. */
  async settle(legId: string): Promise<Problem> {
    const { held: venues, isOver, isSettled } = this.#told;
    const order = this.#told.report(legId)?.order;
    if (order === undefined) return 'about an order that was never handed over';
    if (isSettled(legId)) return 'it has settled already';
    venues.openDoor(order);
    const isDone = (): boolean => {
      venues.conclude('CONFIRMED', order);
      return isOver() || isSettled(legId);
    };
    return (await venues.until(isDone, SETTLED_MS)) ? undefined : 'its venue has more to say';
  }

  /** What had matched is taken back by the chain. */
  reverse(legId: string): Promise<Problem> | Problem {
    const order = this.#told.report(legId)?.order;
    return order === undefined ? 'about an order that was never handed over' : this.#fail(order);
  }

  /** So much of it has matched, in all. */
  async #fill(order: LegOrder, fillE6: number): Promise<Problem> {
    const { held: venues } = this.#told;
    if (venues.find(order)?.hasArrived === false) {
      await this.#send(order, fillE6);
      return undefined;
    }
    const missing = fillE6 - venues.filledE6(order);
    if (missing <= 0) return undefined;
    if (!venues.isResting(order)) return 'it does not rest any more';
    await venues.trade(order, missing);
    return undefined;
  }

  /** It reaches its venue, and so much of it matches; of what is to be filled whole only by a mistake of the venue. */
  async #send(order: LegOrder, fillE6: number, bend?: (outcome: OrderOutcome) => OrderOutcome): Promise<void> {
    const { held: venues } = this.#told;
    if (!isImmediate(order)) {
      await venues.arrive(order, 0, bend);
      if (fillE6 > 0) await venues.trade(order, fillE6);
      return;
    }
    const isPart = order.timeInForce === 'fillOrKill' && fillE6 > 0 && fillE6 < order.sizeE6;
    const fault = isPart ? { id: 'O8', times: 1, parameters: { share: fillE6 / order.sizeE6 } } : undefined;
    await this.#under(order, fault, () => venues.arrive(order, isPart ? order.sizeE6 : fillE6, bend));
  }

  /** Whatever the venue knows of it comes through. */
  async #tell(order: LegOrder, { standing }: LegReport): Promise<void> {
    this.#told.held.openDoor(order);
    const isTold = (): boolean => this.#told.report(order.legId)?.standing === standing || this.#told.isOver();
    await this.#told.held.until(isTold, HELD_READ_MS);
  }

  async #withhold(order: LegOrder): Promise<Problem> {
    const { held: venues } = this.#told;
    if (venues.find(order) !== undefined) return 'it has left';
    await venues.write({ message: 'disk full', cause: undefined });
    return undefined;
  }

  async #refuse(order: LegOrder, refusal: string): Promise<Problem> {
    const { held: venues } = this.#told;
    if (venues.find(order)?.hasArrived !== false) return 'the venue took it';
    if (refusal === 'killed') return this.#fill(order, 0);
    if (this.#comesLate(order)) {
      // Somebody on the way refused what the venue takes later.
      const held = venues.find(order);
      const refused = { kind: 'refused', reason: refusal, detail: 'said so', retryAfterMs: undefined } as never;
      if (held !== undefined) venues.doors[order.venue].answer(held, refused);
      await venues.settle();
      return undefined;
    }
    if (refusal === 'insufficientBalance') {
      await this.#under(order, { id: 'O18', times: 1 }, () => venues.arrive(order, order.sizeE6));
      return undefined;
    }
    const { server } = venues.venues.side(order.venue);
    server.instead = ({ method, target }) =>
      method === 'POST' && target.includes('/order') ? PAUSED[order.venue] : undefined;
    await venues.arrive(order, 0);
    server.instead = undefined;
    return undefined;
  }

  /** The way goes on with a fill of what was refused. */
  #comesLate({ legId }: LegOrder): boolean {
    return this.#told.comes(legId).some((report) => confirmedE6(report) > 0);
  }

  /** It never reaches its venue, and nobody says so: it is given up once complete reads agree. */
  async #lose(order: LegOrder): Promise<Problem> {
    const { held: venues } = this.#told;
    const held = venues.find(order);
    if (held === undefined || held.hasArrived) return 'the venue took it';
    venues.doors[order.venue].answer(held, lost());
    venues.doors[order.venue].open(held);
    const isOver = (): boolean => this.#told.report(order.legId)?.standing === 'ended' || this.#told.isOver();
    return (await venues.until(isOver, GIVEN_UP_MS)) ? undefined : 'it was not given up';
  }

  /** Its reply is lost. What came of it is told only as far as it is said. */
  async #silence(order: LegOrder, fillE6: number): Promise<Problem> {
    const { held: venues } = this.#told;
    const held = venues.find(order);
    if (held === undefined) return 'it was never sent';
    if (held.isAnswered) {
      if (isImmediate(order) || !venues.isResting(order)) return 'it was answered already';
      this.#told.reconcile(order);
      return undefined;
    }
    const isTold = fillE6 > 0;
    const next = this.#nextFill(order);
    venues.doors[order.venue].isDeaf = !isTold;
    if (next === 'never') venues.doors[order.venue].answer(held, lost());
    else await this.#send(order, isTold ? fillE6 : shareOf(order, next), lost);
    await venues.settle();
    return undefined;
  }

  /** What the way goes on to say of it: the share that filled, or that it never came. All of it, where nothing is said. */
  #nextFill({ legId }: LegOrder): number | 'never' {
    const [next] = this.#told.comes(legId);
    if (next === undefined) return 1;
    if (next.end === 'notAccepted' || next.end === 'refused' || next.end === 'withheld') return 'never';
    return confirmedE6(next) / next.order.sizeE6;
  }

  /** The chain takes back what had matched. */
  async #fail(order: LegOrder): Promise<Problem> {
    if (order.venue === 'kalshi') return 'what matches there is final';
    if (this.#told.held.filledE6(order) === 0) return 'nothing of it has matched';
    this.#told.held.conclude('FAILED', order);
    await this.#told.held.settle();
    return undefined;
  }

  async #under(order: LegOrder, fault: object | undefined, act: () => Promise<void>): Promise<void> {
    const side = this.#told.held.venues.side(order.venue);
    if (fault !== undefined) side.setFaults(fault as never);
    await act();
    side.setFaults();
  }
}

const PAUSED = {
  kalshi: reply(409, '{"error":{"code":"trading_is_paused","message":"paused"}}'),
  polymarket: reply(503, '{"error":"Trading is currently disabled. Check polymarket.com for updates"}'),
} as const;

function reply(status: number, body: string): ServerAnswer {
  return { kind: 'reply', reply: { status, headers: { 'content-type': 'application/json' }, body } };
}

/** In whole lots. */
function shareOf({ sizeE6 }: LegOrder, share: number): number {
  return Math.round((sizeE6 * share) / LOT_E6) * LOT_E6;
}

function lost() {
  return { kind: 'unknown', detail: 'reset', hasLanded: false, venueOrderId: undefined } as const;
}

/** Of a path: what it goes on to say of an order. */
export function reportsIn(path: readonly EventObject[], legId: string): readonly LegReport[] {
  return path.flatMap((event) => {
    const { type, report } = event as unknown as { readonly type: string; readonly report?: LegReport };
    return type === 'leg.reported' && report?.order.legId === legId ? [report] : [];
  });
}
