/** Every chart, for whatever treats all of them alike: documents, checks, coverage, views. */
import type { AnyStateMachine, InputFrom } from 'xstate';
import { attemptMachine } from './attempt.machine.ts';
import { attemptEffects } from './attempt.setup.ts';
import { bookFeedEffects, bookFeedMachine } from './book-feed.machine.ts';
import {
  SAMPLE_ATTEMPT,
  SAMPLE_BREAKER,
  SAMPLE_CONNECTION,
  SAMPLE_EXIT,
  SAMPLE_FEED,
  SAMPLE_ORDER,
  SAMPLE_POSITION,
  SAMPLE_QUOTE,
  SAMPLE_VENUE,
} from './chart-samples.ts';
import { circuitBreakerEffects, circuitBreakerMachine } from './circuit-breaker.machine.ts';
import { connectionEffects } from './connection.events.ts';
import { connectionMachine } from './connection.machine.ts';
import { engineEffects, engineMachine } from './engine.machine.ts';
import { exitEffects, exitMachine } from './exit.machine.ts';
import { modeEffects, modeMachine } from './mode.machine.ts';
import { orderLegMachine } from './order-leg.machine.ts';
import { orderLegEffects } from './order-leg.setup.ts';
import { pairEffects, pairMachine } from './pair.machine.ts';
import { positionMachine } from './position.machine.ts';
import { positionEffects } from './position.setup.ts';
import { quoteEffects, quoteMachine } from './quote.machine.ts';
import { rateLimitEffects, rateLimitMachine } from './rate-limit.machine.ts';
import { strategyEffects, strategyMachine } from './strategy.machine.ts';
import { venueEffects, venueMachine } from './venue.machine.ts';
import { venueTradeEffects, venueTradeMachine } from './venue-trade.machine.ts';

export interface Chart {
  /** The machine's id. */
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly effects: Readonly<Record<string, unknown>>;
  /** Something that the machine can be started with. */
  readonly input: unknown;
}

export const CHARTS: readonly Chart[] = [
  chart(engineMachine, engineEffects, { checksMsMax: 60_000, drainMsMax: 120_000 }),
  chart(modeMachine, modeEffects, { mode: 'paper', challengeMs: 60_000 }),
  chart(circuitBreakerMachine, circuitBreakerEffects, { policy: SAMPLE_BREAKER }),
  chart(venueMachine, venueEffects, SAMPLE_VENUE),
  chart(connectionMachine, connectionEffects, SAMPLE_CONNECTION),
  chart(bookFeedMachine, bookFeedEffects, { book: 'KXFED-26SEP-T4.25', terms: SAMPLE_FEED }),
  chart(rateLimitMachine, rateLimitEffects, { venue: 'kalshi', budget: 'write', coolDownMs: 1_000 }),
  chart(pairMachine, pairEffects, { pairId: 'fed-sep', scoreE6: 980_000, proofMs: 60_000 }),
  chart(strategyMachine, strategyEffects, { strategyId: 'cross-venue' }),
  chart(attemptMachine, attemptEffects, { plan: SAMPLE_ATTEMPT, sinceMicros: 0 }),
  chart(orderLegMachine, orderLegEffects, { order: SAMPLE_ORDER }),
  chart(venueTradeMachine, venueTradeEffects, { tradeId: 't1', sizeE6: 5_000_000, settlement: 'matched' }),
  chart(positionMachine, positionEffects, SAMPLE_POSITION),
  chart(exitMachine, exitEffects, SAMPLE_EXIT),
  chart(quoteMachine, quoteEffects, SAMPLE_QUOTE),
];

function chart<Machine extends AnyStateMachine>(
  machine: Machine,
  effects: Readonly<Record<string, unknown>>,
  input: InputFrom<Machine>,
): Chart {
  return { name: machine.id, machine, effects, input };
}
