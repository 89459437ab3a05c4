import { describe, expect, it } from 'vitest';
import type { AttemptPlan } from '../../src/domain/execution/attempt-plan.ts';
import { plannedReport } from '../../src/domain/execution/policy.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { type StrategyContext, type StrategyEvent, strategyMachine } from '../../src/machines/strategy.machine.ts';
import { orderOf, planOf } from '../machines/attempt-rig.ts';
import { noteRun } from './harness/coverage.ts';
import { describeAlone } from './harness/describe-alone.ts';
import { describeModel } from './harness/describe-model.ts';
import { runPath } from './harness/driver.ts';
import { interleave } from './harness/interleave.ts';
import { Model, type ModelEvent, type ModelState } from './harness/model.ts';
import { strategyAlone } from './strategy.direct.ts';
import { ATTEMPTS_MAX, StrategyDriver } from './strategy.driver.ts';

type Machine = typeof strategyMachine;
type Event = ModelEvent<Machine>;

const planFor = (attemptId: string, watchId = attemptId): AttemptPlan => planOf('together', { attemptId, watchId });
const reportOn = (legId: string) => plannedReport(orderOf(legId, { attemptId: 'b' }));
const report = reportOn('1-kalshi');
const restored = { reports: [], settled: [] };
const child = (end: 'done' | 'error', actorId: string): Event =>
  ({ type: `xstate.${end}.actor.${actorId}`, actorId, error: new Error('broken'), output: undefined }) as Event;
const approved = (name: string): StrategyEvent => ({ type: 'edge.approved', plan: planFor(name), atMicros: 1 });
const brokenEffect = (effect: string): StrategyEvent => ({ type: 'effect.failed', effect, message: 'broken' });
const found: StrategyEvent = { type: 'orphans.found', attemptId: 'b', orphans: [{ report, sinceMicros: 1 }] };
const reversed: StrategyEvent = { type: 'leg.reversed', legId: '2-polymarket', tradeId: 't', sizeE6: 1 };
const asked: StrategyEvent = { type: 'reconciliation.requested', reason: 'gap' };
const drained: StrategyEvent = { type: 'drain.requested', reason: 'shutdown' };

const recovered: StrategyEvent = { type: 'attempt.recovered', plan: planFor('a'), sinceMicros: 1, restored };

const OPEN: readonly Event[] = [
  approved('a'),
  approved('d'),
  approved('e'),
  recovered,
  { type: 'edge.vanished', watchId: 'a', reason: 'moved' },
  { type: 'breaker.opened', reason: 'asymmetry' },
  { type: 'attempt.closing.requested', attemptId: 'a', by: 'ann', reason: 'by hand' },
  { type: 'fill.surfaced', attemptId: 'a', legId: '1-kalshi' },
  drained,
  { type: 'resume.requested' },
  asked,
  { type: 'nonsense' as never },
];
/** What no door lets through, and what comes with something else. */
const CLOSED: readonly Event[] = [
  { type: 'edge.approved', plan: planFor('c', 'a'), atMicros: 1 },
  found,
  { type: 'leg.reported', report },
  reversed,
  { type: 'following.due' },
  brokenEffect('reportExposure'),
  brokenEffect('reportTrigger'),
];

function attemptsEnd({ context }: { readonly context: StrategyContext }): readonly Event[] {
  return context.attempts.flatMap(({ attemptId }) => {
    const id = `attempt/${attemptId}`;
    const leaving = { ...child('done', id), output: { unsettled: [{ report, sinceMicros: 1 }] } } as Event;
    return [child('done', id), leaving, child('error', id)];
  });
}

function everything(state: { readonly context: StrategyContext }): readonly Event[] {
  const { orphans } = state.context;
  const live = orphans.flatMap(({ actorId, isDone }) => (isDone ? [] : [actorId]));
  const events = [...OPEN, ...CLOSED].filter(({ type }) => orphans.length === 0 || type !== 'orphans.found');
  return [...events, ...attemptsEnd(state), ...live.flatMap((id) => [child('done', id), child('error', id)])];
}

const spec = {
  machine: strategyMachine,
  input: { strategyId: 'box', attemptsMax: ATTEMPTS_MAX },
  keep: ({ attempts, orphans }: StrategyContext) => [attempts, orphans.map(({ isDone }) => isDone)],
};
const atVenues = { ...spec, events: (state: ModelState<Machine>) => [...OPEN, ...attemptsEnd(state)] };
const EDGES = edgesOf(strategyMachine).map(({ id }) => id);

describeModel<Machine>({
  ...atVenues,
  wanted: new Set(EDGES),
  witnesses: 2,
  driver: () => new StrategyDriver(),
  place: 'venues',
});

/** Two orders are on their way when their attempt breaks. */
const orphaned = [approved('a'), asked, child('error', 'attempt/a'), found] as const;
const nothingFound: StrategyEvent = { type: 'orphans.found', attemptId: 'a', orphans: [] };
const told = (legId: string): Event => ({ type: 'leg.reported', report: reportOn(legId) });
const ended = (legId: string): Event => child('done', `orphan/a/${legId}`);

describe('a strategy', () => {
  it.each<readonly [string, readonly Event[]]>([
    [
      'follows the orders of an attempt that broke',
      [...orphaned, told('1-kalshi'), ended('1-kalshi'), ended('2-polymarket')],
    ],
    ['gives back the room of one that broke before its orders had left', [approved('a'), child('error', 'attempt/a')]],
    [
      'gives back the room of one that left no open order',
      [approved('a'), asked, child('error', 'attempt/a'), nothingFound],
    ],
    ['asks for them when a stream had a gap', [...orphaned, asked, told('2-polymarket'), ended('2-polymarket')]],
    ['hears that a match of theirs failed', [...orphaned, told('2-polymarket'), reversed]],
    [
      'lives again for an attempt that is taken up after it had stopped',
      [approved('a'), child('done', 'attempt/a'), drained, recovered],
    ],
    ['waits for them before it stops', [...orphaned, drained, ended('1-kalshi'), ended('2-polymarket')]],
    [
      'keeps the room of one whose actor broke as well, and follows it again',
      [...orphaned, child('error', 'orphan/a/1-kalshi'), { type: 'following.due' }, ended('1-kalshi')],
    ],
    [
      'lives on when nobody hears of an attempt that broke',
      [approved('a'), child('error', 'attempt/a'), brokenEffect('reportTrigger')],
    ],
    [
      'lives on when what an orphan holds is not booked',
      [...orphaned, told('1-kalshi'), brokenEffect('reportExposure')],
    ],
  ])('%s', async (name, events) => {
    const done = await runPath(new Model<Machine>(atVenues), new StrategyDriver(), { name, events });
    noteRun(strategyMachine.id, done, 'venues');
    expect(done.unrealisable).toEqual([]);
  });

  it.each(Array.from({ length: 20 }, (_, at) => `strategy ${at}`))(
    'holds within belief what is true, whatever comes (seed "%s")',
    async (seed) => {
      const done = await interleave<Machine>(atVenues, new StrategyDriver(), { seed, steps: 30, place: 'venues' });
      expect(done.steps).toBeGreaterThan(0);
    },
  );
});

describeAlone<Machine>({ id: strategyMachine.id, edges: EDGES }, [
  { ...spec, events: everything, driver: strategyAlone },
]);
