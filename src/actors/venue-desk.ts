/**
 * Keeps one venue: its standing, its connections, its books and its budgets, each an actor below
 * `venue/<name>`, over the venue port. Market data passes through in the same synchronous pass in which it
 * came, and wakes an actor only where a standing changes.
 */
import type { Observable } from 'rxjs';
import type { Actor, AnyActorRef } from 'xstate';
import { type BookId, venueOf } from '../domain/instrument.ts';
import { invariant } from '../domain/invariant.ts';
import { windowAt } from '../domain/limits/weekly-window.ts';
import type { FrameFault, GapReason, MarketDataEvent } from '../domain/ports/market-data.ts';
import type { CancelOutcome, Listing, OrderOutcome, PrivateEvent, Reading } from '../domain/ports/venue.ts';
import type { RateState } from '../domain/rate-limit.ts';
import { contentOfFeed, isTradableFeed } from '../machines/book-feed.machine.ts';
import { connectionEffects } from '../machines/connection.events.ts';
import { connectionMachine } from '../machines/connection.machine.ts';
import { type RateLimitEvent, rateLimitEffects, rateLimitMachine } from '../machines/rate-limit.machine.ts';
import { availabilityOf, type VenueEvent, venueEffects, venueMachine } from '../machines/venue.machine.ts';
import type { EffectHandlers } from './actor-runtime.ts';
import { BookProver } from './book-prover.ts';
import { MarketStandings } from './market-standings.ts';
import { metBy, standingOf } from './met-standing.ts';
import { type ConnectionFigures, PRIVATE, VenueConnections } from './venue-connections.ts';
import type { VenueDeskParts } from './venue-desk-parts.ts';
import { OrderBeats, Repeating } from './venue-upkeep.ts';

export interface Availability {
  /** Orders that add risk. */
  readonly entries: boolean;
  /** Orders that can only reduce it. */
  readonly reducing: boolean;
  readonly reason: string;
}

/** Between two replacements of one connection whose chart breaks. */
const REPLACEMENT_MS = 1_000;

export class VenueDesk {
  readonly #parts: VenueDeskParts;
  readonly #connections: VenueConnections;
  readonly #standings: MarketStandings;
  readonly #prover: BookProver;
  readonly #machine: typeof venueMachine;
  readonly #tasks: readonly Repeating[];
  readonly #sampled = new Map<string, RateState>();
  #actor: Actor<typeof venueMachine> | undefined;
  #window: string | undefined;
  readonly #faultAtMs = new Map<string, number>();
  readonly #underWay = new Set<'status' | 'clock'>();
  readonly #replacedAtMs = new Map<string, number>();

