/** Edges that were seen and not taken, written down with the reason: once for each thing that changed about them. */
import { type Decision, netProfit } from '../domain/edge/decide.ts';
import type { Journal } from '../domain/ports/journal.ts';

export class Rejections {
  readonly #journal: Pick<Journal, 'append'>;
  /** By watch: one entry each, whatever comes. */
  readonly #latest = new Map<string, string>();

  constructor(journal: Pick<Journal, 'append'>) {
    this.#journal = journal;
  }

  note(
    { watch, verdict }: Decision,
    opportunity: string,
    { reason, detail }: { readonly reason: string; readonly detail: string },
  ): void {
    const text = `${reason} ${detail} ${verdict.grossEdgeE4}`;
    if (this.#latest.get(watch.id) === text) return;
    this.#latest.set(watch.id, text);
    this.#journal.append({
      kind: 'decision',
      opportunity,
      decision: 'rejected',
      reason,
      detail: { watch: watch.id, detail, grossEdgeE4: verdict.grossEdgeE4, netMicroUsd: netProfit(verdict) },
    });
  }
}
