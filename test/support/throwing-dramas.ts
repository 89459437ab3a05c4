/** Short trading sessions that between them lead trading's own actors through most of what their charts know. */
import type { TradingProfile } from '../../src/actors/trading-parts.ts';
import type { ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import type { ServerAnswer, ServerRequest } from '../../src/domain/ports/local-server.ts';
import { microUsd, millis, USD } from '../../src/domain/units.ts';
import { AttemptWorld, FAIR, GAP } from './attempt-world.ts';
import { level, type VenueSide } from './two-venues.ts';

export interface Drama {
  readonly name: string;
  readonly policy: ExecutionPolicy;
  /** Leaves a world in which the next session would go another way. */
  readonly isLast?: boolean;
  /** Arms once orders live or are about to, and ends early by whatever `go` throws. */
  play(world: AttemptWorld, arm: () => void, go: (ms: number) => Promise<void>): Promise<void>;
}

const MATCHED = { mined: { leastMs: 200, mostMs: 200 }, confirmed: { leastMs: 700, mostMs: 700 } } as const;
const TRIP_MS = { kalshi: 40, polymarket: 80 } as const;

export function beginDrama(policy: ExecutionPolicy): Promise<AttemptWorld> {
  return AttemptWorld.begin({
    policy,
    profile: quick,
    pairs: 2,
    kalshi: { latency: () => TRIP_MS.kalshi },
    polymarket: { ...MATCHED, orderLatency: () => TRIP_MS.polymarket, gammaResolutionLagMs: 100 },
  });
}

function quick(profile: TradingProfile): TradingProfile {
  return {
    ...profile,
    limits: { ...profile.limits, totalMicroUsdMax: microUsd(10_000 * USD), eventMicroUsdMax: microUsd(1_000 * USD) },
    repair: { ...profile.repair, restMsMax: millis(1_200), repairLossMicroUsdMax: microUsd(5 * USD) },
    position: { ...profile.position, checkMsMin: 200, checkMsMax: 400 },
  };
}

/** An order rests at Kalshi, for a gap that stays. */
export async function bystander(world: AttemptWorld): Promise<void> {
  const { trading } = world;
  world.tempt(GAP);
  const rests = (): boolean => trading.registry.open().some(({ report }) => report?.standing === 'working');
  if (!(await world.until(rests, 1_000))) throw new Error('expected an order that rests, found none');
}

/** There the order is the less certain one, and leaves first. */
const GAP_THIN_AT_POLYMARKET = {
  kalshi: { bids: [level(38, 100)], asks: [level(41, 200)] },
  polymarket: { bids: [level(48, 20), level(47, 20)], asks: [level(52, 100)] },
};

const sequential = (name: string, act: Drama['play']): Drama => ({ name, policy: 'sequential', play: act });
const maker = (name: string, act: Drama['play']): Drama => ({ name, policy: 'makerThenHedge', play: act });
const last = (drama: Drama): Drama => ({ ...drama, isLast: true });
const together = (name: string, act: Drama['play']): Drama => ({ name, policy: 'together', play: act });

export const DRAMAS: readonly Drama[] = [
  last(
    together('both orders fill, and the set is held until both venues have paid', async (world, arm, go) => {
      arm();
      world.tempt(GAP);
      await go(1_500);
      world.quote(FAIR);
      await go(1_500);
      world.pair.settle();
      await go(2_500);
    }),
  ),
  together('one order is killed, and the other is completed or taken back', async (world, arm, go) => {
    arm();
    world.tempt(GAP);
    await go(45);
    world.quote({ polymarket: { bids: [], asks: FAIR.polymarket.asks } });
    await go(2_500);
  }),
  together('an order times out, and its venue is asked what became of it', async (world, arm, go) => {
    const { polymarket } = world.venues;
    polymarket.setFaults({ id: 'O1', times: 1, match: { step: 'order' } });
    polymarket.sim.control.freezeSockets('user', 12_000);
    arm();
    world.tempt(GAP);
    await go(300);
    world.quote(FAIR);
    await go(13_000);
  }),
  together('both venues are paused, and the wish is tried once more', async (world, arm, go) => {
    const { kalshi, polymarket } = world.venues;
    refuseOrders(kalshi, '/portfolio/events/orders', 409, '{"error":{"code":"trading_is_paused","message":"paused"}}');
    refuseOrders(
      polymarket,
      '/order',
      503,
      '{"error":"Trading is currently disabled. Check polymarket.com for updates"}',
    );
    arm();
    world.tempt(GAP);
    await go(2_500);
  }),
  together('a match fails on chain', async (world, arm, go) => {
    world.venues.polymarket.setFaults({ id: 'C1', times: 1, parameters: { afterMs: 300 } });
    arm();
    world.tempt(GAP);
    await go(300);
    world.quote(FAIR);
    await go(2_500);
  }),
  sequential('what was bought first waits until it may be sold', async (world, arm, go) => {
    const { polymarket } = world.venues;
    world.quote({ kalshi: { ...FAIR.kalshi, bids: [level(44, 100)] } });
    await go(50);
    arm();
    world.tempt(GAP_THIN_AT_POLYMARKET);
    await go(45);
    world.quote({ kalshi: { bids: [level(30, 100)], asks: [] } });
    polymarket.sim.control.freezeSockets('market', 1);
    await go(3_500);
  }),
  together('both orders find nothing any more', async (world, arm, go) => {
    arm();
    world.tempt(GAP);
    await go(10);
    world.quote({ polymarket: { bids: [], asks: [] }, kalshi: FAIR.kalshi });
    await go(1_500);
  }),
  maker('a maker is filled in part, hedged, and taken off in the end', async (world, arm, go) => {
    await bystander(world);
    const beside = world.turnTo(1);
    await go(50);
    arm();
    world.tempt(GAP);
    await go(150);
    const order = world.trading.registry.open().at(-1)?.order;
    if (order !== undefined) beside.sell('kalshi', { priceE4: order.limitE4, sizeE6: level(1, 3).sizeE6 });
    await go(400);
    world.quote(FAIR);
    await go(3_000);
  }),
  last(
    maker('all sockets are cut while orders rest', async (world, arm, go) => {
      await bystander(world);
      arm();
      for (const name of ['kalshi', 'polymarket'] as const) world.venues.side(name).cutSockets();
      await go(3_000);
    }),
  ),
  last(
    maker('a venue asks for fewer requests while orders rest', async (world, arm, go) => {
      await bystander(world);
      arm();
      refuseOrders(world.venues.kalshi, '/orders', 429, '{"error":{"code":"too_many_requests","message":"slow down"}}');
      const { strategy } = world.trading;
      strategy.reconcile('a look');
      strategy.edgeVanished('nothing', 'gone');
      await go(2_500);
    }),
  ),
  last(
    maker('a person drains while orders rest', async (world, arm, go) => {
      await bystander(world);
      arm();
      world.trading.drain('ann', 'time to go');
      await go(3_000);
    }),
  ),
];

function refuseOrders(
  { server }: VenueSide & { server: { instead: unknown } },
  endpoint: string,
  status: number,
  body: string,
): void {
  const reply: ServerAnswer = {
    kind: 'reply',
    reply: { status, headers: { 'content-type': 'application/json' }, body },
  };
  let left = 2;
  server.instead = ({ target }: ServerRequest) => (target.includes(endpoint) && left-- > 0 ? reply : undefined);
}
