/** What the orders of an exit have come to, as the registry has it: what an exit is followed by whose actor broke. */
import { exitAttemptId, plannedReport } from '../domain/execution/exit-plan.ts';
import type { LegReport } from '../domain/execution/leg.ts';
import { sizeE6 } from '../domain/units.ts';
import { actorIdOf, type PlacedLeg } from '../machines/child-leg.ts';
import type { KnownOrder, OrderRegistry } from './order-registry.ts';

export function exitOrdersIn(
  registry: Pick<OrderRegistry, 'ordersOf'>,
  exit: { readonly positionId: string; readonly leg: number },
): readonly PlacedLeg[] {
  return registry.ordersOf(exitAttemptId(exit)).map((known) => ({
    legId: known.order.legId,
    actorId: actorIdOf(known.order.legId),
    sinceMicros: known.intentAt,
    report: reportOf(known),
    isSettled: known.isReleased,
  }));
}

function reportOf({ order, report = plannedReport(order), isReleased }: KnownOrder): LegReport {
  if (!isReleased || report.standing === 'ended') return report;
  // Released without an end: it was withdrawn before it left, and its leg was gone.
  return { ...report, standing: 'ended', end: 'withheld', openE6: sizeE6(0) };
}
