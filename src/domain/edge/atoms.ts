/**
 * The states of an event, cut as finely as its contracts can tell them apart (docs/rules.md §6).
 *
 * Three kinds of fact cut them: the value that is read at one instant (strikes), how high something
 * has reached by each deadline (strikes × deadlines), and which outcome happens. An atom is one cell
 * of each, and every contract pays the same throughout an atom. A combination that cannot happen in
 * the world is kept: it can only make a guarantee smaller, never larger.
 */
import { invariant, unreachable } from '../invariant.ts';
import { complement, type PriceE4 } from '../units.ts';
import { binaryPayoff, type PayoffTable, type PayoffVector, payoffTable } from './payoff-table.ts';

/** The words of the venue: `greater` leaves the strike itself out, `greater_or_equal` takes it in. */
export type Comparator = 'greater' | 'greater_or_equal' | 'less' | 'less_or_equal';

/** One end of a range of values. Strikes are whole numbers in a unit that the caller chooses once for all legs. */
export interface Bound {
  readonly strike: number;
  readonly comparator: Comparator;
}

/** What a contract says happens when it pays YES. */
export type Claim =
  /** the value at the instant of observation satisfies every bound */
  | { readonly kind: 'value'; readonly bounds: readonly Bound[] }
  /** the event has happened (or the level was reached) by the deadline: cumulative */
  | { readonly kind: 'by'; readonly deadline: number; readonly reaches?: Bound }
  /** the event happens (or the level is first reached) after one instant and by another: "on", "during" */
  | { readonly kind: 'within'; readonly after: number; readonly deadline: number; readonly reaches?: Bound }
  /** this outcome is the one that happens */
  | { readonly kind: 'outcome'; readonly outcome: string };

/** A state whose payouts the rules give outright: a void, a tie. One YES payout for each claim, in order. */
export interface SpecialState {
  readonly name: string;
  readonly yesPayouts: readonly PriceE4[];
}

export interface ClaimedLeg {
  readonly claim: Claim;
  readonly side: 'yes' | 'no';
}

/** Everything besides the claims that the states depend on. */
export interface StateSpace {
  /** Every outcome that can happen, with "none" unless it is proven impossible. */
  readonly outcomes?: readonly string[];
  /** The values are whole multiples of this: then "> 50" and "≥ 51" are one strike. */
  readonly granularity?: number;
  readonly special?: readonly SpecialState[];
}

/** A strike as a place between values: an even number lies just below a value, an odd one just above it. */
type Cut = number;

interface Atom {
  readonly name: string;
  /** Cuts below the value. */
  readonly value: number;
  /** For each deadline in order, cuts below what has been reached by then. Never falls. */
  readonly reached: readonly number[];
  readonly outcome: string | undefined;
}

interface Axes {
  readonly valueCuts: readonly Cut[];
  readonly reachCuts: readonly Cut[];
  readonly deadlines: readonly number[];
  readonly granularity: number | undefined;
}

/** Without a level to reach, "happens by" is reaching the only level there is. */
const HAPPENS: Bound = { strike: 0, comparator: 'greater_or_equal' };

/** The payoff table of legs over the atoms of their claims, with the special states after them. */
export function claimTable(legs: readonly ClaimedLeg[], space: StateSpace = {}): PayoffTable {
  const claims = legs.map((leg) => leg.claim);
  const axes = axesOf(claims, space.granularity);
  const atoms = atomsOf(axes, space.outcomes);
  const special = space.special ?? [];
  for (const state of special) {
    invariant(
      state.yesPayouts.length === legs.length,
      () => `state ${state.name} must pay each of ${legs.length} legs, found ${state.yesPayouts.length} payouts`,
    );
  }
  const payoffs = legs.map(({ claim, side }, at): PayoffVector => {
    const yes = [
      ...binaryPayoff(atoms, (atom) => holds(claim, atom, axes)),
      ...special.flatMap((state) => state.yesPayouts[at] ?? []),
    ];
    return side === 'yes' ? yes : yes.map(complement);
  });
  return payoffTable({ states: [...atoms.map((atom) => atom.name), ...special.map((state) => state.name)], payoffs });
}

function axesOf(claims: readonly Claim[], granularity: number | undefined): Axes {
  const valueCuts = new Set<Cut>();
  const reachCuts = new Set<Cut>();
  const deadlines = new Set<number>();
  for (const claim of claims) {
    switch (claim.kind) {
      case 'value':
        for (const bound of claim.bounds) valueCuts.add(cutOf(bound, granularity));
        break;
      case 'by':
      case 'within':
        reachCuts.add(cutOf(reachOf(claim.reaches), granularity));
        deadlines.add(claim.deadline);
        if (claim.kind === 'within') deadlines.add(claim.after);
        break;
      case 'outcome':
        break;
      default:
        unreachable(claim, 'a claim');
    }
  }
  return {
    valueCuts: ascending(valueCuts),
    reachCuts: ascending(reachCuts),
    deadlines: ascending(deadlines),
    granularity,
  };
}

