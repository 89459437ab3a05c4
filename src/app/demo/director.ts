/**
 * Stages the demonstration on the simulators' side: one act after the other, gaps in between, two markets that settle.
 *
 * It looks at the clock and at what its audience has seen, and stages an act again when nothing came of it. It cannot
 * reach anything of Tandem's: prices, counterparties, faults and lines are all it has.
 */
import type { ExecutionPolicy } from '../../domain/execution/attempt-plan.ts';
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import type { Random } from '../../domain/ports/random.ts';
import type { Fate } from '../../sim/flow/gaps.ts';
import type { Situation } from './situations.ts';
import type { Stage, StagedGap } from './stage.ts';

/** What the director waits for. */
export interface Audience {
  has(situation: Situation): boolean;
  /** New attempts may start: the breaker is closed and both venues take orders. */
  isTrading(): boolean;
  /** An attempt on this pair is under way. */
  isBusy(pair: string): boolean;
  /** Pairs of which complete sets are held, and nothing else. */
  heldPairs(): readonly string[];
}

export interface DirectorParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly stage: Stage;
  readonly audience: Audience;
  readonly pairs: readonly string[];
  readonly policy: ExecutionPolicy;
  /** No gap is offered later than that after the start. */
  readonly curtainMs: number;
  /** When the markets settle at the latest. */
  readonly settleMs: number;
  readonly onCue: (text: string) => void;
}

interface Act {
  readonly situation: Situation;
  readonly cue: string;
  /** False where it cannot be staged at this moment. */
  readonly play: (pair: string) => boolean;
  /** So long is waited for what comes of it. */
  readonly patienceMs: number;
  /** It shows itself in an attempt on its pair, or not at all. */
  readonly needsAttempt: boolean;
}

/** Markets that end together. */
interface Batch {
  readonly pairs: readonly string[];
  readonly resolvedAtMs: number;
  readonly paidAtMs: number | undefined;
}

const TICK_MS = 200;
const SPENT_MS = 3_000;
const BETWEEN_ACTS_MS = 900;
const FILLER_MS = 850;
const REST_MS = 900;
const PAY_AFTER_MS = 2_500;
const PAY_AGAIN_MS = 4_000;
/** A long show goes on: more markets end, as long as enough are left to trade. */
const SETTLE_AGAIN_MS = 25_000;
const PAIRS_KEPT = 3;
const EARLY_SHARE = 0.6;
const MARKETS_TO_SETTLE = 2;
const CHAIN_FAILS_MS = 1_200;
const PART_SHARE = 0.5;
const PART_CONTRACTS = 5;
const CONTRACT_E6 = 1_000_000;
/** Twice what is wanted: a displayed contract is believed to be ours six times in ten. */
const SHOWN = { least: 18, spread: 3 };

export class DemoDirector {
  readonly #parts: DirectorParts;
  readonly #acts: readonly Act[];
  readonly #settled: string[] = [];
  #timer: Timer | undefined;
  #startedMs = 0;
  #next = 0;
  #playing: { readonly act: Act; readonly pair: string; readonly sinceMs: number } | undefined;
  #freeAtMs = 0;
  #fillerAtMs = 0;
  #turn = 0;
  #restShare = 1;
  #batch: Batch | undefined;

  constructor(parts: DirectorParts) {
    this.#parts = parts;
    this.#acts = this.#makeActs();
  }

  start(): void {
    this.#startedMs = this.#parts.clock.nowMs();
    this.#turn = this.#parts.random.below(this.#parts.pairs.length);
    this.#tick();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#parts.stage.setFaults([]);
  }

