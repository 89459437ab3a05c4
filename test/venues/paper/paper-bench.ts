/** A paper venue over one book of its own, without any live venue behind it. */
import { BookStore } from '../../../src/domain/book/book-store.ts';
import { makerFee, takerFee } from '../../../src/domain/fees/fee-schedule.ts';
import { type Instrument, uniformGrid } from '../../../src/domain/instrument.ts';
import type { Random } from '../../../src/domain/ports/random.ts';
import type {
  CancelOutcome,
  Listing,
  OrderOutcome,
  OrderRequest,
  PrivateEvent,
  Reading,
} from '../../../src/domain/ports/venue.ts';
import { seededIds, seededRandom } from '../../../src/domain/seeded-random.ts';
import { contracts, micros, microUsd, millis, priceE4, USD } from '../../../src/domain/units.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { type FillModel, TOUCH } from '../../../src/venues/paper/fill-model.ts';
import { PaperVenue, type PublicVenue } from '../../../src/venues/paper/paper-venue.ts';
import { kalshiFees } from '../../support/fee-schedules.ts';

const yes: Instrument = { book: 'kalshi/PAPER', inverted: false };
export const no: Instrument = { book: 'kalshi/PAPER', inverted: true };

/** Draws what it is told, then a half for ever; ids come from a seed. */
export function drawing(...numbers: readonly number[]): Random {
  const left = [...numbers];
  return { ...seededRandom('paper'), next: () => left.shift() ?? 0.5 };
}

export function level(cents: number, count: number) {
  return { priceE4: priceE4(cents * 100), sizeE6: contracts(count) };
}

/** Whoever asks the live half of anything has made a mistake. */
const nobody: PublicVenue = {
  name: 'kalshi',
  listings: unasked,
  book: unasked,
  status: unasked,
  clockOffsetMs: unasked,
  openMarketData: unasked,
};

function unasked(): never {
  throw new Error('expected nothing to be asked of the live venue');
}

const ids = seededIds('paper bench');

export class PaperBench {
  readonly clock = new VirtualClock();
  readonly books = new BookStore();
  readonly venue: PaperVenue;
  readonly events: PrivateEvent[] = [];

  constructor(
    of: {
      readonly model?: FillModel;
      readonly random?: Random;
      readonly cash?: number;
      readonly listing?: Partial<Listing>;
    } = {},
  ) {
    this.venue = new PaperVenue({
      live: nobody,
      books: this.books,
      clock: this.clock,
      random: of.random ?? drawing(),
      model: of.model ?? TOUCH,
      feeOf: (schedule, role) => (role === 'taker' ? takerFee(schedule, 'real') : makerFee(schedule, 'real')),
      cash: microUsd(of.cash ?? 100 * USD),
    });
    void this.venue.warm([listingStub(of.listing)]);
    this.venue.openPrivate({
      onOpen: () => undefined,
      onAlive: () => undefined,
      onEvent: (event) => this.events.push(event),
      onEnd: () => undefined,
    });
    this.show({ bids: [level(48, 100)], asks: [level(52, 100), level(53, 200)] });
  }

  /** The live book is this now. */
  show(sides: {
    readonly bids: readonly ReturnType<typeof level>[];
    readonly asks: readonly ReturnType<typeof level>[];
  }): void {
    const time = { stamp: undefined, venueAtMs: undefined };
    const snapshot = {
      kind: 'book.snapshot',
      book: yes.book,
      grid: undefined,
      feed: undefined,
      ...sides,
      ...time,
    } as const;
    this.books.apply(snapshot, this.clock.nowMs(), []);
    this.venue.booksChanged([yes.book]);
  }

  async submit(over: Partial<OrderRequest> = {}): Promise<OrderOutcome> {
    const prepared = this.venue.prepare(paperRequest(over));
    if ('kind' in prepared) throw new Error(prepared.detail);
    const outcome = new Promise<OrderOutcome>((resolve) => this.venue.submit(prepared, resolve));
    await this.clock.settleBy(10_000);
    return outcome;
  }

  async cancel(venueOrderId: string): Promise<CancelOutcome> {
    const outcome = new Promise<CancelOutcome>((resolve) => this.venue.cancel(venueOrderId, yes, resolve));
    await this.clock.settleBy(10_000);
    return outcome;
  }

  async cash(): Promise<number> {
    return (await read(this.venue.balance())).availableMicroUsd;
  }

  async held(): Promise<readonly (readonly [isInverted: boolean, size: number])[]> {
    return (await read(this.venue.positions())).map(({ instrument, sizeE6 }) => [instrument.inverted, sizeE6] as const);
  }

  async fills() {
    return read(this.venue.fills(micros(0)));
  }
}

export async function read<T>(reading: Promise<Reading<T>>): Promise<T> {
  const ended = await reading;
  if (ended.kind === 'failed') throw new Error(ended.detail);
  return ended.value;
}

/** Ten YES with room of a cent, whole or not at all. */
export function paperRequest(over: Partial<OrderRequest> = {}): OrderRequest {
  return {
    clientOrderId: ids.uuid(),
    instrument: yes,
    action: 'buy',
    limitE4: priceE4(5_300),
    sizeE6: contracts(10),
    timeInForce: 'fillOrKill',
    expiresAt: undefined,
    postOnly: false,
    reduceOnly: false,
    isReducing: false,
    ...over,
  };
}

function listingStub(over: Partial<Listing> = {}): Listing {
  return {
    venue: 'kalshi',
    venueKey: 'PAPER',
    eventKey: undefined,
    seriesKey: undefined,
    title: 'paper',
    yes,
    no,
    outcomeNames: ['Yes', 'No'],
    standing: 'open',
    grid: uniformGrid(100),
    minSizeE6: contracts(1),
    fees: kalshiFees(),
    feeProblem: undefined,
    rulesText: '',
    rulesHash: 'sha256:',
    closesAt: undefined,
    expectedResolutionAt: undefined,
    isExclusive: false,
    strike: undefined,
    yesPayoutE4: undefined,
    canCloseEarly: false,
    compartment: undefined,
    takerDelayMs: millis(0),
    readAt: micros(0),
    ...over,
  };
}
