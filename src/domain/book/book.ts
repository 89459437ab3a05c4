/**
 * A level-2 book of one outcome at one venue, in flat arrays sized by its price grid.
 *
 * It is changed in place by market data and read in place by detection, in the same synchronous
 * pass. It knows whether it may be believed: only a book that is `live`, uncrossed and proven
 * current is ever traded on.
 */
import { type BookId, gcd, slotWidth, type TickGrid, type VenueName, venueOf } from '../instrument.ts';
import { invariant } from '../invariant.ts';
import type { BookSide, GapReason, Level, VenueTime } from '../ports/market-data.ts';
import { PRICE_ONE, type PriceE4, SIZE_E6_MAX, type SizeE6 } from '../units.ts';
import { LevelArray } from './level-array.ts';

/** `awaitingSnapshot` before the first snapshot, `live` while every change since it was seen, `gapped` otherwise. */
export type BookStanding = 'awaitingSnapshot' | 'live' | 'gapped';

/**
 * When something last proved a book current. Books of one Kalshi subscription share one proof,
 * because its sequence numbers count all of them: any frame in sequence says nothing was missed.
 */
export interface Proof {
  at: number;
  /** What the venue's clock said of the newest change, in milliseconds since 1970, and when that was heard here. */
  venueAtMs: number;
  heardAtMs: number;
}

/** What is known of the market besides its quotes: whoever owns the feed keeps it, and it is read on the rare path. */
export interface MarketFacts {
  /** Why nobody trades at these prices now, however fresh they are: paused, closed, decided. */
  closedBecause: string | undefined;
  /** The venue's instant at which it closes by itself, without a word, in milliseconds since 1970. */
  closesAtMs: number;
  /** The book of the opposite outcome, where that is a book of its own (Polymarket). */
  complement: Book | undefined;
}

/** Why a change could not be applied. The book is gapped with that reason, except for `discarded`. */
export type ChangeRefusal = 'discarded' | 'negativeLevel' | 'offGrid' | 'oversize' | 'contradicted';

const CENT_STEP = 100 as PriceE4;

export class Book {
  readonly id: BookId;
  readonly venue: VenueName;
  /** Position in its `BookStore`: what streams pass around instead of the book. */
  readonly index: number;
  #grid: TickGrid | undefined;
  #width: PriceE4;
  #bids: LevelArray;
  #asks: LevelArray;
  #standing: BookStanding = 'awaitingSnapshot';
  #gapReason: GapReason | undefined;
  #epoch = 0;
  #version = 0;
  #stamp: string | undefined;
  #venueAtMs: number | undefined;
  #changedAt = Number.NEGATIVE_INFINITY;
  #confirmedAt = Number.NEGATIVE_INFINITY;
  proof: Proof = newProof();
  readonly market: MarketFacts = {
    closedBecause: undefined,
    closesAtMs: Number.POSITIVE_INFINITY,
    complement: undefined,
  };

  /** Without a grid the book starts on whole cents and refines its slots when a finer price arrives. */
  constructor(id: BookId, index: number, grid?: TickGrid) {
    this.id = id;
    this.venue = venueOf(id);
    this.index = index;
    this.#grid = grid;
    this.#width = grid === undefined ? CENT_STEP : slotWidth(grid);
    this.#bids = new LevelArray(PRICE_ONE / this.#width + 1, 'lower');
    this.#asks = new LevelArray(PRICE_ONE / this.#width + 1, 'higher');
  }

  get standing(): BookStanding {
    return this.#standing;
  }
  get gapReason(): GapReason | undefined {
    return this.#gapReason;
  }
  get grid(): TickGrid | undefined {
    return this.#grid;
  }
  /** Counts snapshots: a decision made on one epoch never reads another (docs/rules.md §17). */
  get epoch(): number {
    return this.#epoch;
  }
  /** Counts changes, across epochs. */
  get version(): number {
    return this.#version;
  }
  get stamp(): string | undefined {
    return this.#stamp;
  }
  get venueAtMs(): number | undefined {
    return this.#venueAtMs;
  }
  /** Monotonic instant of receipt of the last change, in milliseconds. */
  get changedAtMs(): number {
    return this.#changedAt;
  }

  /** Milliseconds since the book last changed: the age of the race model. */
  quietMs(nowMs: number): number {
    return nowMs - this.#changedAt;
  }

