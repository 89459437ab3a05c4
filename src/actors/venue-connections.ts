/** The connections of one venue: their streams, what their charts ask for, and the way of every event through them. */
import { type Observable, Subject } from 'rxjs';
import type { AnyActorRef } from 'xstate';
import type { BookId } from '../domain/instrument.ts';
import { reconnectDelay } from '../domain/limits/reconnect.ts';
import type { MarketDataEvent } from '../domain/ports/market-data.ts';
import type { PrivateEvent } from '../domain/ports/venue.ts';
import { micros } from '../domain/units.ts';
import type { ConnectionContext, ConnectionEvent, connectionEffects } from '../machines/connection.events.ts';
import { standingOfConnection } from '../machines/connection.machine.ts';
import type { ActorHandle, EffectHandlers } from './actor-runtime.ts';
import { FeedKeeper } from './book-feed.actor.ts';
import { type LineFigures, StreamLine } from './connection.actor.ts';
import { type CrossCheck, type CrossCheckParts, crossCheckBooks, crossCheckFills, oneByOne } from './cross-check.ts';
import { HeardFills } from './heard-fills.ts';
import { Subscriptions } from './subscriptions.ts';
import type { VenueDeskParts } from './venue-desk-parts.ts';

export const PRIVATE = 'private';

export interface ConnectionFigures extends LineFigures {
  readonly id: string;
  /** `fresh`, `quiet` or `suspect` while it is live, otherwise the state of its chart. */
  readonly standing: string;
  readonly books: number;
  readonly failures: number;
  readonly lastEnd: string;
}

interface MarketLine {
  readonly line: StreamLine<MarketDataEvent>;
  readonly data: Subject<MarketDataEvent>;
  /** Until the first snapshot shows that the venue heard the subscription. */
  isUnproven: boolean;
}

const JITTER_SHARE = 0.2;
const MICROS_PER_MILLI = 1_000;
/** Fills at the very beginning of a stream may have been told to the one before. */
const EDGE_MS = 2_000;
/** A fill is looked for by the venue's clock and remembered by ours, which may differ by so much. */
const CLOCKS_APART_MS = 60_000;
const LIVE = new Set(['fresh', 'quiet', 'suspect']);

export class VenueConnections {
  readonly subscriptions: Subscriptions;
  readonly feeds: FeedKeeper;
  readonly #parts: VenueDeskParts;
  /** The actor of a connection while it lives. */
  readonly #refOf: (id: string) => AnyActorRef | undefined;
  readonly #market = new Subject<MarketDataEvent>();
  readonly #private = new Subject<PrivateEvent>();
  readonly #lines = new Map<string, MarketLine>();
  readonly #privateLine: StreamLine<PrivateEvent>;
  readonly #heardFills: HeardFills;
  readonly #checkedAtMs = new Map<BookId, number>();
  readonly #checking = new Set<string>();

