/** Joins the chart of a quote to its desk and to the order leg that rests for it. */
import type { AnyStateMachine } from 'xstate';
import { quoteEffects, quoteMachine } from '../machines/quote.machine.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { QuoteDesk } from './quote-desk.ts';

export function bindQuote(runtime: ActorRuntime, desk: QuoteDesk, orderLeg: AnyStateMachine): typeof quoteMachine {
  return runtime.bind(quoteMachine, quoteEffects, desk.handlers(), { orderLeg });
}
