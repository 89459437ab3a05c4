/** Orders that were about to leave and of which nothing further is known: what a restart has to ask the venues for. */
import type { IntentRecord, WrittenRecord } from '../../domain/ports/journal.ts';

export interface OpenIntent {
  readonly seq: number;
  readonly where: string;
  readonly attempt: string;
  readonly leg: string;
  readonly venue: string;
  readonly clientOrderId: string;
}

/** What proves that the venue has answered, or that nothing was sent. An unknown is no answer. */
const ANSWERS = new Set([
  'order.acknowledged',
  'order.refused',
  'order.found',
  'order.reported',
  'fill.reported',
  'submission.withheld',
]);
const ENDED = /^ended(?:\.|$)/;

export class OpenIntents {
  readonly #open = new Map<string, OpenIntent>();
  readonly #orders = new Map<string, string>();

  note(record: WrittenRecord, where: string): void {
    switch (record.kind) {
      case 'intent':
        this.#begin(record, where);
        break;
      case 'withdrawal':
        this.#open.delete(record.clientOrderId);
        break;
      case 'spawn':
        this.#follow(record.actor, record.context.order);
        break;
      case 'transition':
        if (ANSWERS.has(String(record.event.type)) || ENDED.test(record.to)) this.#end(record.actor);
        break;
    }
  }

  list(): OpenIntent[] {
    return [...this.#open.values()];
  }

  #begin(record: IntentRecord & WrittenRecord, where: string): void {
    const { seq, attempt, leg, venue, clientOrderId, actor } = record;
    this.#open.set(clientOrderId, { seq, where, attempt, leg, venue, clientOrderId });
    this.#orders.set(actor, clientOrderId);
  }

  /** An order may be taken up again by another actor, in this run or a later one. */
  #follow(actor: string, order: unknown): void {
    const { clientOrderId } = typeof order === 'object' && order !== null ? (order as { clientOrderId?: unknown }) : {};
    if (typeof clientOrderId === 'string') this.#orders.set(actor, clientOrderId);
  }

  #end(actor: string): void {
    const order = this.#orders.get(actor);
    if (order !== undefined) this.#open.delete(order);
  }
}
