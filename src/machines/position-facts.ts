/** What follows from a position's context: the answers of its guards, and what it says. Pure. */
import { type LegSale, proceedsOf, unsold, withSale } from '../domain/execution/basket-sales.ts';
import type { ExitPlan } from '../domain/execution/exit-plan.ts';
import {
  type BasketLeg,
  type BasketWorth,
  differenceOf,
  type LegEvidence,
  type LegSettlement,
  oneSidedness,
  type Payment,
  revisedLegs,
  unbookedLegs,
  unsettled,
  withEvidence,
  worthOf,
} from '../domain/execution/held-basket.ts';
import type { BookId } from '../domain/instrument.ts';
import { invariant } from '../domain/invariant.ts';
import type { Trigger } from '../domain/limits/trigger.ts';
import { addUsd, type MicroUsd, microUsd, type SizeE6, sizeE6 } from '../domain/units.ts';
import type { ExitInput } from './exit.events.ts';
import type { HoldingChanged, PositionContext, PositionInput } from './position.events.ts';

export type PositionStanding =
  | 'open'
  | 'exiting'
  | 'oneSided'
  | 'halfSettled'
  | 'disputed'
  | 'reversed'
  | 'settled'
  | 'closed';

/** What people and risk are shown of a position. */
export interface PositionReport extends BasketWorth {
  readonly positionId: string;
  readonly watchId: string;
  readonly standing: PositionStanding;
  readonly legs: readonly BasketLeg[];
  readonly settlements: readonly LegSettlement[];
  readonly sales: readonly LegSale[];
  /** Of everything that was bought, sold since or not. */
  readonly costMicroUsd: MicroUsd;
  /** Cash that exits brought. */
  readonly soldMicroUsd: MicroUsd;
}

export interface PaymentToBook {
  readonly leg: BasketLeg;
  readonly payment: Payment;
  /** How often a payout of this leg was taken back: a second payout is another one. */
  readonly revisions: number;
}

export interface PayoutToReverse {
  readonly leg: BasketLeg;
  readonly booked: Payment;
  readonly revisions: number;
}

/** Held at risk: legs whose payout is not in the ledger. */
export interface PositionExposure {
  readonly positionId: string;
  readonly held: readonly BasketLeg[];
  readonly unhedgedE6: SizeE6;
  readonly unhedgedMicroUsd: MicroUsd;
}

export function begun(input: PositionInput): PositionContext {
  const { legs: bought, sales = [] } = input;
  return {
    positionId: input.positionId,
    watchId: input.watchId,
    label: input.label,
    bought,
    sales,
    legs: unsold(bought, sales),
    promisedE4: input.promisedE4,
    patience: input.patience,
    dustE6: input.dustE6 ?? sizeE6(0),
    settlements: input.restored?.settlements ?? unsettled(input.legs),
    quietChecks: 0,
    plannedExits: input.exits,
    exits: [],
    exiting: [],
    broken: [],
  };
}

export function exitId(leg: number): string {
  return `exit/${leg}`;
}

export function legIn(actorId: string): number {
  return Number(actorId.slice(exitId(0).length - 1));
}

/** Something is held of it, its result is not known, and no order of an exit that broke may still sell it. */
export function mayClose({ legs, settlements, broken }: PositionContext, leg: number): boolean {
  const isHeld = legs.some((each) => each.leg === leg && each.sizeE6 > 0);
  const isDecided = settlements.some((each) => each.leg === leg && each.yesPayoutE4 !== undefined);
  return isHeld && !isDecided && broken.every((each) => each.leg !== leg);
}

export function without(legs: readonly number[], leg: number): readonly number[] {
  return legs.filter((each) => each !== leg);
}

type Facts = Partial<PositionContext>;

export function withHolding(context: PositionContext, { held, dustE6 = context.dustE6 }: HoldingChanged): Facts {
  const bought = context.bought.map((each) => ({ ...each, ...held.find(({ leg }) => leg === each.leg) }));
  return { dustE6, bought, legs: unsold(bought, context.sales) };
}

export function withSold(context: PositionContext, { leg, legId, sizeE6: size, proceedsMicroUsd }: LegSale): Facts {
  const sales = withSale(context.sales, { leg, legId, sizeE6: size, proceedsMicroUsd });
  return { sales, legs: unsold(context.bought, sales) };
}

/** Of all that is held of its leg. */
export function exitFor({ legs }: PositionContext, plan: ExitPlan): ExitInput {
  return { plan, sizeE6: legs.find(({ leg }) => leg === plan.leg)?.sizeE6 ?? 0 };
}

