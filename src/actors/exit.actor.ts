/** Joins the chart of an exit to its desk and to the order leg that it sells with. */
import type { AnyStateMachine } from 'xstate';
import { exitEffects, exitMachine } from '../machines/exit.machine.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { ExitDesk } from './exit-desk.ts';

export function bindExit(runtime: ActorRuntime, desk: ExitDesk, orderLeg: AnyStateMachine): typeof exitMachine {
  return runtime.bind(exitMachine, exitEffects, desk.handlers(), { orderLeg });
}