  /** Milliseconds since the last evidence that the book is current. Only this makes a book stale. */
  unprovenMs(nowMs: number): number {
    return nowMs - Math.max(this.#confirmedAt, this.proof.at);
  }

  /** The venue was asked and shows the same: that proves this book, and no other that shares its feed. */
  confirm(nowMs: number): void {
    this.#confirmedAt = nowMs;
  }

  /**
   * How far behind the venue's clock the newest change of this feed was when it came; 0 where no change said so, and
   * after the venue was asked. Snapshots do not count: a quiet market's carries the time of its last change.
   */
  lagMs(nowMs: number, venueNowMs: number): number {
    const { venueAtMs, heardAtMs } = this.proof;
    if (Number.isNaN(venueAtMs) || this.#confirmedAt > heardAtMs) return 0;
    return venueNowMs - (nowMs - heardAtMs) - venueAtMs;
  }

  /**
   * How far the best quotes of this book and of its complement are from mirroring each other, in ten-thousandths of
   * a dollar; infinite where only one of the two has a side. 0 while there is none to compare with.
   */
  complementGapE4(): number {
    const other = this.market.complement;
    if (other === undefined || other.standing !== 'live' || this.#standing !== 'live') return 0;
    return Math.max(
      distance(this.bestAskE4(false), other.bestAskE4(true)),
      distance(this.bestBidE4(false), other.bestBidE4(true)),
    );
  }

  /** The narrowest step between two of its prices. */
  get tickE4(): number {
    return this.#width;
  }

  /** Best price to buy this outcome at (or its opposite when `inverted`), or −1 when nobody offers. */
  bestAskE4(inverted: boolean): number {
    const slot = inverted ? this.#bids.best : this.#asks.best;
    if (slot < 0) return -1;
    return inverted ? PRICE_ONE - slot * this.#width : slot * this.#width;
  }

  /** Best price to sell this outcome at (or its opposite when `inverted`), or −1 when nobody bids. */
  bestBidE4(inverted: boolean): number {
    const slot = inverted ? this.#asks.best : this.#bids.best;
    if (slot < 0) return -1;
    return inverted ? PRICE_ONE - slot * this.#width : slot * this.#width;
  }

  get isCrossed(): boolean {
    const bid = this.#bids.best;
    return bid >= 0 && this.#asks.best >= 0 && bid >= this.#asks.best;
  }

  get isEmpty(): boolean {
    return this.#bids.best < 0 && this.#asks.best < 0;
  }

  /** Up to `depth` levels that a buyer of this outcome (or its opposite) would lift, best first. */
  asks(inverted: boolean, depth = Number.POSITIVE_INFINITY): Level[] {
    return inverted ? this.#levels(this.#bids, true, depth) : this.#levels(this.#asks, false, depth);
  }

  /** Up to `depth` levels that a seller of this outcome (or its opposite) would hit, best first. */
  bids(inverted: boolean, depth = Number.POSITIVE_INFINITY): Level[] {
    return inverted ? this.#levels(this.#asks, true, depth) : this.#levels(this.#bids, false, depth);
  }

  #levels(side: LevelArray, mirrored: boolean, depth: number): Level[] {
    const levels: Level[] = [];
    for (let slot = side.best; slot >= 0 && levels.length < depth; slot = side.after(slot)) {
      const price = slot * this.#width;
      levels.push({ priceE4: (mirrored ? PRICE_ONE - price : price) as PriceE4, sizeE6: side.sizeAt(slot) as SizeE6 });
    }
    return levels;
  }

  /** Millionths of a contract resting at a price; 0 where nothing rests. */
  sizeAt(side: BookSide, price: PriceE4): SizeE6 {
    if (price % this.#width !== 0) return 0 as SizeE6;
    return (side === 'bid' ? this.#bids : this.#asks).sizeAt(price / this.#width) as SizeE6;
  }

  /** Whether it holds exactly these levels. */
  shows({ bids, asks }: { readonly bids: readonly Level[]; readonly asks: readonly Level[] }): boolean {
    return isSame(this.bids(false), bids) && isSame(this.asks(false), asks);
  }

  /** Replaces the whole book and makes it live. A price that the known grid cannot place gaps it instead. */
  replace(
    levels: { readonly bids: readonly Level[]; readonly asks: readonly Level[] },
    time: VenueTime,
    nowMs: number,
  ): ChangeRefusal | undefined {
    this.#bids.clear();
    this.#asks.clear();
    const refusal = this.#fill('bid', levels.bids) ?? this.#fill('ask', levels.asks);
    this.#epoch++;
    if (refusal !== undefined) {
      this.gap(refusal === 'oversize' ? 'malformed' : 'offGrid');
      return refusal;
    }
    this.#standing = 'live';
    this.#gapReason = undefined;
    this.#touch(time, nowMs);
    return undefined;
  }

  #fill(side: BookSide, levels: readonly Level[]): ChangeRefusal | undefined {
    for (const level of levels) {
      if (level.sizeE6 > SIZE_LIMIT) return 'oversize';
      const slot = this.#slot(level.priceE4);
      if (slot < 0) return 'offGrid';
      (side === 'bid' ? this.#bids : this.#asks).set(slot, level.sizeE6);
    }
    return undefined;
  }

  /** Adds a signed size to a level. Below zero, or on a price the grid cannot place, the book is gapped. */
  add(side: BookSide, price: PriceE4, deltaE6: number, time: VenueTime, nowMs: number): ChangeRefusal | undefined {
    if (this.#standing !== 'live') return 'discarded';
    const slot = this.#slot(price);
    if (slot < 0) return this.#refuse('offGrid');
    const levels = side === 'bid' ? this.#bids : this.#asks;
    const size = levels.sizeAt(slot) + deltaE6;
    if (size < 0) return this.#refuse('negativeLevel');
    if (size > SIZE_LIMIT) return this.#refuse('oversize');
    levels.set(slot, size);
    this.#touch(time, nowMs);
    this.#hear(time, nowMs);
    return undefined;
  }

  /** Sets the total at a level; 0 removes it. On a price the grid cannot place, the book is gapped. */
  set(side: BookSide, price: PriceE4, size: SizeE6, time: VenueTime, nowMs: number): ChangeRefusal | undefined {
    if (this.#standing !== 'live') return 'discarded';
    const slot = this.#slot(price);
    if (slot < 0) return this.#refuse('offGrid');
    if (size > SIZE_LIMIT) return this.#refuse('oversize');
    (side === 'bid' ? this.#bids : this.#asks).set(slot, size);
    this.#touch(time, nowMs);
    this.#hear(time, nowMs);
    return undefined;
  }

  /** Something is missing: what is held stays readable for display and is not tradable until a snapshot. */
  gap(reason: GapReason): void {
    if (this.#standing === 'awaitingSnapshot') return;
    this.#standing = 'gapped';
    this.#gapReason = reason;
  }

  /** Adopts a new grid. Levels are kept: venues keep resting orders when they change the tick (Kalshi, July 2026). */
  regrid(grid: TickGrid): void {
    this.#grid = grid;
    this.#rebuild(gcd(this.#occupiedWidth(), slotWidth(grid)) as PriceE4);
  }

  #touch(time: VenueTime, nowMs: number): void {
    this.#version++;
    this.#stamp = time.stamp;
    this.#venueAtMs = time.venueAtMs;
    this.#changedAt = nowMs;
    this.proof.at = nowMs;
  }

  #hear({ venueAtMs }: VenueTime, nowMs: number): void {
    if (venueAtMs === undefined) return;
    this.proof.venueAtMs = venueAtMs;
    this.proof.heardAtMs = nowMs;
  }

  #refuse(refusal: 'negativeLevel' | 'offGrid' | 'oversize'): ChangeRefusal {
    this.gap(refusal === 'oversize' ? 'malformed' : refusal);
    return refusal;
  }

  #slot(price: PriceE4): number {
    if (price % this.#width === 0) return price / this.#width;
    if (this.#grid !== undefined) return -1;
    this.#rebuild(gcd(this.#width, price) as PriceE4);
    return price / this.#width;
  }

  #occupiedWidth(): number {
    let width: number = PRICE_ONE;
    for (const side of [this.#bids, this.#asks]) {
      for (let slot = side.best; slot >= 0; slot = side.after(slot)) width = gcd(width, slot * this.#width);
    }
    return width;
  }

  #rebuild(width: PriceE4): void {
    if (width === this.#width) return;
    invariant(PRICE_ONE % width === 0, () => `a slot width must divide 10000, found ${width} (book ${this.id})`);
    this.#bids = resized(this.#bids, this.#width, width, 'lower');
    this.#asks = resized(this.#asks, this.#width, width, 'higher');
    this.#width = width;
  }
}

export function newProof(): Proof {
  return { at: Number.NEGATIVE_INFINITY, venueAtMs: Number.NaN, heardAtMs: Number.NEGATIVE_INFINITY };
}

function isSame(held: readonly Level[], told: readonly Level[]): boolean {
  const sizes = new Map(told.flatMap(({ priceE4, sizeE6 }) => (sizeE6 > 0 ? [[priceE4, sizeE6] as const] : [])));
  return held.length === sizes.size && held.every(({ priceE4, sizeE6 }) => sizes.get(priceE4) === sizeE6);
}

function distance(oneE4: number, otherE4: number): number {
  if (oneE4 < 0 || otherE4 < 0) return oneE4 === otherE4 ? 0 : Number.POSITIVE_INFINITY;
  return Math.abs(oneE4 - otherE4);
}

/** A level beyond this is a broken frame: the largest seen in recordings is about a million contracts. */
const SIZE_LIMIT: number = SIZE_E6_MAX * 1_000;

function resized(from: LevelArray, oldWidth: number, newWidth: number, worse: 'lower' | 'higher'): LevelArray {
  const to = new LevelArray(PRICE_ONE / newWidth + 1, worse);
  for (let slot = from.best; slot >= 0; slot = from.after(slot))
    to.set((slot * oldWidth) / newWidth, from.sizeAt(slot));
  return to;
}
