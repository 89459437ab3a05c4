/**
 * One event on both venues, moving by itself: a fair price that wanders, books that breathe around it, takers, and
 * gaps between the venues that open, close, and are sometimes gone when somebody comes for them.
 */
import type { Timer } from '../../domain/ports/clock.ts';
import type { Random } from '../../domain/ports/random.ts';
import { contractsE6, drawn, meanOf, waitMs } from './draw.ts';
import type { BookSide, FlowEvent, FlowVenue, FlowVenueName, LevelVenue } from './flow-venue.ts';
import { drawGap, type Gap, type GapShape } from './gaps.ts';
import { Ladder, onGrid, type Touch, touchAround } from './ladder.ts';
import {
  ADD_SHARE,
  DELTA_SIZE,
  type FlowRates,
  FRACTIONAL_SHARE,
  GROUP_SIZE,
  INTER_ARRIVAL_MS,
  MINUTE_BURST,
  REFRESH_ORDERS,
  SPREAD_CENTS,
  TAKER_SIZE,
  TOUCH_SHARE,
} from './rates.ts';
import type { Tempo } from './tempo.ts';

export interface PairSpec {
  readonly id: string;
  /** Where the fair price begins, and what it is drawn back to. */
  readonly fairE4: number;
  readonly kalshi: { readonly venue: LevelVenue; readonly tickE4: number };
  readonly polymarket: { readonly venue: FlowVenue; readonly tickE4: number };
}

export interface PairParts {
  readonly tempo: Tempo;
  readonly random: Random;
  readonly rates: FlowRates;
  readonly gaps: GapShape;
  readonly onEvent: (event: FlowEvent) => void;
}

const CENT_E4 = 100;
/** A dollar: nothing is quoted there. */
const PRICE_END_E4 = 10_000;
const LEVELS = 12;
/** Behind an offered gap Kalshi has nothing for so many ticks: the next best price is worse than the edge. */
const OFFER_CLEAR_TICKS = 2;
/** A Polymarket book that says nothing for two seconds is nobody's reason to trade. */
const OFFER_REQUOTE_MS = 700;
const OFFER_LEAD_MS = 40;
const OFFER_NEXT_E6 = 60_000_000;
const OFFER_POLYMARKET_SHARE = 1.5;
const ONE_CONTRACT_E6 = 1_000_000;
/** More than this at one price is cut back: books do not grow for ever. */
const LEVEL_E6_MAX = 20_000_000_000;
/** Polymarket tends to lead: Kalshi's quotes were 52 ms old at the median where Polymarket's were 10. */
const KALSHI_LAG_MS = 42;
/** Pull of the starting price per move; keeps a long run away from the ends of the scale. */
const PULL = 0.002;
/** How often a gap closes because Kalshi comes along. */
const LEADER_SHARE = 0.65;
const MEAN_INTER_ARRIVAL_MS = meanOf(INTER_ARRIVAL_MS);
const MEAN_GROUP = meanOf(GROUP_SIZE);

interface OpenGap extends Gap {
  readonly timer: Timer;
  /** The fair price that Kalshi comes to if Polymarket was right. */
  readonly leadE4: number;
  /** Venues whose fate has come. */
  readonly met: Set<FlowVenueName>;
}

export class GeneratedPair {
  readonly #spec: PairSpec;
  readonly #parts: PairParts;
  readonly #kalshi: Ladder;
  readonly #polymarket: Ladder;
  #fairE4: number;
  #gap: OpenGap | undefined;

  constructor(spec: PairSpec, parts: PairParts) {
    this.#spec = spec;
    this.#parts = parts;
    this.#fairE4 = spec.fairE4;
    this.#kalshi = new Ladder({ tickE4: spec.kalshi.tickE4, levels: LEVELS }, parts.random);
    this.#polymarket = new Ladder({ tickE4: spec.polymarket.tickE4, levels: LEVELS }, parts.random);
  }

