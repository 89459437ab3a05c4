/**
 * What each leg of a basket pays in every state that its contract rules allow.
 *
 * A state is one way the event can end, including the ends nobody asks about: void, a tie, an outcome
 * that neither venue lists. A basket is worth its lowest payoff and never its mean: what is missing
 * from the table is missing from the guarantee (docs/rules.md §6).
 */
import { invariant } from '../invariant.ts';
import { complement, PRICE_ONE, type PriceE4, priceE4 } from '../units.ts';

/** Payout of one contract in each state, in the order of the table's states. */
export type PayoffVector = readonly PriceE4[];

export interface PayoffTable {
  readonly states: readonly string[];
  /** One vector a leg. */
  readonly payoffs: readonly PayoffVector[];
}

/** A table whose shape is checked: at least one state and one leg, no state twice, every leg pays something known in each. */
export function payoffTable(table: PayoffTable): PayoffTable {
  const { states, payoffs } = table;
  invariant(
    states.length > 0 && payoffs.length > 0,
    () => `a payoff table needs a state and a leg, found ${states.length} states and ${payoffs.length} legs`,
  );
  invariant(
    new Set(states).size === states.length,
    () => `states of a payoff table must differ, found ${states.join(', ')}`,
  );
  for (const payoff of payoffs) {
    invariant(
      payoff.length === states.length,
      () => `a leg must pay in each of ${states.length} states, found ${payoff.length}`,
    );
    for (const payout of payoff) priceE4(payout);
  }
  return table;
}

/** What one set (one contract of every leg) pays in each state, in ten-thousandths of a dollar. */
export function basketPayoffs(table: PayoffTable): readonly number[] {
  return table.states.map((_state, at) => table.payoffs.reduce((sum, payoff) => sum + payoffIn(payoff, at), 0));
}

/** The least that one set pays, over all states, in ten-thousandths of a dollar. */
export function worstPayoffE4(table: PayoffTable): number {
  return Math.min(...basketPayoffs(table));
}

/** The payoff of the opposite side of the same contract: 1 − p in every state, ties and voids included. */
export function oppositePayoff(payoff: PayoffVector): PayoffVector {
  return payoff.map(complement);
}

/** Pays a dollar in the states that `pays` picks and nothing in the others. */
export function binaryPayoff<S>(states: readonly S[], pays: (state: S) => boolean): PayoffVector {
  return states.map((state) => (pays(state) ? PRICE_ONE : priceE4(0)));
}

function payoffIn(payoff: PayoffVector, at: number): number {
  const payout = payoff[at];
  invariant(payout !== undefined, () => `a leg must pay in each state, found none for state ${at}`);
  return payout;
}
