/**
 * A simulated venue and its real adapter, behind a door: orders, replies, reports and reads wait until a test lets
 * them through, one by one and in any order. What waits is what the simulator said.
 */
import type {
  CancelOutcome,
  Fill,
  OrderOutcome,
  OrderState,
  PreparedOrder,
  PrivateEvent,
  Reading,
  Venue,
} from '../../src/domain/ports/venue.ts';
import type { RigTime } from '../contract/rig-wire.ts';

interface Submission {
  readonly prepared: PreparedOrder;
  readonly onOutcome: (outcome: OrderOutcome) => void;
  readonly onSent: () => void;
}

interface Cancel {
  readonly run: () => Promise<CancelOutcome>;
  readonly onOutcome: (outcome: CancelOutcome) => void;
}

interface Read {
  readonly run: () => Promise<Reading<OrderState | undefined>>;
  readonly resolve: (reading: Reading<OrderState | undefined>) => void;
}

type FillReading = Reading<readonly Fill[]>;

export const UNREACHABLE = { kind: 'failed', fault: 'unreachable', detail: 'reset' } as const;

export class HeldVenue {
  readonly #inner: Venue;
  readonly #time: RigTime;
  /** Everything passes at once. */
  isOpen = false;
  submission: Submission | undefined;
  hasArrived = false;
  reply: OrderOutcome | undefined;
  readonly cancels: Cancel[] = [];
  readonly reads: Read[] = [];
  readonly events: PrivateEvent[] = [];
  #fills: 'read' | 'failed' = 'read';

  constructor(inner: Venue, time: RigTime) {
    this.#inner = inner;
    this.#time = time;
  }

  asVenue(): Venue {
    const own: Partial<Venue> = {
      submit: (prepared, onOutcome, onSent = () => undefined) => {
        this.submission = { prepared, onOutcome, onSent };
      },
      cancel: (id, instrument, onOutcome) => {
        const run = () => new Promise<CancelOutcome>((resolve) => this.#inner.cancel(id, instrument, resolve));
        if (this.isOpen) void run().then(onOutcome);
        else this.cancels.push({ run, onOutcome });
      },
      findOrder: (order, since) => {
        const run = () => this.#inner.findOrder(order, since);
        return this.isOpen ? run() : new Promise((resolve) => this.reads.push({ run, resolve }));
      },
      fills: (since, instrument) => this.#readFills(() => this.#inner.fills(since, instrument)),
    };
    return new Proxy(this.#inner, {
      get: (inner, key) => {
        const value = own[key as keyof Venue] ?? Reflect.get(inner, key, inner);
        return typeof value === 'function' ? value.bind(inner) : value;
      },
    });
  }

  /** The order reaches the venue now; what it answers waits. */
  async arrive(): Promise<void> {
    const { submission } = this;
    if (submission === undefined) throw new Error('expected an order on its way, found none');
    this.hasArrived = true;
    const reply = new Promise<OrderOutcome>((resolve) => this.#inner.submit(submission.prepared, resolve));
    void reply.then((outcome) => {
      this.reply = outcome;
    });
    // Silence is an answer too, and reports come by another way.
    await this.#time.advance(20);
  }

  /** Somebody takes it off by hand, at the venue's own site. */
  async takeOff(venueOrderId: string, order: PreparedOrder): Promise<void> {
    this.#inner.cancel(venueOrderId, order.request.instrument, () => undefined);
    await this.#time.advance(20);
  }

  async truth(prepared: PreparedOrder): Promise<OrderState | undefined> {
    const read = await this.#time.until(this.#inner.findOrder(prepared, 0 as never));
    return read.kind === 'read' ? read.value : undefined;
  }

  /** The oldest question is answered: as the venue answers it, unless told otherwise. */
  async answer(
    bend: (reading: Reading<OrderState | undefined>) => Reading<OrderState | undefined> = (reading) => reading,
    fills: 'read' | 'failed' = 'read',
  ): Promise<void> {
    const read = this.reads.shift();
    if (read === undefined) throw new Error('expected a question, found none');
    const reading = await this.#time.until(read.run());
    this.#fills = fills;
    read.resolve(bend(reading));
    await this.#time.advance(20);
  }

  async answerCancel(bend: (outcome: CancelOutcome) => CancelOutcome): Promise<void> {
    const cancel = this.cancels.shift();
    if (cancel === undefined) throw new Error('expected a cancel, found none');
    cancel.onOutcome(bend(await this.#time.until(cancel.run())));
  }

  async open(): Promise<void> {
    this.isOpen = true;
    while (this.reads.length > 0) await this.answer();
    while (this.cancels.length > 0) await this.answerCancel((outcome) => outcome);
  }

  #readFills(run: () => Promise<FillReading>): Promise<FillReading> {
    const isFailing = this.#fills === 'failed' && !this.isOpen;
    this.#fills = 'read';
    return isFailing ? Promise.resolve(UNREACHABLE) : run();
  }
}
