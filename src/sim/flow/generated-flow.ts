/** Generated movement of any number of pairs, from one seed each, on a clock that was given. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../../domain/ports/random.ts';
import type { BookSide, FlowEvent, FlowVenueName } from './flow-venue.ts';
import { type Gap, type GapShape, GENERATED_GAPS } from './gaps.ts';
import { GeneratedPair, type PairSpec } from './generated-pair.ts';
import type { Touch } from './ladder.ts';
import { FLOW_RATES, type FlowPace, type FlowRates } from './rates.ts';
import { Tempo } from './tempo.ts';

export interface GeneratedFlowOptions {
  readonly clock: Clock;
  /** One generator for each pair: what happens in one pair does not depend on how many others there are. */
  readonly randomOf: (pair: string) => Random;
  readonly pairs: readonly PairSpec[];
  readonly pace?: FlowPace;
  /** Instead of those of the pace. */
  readonly rates?: Partial<FlowRates>;
  readonly gaps?: GapShape;
  /** The flow's time against the clock's. Venues, latencies and signatures keep the clock's time. */
  readonly speed?: number;
  readonly onEvent?: (event: FlowEvent) => void;
}

export class GeneratedFlow {
  readonly #options: GeneratedFlowOptions;
  readonly #tempo: Tempo;
  #pairs = new Map<string, GeneratedPair>();

  constructor(options: GeneratedFlowOptions) {
    this.#options = options;
    this.#tempo = new Tempo(options.clock, options.speed ?? 1);
  }

  get isRunning(): boolean {
    return this.#pairs.size > 0;
  }

  /** Begins anew: prices start where the pairs say. Does nothing while it runs. */
  start(): void {
    if (this.isRunning) return;
    const { pairs, randomOf, pace = 'lively', rates, gaps = GENERATED_GAPS, onEvent } = this.#options;
    this.#pairs = new Map(
      pairs.map((spec) => {
        const parts = {
          tempo: this.#tempo,
          random: randomOf(spec.id),
          rates: { ...FLOW_RATES[pace], ...rates },
          gaps,
          onEvent: onEvent ?? ((): void => undefined),
        };
        return [spec.id, new GeneratedPair(spec, parts)];
      }),
    );
    for (const pair of this.#pairs.values()) pair.start();
  }

  /** The books stay as they are. */
  stop(): void {
    this.#tempo.stop();
    this.#pairs.clear();
  }

  /** Opens a gap now; false where none can be. */
  offer(pair: string, gap: Gap): boolean {
    return this.#pairs.get(pair)?.offer(gap) ?? false;
  }

  /** The best prices at Kalshi while a gap can be offered. */
  touchOf(pair: string): Touch | undefined {
    return this.#pairs.get(pair)?.touch;
  }

  orderArrives(pair: string, venue: FlowVenueName, takes: BookSide): void {
    this.#pairs.get(pair)?.orderArrives(venue, takes);
  }
}
