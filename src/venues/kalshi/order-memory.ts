/**
 * What this process asked the venue for, by both ids: so that no client id leaves twice, and so that the
 * venue's reports, which know one scale and no action, come back in the words of the request.
 */
import type { OrderOutcome, OrderRequest } from '../../domain/ports/venue.ts';

/** As many as trading remembers of both venues. The oldest are forgotten first; their reports are then worded anew. */
const ORDERS_MAX = 2_000;

interface Remembered {
  readonly request: OrderRequest;
  venueOrderId: string | undefined;
  /** Whether the venue certainly knows the order. */
  hasLanded: boolean;
}

export class OrderMemory {
  readonly #byClientId = new Map<string, Remembered>();
  readonly #byVenueId = new Map<string, Remembered>();
  readonly #ordersMax: number;

  constructor(ordersMax = ORDERS_MAX) {
    this.#ordersMax = ordersMax;
  }

  /** The earlier order of this client id, if there was one; otherwise the order is remembered now. */
  remember(request: OrderRequest): Pick<Remembered, 'venueOrderId' | 'hasLanded'> | undefined {
    const earlier = this.#byClientId.get(request.clientOrderId);
    if (earlier !== undefined) return earlier;
    this.#byClientId.set(request.clientOrderId, { request, venueOrderId: undefined, hasLanded: false });
    if (this.#byClientId.size > this.#ordersMax) this.#forgetOldest();
    return undefined;
  }

  note(clientOrderId: string, outcome: OrderOutcome): void {
    const order = this.#byClientId.get(clientOrderId);
    if (order === undefined) return;
    // Nothing left us, so the id is as new as before.
    if (outcome.kind === 'refused' && (outcome.reason === 'budgetExhausted' || outcome.reason === 'notSent'))
      this.#byClientId.delete(clientOrderId);
    else if (outcome.kind === 'done') this.#link(order, outcome.venueOrderId);
    else if (outcome.kind === 'unknown' && outcome.hasLanded) order.hasLanded = true;
  }

  /** An order of an earlier life that the venue was found to hold. */
  adopt(request: OrderRequest, venueOrderId: string): void {
    this.remember(request);
    const order = this.#byClientId.get(request.clientOrderId);
    if (order !== undefined) this.#link(order, venueOrderId);
  }

  readonly requestOf = (ids: {
    readonly venueOrderId: string;
    readonly clientOrderId: string | undefined;
  }): OrderRequest | undefined => {
    const known = this.#byVenueId.get(ids.venueOrderId);
    if (known !== undefined || ids.clientOrderId === undefined) return known?.request;
    const order = this.#byClientId.get(ids.clientOrderId);
    // A report that names both ids teaches the venue's, which its later reports may carry alone.
    if (order !== undefined) this.#link(order, ids.venueOrderId);
    return order?.request;
  };

  #link(order: Remembered, venueOrderId: string): void {
    order.hasLanded = true;
    order.venueOrderId ??= venueOrderId;
    this.#byVenueId.set(venueOrderId, order);
  }

  #forgetOldest(): void {
    const oldest = this.#byClientId.entries().next().value;
    if (oldest === undefined) return;
    this.#byClientId.delete(oldest[0]);
    if (oldest[1].venueOrderId !== undefined) this.#byVenueId.delete(oldest[1].venueOrderId);
  }
}
