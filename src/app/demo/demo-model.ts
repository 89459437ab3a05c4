/** What a person who watches a recording wants to see of it, kept up to date by its decisions. */
import type { Book } from '../../domain/book/book.ts';
import type { Decision } from '../../domain/edge/decide.ts';
import type { DeclineReason } from '../../domain/edge/decline.ts';
import type { Watch } from '../../domain/edge/watch-list.ts';
import { type VenueName, venueOf } from '../../domain/instrument.ts';
import { netPerSetE4 } from '../replay/edge-tally.ts';
import type { ReplayRun } from '../replay/replay-run.ts';

/** One direction of a pair: the newest figures, and what stands against it now. */
export interface DirectionRow {
  readonly watch: Watch;
  readonly grossE4: number | undefined;
  readonly netE4: number | undefined;
  readonly contracts: number | undefined;
  readonly ofCapital: number | undefined;
  readonly reason: DeclineReason | 'good enough';
  /** Whether the figures are of this moment, or the last ones before the books grew old. */
  readonly isCurrent: boolean;
}

export interface BookRow {
  readonly venue: VenueName;
  readonly book: Book;
  readonly quietMs: number;
  readonly isStale: boolean;
}

export interface PairBlock {
  readonly title: string;
  /** How the books came about, e.g. polled best prices. */
  readonly origin: string;
  readonly books: readonly BookRow[];
  readonly directions: readonly DirectionRow[];
}

export interface RecentDecision {
  readonly wallMs: number;
  readonly row: DirectionRow;
}

const RECENT_KEPT = 6;
const STALE_MS = 2_000;

/** Follows one replay. */
export class DemoModel {
  readonly run: ReplayRun;
  readonly #rows = new Map<string, DirectionRow>();
  #recent: RecentDecision[] = [];

  constructor(run: ReplayRun) {
    this.run = run;
  }

  onDecision(decision: Decision): void {
    const before = this.#rows.get(decision.watch.id);
    const row = rowOf(decision, before);
    this.#rows.set(decision.watch.id, row);
    if (!row.isCurrent || (row.grossE4 ?? 0) <= 0 || decision.watch.family === 'complement') return;
    // The same verdict on the same figures is no news.
    const last = this.#recent.findLast((recent) => recent.row.watch.id === row.watch.id)?.row;
    if (last !== undefined && last.reason === row.reason && last.netE4 === row.netE4 && last.grossE4 === row.grossE4)
      return;
    this.#recent = [...this.#recent, { wallMs: this.run.wallMs, row }].slice(-RECENT_KEPT);
  }

  /** Newest last. */
  get recent(): readonly RecentDecision[] {
    return this.#recent;
  }

  /** Pairs with both books and both directions, in the order in which the recording named them. */
  get pairs(): readonly PairBlock[] {
    const blocks = new Map<string, PairBlock>();
    for (const watch of this.run.watches.all()) {
      if (watch.family !== 'box') continue;
      const title = watch.label.split(':')[0] ?? watch.label;
      const known = blocks.get(title);
      const direction = this.#rows.get(watch.id);
      blocks.set(title, {
        title,
        origin: this.run.label,
        books: known?.books ?? watch.legs.map((leg) => this.bookRow(leg.book)),
        directions: [...(known?.directions ?? []), ...(direction === undefined ? [] : [direction])],
      });
    }
    return [...blocks.values()];
  }

  bookRow(book: Book): BookRow {
    const nowMs = this.run.nowMs;
    return { venue: venueOf(book.id), book, quietMs: book.quietMs(nowMs), isStale: book.unprovenMs(nowMs) > STALE_MS };
  }
}

function rowOf(decision: Decision, before: DirectionRow | undefined): DirectionRow {
  const { verdict, watch } = decision;
  if (verdict.kind === 'declined' && verdict.grossEdgeE4 === undefined) {
    const { reason } = verdict;
    if (before !== undefined) return { ...before, reason, isCurrent: false };
    return {
      watch,
      grossE4: undefined,
      netE4: undefined,
      contracts: undefined,
      ofCapital: undefined,
      reason,
      isCurrent: false,
    };
  }
  const walk = verdict.kind === 'edge' ? verdict.evaluation.walk : verdict.best;
  const isSized = walk !== undefined && walk.sizeE6 > 0;
  return {
    watch,
    grossE4: verdict.grossEdgeE4,
    netE4: netPerSetE4(decision),
    contracts: isSized ? walk.sizeE6 / 1_000_000 : undefined,
    ofCapital: isSized ? walk.profitMicroUsd / walk.capitalMicroUsd : undefined,
    reason: verdict.kind === 'edge' ? 'good enough' : verdict.reason,
    isCurrent: true,
  };
}
