/** What an exit asks for, done: it looks at books and the clock, and sizes every close by what is certainly held. */
import type { Book } from '../domain/book/book.ts';
import { closableE6, decideClose, type ExitPlan, exitAttemptId } from '../domain/execution/exit-plan.ts';
import type { LegOrder, LegReport } from '../domain/execution/leg.ts';
import { type BookId, type Instrument, instrumentId, type TickGrid } from '../domain/instrument.ts';
import type { ReportTrigger } from '../domain/limits/trigger.ts';
import type { Clock, Timer } from '../domain/ports/clock.ts';
import type { Ids } from '../domain/ports/random.ts';
import { mirroredGrid } from '../domain/quoting/grid-price.ts';
import { type ExitTrigger, exitTrigger } from '../domain/sports/exits.ts';
import { type Micros, type Millis, millis, type PriceE4, priceE4, type SizeE6 } from '../domain/units.ts';
import type { ExitEvent } from '../machines/exit.events.ts';
import type { exitEffects } from '../machines/exit.machine.ts';
import type { ActorHandle, EffectHandlers } from './actor-runtime.ts';
import { BookLooks } from './book-looks.ts';

export interface ExitMarket {
  readonly minSizeE6: SizeE6;
  /** As it was listed: a book that never spoke of its grid has this one. */
  readonly grid: TickGrid | undefined;
  /** When it is settled at the earliest, as far as the venue says. */
  readonly settlesAt: Micros | undefined;
}

export interface ExitDeskParts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly bookOf: (book: BookId) => Book | undefined;
  /** A book without proof for longer is not sold into. */
  readonly staleAfterMs: Millis;
  readonly lookMs: Millis;
  readonly marketOf: (instrument: Instrument) => ExitMarket | undefined;
  /** The least that the venue may hold for us, in contracts of this outcome, if no close that was reported fills. */
  readonly heldE6Min: (instrument: Instrument, reportedClosesE6: number) => number;
  /** Runs when the step that is under way has come to rest: reports and bookings of one fill are then both in. */
  readonly whenIdle: (run: () => void) => void;
  readonly reportLegs: (attemptId: string, reports: readonly LegReport[]) => void;
  /** Nothing of this exit can change any more. */
  readonly onEnded?: (attemptId: string) => void;
  readonly reportTrigger: ReportTrigger;
}

interface Watched {
  readonly actor: ActorHandle;
  readonly plan: ExitPlan;
  said: ExitTrigger | undefined;
  timer: Timer | undefined;
}

/** What an exit may still sell. */
interface Close {
  readonly actor: ActorHandle;
  readonly plan: ExitPlan;
  openE6: number;
  /** Of that, what risk was told. */
  reportedE6: number;
  /** It was told that what it sells is gone: once, until it is there again. */
  wasTold: boolean;
}

const MICROS_PER_MILLI = 1_000;
/** Timers of a clock reach so far: a day. */
const TIMER_MS_MAX = 86_400_000;

export class ExitDesk {
  readonly #parts: ExitDeskParts;
  readonly #looks: BookLooks;
  readonly #watched = new Map<string, Watched>();
  /** By actor, the oldest first. */
  readonly #open = new Map<string, Close>();
  #orders = 0;
  #isLookingAtHoldings = false;

  constructor(parts: ExitDeskParts) {
    this.#parts = parts;
    this.#looks = new BookLooks(parts.clock, parts.lookMs);
  }

