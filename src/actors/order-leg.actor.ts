/** Joins the chart of an order leg, and of the trades below it, to the desk. */
import { orderLegMachine } from '../machines/order-leg.machine.ts';
import { orderLegEffects } from '../machines/order-leg.setup.ts';
import { venueTradeEffects, venueTradeMachine } from '../machines/venue-trade.machine.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { OrderDesk } from './order-desk.ts';

export function bindOrderLeg(
  runtime: ActorRuntime,
  desk: Pick<OrderDesk, 'legHandlers' | 'tradeHandlers'>,
): typeof orderLegMachine {
  const venueTrade = runtime.bind(venueTradeMachine, venueTradeEffects, desk.tradeHandlers);
  return runtime.bind(orderLegMachine, orderLegEffects, desk.legHandlers, { venueTrade });
}
