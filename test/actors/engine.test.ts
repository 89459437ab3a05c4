import { describe, expect, it } from 'vitest';
import { Engine, type EngineChange } from '../../src/actors/engine.actor.ts';
import type { StandingCheck } from '../../src/domain/risk/breaker-reasons.ts';
import { controlRig } from './control-rig.ts';

const CLEAN: StandingCheck[] = [{ name: 'positions/kalshi', isClean: true, detail: '' }];
const UNCLEAN: StandingCheck[] = [{ name: 'stateAge', isClean: false, detail: 'expected at most 3600000 ms' }];
const ANN = { by: 'ann', reason: 'because' };

function engineRig(answer?: readonly StandingCheck[]) {
  const rig = controlRig();
  const changes: EngineChange[] = [];
  const cancels: string[] = [];
  const ends: (() => void)[] = [];
  const asked: ((checks: readonly StandingCheck[]) => void)[] = [];
  const engine = new Engine({
    ...rig,
    settings: { checksMsMax: 10_000, drainMsMax: 30_000 },
    runChecks: (reply) => {
      asked.push(reply);
      if (answer !== undefined) reply(answer);
    },
    drain: (_, ended) => ends.push(ended),
    cancelAll: (reason) => cancels.push(reason),
    onChange: (change) => changes.push(change),
  });
  return { ...rig, engine, changes, cancels, ends, asked };
}

describe('engine', () => {
  it('lets nothing enter before the checks of this start came out clean (B46)', () => {
    const { engine, asked } = engineRig();
    expect(engine.holds()).toBe(false);
    engine.startupCompleted();
    expect([engine.standing, engine.holds()]).toEqual(['checking', false]);
    asked[0]?.(CLEAN);
    expect([engine.standing, engine.holds()]).toEqual(['running', true]);
  });

  it('waits for a person when a check is not clean, and names it', () => {
    const { engine, changes } = engineRig(UNCLEAN);
    engine.startupCompleted();
    expect(engine.standing).toBe('awaitingReview');
    expect(changes).toEqual([{ kind: 'review', unclean: UNCLEAN }]);
  });

  it('does not take an empty answer or silence for clean', () => {
    const empty = engineRig([]);
    empty.engine.startupCompleted();
    expect(empty.engine.standing).toBe('awaitingReview');
    const silent = engineRig();
    silent.engine.startupCompleted();
    silent.clock.advanceBy(10_000);
    expect(silent.engine.checks).toMatchObject([{ name: 'checks', isClean: false }]);
    expect(silent.engine.standing).toBe('awaitingReview');
  });

  it('runs on the word of a person, which is written down before with what was not clean', () => {
    const { engine, records } = engineRig(UNCLEAN);
    engine.startupCompleted();
    expect(engine.acceptReview({ by: 'ann', reason: '' })).toBe('refused');
    records.splice(0);
    expect(engine.acceptReview({ by: 'ann', reason: 'counted by hand' })).toBe('accepted');
    expect(records).toMatchObject([
      { kind: 'command', command: 'acceptReview', parameters: { reason: 'counted by hand', unclean: ['stateAge'] } },
      { kind: 'transition', to: 'running' },
    ]);
  });

  it.each(['reduce', 'kill'] as const)(
    'that a person held back by %s while it started runs after the end of its start and checks, and not before',
    (wish) => {
      const { engine } = engineRig(CLEAN);
      engine[wish](ANN);
      engine.check('ann');
      const early = engine.standing;
      engine.startupCompleted();
      const started = engine.standing;
      engine.check('ann');
      expect([early, started, engine.standing]).toEqual(['heldBack', 'reducing', 'running']);
    },
  );

  it('cannot be told to run over a kill that failed before it had started', () => {
    const rig = controlRig();
    const engine = new Engine({
      ...rig,
      settings: { checksMsMax: 10_000, drainMsMax: 30_000 },
      runChecks: () => undefined,
      drain: () => undefined,
      cancelAll: () => {
        throw new Error('no line');
      },
      onChange: () => undefined,
    });
    engine.kill(ANN);
    expect([engine.acceptReview(ANN), engine.standing]).toEqual(['refused', 'heldBack']);
  });

  it('does not let the late answer of an earlier round start trading', () => {
    const { engine, asked } = engineRig();
    engine.startupCompleted();
    engine.check('ann');
    asked[0]?.(CLEAN);
    expect(engine.standing).toBe('checking');
    asked[1]?.(UNCLEAN);
    expect(engine.standing).toBe('awaitingReview');
  });

  it('drains until nothing is open', () => {
    const { engine, ends, changes } = engineRig(CLEAN);
    engine.startupCompleted();
    engine.drain(ANN);
    expect([engine.standing, engine.holds()]).toEqual(['draining', false]);
    ends[0]?.();
    expect(engine.standing).toBe('stopped');
    expect(changes.at(-1)).toEqual({ kind: 'stopped' });
  });

  it('ends a drain at its deadline and says what is left (H10)', () => {
    const { engine, clock, changes } = engineRig(CLEAN);
    engine.startupCompleted();
    engine.drain(ANN);
    clock.advanceBy(30_000);
    expect(changes.slice(-2)).toEqual([{ kind: 'leftovers' }, { kind: 'stopped' }]);
  });

  it('cancels what rests when it is killed, in every standing, and stays alive to reduce', () => {
    const { engine, cancels, changes } = engineRig(CLEAN);
    engine.kill(ANN);
    engine.startupCompleted();
    engine.check('ann');
    expect(engine.standing).toBe('running');
    engine.kill(ANN);
    expect([engine.standing, cancels.length]).toEqual(['reducing', 2]);
    expect(changes).toContainEqual({ kind: 'leftovers' });
    engine.drain(ANN);
    engine.kill(ANN);
    expect([engine.standing, cancels.length]).toEqual(['draining', 3]);
  });

  it('cancels what rests also when its own actor is gone', () => {
    const { engine, cancels, runtime } = engineRig(CLEAN);
    const actor = runtime.started.get('engine');
    if (actor !== undefined) runtime.stop(actor);
    expect([engine.standing, engine.holds()]).toEqual(['dead', false]);
    engine.kill(ANN);
    expect(cancels).toEqual(['ann: because']);
  });

  it('stops when it cannot start', () => {
    const { engine } = engineRig();
    engine.startupFailed('expected the lease, found another holder');
    expect([engine.standing, engine.checks[0]?.detail]).toEqual([
      'stopped',
      'expected the lease, found another holder',
    ]);
  });
});