  handlers(): EffectHandlers<typeof exitEffects> {
    return {
      watchPrices: (actor, { plan }) => this.#watch(actor, plan),
      unwatchPrices: (actor, { plan }) => {
        this.#unwatch(actor.path);
        this.#parts.onEnded?.(exitAttemptId(plan));
      },
      requestClose: (actor, request) => tell(actor, this.#close(request)),
      watchHolding: (actor, { plan, openE6 }) => {
        const { reportedE6 = 0 } = this.#open.get(actor.path) ?? {};
        this.#open.set(actor.path, { actor, plan, openE6, reportedE6, wasTold: false });
        this.holdingChanged();
      },
      reportLegs: (actor, { plan, reports }) => {
        const openE6 = reports.reduce((sum, report) => sum + report.openE6, 0);
        const { wasTold = false } = this.#open.get(actor.path) ?? {};
        this.#open.set(actor.path, { actor, plan, openE6, reportedE6: openE6, wasTold });
        this.#parts.reportLegs(exitAttemptId(plan), reports);
      },
      reportTrigger: (_, trigger) => this.#parts.reportTrigger(trigger),
    };
  }

  bookChanged(book: BookId): void {
    this.#looks.changed(book);
  }

  /** Something was bought, sold, settled or reversed: closes that rest may be too large now. */
  holdingChanged(): void {
    if (this.#isLookingAtHoldings || ![...this.#open.values()].some(({ openE6 }) => openE6 > 0)) return;
    this.#isLookingAtHoldings = true;
    this.#parts.whenIdle(() => {
      this.#isLookingAtHoldings = false;
      const closes = [...this.#open.values()].filter(({ openE6 }) => openE6 > 0);
      for (const id of new Set(closes.map(({ plan }) => instrumentId(plan.instrument))))
        this.#giveWay(closes.filter(({ plan }) => instrumentId(plan.instrument) === id));
    });
  }

  /** The newest close gives way first: the older ones are covered. */
  #giveWay(closes: readonly Close[]): void {
    const [first] = closes;
    if (first === undefined) return;
    const heldE6 = this.#heldE6(first.plan.instrument);
    let openE6 = 0;
    for (const close of closes) {
      openE6 += close.openE6;
      const isGone = openE6 > heldE6;
      if (isGone && !close.wasTold) tell(close.actor, { type: 'holding.fell', heldE6 });
      close.wasTold = isGone;
    }
  }

