/**
 * What a quote asks for, done: the book around it is watched in plain code, and the chart hears only what changes
 * what it should do. One order of ours is taken out of the book before it is compared with others.
 */
import type { Book } from '../domain/book/book.ts';
import type { LegOrder, LegReport } from '../domain/execution/leg.ts';
import type { QuotePlan } from '../domain/execution/quote-plan.ts';
import type { BookId } from '../domain/instrument.ts';
import type { ReportTrigger } from '../domain/limits/trigger.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { MarketDataEvent } from '../domain/ports/market-data.ts';
import type { Ids } from '../domain/ports/random.ts';
import { afterLook, joinQueue, type QueuePosition } from '../domain/quoting/queue-position.ts';
import { type QuotePrice, quotePrice, viewOf } from '../domain/quoting/quote-price.ts';
import { complement, type Millis, type PriceE4, type SizeE6, sizeE6 } from '../domain/units.ts';
import type { QuoteEvent } from '../machines/quote.events.ts';
import type { QuoteWatch, quoteEffects } from '../machines/quote.machine.ts';
import type { ActorHandle, EffectHandlers } from './actor-runtime.ts';
import { BookLooks } from './book-looks.ts';

export interface QuoteDeskParts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly bookOf: (book: BookId) => Book | undefined;
  readonly staleAfterMs: Millis;
  readonly lookMs: Millis;
  /** Whether the quote is still worth its price, beyond its own limit: the hedge is there, the venue takes entries. */
  readonly isWorthwhile: (plan: QuotePlan) => boolean;
  readonly reportLegs: (attemptId: string, reports: readonly LegReport[]) => void;
  readonly reportTrigger: ReportTrigger;
}

interface Watched {
  readonly actor: ActorHandle;
  watch: QuoteWatch;
  queue: QueuePosition | undefined;
  toldAheadE6: number;
  /** Printed at our price since the last look. */
  tradedE6: number;
  said: 'market.moved' | 'edge.gone' | undefined;
}

export class QuoteDesk {
  readonly #parts: QuoteDeskParts;
  readonly #looks: BookLooks;
  readonly #watched = new Map<string, Watched>();
  #orders = 0;

  constructor(parts: QuoteDeskParts) {
    this.#parts = parts;
    this.#looks = new BookLooks(parts.clock, parts.lookMs);
  }

  handlers(): EffectHandlers<typeof quoteEffects> {
    return {
      watchBook: (actor, watch) => this.#watch(actor, watch),
      unwatchBook: (actor) => this.#unwatch(actor.path),
      reportLegs: (_, { plan, reports }) => this.#parts.reportLegs(plan.attemptId, reports),
      reportTrigger: (_, trigger) => this.#parts.reportTrigger(trigger),
    };
  }

  /** A book grew stale, which no event says. */
  bookChanged(book: BookId): void {
    this.#looks.changed(book);
  }

  /** After every event that the books took. */
  onMarketData(event: MarketDataEvent): void {
    if (event.kind === 'trade.printed') this.#printed(event.book, event.priceE4, event.sizeE6);
    for (const book of booksOf(event)) this.#looks.changed(book);
  }

