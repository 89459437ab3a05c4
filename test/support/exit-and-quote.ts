/** Exits and quotes at the simulated venues, with real legs, real books, and a parent that writes down what it hears. */
import { type AnyActorRef, setup } from 'xstate';
import type { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { bindExit } from '../../src/actors/exit.actor.ts';
import { ExitDesk } from '../../src/actors/exit-desk.ts';
import { bindOrderLeg } from '../../src/actors/order-leg.actor.ts';
import { bindQuote } from '../../src/actors/quote.actor.ts';
import { QuoteDesk } from '../../src/actors/quote-desk.ts';
import { stateText } from '../../src/actors/record-fields.ts';
import { BookStore } from '../../src/domain/book/book-store.ts';
import type { ExitPlan } from '../../src/domain/execution/exit-plan.ts';
import type { LegReport } from '../../src/domain/execution/leg.ts';
import type { QuotePlan } from '../../src/domain/execution/quote-plan.ts';
import type { Instrument, VenueName } from '../../src/domain/instrument.ts';
import type { Stream } from '../../src/domain/ports/venue.ts';
import { seededIds } from '../../src/domain/seeded-random.ts';
import { contracts, millis, priceE4 } from '../../src/domain/units.ts';
import { reportUnexpected } from '../../src/machines/effects.ts';
import type { ExitEvent, ExitInput, ExitNews } from '../../src/machines/exit.events.ts';
import { exitMachine } from '../../src/machines/exit.machine.ts';
import type { QuoteEvent, QuoteInput, QuoteNews } from '../../src/machines/quote.events.ts';
import { quoteMachine } from '../../src/machines/quote.machine.ts';
import { onEdgeAtVenues } from '../model/harness/coverage.ts';
import type { TwoVenues, TwoVenuesOptions } from './two-venues.ts';
import { deskAt, legDesk, orderOn } from './two-venues-legs.ts';

type Heard = ExitNews | QuoteNews;
type Child = { getSnapshot(): { readonly value: unknown; readonly status: string; readonly context: unknown } };

export type Bench = Awaited<ReturnType<typeof benchAt>>;

interface BenchOptions extends TwoVenuesOptions {
  /** Venues that are there already, as a model wants them. */
  readonly venues?: TwoVenues;
  /** Changes the handlers that the charts are bound with. */
  readonly bend?: (runtime: ActorRuntime) => ActorRuntime;
  readonly onLegs?: (attemptId: string, reports: readonly LegReport[]) => void;
}

export async function benchAt(name: VenueName, options: BenchOptions = {}) {
  const { venues, bend = (same: ActorRuntime) => same, onLegs } = options;
  const given = { ...options, onEdge: onEdgeAtVenues };
  const world = venues === undefined ? await legDesk(given) : await deskAt(venues, given);
  const { runtime, clock, triggers, registry } = world;
  const side = world.side(name);
  const books = new BookStore();
  for (const { book } of [side.yes, side.no]) books.open(book, side.listing.grid);
  const reported = new Map<string, readonly LegReport[]>();
  const held = { minE6: (instrument: Instrument): number => ledgerSize(instrument) };
  const common = {
    clock,
    ids: seededIds('exits and quotes'),
    bookOf: (book: Instrument['book']) => books.find(book),
    staleAfterMs: millis(60_000),
    lookMs: millis(100),
    reportLegs: (attemptId: string, reports: readonly LegReport[]): void => {
      reported.set(attemptId, reports);
      onLegs?.(attemptId, reports);
    },
    reportTrigger: (trigger: (typeof triggers)[number]) => void triggers.push(trigger),
  };
  const worth = { isWorthwhile: true };
  const exits = new ExitDesk({
    ...common,
    marketOf: () => ({
      minSizeE6: side.listing.minSizeE6,
      grid: side.listing.grid,
      settlesAt: side.listing.closesAt,
    }),
    heldE6Min: (instrument) => held.minE6(instrument),
    whenIdle: (run) => runtime.step(() => runtime.whenIdle(run)),
  });
  const quotes = new QuoteDesk({ ...common, isWorthwhile: () => worth.isWorthwhile });
  const orderLeg = bindOrderLeg(runtime, world.desk);
  const heard: Heard[] = [];
  const exit = bindExit(bend(runtime), exits, orderLeg);
  const quote = bindQuote(bend(runtime), quotes, orderLeg);
  const stream = listen();
  await world.time.advance(500);

  function ledgerSize({ book, inverted }: Instrument): number {
    const outcome = name === 'kalshi' ? (inverted ? 'no' : 'yes') : book === side.yes.book ? 'yes' : 'no';
    return world.accounts.ledger.holding({ venue: name, market: side.listing.venueKey, outcome }).sizeE6;
  }

  function listen(): Stream {
    const opened = side.venue.openMarketData({
      onOpen: () => undefined,
      onAlive: () => undefined,
      onEvent: (event) => {
        const touched: number[] = [];
        books.apply(event, clock.nowMs(), touched);
        quotes.onMarketData(event);
        for (const index of touched) exits.bookChanged(books.at(index).id);
      },
      onEnd: () => undefined,
    });
    opened.subscribe([side.yes.book, side.no.book]);
    return opened;
  }

  function start(what: 'exit' | 'quote', input: ExitInput | QuoteInput) {
    const machine = setup({
      types: {} as { events: Heard },
      actors: { exit: exitMachine, quote: quoteMachine },
      actions: { reportUnexpected, hear: ({ event }) => void heard.push(event) },
    }).createMachine({
      id: 'owner',
      entry: [],
      on: { '*': { actions: 'hear' } },
      invoke: { src: what, id: what, input: input as never },
    });
    const bound = runtime.bind(machine, {}, {}, { exit, quote });
    const owner = runtime.start(bound, { id: `owner-${what}`, input: undefined });
    const child = (owner.getSnapshot().children as Readonly<Record<string, Child>>)[what];
    if (child === undefined) throw new Error(`expected a child ${what}, found none`);
    return {
      actor: child as unknown as AnyActorRef,
      stop: () => runtime.stop(owner),
      state: () => stateText(child.getSnapshot().value as never),
      context: () => child.getSnapshot().context as never,
      send: (event: ExitEvent | QuoteEvent) => runtime.send(child as never, event),
    };
  }

  return {
    ...world,
    side,
    books,
    heard,
    held,
    reported,
    worth,
    exits,
    quotes,
    registry,
    ledgerSize,
    start,
    stop: () => stream.close(),
    /** Ten YES at the house's ask, bought and beyond doubt. */
    buy: async () => {
      world.plan([orderOn(world, name)]);
      await world.time.advance(30_000);
    },
  };
}

export function exitPlan(bench: Bench, changes: Partial<ExitPlan> = {}): ExitPlan {
  return {
    positionId: 'p1',
    leg: 0,
    venue: bench.side.name,
    instrument: bench.side.yes,
    orders: { takeProfitE4: priceE4(5_500), stopLossE4: priceE4(4_500), untilSettlementMsMin: millis(60_000) },
    style: 'taking',
    slippageE4Max: 300,
    ordersMax: 5,
    retryMs: millis(500),
    ...changes,
  };
}

export function quotePlan(bench: Bench, changes: Partial<QuotePlan> = {}): QuotePlan {
  return {
    quoteId: 'q1',
    attemptId: 'a9',
    basketLeg: 0,
    venue: bench.side.name,
    instrument: bench.side.yes,
    sizeE6: contracts(10),
    minSizeE6: bench.side.listing.minSizeE6,
    worstE4: priceE4(5_000),
    restMsMax: millis(600_000),
    pauseMs: millis(200),
    ordersMax: 10,
    ...changes,
  };
}
