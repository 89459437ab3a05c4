/** What the models of where orders go have in common: a person asks, answers and changes their mind. */
import type { Challenge, ModeEvent, modeMachine } from '../../src/machines/mode.machine.ts';
import type { ModelState } from './harness/model.ts';

export type Machine = typeof modeMachine;
export type State = ModelState<Machine>;

export const CHALLENGE_MS = 60_000;
export const PHRASE = 'LIVE 100 USD';
export const HASH = '9f2c';
const BLOCKED = ['the breaker is open'];
/** What no caller can send is still written down. */
export const UNKNOWN = { type: 'nobody.declared' } as unknown as ModeEvent;

/** The one that is open when the answer is given, whatever it is called there. */
export const challenge = (id: string): Challenge => ({ id, phrase: PHRASE, configHash: HASH });

export function events({ context }: State): ModeEvent[] {
  const open = context.challenge?.id ?? 'spent';
  const live = {
    type: 'live.requested',
    by: 'ann',
    from: 'terminal',
    challenge: challenge('next'),
    blockers: [],
  } as const;
  const answer = {
    type: 'confirmation.received',
    by: 'ann',
    from: 'terminal',
    challenge: challenge(open),
    blockers: [],
  } as const;
  return [
    live,
    { ...live, from: 'chat' },
    { ...live, blockers: BLOCKED },
    answer,
    { ...answer, from: 'chat' },
    { ...answer, blockers: BLOCKED },
    { ...answer, challenge: challenge('another') },
    { ...answer, challenge: { ...challenge(open), phrase: 'LIVE 1000 USD' } },
    { ...answer, challenge: { ...challenge(open), configHash: 'changed' } },
    { type: 'challenge.expired' },
    { type: 'mode.requested', by: 'ann', mode: 'paper' },
    { type: 'mode.requested', by: 'ann', mode: 'dryRun' },
    { type: 'effect.failed', effect: 'announceMode', message: 'no screen' },
    UNKNOWN,
  ];
}
