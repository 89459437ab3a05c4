import { describe, expect, it } from 'vitest';
import { NOTHING_PROVEN } from '../../../src/domain/edge/basket.ts';
import { type Decision, decide, netProfit } from '../../../src/domain/edge/decide.ts';
import { complementSet, crossVenueBoxes } from '../../../src/domain/edge/families.ts';
import type { Watch } from '../../../src/domain/edge/watch-list.ts';
import { contracts, microUsd, USD } from '../../../src/domain/units.ts';
import { KALSHI_BOOK, POLYMARKET_BOOK, snapshot } from '../../support/books.ts';
import { FREE, KALSHI, listing, POLITICS } from './support.ts';
import { boxOf, POLICY, type TwoBooks, twoBooks } from './watches.ts';

/** Fresh enough for the race model to leave more of a level than the limits let us buy. */
const FRESH_MS = 10;
/** A quote that has stood this long is not stale, and everybody else has seen it too. */
const OLD_MS = 1_900;

function reasonOf(decision: Decision): string {
  return decision.verdict.kind === 'declined' ? decision.verdict.reason : 'edge';
}

function decided(books: TwoBooks, of: Partial<Watch> = {}, nowMs = FRESH_MS): Decision {
  return decide(boxOf(books, of), POLICY, nowMs);
}

/** The same legs with these fees. */
function feesOf(
  books: TwoBooks,
  kalshi: typeof KALSHI | undefined,
  polymarket: typeof KALSHI | undefined,
): Watch['legs'] {
  return boxOf(books).legs.map((leg, at) => ({ ...leg, fee: at === 0 ? kalshi : polymarket }));
}

