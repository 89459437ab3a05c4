/**
 * Our books: every fill is booked here first, whoever it belongs to, and then believed elsewhere.
 *
 * One fact, one ledger transaction, one journal record; a fact that is heard again changes nothing. What
 * contradicts an earlier report is not booked: the breaker is told, and the venue has to be asked.
 */
import { type FeeSchedule, makerFee, takerFee } from '../domain/fees/fee-schedule.ts';
import type { BookId, Instrument, VenueName } from '../domain/instrument.ts';
import { instrumentId, venueOf } from '../domain/instrument.ts';
import { InvariantError } from '../domain/invariant.ts';
import type { Ledger } from '../domain/ledger/ledger.ts';
import type { HoldingKey, TradeStanding } from '../domain/ledger/posting.ts';
import { type LedgerOutcome, recordConfirmation, recordFailure, recordFill } from '../domain/ledger/record.ts';
import type { ReportTrigger } from '../domain/limits/trigger.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Journal, JsonObject } from '../domain/ports/journal.ts';
import type { Fill, FillSettlement, Listing } from '../domain/ports/venue.ts';
import { addUsd, type MicroUsd, microUsd, notional, subtractUsd } from '../domain/units.ts';

export interface InstrumentFacts {
  keyOf(instrument: Instrument): HoldingKey | undefined;
  feesOf(instrument: Instrument): FeeSchedule | undefined;
}

export interface AccountsParts {
  readonly ledger: Ledger;
  readonly journal: Pick<Journal, 'append'>;
  readonly clock: Pick<Clock, 'wall'>;
  readonly instruments: InstrumentFacts;
  readonly reportTrigger: ReportTrigger;
}

export interface Booking {
  /** `posted` changed the ledger, `known` had been told before, `unbooked` contradicts or cannot be placed. */
  readonly kind: 'posted' | 'known' | 'unbooked';
  /** What the fill moved, its fee included: positive left us. */
  readonly cashMicroUsd: MicroUsd;
  /** Its ledger record, where one was written. */
  readonly record: number | undefined;
}

/** What was charged where the venue does not say: kept, so that a second report of a trade says the same. */
interface Charged {
  readonly feeMicroUsd: MicroUsd;
  readonly notionalMicroUsd: MicroUsd;
  readonly sizeE6: number;
}

export class Accounts {
  readonly #parts: AccountsParts;
  /** By book and trade id. */
  readonly #charged = new Map<BookId, Map<string, Charged>>();

  constructor(parts: AccountsParts) {
    this.#parts = parts;
  }

  get ledger(): Ledger {
    return this.#parts.ledger;
  }

