/**
 * Walks charts that a short session does not lead to their last corner: random events with values that such events
 * have, and for every implementation the shortest walk that reached it.
 */
import type { AnyActorRef, AnyStateMachine, EventObject } from 'xstate';
import { createMachine, spawnChild } from 'xstate';
import { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { plannedReport } from '../../src/domain/execution/policy.ts';
import type { Random } from '../../src/domain/ports/random.ts';
import { breakerPolicy } from '../../src/domain/risk/breaker-policy.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { SAMPLE_ATTEMPT, SAMPLE_EXIT, SAMPLE_ORDER } from '../../src/machines/chart-samples.ts';
import { CHARTS, type Chart } from '../../src/machines/charts.ts';
import { EXACT, RESTING, type Walk } from './chart-ways.ts';
import { thrower } from './thrower.ts';

const STEPS_MAX = 14;
/** How often an event comes that the state does not wait for. */
const STRAY = 0.15;

/** Types of events that lead to corners which chance hardly finds. Every second walk goes by chance all the same. */
const GUIDES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  circuitBreaker: [
    ['trigger.reported', 'cooldown.elapsed', 'trigger.reported'],
    ['trigger.reported', 'cooldown.elapsed', 'probe.started', 'trigger.reported'],
    ['trigger.reported', 'cooldown.elapsed', 'probe.started', 'execution.succeeded'],
    ['trigger.reported', 'cooldown.elapsed', 'probe.started', 'execution.abandoned'],
  ],
  connection: [
    [
      'books.assigned',
      'delay.drawn',
      'socket.opened',
      'login.proven',
      'subscription.proven',
      'data.quieted',
      'suspicion.due',
      'books.contradicted',
      'recheck.due',
      'books.contradicted',
    ],
    [
      'books.assigned',
      'socket.opened',
      'subscription.proven',
      'data.quieted',
      'suspicion.due',
      'books.contradicted',
      'recheck.due',
      'books.agreed',
    ],
    [
      'books.assigned',
      'socket.opened',
      'login.proven',
      'subscription.proven',
      'sequence.gapped',
      'probe.due',
      'books.contradicted',
    ],
    ['books.assigned', 'socket.ended', 'delay.drawn', 'retry.due', 'socket.opened', 'login.overdue'],
  ],
  attempt: [
    ['look.passed', 'leg.reported', 'leg.reported', 'repair.impossible', 'stuckPause.elapsed'],
    ['look.passed', 'leg.reported', 'leg.reported', 'repair.postponed', 'settlementPatience.elapsed'],
    ['look.passed', 'leg.reported', 'leg.reported', 'repair.planned', 'leg.reported'],
  ],
  orderLeg: [
    [
      'intent.recorded',
      'submission.sent',
      'order.acknowledged',
      'cancel.requested',
      'cancel.refused',
      'cancelPause.over',
    ],
    ['intent.recorded', 'submission.sent', 'order.unknown', 'order.found', 'cancel.requested', 'cancel.acknowledged'],
    [
      'intent.recorded',
      'submission.sent',
      'order.unknown',
      'order.absent',
      'order.absent',
      'order.absent',
      'fill.reported',
    ],
    ['intent.recorded', 'submission.sent', 'order.refused', 'fill.reported', 'order.reported'],
  ],
  pair: [
    ['approval.given', 'listings.agreed', 'proof.lapsed'],
    ['approval.given', 'terms.changed', 'approval.given'],
  ],
  exit: [
    ['exit.requested', 'close.planned', 'leg.reported'],
    ['exit.requested', 'close.lapsed'],
    ['exit.due', 'close.lapsed'],
  ],
  bookFeed: [['subscription.sent', 'effect.failed', 'resync.due', 'effect.failed', 'resync.due', 'effect.failed']],
  quote: [['quote.planned', 'leg.reported', 'queue.moved']],
};

export interface Specimen {
  readonly isAlive: boolean;
  /** Types of events that its state has transitions for. */
  readonly awaited: readonly string[];
  send(event: EventObject): void;
  stop(): void;
}