  #heldE6(instrument: Instrument): number {
    const reportedE6 = this.#closesOf(instrument).reduce((sum, close) => sum + close.reportedE6, 0);
    return this.#parts.heldE6Min(instrument, reportedE6);
  }

  #watch(actor: ActorHandle, plan: ExitPlan): void {
    if (plan.orders === undefined) return;
    const watched: Watched = { actor, plan, said: undefined, timer: undefined };
    this.#watched.set(actor.path, watched);
    this.#looks.start(actor.path, plan.instrument.book, () => this.#look(watched));
    this.#wake(watched);
  }

  #unwatch(path: string): void {
    const watched = this.#watched.get(path);
    if (watched?.timer !== undefined) this.#parts.clock.clearTimeout(watched.timer);
    this.#watched.delete(path);
    this.#open.delete(path);
    this.#looks.stop(path);
  }

  /** Says why it is to be closed, once until the reason is another one. */
  #look(watched: Watched): void {
    const { actor, plan } = watched;
    if (actor.ref.getSnapshot().status !== 'active') {
      this.#unwatch(actor.path);
      return;
    }
    if (plan.orders === undefined) return;
    const situation = {
      bidE4: this.#bidOf(plan.instrument),
      untilSettlementMs: this.#untilSettlementMs(plan),
      isRequested: false,
    };
    const trigger = exitTrigger(situation, plan.orders);
    if (trigger === watched.said) return;
    watched.said = trigger;
    if (trigger !== undefined) tell(actor, { type: 'exit.due', trigger });
  }

  /** The clock triggers in a market where nothing moves, too. */
  #wake(watched: Watched): void {
    const { plan } = watched;
    const leftMs = this.#untilSettlementMs(plan) - (plan.orders?.untilSettlementMsMin ?? 0);
    if (leftMs < 0 || !Number.isFinite(leftMs)) return;
    watched.timer = this.#parts.clock.setTimeout(
      () => {
        watched.timer = undefined;
        this.#look(watched);
        if (this.#watched.get(watched.actor.path) === watched && leftMs > TIMER_MS_MAX) this.#wake(watched);
      },
      Math.min(leftMs, TIMER_MS_MAX),
    );
  }

  #close(request: { readonly plan: ExitPlan; readonly trigger: ExitTrigger; readonly leftE6: number }): ExitEvent {
    const { plan, trigger, leftE6 } = request;
    const { instrument } = plan;
    const [book, market] = [this.#trusted(instrument), this.#parts.marketOf(instrument)];
    const shown = book?.grid ?? market?.grid;
    if (book === undefined || market === undefined || shown === undefined)
      return { type: 'close.deferred', reason: 'book not trusted' };
    const sizeE6 = closableE6({
      wantedE6: leftE6,
      heldE6Min: this.#heldE6(instrument),
      openClosesE6: this.#openClosesE6(instrument),
    });
    const grid: TickGrid = instrument.inverted ? mirroredGrid(shown) : shown;
    const bidE4 = this.#bidOf(instrument);
    const decision = decideClose(plan, { trigger, sizeE6, minSizeE6: market.minSizeE6, bidE4, grid });
    switch (decision.kind) {
      case 'close':
        return {
          type: 'close.planned',
          order: this.#orderOf(plan, decision.terms),
          atMicros: this.#parts.clock.wall(),
        };
      case 'priceGone':
        return { type: 'close.lapsed', reason: 'the bid is below the take profit' };
      case 'dust':
        return { type: 'close.impossible', reason: `${sizeE6} is below the smallest order ${market.minSizeE6}` };
      case 'noBid':
        return { type: 'close.deferred', reason: 'nobody bids' };
      case 'nothing':
        return { type: 'close.deferred', reason: 'nothing is free to be sold' };
    }
  }

  #orderOf(plan: ExitPlan, terms: Pick<LegOrder, 'sizeE6' | 'limitE4' | 'timeInForce' | 'postOnly'>): LegOrder {
    const { venue, instrument, leg } = plan;
    return {
      clientOrderId: this.#parts.ids.uuid(),
      attemptId: exitAttemptId(plan),
      legId: `${++this.#orders}-${venue}`,
      venue,
      instrument,
      role: 'exit',
      basketLeg: leg,
      action: 'sell',
      ...terms,
      expiresAt: undefined,
      reduceOnly: true,
      isReducing: true,
    };
  }

  #openClosesE6(instrument: Instrument): number {
    return this.#closesOf(instrument).reduce((sum, { openE6 }) => sum + openE6, 0);
  }

  #closesOf(instrument: Instrument): readonly Close[] {
    const id = instrumentId(instrument);
    return [...this.#open.values()].filter(({ plan }) => instrumentId(plan.instrument) === id);
  }

  #trusted({ book: id }: Instrument): Book | undefined {
    const book = this.#parts.bookOf(id);
    if (book === undefined || book.standing !== 'live' || book.isCrossed) return undefined;
    return book.unprovenMs(this.#parts.clock.nowMs()) > this.#parts.staleAfterMs ? undefined : book;
  }

  #bidOf(instrument: Instrument): PriceE4 | undefined {
    const bid = this.#trusted(instrument)?.bestBidE4(instrument.inverted) ?? -1;
    return bid < 0 ? undefined : priceE4(bid);
  }

  #untilSettlementMs({ instrument }: ExitPlan): Millis {
    const settlesAt = this.#parts.marketOf(instrument)?.settlesAt;
    // Nothing is known: the clock closes nothing.
    if (settlesAt === undefined) return millis(Number.MAX_SAFE_INTEGER);
    return millis((settlesAt - this.#parts.clock.wall()) / MICROS_PER_MILLI);
  }
}

function tell(actor: ActorHandle, event: ExitEvent): void {
  actor.send(event);
}