export function withExit({ exits, plannedExits }: PositionContext, exit: ExitInput): Facts {
  const { leg } = exit.plan;
  return { exits: [...exits, leg], plannedExits: [...plannedExits.filter(({ plan }) => plan.leg !== leg), exit] };
}

export function withFollowed({ exits, broken }: PositionContext, leg: number): Facts {
  const isFollowed = true;
  return { exits: [...exits, leg], broken: broken.map((each) => (each.leg === leg ? { leg, isFollowed } : each)) };
}

export function newDifference(context: PositionContext, heard: readonly LegEvidence[]): string | undefined {
  const { legs, settlements, promisedE4 } = context;
  const now = differenceOf(legs, withEvidence(settlements, heard), promisedE4);
  return now === differenceOf(legs, settlements, promisedE4) ? undefined : now;
}

export function changeOf(
  { bought }: PositionContext,
  { leg, sizeE6: size }: { readonly leg: number; readonly sizeE6: SizeE6 },
): number {
  return size - (bought.find((each) => each.leg === leg)?.sizeE6 ?? 0);
}

/** The next payout that is owed to the ledger. */
export function paymentOf({ legs, settlements }: PositionContext): PaymentToBook {
  const [owed] = unbookedLegs(settlements);
  const leg = legs.find((each) => each.leg === owed?.leg);
  invariant(owed?.payment !== undefined && leg !== undefined, 'a payout to book must be there, found none');
  return { leg, payment: owed.payment, revisions: owed.revisions };
}

/** The next payout that the ledger has and its venue does not say any more. */
export function reversalOf({ legs, settlements }: PositionContext): PayoutToReverse {
  const [revised] = revisedLegs(settlements);
  const leg = legs.find((each) => each.leg === revised?.leg);
  invariant(revised?.booked !== undefined && leg !== undefined, 'a payout to take back must be there, found none');
  return { leg, booked: revised.booked, revisions: revised.revisions };
}

export function reportOf(context: PositionContext, standing: PositionStanding): PositionReport {
  const { positionId, watchId, bought, sales, legs, settlements } = context;
  const money = {
    costMicroUsd: addUsd(...bought.map(({ costMicroUsd }) => costMicroUsd)),
    soldMicroUsd: proceedsOf(sales),
  };
  return { positionId, watchId, standing, legs, settlements, sales, ...money, ...worthOf(legs, settlements) };
}

export function exposureOf({ positionId, legs, settlements, dustE6 }: PositionContext): PositionExposure {
  const held = legs.filter(({ leg }) => !settlements.some((each) => each.leg === leg && each.booked !== undefined));
  const gap = oneSidedness(legs, settlements, dustE6);
  return {
    positionId,
    held,
    unhedgedE6: gap?.unhedgedE6 ?? sizeE6(0),
    unhedgedMicroUsd: gap?.unhedgedMicroUsd ?? microUsd(0),
  };
}

export function unhedgedTrigger({ positionId, label, legs, settlements, dustE6 }: PositionContext): Trigger {
  const gap = oneSidedness(legs, settlements, dustE6);
  return {
    kind: 'UNHEDGED',
    detail: `${label} (${positionId}): ${gap?.unhedgedE6 ?? 0} millionths without a partner: ${gap?.reason ?? ''}`,
  };
}

export function ledgerTrigger(
  { positionId }: PositionContext,
  { leg, detail }: { readonly leg: number; readonly detail: string },
): Trigger {
  return { kind: 'LEDGER_DIFFERS', detail: `settlement of leg ${leg} of ${positionId}: ${detail}` };
}

export function faultTrigger(
  { positionId }: PositionContext,
  { effect: name, message }: { readonly effect: string; readonly message: string },
): Trigger {
  return { kind: 'LEDGER_DIFFERS', detail: `${name} of ${positionId} failed: ${message}` };
}

export function differenceTrigger(context: PositionContext, heard: readonly LegEvidence[]): Trigger {
  const difference = newDifference(context, heard) ?? '';
  return { kind: 'SETTLED_DIFFERENTLY', detail: `${context.label} (${context.positionId}): ${difference}` };
}

export function brokenExit({ positionId }: PositionContext, actorId: string): Trigger {
  return { kind: 'ACTOR_FAULT', detail: `an exit must end by itself, found ${actorId} of ${positionId} broken` };
}

export function booksOf({ legs }: PositionContext, leg: number): { books: readonly BookId[] } {
  return { books: legs.flatMap((each) => (each.leg === leg ? [each.instrument.book] : [])) };
}