  get #elapsedMs(): number {
    return this.#parts.clock.nowMs() - this.#startedMs;
  }

  #tick(): void {
    this.#timer = this.#parts.clock.setTimeout(() => this.#tick(), TICK_MS);
    const nowMs = this.#elapsedMs;
    this.#takeResting();
    this.#settle(nowMs);
    this.#finishAct(nowMs);
    const isOpen = nowMs < this.#parts.curtainMs && this.#parts.audience.isTrading();
    if (!isOpen) return;
    if (this.#playing === undefined && nowMs >= this.#freeAtMs) this.#beginAct(nowMs);
    // Other gaps would blur what the first acts show.
    if (nowMs >= this.#fillerAtMs && (this.#next >= 2 || nowMs > this.#parts.curtainMs / 4)) this.#fill(nowMs);
  }

  #beginAct(nowMs: number): void {
    const { audience } = this.#parts;
    while (this.#acts[this.#next] !== undefined && audience.has(this.#acts[this.#next]?.situation ?? 'bothFilled'))
      this.#next++;
    const act = this.#acts[this.#next];
    const pair = this.#freePair();
    if (act === undefined || pair === undefined || !act.play(pair)) return;
    this.#playing = { act, pair, sinceMs: nowMs };
    this.#parts.onCue(act.cue);
  }

  #finishAct(nowMs: number): void {
    const playing = this.#playing;
    if (playing === undefined) return;
    const isSeen = this.#parts.audience.has(playing.act.situation);
    const { act, sinceMs, pair } = playing;
    // An attempt that has come and gone, or never came: there is nothing to wait for.
    const isSpent = act.needsAttempt && nowMs - sinceMs > SPENT_MS && !this.#parts.audience.isBusy(pair);
    if (!isSeen && !isSpent && nowMs - sinceMs < act.patienceMs) return;
    this.#playing = undefined;
    this.#restShare = 1;
    this.#parts.stage.setFaults([]);
    this.#freeAtMs = nowMs + BETWEEN_ACTS_MS;
  }

  #fill(nowMs: number): void {
    const pair = this.#freePair();
    if (pair === undefined || !this.#offer({ pair })) return;
    this.#fillerAtMs = nowMs + FILLER_MS * (0.7 + 0.6 * this.#parts.random.next());
  }

  /** In turn, so that what is held is spread over the pairs. */
  #freePair(): string | undefined {
    const { pairs, audience } = this.#parts;
    for (let at = 0; at < pairs.length; at++) {
      const pair = pairs[(this.#turn + at) % pairs.length];
      if (pair === undefined || audience.isBusy(pair) || this.#settled.includes(pair)) continue;
      this.#turn = (this.#turn + at + 1) % pairs.length;
      return pair;
    }
    return undefined;
  }

  #offer(gap: Pick<StagedGap, 'pair' | 'fates'> & { readonly contracts?: number }): boolean {
    const { stage, random, policy } = this.#parts;
    const contracts = SHOWN.least + random.below(SHOWN.spread);
    const lifeMs = policy === 'together' ? 2_000 : policy === 'sequential' ? 3_000 : 4_500;
    return stage.offer({ contracts, ...gap, lifeMs });
  }

  #takeResting(): void {
    const { stage, clock } = this.#parts;
    stage.restingOrders().forEach((orderId) => {
      const share = this.#restShare;
      clock.setTimeout(() => stage.tradeWith(orderId, share), REST_MS);
    });
  }

  #settle(nowMs: number): void {
    const batch = this.#batch;
    if (batch === undefined) this.#resolve(nowMs, this.#parts.settleMs);
    else if (batch.paidAtMs === undefined) {
      if (nowMs < batch.resolvedAtMs + PAY_AFTER_MS) return;
      this.#parts.onCue('Kalshi pays, and the winning shares are redeemed at Polymarket');
      this.#pay(batch, nowMs);
    } else if (!this.#parts.audience.has('twoSettled')) {
      if (nowMs >= batch.paidAtMs + PAY_AGAIN_MS) this.#pay(batch, nowMs);
    } else this.#resolve(nowMs, batch.paidAtMs + SETTLE_AGAIN_MS);
  }

  /** Two markets of which something is held: earlier than planned once the limit is reached. */
  #resolve(nowMs: number, dueMs: number): void {
    const { audience, stage, onCue, pairs, curtainMs } = this.#parts;
    const isEarly = this.#batch === undefined && audience.has('limitReached') && nowMs > dueMs * EARLY_SHARE;
    // The last settlement of a show comes in time for what it frees.
    if ((nowMs < dueMs && !isEarly) || (this.#batch !== undefined && nowMs > curtainMs)) return;
    if (pairs.length - this.#settled.length < MARKETS_TO_SETTLE + PAIRS_KEPT) return;
    const held = audience.heldPairs().filter((pair) => !audience.isBusy(pair) && !this.#settled.includes(pair));
    const chosen = held.slice(0, MARKETS_TO_SETTLE);
    if (chosen.length < MARKETS_TO_SETTLE) return;
    this.#settled.push(...chosen);
    for (const pair of chosen) stage.resolve(pair);
    this.#batch = { pairs: chosen, resolvedAtMs: nowMs, paidAtMs: undefined };
    onCue(`${chosen.map((pair) => stage.marketOf(pair).title).join(' and ')}: both venues say yes`);
  }

  #pay(batch: Batch, nowMs: number): void {
    this.#batch = { ...batch, paidAtMs: nowMs };
    for (const pair of batch.pairs) this.#parts.stage.pay(pair);
  }

  #makeActs(): readonly Act[] {
    const { stage, policy } = this.#parts;
    const gone: Fate = { kind: 'gone' };
    const isTogether = policy === 'together';
    const partly: Fate = { kind: 'partly', share: (PART_CONTRACTS + 0.001) / SHOWN.least };
    const market = (pair: string): string => stage.marketOf(pair).kalshi.ticker;
    return [
      {
        situation: 'bothFilled',
        cue: 'a gap that is there for whoever comes',
        patienceMs: 7_000,
        needsAttempt: true,
        play: (pair) => this.#offer({ pair }),
      },
      {
        situation: 'legKilled',
        cue: 'a gap where somebody else is faster at one venue',
        patienceMs: 10_000,
        needsAttempt: true,
        play: (pair) => this.#offer({ pair, fates: isTogether ? { kalshi: gone } : { polymarket: gone } }),
      },
      {
        situation: 'partialFill',
        cue: 'a gap of which only a part is left',
        patienceMs: 10_000,
        needsAttempt: true,
        play: (pair) => {
          this.#restShare = PART_SHARE;
          if (isTogether)
            stage.setFaults([
              {
                id: 'O8',
                venue: 'kalshi',
                times: 1,
                match: { market: market(pair) },
                parameters: { share: PART_SHARE, gridE6: CONTRACT_E6 },
              },
            ]);
          if (policy !== 'sequential') return this.#offer({ pair });
          return this.#offer({ pair, contracts: SHOWN.least, fates: { kalshi: partly } });
        },
      },
      {
        situation: 'connectionDropped',
        cue: 'every line to Kalshi is cut',
        patienceMs: 6_000,
        needsAttempt: false,
        play: () => {
          stage.cut('kalshi');
          return true;
        },
      },
      {
        situation: 'tradeFailed',
        cue: 'a match at Polymarket that will fail on the chain',
        patienceMs: 14_000,
        needsAttempt: true,
        play: (pair) => {
          stage.setFaults([
            {
              id: 'C1',
              venue: 'polymarket',
              times: 1,
              match: { market: stage.marketOf(pair).polymarket.conditionId, account: stage.walletOf() },
              parameters: { afterMs: CHAIN_FAILS_MS },
            },
          ]);
          return this.#offer({ pair });
        },
      },
    ];
  }
}
