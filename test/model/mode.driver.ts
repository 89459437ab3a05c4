/** A person says where orders go, in trading at both simulated venues: what arrives there shows whether they may. */
import type { ModeEvent, ModeInput } from '../../src/machines/mode.machine.ts';
import { ControlDriver } from './control.driver.ts';
import { type Applied, unrealisable } from './harness/driver.ts';
import type { ModelEvent } from './harness/model.ts';
import type { Problem } from './linked.driver.ts';
import { CHALLENGE_MS, HASH, type Machine, PHRASE, type State } from './mode.catalogue.ts';

const PATH = 'mode';
const SENDS: ReadonlySet<string> = new Set(['live', 'paper', 'fixed']);

export class ModeAtVenues extends ControlDriver<Machine> {
  readonly #settings: ModeInput;
  #blockers: readonly string[] = [];
  #hash = HASH;
  #openId = 'none';
  #isScreenBroken = false;

  constructor(mode: ModeInput['mode']) {
    super();
    this.#settings = { mode, challengeMs: CHALLENGE_MS };
  }

  async start(): Promise<void> {
    await this.open({
      chart: 'mode',
      parts: { mode: { settings: this.#settings, blockers: () => this.#blockers, configHash: () => this.#hash } },
      listeners: {
        onMode: () => {
          if (this.#isScreenBroken) throw new Error('no screen');
        },
      },
    });
    await this.world.start();
    await this.knock();
  }

  async apply(event: ModelEvent<Machine>, model: State): Promise<Applied<Machine>> {
    // An entry that is on its way when orders are held back is finished all the same.
    const held = SENDS.has(model.text) ? await this.world.begin(this.world.knockPair) : undefined;
    const problem = await this.#bring(event as ModeEvent, model);
    if (held !== undefined) await this.complete(held);
    const took = this.heard();
    if (problem !== undefined && took.length === 0) return unrealisable(problem);
    this.resume();
    await this.knock();
    return { took };
  }

  protected get path(): string {
    return PATH;
  }

  protected get isEntering(): boolean {
    return SENDS.has(this.state());
  }

  state(): string {
    return this.#mode.standing;
  }

  /** I25: live only with the name of whoever confirmed it; what reduces may leave in every mode. */
  override check(model: State): void {
    const { text, context } = model;
    if (this.#mode.isLive !== (text === 'live')) throw new Error(`expected live only in live, found ${text}`);
    if (this.#mode.isLive && context.confirmedBy !== 'ann')
      throw new Error('expected live to be confirmed by a person');
    super.check(model);
  }

  get #mode() {
    const { mode } = this.world.trading.life;
    if (mode === undefined) throw new Error('expected a mode, found none');
    return mode;
  }

  async #bring(event: ModeEvent, { text, context }: State): Promise<Problem> {
    switch (event.type) {
      case 'live.requested': {
        this.#blockers = event.blockers;
        const answer = this.#mode.requestLive({ by: event.by, from: event.from, phrase: PHRASE });
        if (answer.kind === 'challenged') this.#openId = answer.challenge.id;
        return undefined;
      }
      case 'confirmation.received': {
        const { by, from, challenge } = event;
        this.#blockers = event.blockers;
        this.#hash = challenge.configHash;
        // The path names the challenge as its model did when it was made.
        const isOpen = ['next', context.challenge?.id].includes(challenge.id);
        this.#mode.confirmLive({ by, from, id: isOpen ? this.#openId : challenge.id, phrase: challenge.phrase });
        this.#hash = HASH;
        return undefined;
      }
      case 'challenge.expired':
        if (text !== 'arming') return 'only an open challenge has this timer';
        await this.world.lull(() => this.state() !== 'arming', CHALLENGE_MS);
        return undefined;
      case 'mode.requested':
        this.#mode.set(event.mode, event.by);
        return undefined;
      case 'effect.failed': {
        if (text === 'fixed') return 'a fixed mode announces nothing';
        this.#isScreenBroken = true;
        this.#mode.set(text === 'paper' ? 'dryRun' : 'paper', 'ann');
        this.#isScreenBroken = false;
        return undefined;
      }
    }
  }
}
