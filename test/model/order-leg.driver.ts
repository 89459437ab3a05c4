/**
 * Brings about what the model of an order leg says, at a simulated venue. Nothing is said to the leg but by what the
 * desk and the router make of the venue's words, except for an event that no chart knows.
 *
 * Where a simulator has no words for a case (a reply written after a later match, a list that dropped an order, a
 * refusal by somebody on the way), its own words are bent at the adapter's port; they stay true about fills.
 */
import type { EventObject } from 'xstate';
import { isImmediate } from '../../src/domain/execution/leg-evidence.ts';
import type { OrderOutcome, OrderState, Reading } from '../../src/domain/ports/venue.ts';
import { contracts, sizeE6 } from '../../src/domain/units.ts';
import type { OrderLegEvent } from '../../src/machines/order-leg.events.ts';
import type { orderLegMachine } from '../../src/machines/order-leg.machine.ts';
import type { Applied, Driver } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';
import { UNREACHABLE } from './held-venue.ts';
import { calmDown, checkBooks, checkSpan, checkTruth } from './order-leg.truth.ts';
import { type LegSetting, LegWorld } from './order-leg.world.ts';

type Machine = typeof orderLegMachine;
type Heard<Type extends OrderLegEvent['type']> = Extract<OrderLegEvent, { readonly type: Type }>;
/** Why the world cannot do it; `undefined` where it did. */
type Problem = string | undefined;

/** The venue may take its time with a fill that it lost. */
const LATE_MS = 600;
const PART_E6 = contracts(3);
/** Past every way on which an order could still arrive. */
const EXPIRED_MS = 60_100;
const EXPIRED_AT_ONCE_MS = 5_100;
/** Steps that ask a venue for something, so that it can be gone. */
const BREAKABLE = new Set(['requestSubmission', 'requestCancel', 'requestReconciliation']);

export class LegDriver implements Driver<Machine> {
  readonly #setting: LegSetting;
  #world: LegWorld | undefined;
  #path: readonly EventObject[] = [];
  #at = 0;
  /** What breaks does so in the step that asks for it. */
  #hasBroken = false;

  constructor(setting: LegSetting) {
    this.#setting = setting;
  }

  async start({ events }: ModelPath): Promise<void> {
    this.#path = events;
    this.#world = await LegWorld.open(this.#setting);
  }

