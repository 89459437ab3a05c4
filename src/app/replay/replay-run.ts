/**
 * One capture through the real parsers, books and detectors, in virtual time.
 *
 * The clock is the capture's own receive times, counted from its first record, so a run gives the
 * same result at any speed. Whatever is wrong with the capture is noted with its line and the run
 * goes on: a damaged recording is looked at to its end.
 */
import { Subject, tap, VirtualTimeScheduler } from 'rxjs';
import { BookStore } from '../../domain/book/book-store.ts';
import type { Decision, DetectionPolicy } from '../../domain/edge/decide.ts';
import { WatchList } from '../../domain/edge/watch-list.ts';
import { type BookId, type VenueName, venueOf } from '../../domain/instrument.ts';
import { unreachable } from '../../domain/invariant.ts';
import type { MarketDataEvent } from '../../domain/ports/market-data.ts';
import { applyToBooks } from '../../streams/apply-to-books.ts';
import { detectEdges } from '../../streams/detect-edges.ts';
import { markGroupEnds } from '../../streams/mark-group-ends.ts';
import { markStale } from '../../streams/mark-stale.ts';
import { throttlePerBook } from '../../streams/throttle-per-book.ts';
import type { CaptureFormat, CaptureReader, CaptureStep, Relation } from '../capture/capture.ts';
import type { Checkpoint } from '../capture/checkpoints.ts';
import { type CaptureMeta, firstMatch, gridOf } from '../capture/meta.ts';
import type { FileDamage } from '../capture/read-lines.ts';
import { BookChecks } from './book-checks.ts';
import { captureFees } from './capture-fees.ts';
import { CheckpointIndex } from './checkpoint-index.ts';
import { EdgeTally } from './edge-tally.ts';
import { type ProblemKind, ProblemLog } from './problems.ts';
import { RecordChecks } from './record-checks.ts';
import { type WatchSources, watchComplement, watchEvent, watchOutcomes, watchPair, watchTokens } from './relations.ts';
import type { RunReport } from './run-report.ts';
import { VenueSessions } from './venue-sessions.ts';

/** Frames of one run of equal timestamps arrive within a millisecond or two (docs/rules.md §17). */
const SILENCE_MS = 3;
/** Recorded frames of one timestamp came up to 43 ms apart in all but one of a thousand cases (May 2026). */
const PATIENCE_MS = 100;

export interface RunOptions {
  readonly path: string;
  readonly format: CaptureFormat;
  readonly meta: CaptureMeta;
  readonly checkpoints: readonly Checkpoint[] | undefined;
  readonly policy: DetectionPolicy;
  /** Told of every decision, in order. */
  readonly onDecision?: (decision: Decision) => void;
}

