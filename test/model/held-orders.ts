/**
 * A simulated venue and its real adapter, with a door for each order: it arrives, is answered and is told about when
 * a test lets it. What waits is what the simulator said.
 */
import type { OrderOutcome, OrderState, PreparedOrder, Reading, Venue } from '../../src/domain/ports/venue.ts';

export interface HeldOrder {
  readonly prepared: PreparedOrder;
  venueOrderId: string | undefined;
  hasArrived: boolean;
  isAnswered: boolean;
  /** Whoever asks for it or cancels it is served at once. */
  isOpen: boolean;
  readonly waiting: (() => void)[];
  readonly answer: (outcome: OrderOutcome) => void;
  readonly onSent: () => void;
}

export class HeldOrders {
  readonly #inner: Venue;
  readonly #orders = new Map<string, HeldOrder>();
  readonly #untold: (() => void)[] = [];
  /** Everything passes at once. */
  isOpen = false;
  /** New orders pass at once, and those that wait go on waiting. */
  isPassing = false;
  /** What the venue tells by itself waits. */
  isDeaf = false;

  constructor(inner: Venue) {
    this.#inner = inner;
  }

  asVenue(): Venue {
    const own: Partial<Venue> = {
      submit: (prepared, onOutcome, onSent = () => undefined) => this.#hold(prepared, onOutcome, onSent),
      cancel: (id, instrument, onOutcome) =>
        this.#whenOpen(this.#named(id), () => this.#inner.cancel(id, instrument, onOutcome)),
      findOrder: (prepared, since) =>
        new Promise<Reading<OrderState | undefined>>((resolve) =>
          this.#whenOpen(this.#orders.get(prepared.request.clientOrderId), () => {
            void this.#inner.findOrder(prepared, since).then(resolve);
          }),
        ),
    };
    return new Proxy(this.#inner, {
      get: (inner, key) => {
        const value = own[key as keyof Venue] ?? Reflect.get(inner, key, inner);
        return typeof value === 'function' ? value.bind(inner) : value;
      },
    });
  }

  get count(): number {
    return this.#orders.size;
  }

  find(clientOrderId: string): HeldOrder | undefined {
    return this.#orders.get(clientOrderId);
  }

  /** The order reaches the venue; what it answers passes, as it is or bent. */
  arrive(order: HeldOrder, bend: (outcome: OrderOutcome) => OrderOutcome = (outcome) => outcome): void {
    if (order.hasArrived) return;
    order.hasArrived = true;
    const onOutcome = (outcome: OrderOutcome): void => {
      if (outcome.kind === 'done') order.venueOrderId = outcome.venueOrderId;
      this.answer(order, bend(outcome));
    };
    this.#inner.submit(order.prepared, onOutcome, order.onSent);
  }

  /** Once: whatever comes later is nobody's. */
  answer(order: HeldOrder, outcome: OrderOutcome): void {
    if (order.isAnswered) return;
    order.isAnswered = true;
    order.answer(outcome);
  }

  open(order: HeldOrder): void {
    order.isOpen = true;
    for (const run of order.waiting.splice(0)) run();
  }

  openAll(): void {
    this.isOpen = true;
    for (const order of this.#orders.values()) {
      // What was answered on the way never comes.
      if (!order.isAnswered) this.arrive(order);
      this.open(order);
    }
    this.listen();
  }

  /** What a private stream brought. */
  told(run: () => void): void {
    if (this.isDeaf) this.#untold.push(run);
    else run();
  }

  listen(): void {
    this.isDeaf = false;
    for (const run of this.#untold.splice(0)) run();
  }

  #hold(prepared: PreparedOrder, answer: HeldOrder['answer'], onSent: () => void): void {
    const known = {
      venueOrderId: prepared.venueOrderId,
      hasArrived: false,
      isAnswered: false,
      isOpen: false,
      waiting: [],
    };
    const order: HeldOrder = { prepared, answer, onSent, ...known };
    this.#orders.set(prepared.request.clientOrderId, order);
    if (this.isPassing) order.isOpen = true;
    if (this.isOpen || this.isPassing) this.arrive(order);
  }

  #whenOpen(order: HeldOrder | undefined, run: () => void): void {
    if (this.isOpen || order === undefined || order.isOpen) run();
    else order.waiting.push(run);
  }

  #named(venueOrderId: string): HeldOrder | undefined {
    return [...this.#orders.values()].find((order) => order.venueOrderId === venueOrderId);
  }
}
