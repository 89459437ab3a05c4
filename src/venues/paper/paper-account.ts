/** Simulated money and contracts. Nothing here can be negative: a paper account neither borrows nor goes short. */
import { type Instrument, instrumentId } from '../../domain/instrument.ts';
import { invariant } from '../../domain/invariant.ts';
import type { Position } from '../../domain/ports/venue.ts';
import { type MicroUsd, microUsd, notional, type PriceE4, type SizeE6, sizeE6 } from '../../domain/units.ts';

export interface Trade {
  readonly instrument: Instrument;
  readonly action: 'buy' | 'sell';
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
  readonly feeMicroUsd: MicroUsd;
}

interface Held {
  readonly instrument: Instrument;
  sizeE6: number;
}

export class PaperAccount {
  #cash: MicroUsd;
  readonly #held = new Map<string, Held>();

  constructor(cash: MicroUsd) {
    this.#cash = cash;
    this.#check();
  }

  get cash(): MicroUsd {
    return this.#cash;
  }

  /** Money comes from nowhere; below zero it goes. */
  deposit(amount: MicroUsd): void {
    this.#cash = microUsd(this.#cash + amount);
    this.#check();
  }

  sizeOf(instrument: Instrument): SizeE6 {
    return sizeE6(this.#held.get(instrumentId(instrument))?.sizeE6 ?? 0);
  }

  positions(): readonly Position[] {
    return [...this.#held.values()].map(({ instrument, sizeE6: size }) => ({ instrument, sizeE6: sizeE6(size) }));
  }

  /** A purchase costs its notional rounded up and its fee; a sale brings its notional rounded down less its fee. */
  apply({ instrument, action, priceE4, sizeE6: size, feeMicroUsd }: Trade): void {
    const sign = action === 'buy' ? -1 : 1;
    const traded = notional(priceE4, size, action === 'buy' ? 'ceil' : 'floor');
    this.#cash = microUsd(this.#cash + sign * traded - feeMicroUsd);
    this.#add(instrument, -sign * size);
    this.#net(instrument);
    this.#check();
  }

  /** Pays so much for each contract of the instrument, which is gone then. What was paid. */
  settle(instrument: Instrument, payoutE4: PriceE4): MicroUsd {
    const size = this.sizeOf(instrument);
    const paid = notional(payoutE4, size, 'floor');
    this.#cash = microUsd(this.#cash + paid);
    this.#add(instrument, -size);
    return paid;
  }

  /** Both sides of one book are a dollar: Kalshi nets them at once. At Polymarket each token has a book of its own. */
  #net(instrument: Instrument): void {
    const opposite: Instrument = { book: instrument.book, inverted: !instrument.inverted };
    const pairs = Math.min(this.sizeOf(instrument), this.sizeOf(opposite));
    if (pairs === 0) return;
    this.#add(instrument, -pairs);
    this.#add(opposite, -pairs);
    // A contract and a dollar both count a million.
    this.#cash = microUsd(this.#cash + pairs);
  }

  #add(instrument: Instrument, change: number): void {
    const id = instrumentId(instrument);
    const held = this.#held.get(id) ?? { instrument, sizeE6: 0 };
    held.sizeE6 += change;
    invariant(held.sizeE6 >= 0, () => `a paper position must not be short, found ${held.sizeE6} of ${id}`);
    if (held.sizeE6 === 0) this.#held.delete(id);
    else this.#held.set(id, held);
  }

  #check(): void {
    invariant(this.#cash >= 0, () => `a paper account must not be overdrawn, found ${this.#cash} micro-dollars`);
  }
}
