/** What a leg believes, held against what is true at its simulated venue. */
import type { EventObject } from 'xstate';
import { filledSpan } from '../../src/domain/execution/leg.ts';
import type { LegWorld } from './order-leg.world.ts';

const CALM_STEPS_MAX = 120;

/** Faults stop, everything that waits comes through, and time passes until the leg closes. */
export async function calmDown(world: LegWorld): Promise<void> {
  await world.openDoors();
  for (let step = 0; step < CALM_STEPS_MAX && !world.isOver; step++) {
    settleTrades(world);
    if (world.isResting && world.context.cancelReason === undefined)
      world.send({ type: 'cancel.requested', reason: 'calm' } as EventObject);
    if (!(await world.runOut())) await world.settle();
  }
}

/** At every step. */
export function checkSpan(world: LegWorld): void {
  if (world.state === 'planned') return;
  const { leastE6, mostE6 } = filledSpan(world.leg.report());
  const { filledE6 } = world;
  if (filledE6 < leastE6 || filledE6 > mostE6)
    throw new Error(`expected a true fill of ${leastE6} to ${mostE6}, found ${filledE6} in ${world.state}`);
}

/** At the end. */
export function checkTruth(world: LegWorld): void {
  const { leastE6, mostE6 } = filledSpan(world.leg.report());
  const { filledE6 } = world;
  if (!world.isOver || leastE6 !== filledE6 || mostE6 !== filledE6)
    throw new Error(`expected a closed leg with ${filledE6} filled, found ${world.state} with ${leastE6} to ${mostE6}`);
}

/** The same in our books, where nothing contradicted itself. */
export function checkBooks(world: LegWorld): void {
  const { accounts, triggers } = world.desk;
  const differing = triggers.filter(({ kind }) => kind === 'LEDGER_DIFFERS');
  if (differing.length > 0)
    throw new Error(`expected books without a contradiction, found ${JSON.stringify(differing)}`);
  const held = accounts.ledger.holdings().find(({ venue }) => venue === world.order.venue)?.sizeE6 ?? 0;
  if (held !== world.filledE6) throw new Error(`expected ${world.filledE6} in the books, found ${held}`);
}

/** The chain takes what it has not refused, and a person looks at what is contradictory. */
function settleTrades(world: LegWorld): void {
  if (world.order.venue !== 'polymarket') return;
  const { polymarket } = world.venues;
  for (const { id, status } of polymarket.trades()) {
    if (status !== 'CONFIRMED' && status !== 'FAILED') polymarket.sim.control.moveTrade(id, 'CONFIRMED');
    for (const { tradeId, standing } of world.context.evidence.fills)
      if (standing === 'quarantined' && tradeId.includes(id))
        world.send({
          type: 'trade.reviewed',
          tradeId,
          settlement: status === 'FAILED' ? 'failed' : 'confirmed',
        } as EventObject);
  }
}
