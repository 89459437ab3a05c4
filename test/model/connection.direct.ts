/** One connection of a real desk, whose venue says what the model of its chart has it say. */
import { expect } from 'vitest';
import type { AnyActorRef } from 'xstate';
import type { BookId } from '../../src/domain/instrument.ts';
import type { SocketEnd } from '../../src/domain/ports/socket.ts';
import type { ConnectionContext, ConnectionEvent, ConnectionInput } from '../../src/machines/connection.events.ts';
import type { connectionMachine } from '../../src/machines/connection.machine.ts';
import { listingOf, type ScriptedStream, snapshotOf } from '../support/scripted-venue.ts';
import { DirectDesk } from './desk.direct.ts';
import type { ModelState } from './harness/model.ts';
import { A, B, DESK, GATHER_MS, MARKET_TERMS, VenueWorld } from './venue-world.ts';

type Machine = typeof connectionMachine;
type Carries = ConnectionInput['carries'];
type Login = ConnectionInput['login'];

export const OVERDUE: Readonly<Record<string, number>> = {
  'connect.overdue': MARKET_TERMS.connectMs,
  'login.overdue': MARKET_TERMS.loginMs,
  'subscription.overdue': MARKET_TERMS.subscriptionMs,
  'heartbeat.due': MARKET_TERMS.heartbeatMs,
  'stability.reached': MARKET_TERMS.stableMs,
  'probe.due': MARKET_TERMS.probeMs,
  'suspicion.due': MARKET_TERMS.suspicionMs,
  'recheck.due': MARKET_TERMS.recheckMs,
};

/** The real desk, its one connection, and a venue that says what the model has it say. */
export class DirectDriver extends DirectDesk<Machine, ConnectionEvent> {
  readonly #carries: Carries;
  readonly #id: string;
  #extra = 0;

  constructor(carries: Carries, privateLogin: Login = 'firstFrame') {
    const id = carries === 'private' ? 'private' : 'market-1';
    const settings = { ...DESK, privateLogin };
    super(new VenueWorld({ hasPrivate: carries === 'private', settings }), `venue/kalshi/${id}`);
    this.#carries = carries;
    this.#id = id;
  }

