/**
 * What paper orders have taken of a live book. The live venue does not know of them and goes on showing it, so it
 * is remembered here until the level itself changes: the same contracts are not bought twice.
 */
import { type Instrument, instrumentId } from '../../domain/instrument.ts';
import type { Level } from '../../domain/ports/market-data.ts';
import { type SizeE6, sizeE6 } from '../../domain/units.ts';

interface Taken {
  readonly displayedE6: SizeE6;
  takenE6: number;
}

type Side = 'bids' | 'asks';

export class TakenLevels {
  readonly #taken = new Map<string, Taken>();

  /** The displayed levels, less what is ours already. */
  left(instrument: Instrument, side: Side, displayed: readonly Level[]): readonly Level[] {
    return displayed.flatMap((level) => {
      const key = keyOf(instrument, side, level);
      const taken = this.#taken.get(key);
      if (taken !== undefined && taken.displayedE6 !== level.sizeE6) this.#taken.delete(key);
      const left = taken?.displayedE6 === level.sizeE6 ? level.sizeE6 - taken.takenE6 : level.sizeE6;
      return left <= 0 ? [] : [{ ...level, sizeE6: sizeE6(left) }];
    });
  }

  /** So much was taken, from the best level on. */
  take(instrument: Instrument, side: Side, displayed: readonly Level[], size: number): void {
    let rest = size;
    for (const level of displayed) {
      if (rest <= 0) return;
      const key = keyOf(instrument, side, level);
      const taken = this.#taken.get(key) ?? { displayedE6: level.sizeE6, takenE6: 0 };
      const part = Math.min(rest, level.sizeE6 - taken.takenE6);
      taken.takenE6 += part;
      rest -= part;
      this.#taken.set(key, taken);
    }
  }

  /** Levels that are not displayed any more. */
  forgetGone(instrument: Instrument, side: Side, displayed: readonly Level[]): void {
    const start = `${instrumentId(instrument)} ${side} `;
    const shown = new Set(displayed.map((level) => keyOf(instrument, side, level)));
    for (const key of this.#taken.keys()) if (key.startsWith(start) && !shown.has(key)) this.#taken.delete(key);
  }
}

function keyOf(instrument: Instrument, side: Side, { priceE4 }: Level): string {
  return `${instrumentId(instrument)} ${side} ${priceE4}`;
}
