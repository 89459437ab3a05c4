/**
 * What attempts ask for: looks at the books, hedges and repairs priced now, and telling what they hold. One desk
 * serves all attempts of a process; everything it answers is decided in the step in which it was asked.
 */
import type { BookSeen, DetectionPolicy } from '../domain/edge/decide.ts';
import type { Watch } from '../domain/edge/watch-list.ts';
import type { AttemptPlan } from '../domain/execution/attempt-plan.ts';
import { basisOf, entryOf, holdingsOf } from '../domain/execution/holdings.ts';
import type { LegOrder, LegReport } from '../domain/execution/leg.ts';
import { type Taking, takeUpTo } from '../domain/execution/order-size.ts';
import { type HedgeDue, openingOrders } from '../domain/execution/policy.ts';
import { isShut, planRepair, type RepairPlan } from '../domain/execution/repair.ts';
import { type Instrument, instrumentId, type VenueName } from '../domain/instrument.ts';
import { unreachable } from '../domain/invariant.ts';
import type { ReportTrigger } from '../domain/limits/trigger.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Journal, JsonObject } from '../domain/ports/journal.ts';
import type { Ids } from '../domain/ports/random.ts';
import type { Exposures } from '../domain/risk/reservation.ts';
import { addUsd, microUsd, priceE4 } from '../domain/units.ts';
import type { AttemptOutcome, RepairAsked } from '../machines/attempt.events.ts';
import { attemptMachine } from '../machines/attempt.machine.ts';
import { attemptEffects } from '../machines/attempt.setup.ts';
import type { ActorHandle, ActorRuntime, EffectHandlers } from './actor-runtime.ts';
import { finalBooksLook, lastLook } from './attempt-desk-look.ts';
import { type MarketParts, marketsOf } from './attempt-desk-markets.ts';

export interface AttemptDeskParts extends MarketParts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly policy: DetectionPolicy;
  readonly journal: Pick<Journal, 'append'>;
  readonly exposures: Pick<Exposures, 'report' | 'release'>;
  readonly report: ReportTrigger;
  /** The watch that a plan came from; `undefined` once nobody watches it any more. */
  readonly watchOf: (watchId: string) => Watch | undefined;
  /** Has a venue look again at what we may sell there. */
  readonly refresh: (venue: VenueName, instruments: readonly Instrument[]) => void;
  readonly onOutcome: (outcome: AttemptOutcome) => void;
}

/** What the last look of a live attempt saw. */
interface Looked {
  readonly plan: AttemptPlan;
  readonly seen: readonly BookSeen[];
}

export class AttemptDesk {
  readonly #parts: AttemptDeskParts;
  readonly #looked = new Map<string, Looked>();
  /** Told in the step that runs now, and not yet booked: the last word of each attempt. */
  readonly #reported = new Map<string, readonly LegReport[]>();

  constructor(parts: AttemptDeskParts) {
    this.#parts = parts;
  }