  /** Trades that would be recognised if they were told again, and those whose charge was computed here. */
  get tradesKnown(): { readonly booked: number; readonly charged: number } {
    let charged = 0;
    for (const inBook of this.#charged.values()) charged += inBook.size;
    return { booked: this.#parts.ledger.tradesKnown, charged };
  }

  /** Forgets the trades of a market that is over (S46). `false` while something of it is held or may be reversed. */
  close({ venue, venueKey: market, yes, no }: Pick<Listing, 'venue' | 'venueKey' | 'yes' | 'no'>): boolean {
    const { ledger } = this.#parts;
    const isHeld = (['yes', 'no'] as const).some((outcome) => ledger.holding({ venue, market, outcome }).sizeE6 !== 0);
    if (isHeld || ledger.isProvisional({ venue, market })) return false;
    ledger.close({ venue, market });
    for (const { book } of [yes, no]) this.#charged.delete(book);
    return true;
  }

  /** Books a fill, a confirmation or a failure once per venue and trade id. A fill that no ledger can hold is reported. */
  book(fill: Fill): Booking {
    try {
      return this.#booked(fill);
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      return this.#unplaced(fill, error.message);
    }
  }

  #booked(fill: Fill): Booking {
    const { ledger, instruments } = this.#parts;
    const venue = venueOf(fill.instrument.book);
    const charged = this.#chargedFor(fill);
    const key = instruments.keyOf(fill.instrument);
    if (charged === undefined || key === undefined)
      return this.#unplaced(fill, 'a fill must be of a listed instrument with known fees');
    const cashMicroUsd = cashOf(fill, charged);
    const at = fill.venueAt ?? this.#parts.clock.wall();
    const { tradeId, sizeE6, action: direction } = fill;
    const { feeMicroUsd, notionalMicroUsd } = charged;
    const detail = `trade ${tradeId} of order ${fill.venueOrderId}`;
    const standing = standingOf(fill.settlement);
    const trade = { ...key, tradeId, at };
    if (standing === 'failed') return this.#written(recordFailure(ledger, trade), { venue, cashMicroUsd, detail });
    const isRevived = standing === 'final' && ledger.trade(`${venue}/${tradeId}`)?.standing === 'failed';
    const outcome = isRevived
      ? recordConfirmation(ledger, trade)
      : recordFill(ledger, { ...key, tradeId, direction, sizeE6, notionalMicroUsd, feeMicroUsd, standing, at });
    return this.#written(outcome, { venue, cashMicroUsd, detail });
  }

  #written(
    outcome: LedgerOutcome,
    {
      venue,
      cashMicroUsd,
      detail,
    }: { readonly venue: VenueName; readonly cashMicroUsd: MicroUsd; readonly detail: string },
  ): Booking {
    switch (outcome.kind) {
      case 'posted': {
        const { transaction } = outcome;
        const record = this.#parts.journal.append({
          kind: 'ledger',
          transaction: transaction as unknown as JsonObject,
          venueAt: transaction.at,
        });
        return { kind: 'posted', cashMicroUsd, record };
      }
      case 'duplicate':
        return { kind: 'known', cashMicroUsd, record: undefined };
      case 'conflict': {
        const { id, known, found } = outcome;
        this.#parts.reportTrigger({
          kind: 'LEDGER_DIFFERS',
          venue,
          detail: `expected ${known}, found ${found} (${id}, ${detail})`,
        });
        return { kind: 'unbooked', cashMicroUsd, record: undefined };
      }
    }
  }

  #unplaced(fill: Fill, why: string): Booking {
    const what = `${fill.sizeE6} millionths of ${instrumentId(fill.instrument)}`;
    this.#parts.reportTrigger({
      kind: 'LEDGER_DIFFERS',
      venue: venueOf(fill.instrument.book),
      detail: `${why}, found ${what} (trade ${fill.tradeId})`,
    });
    const notionalMicroUsd = fill.notionalMicroUsd ?? notional(fill.priceE4, fill.sizeE6);
    const guess: Charged = { feeMicroUsd: fill.feeMicroUsd ?? microUsd(0), notionalMicroUsd, sizeE6: fill.sizeE6 };
    return { kind: 'unbooked', cashMicroUsd: cashOf(fill, guess), record: undefined };
  }

  /** Fee parameters may change between two reports of one trade: the first report decides what it cost. */
  #chargedFor(fill: Fill): Charged | undefined {
    const { tradeId, sizeE6, priceE4, role, instrument } = fill;
    const notionalMicroUsd =
      fill.notionalMicroUsd ?? notional(priceE4, sizeE6, fill.role === 'maker' ? 'floor' : 'ceil');
    if (fill.feeMicroUsd !== undefined) return { feeMicroUsd: fill.feeMicroUsd, notionalMicroUsd, sizeE6 };
    const known = this.#charged.get(instrument.book)?.get(tradeId);
    if (known !== undefined && known.sizeE6 === sizeE6 && known.notionalMicroUsd === notionalMicroUsd) return known;
    const fees = this.#parts.instruments.feesOf(instrument);
    if (fees === undefined) return undefined;
    const feeOf = role === 'maker' ? makerFee(fees, 'real') : takerFee(fees, 'real');
    const charged: Charged = { feeMicroUsd: feeOf([{ priceE4, sizeE6 }]), notionalMicroUsd, sizeE6 };
    const inBook = this.#charged.get(instrument.book) ?? new Map<string, Charged>();
    this.#charged.set(instrument.book, inBook.set(tradeId, charged));
    return charged;
  }
}

function standingOf(settlement: FillSettlement): TradeStanding {
  if (settlement === 'failed') return 'failed';
  return settlement === 'final' || settlement === 'confirmed' ? 'final' : 'provisional';
}

function cashOf(fill: Fill, { feeMicroUsd, notionalMicroUsd }: Charged): MicroUsd {
  return fill.action === 'buy' ? addUsd(notionalMicroUsd, feeMicroUsd) : subtractUsd(feeMicroUsd, notionalMicroUsd);
}