const inert = createMachine({ id: 'inert', on: { '*': {} } }) as AnyStateMachine;
const inertChildren = Object.fromEntries(
  ['orderLeg', 'attempt', 'exit', 'bookFeed', 'connection', 'venueTrade', 'rateLimit'].map((name) => [name, inert]),
);

/** Starts the chart under a parent that only holds it, its effects doing nothing. */
export function specimen(runtime: ActorRuntime, chart: Chart, input: unknown): Specimen {
  const handlers = Object.fromEntries(Object.keys(chart.effects).map((name) => [name, () => undefined]));
  const bound = runtime.bind(chart.machine, chart.effects, handlers as never, inertChildren);
  const holder = createMachine({
    id: 'holder',
    entry: spawnChild('held' as never, { id: 'held', input } as never),
    on: { '*': {} },
  });
  const parent = runtime.start(runtime.bind(holder as AnyStateMachine, {}, {}, { held: bound }), {
    id: `holder/${chart.name}`,
    input: undefined,
  });
  const held = (): AnyActorRef | undefined =>
    (parent.getSnapshot() as { children: Record<string, AnyActorRef | undefined> }).children.held;
  return {
    get isAlive() {
      return held()?.getSnapshot().status === 'active';
    },
    get awaited() {
      const { _nodes: nodes = [] } = (held()?.getSnapshot() ?? {}) as { _nodes?: readonly { ownEvents: string[] }[] };
      return nodes.flatMap(({ ownEvents }) => ownEvents).flatMap(concrete);
    },
    send: (event) => {
      const ref = held();
      if (ref !== undefined) runtime.send(ref, event);
    },
    stop: () => runtime.stop(parent),
  };
}

/** The shortest walk that was found to each implementation of a chart. */
export function walksOf(chart: Chart, wanted: ReadonlySet<string>, walks: number): Map<string, Walk> {
  const found = new Map<string, Walk>();
  const random = seededRandom(`walks of ${chart.name}`);
  const types = [...eventTypes(chart.machine)];
  const runtime = quietRuntime();
  const guides = GUIDES[chart.name] ?? [];
  const exact = EXACT[chart.name] ?? [];
  for (let at = 0; at < walks && found.size < wanted.size; at++) {
    const guide = guides[at % (2 * guides.length)] ?? [];
    const way = exact[at];
    const input = way === undefined ? inputOf(chart, random) : { ...(chart.input as object), ...(way.input as object) };
    const events: EventObject[] = [];
    const note = (): void => {
      for (const id of thrower.reached)
        if (wanted.has(id) && (found.get(id)?.events.length ?? Number.POSITIVE_INFINITY) > events.length)
          found.set(id, { chart: chart.name, input, events: [...events] });
    };
    thrower.reached = new Set();
    thrower.isArmed = true;
    const held = specimen(runtime, chart, input);
    note();
    for (let step = 0; step < (way?.events.length ?? STEPS_MAX) && held.isAlive; step++) {
      const open = random.next() < STRAY ? types : held.awaited;
      const type = guide[step] ?? open[random.below(open.length)] ?? 'nobody.declared';
      const event = way?.events[step] ?? eventOf(type, random);
      events.push(event);
      held.send(event);
      note();
    }
    thrower.isArmed = false;
    held.stop();
  }
  return found;
}

export function chartOf(name: string): Chart {
  const chart = CHARTS.find((each) => each.name === name);
  if (chart === undefined) throw new Error(`expected a chart named ${name}, found none`);
  return chart;
}

function quietRuntime(): ActorRuntime {
  return new ActorRuntime({
    clock: new VirtualClock(),
    journal: { append: () => 0 },
    onFault: () => undefined,
    definitionOf: () => 'none',
  });
}

function eventTypes(machine: AnyStateMachine): Set<string> {
  const types = new Set<string>(['effect.failed', 'nobody.declared']);
  for (const type of machine.events) for (const one of concrete(type)) types.add(one);
  return types;
}

/** Wildcards of children, by the names that children of the samples have. */
function concrete(type: string): readonly string[] {
  if (type === '*') return [];
  if (!type.endsWith('.*')) return [type];
  const children = ['leg/1-kalshi', 'leg/2-polymarket', 'trade/t1', 'attempt/a1', 'orphan/a1/1-kalshi', 'exit/0'];
  return children.map((child) => type.replace('*', child));
}