  start(): void {
    this.#place('polymarket');
    this.#place('kalshi');
    const { rates, random } = this.#parts;
    this.#repeat(
      () => this.#deltaWaitMs(),
      () => this.#deltas(Math.round(drawn(GROUP_SIZE, random))),
    );
    this.#repeat(
      () => waitMs(rates.refreshesPerSecond, random),
      () => this.#refresh(),
    );
    this.#repeat(
      () => waitMs(rates.takersPerSecond * 2, random),
      () => this.#taker(),
    );
    this.#repeat(
      () => waitMs(rates.movesPerSecond, random),
      () => this.#move(),
    );
    this.#repeat(
      () => waitMs(rates.gapsPerSecond, random),
      () => this.#openGap(),
    );
    this.#repeat(
      () => this.#parts.tempo.toMinuteMs(),
      () => this.#minuteBurst(),
    );
  }

  /** The best prices at Kalshi, or `undefined` while a gap is open or a market is not: then none can be offered. */
  get touch(): Touch | undefined {
    const { kalshi, polymarket } = this.#spec;
    const isFree = this.#gap === undefined && kalshi.venue.isOpen && polymarket.venue.isOpen;
    return isFree ? this.#kalshi.touch : undefined;
  }

  /**
   * Opens this gap, in a moment, instead of one that is drawn. Its depth is all there is near it at Kalshi, so that nobody gets
   * more of it than was offered; Polymarket has half as much again, and goes on quoting.
   */
  offer(gap: Gap): boolean {
    if (this.touch === undefined) return false;
    const takes = gap.cheap === 'kalshi' ? 'ask' : 'bid';
    const { bidE4, askE4 } = this.#kalshi.touch;
    const { tickE4 } = this.#spec.kalshi;
    for (let away = 1; away <= OFFER_CLEAR_TICKS; away++)
      this.#kalshi.set(takes, takes === 'ask' ? askE4 + away * tickE4 : bidE4 - away * tickE4, 0);
    this.#kalshi.set(takes, takes === 'ask' ? askE4 : bidE4, gap.depthE6);
    this.#deepen(
      this.#kalshi,
      takes,
      (takes === 'ask' ? askE4 : bidE4) + (OFFER_CLEAR_TICKS + 1) * (takes === 'ask' ? tickE4 : -tickE4),
    );
    this.#spec.kalshi.venue.quote(this.#kalshi.book());
    // A change at Kalshi is on its way while Polymarket's is; whoever looks must see both as they are.
    this.#parts.tempo.after(OFFER_LEAD_MS, () => {
      if (this.touch === undefined) return;
      this.#open(gap, gap.depthE6 * OFFER_POLYMARKET_SHARE);
      if (this.#gap === undefined) return;
      const touch = this.#polymarket.touch;
      if (takes === 'ask') this.#deepen(this.#polymarket, 'bid', touch.bidE4 - gap.gapE4);
      else this.#deepen(this.#polymarket, 'ask', touch.askE4 + gap.gapE4);
      this.#spec.polymarket.venue.quote(this.#polymarket.book());
      this.#requote();
    });
    return true;
  }

  /** Whoever has to find another way out of a gap finds it at one price, unless the scale has ended there. */
  #deepen(ladder: Ladder, side: BookSide, price: number): void {
    if (price <= 0 || price >= PRICE_END_E4) return;
    if (ladder.sizeAt(side, price) < OFFER_NEXT_E6) ladder.set(side, price, OFFER_NEXT_E6);
  }

  #requote(): void {
    this.#parts.tempo.after(OFFER_REQUOTE_MS, () => {
      const gap = this.#gap;
      const { venue } = this.#spec.polymarket;
      if (gap === undefined || !venue.isOpen) return;
      const { bidE4, askE4 } = this.#polymarket.touch;
      const side = gap.cheap === 'kalshi' ? 'ask' : 'bid';
      const price = side === 'ask' ? askE4 : bidE4;
      this.#polymarket.set(side, price, this.#polymarket.sizeAt(side, price) + ONE_CONTRACT_E6);
      venue.quote(this.#polymarket.book());
      this.#requote();
    });
  }

  /** An order of a client is on its way to take this side. What it finds was drawn when the gap was. */
  orderArrives(venue: FlowVenueName, takes: BookSide): void {
    const gap = this.#gap;
    if (gap === undefined || gap.met.has(venue) || takes !== (gap.cheap === venue ? 'ask' : 'bid')) return;
    gap.met.add(venue);
    const fate = gap.fates[venue];
    if (fate.kind === 'there') return;
    const ladder = venue === 'kalshi' ? this.#kalshi : this.#polymarket;
    const price = takes === 'ask' ? ladder.touch.askE4 : ladder.touch.bidE4;
    const left = fate.kind === 'gone' ? 0 : Math.floor((gap.depthE6 * fate.share) / 10_000) * 10_000;
    ladder.set(takes, price, left);
    this.#spec[venue].venue.quote(ladder.book());
    this.#tell('gap.gone', { venue, fate: fate.kind, priceE4: price, leftE6: left });
  }

  #deltaWaitMs(): number {
    const { rates, random } = this.#parts;
    const meanMs = (1_000 * MEAN_GROUP) / rates.deltasPerSecond;
    return drawn(INTER_ARRIVAL_MS, random) * (meanMs / MEAN_INTER_ARRIVAL_MS);
  }

  /** All with one venue time. */
  #deltas(count: number): void {
    for (let left = count; left > 0; left--) this.#delta();
  }

  #delta(): void {
    const { random } = this.#parts;
    const side = random.next() < 0.5 ? 'bid' : 'ask';
    const isTouch = random.next() < TOUCH_SHARE;
    const depth = isTouch ? 0 : 1 + random.below(LEVELS - 1);
    const wants = contractsE6(drawn(DELTA_SIZE, random), random.next() < FRACTIONAL_SHARE);
    const isAdd = random.next() < ADD_SHARE;
    const price = this.#kalshi.priceAt(side, depth);
    const { venue } = this.#spec.kalshi;
    // The best price of a gap is only as deep as the gap was drawn.
    if (price === undefined || !venue.isOpen || (isTouch && this.#gap !== undefined)) return;
    const has = this.#kalshi.sizeAt(side, price);
    const adds = has === 0 || (isAdd && has + wants <= LEVEL_E6_MAX);
    const deltaE6 = adds ? wants : -Math.min(wants, has);
    this.#kalshi.set(side, price, has + deltaE6);
    venue.change(side, { priceE4: price, deltaE6 });
    this.#tell('delta', { side, priceE4: price, deltaE6 });
  }

  #minuteBurst(): void {
    const { rates, random, tempo } = this.#parts;
    const drawnCount = MINUTE_BURST.least + random.below(MINUTE_BURST.most - MINUTE_BURST.least + 1);
    const count = Math.round((drawnCount * rates.deltasPerSecond) / MINUTE_BURST.atDeltasPerSecond);
    const parts = MINUTE_BURST.withinMs;
    for (let part = 0; part < parts; part++) tempo.after(part, () => this.#deltas(Math.ceil(count / parts)));
  }

  #refresh(): void {
    const { random } = this.#parts;
    const { venue } = this.#spec.polymarket;
    if (!venue.isOpen || this.#gap !== undefined) return;
    const orders = REFRESH_ORDERS.least + random.below(REFRESH_ORDERS.most - REFRESH_ORDERS.least + 1);
    this.#polymarket.refresh(orders);
    venue.quote(this.#polymarket.book());
    this.#tell('refresh', { orders });
  }

  #taker(): void {
    const { random } = this.#parts;
    const name = random.next() < 0.5 ? 'kalshi' : 'polymarket';
    const takes = random.next() < 0.5 ? 'ask' : 'bid';
    const sizeE6 = contractsE6(drawn(TAKER_SIZE, random), false);
    const { venue } = this.#spec[name];
    const { bidE4, askE4 } = (name === 'kalshi' ? this.#kalshi : this.#polymarket).touch;
    if (!venue.isOpen) return;
    const price = takes === 'ask' ? askE4 : bidE4;
    venue.take({ takes, priceE4: price, sizeE6 });
    this.#tell('taker', { venue: name, takes, priceE4: price, sizeE6 });
  }

  /** A tick up or down, Polymarket first. While a gap is open it is the gap that moves. */
  #move(): void {
    const { random, tempo } = this.#parts;
    const pull = ((this.#spec.fairE4 - this.#fairE4) / CENT_E4) * PULL;
    const step = random.next() < 0.5 + pull ? CENT_E4 : -CENT_E4;
    if (this.#gap !== undefined) return;
    this.#fairE4 = Math.min(9_700, Math.max(300, this.#fairE4 + step));
    this.#place('polymarket');
    tempo.after(KALSHI_LAG_MS, () => {
      if (this.#gap === undefined) this.#place('kalshi');
    });
    this.#tell('move', { fairE4: this.#fairE4 });
  }

  #place(name: FlowVenueName): void {
    const { venue, tickE4 } = this.#spec[name];
    const ladder = name === 'kalshi' ? this.#kalshi : this.#polymarket;
    const spreadE4 = Math.round(drawn(SPREAD_CENTS, this.#parts.random)) * CENT_E4;
    ladder.moveTo(touchAround(this.#fairE4, spreadE4, { tickE4, levels: LEVELS }));
    if (venue.isOpen) venue.quote(ladder.book());
  }

  #openGap(): void {
    const { random, gaps } = this.#parts;
    const gap = drawGap(gaps, random);
    if (this.touch !== undefined) this.#open(gap);
  }

  #open(gap: Gap, polymarketE6 = gap.depthE6): void {
    const { tempo } = this.#parts;
    const { kalshi, polymarket } = this.#spec;
    const touch = this.#gapTouch(gap);
    if (touch === undefined) return;
    const takes = {
      kalshi: gap.cheap === 'kalshi' ? 'ask' : 'bid',
      polymarket: gap.cheap === 'kalshi' ? 'bid' : 'ask',
    } as const;
    const timer = tempo.after(gap.lifeMs, () => this.#closeGap());
    this.#gap = { ...gap, timer, leadE4: (touch.bidE4 + touch.askE4) / 2, met: new Set() };
    this.#polymarket.moveTo(touch);
    this.#polymarket.set(takes.polymarket, takes.polymarket === 'bid' ? touch.bidE4 : touch.askE4, polymarketE6);
    // The level behind the best one stands on the other side of Kalshi's price: it is no part of the gap.
    this.#clearBehind(takes.polymarket, touch, gap);
    polymarket.venue.quote(this.#polymarket.book());
    const kalshiPrice = takes.kalshi === 'bid' ? this.#kalshi.touch.bidE4 : this.#kalshi.touch.askE4;
    this.#kalshi.set(takes.kalshi, kalshiPrice, gap.depthE6);
    kalshi.venue.quote(this.#kalshi.book());
    const { cheap, gapE4, lifeMs, depthE6, fates } = gap;
    this.#tell('gap.opened', {
      cheap,
      gapE4,
      lifeMs,
      depthE6,
      ...{ first: fates.polymarket.kind, second: fates.kalshi.kind },
    });
  }

  /** Polymarket's best prices while the gap is open, or `undefined` where the scale ends. */
  #gapTouch(gap: Gap): Touch | undefined {
    const { tickE4 } = this.#spec.polymarket;
    const toTick = (price: number): number => Math.round(price / tickE4) * tickE4;
    const { bidE4, askE4 } = this.#kalshi.touch;
    const touch =
      gap.cheap === 'kalshi'
        ? { bidE4: toTick(askE4 + gap.gapE4), askE4: toTick(askE4 + gap.gapE4) + tickE4 }
        : { bidE4: toTick(bidE4 - gap.gapE4) - tickE4, askE4: toTick(bidE4 - gap.gapE4) };
    const isInside = touch.bidE4 >= tickE4 && touch.askE4 <= 10_000 - tickE4;
    return isInside && onGrid(touch.bidE4, tickE4) === touch.bidE4 ? touch : undefined;
  }

  #clearBehind(side: BookSide, touch: Touch, gap: Gap): void {
    const { tickE4 } = this.#spec.polymarket;
    for (let away = tickE4; away < gap.gapE4; away += tickE4)
      this.#polymarket.set(side, side === 'bid' ? touch.bidE4 - away : touch.askE4 + away, 0);
  }

  #closeGap(): void {
    const gap = this.#gap;
    if (gap === undefined) return;
    this.#gap = undefined;
    const follows = this.#parts.random.next() < LEADER_SHARE;
    if (follows) this.#fairE4 = Math.min(9_700, Math.max(300, gap.leadE4));
    this.#place(follows ? 'kalshi' : 'polymarket');
    this.#place(follows ? 'polymarket' : 'kalshi');
    this.#tell('gap.closed', { follower: follows ? 'kalshi' : 'polymarket', fairE4: this.#fairE4 });
  }

  #repeat(delayMs: () => number, run: () => void): void {
    this.#parts.tempo.after(delayMs(), () => {
      run();
      this.#repeat(delayMs, run);
    });
  }

  #tell(kind: FlowEvent['kind'], detail: FlowEvent['detail']): void {
    this.#parts.onEvent({ atMs: this.#parts.tempo.nowMs(), pair: this.#spec.id, kind, detail });
  }
}
