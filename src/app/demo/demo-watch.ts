/** What is known of a demonstration at any moment: told by the actors and the journal, kept for screens and the summary. */
import type { BreakerView } from '../../actors/breaker.actor.ts';
import type { Approval } from '../../actors/strategy.actor.ts';
import type { TradingListeners } from '../../actors/trading-parts.ts';
import type { Decision } from '../../domain/edge/decide.ts';
import type { ExecutionPolicy } from '../../domain/execution/attempt-plan.ts';
import type { VenueName } from '../../domain/instrument.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { JournalRecord } from '../../domain/ports/journal.ts';
import type { AttemptOutcome } from '../../machines/attempt.events.ts';
import type { PositionReport } from '../../machines/position-facts.ts';
import type { Composed } from '../compose.ts';
import type { ListedMarket } from '../sim/sim-markets.ts';
import type { Audience } from './director.ts';
import { EdgeTally } from './edge-tally.ts';
import { type Situation, Situations } from './situations.ts';
import { Story, venueTitle } from './story.ts';

export interface DemoWatchParts {
  readonly clock: Clock;
  readonly startedMs: number;
  readonly run: string;
  readonly seed: string;
  readonly policy: ExecutionPolicy;
  readonly durationMs: number | undefined;
  readonly markets: readonly ListedMarket[];
}

const VENUES: readonly VenueName[] = ['kalshi', 'polymarket'];
/** One venue has paid, or the money of both is on its way. */
const SETTLING = new Set<PositionReport['standing']>(['halfSettled', 'disputed', 'reversed', 'oneSided']);
const OUTCOMES_SHOWN = 6;

export class DemoWatch implements Audience {
  readonly parts: DemoWatchParts;
  readonly situations = new Situations();
  readonly edges = new EdgeTally();
  readonly story: Story;
  readonly outcomes: AttemptOutcome[] = [];
  readonly faults: string[] = [];
  readonly #paidPairs = new Map<string, Set<string>>();
  readonly #settledIds = new Set<string>();
  #composed: Composed | undefined;
  #breakerAtEnd: BreakerView | undefined;
  #liveAtEnd: readonly VenueName[] | undefined;
  #firstAttemptMs: number | undefined;

  constructor(parts: DemoWatchParts) {
    this.parts = parts;
    this.story = new Story({ sinceStartMs: () => this.elapsedMs, titleOf: (watchId) => this.titleOf(watchId) });
  }

  attach(composed: Composed): void {
    this.#composed = composed;
  }

  /** How everything stood when there was nothing left to do. What is cut off by the closing itself is no news. */
  noteEnd(): void {
    this.#breakerAtEnd = this.composed.trading.breaker.view();
    this.story.end();
    this.#liveAtEnd = VENUES.filter((venue) => isEveryLineLive(this.composed.trading.desks[venue].figures()));
  }

  get breaker(): BreakerView {
    return this.#breakerAtEnd ?? this.composed.trading.breaker.view();
  }

  get liveAtEnd(): readonly VenueName[] | undefined {
    return this.#liveAtEnd;
  }

