/** Counts decisions: edges before and after fees, the best of each, and declines by reason. */
import { formatDecimal } from '../../domain/decimal.ts';
import { type Decision, netProfit } from '../../domain/edge/decide.ts';
import { CONTRACT } from '../../domain/units.ts';
import type { BestEdge } from './run-report.ts';

interface Best {
  readonly value: number;
  readonly edge: BestEdge;
}

export class EdgeTally {
  readonly #declines = new Map<string, number>();
  readonly #at: () => string;
  #decisions = 0;
  #gross = 0;
  #net = 0;
  #approved = 0;
  #bestGross: Best | undefined;
  #bestNet: Best | undefined;

  /** `at` says when the decision was made, as a person reads it. */
  constructor(at: () => string) {
    this.#at = at;
  }

  add(decision: Decision): void {
    const { verdict } = decision;
    this.#decisions++;
    if (verdict.kind === 'edge') this.#approved++;
    else this.#declines.set(verdict.reason, (this.#declines.get(verdict.reason) ?? 0) + 1);
    const gross = verdict.grossEdgeE4;
    // A set that is not proven to be one has no edge, whatever its prices add up to.
    if (gross === undefined || gross <= 0 || decision.watch.result.kind === 'refused') return;
    this.#gross++;
    // A gap in one book's own two sides is an alarm, not the best edge of anything.
    if (gross > (this.#bestGross?.value ?? 0) && decision.watch.family !== 'complement') {
      this.#bestGross = { value: gross, edge: this.#describe(decision, gross) };
    }
    const profit = netProfit(verdict);
    if (profit === undefined || profit <= 0) return;
    this.#net++;
    const perSet = netPerSetE4(decision);
    if (perSet !== undefined && perSet > (this.#bestNet?.value ?? 0)) {
      this.#bestNet = { value: perSet, edge: this.#describe(decision, perSet) };
    }
  }

  get totals() {
    return {
      decisions: this.#decisions,
      grossEdges: this.#gross,
      netEdges: this.#net,
      approvedEdges: this.#approved,
      bestGross: this.#bestGross?.edge,
      bestNet: this.#bestNet?.edge,
      declines: Object.fromEntries(this.#declines),
    };
  }

  #describe(decision: Decision, perSetE4: number): BestEdge {
    const walk = walkOf(decision);
    const { verdict, watch } = decision;
    return {
      watch: watch.label,
      at: this.#at(),
      perSetE4,
      contracts: walk === undefined ? '?' : formatDecimal(walk.sizeE6, 6),
      profitUsd: walk === undefined ? undefined : formatDecimal(walk.profitMicroUsd, 6, 2),
      decision: verdict.kind === 'edge' ? 'good enough' : `declined: ${verdict.reason}`,
    };
  }
}

/** The best size, if any size can be ordered at all. */
function walkOf({ verdict }: Decision) {
  const walk = verdict.kind === 'edge' ? verdict.evaluation.walk : verdict.best;
  return walk === undefined || walk.sizeE6 === 0 ? undefined : walk;
}

/** What the best size leaves per set after fees, in ten-thousandths of a dollar, rounded down. For display. */
function netPerSetE4(decision: Decision): number | undefined {
  const walk = walkOf(decision);
  if (walk === undefined) return undefined;
  return Math.floor((walk.profitMicroUsd * 10_000) / ((walk.sizeE6 / CONTRACT) * 1_000_000));
}