  /** The attempt chart with its effects; `orderLeg` is the bound chart of its legs. */
  bind(runtime: ActorRuntime, orderLeg: Parameters<ActorRuntime['bind']>[3]): typeof attemptMachine {
    return runtime.bind(attemptMachine, attemptEffects, this.#handlers(runtime), orderLeg);
  }

  /**
   * The books' part of the look between intent and send: why these orders may not leave, or `undefined`. Orders
   * that reduce were priced in the step that made them, and go.
   */
  finalLook(orders: readonly LegOrder[]): string | undefined {
    const entries = orders.filter(({ isReducing }) => !isReducing);
    for (const attemptId of new Set(entries.map((order) => order.attemptId))) {
      const looked = this.#looked.get(attemptId);
      if (looked === undefined) return `NOT_LOOKED attempt ${attemptId}`;
      const { books, terms, clock } = this.#parts;
      const mine = entries.filter((order) => order.attemptId === attemptId);
      const reason = finalBooksLook(books, terms, { ...looked, orders: mine }, clock.nowMs());
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** Of an attempt that broke: it looks no more. */
  forget(attemptId: string): void {
    this.#looked.delete(attemptId);
  }

  #handlers(runtime: ActorRuntime): EffectHandlers<typeof attemptEffects> {
    return {
      requestLastLook: (actor, { plan, isRetry, made }) => this.#look(actor, plan, isRetry ? made : undefined),
      requestHedge: (actor, { plan, due, reports }) => this.#hedge(actor, plan, due, reports),
      requestRepairPlan: (actor, asked) => this.#repair(actor, asked),
      requestRefresh: (_actor, { reports }) => {
        const orders = reports.map(({ order }) => order);
        for (const venue of new Set(orders.map((order) => order.venue))) {
          const bought = orders.filter((order) => order.venue === venue).map(({ instrument }) => instrument);
          this.#parts.refresh(venue, [...new Map(bought.map((one) => [instrumentId(one), one])).values()]);
        }
      },
      // Booked once, at the end of the step: both orders leave first, and nobody asks for room in between.
      reportExposure: (_actor, { attemptId, reports }) => {
        if (this.#reported.size === 0) runtime.whenIdle(() => this.#book());
        this.#reported.set(attemptId, reports);
      },
      reportAsymmetry: (actor, { trigger }) => {
        this.#parts.report(trigger);
        actor.send({ type: 'evidence.noted', atMs: this.#parts.clock.nowMs() } as never);
      },
      reportTrigger: (_actor, { trigger }) => this.#parts.report(trigger),
      recordOutcome: (actor, { outcome }) => this.#record(actor, outcome),
      releaseReservation: (_actor, { outcome }) => this.#release(outcome),
    };
  }

  #book(): void {
    const { exposures, journal, report } = this.#parts;
    for (const [attemptId, reports] of this.#reported) {
      this.#reported.delete(attemptId);
      try {
        exposures.report(attemptId, reports, this.#moment());
      } catch (error) {
        // Outside of any effect it is nobody's error event: the breaker is told.
        const message = `reportExposure: ${error instanceof Error ? error.message : String(error)}`;
        journal.append({ kind: 'error', actor: `attempt/${attemptId}`, message });
        report({ kind: 'ACTOR_FAULT', attemptId, detail: message });
      }
    }
  }

  #look(actor: ActorHandle, plan: AttemptPlan, made: number | undefined): void {
    const { watchOf, clock } = this.#parts;
    const look = lastLook(this.#parts, plan, watchOf(plan.watchId), clock.nowMs());
    if (look.kind === 'failed') {
      actor.send({ type: 'look.failed', reason: look.reason } as never);
      return;
    }
    this.#looked.set(plan.attemptId, { plan, seen: look.books });
    const opening = openingOrders(plan);
    const orders = made === undefined ? opening : opening.map((order, at) => this.#renewed(order, made + at));
    actor.send({ type: 'look.passed', orders } as never);
  }

  /** The same wish as a new order: its number is the next, and its client id was never used. */
  #renewed(order: LegOrder, made: number): LegOrder {
    return { ...order, legId: `${made + 1}-${order.venue}`, clientOrderId: this.#parts.ids.uuid() };
  }

  /** At the limit of the plan, sized to what is owed; what the book shows of it now is not asked, it takes what there is. */
  #hedge(actor: ActorHandle, plan: AttemptPlan, due: readonly HedgeDue[], reports: readonly LegReport[]): void {
    const { terms, availability } = this.#parts;
    const orders: LegOrder[] = [];
    const deferred: HedgeDue[] = [];
    for (const one of due) {
      const entry = entryOf(plan, one.basketLeg);
      const { reducing, reason } = availability(entry.venue);
      if (!reducing) {
        actor.send({ type: 'hedge.impossible', reason: `VENUE_UNAVAILABLE ${entry.venue}: ${reason}` } as never);
        return;
      }
      // A book that shows all of it at the limit: only the venue's own rules make the order smaller.
      const levels = [{ priceE4: entry.limitE4, sizeE6: one.sizeE6 }];
      const side = { action: entry.action, levels, fee: () => microUsd(0), rules: terms.rules[entry.venue] };
      const taking = takeUpTo(side, one.sizeE6, () => true);
      if (typeof taking === 'string') deferred.push(one);
      else
        orders.push({
          ...this.#renewed(entry, reports.length + orders.length),
          ...sized(taking),
          ...this.#bestOf(entry, taking),
          role: 'hedge',
        });
    }
    if (orders.length > 0) {
      actor.send({ type: 'hedge.planned', orders } as never);
      return;
    }
    const carried = addUsd(...deferred.map((one) => this.#basis(plan, reports, one)));
    const most = microUsd(plan.repair.dustMicroUsdMax);
    if (carried > most) {
      const reason = `BELOW_MIN_ORDER worth ${carried}, at most ${most} is carried`;
      actor.send({ type: 'hedge.impossible', reason } as never);
      return;
    }
    const size = Math.max(...deferred.map((one) => one.sizeE6));
    actor.send({ type: 'hedge.deferred', sizeE6: size, reason: 'BELOW_MIN_ORDER' } as never);
  }

  /** What the book shows at best now: a purchase that is a budget may buy for that. */
  #bestOf({ instrument: { book: id, inverted } }: LegOrder, { limitE4 }: Taking): Pick<LegOrder, 'bestE4'> {
    const ask = this.#parts.books.find(id)?.bestAskE4(inverted) ?? -1;
    return { bestE4: ask > 0 && ask < limitE4 ? priceE4(ask) : limitE4 };
  }

  #basis(plan: AttemptPlan, reports: readonly LegReport[], { sizeE6 }: HedgeDue) {
    const [lead] = holdingsOf(plan, reports);
    return lead === undefined ? microUsd(0) : basisOf(lead, sizeE6);
  }

  #repair(actor: ActorHandle, { plan, reports, lostMicroUsd }: RepairAsked): void {
    const { watchOf, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const markets = marketsOf(this.#parts, plan, watchOf(plan.watchId), nowMs);
    const shut = plan.legs.map(({ basketLeg }) => basketLeg).filter((basketLeg) => isShut(plan, reports, basketLeg));
    const repair = planRepair({ plan, holdings: holdingsOf(plan, reports), markets, lostMicroUsd, shut });
    actor.send(this.#answer(repair, plan, reports, nowMs) as never);
  }

  #answer(repair: RepairPlan, plan: AttemptPlan, reports: readonly LegReport[], atMs: number) {
    switch (repair.kind) {
      case 'impossible':
        return { type: 'repair.impossible', reason: repair.reason };
      case 'postponed':
        return { type: 'repair.postponed', reason: repair.reason, atMs };
      case 'dust':
        return { type: 'dust.left', sizeE6: repair.sizeE6, costMicroUsd: repair.costMicroUsd };
      case 'planned': {
        const { repair: kind, costMicroUsd, worstMicroUsd } = repair;
        const orders = repair.orders.map(({ basketLeg, taking }, at): LegOrder => {
          const entry = entryOf(plan, basketLeg);
          const action = (kind === 'completion') === (entry.action === 'buy') ? 'buy' : 'sell';
          const made = { ...this.#renewed(entry, reports.length + at), ...sized(taking), role: kind, action } as const;
          const order = { ...made, ...this.#bestOf(made, taking) };
          return { ...order, reduceOnly: action === 'sell' };
        });
        return { type: 'repair.planned', kind, orders, costMicroUsd, worstMicroUsd, atMs };
      }
      default:
        return unreachable(repair, 'a repair');
    }
  }

  #record(actor: ActorHandle, outcome: AttemptOutcome): void {
    const { reports, attemptId, opportunityId, end, reason, unsettled: _, ...rest } = outcome;
    this.#parts.journal.append({
      kind: 'decision',
      opportunity: opportunityId,
      decision: end === 'refused' ? 'rejected' : 'approved',
      reason: reason === '' ? end : reason,
      detail: { attemptId, end, ...rest, orders: reports.length } as JsonObject,
      cause: actor.cause,
    });
    this.#parts.onOutcome(outcome);
  }

  /** Room is given back only when no order can fill any more; an abandoned one whose fate is open keeps it. */
  #release({ attemptId, reports }: AttemptOutcome): void {
    this.#looked.delete(attemptId);
    this.#book();
    const { exposures } = this.#parts;
    const isOpen = reports.some(({ standing, openE6 }) => standing !== 'ended' || openE6 > 0);
    if (isOpen) exposures.report(attemptId, reports, this.#moment());
    else exposures.release(attemptId, reports, this.#moment());
  }

  #moment() {
    const { clock } = this.#parts;
    return { nowMs: clock.nowMs(), wall: clock.wall() };
  }
}

/** What makes an entry of the plan the order that is sent now: it takes at once, and only ever brings the legs together. */
function sized({ sizeE6, limitE4 }: Taking) {
  return { sizeE6, limitE4, timeInForce: 'immediateOrCancel', postOnly: false, isReducing: true } as const;
}
