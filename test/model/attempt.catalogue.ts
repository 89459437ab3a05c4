/** What can happen to an attempt, concretely: answers of its desk, words of its legs, timers, faults and people. */
import type { ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import { entryOf, holdingsOf } from '../../src/domain/execution/holdings.ts';
import { confirmedE6, type LegOrder, type LegReport } from '../../src/domain/execution/leg.ts';
import { isImmediate } from '../../src/domain/execution/leg-evidence.ts';
import { areAllEnded, canRest, hedgesDue, isAsymmetric, mayRepeat } from '../../src/domain/execution/policy.ts';
import { contracts, microUsd, millis, sizeE6 } from '../../src/domain/units.ts';
import type { AttemptContext } from '../../src/machines/attempt.events.ts';
import type { attemptMachine } from '../../src/machines/attempt.machine.ts';
import {
  gapOf,
  hasTraded,
  isComplete,
  isEmptyHanded,
  isEverySettled,
  isRepairable,
  isRepairOver,
  owesHedge,
  wasSaleRefused,
} from '../../src/machines/attempt-facts.ts';
import { actorIdOf } from '../../src/machines/child-leg.ts';
import { orderOf, planOf, REPAIR, reportOf, type Said } from '../machines/attempt-rig.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';

type Machine = typeof attemptMachine;
type Event = ModelEvent<Machine>;

/** Two contracts; a rest that ends before the hedge is due, and looks that come before the repair is over. */
export function modelPlan(policy: ExecutionPolicy) {
  const plan = planOf(policy);
  const sized = plan.legs.map((order) => ({ ...order, sizeE6: contracts(2) }));
  const repair = {
    ...REPAIR,
    restMsMax: millis(1_000),
    hedgeDeadlineMs: millis(2_500),
    stuckRetryMs: millis(1_000),
    repairMsMax: millis(5_000),
    repairOrdersMax: 1,
  };
  return { ...plan, legs: sized, sizeE6: contracts(2), repair };
}

export const TIMERS: ReadonlySet<string> = new Set([
  'look.overdue',
  'retry.due',
  'rest.elapsed',
  'hedge.overdue',
  'repair.overdue',
  'settlementPatience.elapsed',
  'stuckPause.elapsed',
]);

export function runsIn(text: string, timer: string): boolean {
  return TIMERS_OF[text.split('.')[0] ?? text]?.includes(timer) === true;
}

const TIMERS_OF: Readonly<Record<string, readonly string[]>> = {
  lastLook: ['look.overdue'],
  retrying: ['retry.due'],
  resting: ['rest.elapsed'],
  hedging: ['rest.elapsed', 'hedge.overdue'],
  deciding: ['repair.overdue', 'settlementPatience.elapsed'],
  completing: ['repair.overdue'],
  unwinding: ['repair.overdue'],
  stuck: ['stuckPause.elapsed'],
};

/** What an open leg may say next, in contracts of two. */
const WORDS: readonly Said[] = [
  { final: 2, end: 'filled' },
  { provisional: 2, end: 'filled' },
  { final: 2.2, end: 'filled' },
  { final: 1, end: 'killed' },
  { final: 0.5, end: 'killed' },
  { end: 'killed', refusal: 'killed' },
  { end: 'refused', refusal: 'venuePaused' },
  { end: 'refused', refusal: 'insufficientBalance' },
  { end: 'withheld' },
  { end: 'notAccepted' },
  { final: 1, standing: 'unresolved', open: 1 },
  { standing: 'unresolved', open: 2 },
];
const RESTING: readonly Said[] = [
  { standing: 'resting' },
  { final: 1, standing: 'resting', open: 1 },
  { end: 'canceled' },
  { final: 0.5, standing: 'resting', open: 1.5 },
  { final: 0.5, end: 'canceled' },
];
/** What an ended leg may still say: a late fill, and a match that failed. */
const LATE: readonly Said[] = [{ final: 2, end: 'filled' }, { end: 'filled' }];

/** A leg that breaks is treated alike everywhere: it is enough to see it in these. */
const FAULTS_IN: ReadonlySet<string> = new Set(['sending', 'hedging.out', 'balanced', 'stuck.waiting']);
const REVOKED_IN: ReadonlySet<string> = new Set(['lastLook', 'retrying', 'sending', 'resting', 'hedging.out']);

export function eventsIn(state: ModelState<Machine>): readonly Event[] {
  return allIn(state, () => true);
}

/** The same, without what no venue and no desk can bring about. */
export function eventsAtVenues(state: ModelState<Machine>): readonly Event[] {
  return [...allIn(state, canBeTrue).filter((event) => canCome(event, state)), ...breaks(state)];
}

/** What a venue may say of an order that is in this standing. */
function canBeTrue(said: Said, order: LegOrder, report: LegReport): boolean {
  const { provisional = 0, final = 0 } = said;
  const { standing, end, provisionalE6 } = report;
  const isLater = order.venue === 'polymarket';
  // Matches at Kalshi are final, and nobody offers more than was shown.
  if (final > 2 || (provisional > 0 && !isLater)) return false;
  if (standing === 'ended')
    return final > 0 ? end === 'refused' || end === 'notAccepted' : isLater && provisionalE6 > 0;
  if (((final + provisional) / 2) * order.sizeE6 < confirmedE6(report)) return false;
  if (said.end === 'killed' && !isImmediate(order)) return false;
  const isKept = said.end === 'refused' || said.end === 'withheld';
  if (standing === 'unresolved') return !isKept && said.standing === undefined;
  return standing !== 'resting' || (!isKept && said.end !== 'notAccepted');
}

/** Less than the venues take in one order, as the share of what the plan orders. */
const SMALL = 0.4;

function canCome(event: Event, { context }: ModelState<Machine>): boolean {
  const { plan, settled } = context;
  const isSmall = (size: number): boolean => size < plan.sizeE6 * SMALL;
  switch (event.type) {
    // These come with something else, in the step in which that is heard.
    case 'evidence.noted':
    case 'leg.reversed':
      return false;
    case 'effect.failed':
      return ['requestLastLook', 'requestHedge', 'requestRepairPlan'].includes(event.effect);
    case 'hedge.planned':
      return event.orders.every(({ sizeE6: size }) => !isSmall(size));
    case 'hedge.deferred':
      return isSmall(event.sizeE6);
    case 'dust.left':
    case 'repair.planned':
      return (event.type === 'dust.left') === isSmall(gapOf(context));
    case 'repair.postponed':
      return entryOf(plan, legsByFill(context)[0] ?? 0).venue === 'polymarket';
    default: {
      const [, legId = ''] = /^xstate\.error\.actor\.leg\/(.+)$/.exec(event.type) ?? [];
      return !settled.includes(legId);
    }
  }
}

/** Effects that break where they were asked for on the way in. */
function breaks({ text }: ModelState<Machine>): readonly Event[] {
  const broken = (effect: string): Event => ({ type: 'effect.failed', effect, message: 'broken' });
  if (text === 'stuck.waiting') return [broken('reportTrigger')];
  if (text === 'deciding.planning') return [broken('reportAsymmetry')];
  return text === 'deciding.awaitingTokens' ? [broken('requestRefresh')] : [];
}

function allIn(state: ModelState<Machine>, canBe: CanBe): readonly Event[] {
  const { text, context } = state;
  const top = text.split('.')[0] ?? text;
  return [
    ...deskAnswers(text, context),
    ...(TIMERS_OF[top] ?? []).map((type) => ({ type }) as Event),
    ...legWords(context, canBe),
    ...(FAULTS_IN.has(text) ? lives(context) : []),
    ...people(text),
    ...(text === 'sending' || text === 'stuck.waiting' ? surfaced(context) : []),
  ];
}

function deskAnswers(text: string, context: AttemptContext): Event[] {
  const { plan, reports } = context;
  const next = ({ basketLeg = 0, ...of }: Partial<LegOrder>, at = 1): LegOrder => {
    const { venue, instrument } = entryOf(plan, basketLeg);
    const name = `${reports.length + at}-${venue}`;
    return orderOf(name, { role: 'hedge', isReducing: true, basketLeg, instrument, ...of });
  };
  switch (text) {
    case 'lastLook': {
      const opening = plan.policy === 'together' ? plan.legs : plan.legs.slice(0, 1);
      const orders =
        context.retries === 0 ? opening : opening.map((order, at) => ({ ...order, ...next(order, at + 1) }));
      return [
        { type: 'look.passed', orders },
        { type: 'look.failed', reason: 'EDGE_SHRANK' },
        { type: 'effect.failed', effect: 'requestLastLook', message: 'broken' },
      ];
    }
    case 'hedging.asking': {
      const [due = { basketLeg: 1, sizeE6: contracts(1) }] = hedgesDue(plan, reports);
      return [
        { type: 'hedge.planned', orders: [next(due)] },
        { type: 'hedge.deferred', sizeE6: due.sizeE6, reason: 'BELOW_MIN_ORDER' },
        { type: 'hedge.impossible', reason: 'VENUE_UNAVAILABLE' },
        { type: 'effect.failed', effect: 'requestHedge', message: 'broken' },
      ];
    }
    case 'deciding.planning':
    case 'stuck.looking': {
      const [fullest = 0, emptiest = 1] = legsByFill(context);
      const sizeOfGap = sizeE6(Math.max(gapOf(context), 10_000));
      const planned = (kind: 'completion' | 'unwind', of: Partial<LegOrder>): Event => ({
        type: 'repair.planned',
        kind,
        orders: [next({ role: kind, sizeE6: sizeOfGap, timeInForce: 'immediateOrCancel', ...of })],
        costMicroUsd: microUsd(10_000),
        worstMicroUsd: microUsd(20_000),
        atMs: 7,
      });
      return [
        planned('completion', { basketLeg: emptiest }),
        planned('unwind', { basketLeg: fullest, action: 'sell', reduceOnly: true }),
        { type: 'repair.impossible', reason: 'noDepth' },
        { type: 'repair.postponed', reason: 'unsettled', atMs: 0 },
        { type: 'dust.left', sizeE6: sizeOfGap, costMicroUsd: microUsd(1_000) },
        { type: 'effect.failed', effect: 'requestRepairPlan', message: 'broken' },
      ];
    }
    default:
      return [];
  }
}

/** The fuller leg of the basket first. */
function legsByFill({ plan, reports }: AttemptContext): readonly number[] {
  return [...holdingsOf(plan, reports)].sort((a, b) => b.heldE6 - a.heldE6).map(({ basketLeg }) => basketLeg);
}

type CanBe = (said: Said, order: LegOrder, report: LegReport) => boolean;

function legWords({ reports, dead, plan }: AttemptContext, canBe: CanBe): Event[] {
  return reports.flatMap((report): Event[] => {
    const { order, standing } = report;
    if (dead.includes(order.legId)) return [];
    const isMaker = plan.policy === 'makerThenHedge' && order.basketLeg === 0 && order.role === 'entry';
    const words = standing === 'ended' ? LATE : isMaker ? [...WORDS, ...RESTING] : WORDS;
    const told = words
      .filter((said) => canBe(said, order, report))
      .map((said): Event => ({ type: 'leg.reported', report: reportOf(order, scaled(said, order)) }));
    return told;
  });
}

/** Words are about two contracts; an order may be for fewer. */
function scaled(said: Said, { sizeE6: size }: LegOrder): Said {
  const factor = size / 2_000_000;
  const of = (count: number | undefined) => (count === undefined ? {} : { n: count * factor });
  return {
    ...said,
    ...(said.final === undefined ? {} : { final: of(said.final).n ?? 0 }),
    ...(said.provisional === undefined ? {} : { provisional: of(said.provisional).n ?? 0 }),
    ...(said.open === undefined ? {} : { open: of(said.open).n ?? 0 }),
  };
}

/** Ends and faults of leg actors. */
function lives({ reports, dead, settled }: AttemptContext): Event[] {
  return reports.flatMap(({ order: { legId }, standing }): Event[] => {
    if (dead.includes(legId)) return [];
    const error = { type: `xstate.error.actor.leg/${legId}`, actorId: `leg/${legId}`, error: new Error('broken') };
    const isOver = standing === 'ended' && !settled.includes(legId);
    return [error as Event, ...(isOver ? [ended(legId)] : [])];
  });
}

function ended(legId: string): Event {
  const actorId = actorIdOf(legId);
  return { type: `xstate.done.actor.${actorId}`, actorId, output: undefined };
}

/** A leg had closed before its last fill: one of them tells all. */
function surfaced({ settled }: AttemptContext): Event[] {
  return settled.slice(0, 1).map((legId): Event => ({ type: 'fill.surfaced', legId }));
}

function people(text: string): Event[] {
  const events: Event[] = REVOKED_IN.has(text) ? [{ type: 'entry.revoked', reason: 'breaker opened' }] : [];
  if (text.startsWith('stuck')) events.push({ type: 'closing.requested', by: 'ann', reason: 'by hand' });
  // These change no standing wherever they come: it is enough to hear them in a few.
  if (!['sending', 'resting', 'deciding.awaitingLegs'].includes(text)) return events;
  events.push(
    { type: 'reconciliation.requested', reason: 'gap', venue: 'kalshi' },
    { type: 'evidence.noted', atMs: 5 },
    { type: 'leg.reversed', legId: '2-polymarket', tradeId: 't1', sizeE6: 2_000_000 },
    { type: 'effect.failed', effect: 'reportExposure', message: 'broken' },
    { type: 'effect.failed', effect: 'reportTrigger', message: 'broken' },
    { type: 'nonsense' as never },
  );
  return events;
}

/** What guards read, as far as it tells apart where an attempt may go from here. */
export function keep(context: AttemptContext): unknown {
  const { plan, reports, retries, repairs, faulted, dead } = context;
  const facts = [
    isComplete(context),
    isEmptyHanded(context),
    isAsymmetric(plan, reports),
    isRepairable(context),
    isRepairOver(context),
    owesHedge(context),
    isEverySettled(context),
    mayRepeat(reports),
    wasSaleRefused(context),
    retries > 0,
    repairs.length > 0,
    faulted.length > 0,
    dead.length > 0,
    reports.some((report) => canRest(report)),
  ];
  return facts.map(Number).join('');
}

/** What ends an attempt: few words, no accidents, and a closer look at what is held and what has settled. */
const LAST_WORDS: readonly Said[] = [
  { final: 2, end: 'filled' },
  { final: 1, standing: 'unresolved', open: 1 },
  { final: 1, end: 'killed' },
  { end: 'killed', refusal: 'killed' },
];

export function lastEventsIn(state: ModelState<Machine>): readonly Event[] {
  return lastIn(state, () => true);
}

export function lastEventsAtVenues(state: ModelState<Machine>): readonly Event[] {
  return lastIn(state, canBeTrue).filter((event) => canCome(event, state));
}

function lastIn({ text, context }: ModelState<Machine>, canBe: CanBe): readonly Event[] {
  const [answer] = deskAnswers(text, context);
  const unwind = deskAnswers(text, context)[1];
  const answers = [answer, text === 'deciding.planning' ? unwind : undefined].filter((one) => one !== undefined);
  const open = context.reports.filter(({ standing }) => standing !== 'ended');
  const told = open.flatMap((report) =>
    LAST_WORDS.filter((said) => canBe(said, report.order, report)).map((said) =>
      reportOf(report.order, scaled(said, report.order)),
    ),
  );
  const lost = text === 'completing' ? context.reports.filter(({ end }) => end === 'filled') : [];
  const failed = lost
    .filter((report) => canBe({ end: 'filled' }, report.order, report))
    .map(({ order }) => reportOf(order, { end: 'filled' }));
  const first = context.reports.find(
    ({ order, standing }) => standing === 'ended' && !context.settled.includes(order.legId),
  );
  const settled: Event[] = first === undefined || !areAllEnded(context.reports) ? [] : [ended(first.order.legId)];
  return [...answers, ...[...told, ...failed].map((report): Event => ({ type: 'leg.reported', report })), ...settled];
}

export function keepLast(context: AttemptContext): unknown {
  const { reports, settled } = context;
  return [keep(context), hasTraded(context), settled.length, reports.map(({ end, openE6 }) => `${end}${openE6}`)];
}

/** Enough orders to see every way; a longer story has only more of the same. */
export function isLongEnough({ context }: ModelState<Machine>): boolean {
  return context.reports.length > 3;
}