/** What a deadline claim reaches. Only upward: a fall below a level is another axis, and must be claimed as one. */
function reachOf(bound: Bound | undefined): Bound {
  const reached = bound ?? HAPPENS;
  invariant(
    reached.comparator === 'greater' || reached.comparator === 'greater_or_equal',
    () => `a level that is reached by a deadline must be greater or greater_or_equal, found ${reached.comparator}`,
  );
  return reached;
}

/** `> s` and `≤ s` cut just above s; `≥ s` and `< s` cut just below it. */
function cutOf(bound: Bound, granularity: number | undefined): Cut {
  const { strike, comparator } = bound;
  invariant(
    Number.isSafeInteger(strike) && Number.isSafeInteger(strike * 2 + 1),
    () => `a strike must be a whole number in its unit, found ${strike} (${comparator})`,
  );
  const above = comparator === 'greater' || comparator === 'less_or_equal';
  if (granularity === undefined) return strike * 2 + (above ? 1 : 0);
  // On a grid nothing lies between a value and the next, so the cut moves up to just below the next value.
  const next = above
    ? (Math.floor(strike / granularity) + 1) * granularity
    : Math.ceil(strike / granularity) * granularity;
  return next * 2;
}

function holds(claim: Claim, atom: Atom, axes: Axes): boolean {
  switch (claim.kind) {
    case 'value':
      return claim.bounds.every((bound) => {
        const above = atom.value > axes.valueCuts.indexOf(cutOf(bound, axes.granularity));
        return bound.comparator === 'greater' || bound.comparator === 'greater_or_equal' ? above : !above;
      });
    case 'by':
      return hasReached(atom, axes, { reaches: claim.reaches, deadline: claim.deadline });
    case 'within':
      return (
        hasReached(atom, axes, { reaches: claim.reaches, deadline: claim.deadline }) &&
        !hasReached(atom, axes, { reaches: claim.reaches, deadline: claim.after })
      );
    case 'outcome':
      return atom.outcome === claim.outcome;
    default:
      return unreachable(claim, 'a claim');
  }
}

function hasReached(
  atom: Atom,
  axes: Axes,
  what: { readonly reaches: Bound | undefined; readonly deadline: number },
): boolean {
  const reached = atom.reached[axes.deadlines.indexOf(what.deadline)];
  invariant(reached !== undefined, () => `deadline ${what.deadline} must be one of ${axes.deadlines.join(', ')}`);
  return reached > axes.reachCuts.indexOf(cutOf(reachOf(what.reaches), axes.granularity));
}

function atomsOf(axes: Axes, outcomes: readonly string[] | undefined): Atom[] {
  const paths = pathsOf(axes.deadlines.length, axes.reachCuts.length);
  const atoms: Atom[] = [];
  for (let value = 0; value <= axes.valueCuts.length; value++) {
    for (const reached of paths) {
      for (const outcome of outcomes ?? [undefined]) {
        const names = [
          ...(axes.valueCuts.length > 0 ? [cellName('x', axes.valueCuts, value)] : []),
          ...(axes.deadlines.length > 0 ? [`reached ${reached.join('/')}`] : []),
          ...(outcome === undefined ? [] : [outcome]),
        ];
        atoms.push({ name: names.join(' & ') || 'any', value, reached, outcome });
      }
    }
  }
  return atoms;
}

/** All never-falling sequences of 0..`levels`, one entry a deadline: what is reached stays reached. */
function pathsOf(deadlines: number, levels: number): number[][] {
  let paths: number[][] = [[]];
  for (let at = 0; at < deadlines; at++) {
    paths = paths.flatMap((path) => {
      const from = path.at(-1) ?? 0;
      return Array.from({ length: levels - from + 1 }, (_level, step) => [...path, from + step]);
    });
  }
  return paths;
}

function cellName(subject: string, cuts: readonly Cut[], cell: number): string {
  const below = cuts[cell - 1];
  const above = cuts[cell];
  const low = below === undefined ? '' : below % 2 === 0 ? `${below / 2}<=` : `${(below - 1) / 2}<`;
  const high = above === undefined ? '' : above % 2 === 0 ? `<${above / 2}` : `<=${(above - 1) / 2}`;
  return `${low}${subject}${high}`;
}

function ascending(values: ReadonlySet<number>): number[] {
  return [...values].sort((a, b) => a - b);
}