export class ReplayRun {
  readonly books: BookStore;
  readonly watches = new WatchList();
  readonly problems = new ProblemLog();
  readonly #options: RunOptions;
  readonly #reader: CaptureReader;
  readonly #scheduler = new VirtualTimeScheduler();
  readonly #events = new Subject<MarketDataEvent>();
  readonly #sessions: VenueSessions;
  readonly #checks: BookChecks;
  readonly #records: RecordChecks;
  readonly #tally: EdgeTally;
  readonly #sources: WatchSources;
  readonly #checkpoints: CheckpointIndex | undefined;
  readonly #outcomes = new Map<string, BookId[]>();
  readonly #counts = { records: 0, frames: 0, deltas: 0, snapshots: 0, polls: 0 };
  #line = 0;
  #lastTicker = '';
  #lastAtMs: number | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
    const { format, meta, policy } = options;
    this.#reader = format.open();
    const where = (): string => `${options.path}:${this.#line}`;
    this.books = new BookStore((book, refusal) => this.#checks.onRefusal(book, refusal));
    this.#checks = new BookChecks({
      books: this.books,
      problems: this.problems,
      where,
      isStream: format.coverage === 'stream',
    });
    this.#records = new RecordChecks(meta, (kind, message) => this.#note(kind, message));
    this.#tally = new EdgeTally(() => new Date(this.wallMs).toISOString());
    this.#checkpoints = options.checkpoints === undefined ? undefined : new CheckpointIndex(options.checkpoints);
    this.#sessions = new VenueSessions((event) => this.#onEvent(event));
    this.#sources = {
      books: this.books,
      watches: this.watches,
      meta,
      hasSizes: format.hasSizes,
      feeOf: captureFees(meta),
    };
    const scheduler = this.#scheduler;
    this.#events
      .pipe(
        markGroupEnds({ silenceMs: SILENCE_MS, scheduler }),
        applyToBooks({ books: this.books, patienceMs: PATIENCE_MS, scheduler }),
        tap((index) => this.#checks.onSettled(this.books.at(index))),
        markStale({ books: this.books, limitMsOf: (book) => policy.staleAfterMs[venueOf(book.id)], scheduler }),
        throttlePerBook(policy.detectionIntervalMs, scheduler),
        detectEdges({ watches: this.watches, policy, scheduler }),
      )
      .subscribe((decision) => {
        this.#tally.add(decision);
        options.onDecision?.(decision);
      });
  }

  /** Milliseconds of the capture since its first record. */
  get nowMs(): number {
    return this.#scheduler.now();
  }

  /** Wall time of the capture at this moment, in milliseconds since 1970; 0 before the first record. */
  get wallMs(): number {
    return this.#lastAtMs ?? 0;
  }

  /** What the capture is, as a person reads it. */
  get label(): string {
    return this.#options.format.label;
  }

  /** Records, frames, deltas, snapshots and polls so far. */
  get counts() {
    return this.#counts;
  }

  get totals() {
    return this.#tally.totals;
  }

  /** Takes a record apart without applying it, so that a pacer can wait for its time first. */
  stepsOf(text: string, line: number): readonly CaptureStep[] {
    this.#line = line;
    this.#counts.records++;
    this.#records.onRecord(text);
    return this.#reader.read(text);
  }

  apply(step: CaptureStep): void {
    if ('receivedAtMs' in step && !this.#records.isInstant(step.receivedAtMs)) return;
    switch (step.kind) {
      case 'frame':
        this.#advance(step.receivedAtMs);
        this.#counts.frames++;
        this.#onFrame(step.venue, step.text);
        return;
      case 'connected':
        this.#advance(step.receivedAtMs);
        this.#sessions.onConnected();
        return;
      case 'poll':
        this.#advance(step.receivedAtMs);
        this.#counts.polls++;
        for (const event of step.events) {
          if (event.kind === 'book.snapshot') this.#records.onPolled(event, step.receivedAtMs);
          this.#onEvent(event);
        }
        return;
      case 'relation':
        this.#watch(step.relation);
        return;
      case 'fault':
        this.#note('malformed', step.message);
        return;
      default:
        unreachable(step, 'a capture step');
    }
  }

  /** The file itself, or one beside it, cannot be read. */
  noteDamage(damage: FileDamage): void {
    this.problems.add({ kind: 'damaged', ...damage });
  }

  /** Ends the capture: the last run of timestamps is over, and what was never reached is said. */
  finish(seconds: number, isWhole: boolean): RunReport {
    this.#compareBefore(Number.POSITIVE_INFINITY);
    this.#events.complete();
    // A replay that was stopped on purpose has not reached its end, and misses nothing.
    const missed = isWhole ? (this.#checkpoints?.notReached() ?? []) : [];
    const first = missed[0];
    if (first !== undefined) {
      this.#note(
        'checkpoint',
        `the recorder wrote ${missed.length} books that were never reached, first ${first.ticker} at seq ${first.seq}`,
      );
    }
    return this.#report(seconds, missed.length);
  }

  #onEvent(event: MarketDataEvent): void {
    if (event.kind === 'book.delta') this.#counts.deltas++;
    else if (event.kind === 'book.levels') this.#counts.deltas += event.changes.length;
    else if (event.kind === 'book.snapshot') this.#onSnapshot(event.book);
    this.#checks.before(event, this.wallMs);
    this.#events.next(event);
    this.#checks.after(event);
  }

  #onSnapshot(book: BookId): void {
    this.#counts.snapshots++;
    if (this.books.find(book) !== undefined) return;
    this.books.open(book, gridOf(this.#options.meta, book));
    this.#watchNew(book);
  }

  #advance(receivedAtMs: number): void {
    if (this.#checkpoints !== undefined) this.#compareBefore(receivedAtMs);
    const passedMs = this.#lastAtMs === undefined ? 0 : receivedAtMs - this.#lastAtMs;
    this.#lastAtMs = receivedAtMs;
    // The clock of a replay never goes back: after a step back it goes on from where it stood.
    const now = this.nowMs + Math.max(0, passedMs);
    this.#scheduler.maxFrames = now;
    this.#scheduler.flush();
    this.#scheduler.frame = now;
  }

  #onFrame(venue: VenueName, text: string): void {
    const place = this.#sessions.onFrame(venue, text);
    if (place === undefined || this.#checkpoints === undefined) return;
    this.#checkpoints.onFrame(place.ticker, place.seq);
    this.#lastTicker = place.ticker;
  }

  /** Holds the book of the last frame against the recorder's, before the next record changes it. */
  #compareBefore(nextAtMs: number): void {
    const due = this.#checkpoints?.due(nextAtMs) ?? [];
    if (due.length === 0 || this.#checkpoints === undefined) return;
    this.#checks.compareCheckpoints(due, this.books.find(`kalshi/${this.#lastTicker}`), this.#checkpoints.tally);
  }

  #watch(relation: Relation): void {
    const sources = this.#sources;
    switch (relation.kind) {
      case 'pair':
        if (this.#records.isPair(relation)) watchPair(relation, sources);
        return;
      case 'event':
        watchEvent(relation, sources);
        return;
      case 'tokens':
        watchTokens(relation, sources);
        return;
      default:
        unreachable(relation, 'a relation');
    }
  }

  #watchNew(book: BookId): void {
    if (this.#options.format.coverage === 'quotes' || venueOf(book) !== 'kalshi') return;
    watchComplement(book, this.#sources);
    const eventId = book.slice('kalshi/'.length, book.lastIndexOf('-'));
    const siblings = [...(this.#outcomes.get(eventId) ?? []), book];
    this.#outcomes.set(eventId, siblings);
    const hasFacts = firstMatch(this.#options.meta.events, eventId) !== undefined;
    if (siblings.length > 1 && hasFacts) watchOutcomes(eventId, siblings, this.#sources);
  }

  #note(kind: ProblemKind, message: string): void {
    this.problems.add({ kind, where: `${this.#options.path}:${this.#line}`, message });
  }

  #report(seconds: number, notReached: number): RunReport {
    const { path, format, meta } = this.#options;
    const { problems } = this;
    return {
      capture: path,
      format: format.name,
      label: format.label,
      title: meta.title,
      ...this.#counts,
      books: this.books.size,
      sequenceGaps: problems.count('sequence'),
      negativeLevels: problems.count('negativeLevel'),
      crossedBeforeCoalescing: this.#checks.crossedInRuns,
      crossedAfterCoalescing: problems.count('crossed'),
      snapshotsConfirmed: this.#checks.snapshotsConfirmed,
      changesBeforeSnapshot: this.#checks.changesBeforeSnapshot,
      checkpoints: this.#checkpoints === undefined ? undefined : { ...this.#checkpoints.tally, notReached },
      watches: this.watches.size,
      ...this.#tally.totals,
      feesAssumed: meta.fees.some((fees) => fees.assumed),
      problemCounts: problems.counts,
      problems: problems.first,
      consistent: problems.total === 0,
      seconds,
      messagesPerSecond: seconds > 0 ? (this.#counts.frames + this.#counts.polls) / seconds : 0,
    };
  }
}