  constructor(parts: VenueDeskParts, refOf: (id: string) => AnyActorRef | undefined) {
    this.#parts = parts;
    this.#refOf = refOf;
    this.#heardFills = new HeardFills(lookBackMsMax(parts) + CLOCKS_APART_MS);
    this.subscriptions = new Subscriptions(parts.settings.booksPerConnectionMax);
    this.feeds = new FeedKeeper({
      runtime: parts.runtime,
      clock: parts.clock,
      terms: parts.settings.market.feed,
      pathOf: (book) => `venue/${parts.venue.name}/${this.subscriptions.connectionOf(book)}/feed/${book}`,
      isAskedFor: (book) => this.#isAskedFor(this.subscriptions.connectionOf(book) ?? ''),
      onExhausted: (book) => this.tell(this.subscriptions.connectionOf(book) ?? '', { type: 'feed.exhausted', book }),
      streamOf: (book) => this.#lines.get(this.subscriptions.connectionOf(book) ?? '')?.line.stream,
      warm: (listings) => parts.venue.warm(listings),
    });
    this.#privateLine = new StreamLine<PrivateEvent>({
      ...this.#lineParts(PRIVATE),
      open: (listener) => parts.venue.openPrivate(listener),
      onEvent: (event) => this.#onPrivate(event),
      isData: (event) => event.kind !== 'private.fault',
    });
  }

  get marketData$(): Observable<MarketDataEvent> {
    return this.#market;
  }

  get private$(): Observable<PrivateEvent> {
    return this.#private;
  }

  isLive(id: string): boolean {
    return LIVE.has(this.standingOf(id));
  }

  standingOf(id: string): string {
    const snapshot = this.#refOf(id)?.getSnapshot();
    return snapshot?.status === 'active' ? standingOfConnection(snapshot.value) : 'absent';
  }

  figures(): readonly ConnectionFigures[] {
    return [...this.#lines.keys(), PRIVATE].map((id) => {
      const context = this.#refOf(id)?.getSnapshot().context as ConnectionContext | undefined;
      return {
        ...this.#lineOf(id).figures,
        id,
        standing: this.standingOf(id),
        books: this.subscriptions.booksOf(id).length,
        failures: context?.failures ?? 0,
        lastEnd: context?.lastEnd ?? '',
      };
    });
  }

  #isAskedFor(id: string): boolean {
    return this.isLive(id) || this.standingOf(id) === 'subscribing';
  }

  /** A connection that its venue actor is about to start. */
  prepare(id: string): void {
    if (id === PRIVATE || this.#lines.has(id)) return;
    const data = new Subject<MarketDataEvent>();
    const line = new StreamLine<MarketDataEvent>({
      ...this.#lineParts(id),
      open: (listener) => this.#parts.venue.openMarketData(listener),
      onEvent: (event) => this.#onMarket(id, event),
      isData: isBookData,
    });
    this.#lines.set(id, { line, data, isUnproven: false });
    this.#parts.onMarketConnection?.(id, data);
  }

  forget(id: string): void {
    const held = this.#lines.get(id);
    this.#lines.delete(id);
    held?.line.cut();
    held?.data.complete();
  }

  look(): void {
    for (const [id, { line }] of this.#lines) if (this.isLive(id)) line.look();
    if (this.isLive(PRIVATE)) this.#privateLine.look();
  }

  close(): void {
    for (const id of [...this.#lines.keys()]) this.forget(id);
    this.#privateLine.cut();
    this.#market.complete();
    this.#private.complete();
  }

  /** Nothing that this connection carried is believed any more, whether or not its stream has said so. */
  lose(id: string): void {
    const carried = this.subscriptions.booksOf(id);
    const books = carried.filter((book) => this.#parts.bookOf(book)?.standing === 'live');
    this.gap(id, { kind: 'book.gapped', books, reason: 'disconnected', detail: `connection ${id} is lost` });
    this.#parts.runtime.step(() => this.feeds.lost(carried));
  }

  /** Somebody found that these books cannot be believed: they wait for a snapshot, and everybody hears so. */
  gap(id: string, event: Extract<MarketDataEvent, { readonly kind: 'book.gapped' }>): void {
    if (event.books.length > 0) this.#onMarket(id, event);
  }

  /** The venue's own books are the same as these. */
  confirm(books: readonly BookId[]): void {
    for (const [id, here] of this.#byConnection(books))
      this.#publish(id, { kind: 'books.proven', books: here, by: 'reading' });
  }

  /** The venue's own books are other than these: the connections that told them answer for it. */
  contradict(books: readonly BookId[], detail: string): void {
    for (const [id, here] of this.#byConnection(books))
      if (this.isLive(id)) this.tell(id, { type: 'books.contradicted', books: here, detail });
  }

  /** The venue's own books: many in one request, where it has one. */
  readonly readBooks: CrossCheckParts['readBooks'] = (books) =>
    (this.#parts.readBooks ?? oneByOne((book) => this.#parts.venue.book({ book, inverted: false })))(books);

  #byConnection(books: readonly BookId[]): ReadonlyMap<string, readonly BookId[]> {
    const found = new Map<string, BookId[]>();
    for (const book of books) {
      const id = this.subscriptions.connectionOf(book);
      if (id !== undefined) found.set(id, [...(found.get(id) ?? []), book]);
    }
    return found;
  }

  tell(id: string, event: ConnectionEvent): void {
    const ref = this.#refOf(id);
    if (ref?.getSnapshot().status === 'active') this.#parts.runtime.send(ref, event);
  }

  readonly handlers: EffectHandlers<typeof connectionEffects> = {
    requestSocket: ({ ref }) => this.#lineOf(ref.id).open(),
    requestCut: ({ ref }) => this.#lineOf(ref.id).cut(),
    requestLoginProof: ({ ref }) => this.#lineOf(ref.id).proveLogin(),
    requestSubscription: ({ ref }) => {
      const books = this.subscriptions.booksOf(ref.id);
      const held = this.#lines.get(ref.id);
      if (held !== undefined) held.isUnproven = books.length > 0;
      this.#ask(ref.id, books);
      if (books.length === 0) this.tell(ref.id, { type: 'subscription.proven' });
    },
    requestMoreBooks: ({ ref }, { books }) => this.#ask(ref.id, books as readonly BookId[]),
    requestFewerBooks: ({ ref }, { books }) => this.#giveUp(ref.id, books as readonly BookId[]),
    requestHeartbeat: ({ ref }) => this.#lineOf(ref.id).heartbeat(),
    requestCrossCheck: ({ ref }, { scope }) => void this.#crossCheck(ref.id, scope),
    requestDelay: (actor, { failures }) => {
      const { reconnect } = this.#termsOf(actor);
      const spread = 1 - JITTER_SHARE + 2 * JITTER_SHARE * this.#parts.random.next();
      const delayMs = Math.min(reconnectDelay(failures, reconnect) * spread, reconnect.delayMsMax);
      actor.send({ type: 'delay.drawn', delayMs: Math.round(delayMs) } as ConnectionEvent);
    },
    proveBooks: (_, { books }) => this.confirm(books as readonly BookId[]),
    gapBooks: ({ ref }, { books, detail }) =>
      this.gap(ref.id, { kind: 'book.gapped', books: books as readonly BookId[], reason: 'malformed', detail }),
    tellFeedsOfLoss: ({ ref }) => this.lose(ref.id),
    demandReconciliation: (_, { reason }) => {
      this.#privateLine.expectData();
      this.#parts.onReconciliationNeeded(this.#parts.venue.name, reason);
    },
    reportLost: ({ ref }, { failures, detail }) =>
      this.#report('CONNECTION_LOST', `${ref.id} failed ${failures} times in a row, last ${detail}`),
    reportRefusedLogin: ({ ref }, { detail }) => this.#report('AUTHENTICATION', `${ref.id} was refused: ${detail}`),
    reportSequenceGap: ({ ref }, { books, detail }) =>
      this.#report('SEQUENCE_GAP', `${ref.id}, ${books} books: ${detail}`),
    reportContradiction: ({ ref }, { detail }) => {
      const isPrivate = ref.id === PRIVATE;
      this.#report(isPrivate ? 'SEQUENCE_GAP' : 'BOOK_STALE', `${ref.id}: ${detail}`);
      if (isPrivate) this.#parts.onReconciliationNeeded(this.#parts.venue.name, detail);
    },
  };

  #onMarket(id: string, event: MarketDataEvent): void {
    this.#publish(id, event);
    if (event.kind === 'book.delta') return;
    // A snapshot that its book refused is none.
    if (event.kind === 'book.snapshot' && this.#parts.bookOf(event.book)?.standing === 'gapped') return;
    const isFirst = this.feeds.follow(event);
    const held = this.#lines.get(id);
    if (isFirst && held?.isUnproven === true) {
      held.isUnproven = false;
      held.line.expectData();
      this.tell(id, { type: 'subscription.proven' });
    }
    if (event.kind === 'book.gapped' && event.reason === 'sequence' && this.isLive(id))
      this.tell(id, { type: 'sequence.gapped', books: event.books.length, detail: event.detail });
  }

  #publish(id: string, event: MarketDataEvent): void {
    this.#lines.get(id)?.data.next(event);
    this.#market.next(event);
  }

  #onPrivate(event: PrivateEvent): void {
    if (event.kind === 'fill.reported') this.#heardFills.note(event.fill.tradeId, this.#parts.clock.nowMs());
    this.#private.next(event);
    if (event.kind === 'private.fault' && this.isLive(PRIVATE))
      this.tell(PRIVATE, { type: 'private.gapped', detail: event.message });
  }

  #ask(id: string, books: readonly BookId[]): void {
    this.#lines.get(id)?.line.stream?.subscribe(books);
    this.#parts.runtime.step(() => this.feeds.asked(books));
  }

  #giveUp(id: string, books: readonly BookId[]): void {
    this.#lines.get(id)?.line.stream?.unsubscribe(books);
    for (const book of books) this.#checkedAtMs.delete(book);
  }

  async #crossCheck(id: string, scope: 'all' | 'oldest'): Promise<void> {
    if (this.#checking.has(id)) return;
    this.#checking.add(id);
    const line = this.#lineOf(id);
    const { generation } = line;
    const verdict = await this.#verdict(id, scope);
    // Over before it is told: what it leads to may be the next question.
    this.#checking.delete(id);
    if (line.generation === generation && this.isLive(id)) this.tell(id, eventOf(verdict));
  }

  async #verdict(id: string, scope: 'all' | 'oldest'): Promise<CrossCheck> {
    try {
      return id === PRIVATE ? await this.#checkFills(this.#privateLine.figures) : await this.#checkBooks(id, scope);
    } catch (error) {
      return { kind: 'failed', detail: error instanceof Error ? error.message : String(error) };
    }
  }

  async #checkBooks(id: string, scope: 'all' | 'oldest'): Promise<CrossCheck> {
    const { clock, bookOf, settings } = this.#parts;
    const live = this.subscriptions.booksOf(id).filter((book) => bookOf(book)?.standing === 'live');
    const books = scope === 'all' ? this.#leastSeen(live, settings.crossCheckBooksMax) : this.#probed(live);
    const { readBooks } = this;
    const verdict = await crossCheckBooks(books, { clock, bookOf, readBooks, secondLookMs: settings.secondLookMs });
    if (verdict.kind !== 'failed') for (const book of books) this.#checkedAtMs.set(book, clock.nowMs());
    return verdict;
  }

  /** Frozen ones first, then those that change so often that they are never the quietest: a change may be lost too. */
  #probed(live: readonly BookId[]): readonly BookId[] {
    const most = Math.ceil(this.#parts.settings.crossCheckBooksMax / 4);
    const quiet = this.#leastSeen(live, Math.ceil(most / 2));
    const checkedAt = (book: BookId): number => this.#checkedAtMs.get(book) ?? 0;
    const unchecked = [...live].sort((a, b) => checkedAt(a) - checkedAt(b));
    return [...new Set([...quiet, ...unchecked])].slice(0, most);
  }

  /** Books that neither changed nor were compared for longest. */
  #leastSeen(live: readonly BookId[], most: number): readonly BookId[] {
    const seenAt = (book: BookId): number =>
      Math.max(this.#parts.bookOf(book)?.changedAtMs ?? 0, this.#checkedAtMs.get(book) ?? 0);
    return [...live].sort((a, b) => seenAt(a) - seenAt(b)).slice(0, most);
  }

  #checkFills({ uptimeMs }: LineFigures): Promise<CrossCheck> {
    const { clock, venue, settings } = this.#parts;
    const now = clock.wall();
    const lookBackMs = Math.min(uptimeMs - EDGE_MS, lookBackMsMax(this.#parts));
    const since = micros(Math.round(now - Math.max(0, lookBackMs) * MICROS_PER_MILLI));
    const until = micros(now - settings.fillGraceMs * MICROS_PER_MILLI);
    return crossCheckFills(this.#heardFills, { since, until }, (from) => venue.fills(from));
  }

  #lineOf(id: string): StreamLine<MarketDataEvent> | StreamLine<PrivateEvent> {
    if (id === PRIVATE) return this.#privateLine;
    this.prepare(id);
    return (this.#lines.get(id) as MarketLine).line;
  }

  #lineParts(id: string) {
    const { clock, settings } = this.#parts;
    const tell = (event: ConnectionEvent): void => this.tell(id, event);
    return { clock, tell, quietMs: settings.quietMs, deadMs: settings.deadMs };
  }

  #termsOf({ ref }: ActorHandle) {
    return ref.id === PRIVATE ? this.#parts.settings.private : this.#parts.settings.market;
  }

  #report(kind: 'CONNECTION_LOST' | 'AUTHENTICATION' | 'SEQUENCE_GAP' | 'BOOK_STALE', detail: string): void {
    this.#parts.report({ kind, venue: this.#parts.venue.name, detail });
  }
}

/** Asked every minute: what is older was asked about before. */
function lookBackMsMax({ settings }: VenueDeskParts): number {
  return 2 * settings.private.suspicionMs + settings.fillGraceMs;
}

/** Notices about listings come for all markets of a venue, and faults say nothing: neither shows that books flow. */
function isBookData(event: MarketDataEvent): boolean {
  switch (event.kind) {
    case 'listing.changed':
    case 'frame.fault':
    case 'book.gapped':
    case 'tick.changed':
      return false;
    default:
      return true;
  }
}

function eventOf(verdict: CrossCheck): ConnectionEvent {
  switch (verdict.kind) {
    case 'agreed':
      return { type: 'books.agreed', books: verdict.books };
    case 'contradicted':
      return { type: 'books.contradicted', books: verdict.books, detail: verdict.detail };
    case 'superseded':
      return { type: 'crossCheck.superseded' };
    case 'failed':
      return { type: 'crossCheck.failed', detail: verdict.detail };
  }
}