  async apply(event: ModelEvent<Machine>): Promise<Applied<Machine>> {
    const { world } = this;
    this.#at++;
    if (event.type === 'effect.failed' && this.#hasBroken) return { took: [] };
    const next = this.#path[this.#at];
    world.isVenueGone =
      next?.type === 'effect.failed' && BREAKABLE.has((next as unknown as { readonly effect: string }).effect);
    const problem = await this.#bring(event as OrderLegEvent);
    world.isVenueGone = false;
    const took = world.heard();
    this.#hasBroken = took.some(({ type }) => type === 'effect.failed');
    if (this.#at === this.#path.length) await this.#moveUnnoticed();
    if (took.length === 0 && problem !== undefined) return { unrealisable: problem };
    return { took: took as readonly ModelEvent<Machine>[] };
  }

  state(): string {
    return this.world.state;
  }

  /** The truth lies in the span of the report, and the chart and its model remember the same. */
  check(model: ModelState<Machine>): void {
    const { world } = this;
    const found = JSON.stringify(world.context);
    const expected = JSON.stringify(model.context);
    if (found !== expected) throw new Error(`expected ${expected}, found ${found}`);
    checkSpan(world);
    if (world.venues.side(world.order.venue).truth.ordersReceived() > 1)
      throw new Error('expected one order at most, found two (I3)');
  }

  /** Once faults stop, what is believed is what is true. */
  async checkEnd(): Promise<void> {
    await calmDown(this.world);
    checkTruth(this.world);
    if (!this.#path.some(({ type }) => type === 'trade.reviewed')) checkBooks(this.world);
  }

  async stop(): Promise<void> {
    await this.#world?.close();
  }

  private get world(): LegWorld {
    if (this.#world === undefined) throw new Error('expected a started leg, found none');
    return this.#world;
  }

  /** Wherever a path ends with an order that is not over, it fills, and nobody says so: the span has to hold that too. */
  async #moveUnnoticed(): Promise<void> {
    const { world } = this;
    if (world.isOver || world.context.standing === 'ended' || world.context.standing === 'planned') return;
    const isWhole = world.order.timeInForce === 'fillOrKill' || this.#path.length % 2 === 0;
    const filledE6 = Math.max(world.filledE6, isWhole ? world.order.sizeE6 : PART_E6);
    await world.bring({ filledE6, isOff: false });
  }

  async #bring(event: OrderLegEvent): Promise<Problem> {
    const { world } = this;
    switch (event.type) {
      case 'intent.recorded':
      case 'submission.withheld':
        world.verdict = event.type === 'intent.recorded' ? 'go' : 'withheld';
        await world.settle();
        return 'its intent was never asked for';
      case 'submission.sent':
        world.held.submission?.onSent();
        return 'nothing is on its way';
      case 'order.acknowledged':
        return this.#acknowledge(event);
      case 'order.refused':
        return this.#refuse(event);
      case 'order.unknown':
        return this.#lose(event);
      case 'fill.reported':
        return this.#fill(event);
      case 'order.reported':
        return this.#report(event);
      case 'order.found':
      case 'order.absent':
      case 'reconciliation.failed':
        return this.#read(event);
      case 'cancel.acknowledged':
      case 'cancel.refused':
      case 'cancel.unknown':
        return this.#cancel(event);
      case 'effect.failed':
        return 'what it asks for does not break here';
      default:
        return this.#other(event);
    }
  }

  async #other(event: OrderLegEvent): Promise<Problem> {
    const { world } = this;
    switch (event.type) {
      case 'cancel.requested':
      case 'reconciliation.requested':
      case 'trade.reviewed':
        world.send(event);
        return undefined;
      case 'trade.concluded':
        return this.#conclude(event);
      case 'acknowledgement.overdue':
      case 'cancelAcknowledgement.overdue':
      case 'cancelPause.over':
      case 'reconciliation.due':
      case 'reconciliation.overdue':
      case 'order.expired':
      case 'look.due':
        return (await world.runOut()) ? undefined : 'no timer runs';
      default: {
        const { type } = event as EventObject;
        if (type.startsWith('xstate.error.actor.')) return this.#loseTrade();
        world.send({ type });
        return undefined;
      }
    }
  }

  /** Whether the path goes on with something of this kind. */
  #comes(...types: readonly string[]): boolean {
    return this.#path.slice(this.#at).some(({ type }) => types.includes(type));
  }