  get composed(): Composed {
    if (this.#composed === undefined) throw new Error('expected a running Tandem, found none yet');
    return this.#composed;
  }

  get elapsedMs(): number {
    return this.parts.clock.nowMs() - this.parts.startedMs;
  }

  get firstAttemptMs(): number | undefined {
    return this.#firstAttemptMs;
  }

  readonly listeners: TradingListeners = {
    onDecision: (decision) => this.edges.onDecision(decision),
    onApproval: (decision, approval) => this.#onApproval(decision, approval),
    onOutcome: (outcome) => this.#onOutcome(outcome),
    onPosition: (report) => this.#onPosition(report),
    onAlert: (alert) => this.story.onAlert(alert),
    onBreakerDeath: (because) => this.story.note('bad', `the breaker is dead, nothing is entered any more: ${because}`),
    onNotice: ({ venue, what, detail }) => this.#onNotice(venue, what, detail),
  };

  onRecord(record: JournalRecord): void {
    this.situations.onRecord(record);
    this.story.onRecord(record);
    if (record.kind === 'error') this.faults.push(`${record.actor}: ${record.message}`);
  }

  onCue(text: string): void {
    this.story.note('scenario', text);
  }

  onResumed(): void {
    this.situations.onResumed();
  }

  onResumeRefused(because: readonly string[]): void {
    this.story.note('plain', `the operator may not resume yet: ${because.join('; ')}`);
  }

  onJournalFault(message: string): void {
    this.faults.push(`journal: ${message}`);
  }

  has(situation: Situation): boolean {
    return this.situations.has(situation);
  }

  isTrading(): boolean {
    const { trading } = this.composed;
    const isOpen = VENUES.every((venue) => trading.desks[venue].availability().entries);
    return isOpen && trading.gate.refusalOf('') === undefined;
  }

  isBusy(pair: string): boolean {
    const { context } = this.composed.trading.strategy.actor.getSnapshot();
    return context.attempts.some(({ watchId }) => pairOf(watchId) === pair);
  }

  heldPairs(): readonly string[] {
    const open = this.composed.trading.books.positions.filter(({ standing }) => standing === 'open');
    return [...new Set(open.map(({ watchId }) => pairOf(watchId)))];
  }

  /** A market is decided and not all of what it owes us is in the books. */
  get isSettling(): boolean {
    return this.composed.trading.books.positions.some(({ standing }) => SETTLING.has(standing));
  }

  /** The last few that ended, newest first. */
  get recentOutcomes(): readonly AttemptOutcome[] {
    return this.outcomes.slice(-OUTCOMES_SHOWN).reverse();
  }

  titleOf(watchId: string): string {
    const pair = pairOf(watchId);
    return this.parts.markets.find(({ id }) => id === pair)?.title ?? pair;
  }

  isSettled(positionId: string): boolean {
    return this.#settledIds.has(positionId);
  }

  get settledPositions(): number {
    return this.#settledIds.size;
  }

  get settledMarkets(): number {
    return this.#paidPairs.size;
  }

  #onNotice(venue: VenueName, what: string, detail: string): void {
    const about = what === 'budgetPressure' ? 'our own allowance of ' : '';
    this.story.note('plain', `${venueTitle(venue)}: ${about}${detail}`);
  }

  #onApproval(decision: Decision, approval: Approval): void {
    this.edges.onApproval(decision, approval);
    this.situations.onApproval(approval);
    if (approval.kind === 'started') this.#firstAttemptMs ??= this.elapsedMs;
    this.story.onApproval(decision, approval);
  }

  #onOutcome(outcome: AttemptOutcome): void {
    // An attempt that was taken up again ends once more: its last word counts.
    const at = this.outcomes.findIndex(({ attemptId }) => attemptId === outcome.attemptId);
    if (at >= 0) this.outcomes.splice(at, 1);
    this.outcomes.push(outcome);
    this.situations.onOutcome(outcome);
    this.story.onOutcome(outcome);
  }

  #onPosition(report: PositionReport): void {
    if (report.standing === 'settled' && !this.#settledIds.has(report.positionId)) {
      const pair = pairOf(report.watchId);
      this.#settledIds.add(report.positionId);
      this.#paidPairs.set(pair, (this.#paidPairs.get(pair) ?? new Set()).add(report.positionId));
      this.story.onSettled(report);
    }
    this.situations.onPosition(report);
    this.situations.notePaidMarkets(this.#paidPairs.size);
  }
}

const LIVE = new Set(['fresh', 'quiet', 'suspect']);

function isEveryLineLive(figures: readonly { readonly standing: string }[]): boolean {
  return figures.length > 0 && figures.every(({ standing }) => LIVE.has(standing));
}

/** `lakers-win` of `box/lakers-win/yes`. */
function pairOf(watchId: string): string {
  return watchId.split('/')[1] ?? watchId;
}
