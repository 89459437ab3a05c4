/** The movement that a scenario asks for, bound to the simulated venues. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../../domain/ports/random.ts';
import type { BookSide, FlowEvent, FlowVenueName } from '../../sim/flow/flow-venue.ts';
import type { Gap } from '../../sim/flow/gaps.ts';
import { GeneratedFlow } from '../../sim/flow/generated-flow.ts';
import type { Touch } from '../../sim/flow/ladder.ts';
import type { RecordedFrame } from '../../sim/flow/recorded-book.ts';
import { drawEpisodes, RecordedFlow, type RecordedMarket } from '../../sim/flow/recorded-flow.ts';
import { TAPE_GAPS } from '../../sim/flow/tape-gaps.ts';
import { kalshiFlowVenue, polymarketFlowVenue } from './flow-venues.ts';
import type { GeneratedPlan, RecordedPlan, Scenario } from './scenario-file.ts';
import { type ListedMarket, tickE4Of, type Venues } from './sim-markets.ts';

export interface SimFlow {
  readonly isRunning: boolean;
  start(): void;
  stop(): void;
  orderArrives(venue: FlowVenueName, order: { readonly pair: string; readonly takes: BookSide }): void;
  /** Opens this gap in a generated market now; false where none can be opened. */
  offer(pair: string, gap: Gap): boolean;
  /** The best prices at Kalshi of a generated market, while a gap can be opened there. */
  touchOf(pair: string): Touch | undefined;
}

export interface FlowRequest {
  readonly scenario: Scenario;
  readonly venues: Venues;
  readonly markets: readonly ListedMarket[];
  readonly clock: Clock;
  readonly randomOf: (name: string) => Random;
  readonly speed?: number;
  readonly frames?: readonly RecordedFrame[];
  readonly onFlow?: (event: FlowEvent) => void;
}

const nothing = (): undefined => undefined;
const NOTHING_OFFERED = { offer: () => false, touchOf: nothing };

const E4_PER_CENT = 100;
const MEAN_PAUSE_MS = 15_000;

export function makeFlow(request: FlowRequest): SimFlow {
  const { flow } = request.scenario;
  switch (flow.kind) {
    case 'none':
      return { ...NOTHING_OFFERED, isRunning: false, start: nothing, stop: nothing, orderArrives: nothing };
    case 'generated':
      return generated(request, flow);
    case 'recorded':
      return recorded(request, flow);
    case 'combined':
      return combined(request, flow);
    default:
      throw new Error(`a flow must be of a known kind, found ${JSON.stringify(flow satisfies never)}`);
  }
}

/** The recorded markets play, all others are generated. */
function combined(request: FlowRequest, plan: Extract<Scenario['flow'], { kind: 'combined' }>): SimFlow {
  const driven = new Set(Object.values(plan.recorded.tickers));
  const { scenario } = request;
  const others = { ...scenario, markets: scenario.markets.filter(({ id }) => !driven.has(id)) };
  const played = recorded(request, plan.recorded);
  const moving = generated({ ...request, scenario: others }, plan.generated);
  return {
    get isRunning() {
      return moving.isRunning;
    },
    start: () => {
      played.start();
      moving.start();
    },
    stop: () => {
      played.stop();
      moving.stop();
    },
    orderArrives: (venue, order) => moving.orderArrives(venue, order),
    offer: (pair, gap) => moving.offer(pair, gap),
    touchOf: (pair) => moving.touchOf(pair),
  };
}

function generated(
  { scenario, venues, markets, clock, randomOf, speed = 1, onFlow }: FlowRequest,
  plan: GeneratedPlan,
): SimFlow {
  const rates = Object.fromEntries(Object.entries(plan.rates ?? {}).filter(([, rate]) => rate !== undefined));
  const flow = new GeneratedFlow({
    clock,
    speed,
    pace: plan.pace,
    rates,
    randomOf: (pair) => randomOf(`flow/${pair}`),
    pairs: scenario.markets.flatMap((market) => {
      const listed = markets.find(({ id }) => id === market.id);
      if (listed === undefined) return [];
      return {
        id: market.id,
        fairE4: Math.round(market.fairCents * E4_PER_CENT),
        // Kalshi's finer grids are quoted in whole cents all the same: that is where nearly all orders stand.
        kalshi: { venue: kalshiFlowVenue(venues.kalshi, listed.kalshi.ticker), tickE4: E4_PER_CENT },
        polymarket: {
          venue: polymarketFlowVenue(venues.polymarket, listed.polymarket),
          tickE4: tickE4Of(listed.polymarket.tickSize),
        },
      };
    }),
    ...(onFlow === undefined ? {} : { onEvent: onFlow }),
  });
  return {
    get isRunning() {
      return flow.isRunning;
    },
    start: () => flow.start(),
    stop: () => flow.stop(),
    orderArrives: (venue, { pair, takes }) => flow.orderArrives(pair, venue, takes),
    offer: (pair, gap) => flow.offer(pair, gap),
    touchOf: (pair) => flow.touchOf(pair),
  };
}

function recorded(request: FlowRequest, plan: RecordedPlan): SimFlow {
  const { clock, speed = 1, frames = [], onFlow, markets } = request;
  const flow = new RecordedFlow({
    clock,
    speed,
    frames,
    refreshMs: plan.twin.refreshMs,
    markets: Object.entries(plan.tickers).map(([ticker, id]) => {
      const listed = markets.find((market) => market.id === id);
      if (listed === undefined) throw new Error(`expected a market of the scenario for ${ticker}, found ${id}`);
      return recordedMarket(request, plan, { ticker, listed });
    }),
    ...(onFlow === undefined ? {} : { onEvent: onFlow }),
  });
  return {
    get isRunning() {
      return flow.isRunning;
    },
    start: () => flow.start(),
    stop: () => flow.stop(),
    orderArrives: nothing,
    ...NOTHING_OFFERED,
  };
}

function recordedMarket(
  { venues, randomOf, frames = [] }: FlowRequest,
  plan: RecordedPlan,
  { ticker, listed }: { readonly ticker: string; readonly listed: ListedMarket },
): RecordedMarket {
  const { conditionId } = listed.polymarket;
  const { lagMs, spreadCents, offsetCents, depthShare } = plan.twin;
  const durationMs = (frames.at(-1)?.atMs ?? 0) - (frames[0]?.atMs ?? 0);
  const gaps =
    plan.gaps === 'tape'
      ? drawEpisodes(TAPE_GAPS, randomOf(`gaps/${listed.id}`), { durationMs, meanPauseMs: MEAN_PAUSE_MS })
      : plan.gaps.map(({ atS, lifeS, offsetCents: cents }) => ({
          atMs: atS * 1_000,
          lifeMs: lifeS * 1_000,
          offsetE4: Math.round(cents * E4_PER_CENT),
        }));
  return {
    ticker,
    pair: listed.id,
    play: (frame) => venues.kalshi.house.applyRecordedFrame(frame, { ticker: listed.kalshi.ticker }),
    follow: (book, twin) => venues.polymarket.control.flow.deriveFrom({ conditionId, lagMs: 0, ...twin })(book),
    twin: {
      lagMs,
      spreadE4: Math.round(spreadCents * E4_PER_CENT),
      offsetE4: Math.round(offsetCents * E4_PER_CENT),
      depthShare,
    },
    gaps,
  };
}
