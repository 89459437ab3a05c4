/**
 * What becomes of a match: sent to the chain, mined, confirmed, or not.
 *
 * The reply to an order never waits for it. Shares and dollars move when the trade is booked (MINED by default);
 * a reorganised trade is taken back, and a failed one gives nothing to anybody.
 */
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import type { Random } from '../../domain/ports/random.ts';
import { type Fault, type FaultRack, faultNumber } from '../faults.ts';
import { hash32 } from './ids.ts';
import type { Ledger } from './ledger.ts';
import type { Trade, TradeStatus } from './model.ts';
import type { PolymarketSettings, Span } from './options.ts';

export interface SettlementStep {
  readonly status: TradeStatus;
  /** From the match. */
  readonly afterMs: number;
}

export interface SettlementParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly faults: FaultRack;
  readonly settings: PolymarketSettings;
  readonly onChange: (trade: Trade) => void;
  readonly nowMs: () => number;
}

export class Settlement {
  readonly #parts: SettlementParts;
  readonly #scripts: (readonly SettlementStep[])[] = [];
  readonly #timers = new Map<string, Timer[]>();

  constructor(parts: SettlementParts) {
    this.#parts = parts;
  }

  /** The next trades follow these steps instead of chance, one list each. */
  script(...paths: readonly (readonly SettlementStep[])[]): void {
    this.#scripts.push(...paths);
  }

  start(trade: Trade): void {
    const { ledger, clock } = this.#parts;
    ledger.commit(trade.movements);
    // Seen in 2026: without approvals the executor never gets it through, and the trade stays MATCHED for ever.
    if (!trade.movements.every(({ wallet }) => ledger.account(wallet).isApproved)) return;
    const timers = this.#path(trade).map(({ status, afterMs }) =>
      clock.setTimeout(() => this.move(trade, status), afterMs),
    );
    this.#timers.set(trade.id, timers);
  }

  /** Now, out of turn. What was planned for this trade still comes unless `stop` is called. */
  move(trade: Trade, status: TradeStatus): void {
    if (trade.status === 'CONFIRMED' || trade.status === 'FAILED') return;
    trade.status = status;
    trade.updatedAtMs = this.#parts.nowMs();
    if (status === 'MINED' || (status === 'CONFIRMED' && trade.transactionHash === ''))
      trade.transactionHash = hash32(this.#parts.random);
    if (this.#books(status)) this.#book(trade);
    if (status === 'RETRYING') this.#unbook(trade);
    if (status === 'CONFIRMED') this.stop(trade);
    if (status === 'FAILED') {
      this.#unbook(trade);
      this.#parts.ledger.release(trade.movements);
      this.stop(trade);
    }
    this.#parts.onChange(trade);
  }

  stop(trade: Trade): void {
    for (const timer of this.#timers.get(trade.id) ?? []) this.#parts.clock.clearTimeout(timer);
    this.#timers.delete(trade.id);
  }

  #books(status: TradeStatus): boolean {
    return status === 'CONFIRMED' || (status === 'MINED' && this.#parts.settings.ledgerMovesAt === 'MINED');
  }

  #book(trade: Trade): void {
    if (trade.isBooked) return;
    trade.isBooked = true;
    this.#parts.ledger.release(trade.movements);
    for (const movement of trade.movements)
      this.#parts.ledger.book(movement, { atMs: this.#parts.nowMs(), why: 'trade' });
  }

  #unbook(trade: Trade): void {
    if (!trade.isBooked) return;
    trade.isBooked = false;
    for (const movement of trade.movements) {
      const back = { ...movement, cashMicro: -movement.cashMicro, sharesE6: -movement.sharesE6 };
      this.#parts.ledger.book(back, { atMs: this.#parts.nowMs(), why: 'reversal' });
    }
    this.#parts.ledger.commit(trade.movements);
  }

  #path(trade: Trade): readonly SettlementStep[] {
    const scripted = this.#scripts.shift();
    if (scripted !== undefined) return scripted;
    const { settings, faults } = this.#parts;
    const minedMs = this.#draw(settings.mined);
    const confirmedMs = Math.max(minedMs, this.#draw(settings.confirmed));
    const context = { market: trade.conditionId, step: trade.side, account: trade.takerWallet };
    const failed = faults.strike('C1', context);
    if (failed !== undefined) return [{ status: 'FAILED', afterMs: faultNumber(failed, 'afterMs', minedMs) }];
    const reorganised = faults.strike('C3', context);
    if (reorganised !== undefined) {
      const backMs = minedMs + faultNumber(reorganised, 'afterMs', 5_000);
      const tail = ending(reorganised, backMs + faultNumber(reorganised, 'durationMs', 10_000));
      return [{ status: 'MINED', afterMs: minedMs }, { status: 'RETRYING', afterMs: backMs }, ...tail];
    }
    const retrying = faults.strike('C2', context);
    if (retrying !== undefined) {
      const tail = ending(retrying, minedMs + faultNumber(retrying, 'durationMs', 180_000));
      return [{ status: 'RETRYING', afterMs: minedMs }, ...tail];
    }
    return [
      { status: 'MINED', afterMs: minedMs },
      { status: 'CONFIRMED', afterMs: confirmedMs },
    ];
  }

  #draw({ leastMs, mostMs }: Span): number {
    return mostMs <= leastMs ? leastMs : leastMs + this.#parts.random.next() * (mostMs - leastMs);
  }
}

function ending(fault: Fault, atMs: number): SettlementStep[] {
  if (fault.parameters?.then === 'FAILED') return [{ status: 'FAILED', afterMs: atMs }];
  return [
    { status: 'MINED', afterMs: atMs },
    { status: 'CONFIRMED', afterMs: atMs + 10_000 },
  ];
}
