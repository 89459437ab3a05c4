/** What a demonstration is to show, ticked off by what Tandem did and wrote down, never by what was staged. */
import type { Approval } from '../../actors/strategy.actor.ts';
import { confirmedE6, type LegReport } from '../../domain/execution/leg.ts';
import type { JournalRecord } from '../../domain/ports/journal.ts';
import type { AttemptOutcome } from '../../machines/attempt.events.ts';
import type { PositionReport } from '../../machines/position-facts.ts';

export const SITUATIONS = {
  bothFilled: 'an attempt where both legs fill',
  legKilled: 'one leg killed, and the attempt completed or unwound',
  partialFill: 'a partial fill',
  connectionDropped: 'a dropped connection that came back',
  tradeFailed: 'a Polymarket trade that failed after matching, and was repaired',
  breakerResumed: 'a breaker trip, resumed by the operator',
  limitReached: 'the $100 limit reached',
  twoSettled: 'two markets settled and paid',
  limitReleased: 'room released by a settlement, and used again',
} as const;

export type Situation = keyof typeof SITUATIONS;

const MARKETS_TO_SETTLE = 2;
const ATTEMPT = /(?:^|\/)attempt\/([^/]+)/;

export class Situations {
  readonly #reached = new Set<Situation>();
  readonly #failedIn = new Set<string>();
  readonly #lost = new Set<string>();
  readonly #paid = new Set<string>();

  has(situation: Situation): boolean {
    return this.#reached.has(situation);
  }

  get reached(): readonly Situation[] {
    return ALL.filter((situation) => this.has(situation));
  }

  get missing(): readonly Situation[] {
    return ALL.filter((situation) => !this.has(situation));
  }

  onOutcome(outcome: AttemptOutcome): void {
    const { end, reports, wasAsymmetric, attemptId } = outcome;
    const entries = reports.filter(({ order }) => order.role === 'entry' || order.role === 'hedge');
    const isWhole = (report: LegReport): boolean => confirmedE6(report) >= report.order.sizeE6;
    if (end === 'balanced' && !wasAsymmetric && entries.every(isWhole)) this.#reached.add('bothFilled');
    const wasKilled = entries.some((report) => confirmedE6(report) === 0 && report.end !== 'withheld');
    const isOver = end === 'balanced' || end === 'unwound' || end === 'dust';
    if (wasAsymmetric && wasKilled && isOver) this.#reached.add('legKilled');
    if (entries.some((report) => confirmedE6(report) > 0 && !isWhole(report) && !this.#failedIn.has(attemptId)))
      this.#reached.add('partialFill');
    if (this.#failedIn.has(attemptId) && isOver) this.#reached.add('tradeFailed');
  }

  onApproval({ kind, ...approval }: Approval): void {
    if (kind === 'started' && this.has('limitReached') && this.#paid.size > 0) this.#reached.add('limitReleased');
    if ('detail' in approval && approval.detail.includes('totalMicroUsdMax')) this.#reached.add('limitReached');
  }

  onPosition({ positionId, standing }: PositionReport): void {
    if (standing !== 'settled' && standing !== 'closed') return;
    this.#paid.add(positionId);
  }

  /** Positions paid so far, of this many markets. */
  notePaidMarkets(count: number): void {
    if (count >= MARKETS_TO_SETTLE) this.#reached.add('twoSettled');
  }

  onResumed(): void {
    this.#reached.add('breakerResumed');
  }

  onRecord(record: JournalRecord): void {
    if (record.kind !== 'transition') return;
    const { machine, actor, from, to } = record;
    const attemptId = ATTEMPT.exec(actor)?.[1];
    if (machine === 'venueTrade' && to === 'failed' && attemptId !== undefined) this.#failedIn.add(attemptId);
    if (machine !== 'connection') return;
    if (from.startsWith('live') && !to.startsWith('live')) this.#lost.add(actor);
    if (to.startsWith('live') && this.#lost.has(actor)) this.#reached.add('connectionDropped');
  }
}

const ALL = Object.keys(SITUATIONS) as Situation[];