  constructor(parts: VenueDeskParts) {
    this.#parts = parts;
    const { runtime } = parts;
    this.#connections = new VenueConnections(parts, (id) => this.#childOf(id));
    this.#standings = new MarketStandings(parts.bookOf);
    this.#connections.marketData$.subscribe((event) => {
      this.#standings.follow(event);
      if (event.kind === 'frame.fault') this.#noteFault(event);
    });
    this.#prover = this.#makeProver();
    const connection = runtime.bind(connectionMachine, connectionEffects, this.#connections.handlers);
    const rateLimit = runtime.bind(rateLimitMachine, rateLimitEffects, this.#budgetHandlers());
    this.#machine = runtime.bind(venueMachine, venueEffects, this.#venueHandlers(), { connection, rateLimit });
    this.#tasks = this.#makeTasks();
  }

  /** Events of all market connections, in the order in which they came. */
  get marketData$(): Observable<MarketDataEvent> {
    return this.#connections.marketData$;
  }

  get private$(): Observable<PrivateEvent> {
    return this.#connections.private$;
  }

  start(): void {
    const { runtime, venue, settings, rateStates } = this.#parts;
    invariant(this.#actor === undefined, () => `the desk of ${venue.name} must be started once`);
    const budgets = Object.keys(rateStates?.() ?? {});
    const input = { venue: venue.name, budgets, terms: settings.venue };
    this.#actor = runtime.start(this.#machine, { id: `venue/${venue.name}`, input });
    if (!venue.unsupported.has('privateStream')) this.#want(PRIVATE);
    this.#look();
    for (const task of this.#tasks) task.start();
  }

  /** Ends everything. The venue itself belongs to whoever made it. */
  stop(): void {
    for (const task of this.#tasks) task.stop();
    if (this.#actor?.getSnapshot().status === 'active') this.#parts.runtime.stop(this.#actor);
    this.#connections.close();
  }

  /** Follows books, each tradable once its snapshot is here and what orders on it need was read for its listing. */
  watch(books: readonly BookId[], listings: readonly Listing[]): void {
    const { venue, runtime } = this.#parts;
    for (const book of books)
      invariant(venueOf(book) === venue.name, () => `expected a book of ${venue.name}, found ${book}`);
    this.#connections.feeds.learn(listings);
    this.#standings.learn(listings);
    runtime.step(() => {
      for (const { connection, books: assigned, isEdge } of this.#connections.subscriptions.assign(books)) {
        if (isEdge) this.#want(connection);
        this.#connections.feeds.add(assigned);
        this.#connections.tell(connection, { type: 'books.assigned', books: assigned });
      }
    });
  }

  unwatch(books: readonly BookId[]): void {
    this.#standings.forget(books);
    this.#prover.forget(books);
    this.#parts.runtime.step(() => {
      this.#connections.feeds.remove(books);
      for (const { connection, books: released, isEdge } of this.#connections.subscriptions.release(books)) {
        this.#connections.tell(connection, { type: 'books.released', books: released });
        if (isEdge) this.#connections.tell(connection, { type: 'close.requested' });
      }
    });
  }

  /** Whether an order may be sent there now, as far as the venue is concerned. */
  availability(): Availability {
    const snapshot = this.#actor?.getSnapshot();
    if (snapshot?.status !== 'active')
      return { entries: false, reducing: false, reason: 'the venue actor is not alive' };
    const available = availabilityOf(snapshot.value, snapshot.context);
    const needsPrivate = !this.#parts.venue.unsupported.has('privateStream');
    // Fills that nobody tells us are exposure that nobody sees.
    if (available.entries && needsPrivate && !this.#connections.isLive(PRIVATE))
      return { ...available, entries: false, reason: `private stream: ${this.#connections.standingOf(PRIVATE)}` };
    // An order that its budget holds back leaves alone the one that the other venue has by then.
    const orders = [this.budget('write'), this.#parts.rateStates?.().write].find(
      (state = 'ample') => state !== 'ample',
    );
    if (!available.entries || orders === undefined) return available;
    return { ...available, entries: false, reason: `budget of orders: ${orders}` };
  }

  /** A venue that speaks otherwise does so in every frame: the same kind of fault is told once in a while. */
  #noteFault({ fault, message }: FrameFault): void {
    const { clock, settings, venue, onNotice } = this.#parts;
    const nowMs = clock.nowMs();
    if (nowMs - (this.#faultAtMs.get(fault) ?? Number.NEGATIVE_INFINITY) < settings.faultPauseMs) return;
    this.#faultAtMs.set(fault, nowMs);
    onNotice({ venue: venue.name, what: 'frameFault', detail: `${fault}: ${message}` });
  }

  /** In the words of the feed chart; `unwatched` where nobody asked for it. */
  contentOf(book: BookId): string {
    const snapshot = this.#connections.feeds.feedOf(book)?.getSnapshot();
    return snapshot === undefined ? 'unwatched' : contentOfFeed(snapshot.value);
  }

  isTradable(book: BookId): boolean {
    const snapshot = this.#connections.feeds.feedOf(book)?.getSnapshot();
    return snapshot?.status === 'active' && isTradableFeed(snapshot.value);
  }

  /** Uptime, last heartbeat, messages and subscriptions of every connection, at any time. */
  figures(): readonly ConnectionFigures[] {
    return this.#connections.figures();
  }

  /** How much of a budget is left. One that nobody keeps is never the reason for anything. */
  budget(name: string): RateState {
    const ref = this.#childOf(`rate/${name}`);
    if (ref === undefined) return this.#parts.rateStates?.()[name] === undefined ? 'ample' : 'exhausted';
    return ref.getSnapshot().value as RateState;
  }

  /** Whether ordinary requests should go out now: scanning waits as long as it is not so. */
  requestBudget(name: string): boolean {
    const state = this.budget(name);
    return state === 'ample' || state === 'slowed';
  }

  /** The venue's clock less ours, as measured last; 0 before that. */
  get clockOffsetMs(): number {
    return this.#actor?.getSnapshot().context.offsetMs ?? 0;
  }

  /**
   * Asks at once whether the venue still shows these books, and trades their markets. What agrees is proven, and
   * decided on again; what does not is a contradiction of its connection. Returns how many are asked about.
   */
  prove(books: readonly BookId[]): number {
    return this.#prover.prove(books);
  }

  /** Every reply to an order or a cancel says something about the venue. */
  noteOutcome(outcome: OrderOutcome | CancelOutcome): void {
    const met = metBy(outcome, this.#parts.standingNow);
    if (met !== undefined) this.#send({ type: 'standing.met', ...met });
    if (outcome.kind === 'refused' && outcome.reason === 'rateLimited')
      this.#limited('write', outcome.detail, outcome.retryAfterMs);
  }

  noteReading(reading: Reading<unknown>): void {
    if (reading.kind === 'failed' && reading.fault === 'rateLimited') this.#limited('read', reading.detail, undefined);
  }

  /** A book refused what it was told, is crossed, or disagrees with its complement: it waits for a snapshot. */
  gapBooks(books: readonly BookId[], reason: GapReason, detail: string): void {
    for (const connection of this.#connections.subscriptions.connections) {
      const here = books.filter((book) => this.#connections.subscriptions.connectionOf(book) === connection);
      this.#connections.gap(connection, { kind: 'book.gapped', books: here, reason, detail });
    }
  }

  /** A person gives a connection up, or lets it try again. */
  abandon(connection: string, by: string): void {
    this.#connections.tell(connection, { type: 'abandon.requested', by });
  }

  resume(connection: string, by: string): void {
    this.#connections.tell(connection, { type: 'resume.requested', by });
  }

  /** Every live connection is made anew. */
  recycle(reason: string): void {
    for (const id of [...this.#connections.subscriptions.connections, PRIVATE])
      if (this.#connections.isLive(id)) this.#connections.tell(id, { type: 'recycle.requested', reason });
  }

  #makeProver(): BookProver {
    const { clock, bookOf, settings, venue } = this.#parts;
    return new BookProver({
      clock,
      bookOf,
      secondLookMs: settings.secondLookMs,
      pauseMs: settings.proofPauseMs,
      closedPauseMs: settings.closedPauseMs,
      mayAsk: () => this.requestBudget('read'),
      readBooks: this.#connections.readBooks,
      readListings: (books) => venue.listings({ venueKeys: this.#standings.keysOf(books) }),
      onReading: (reading) => this.noteReading(reading),
      onListings: (listings) => this.#standings.learn(listings),
      onAgreed: (agreed) => this.#connections.confirm(agreed),
      onContradicted: (wrong, detail) => this.#connections.contradict(wrong, detail),
    });
  }

  #venueHandlers(): EffectHandlers<typeof venueEffects> {
    const { venue, report, onNotice } = this.#parts;
    return {
      requestStatus: () => void this.#readStatus(),
      requestClockOffset: () => void this.#readClock(),
      requestReplacement: (_, { actorId }) => {
        if (actorId.startsWith('rate/')) return;
        this.#connections.lose(actorId);
        this.#replace(actorId);
      },
      forgetConnection: (_, { actorId }) => this.#connections.forget(actorId),
      reportUnreachable: (_, { detail }) =>
        report({
          kind: 'CONNECTION_LOST',
          venue: venue.name,
          detail: `the status of ${venue.name} cannot be read: ${detail}`,
        }),
      reportSkew: (_, { offsetMs }) =>
        report({
          kind: 'CLOCK_SKEW',
          venue: venue.name,
          detail: `the clock of ${venue.name} is ${offsetMs} ms from ours`,
        }),
      reportDrift: (_, { offsetMs }) =>
        onNotice({ venue: venue.name, what: 'clockDrift', detail: `its clock is ${offsetMs} ms from ours` }),
    };
  }

  #budgetHandlers(): EffectHandlers<typeof rateLimitEffects> {
    const { venue, report, onNotice } = this.#parts;
    return {
      requestSample: (_, { budget }) => this.#sample(budget, true),
      reportLimited: (_, { budget, waitMs }) =>
        report({
          kind: 'RATE_LIMITED',
          venue: venue.name,
          detail: `${budget} requests are refused, wait ${waitMs} ms`,
        }),
      reportPressure: (_, { budget, state }) =>
        onNotice({ venue: venue.name, what: 'budgetPressure', detail: `${budget} requests: ${state}` }),
    };
  }

  async #readStatus(): Promise<void> {
    await this.#once('status', async () => {
      const reading = await this.#parts.venue.status();
      this.noteReading(reading);
      if (reading.kind === 'failed')
        this.#send({ type: 'status.failed', detail: `${reading.fault}: ${reading.detail}` });
      else this.#send({ type: 'status.read', standing: standingOf(reading.value), detail: reading.value.detail });
    });
  }

  async #readClock(): Promise<void> {
    await this.#once('clock', async () => {
      const reading = await this.#parts.venue.clockOffsetMs();
      this.noteReading(reading);
      if (reading.kind === 'failed')
        this.#send({ type: 'clock.failed', detail: `${reading.fault}: ${reading.detail}` });
      else this.#send({ type: 'clock.measured', offsetMs: reading.value });
    });
  }

  /** A read that takes longer than the pause between two is not asked twice. */
  async #once(what: 'status' | 'clock', read: () => Promise<void>): Promise<void> {
    if (this.#underWay.has(what)) return;
    this.#underWay.add(what);
    try {
      await read();
    } catch (error) {
      this.#send({ type: `${what}.failed`, detail: String(error) });
    } finally {
      this.#underWay.delete(what);
    }
  }

  #limited(budget: string, detail: string, retryAfterMs: number | undefined): void {
    const ref = this.#childOf(`rate/${budget}`);
    if (ref !== undefined) this.#sendBudget(ref, { type: 'limit.refused', retryAfterMs, detail });
  }

  #makeTasks(): readonly Repeating[] {
    const { clock, settings, venue, refreshHeaders, orderBeat, onNotice, onReconciliationNeeded } = this.#parts;
    const onFailure = (error: unknown): void =>
      onNotice({
        venue: venue.name,
        what: 'upkeepFailed',
        detail: error instanceof Error ? error.message : String(error),
      });
    const every = (everyMs: number, run: () => void | Promise<void>): Repeating =>
      new Repeating({ clock, everyMs, run, onFailure });
    const tasks = [every(settings.lookMs, () => this.#look())];
    if (refreshHeaders !== undefined && settings.refreshMs !== undefined)
      tasks.push(every(settings.refreshMs, refreshHeaders));
    if (orderBeat !== undefined) {
      const onMissed = (detail: string): void => onReconciliationNeeded(venue.name, detail);
      const beats = new OrderBeats({ ...orderBeat, clock, deadlineMs: settings.beatDeadlineMs, onMissed });
      tasks.push(every(settings.beatMs, () => beats.due()));
    }
    return tasks;
  }

  #look(): void {
    this.#connections.look();
    for (const budget of Object.keys(this.#parts.rateStates?.() ?? {})) this.#sample(budget, false);
    const window = windowAt(this.#parts.settings.windows, this.#parts.clock.wall())?.name;
    if (window === this.#window) return;
    this.#window = window;
    this.#send(window === undefined ? { type: 'window.ended' } : { type: 'window.began', window });
  }

  #sample(budget: string, isAsked: boolean): void {
    const state = this.#parts.rateStates?.()[budget];
    const ref = this.#childOf(`rate/${budget}`);
    if (state === undefined || ref === undefined) return;
    if (!isAsked && state === (this.#sampled.get(budget) ?? 'ample')) return;
    this.#sampled.set(budget, state);
    this.#sendBudget(ref, { type: 'budget.sampled', state });
  }

  /** At once, but one that breaks again at once waits: what breaks whenever it starts would start for ever. */
  #replace(id: string): void {
    const { clock } = this.#parts;
    const nowMs = clock.nowMs();
    const dueMs = Math.max(nowMs, (this.#replacedAtMs.get(id) ?? Number.NEGATIVE_INFINITY) + REPLACEMENT_MS);
    this.#replacedAtMs.set(id, dueMs);
    if (dueMs === nowMs) this.#want(id);
    else clock.setTimeout(() => this.#actor?.getSnapshot().status === 'active' && this.#want(id), dueMs - nowMs);
  }

  #want(id: string): void {
    const { settings } = this.#parts;
    const isPrivate = id === PRIVATE;
    this.#connections.prepare(id);
    this.#send({
      type: 'connection.wanted',
      id,
      carries: isPrivate ? 'private' : 'market',
      login: isPrivate ? settings.privateLogin : 'whileOpening',
      terms: isPrivate ? settings.private : settings.market,
    });
  }

  #sendBudget(ref: AnyActorRef, event: RateLimitEvent): void {
    this.#parts.runtime.send(ref, event);
  }

  #send(event: VenueEvent): void {
    // A read may end after the desk was stopped.
    if (this.#actor?.getSnapshot().status === 'active') this.#parts.runtime.send(this.#actor, event);
  }

  #childOf(id: string): AnyActorRef | undefined {
    return (this.#actor?.getSnapshot().children as Record<string, AnyActorRef | undefined> | undefined)?.[id];
  }
}
