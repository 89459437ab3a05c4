/** Long random runs in a world that repeats, swaps and delays: the order of events is nobody's promise. */
import type { AnyStateMachine, EventObject } from 'xstate';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { noteRun, type Place } from './coverage.ts';
import { type Driver, type PathReport, Run } from './driver.ts';
import { Model, type ModelEvent, type ModelSpec } from './model.ts';
import { draw } from './paths.ts';

export interface Interleaving {
  readonly seed: string;
  readonly steps: number;
  /** Chances, each step: that an event comes twice, that it changes places with the next, that it comes late. */
  readonly duplicate?: number;
  readonly reorder?: number;
  readonly late?: number;
  readonly place?: Place;
}

/** A late event comes after at most this many others. */
const LATE_STEPS_MAX = 6;

export async function interleave<Machine extends AnyStateMachine>(
  spec: ModelSpec<Machine>,
  driver: Driver<Machine>,
  given: Interleaving,
): Promise<PathReport> {
  const { seed, steps, duplicate = 0.1, reorder = 0.1, late = 0.1, place } = given;
  const random = seededRandom(seed);
  const model = new Model(spec);
  const run = new Run(model, driver, { name: `interleaves at random with seed ${seed}`, events: [], seed });
  const held: { readonly event: EventObject; readonly dueAt: number }[] = [];
  try {
    await run.start();
    for (let at = 0; at < steps && run.state.snapshot.status === 'active'; at++) {
      const due = held.findIndex(({ dueAt }) => dueAt <= at);
      const event = due < 0 ? draw(model, run.state, random) : held.splice(due, 1)[0]?.event;
      if (event === undefined) break;
      const chance = random.next();
      if (due < 0 && chance < late) held.push({ event, dueAt: at + 2 + random.below(LATE_STEPS_MAX - 1) });
      else if (due < 0 && chance < late + reorder) held.push({ event, dueAt: at + 2 });
      else await run.step(event as ModelEvent<Machine>);
      if (chance > 1 - duplicate) held.push({ event, dueAt: at + 1 });
    }
    await run.end();
  } catch (error) {
    throw run.failure(error);
  } finally {
    await driver.stop();
  }
  const report = run.report();
  noteRun(spec.machine.id, report, place);
  return report;
}
