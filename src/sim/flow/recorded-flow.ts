/**
 * A recorded Kalshi run drives the simulated Kalshi, unchanged and frame by frame at its recorded pace; the twin at
 * Polymarket is derived from it, later, wider and thinner, and now and then at another price: the gaps.
 *
 * The recording stands still while nobody asks for it: `start` begins it anew, `stop` ends it where it is.
 */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../../domain/ports/random.ts';
import type { FlowBook, FlowEvent } from './flow-venue.ts';
import { drawGap, type GapShape } from './gaps.ts';
import { RecordedBook, type RecordedFrame, recordedMarket } from './recorded-book.ts';
import { Tempo } from './tempo.ts';

export interface TwinShape {
  readonly lagMs: number;
  /** Added to both sides; negative makes Polymarket cheaper. */
  readonly offsetE4: number;
  readonly spreadE4: number;
  readonly depthShare: number;
}

/** Gaps as data: while one lasts, the twin stands that much further away. */
export interface GapEpisode {
  readonly atMs: number;
  readonly lifeMs: number;
  readonly offsetE4: number;
}

export interface RecordedMarket {
  /** As in the recording. */
  readonly ticker: string;
  readonly pair: string;
  /** Gives the frame to the simulated Kalshi as it is. */
  readonly play: (frame: unknown) => void;
  /** Gives the book to the simulated Polymarket, which makes its own frames of it. */
  readonly follow: (book: FlowBook, twin: Omit<TwinShape, 'lagMs'>) => void;
  readonly twin: TwinShape;
  readonly gaps: readonly GapEpisode[];
}

export interface RecordedFlowOptions {
  readonly clock: Clock;
  readonly frames: readonly RecordedFrame[];
  readonly markets: readonly RecordedMarket[];
  readonly speed?: number;
  /** The twin is derived at most so often: quotes at Polymarket change more slowly than Kalshi's busiest books. */
  readonly refreshMs?: number;
  readonly onEvent?: (event: FlowEvent) => void;
  readonly onEnd?: () => void;
}

const TWIN_LEVELS = 15;

interface Playing {
  readonly market: RecordedMarket;
  readonly book: RecordedBook;
  isDue: boolean;
}

export class RecordedFlow {
  readonly #options: RecordedFlowOptions;
  readonly #tempo: Tempo;
  #playing = new Map<string, Playing>();
  #startedMs = 0;

  constructor(options: RecordedFlowOptions) {
    this.#options = options;
    this.#tempo = new Tempo(options.clock, options.speed ?? 1);
  }

  get isRunning(): boolean {
    return this.#playing.size > 0;
  }

  start(): void {
    if (this.isRunning) return;
    this.#startedMs = this.#tempo.nowMs();
    this.#playing = new Map(
      this.#options.markets.map((market) => [market.ticker, { market, book: new RecordedBook(), isDue: false }]),
    );
    // A twin moves when its gap begins and ends, whether or not a frame comes just then.
    for (const playing of this.#playing.values())
      for (const { atMs, lifeMs } of playing.market.gaps)
        for (const edgeMs of [atMs, atMs + lifeMs]) this.#tempo.after(edgeMs, () => this.#follow(playing));
    this.#next(0);
  }

  stop(): void {
    this.#tempo.stop();
    this.#playing.clear();
  }

  /** Everything of one receive time at once: it is one instant of the venue. */
  #next(from: number): void {
    const { frames, onEnd } = this.#options;
    const first = frames[from];
    if (first === undefined) {
      onEnd?.();
      return;
    }
    const dueMs = first.atMs - (frames[0]?.atMs ?? 0);
    this.#tempo.after(Math.max(0, dueMs - this.#tempo.since(this.#startedMs)), () => {
      let at = from;
      for (; frames[at]?.atMs === first.atMs; at++) this.#play(frames[at]?.frame);
      this.#next(at);
    });
  }

  #play(frame: unknown): void {
    const playing = this.#playing.get(recordedMarket(frame) ?? '');
    if (playing === undefined) return;
    playing.market.play(frame);
    playing.book.apply(frame);
    this.#tell(playing, 'frame', {});
    if (playing.isDue) return;
    playing.isDue = true;
    this.#tempo.after(this.#options.refreshMs ?? 250, () => {
      playing.isDue = false;
      this.#follow(playing);
    });
  }

  #follow(playing: Playing): void {
    const { market, book } = playing;
    const { lagMs, ...twin } = market.twin;
    const levels = book.book(TWIN_LEVELS);
    this.#tempo.after(lagMs, () => {
      const offsetE4 = twin.offsetE4 + this.#gapE4(market.gaps);
      market.follow(levels, { ...twin, offsetE4 });
      this.#tell(playing, 'follow', { offsetE4, bids: levels.bids.length, asks: levels.asks.length });
    });
  }

  #gapE4(gaps: readonly GapEpisode[]): number {
    const nowMs = this.#tempo.since(this.#startedMs);
    return gaps
      .filter(({ atMs, lifeMs }) => nowMs >= atMs && nowMs < atMs + lifeMs)
      .reduce((sum, { offsetE4 }) => sum + offsetE4, 0);
  }

  #tell({ market }: Playing, kind: FlowEvent['kind'], detail: FlowEvent['detail']): void {
    this.#options.onEvent?.({ atMs: this.#tempo.nowMs(), pair: market.pair, kind, detail });
  }
}

/** Episodes one after the other for so long, in the sizes and lifetimes of the shape, either venue cheaper. */
export function drawEpisodes(
  shape: GapShape,
  random: Random,
  { durationMs, meanPauseMs }: { readonly durationMs: number; readonly meanPauseMs: number },
): GapEpisode[] {
  const episodes: GapEpisode[] = [];
  let atMs = 0;
  for (;;) {
    atMs += -Math.log(1 - random.next()) * meanPauseMs;
    const { cheap, gapE4, lifeMs } = drawGap(shape, random);
    if (atMs >= durationMs) return episodes;
    episodes.push({ atMs: Math.round(atMs), lifeMs, offsetE4: cheap === 'polymarket' ? -gapE4 : gapE4 });
    atMs += lifeMs;
  }
}