/** Values that the fields of events have, by the name of the field. */
function eventOf(type: string, random: Random): EventObject {
  const one = <Value>(values: readonly Value[]): Value => values[random.below(values.length)] as Value;
  const SIZE = SAMPLE_ORDER.sizeE6;
  const sizes = [0, 0, SIZE / 2, SIZE, SIZE];
  const order = one([SAMPLE_ORDER, ...SAMPLE_ATTEMPT.legs]);
  const report = {
    order,
    standing: one(['working', 'unresolved', 'ended', 'ended']),
    end: one([undefined, 'filled', 'killed', 'refused', 'canceled']),
    refusal: one([undefined, 'venuePaused', 'killed', 'insufficientBalance']),
    finalE6: one(sizes),
    provisionalE6: one([0, 0, SIZE / 2]),
    openE6: one(sizes),
    cashMicroUsd: one([0, 4_500_000]),
    isAccounted: one([true, false]),
  };
  const legId = one(['1-kalshi', '2-polymarket']);
  const actorId = type.includes('.actor.')
    ? type.replace(/^xstate\.(done|error)\.actor\./, '')
    : one([`leg/${legId}`, 'trade/t1', 'attempt/a1']);
  return {
    type,
    actorId,
    error: 'a child broke',
    output: undefined,
    reason: one(['told', 'killed', 'venuePaused', 'insufficientBalance', 'rateLimited', 'notSent']),
    detail: 'told',
    by: 'ann',
    code: 'RULES_CHANGED',
    message: 'told',
    effect: one(['reportTrigger', 'requestCancel', 'requestReconciliation', 'announceTradable', 'recordIntent']),
    atMs: one([0, 1_000, 2_000_000]),
    atMicros: 0,
    sinceMicros: 0,
    scope: one(['entries', 'all']),
    trigger: type.startsWith('exit.')
      ? 'stopLoss'
      : { kind: one(['ACTOR_FAULT', 'EXECUTION_FAILED', 'CONNECTION_LOST', 'MANUAL_HALT']), detail: 'told' },
    force: one([true, false]),
    checks: one([[], [{ name: 'books', isClean: true, detail: '' }], [{ name: 'books', isClean: false, detail: '' }]]),
    seenReports: one([0, 1, 2, 3]),
    attemptId: 'a1',
    plan: SAMPLE_ATTEMPT,
    restored: { reports: [], settled: [] },
    orphans: [{ report: { ...report, order: SAMPLE_ORDER }, sinceMicros: 0 }],
    watchId: SAMPLE_ATTEMPT.watchId,
    report,
    legId,
    venue: one(['kalshi', 'polymarket', undefined]),
    orders: one([[...SAMPLE_ATTEMPT.legs], [renamed(order, random)]]),
    order: renamed(order, random),
    kind: one(['unwind', 'completion']),
    costMicroUsd: 10,
    worstMicroUsd: 10,
    venueOrderId: one([undefined, 'v1']),
    expiresInMs: one([undefined, 1_000]),
    filledE6: one(sizes),
    restingE6: one(sizes),
    canceledE6: one(sizes),
    sizeE6: one([SIZE, SIZE / 2, SIZE * 2]),
    cashMicroUsd: 4_500_000,
    isProvisional: one([true, false]),
    tradeIds: one([undefined, [], ['t1']]),
    tradeId: one(['t1', 't1', 't2']),
    settlement: one(['matched', 'mined', 'confirmed', 'final', 'failed', 'retrying']),
    word: one(['confirmed', 'failed', 'quarantined']),
    standing: one(['resting', 'filled', 'canceled', 'expired', 'open', 'paused', 'closed', 'operational']),
    hasLanded: one([true, false]),
    retryAfterMs: one([undefined, 500]),
    isPastExpiry: one([true, true, false]),
    scoreE6: one([1_000_000, 949_999]),
    approvalMsLeft: one([3_600_000, 0]),
    book: 'KXFED-26SEP-T4.25',
    books: one([['KXFED-26SEP-T4.25'], ['b1', 'b2']]),
    silentMs: 1_000,
    delayMs: 100,
    aheadE6: 0,
    aheadE6Max: 0,
    byE6: one(sizes),
    heldE6: one(sizes),
    held: [{ leg: 0, sizeE6: SIZE, costMicroUsd: 10 }],
    change: 'determined',
    payment: { settlementId: one(['s1', 's2']), yesPayoutE4: one([10_000, 0]), paidMicroUsd: undefined, at: 0 },
    evidence: [evidenceOf(one)],
    budget: one(['read', 'write']),
    carries: one(['market', 'private']),
    skewMs: one([0, 300, 2_000]),
    offsetMs: one([0, 300, 2_000]),
    mode: one(['paper', 'dryRun']),
    from: one(['terminal', 'terminal', 'chat']),
    challenge: { id: 'c1', phrase: 'LIVE', configHash: one(['h', 'h', 'g']) },
    blockers: one([[], [], ['no lease']]),
    round: one([1, 1, 1, 2]),
    priceE4: one([4_500, 4_600, undefined]),
    limitE4: one([4_500, 4_400, undefined]),
    levels: [],
    leg: 0,
    venueKey: 'KXFED-26SEP-T4.25',
    outcome: one(['yes', 'no', 'void']),
    result: one(['yes', 'no', 'void']),
    yesPayoutE4: one([10_000, 0]),
    paidMicroUsd: one([10_000_000, 0]),
    style: one(['taking', 'resting']),
    exitId: 'e1',
    legs: [0],
    exit: SAMPLE_EXIT,
    soldE6: one(sizes),
    proceedsMicroUsd: one([0, 4_500_000]),
    remainingE6: one(sizes),
    fromE6: one(sizes),
    isFinal: one([true, false]),
    isClean: one([true, false]),
    waitMs: one([0, 500]),
  } as EventObject;
}