  #reply(outcome: OrderOutcome): Problem {
    const { world } = this;
    world.isReplied = true;
    world.held.submission?.onOutcome(outcome);
    return undefined;
  }

  async #acknowledge({ filledE6, restingE6 }: Heard<'order.acknowledged'>): Promise<Problem> {
    const { world } = this;
    const { order, prepared } = world;
    if (world.isReplied) return 'it was answered already';
    const id = prepared?.venueOrderId;
    if (isImmediate(order) && restingE6 > 0 && id !== undefined && !world.held.hasArrived)
      return this.#reply(doneWith(id, 0, order.sizeE6));
    const problem = await world.bring({ filledE6, isOff: restingE6 === 0 && !isImmediate(order) });
    if (problem !== undefined) return problem;
    const { reply } = world.held;
    if (reply === undefined) return 'the venue does not answer';
    if (reply.kind !== 'done') return this.#reply(reply);
    // A reply may be written after what came after the order.
    const filled = world.filledE6;
    return this.#reply({
      ...reply,
      filledE6: sizeE6(filled),
      restingE6: sizeE6(world.isResting ? order.sizeE6 - filled : 0),
    });
  }

  async #refuse({ reason }: Heard<'order.refused'>): Promise<Problem> {
    const { world } = this;
    const { held } = world;
    if (world.isReplied) return 'it was answered already';
    if (held.submission === undefined) return 'nothing is on its way';
    const refused = { kind: 'refused', reason, detail: 'said so', retryAfterMs: undefined } as const;
    // Somebody on the way refused what the venue took, or takes later.
    if (held.hasArrived) return world.context.hasLanded ? this.#reply(refused) : 'the venue took it';
    if (this.#comes('fill.reported', 'order.found', 'order.reported')) return this.#reply(refused);
    if (reason === 'killed' && !isImmediate(world.order)) return 'it may rest';
    if (reason === 'notSent') await world.fallShort();
    else await this.#under(reason === 'killed' ? undefined : 'O18', () => world.arrive(0));
    return held.reply === undefined ? 'the venue does not answer' : this.#reply(held.reply);
  }

  async #lose({ hasLanded, detail }: Heard<'order.unknown'>): Promise<Problem> {
    const { world } = this;
    const { held } = world;
    if (world.isReplied) return 'it was answered already';
    if (held.submission === undefined) return 'nothing is on its way';
    const lost = { kind: 'unknown', detail, hasLanded, venueOrderId: undefined } as const;
    // It is on its way still, or the reply was lost on its own way.
    if (held.hasArrived || (this.#comes('order.absent') && !hasLanded)) return this.#reply(lost);
    await this.#under(hasLanded ? 'O13' : 'N6', () => world.arrive(0));
    return held.reply === undefined ? 'the venue does not answer' : this.#reply(held.reply);
  }

  async #fill({ sizeE6: size }: Heard<'fill.reported'>): Promise<Problem> {
    const { world } = this;
    const isFill = ({ kind }: { readonly kind: string }): boolean => kind === 'fill.reported';
    if (world.deliver(isFill)) return undefined;
    const problem = await world.bring({ filledE6: world.filledE6 + size, isOff: false });
    if (!world.held.events.some(isFill)) await world.settle(LATE_MS);
    return world.deliver(isFill) ? undefined : (problem ?? 'no fill is told');
  }

  async #report({ standing, filledE6 }: Heard<'order.reported'>): Promise<Problem> {
    const { world } = this;
    if (standing === 'resting' && isImmediate(world.order)) return 'it never rests';
    const problem = await world.bring({ filledE6, isOff: standing === 'canceled' });
    if (problem !== undefined) return problem;
    const isIt = (order: OrderState): boolean => order.standing === standing && order.filledE6 === filledE6;
    if (world.deliver((told) => told.kind === 'order.reported' && isIt(told.order))) return undefined;
    // Said twice, or in words that the simulator has not.
    const order = await world.recordNow();
    if (order === undefined) return 'the venue does not know it';
    if (standing !== 'unknown' && order.standing !== standing) return `it is ${order.standing}`;
    world.desk.router.onPrivate(world.order.venue, {
      kind: 'order.reported',
      order: { ...order, standing },
      reason: undefined,
    });
    return undefined;
  }

  async #read(event: Heard<'order.found' | 'order.absent' | 'reconciliation.failed'>): Promise<Problem> {
    const { world } = this;
    const { held } = world;
    if (held.reads.length === 0) return 'nobody asks';
    if (event.type === 'reconciliation.failed') {
      await held.answer(() => UNREACHABLE);
      return undefined;
    }
    if (event.type === 'order.absent') return this.#forget(event);
    const { standing, filledE6 } = event;
    const problem = await world.bring({ filledE6, isOff: standing === 'canceled' });
    if (problem !== undefined) return problem;
    // Where its fills were not told yet, the record comes alone.
    const isAlone = held.events.some(({ kind }) => kind === 'fill.reported');
    await held.answer((reading) => (standing === 'unknown' ? unsure(reading) : reading), isAlone ? 'failed' : 'read');
    return undefined;
  }

  /** Lists drop what is over, and do not know what has not arrived. What rests they know. */
  async #forget({ isPastExpiry }: Heard<'order.absent'>): Promise<Problem> {
    const { world } = this;
    const { held } = world;
    if (held.hasArrived && world.isResting) await world.takeOff();
    const entry = world.desk.registry.get(world.order.clientOrderId);
    const ageMs = isImmediate(world.order) ? EXPIRED_AT_ONCE_MS : EXPIRED_MS;
    if (isPastExpiry) await world.passUntil((entry?.intentAtMs ?? world.clock.nowMs()) + ageMs);
    await held.answer((reading) => (reading.kind === 'read' ? { ...reading, value: undefined } : reading));
    return undefined;
  }

  async #cancel(event: Heard<'cancel.acknowledged' | 'cancel.refused' | 'cancel.unknown'>): Promise<Problem> {
    const { world } = this;
    const { held } = world;
    if (held.cancels.length === 0) return 'no cancel is on its way';
    if (event.type !== 'cancel.acknowledged') {
      await this.#under(event.type === 'cancel.refused' ? 'O4' : 'N6', () => held.answerCancel((outcome) => outcome));
      return undefined;
    }
    const { canceledE6 } = event;
    if (canceledE6 === 0) {
      const problem = await world.bring({ filledE6: world.order.sizeE6, isOff: false });
      await held.answerCancel(() => ({ kind: 'done', canceledE6: sizeE6(0) }));
      return problem;
    }
    if (canceledE6 !== undefined)
      await world.bring({ filledE6: Math.max(world.filledE6, world.order.sizeE6 - canceledE6), isOff: false });
    const isLost = this.#comes('order.found') && !this.#comes('fill.reported');
    await this.#under(this.#comes('fill.reported') ? 'O11' : isLost ? 'O12' : undefined, () =>
      held.answerCancel((outcome) =>
        outcome.kind === 'done' && canceledE6 === undefined ? { ...outcome, canceledE6 } : outcome,
      ),
    );
    return undefined;
  }

  async #under(id: string | undefined, act: () => Promise<void>): Promise<void> {
    const side = this.world.venues.side(this.world.order.venue);
    if (id !== undefined) side.setFaults({ id, times: 1, parameters: PARAMETERS[id] ?? {} });
    await act();
    side.setFaults();
  }

  #trade(): { readonly id: string; readonly told: string } | undefined {
    const { world } = this;
    const fill = world.context.evidence.fills.find(({ standing }) => standing === 'provisional');
    const trade = world.venues.polymarket.trades().find(({ id }) => fill?.tradeId.includes(id));
    return fill === undefined || trade === undefined ? undefined : { id: trade.id, told: fill.tradeId };
  }

  async #tell(trade: { readonly told: string }, settlement: string): Promise<boolean> {
    await this.world.settle();
    return this.world.deliver(
      (event) =>
        event.kind === 'fill.reported' && event.fill.tradeId === trade.told && event.fill.settlement === settlement,
    );
  }

  async #conclude({ word }: Heard<'trade.concluded'>): Promise<Problem> {
    const trade = this.#trade();
    if (trade === undefined) return 'no match is open';
    const { control } = this.world.venues.polymarket.sim;
    const review = this.#path.slice(this.#at).find(({ type }) => type === 'trade.reviewed');
    const isTrue =
      word === 'confirmed' || (review as { readonly settlement?: string } | undefined)?.settlement === 'confirmed';
    control.moveTrade(trade.id, isTrue ? 'CONFIRMED' : 'FAILED');
    const isTold = await this.#tell(trade, isTrue ? 'confirmed' : 'failed');
    if (word !== 'quarantined') return isTold ? undefined : 'nothing is told of it';
    control.tellTrade(trade.id, isTrue ? 'FAILED' : 'CONFIRMED');
    return (await this.#tell(trade, isTrue ? 'failed' : 'confirmed')) ? undefined : 'nothing is told of it';
  }

  /** The actor of a match breaks in the middle of a report. */
  async #loseTrade(): Promise<Problem> {
    const trade = this.#trade();
    if (trade === undefined) return 'no match is open';
    this.world.venues.polymarket.sim.control.moveTrade(trade.id, 'MINED');
    this.world.isTradeBreaking = true;
    return (await this.#tell(trade, 'mined')) ? undefined : 'nothing is told of it';
  }
}

const PARAMETERS: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>> = {
  O12: { acknowledged: true },
};

function doneWith(venueOrderId: string, filledE6: number, restingE6: number): OrderOutcome {
  return {
    kind: 'done',
    venueOrderId,
    filledE6: sizeE6(filledE6),
    restingE6: sizeE6(restingE6),
    averageE4: undefined,
    isProvisional: false,
    tradeIds: [],
  };
}

function unsure(reading: Reading<OrderState | undefined>): Reading<OrderState | undefined> {
  if (reading.kind === 'failed' || reading.value === undefined) return reading;
  return { ...reading, value: { ...reading.value, standing: 'unknown' } };
}
