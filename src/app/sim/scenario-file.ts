/** What a simulation is made of: markets, accounts, movement and faults with their times. Documented in docs/simulators.md. */
import { z } from 'zod';

const decimal = z.string().regex(/^\d{1,9}(\.\d{1,6})?$/, 'expected a decimal number as text, such as "1000.50"');
const seconds = z.number().min(0);
const share = z.number().min(0).max(1);

export const faultSchema = z.strictObject({
  id: z.string().regex(/^[NDOCTV]\d{1,2}$/, 'expected an id of the fault table, such as "O1"'),
  venue: z.enum(['kalshi', 'polymarket', 'odds', 'weather', 'fedwatch', 'telegram', 'webhook', 'any']),
  rate: share.exactOptional(),
  times: z.int().min(1).exactOptional(),
  after: z.int().min(0).exactOptional(),
  match: z
    .strictObject({
      method: z.string().exactOptional(),
      endpoint: z.string().exactOptional(),
      channel: z.string().exactOptional(),
      type: z.string().exactOptional(),
      step: z.string().exactOptional(),
      market: z.string().exactOptional(),
      account: z.string().exactOptional(),
    })
    .exactOptional(),
  parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).exactOptional(),
});

const timedFaultSchema = z.strictObject({
  /** Seconds after the start. */
  atS: seconds.default(0),
  /** For so long; to the end unless said. */
  forS: seconds.exactOptional(),
  fault: faultSchema,
});

const marketSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,60}$/, 'expected lower-case words joined by hyphens'),
  title: z.string().min(1),
  closesInHours: z.number().positive().default(24),
  /** Where the generated price begins, in cents. */
  fairCents: z.number().min(3).max(97).default(50),
  category: z.string().default('Sports'),
  kalshi: z.strictObject({
    ticker: z.string().regex(/^[A-Z0-9.-]+$/),
    /** The ticker without its last part unless said. */
    eventTicker: z.string().exactOptional(),
    priceLevelStructure: z.enum(['linear_cent', 'deci_cent', 'tapered_deci_cent']).default('linear_cent'),
    feeType: z.enum(['quadratic', 'quadratic_with_maker_fees']).default('quadratic'),
    feeMultiplier: z.number().min(0).default(1),
  }),
  polymarket: z.strictObject({
    slug: z.string().exactOptional(),
    tickSize: z.enum(['0.1', '0.01', '0.001', '0.0001']).default('0.01'),
    negRisk: z.boolean().default(false),
    version: z.enum(['v1', 'v2']).default('v1'),
    /** Millionths: 50000 is 0.05. */
    feeRateE6: z.int().min(0).default(50_000),
    takerDelayMs: z.int().min(0).default(0),
  }),
});

const gapEpisodeSchema = z.strictObject({
  atS: seconds,
  lifeS: z.number().positive(),
  /** Added to both sides at Polymarket; negative makes it the cheaper venue. */
  offsetCents: z.number().min(-20).max(20),
});

const recordedSchema = z.strictObject({
  kind: z.literal('recorded'),
  /** A Kalshi recording with receive times, one frame a line; relative to the scenario file. */
  capture: z.string(),
  /** Of the recording, to the market of the scenario that it drives. */
  tickers: z.record(z.string(), z.string()),
  twin: z
    .strictObject({
      lagMs: z.number().min(0).default(150),
      spreadCents: z.number().min(0).default(0),
      offsetCents: z.number().default(0),
      depthShare: share.default(0.5),
      refreshMs: z.number().min(1).default(250),
    })
    .prefault({}),
  /** Given ones, or `tape`: drawn from what the shipped tape of a match holds. */
  gaps: z.union([z.array(gapEpisodeSchema), z.literal('tape')]).default('tape'),
});

const generatedSchema = z.strictObject({
  kind: z.literal('generated'),
  pace: z.enum(['quiet', 'lively', 'busy']).default('lively'),
  rates: z
    .strictObject({
      deltasPerSecond: z.number().positive().exactOptional(),
      refreshesPerSecond: z.number().positive().exactOptional(),
      takersPerSecond: z.number().positive().exactOptional(),
      movesPerSecond: z.number().positive().exactOptional(),
      gapsPerSecond: z.number().positive().exactOptional(),
    })
    .exactOptional(),
});

const flowSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  generatedSchema,
  recordedSchema,
  z.strictObject({
    kind: z.literal('combined'),
    recorded: recordedSchema.omit({ kind: true }),
    /** Moves every market that the recording does not. */
    generated: generatedSchema.omit({ kind: true }).prefault({}),
  }),
]);

export const scenarioSchema = z.strictObject({
  version: z.literal(1),
  title: z.string().default('unnamed'),
  markets: z.array(marketSchema).min(1),
  accounts: z
    .strictObject({
      kalshi: z.array(z.strictObject({ id: z.string(), usd: decimal })).min(1),
      polymarket: z
        .array(
          z.strictObject({
            id: z.string(),
            usd: decimal,
            /** 0 signs for itself; 1 proxy, 2 Safe and 3 deposit wallet trade for a wallet of their own. */
            signatureType: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).default(0),
          }),
        )
        .min(1),
    })
    .default({
      kalshi: [{ id: 'main', usd: '1000' }],
      polymarket: [{ id: 'main', usd: '1000', signatureType: 0 }],
    }),
  flow: flowSchema.default({ kind: 'generated', pace: 'lively' }),
  /** `measured`: round trips as a bot with real money saw them. */
  latency: z.enum(['measured', 'none']).default('measured'),
  faults: z.array(timedFaultSchema).default([]),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type ScenarioMarket = Scenario['markets'][number];
export type TimedFault = Scenario['faults'][number];
export type AnyFault = z.output<typeof faultSchema>;
export type RecordedPlan = Omit<z.output<typeof recordedSchema>, 'kind'>;
export type GeneratedPlan = Omit<z.output<typeof generatedSchema>, 'kind'>;

/** What runs without a file: three events on both venues, at prices where fees differ. */
export const DEFAULT_SCENARIO: Scenario = scenarioSchema.parse({
  version: 1,
  title: 'three events',
  markets: [
    {
      id: 'fed-holds',
      title: 'The Fed holds its rate in December',
      fairCents: 84,
      category: 'Economics',
      kalshi: { ticker: 'KXFEDDECISION-26DEC-H0' },
      polymarket: { tickSize: '0.001' },
    },
    {
      id: 'lakers-win',
      title: 'The Lakers beat the Celtics',
      fairCents: 47,
      kalshi: { ticker: 'KXNBAGAME-26DEC01LALBOS-LAL' },
      polymarket: {},
    },
    {
      id: 'new-york-hot',
      title: 'New York is warmer than 50 degrees',
      fairCents: 12,
      category: 'Climate and Weather',
      kalshi: { ticker: 'KXHIGHNY-26DEC01-T50' },
      polymarket: { tickSize: '0.001' },
    },
  ],
});

export class ScenarioProblem extends Error {
  override readonly name = 'ScenarioProblem';
}

/** Throws a `ScenarioProblem` that lists everything that is wrong. */
export function parseScenario(text: string, where: string): Scenario {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ScenarioProblem(`${where}: expected JSON, found ${error instanceof Error ? error.message : 'none'}`);
  }
  const parsed = scenarioSchema.safeParse(value);
  if (!parsed.success) throw new ScenarioProblem(`${where}:\n${z.prettifyError(parsed.error)}`);
  const problems = duplicates(parsed.data);
  if (problems.length > 0) throw new ScenarioProblem(`${where}: ${problems.join('; ')}`);
  return parsed.data;
}

function duplicates({ markets, accounts }: Scenario): string[] {
  const lists = {
    'market ids': markets.map(({ id }) => id),
    'Kalshi tickers': markets.map(({ kalshi }) => kalshi.ticker),
    'Kalshi accounts': accounts.kalshi.map(({ id }) => id),
    'Polymarket accounts': accounts.polymarket.map(({ id }) => id),
  };
  return Object.entries(lists).flatMap(([name, list]) => {
    const twice = list.filter((entry, at) => list.indexOf(entry) !== at);
    return twice.length === 0 ? [] : [`${name} must differ, found ${twice.join(', ')} twice`];
  });
}
