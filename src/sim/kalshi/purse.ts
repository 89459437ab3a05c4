/** Money and positions of one subaccount on one shard: the venue keeps each such balance apart. */
import type { Side } from '../matching/engine.ts';
import type { CollateralReturn } from './model.ts';
import { costMicro } from './numbers.ts';

export interface Position {
  /** Signed: YES above zero, NO below. */
  readonly sizeE6: number;
  /** What the open part was bought for, without fees. */
  readonly costMicro: number;
  readonly realizedMicro: number;
  readonly feesMicro: number;
  /** Fees of the open part. */
  readonly openFeesMicro: number;
  readonly tradedMicro: number;
  readonly volumeE6: number;
  readonly updatedMicros: number;
}

const FLAT: Position = {
  sizeE6: 0,
  costMicro: 0,
  realizedMicro: 0,
  feesMicro: 0,
  openFeesMicro: 0,
  tradedMicro: 0,
  volumeE6: 0,
  updatedMicros: 0,
};

export interface Execution {
  readonly ticker: string;
  readonly eventTicker: string;
  readonly collateralReturn: CollateralReturn;
  readonly side: Side;
  readonly priceE4: number;
  readonly sizeE6: number;
}

/** What an execution brings (below zero: costs) before fees: closed pairs are paid out at once, $1 each. */
export function revenueOf(held: number, execution: Execution): number {
  const { side, priceE4, sizeE6 } = execution;
  const closing = closingE6(held, side, sizeE6);
  const opening = sizeE6 - closing;
  return side === 'bid'
    ? costMicro(10_000 - priceE4, closing) - costMicro(priceE4, opening)
    : costMicro(priceE4, closing) - costMicro(10_000 - priceE4, opening);
}

/** How much of an execution takes away from what is held on the other side. */
export function closingE6(held: number, side: Side, sizeE6: number): number {
  return Math.min(sizeE6, Math.max(0, side === 'bid' ? -held : held));
}

export class Purse {
  cashMicro: number;
  /** Collateral return for mutually exclusive events: a setting, off for new users. */
  isNetting = false;
  readonly #positions: Map<string, Position>;
  /** Event of each market that was ever held, for collateral return. */
  readonly #events: Map<string, string>;
  readonly #returned: Map<string, number>;

  constructor(from?: Purse) {
    this.cashMicro = from?.cashMicro ?? 0;
    this.isNetting = from?.isNetting ?? false;
    this.#positions = new Map(from === undefined ? [] : from.#positions);
    this.#events = new Map(from === undefined ? [] : from.#events);
    this.#returned = new Map(from === undefined ? [] : from.#returned);
  }

  position(ticker: string): Position {
    return this.#positions.get(ticker) ?? FLAT;
  }

  positions(): ReadonlyMap<string, Position> {
    return this.#positions;
  }

  /** Contracts change hands and money moves. Cash may fall below zero: asking first is the caller's. */
  execute(execution: Execution, fee: { readonly feeMicro: number; readonly atMicros: number }): Position {
    const before = this.position(execution.ticker);
    const after = applied(before, execution, fee);
    this.#events.set(execution.ticker, execution.eventTicker);
    this.#positions.set(execution.ticker, after);
    this.cashMicro += revenueOf(before.sizeE6, execution) - fee.feeMicro;
    if (execution.collateralReturn === 'MECNET') this.#returnCollateral(execution.eventTicker);
    return after;
  }

  /** The position is paid out and gone; what it earned is realized. */
  settle(ticker: string, payout: { readonly payoutMicro: number; readonly atMicros: number }): Position {
    const before = this.position(ticker);
    const after: Position = {
      ...before,
      sizeE6: 0,
      costMicro: 0,
      openFeesMicro: 0,
      realizedMicro: before.realizedMicro + payout.payoutMicro - before.costMicro,
      updatedMicros: payout.atMicros,
    };
    this.#positions.set(ticker, after);
    this.cashMicro += payout.payoutMicro;
    const event = this.#events.get(ticker);
    if (event !== undefined && this.#returned.has(event)) this.#returnCollateral(event);
    return after;
  }

  setNetting(isNetting: boolean, mecnetEvents: Iterable<string>): void {
    this.isNetting = isNetting;
    for (const event of mecnetEvents) this.#returnCollateral(event);
  }

  /** What this purse has been advanced against guaranteed NO payouts. */
  returnedMicro(event: string): number {
    return this.#returned.get(event) ?? 0;
  }

  /**
   * At most one market of the event resolves yes, so all NO contracts but the largest lot are sure to pay: that
   * much is paid out in advance, and taken back when it is no longer sure.
   */
  #returnCollateral(event: string): void {
    let sum = 0;
    let largest = 0;
    for (const [ticker, { sizeE6 }] of this.#positions) {
      if (this.#events.get(ticker) !== event || sizeE6 >= 0) continue;
      sum -= sizeE6;
      largest = Math.max(largest, -sizeE6);
    }
    const due = this.isNetting ? costMicro(10_000, sum - largest) : 0;
    this.cashMicro += due - this.returnedMicro(event);
    this.#returned.set(event, due);
  }
}

function applied(
  before: Position,
  execution: Execution,
  fee: { readonly feeMicro: number; readonly atMicros: number },
): Position {
  const { side, priceE4, sizeE6 } = execution;
  const closing = closingE6(before.sizeE6, side, sizeE6);
  const opening = sizeE6 - closing;
  const held = Math.abs(before.sizeE6);
  const share = (total: number): number =>
    closing === held ? total : Number((BigInt(total) * BigInt(closing)) / BigInt(held));
  const released = closing === 0 ? 0 : share(before.costMicro);
  const releasedFees = closing === 0 ? 0 : share(before.openFeesMicro);
  const own = side === 'bid' ? priceE4 : 10_000 - priceE4;
  return {
    sizeE6: before.sizeE6 + (side === 'bid' ? sizeE6 : -sizeE6),
    costMicro: before.costMicro - released + costMicro(own, opening),
    // Buying the other side at `own` and handing both in for $1 is selling at 1 - own.
    realizedMicro: before.realizedMicro + (closing === 0 ? 0 : costMicro(10_000 - own, closing) - released),
    feesMicro: before.feesMicro + fee.feeMicro,
    openFeesMicro: before.openFeesMicro - releasedFees + (opening > 0 ? fee.feeMicro : 0),
    tradedMicro: before.tradedMicro + costMicro(own, sizeE6),
    volumeE6: before.volumeE6 + sizeE6,
    updatedMicros: fee.atMicros,
  };
}
