/** The last word before orders leave: what the books say, then whether each of them is permitted. */
import type { AttemptDesk } from './attempt-desk.ts';
import type { BreakerGate } from './breaker-gate.ts';
import type { FinalLook } from './order-desk.ts';
import type { LivePermit } from './permit.ts';

export function finalLookOf(attempts: Pick<AttemptDesk, 'finalLook'>, gate: Pick<BreakerGate, 'permit'>): FinalLook {
  return (orders) => {
    const reason = attempts.finalLook(orders);
    if (reason !== undefined) return { kind: 'withheld', reason };
    const permits: LivePermit[] = [];
    for (const order of orders) {
      const permit = gate.permit(order);
      if (permit.kind === 'refused') return { kind: 'withheld', reason: permit.reason };
      permits.push(permit);
    }
    return { kind: 'go', permits };
  };
}
