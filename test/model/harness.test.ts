import { describe, expect, it } from 'vitest';
import { type Actor, assign, cancel, createActor, raise, setup } from 'xstate';
import { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { stateText } from '../../src/actors/record-fields.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { effect, reportUnexpected } from '../../src/machines/effects.ts';
import { edgesFired, onEdge } from './harness/coverage.ts';
import { describeModel } from './harness/describe-model.ts';
import { type Applied, type Driver, runPath, unrealisable } from './harness/driver.ts';
import { interleave } from './harness/interleave.ts';
import { Model, type ModelSpec } from './harness/model.ts';
import { pathsOf } from './harness/paths.ts';

type DoorEvent =
  | { readonly type: 'opening.requested' }
  | { readonly type: 'key.tried'; readonly fits: boolean }
  | { readonly type: 'patience.ended' }
  | { readonly type: 'door.burnt' };

const doorEffects = { requestKey: effect<{ readonly tries: number }>() };
const doorMachine = setup({
  types: {} as { context: { tries: number }; events: DoorEvent; input: { tries: number } },
  actions: {
    ...doorEffects,
    reportUnexpected,
    count: assign({ tries: ({ context }) => context.tries + 1 }),
    startPatience: raise({ type: 'patience.ended' }, { delay: 'patience', id: 'patience' }),
    endPatience: cancel('patience'),
  },
  guards: {
    fits: ({ event }) => event.type === 'key.tried' && event.fits,
    isWornOut: ({ context }) => context.tries >= 2,
  },
  delays: { patience: 1_000 },
}).createMachine({
  id: 'door',
  context: ({ input }) => ({ tries: input.tries }),
  initial: 'shut',
  states: {
    shut: { on: { 'opening.requested': 'trying' } },
    trying: {
      entry: ['startPatience', { type: 'requestKey', params: ({ context }) => ({ tries: context.tries }) }],
      exit: 'endPatience',
      on: {
        'key.tried': [
          { guard: 'fits', target: 'open' },
          { guard: 'isWornOut', target: 'stuck' },
          { target: 'trying', reenter: true, actions: 'count' },
        ],
        'patience.ended': 'shut',
      },
    },
    stuck: { on: { 'door.burnt': 'gone' } },
    open: {},
    gone: { type: 'final' },
  },
  on: { '*': { actions: 'reportUnexpected' } },
});
type DoorMachine = typeof doorMachine;

const spec: ModelSpec<DoorMachine> = {
  machine: doorMachine,
  input: { tries: 0 },
  events: [
    { type: 'opening.requested' },
    { type: 'key.tried', fits: true },
    { type: 'key.tried', fits: false },
    { type: 'patience.ended' },
    { type: 'door.burnt' },
  ],
  keep: ({ tries }) => tries,
};

/** A real actor whose keys come from a locksmith, who can be planted with a fault. */
class DoorDriver implements Driver<DoorMachine> {
  readonly #clock = new VirtualClock();
  readonly #isSwapped: boolean;
  #answer: ((fits: boolean) => void) | undefined;
  #send: (event: DoorEvent) => void = () => undefined;
  #actor: Actor<DoorMachine> | undefined;

  constructor(given: { readonly isSwapped: boolean } = { isSwapped: false }) {
    this.#isSwapped = given.isSwapped;
  }

  start(): void {
    const runtime = new ActorRuntime({
      clock: this.#clock,
      journal: { append: () => 1 },
      onFault: ({ error }) => {
        throw error;
      },
      definitionOf: () => '',
      onEdge,
    });
    const bound = runtime.bind(doorMachine, doorEffects, {
      requestKey: (actor) => {
        this.#answer = (fits) => {
          const tried: DoorEvent = { type: 'key.tried', fits: fits !== this.#isSwapped };
          actor.send(tried);
        };
      },
    });
    const actor = runtime.start(bound, { id: 'door', input: spec.input });
    this.#actor = actor;
    this.#send = (event) => runtime.send(actor, event);
  }

  apply(event: DoorEvent): Applied<DoorMachine> {
    if (event.type === 'patience.ended') {
      if (this.state() !== 'trying') return unrealisable('nobody is waiting');
      this.#clock.advanceBy(1_000);
    } else if (event.type === 'key.tried') {
      if (this.#answer === undefined) return unrealisable('the locksmith was not asked');
      this.#answer(event.fits);
    } else this.#send(event);
    return undefined;
  }

  state(): string {
    return stateText(this.#actor?.getSnapshot().value);
  }

  stop(): void {
    this.#actor?.stop();
  }
}

describeModel({ ...spec, driver: () => new DoorDriver(), walks: { seed: 'door', count: 3, steps: 30 } });

describe('what coverage and journal need of XState', () => {
  it('says with each microstep which transitions were taken, as the very objects of the machine', () => {
    const declared = new Set<unknown>([...doorMachine.root.transitions.values()].flat());
    for (const state of Object.values(doorMachine.states)) {
      for (const transition of [...state.transitions.values()].flat()) declared.add(transition);
    }
    const taken: unknown[] = [];
    const quiet = doorMachine.provide({ actions: { requestKey: () => undefined, reportUnexpected: () => undefined } });
    const found = new Set<unknown>([...quiet.root.transitions.values()].flat());
    for (const state of Object.values(quiet.states)) {
      for (const transition of [...state.transitions.values()].flat()) found.add(transition);
    }
    const actor = createActor(quiet, {
      input: { tries: 0 },
      inspect: (event) => {
        if (event.type === '@xstate.microstep') taken.push(...event._transitions);
      },
    });
    actor.start();
    actor.send({ type: 'opening.requested' });
    expect(taken.length).toBe(1);
    expect(taken.every((transition) => found.has(transition))).toBe(true);
    expect(found.size).toBe(declared.size);
    actor.stop();
  });
});

describe('model harness', () => {
  it('takes every declared edge of a chart, in the real actor', () => {
    expect([...edgesFired('door')].sort()).toEqual(
      edgesOf(doorMachine)
        .map(({ id }) => id)
        .sort(),
    );
  });

  it('reaches every state', () => {
    const model = new Model(spec);
    const reached = new Set<string>();
    for (const { events } of pathsOf(model)) {
      let { state } = model.start();
      for (const event of events) {
        state = model.step(state, event).state;
        reached.add(state.text);
      }
    }
    expect([...reached].sort()).toEqual(['gone', 'open', 'shut', 'stuck', 'trying']);
  });

  it('gives the same paths for the same seed', () => {
    const walks = { seed: 'again', count: 2, steps: 20 };
    expect(pathsOf(new Model(spec), { walks })).toEqual(pathsOf(new Model(spec), { walks }));
  });

  it('prints a failing path so that it can be pasted', async () => {
    const path = {
      name: 'opens',
      events: [{ type: 'opening.requested' }, { type: 'key.tried', fits: true }],
      seed: 's',
    };
    await expect(runPath(new Model(spec), new DoorDriver({ isSwapped: true }), path)).rejects.toThrow(
      `expected the actor in open, found trying\nafter 2 steps, model in open\nseed: 's'\nreplay: [\n  {"type":"opening.requested"},\n  {"type":"key.tried","fits":true},\n]`,
    );
  });

  it('follows what the actor received where the world did something else', async () => {
    class Late extends DoorDriver {
      override apply(event: DoorEvent): Applied<DoorMachine> {
        if (event.type !== 'key.tried') return super.apply(event);
        super.apply({ type: 'patience.ended' });
        return { took: [{ type: 'patience.ended' }] };
      }
    }
    const path = { name: 'opens', events: [{ type: 'opening.requested' }, { type: 'key.tried', fits: true }] };
    expect(await runPath(new Model(spec), new Late(), path)).toEqual({ steps: 2, unrealisable: [] });
  });

  it('counts a step that cannot be realised and ends the path there', async () => {
    const events = [{ type: 'key.tried', fits: true }, { type: 'opening.requested' }];
    expect(await runPath(new Model(spec), new DoorDriver(), { name: 'too early', events })).toEqual({
      steps: 0,
      unrealisable: [{ event: 'key.tried', reason: 'the locksmith was not asked' }],
    });
  });

  it('refuses a catalogue that never ends', () => {
    expect(() => pathsOf(new Model({ ...spec, limit: 3 }))).toThrow('expected at most 3 states');
  });

  it.each(['a', 'b', 'c'])('follows an interleaving with duplicates and late events (seed %s)', async (seed) => {
    const report = await interleave(spec, new DoorDriver(), { seed, steps: 60 });
    expect(report.steps).toBeGreaterThan(0);
  });

  it('catches a planted fault in an interleaving and names its seed', async () => {
    await expect(interleave(spec, new DoorDriver({ isSwapped: true }), { seed: 'x', steps: 60 })).rejects.toThrow(
      /expected the actor in \w+, found \w+.*seed: 'x'/s,
    );
  });
});
