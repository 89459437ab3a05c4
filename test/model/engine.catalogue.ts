/** What the engine may hear, and what tells two of its states apart. */
import type { StandingCheck } from '../../src/domain/risk/breaker-reasons.ts';
import { type EngineContext, type EngineEvent, engineMachine } from '../../src/machines/engine.machine.ts';
import type { ModelState } from './harness/model.ts';

export type Machine = typeof engineMachine;
export type State = ModelState<Machine>;

/** As trading has them. */
export const SETTINGS = { checksMsMax: 20_000, drainMsMax: 30_000 };
const CLEAN: StandingCheck[] = [{ name: 'positions/kalshi', isClean: true, detail: '' }];
const UNCLEAN: StandingCheck[] = [{ name: 'positions/kalshi', isClean: false, detail: 'expected none, found 3' }];
export const UNKNOWN = { type: 'nobody.declared' } as unknown as EngineEvent;
export const ANN = { by: 'ann', reason: 'because' };

const FAILURES = [
  { type: 'effect.failed', effect: 'requestChecks', message: 'no venue' },
  { type: 'effect.failed', effect: 'requestDrain', message: 'no strategy' },
  { type: 'effect.failed', effect: 'requestCancelAll', message: 'no line' },
] as const;

/** Where the effect is asked for, so that it can fail. */
export function canFail(effect: string, text: string): boolean {
  if (effect === 'requestChecks') return ['checking', 'awaitingReview', 'reducing'].includes(text);
  return effect === 'requestCancelAll' || !['draining', 'stopped'].includes(text);
}

export function events({ text, context }: State): EngineEvent[] {
  const { round } = context;
  const late: EngineEvent[] = round > 1 ? [{ type: 'checks.completed', round: round - 1, checks: CLEAN }] : [];
  const failures = FAILURES.filter(({ effect }) => canFail(effect, text));
  return [
    ...late,
    ...failures,
    { type: 'startup.completed' },
    { type: 'startup.failed', detail: 'the lease is held by another process' },
    { type: 'checks.completed', round, checks: CLEAN },
    { type: 'checks.completed', round, checks: UNCLEAN },
    { type: 'checks.completed', round, checks: [] },
    { type: 'checks.overdue' },
    { type: 'checks.requested', by: 'ann' },
    { type: 'review.accepted', ...ANN, round },
    { type: 'review.accepted', by: 'ann', reason: ' ', round },
    { type: 'reduction.requested', ...ANN },
    { type: 'kill.requested', ...ANN },
    { type: 'drain.requested', ...ANN },
    { type: 'work.ended' },
    { type: 'drain.overdue' },
    UNKNOWN,
  ];
}

const WITH_WORK: ReadonlySet<string> = new Set(['running', 'draining', 'stopped']);

/** A drain without work ends at once, and a kill shows most where something rests. */
export function eventsAtVenues(state: State): EngineEvent[] {
  const isAlways = ({ type }: EngineEvent): boolean => type !== 'drain.requested' && type !== 'effect.failed';
  return eventsAtStart(state).filter((event) => isAlways(event) || WITH_WORK.has(state.text));
}

/** Trading always checks something, and its venues can fail to cancel and nothing else. */
export function eventsAtStart(state: State): EngineEvent[] {
  return events(state).filter(
    (event) =>
      event !== UNKNOWN &&
      (!event.type.startsWith('startup') || state.context.round === 0) &&
      (event.type !== 'effect.failed' || event.effect === 'requestCancelAll') &&
      (event.type !== 'checks.completed' || event.checks.length > 0),
  );
}

export const shared = {
  machine: engineMachine,
  input: SETTINGS,
  keep: ({ round, checks }: EngineContext) => [Math.min(round, 2), checks.map(({ isClean }) => isClean)],
  stopWhen: ({ context }: State) => context.round > 4,
};