describe('decide', () => {
  it('finds an edge and says which books it saw', () => {
    const { verdict, atMs } = decided(twoBooks());
    expect(verdict).toMatchObject({
      kind: 'edge',
      grossEdgeE4: 700,
      evaluation: { walk: { sizeE6: contracts(50), profitMicroUsd: microUsd(3_500_000) } },
      books: [
        { book: KALSHI_BOOK, epoch: 1, version: 1, quietMs: FRESH_MS, unprovenMs: FRESH_MS },
        { book: POLYMARKET_BOOK, epoch: 1, version: 1, quietMs: FRESH_MS, unprovenMs: FRESH_MS },
      ],
    });
    expect({ atMs, net: netProfit(verdict) }).toEqual({ atMs: FRESH_MS, net: 3_500_000 });
  });

  it('waits for the first snapshot of each leg', () => {
    const books = twoBooks();
    const unseen = books.store.open('polymarket/unseen');
    expect(reasonOf(decided({ ...books, polymarket: unseen }))).toBe('BOOK_AWAITED');
  });

  it('declines a gapped book until its next snapshot', () => {
    const books = twoBooks();
    books.store.apply({ kind: 'book.gapped', books: [KALSHI_BOOK], reason: 'sequence', detail: '' }, 10, []);
    const gapped = reasonOf(decided(books));
    books.store.apply(snapshot({ bids: { '0.44': '200' }, asks: { '0.45': '200' } }), 20, []);
    expect([gapped, reasonOf(decided(books))]).toEqual(['BOOK_GAPPED', 'edge']);
  });

  it('declines a crossed book', () => {
    expect(reasonOf(decided(twoBooks({ kalshi: { bids: { '0.46': '1' }, asks: { '0.45': '1' } } })))).toBe(
      'BOOK_CROSSED',
    );
  });

  it('declines a book beyond its own venue’s limit, and not at it', () => {
    const books = twoBooks();
    expect(reasonOf(decided(books, {}, 2_000))).toBe('edge');
    expect(reasonOf(decided(books, {}, 2_001))).toBe('BOOK_STALE');
    books.store.apply(snapshot({ bids: { '0.44': '200' }, asks: { '0.45': '200' } }), 4_000, []);
    expect(reasonOf(decided(books, {}, 5_000))).toBe('edge');
    expect(reasonOf(decided(books, {}, 5_001))).toBe('BOOK_STALE');
  });

  it('takes a proof that a book is current for as good as a change', () => {
    const books = twoBooks();
    books.store.apply({ kind: 'books.proven', books: [KALSHI_BOOK, POLYMARKET_BOOK] }, 60_000, []);
    const { verdict } = decided(books, {}, 60_100);
    expect(verdict).toMatchObject({ kind: 'edge', books: [{ quietMs: 60_100, unprovenMs: 100 }, {}] });
  });

  it('declines an empty book and a leg that nobody sells as what they are', () => {
    const empty = twoBooks({ kalshi: { bids: {}, asks: {} } });
    const oneSided = twoBooks({ polymarket: { bids: {}, asks: { '0.53': '1' } } });
    expect([reasonOf(decided(empty)), reasonOf(decided(oneSided))]).toEqual(['BOOK_EMPTY', 'NO_ASKS']);
  });

  it('declines prices that add up to the payoff or more, and says by how much', () => {
    const books = twoBooks({ kalshi: { bids: { '0.5': '1' }, asks: { '0.52': '200' } } });
    expect(decided(books).verdict).toMatchObject({ reason: 'NO_GROSS_EDGE', grossEdgeE4: 0, books: [] });
  });

  it('reports the gap of a basket that is not proven, and does not size it', () => {
    const result = crossVenueBoxes({
      a: listing('Kalshi'),
      b: listing('Polymarket'),
      isInverted: false,
      special: [],
      proof: NOTHING_PROVEN,
    })[0];
    const { verdict } = decided(twoBooks(), result === undefined ? {} : { result, family: 'box' });
    expect(verdict).toMatchObject({ reason: 'EQUIVALENCE_UNPROVEN', grossEdgeE4: 700, best: undefined });
    expect(netProfit(verdict)).toBeUndefined();
  });

  it('declines an unknown fee and still reports the gap', () => {
    const books = twoBooks();
    const { verdict } = decided(books, { legs: feesOf(books, KALSHI, undefined) });
    expect(verdict).toMatchObject({ reason: 'FEE_UNKNOWN', grossEdgeE4: 700, best: undefined });
  });

  it('declines unknown sizes once the fees are known, and the fee first', () => {
    const books = twoBooks();
    const sizeless = decided(books, { hasSizes: false, legs: feesOf(books, KALSHI, POLITICS) });
    const neither = decided(books, { hasSizes: false, legs: feesOf(books, undefined, POLITICS) });
    expect([reasonOf(sizeless), reasonOf(neither)]).toEqual(['SIZE_UNKNOWN', 'FEE_UNKNOWN']);
    expect(sizeless.verdict).toMatchObject({ grossEdgeE4: 700, best: undefined });
  });

  it('says what an edge below the minimum would have earned', () => {
    const books = twoBooks({ kalshi: { bids: { '0.48': '1' }, asks: { '0.49': '200' } } });
    const { verdict } = decided(books);
    expect(verdict).toMatchObject({ kind: 'edge', grossEdgeE4: 300 });
    const thin = twoBooks({ kalshi: { bids: { '0.48': '1' }, asks: { '0.50': '200' } } });
    const declined = decided(thin).verdict;
    expect(declined).toMatchObject({ reason: 'BELOW_MIN_EDGE', grossEdgeE4: 200, best: { sizeE6: contracts(50) } });
    expect(netProfit(declined)).toBe(1_000_000);
  });

  it('says that fees take all of a gap', () => {
    const books = twoBooks({ kalshi: { bids: { '0.48': '1' }, asks: { '0.51': '200' } } });
    const { verdict } = decided(books, { legs: feesOf(books, KALSHI, POLITICS) });
    expect(verdict).toMatchObject({ reason: 'NO_NET_EDGE', grossEdgeE4: 100 });
    expect(netProfit(verdict)).toBe(0);
  });

  it('sends a gap above eight cents to a person', () => {
    const books = twoBooks({ kalshi: { bids: { '0.3': '1' }, asks: { '0.43': '200' } } });
    expect(reasonOf(decided(books))).toBe('GAP_SUSPICIOUS');
  });

  it('doubts a book that sells both of its own sides below a dollar', () => {
    const { store } = twoBooks();
    const [yes, no] = [store.open('polymarket/yes'), store.open('polymarket/no')];
    store.apply(snapshot({ book: yes.id, asks: { '0.5': '10' } }), 0, []);
    store.apply(snapshot({ book: no.id, asks: { '0.48': '10' } }), 0, []);
    const legs = [yes, no].map((book) => ({ book, inverted: false, fee: FREE, label: book.id }));
    const watch: Watch = {
      ...boxOf(twoBooks()),
      legs,
      family: 'complement',
      result: complementSet(listing('a market')),
    };
    expect(reasonOf(decide(watch, POLICY, 10))).toBe('COMPLEMENT_ALARM');
  });

  it('counts less of a quote the longer everybody could have taken it', () => {
    const [fresh, old] = [decided(twoBooks(), {}, FRESH_MS), decided(twoBooks(), {}, OLD_MS)];
    const sizeOf = ({ verdict }: Decision): number =>
      (verdict.kind === 'edge' ? verdict.evaluation.walk.sizeE6 : verdict.best?.sizeE6) ?? 0;
    expect(sizeOf(fresh)).toBe(contracts(50));
    expect(sizeOf(old)).toBe(contracts(12));
  });

  it('sizes an order as the venue takes it: whole cents and no less than its minimum', () => {
    const strict = {
      ...POLICY.orderRules,
      polymarket: { minSizeE6: contracts(1), minNotionalMicroUsd: USD, isWholeCent: true },
    };
    const books = twoBooks({ polymarket: { bids: { '0.525': '25' } } });
    const { verdict } = decide(boxOf(books), { ...POLICY, orderRules: strict }, FRESH_MS);
    const size = verdict.kind === 'edge' ? verdict.evaluation.walk.sizeE6 : 0;
    expect(size).toBeGreaterThan(0);
    expect((size * 4_750) % (contracts(1) * 100)).toBe(0);
  });
});
