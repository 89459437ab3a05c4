import { describe, expect, it } from 'vitest';
import { uniformGrid } from '../../../src/domain/instrument.ts';
import { afterLook, joinQueue } from '../../../src/domain/quoting/queue-position.ts';
import { quotePrice } from '../../../src/domain/quoting/quote-price.ts';
import { contracts, priceE4 } from '../../../src/domain/units.ts';

const grid = uniformGrid(100);
const at = (bid: number, ask: number) => ({ bidE4: priceE4(bid), askE4: priceE4(ask), grid });

describe('quote price', () => {
  it('is one tick better than the best bid', () => {
    expect(quotePrice(at(4_800, 5_200), priceE4(5_000))).toEqual({ kind: 'at', priceE4: 4_900 });
  });

  it('never crosses: at a spread of one tick it joins', () => {
    expect(quotePrice(at(4_800, 4_900), priceE4(5_000))).toEqual({ kind: 'at', priceE4: 4_800 });
  });

  it('is none where the best bid costs more than it is worth', () => {
    expect(quotePrice(at(5_100, 5_300), priceE4(5_000))).toEqual({ kind: 'noEdge' });
  });
});

describe('queue position', () => {
  it('moves up by trades, and by cancels only as far as they may have been ahead', () => {
    const joined = joinQueue(contracts(10), contracts(5));
    const later = afterLook(joined, { othersE6: contracts(5), tradedE6: contracts(2), ownE6: contracts(5) });
    expect(later).toMatchObject({ aheadE6Max: contracts(5), aheadE6: contracts(5) });
  });

  it('is at the front once some of it filled', () => {
    const joined = joinQueue(contracts(10), contracts(5));
    const filled = afterLook(joined, { othersE6: contracts(3), tradedE6: contracts(11), ownE6: contracts(4) });
    expect(filled).toMatchObject({ aheadE6Max: 0, aheadE6: 0 });
  });
});
