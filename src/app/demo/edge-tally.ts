/** Gaps as episodes: each is one opportunity, approved or declined for the reason that stood against it last. */
import type { Approval } from '../../actors/strategy.actor.ts';
import type { Decision } from '../../domain/edge/decide.ts';
import type { DeclineReason } from '../../domain/edge/decline.ts';

export type Refusal = DeclineReason | Extract<Approval, { kind: 'refused' }>['reason'];

export interface WatchedEdge {
  readonly grossE4: number | undefined;
  /** Of the most profitable size, for each set. */
  readonly netE4: number | undefined;
  readonly verdict: Refusal | 'approved';
  readonly atMs: number;
}

interface Episode {
  isApproved: boolean;
  reason: Refusal;
}

const SAMPLES_MAX = 50_000;

export class EdgeTally {
  readonly detectionMs: number[] = [];
  /** The latest decision of each watch. */
  readonly latest = new Map<string, WatchedEdge>();
  readonly declines = new Map<Refusal, number>();
  decisions = 0;
  approved = 0;
  opportunities = 0;
  readonly #open = new Map<string, Episode>();

  onDecision(decision: Decision): void {
    this.decisions++;
    const { watch, verdict, atMs } = decision;
    const { grossEdgeE4: grossE4 } = verdict;
    const reason = verdict.kind === 'edge' ? 'approved' : verdict.reason;
    this.latest.set(watch.id, { grossE4, netE4: netOf(decision), verdict: reason, atMs });
    if (grossE4 === undefined || grossE4 <= 0) {
      this.#close(watch.id);
      return;
    }
    // The younger book is the one whose change led here.
    const ageMs = Math.min(...verdict.books.map(({ quietMs }) => quietMs));
    if (Number.isFinite(ageMs) && this.detectionMs.length < SAMPLES_MAX) this.detectionMs.push(ageMs);
    const episode = this.#open.get(watch.id);
    if (episode !== undefined) {
      if (verdict.kind === 'declined') episode.reason = verdict.reason;
      return;
    }
    this.opportunities++;
    this.#open.set(watch.id, {
      isApproved: false,
      reason: verdict.kind === 'declined' ? verdict.reason : 'NOT_ACCEPTING',
    });
  }

  onApproval({ watch }: Decision, approval: Approval): void {
    const episode = this.#open.get(watch.id);
    if (approval.kind === 'started') {
      if (episode?.isApproved !== true) this.approved++;
      if (episode !== undefined) episode.isApproved = true;
      return;
    }
    if (episode !== undefined) episode.reason = approval.reason;
    const seen = this.latest.get(watch.id);
    if (seen !== undefined) this.latest.set(watch.id, { ...seen, verdict: approval.reason });
  }

  /** Counts what is still open, at the end. */
  closeAll(): void {
    for (const id of [...this.#open.keys()]) this.#close(id);
  }

  /** Most frequent first. */
  get reasons(): readonly (readonly [Refusal, number])[] {
    return [...this.declines].sort(([, a], [, b]) => b - a);
  }

  #close(watchId: string): void {
    const episode = this.#open.get(watchId);
    if (episode === undefined) return;
    this.#open.delete(watchId);
    if (!episode.isApproved) this.declines.set(episode.reason, (this.declines.get(episode.reason) ?? 0) + 1);
  }
}

function netOf({ verdict }: Decision): number | undefined {
  const walk = verdict.kind === 'edge' ? verdict.evaluation.walk : verdict.best;
  return walk === undefined || walk.sizeE6 <= 0 ? undefined : (walk.profitMicroUsd * 10_000) / walk.sizeE6;
}
