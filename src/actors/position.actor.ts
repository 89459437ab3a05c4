/** Joins the chart of a position to its desk and to its exits. */
import type { AnyStateMachine } from 'xstate';
import { positionMachine } from '../machines/position.machine.ts';
import { positionEffects } from '../machines/position.setup.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { PositionDesk } from './position-desk.ts';

export function bindPosition(runtime: ActorRuntime, desk: PositionDesk, exit: AnyStateMachine): typeof positionMachine {
  return runtime.bind(positionMachine, positionEffects, desk.handlers(), { exit });
}