  protected begin(): AnyActorRef {
    this.world.start(this.#carries === 'market' ? [A, B] : []);
    return this.world.actor(this.#id);
  }

  /** I11, and that figures are there to be read at any time. */
  check(model: ModelState<Machine>): void {
    const { bench } = this.world;
    if (!model.text.startsWith('live') && model.text !== 'subscribing')
      for (const book of [A, B]) {
        expect(bench.desk.isTradable(book)).toBe(false);
        expect(bench.books.find(book)?.standing ?? 'awaitingSnapshot').not.toBe('live');
      }
    if (['backingOff', 'abandoned', 'closed'].includes(model.text)) expect(this.#open()).toEqual([]);
    for (const figures of bench.desk.figures()) expect(figures.messages).toBeGreaterThanOrEqual(0);
  }

  #open() {
    const { market, ours } = this.world.venue;
    return [...market, ...ours].filter((stream) => !stream.isClosed && !this.#ended.has(stream));
  }

  readonly #ended = new Set<unknown>();

  get #stream(): ScriptedStream<never> | undefined {
    const { market, ours } = this.world.venue;
    return (this.#carries === 'market' ? market : ours).at(-1) as ScriptedStream<never> | undefined;
  }

  protected async bring(event: ConnectionEvent): Promise<string | undefined> {
    const { bench, clock } = this.world;
    const due = OVERDUE[event.type];
    if (due !== undefined) return clock.fire(due) ? undefined : `no timer for ${event.type} runs`;
    switch (event.type) {
      case 'retry.due': {
        const { delayMs } = this.#context();
        return clock.fire(delayMs) ? undefined : 'nothing is being waited for';
      }
      case 'resume.requested':
        bench.desk.resume(this.#id, event.by);
        return undefined;
      case 'abandon.requested':
        bench.desk.abandon(this.#id, event.by);
        return undefined;
      case 'recycle.requested':
        bench.desk.recycle(event.reason);
        return 'only what is live is made anew';
      case 'close.requested':
        if (this.#carries === 'private') return 'our own stream is closed with the desk only';
        bench.desk.unwatch(this.#carried());
        return undefined;
      case 'books.assigned':
        return this.#assign();
      case 'books.released':
        if (this.#carried().length < 2) this.#assign();
        bench.desk.unwatch(this.#carried().slice(-1));
        return undefined;
      case 'feed.exhausted':
        return this.#exhaust();
      case 'effect.failed':
        return this.#breakEffect();
      default:
        return this.#say(event);
    }
  }

  /** What the venue itself says, or does not say. */
  async #say(event: ConnectionEvent): Promise<string | undefined> {
    const stream = this.#stream;
    if (stream === undefined || stream.isClosed || this.#ended.has(stream)) return 'there is no socket';
    const { listener } = stream as ScriptedStream<unknown>;
    switch (event.type) {
      case 'socket.opened':
        listener.onOpen();
        return undefined;
      case 'login.proven':
        listener.onAlive();
        return 'nobody waits for a sign of life';
      case 'subscription.proven':
        for (const book of this.#carried()) listener.onEvent(snapshotOf(book));
        return 'nobody waits for a snapshot';
      case 'socket.ended':
        this.#ended.add(stream);
        listener.onEnd({ kind: event.kind as SocketEnd['kind'], code: event.code, message: event.detail });
        return undefined;
      case 'sequence.gapped':
        listener.onEvent({
          kind: 'book.gapped',
          books: this.#carried(),
          reason: 'sequence',
          detail: 'expected seq 3, found 4',
        });
        return 'only what is live is gapped';
      case 'private.gapped':
        if (this.#carries === 'market') return 'books are not private';
        listener.onEvent({ kind: 'private.fault', message: 'malformed' });
        return 'only what is live is gapped';
      case 'data.quieted':
      case 'data.resumed':
      case 'socket.fellSilent':
        return this.#flow(event, listener);
      default:
        return this.#answer(event);
    }
  }

  #flow(event: ConnectionEvent, listener: ScriptedStream<unknown>['listener']): string | undefined {
    const { clock } = this.world;
    if (event.type === 'data.resumed') {
      this.#data(listener);
      return 'it was not quiet';
    }
    if (event.type === 'data.quieted') {
      // A question that was asked while data came, so that its answer may come late.
      clock.fire(MARKET_TERMS.probeMs);
      clock.pass(DESK.quietMs);
      listener.onAlive();
    } else clock.pass(DESK.deadMs);
    clock.fire(DESK.lookMs);
    return 'nobody looks at a stream that is not live';
  }

  #data(listener: ScriptedStream<unknown>['listener']): void {
    if (this.#carries === 'market') {
      listener.onEvent({
        kind: 'quote.seen',
        book: A,
        bestBidE4: undefined,
        bestAskE4: undefined,
        stamp: undefined,
        venueAtMs: undefined,
      });
      return;
    }
    listener.onEvent({ kind: 'order.reported', order: { venueOrderId: 'o1' }, reason: undefined });
  }

  /** The venue's own books, or fills. */
  async #answer(event: ConnectionEvent): Promise<string | undefined> {
    const { clock, venue } = this.world;
    const reads = this.#carries === 'market' ? venue.bookReads : venue.fillReads;
    if (reads.count === 0) clock.fire(MARKET_TERMS.probeMs);
    await this.world.settle();
    if (reads.count === 0) return 'nobody asked';
    if (event.type === 'crossCheck.failed') reads.fail();
    else if (this.#carries === 'private')
      venue.fillReads.answer(event.type === 'books.contradicted' ? [this.#untoldFill() as never] : []);
    else if (event.type === 'crossCheck.superseded') venue.bookReads.answer([]);
    else if (event.type === 'books.agreed') venue.bookReads.answer([snapshotOf(A), snapshotOf(B)]);
    else {
      venue.bookReads.answer([snapshotOf(A, 4_700)]);
      await this.world.settle();
      clock.fire(DESK.secondLookMs);
      await this.world.settle();
      venue.bookReads.answer([snapshotOf(A, 4_700)]);
    }
    return 'the question was about a stream that is gone';
  }

  #untoldFill() {
    // Told to nobody, late enough to be expected and after the stream began.
    this.world.clock.pass(DESK.fillGraceMs * 4);
    return { tradeId: 't1', venueAt: this.world.clock.wall() - DESK.fillGraceMs * 3_000 };
  }

  #assign(): string | undefined {
    if (this.#carries === 'private') return 'our own stream carries no books';
    const book: BookId = `kalshi/X${this.#extra++}`;
    this.world.bench.desk.watch([book], [listingOf(book)]);
    return this.#carried().includes(book) ? undefined : 'another connection carries it';
  }

  #carried(): readonly BookId[] {
    return this.world.carriedBy(this.#id);
  }

  #context(): ConnectionContext {
    return (this.ref.getSnapshot() as { context: ConnectionContext }).context;
  }

  async #exhaust(): Promise<string | undefined> {
    const { clock } = this.world;
    const { snapshotMs, resyncPauseMs } = MARKET_TERMS.feed;
    const stream = this.#stream;
    if (this.state().startsWith('live') && stream !== undefined && this.#carried().length > 0)
      (stream as ScriptedStream<unknown>).listener.onEvent({
        kind: 'book.gapped',
        books: [this.#carried()[0]],
        reason: 'malformed',
        detail: 'not JSON',
      });
    for (const ms of [resyncPauseMs, GATHER_MS, snapshotMs, resyncPauseMs * 2, GATHER_MS, snapshotMs]) {
      while (clock.fire(ms)) await this.world.settle();
    }
    return 'no feed waits';
  }

  /** Makes something throw that the chart asks for in this state, or in the next one like it. */
  async #breakEffect(): Promise<string | undefined> {
    const { venue, clock } = this.world;
    const stream = this.#stream;
    const state = this.state();
    if (state.startsWith('live')) {
      if (stream !== undefined) stream.broken = 'heartbeat';
      clock.fire(MARKET_TERMS.heartbeatMs);
    } else if (state === 'subscribing') {
      if (stream !== undefined) stream.broken = 'subscribe';
      this.#assign();
    } else if (state === 'connecting' || state === 'authenticating') {
      venue.isOpeningBroken = state === 'connecting';
      venue.isHeartbeatBroken = state === 'authenticating';
      await this.#say({ type: 'socket.ended', kind: 'failed', detail: 'reset' });
      clock.fire(this.#context().delayMs);
      if (state === 'authenticating') await this.#say({ type: 'socket.opened' });
    } else if (state === 'backingOff') {
      this.world.isRandomBroken = true;
      clock.fire(this.#context().delayMs);
      await this.#say({ type: 'socket.ended', kind: 'failed', detail: 'reset' });
    } else return 'nothing is asked for';
    return undefined;
  }
}
