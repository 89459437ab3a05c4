/** Payouts in the ledger and the journal: made once, and taken back by a posting of their own (S46). */
import type { BasketLeg, Payment } from '../domain/execution/held-basket.ts';
import type { Ledger } from '../domain/ledger/ledger.ts';
import type { LedgerTransaction } from '../domain/ledger/posting.ts';
import { type LedgerOutcome, recordSettlement, recordSettlementReversal } from '../domain/ledger/record.ts';
import type { Journal, JsonObject } from '../domain/ports/journal.ts';
import { type Micros, type MicroUsd, microUsd } from '../domain/units.ts';

/** A payout of one market; `revisions` tells one that follows a reversal from the one before. */
export interface Payout {
  readonly leg: Pick<BasketLeg, 'venue' | 'venueKey'>;
  readonly payment: Payment;
  readonly revisions: number;
}

export type PayoutBooking =
  /** `cashMicroUsd` is what the whole holding of the market moved; nothing when it was booked before. */
  | { readonly kind: 'booked'; readonly cashMicroUsd: MicroUsd | undefined; readonly record: number | undefined }
  | { readonly kind: 'refused'; readonly detail: string };

export class SettlementBooks {
  readonly #ledger: Ledger;
  readonly #journal: Pick<Journal, 'append'>;
  readonly #made = new Map<string, LedgerTransaction>();

  /** `made` are the settlements of earlier lives, read from the journal. */
  constructor(ledger: Ledger, journal: Pick<Journal, 'append'>, made: Iterable<LedgerTransaction> = []) {
    this.#ledger = ledger;
    this.#journal = journal;
    for (const transaction of made) this.#made.set(transaction.id, transaction);
  }

  settle({ leg, payment, revisions }: Payout): PayoutBooking {
    const { venue, venueKey: market } = leg;
    const { yesPayoutE4, at } = payment;
    const outcome = recordSettlement(this.#ledger, { id: idOf(payment, revisions), venue, market, yesPayoutE4, at });
    if (outcome.kind === 'posted') this.#made.set(outcome.transaction.id, outcome.transaction);
    return this.#written(outcome);
  }

  reverse({ leg, payment, revisions }: Payout, at: Micros): PayoutBooking {
    const id = `settlement/${leg.venue}/${leg.venueKey}/${idOf(payment, revisions)}`;
    const original = this.#made.get(id);
    if (original === undefined) return { kind: 'refused', detail: `expected the settlement ${id}, found none` };
    return this.#written(recordSettlementReversal(this.#ledger, original, at));
  }

  #written(outcome: LedgerOutcome): PayoutBooking {
    if (outcome.kind === 'duplicate') return { kind: 'booked', cashMicroUsd: undefined, record: undefined };
    if (outcome.kind === 'conflict')
      return { kind: 'refused', detail: `expected ${outcome.known}, found ${outcome.found} (${outcome.id})` };
    const { transaction } = outcome;
    const record = this.#journal.append({
      kind: 'ledger',
      transaction: transaction as unknown as JsonObject,
      venueAt: transaction.at,
    });
    return { kind: 'booked', cashMicroUsd: cashOf(transaction), record };
  }
}

function idOf({ settlementId }: Payment, revisions: number): string {
  return revisions === 0 ? settlementId : `${settlementId}#${revisions}`;
}

function cashOf({ postings }: LedgerTransaction): MicroUsd {
  return microUsd(
    postings.reduce((sum, posting) => sum + (posting.account === 'cash' ? posting.amountMicroUsd : 0), 0),
  );
}
