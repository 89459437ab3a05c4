/** Real exits for a basket that is held at both simulated venues: their desk, their legs and the books they look at. */
import type { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { bindExit } from '../../src/actors/exit.actor.ts';
import { ExitDesk } from '../../src/actors/exit-desk.ts';
import { bindOrderLeg } from '../../src/actors/order-leg.actor.ts';
import { BookStore } from '../../src/domain/book/book-store.ts';
import { venueOf } from '../../src/domain/instrument.ts';
import type { ReportTrigger } from '../../src/domain/limits/trigger.ts';
import type { ExposureBook } from '../../src/domain/risk/exposure-book.ts';
import { seededIds } from '../../src/domain/seeded-random.ts';
import { millis, priceE4 } from '../../src/domain/units.ts';
import type { ExitInput } from '../../src/machines/exit.events.ts';
import type { exitMachine } from '../../src/machines/exit.machine.ts';
import type { PositionInput } from '../../src/machines/position.events.ts';
import type { LegDesk } from './two-venues-legs.ts';

const STALE_MS = millis(60_000);
const LOOK_MS = millis(100);
export const RETRY_MS = millis(500);
const TAKE_PROFIT_E4 = priceE4(5_500);

interface Given {
  readonly exposures: ExposureBook;
  readonly reportTrigger: ReportTrigger;
  readonly bend: (runtime: ActorRuntime) => ActorRuntime;
}

/** The chart of an exit, bound, and its desk. */
export function exitsOf(
  world: LegDesk,
  { exposures, reportTrigger, bend }: Given,
): { readonly desk: ExitDesk; readonly exit: typeof exitMachine } {
  const { clock, runtime } = world;
  const books = new BookStore();
  const desk = new ExitDesk({
    clock,
    ids: seededIds('exits of a basket'),
    bookOf: (book) => books.find(book),
    staleAfterMs: STALE_MS,
    lookMs: LOOK_MS,
    marketOf: ({ book }) => {
      const { minSizeE6, grid, closesAt } = world.side(venueOf(book)).listing;
      return { minSizeE6, grid, settlesAt: closesAt };
    },
    heldE6Min: (instrument, reportedE6) => exposures.spanOf(instrument).leastE6 + reportedE6,
    whenIdle: (run) => runtime.step(() => runtime.whenIdle(run)),
    reportLegs: (attemptId, reports) =>
      exposures.report(attemptId, reports, { nowMs: clock.nowMs(), wall: clock.wall() }),
    onEnded: (attemptId) => exposures.release(attemptId, [], { nowMs: clock.nowMs(), wall: clock.wall() }),
    reportTrigger,
  });
  for (const { yes, no, listing, venue } of [world.kalshi, world.polymarket]) {
    const sides = [...new Set([yes.book, no.book])];
    for (const book of sides) books.open(book, listing.grid);
    const stream = venue.openMarketData({
      onOpen: () => undefined,
      onAlive: () => undefined,
      onEvent: (event) => {
        const touched: number[] = [];
        books.apply(event, clock.nowMs(), touched);
        for (const index of touched) desk.bookChanged(books.at(index).id);
      },
      onEnd: () => undefined,
    });
    stream.subscribe(sides);
  }
  return { desk, exit: bindExit(bend(runtime), desk, bindOrderLeg(runtime, world.desk)) };
}

/** One exit for each leg: it takes profit, or somebody wishes it. */
export function exitsFor(
  { positionId, legs }: PositionInput,
  style: ExitInput['plan']['style'] = 'taking',
): readonly ExitInput[] {
  return legs.map(({ leg, venue, instrument, sizeE6 }) => ({
    plan: {
      positionId,
      leg,
      venue,
      instrument,
      orders: { takeProfitE4: TAKE_PROFIT_E4, stopLossE4: priceE4(100), untilSettlementMsMin: millis(60_000) },
      style,
      slippageE4Max: 300,
      ordersMax: 5,
      retryMs: RETRY_MS,
    },
    sizeE6,
  }));
}
