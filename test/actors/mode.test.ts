import { describe, expect, it } from 'vitest';
import { Mode } from '../../src/actors/mode.actor.ts';
import type { ModeInput } from '../../src/machines/mode.machine.ts';
import { controlRig } from './control-rig.ts';

const PHRASE = 'LIVE 100 USD';
const ANN = { by: 'ann', from: 'terminal' } as const;

function modeRig(started: ModeInput['mode'] = 'paper') {
  const rig = controlRig();
  const world = { blockers: [] as string[], hash: '9f2c', made: 0 };
  const mode = new Mode({
    ...rig,
    ids: { uuid: () => `c${++world.made}` },
    settings: { mode: started, challengeMs: 60_000 },
    blockers: () => world.blockers,
    configHash: () => world.hash,
    onMode: () => undefined,
  });
  return { ...rig, mode, world };
}

describe('mode', () => {
  it('goes live in two steps of a person (I25)', () => {
    const { mode } = modeRig();
    expect(mode.requestLive({ ...ANN, phrase: PHRASE })).toMatchObject({
      kind: 'challenged',
      challenge: { id: 'c1', phrase: PHRASE, configHash: '9f2c' },
      expiresInMs: 60_000,
    });
    expect([mode.isLive, mode.holds(), mode.name]).toEqual([false, false, 'paper']);
    expect(mode.confirmLive({ ...ANN, id: 'c1', phrase: PHRASE })).toEqual({ kind: 'live' });
    expect([mode.isLive, mode.holds(), mode.name]).toEqual([true, true, 'live']);
  });

  it('does not go live without a challenge (U3)', () => {
    const { mode } = modeRig();
    expect(mode.confirmLive({ ...ANN, id: 'c1', phrase: PHRASE })).toMatchObject({ kind: 'refused' });
    expect(mode.isLive).toBe(false);
  });

  it.each([
    ['another challenge', { id: 'c9' }],
    ['another phrase', { phrase: 'live 100 usd' }],
    ['chat', { from: 'chat' as const }],
  ])('spends the challenge on an answer from %s', (_, over) => {
    const { mode } = modeRig();
    mode.requestLive({ ...ANN, phrase: PHRASE });
    expect(mode.confirmLive({ ...ANN, id: 'c1', phrase: PHRASE, ...over })).toMatchObject({ kind: 'refused' });
    expect(mode.confirmLive({ ...ANN, id: 'c1', phrase: PHRASE })).toMatchObject({ kind: 'refused' });
    expect(mode.isLive).toBe(false);
  });

  it('does not take an answer that comes too late', () => {
    const { mode, clock } = modeRig('dryRun');
    mode.requestLive({ ...ANN, phrase: PHRASE });
    clock.advanceBy(60_000);
    expect(mode.confirmLive({ ...ANN, id: 'c1', phrase: PHRASE })).toMatchObject({ kind: 'refused' });
    expect(mode.name).toBe('dryRun');
  });

  it('does not go live on a configuration that changed after it was shown', () => {
    const { mode, world } = modeRig();
    mode.requestLive({ ...ANN, phrase: PHRASE });
    world.hash = 'a0a0';
    expect(mode.confirmLive({ ...ANN, id: 'c1', phrase: PHRASE })).toEqual({
      kind: 'refused',
      because: ['the configuration has changed since it was shown'],
    });
  });

  it('gives no challenge while a gate does not hold, and looks at the gates again at the answer', () => {
    const { mode, world } = modeRig();
    world.blockers = ['the database is not durable'];
    expect(mode.requestLive({ ...ANN, phrase: PHRASE })).toEqual({ kind: 'refused', because: world.blockers });
    world.blockers = [];
    mode.requestLive({ ...ANN, phrase: PHRASE });
    world.blockers = ['the breaker is open'];
    expect(mode.confirmLive({ ...ANN, id: 'c2', phrase: PHRASE })).toEqual({
      kind: 'refused',
      because: world.blockers,
    });
  });

  it('gives chat no challenge', () => {
    const { mode } = modeRig();
    expect(mode.requestLive({ by: 'ann', from: 'chat', phrase: PHRASE })).toEqual({
      kind: 'refused',
      because: ['chat can never go live'],
    });
  });

  it('gives one challenge at a time', () => {
    const { mode } = modeRig();
    mode.requestLive({ ...ANN, phrase: PHRASE });
    expect(mode.requestLive({ by: 'bob', from: 'web', phrase: PHRASE })).toMatchObject({ kind: 'refused' });
    expect(mode.confirmLive({ ...ANN, id: 'c1', phrase: PHRASE })).toEqual({ kind: 'live' });
  });

  it.each(['demo', 'sim', 'replay', 'backtest'] as const)('stays %s for the whole process', (started) => {
    const { mode } = modeRig(started);
    expect(mode.requestLive({ ...ANN, phrase: PHRASE })).toMatchObject({ kind: 'refused' });
    mode.set('paper', 'ann');
    expect([mode.name, mode.holds()]).toEqual([started, true]);
  });

  it('lets no order out in a dry run', () => {
    expect(modeRig('dryRun').mode.holds()).toBe(false);
  });

  it('leaves live at once when it is asked to, and needs a new challenge to come back', () => {
    const { mode } = modeRig();
    mode.requestLive({ ...ANN, phrase: PHRASE });
    mode.confirmLive({ ...ANN, id: 'c1', phrase: PHRASE });
    mode.set('dryRun', 'bob');
    expect([mode.name, mode.holds()]).toEqual(['dryRun', false]);
    expect(mode.confirmLive({ ...ANN, id: 'c1', phrase: PHRASE })).toMatchObject({ kind: 'refused' });
  });

  it('is written down by whom, before it changes', () => {
    const { mode, records } = modeRig();
    records.splice(0);
    mode.set('dryRun', 'bob');
    expect(records).toMatchObject([
      { kind: 'command', by: 'bob', command: 'setMode', parameters: { mode: 'dryRun' } },
      { kind: 'transition', from: 'paper', to: 'dryRun', cause: 1 },
    ]);
  });
});
