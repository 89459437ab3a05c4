import { Mode } from '../../src/actors/mode.actor.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { type ModeEvent, type ModeInput, modeMachine } from '../../src/machines/mode.machine.ts';
import { type ControlRig, controlRig } from '../actors/control-rig.ts';
import { onEdge } from './harness/coverage.ts';
import { describeModel } from './harness/describe-model.ts';
import { type Applied, type Driver, unrealisable } from './harness/driver.ts';
import { CHALLENGE_MS, challenge, events, HASH, type Machine, PHRASE, type State, UNKNOWN } from './mode.catalogue.ts';
import { ModeAtVenues } from './mode.driver.ts';

class ModeDriver implements Driver<Machine> {
  readonly #settings: ModeInput;
  #rig: ControlRig = controlRig();
  #mode: Mode | undefined;
  #blockers: readonly string[] = [];
  #hash = HASH;
  #isScreenBroken = false;
  #openId = 'spent';
  #made = 0;

  constructor(mode: ModeInput['mode']) {
    this.#settings = { mode, challengeMs: CHALLENGE_MS };
  }

  start(): void {
    this.#rig = controlRig(onEdge);
    this.#mode = new Mode({
      ...this.#rig,
      ids: { uuid: () => `c${++this.#made}` },
      settings: this.#settings,
      blockers: () => this.#blockers,
      configHash: () => this.#hash,
      onMode: () => {
        if (this.#isScreenBroken) throw new Error('no screen');
      },
    });
  }

  apply(event: ModeEvent, { text, context }: State): Applied<Machine> {
    const mode = this.#running;
    if (event === UNKNOWN) return void this.#rig.runtime.sendUnknown('mode');
    switch (event.type) {
      case 'live.requested':
        return this.#request(event);
      case 'confirmation.received':
        return this.#confirm(event, context.challenge?.id);
      case 'challenge.expired':
        if (text !== 'arming') return unrealisable('only an open challenge has this timer');
        return void this.#rig.clock.advanceBy(CHALLENGE_MS);
      case 'mode.requested':
        return void mode.set(event.mode, event.by);
      case 'effect.failed':
        return this.#fail(event, text);
    }
  }

  state(): string {
    return this.#running.standing;
  }

  /** I25: live only with the name of whoever confirmed it, and never in a process that was not asked. */
  check({ text, context }: State): void {
    const mode = this.#running;
    if (mode.isLive !== (text === 'live')) throw new Error(`expected live only in live, found ${text}`);
    if (mode.isLive && context.confirmedBy !== 'ann') throw new Error('expected live to be confirmed by a person');
    const isSending = ['live', 'paper', 'fixed'].includes(text);
    if (mode.holds() !== isSending)
      throw new Error(`expected entries ${isSending ? 'allowed' : 'held back'} in ${text}`);
    if (text !== 'arming' && context.challenge !== undefined) throw new Error('expected the challenge to be spent');
  }

  stop(): void {
    this.#mode = undefined;
  }

  #request(event: ModeEvent & { type: 'live.requested' }): Applied<Machine> {
    this.#blockers = event.blockers;
    const { by, from } = event;
    const answer = this.#running.requestLive({ by, from, phrase: PHRASE });
    const made = challenge(`c${this.#made}`);
    if (answer.kind === 'challenged') this.#openId = made.id;
    return { took: [{ ...event, challenge: made }] };
  }

  #confirm(event: ModeEvent & { type: 'confirmation.received' }, asked: string | undefined): Applied<Machine> {
    this.#blockers = event.blockers;
    this.#hash = event.challenge.configHash;
    // Generated paths name the open challenge as it was when they were made.
    const id = ['next', asked].includes(event.challenge.id) ? this.#openId : event.challenge.id;
    const { by, from, challenge: given } = event;
    this.#running.confirmLive({ by, from, id, phrase: given.phrase });
    this.#hash = HASH;
    return { took: [{ ...event, challenge: { ...given, id } }] };
  }

  #fail(event: ModeEvent, text: string): Applied<Machine> {
    const other = text === 'paper' ? 'dryRun' : 'paper';
    if (text === 'fixed') return unrealisable('a fixed mode announces nothing');
    this.#isScreenBroken = true;
    this.#running.set(other, 'ann');
    this.#isScreenBroken = false;
    return { took: [{ type: 'mode.requested', by: 'ann', mode: other }, event] };
  }

  get #running(): Mode {
    if (this.#mode === undefined) throw new Error('expected a driver that was started');
    return this.#mode;
  }
}

for (const mode of ['paper', 'dryRun', 'demo'] as const) {
  describeModel({
    machine: modeMachine,
    variant: `started as ${mode}`,
    input: { mode, challengeMs: CHALLENGE_MS },
    events,
    keep: ({ origin }) => origin,
    driver: () => new ModeDriver(mode),
    walks: { seed: `mode/${mode}`, count: 20, steps: 20 },
  });
}

const EDGES = edgesOf(modeMachine).map(({ id }) => id);

for (const mode of ['paper', 'dryRun', 'demo'] as const) {
  describeModel({
    machine: modeMachine,
    variant: `at venues, started as ${mode}`,
    input: { mode, challengeMs: CHALLENGE_MS },
    events: (state) => events(state).filter((event) => event !== UNKNOWN),
    keep: ({ origin }) => origin,
    driver: () => new ModeAtVenues(mode),
    wanted: new Set(
      mode === 'paper' ? EDGES : EDGES.filter((edge) => edge.startsWith(`mode.${mode === 'demo' ? 'fixed' : mode}`)),
    ),
    place: 'venues',
  });
}
