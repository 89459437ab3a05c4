/**
 * Which records belong to an attempt: those of its actors and of all below them, what was written about its orders,
 * what its records caused elsewhere in one step, and what led to them.
 */
import type { WrittenRecord } from '../../domain/ports/journal.ts';

const NAMED = /(?:^|\/)(?:attempt|orphan)\/([^/]+)/;
const ORDER_FIELDS = ['clientOrderId', 'venueOrderId', 'orderId'] as const;
/** How far back a cause is followed: from the frame over the decision to the first actor is a handful. */
const CAUSES_MAX = 12;

/** The attempt that a record names by itself, if it does. */
export function attemptNamedBy(record: WrittenRecord): string | undefined {
  if (record.kind === 'intent') return record.attempt;
  if (record.kind === 'spawn') {
    const { attemptId, order, plan } = record.context;
    for (const named of [attemptId, fieldOf(order, 'attemptId'), fieldOf(plan, 'attemptId')])
      if (typeof named === 'string') return named;
  }
  return 'actor' in record ? NAMED.exec(record.actor)?.[1] : undefined;
}

export interface AttemptSelection {
  readonly members: ReadonlySet<number>;
  /** What lies outside and led to them: the whole chain for the first, the next link for the others. */
  readonly causes: ReadonlySet<number>;
}

/** Reads records in their order and keeps numbers only: a journal may be larger than memory. */
export class AttemptSelector {
  readonly #attempt: string;
  readonly #members = new Set<number>();
  readonly #actors: string[] = [];
  readonly #orders = new Set<string>();
  readonly #causes = new Map<number, number>();

  constructor(attempt: string) {
    this.#attempt = attempt;
  }

  note(record: WrittenRecord): void {
    const { seq, cause } = record;
    if (cause !== undefined) this.#causes.set(seq, cause);
    if (this.#isMember(record)) this.#members.add(seq);
  }

  selection(): AttemptSelection {
    const causes = new Set<number>();
    for (const [at, seq] of [...this.#members].entries())
      for (const cause of this.#causesOf(seq, at === 0 ? CAUSES_MAX : 1))
        if (!this.#members.has(cause)) causes.add(cause);
    return { members: this.#members, causes };
  }

  #causesOf(seq: number, count: number): number[] {
    const found: number[] = [];
    let cause = this.#causes.get(seq);
    while (cause !== undefined && found.length < count) {
      found.push(cause);
      cause = this.#causes.get(cause);
    }
    return found;
  }

  #isMember(record: WrittenRecord): boolean {
    const named = attemptNamedBy(record);
    if (named !== undefined && named !== this.#attempt) return false;
    if (named === this.#attempt) {
      if (record.kind === 'spawn') this.#actors.push(record.actor);
      if (record.kind === 'intent') this.#noteOrder(record.clientOrderId, record.venueOrderId);
    }
    if (record.kind === 'transition') this.#noteAcknowledged(record);
    if (named !== undefined || this.#isOfActor(record) || this.#isAboutOrder(record)) return true;
    return record.cause !== undefined && this.#members.has(record.cause);
  }

  #isOfActor(record: WrittenRecord): boolean {
    return (
      'actor' in record && this.#actors.some((path) => record.actor === path || record.actor.startsWith(`${path}/`))
    );
  }

  #isAboutOrder(record: WrittenRecord): boolean {
    const about = record.kind === 'withdrawal' ? record : 'detail' in record ? record.detail : undefined;
    return ORDER_FIELDS.some((name) => {
      const id = fieldOf(about, name);
      return typeof id === 'string' && this.#orders.has(id);
    });
  }

  /** The venue's own id is often known only once it has answered. */
  #noteAcknowledged(record: WrittenRecord & { readonly kind: 'transition' }): void {
    const id = record.event.venueOrderId;
    if (typeof id === 'string' && this.#isOfActor(record)) this.#noteOrder(id);
  }

  #noteOrder(...ids: readonly (string | undefined)[]): void {
    for (const id of ids) if (id !== undefined) this.#orders.add(id);
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
