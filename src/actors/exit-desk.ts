/** What an exit asks for, done: it looks at books and the clock, and sizes every close by what is certainly held. */
import type { Book } from '../domain/book/book.ts';
import { closableE6, decideClose, type ExitPlan } from '../domain/execution/exit-plan.ts';
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
  /** The least that the venue may hold for us, in contracts of this outcome. */
  readonly heldE6Min: (instrument: Instrument) => number;
  /** Runs when the step that is under way has come to rest: reports and bookings of one fill are then both in. */
  readonly whenIdle: (run: () => void) => void;
  readonly reportLegs: (attemptId: string, reports: readonly LegReport[]) => void;
  readonly reportTrigger: ReportTrigger;
}

interface Watched {
  readonly actor: ActorHandle;
  readonly plan: ExitPlan;
  said: ExitTrigger | undefined;
  timer: Timer | undefined;
}

const MICROS_PER_MILLI = 1_000;
/** Timers of a clock reach so far: a day. */
const TIMER_MS_MAX = 86_400_000;

export class ExitDesk {
  readonly #parts: ExitDeskParts;
  readonly #looks: BookLooks;
  readonly #watched = new Map<string, Watched>();
  /** What our orders may still sell, by actor: the newest report of each. */
  readonly #open = new Map<string, { readonly actor: ActorHandle; readonly plan: ExitPlan; openE6: number }>();
  #orders = 0;

  constructor(parts: ExitDeskParts) {
    this.#parts = parts;
    this.#looks = new BookLooks(parts.clock, parts.lookMs);
  }

  handlers(): EffectHandlers<typeof exitEffects> {
    return {
      watchPrices: (actor, { plan }) => this.#watch(actor, plan),
      unwatchPrices: (actor) => this.#unwatch(actor.path),
      requestClose: (actor, request) => tell(actor, this.#close(request)),
      watchHolding: (actor, { plan, openE6 }) => {
        this.#open.set(actor.path, { actor, plan, openE6 });
        this.holdingChanged(plan.instrument);
      },
      reportLegs: (actor, { plan, reports }) => {
        const openE6 = reports.reduce((sum, report) => sum + report.openE6, 0);
        const known = this.#open.get(actor.path);
        if (known !== undefined) known.openE6 = openE6;
        this.#parts.reportLegs(attemptIdOf(plan), reports);
      },
      reportTrigger: (_, trigger) => this.#parts.reportTrigger(trigger),
    };
  }

  bookChanged(book: BookId): void {
    this.#looks.changed(book);
  }

  /** Something was bought, sold, settled or reversed: closes that rest may be too large now. */
  holdingChanged(instrument: Instrument): void {
    this.#parts.whenIdle(() => {
      const heldE6 = this.#parts.heldE6Min(instrument);
      let openE6 = 0;
      for (const { plan, ...close } of this.#open.values()) {
        if (instrumentId(plan.instrument) !== instrumentId(instrument) || close.openE6 === 0) continue;
        openE6 += close.openE6;
        // The newest close gives way first: the older ones are covered.
        if (openE6 > heldE6) tell(close.actor, { type: 'holding.fell', heldE6 });
      }
    });
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
    if (book?.grid === undefined || market === undefined) return { type: 'close.deferred', reason: 'book not trusted' };
    const sizeE6 = closableE6({
      wantedE6: leftE6,
      heldE6Min: this.#parts.heldE6Min(instrument),
      openClosesE6: this.#openClosesE6(instrument),
    });
    const grid: TickGrid = instrument.inverted ? mirroredGrid(book.grid) : book.grid;
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
      attemptId: attemptIdOf(plan),
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
    const id = instrumentId(instrument);
    return [...this.#open.values()].reduce(
      (sum, { plan, openE6 }) => sum + (instrumentId(plan.instrument) === id ? openE6 : 0),
      0,
    );
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

/** An exit stands in the exposure book under a name of its own. */
function attemptIdOf({ positionId, leg }: ExitPlan): string {
  return `exit/${positionId}/${leg}`;
}

function tell(actor: ActorHandle, event: ExitEvent): void {
  actor.send(event);
}