function renamed(order: typeof SAMPLE_ORDER, random: Random): typeof SAMPLE_ORDER {
  const at = 3 + random.below(4);
  return { ...order, legId: `${at}-${order.venue}`, clientOrderId: `c${at}`, role: 'hedge', isReducing: true };
}

function evidenceOf(one: <Value>(values: readonly Value[]) => Value) {
  const yesPayoutE4 = one([undefined, 10_000, 0]);
  const standing = one(['trading', 'closed', 'determined', 'disputed', 'settled']);
  const payment = one([undefined, { settlementId: 's1', yesPayoutE4: 10_000, paidMicroUsd: undefined, at: 0 }]);
  return { leg: 0, standing, yesPayoutE4, payment };
}

const placed = (order: typeof SAMPLE_ORDER) => ({
  legId: order.legId,
  actorId: `leg/${order.legId}`,
  sinceMicros: 0,
  report: plannedReport(order),
  isSettled: false,
});

/** What a chart may be started with, besides its sample. */
const VARIANTS: Readonly<Record<string, readonly object[]>> = {
  mode: [{ mode: 'dryRun' }],
  circuitBreaker: [{ policy: breakerPolicy('sports-pregame') }],
  connection: [{ login: 'firstFrame' }, { login: 'firstFrame', carries: 'private' }, { carries: 'private' }],
  attempt: [
    { plan: { ...SAMPLE_ATTEMPT, policy: 'makerThenHedge' } },
    { plan: { ...SAMPLE_ATTEMPT, policy: 'sequential' } },
    { restored: { reports: [plannedReport(SAMPLE_ORDER)], settled: [] } },
  ],
  orderLeg: [
    { order: RESTING },
    { order: RESTING },
    { order: RESTING, restored: { report: plannedReport(RESTING), sinceMicros: 0 } },
    { restored: { report: plannedReport(SAMPLE_ORDER), sinceMicros: 0 } },
  ],
  position: [{ exits: [SAMPLE_EXIT] }],
  exit: [{ restored: { trigger: 'manual', placed: [placed(SAMPLE_ORDER)] } }],
  quote: [{ restored: { placed: [placed(SAMPLE_ORDER)] } }],
};

function inputOf({ name, input }: Chart, random: Random): unknown {
  const variants = [{}, ...(VARIANTS[name] ?? [])];
  return { ...(input as object), ...variants[random.below(variants.length)] };
}