  #watch(actor: ActorHandle, watch: QuoteWatch): void {
    const known = this.#watched.get(actor.path);
    const isSame = known?.watch.resting?.order.legId === watch.resting?.order.legId;
    const watched: Watched =
      known !== undefined && isSame
        ? Object.assign(known, { watch, said: undefined })
        : { actor, watch, queue: undefined, toldAheadE6: -1, tradedE6: 0, said: undefined };
    this.#watched.set(actor.path, watched);
    this.#looks.start(actor.path, watch.plan.instrument.book, () => this.#look(watched));
  }

  #unwatch(path: string): void {
    this.#watched.delete(path);
    this.#looks.stop(path);
  }

  #printed(book: BookId, price: PriceE4, size: SizeE6): void {
    for (const watched of this.#watched.values()) {
      const { instrument } = watched.watch.plan;
      const ours = watched.watch.resting?.order.limitE4;
      if (instrument.book !== book || ours === undefined) continue;
      if ((instrument.inverted ? complement(price) : price) === ours) watched.tradedE6 += size;
    }
  }

  #look(watched: Watched): void {
    const { actor, watch } = watched;
    if (actor.ref.getSnapshot().status !== 'active') {
      this.#unwatch(actor.path);
      return;
    }
    const wanted = this.#wanted(watch);
    if (watch.resting === undefined) this.#offer(watched, wanted);
    else this.#compare(watched, wanted, watch.resting);
  }

  /** Where the quote belongs now; `undefined` while the book may not be believed, or the quote is worth nothing. */
  #wanted({ plan, resting }: QuoteWatch): QuotePrice | undefined {
    const book = this.#trusted(plan.instrument.book);
    if (book === undefined || !this.#parts.isWorthwhile(plan)) return undefined;
    const own = resting === undefined ? undefined : { priceE4: resting.order.limitE4, sizeE6: sizeE6(resting.openE6) };
    const view = viewOf(book, plan.instrument, own);
    return view === undefined ? undefined : quotePrice(view, plan.worstE4);
  }

  #offer({ actor, watch }: Watched, wanted: QuotePrice | undefined): void {
    const { plan, leftE6 } = watch;
    if (wanted?.kind !== 'at' || leftE6 < plan.minSizeE6) return;
    const order = this.#orderOf(plan, wanted.priceE4, sizeE6(leftE6));
    // One offer: the chart asks for the next look when it has come to rest again.
    this.#looks.stop(actor.path);
    tell(actor, { type: 'quote.planned', order, atMicros: this.#parts.clock.wall() });
  }

  #compare(watched: Watched, wanted: QuotePrice | undefined, resting: NonNullable<QuoteWatch['resting']>): void {
    const { actor } = watched;
    const { limitE4 } = resting.order;
    const news = wanted?.kind !== 'at' ? 'edge.gone' : wanted.priceE4 === limitE4 ? undefined : 'market.moved';
    if (news === undefined) {
      watched.said = undefined;
      this.#line(watched, resting);
      return;
    }
    if (watched.said === news) return;
    watched.said = news;
    const reason = wanted === undefined ? 'no book' : wanted.kind === 'at' ? `${wanted.priceE4}` : wanted.kind;
    tell(actor, { type: news, reason: `expected ${limitE4}, found ${reason}` });
  }

  /** The line before us; the chart hears of it when it has halved, emptied or grown. */
  #line(watched: Watched, { order, openE6 }: NonNullable<QuoteWatch['resting']>): void {
    const book = this.#parts.bookOf(order.instrument.book);
    if (book === undefined) return;
    const { inverted } = order.instrument;
    const price = inverted ? complement(order.limitE4) : order.limitE4;
    const shown = book.sizeAt(inverted ? 'ask' : 'bid', price);
    const othersE6 = sizeE6(Math.max(0, shown - openE6));
    const ownE6 = sizeE6(openE6);
    const { queue, tradedE6 } = watched;
    const now =
      queue === undefined
        ? joinQueue(othersE6, ownE6)
        : afterLook(queue, { othersE6, tradedE6: sizeE6(tradedE6), ownE6 });
    watched.queue = now;
    watched.tradedE6 = 0;
    const told = watched.toldAheadE6;
    if (told >= 0 && now.aheadE6 <= told && now.aheadE6 * 2 > told) return;
    if (now.aheadE6 === told) return;
    watched.toldAheadE6 = now.aheadE6;
    tell(watched.actor, { type: 'queue.moved', aheadE6: now.aheadE6, aheadE6Max: now.aheadE6Max });
  }

  #orderOf(plan: QuotePlan, limitE4: PriceE4, size: SizeE6): LegOrder {
    const { attemptId, venue, instrument, basketLeg } = plan;
    return {
      clientOrderId: this.#parts.ids.uuid(),
      attemptId,
      legId: `${plan.quoteId}-${++this.#orders}-${venue}`,
      venue,
      instrument,
      role: 'quote',
      basketLeg,
      action: 'buy',
      limitE4,
      sizeE6: size,
      timeInForce: 'goodTillCanceled',
      expiresAt: undefined,
      postOnly: true,
      reduceOnly: false,
      isReducing: false,
    };
  }

  #trusted(id: BookId): Book | undefined {
    const book = this.#parts.bookOf(id);
    if (book === undefined) return undefined;
    return book.unprovenMs(this.#parts.clock.nowMs()) > this.#parts.staleAfterMs ? undefined : book;
  }
}

function booksOf(event: MarketDataEvent): readonly BookId[] {
  switch (event.kind) {
    case 'book.levels':
      return event.changes.map(({ book }) => book);
    case 'book.gapped':
    case 'books.proven':
    case 'frame.fault':
      return event.books;
    case 'listing.changed':
      return [];
    default:
      return [event.book];
  }
}

function tell(actor: ActorHandle, event: QuoteEvent): void {
  actor.send(event);
}
