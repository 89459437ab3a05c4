/**
 * Everything of every chart that has a name and is code throws, one after the other, while orders live.
 *
 * Where a short session of trading leads its own actors there, it is they who break; to the other corners the same
 * charts are walked beside living orders, in the same runtime, with events that they wait for.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KnownOrder } from '../../src/actors/order-registry.ts';
import { CHARTS } from '../../src/machines/charts.ts';
import { type AttemptWorld, FAIR } from '../support/attempt-world.ts';
import { chartOf, specimen, walksOf } from '../support/chart-walks.ts';
import type { Walk } from '../support/chart-ways.ts';
import { IMPLEMENTATIONS, type Implementation, installThrower, thrower } from '../support/thrower.ts';
import { beginDrama, bystander, DRAMAS, type Drama } from '../support/throwing-dramas.ts';

/** Walks of a chart until everything wanted has been reached. */
const WALKS_MAX = 100;
const NOT_REACHED = 'it was not reached';
const OVER = Symbol('over');
const dramas = new Map<string, Drama>();
const walks = new Map<string, Walk>();
const rejections: unknown[] = [];
const noteRejection = (reason: unknown): void => void rejections.push(reason);
let uninstall = (): void => undefined;

beforeAll(async () => {
  process.on('unhandledRejection', noteRejection);
  process.on('uncaughtExceptionMonitor', noteRejection);
  uninstall = installThrower();
  for (const drama of DRAMAS) {
    const world = await beginDrama(drama.policy);
    thrower.reached = new Set();
    await drama.play(world, arm, (ms) => world.run(ms));
    thrower.disarm();
    for (const id of thrower.reached) if (!dramas.has(id)) dramas.set(id, drama);
    await world.close();
  }
  for (const chart of CHARTS) {
    const wanted = IMPLEMENTATIONS.filter((one) => one.chart === chart.name && !dramas.has(one.id));
    const found = walksOf(chart, new Set(wanted.map(({ id }) => id)), WALKS_MAX);
    for (const [id, walk] of found) walks.set(id, walk);
  }
}, 240_000);

afterAll(() => {
  uninstall();
  process.off('unhandledRejection', noteRejection);
  process.off('uncaughtExceptionMonitor', noteRejection);
});

function arm(): void {
  thrower.isArmed = true;
}

/** One after the other: a world that is as it was serves the next, any other is given up. */
let isSpent = false;
let held: { readonly policy: string; readonly world: AttemptWorld } | undefined;

async function worldFor(policy: Drama['policy']): Promise<AttemptWorld> {
  if (held?.policy === policy) {
    const { world } = held;
    if (await isAsNew(world)) return world;
  }
  await giveUp();
  const world = await beginDrama(policy);
  held = { policy, world };
  isSpent = false;
  return world;
}

async function isAsNew(world: AttemptWorld): Promise<boolean> {
  const { breaker, strategy, registry, runtime } = world.trading;
  for (const name of ['kalshi', 'polymarket'] as const) world.venues.side(name).setFaults();
  const isRunning = world.trading.life.engine.standing === 'running';
  if (isSpent || !isRunning || breaker.view().standing === 'dead' || strategy.standing !== 'accepting') return false;
  world.quote(FAIR);
  if (!(await world.until(() => strategy.liveAttempts === 0 && registry.open().length === 0, 3_000))) return false;
  const seenReports = breaker.view().reports;
  breaker.resume({ by: 'test', reason: 'the next one', force: true, checks: [], seenReports });
  return breaker.view().standing === 'closed' && runtime.liveActors === world.actorsAtStart;
}

/** The session ends where it threw. */
async function go(world: AttemptWorld, ms: number): Promise<void> {
  const untilMs = world.nowMs + ms;
  await world.until(() => thrower.thrown > 0 || world.nowMs >= untilMs, ms);
  if (thrower.thrown > 0) throw OVER;
}

async function provoke({ id }: Implementation): Promise<AttemptWorld> {
  const drama = dramas.get(id);
  const walk = walks.get(id);
  const world = await worldFor(drama?.policy ?? 'makerThenHedge');
  isSpent = drama?.isLast === true;
  thrower.target = id;
  thrower.thrown = 0;
  if (drama !== undefined)
    await drama
      .play(world, arm, (ms) => go(world, ms))
      .catch((error: unknown) => {
        if (error !== OVER) throw error;
      });
  else if (walk !== undefined) {
    await bystander(world);
    arm();
    const { stop, send } = specimen(world.trading.runtime, chartOf(walk.chart), walk.input);
    for (const event of walk.events) send(event);
    stop();
  }
  return world;
}

/** Everything that must hold once something broke. The message is empty when it does. */
async function problemsAfter(world: AttemptWorld): Promise<string[]> {
  const { trading } = world;
  const live = trading.registry.open();
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): void => void (holds || problems.push(problem));
  const entry = trading.gate.permit({ isReducing: false, attemptId: 'new' });
  check(entry.kind === 'refused', `an entry passes, breaker ${trading.breaker.view().standing}`);
  const reducing = { isReducing: true, attemptId: live[0]?.order.attemptId ?? 'new' };
  const permit = trading.gate.permit(reducing);
  check(permit.kind === 'live' && trading.gate.honours(permit, reducing), 'a reducing order is refused');
  await world.run(400);
  for (const order of live) check(isFollowed(world, order), `order ${order.order.legId} is forgotten`);
  // What a venue has paid is held no more there, and here until it is booked.
  if (!world.pair.isSettled)
    for (const { instrument, truthE6, leastE6, mostE6 } of world.spans())
      check(leastE6 <= truthE6 && truthE6 <= mostE6, `${instrument} holds ${truthE6}, believed ${leastE6}..${mostE6}`);
  check(rejections.length === 0, `rejected: ${String(rejections.splice(0))}`);
  return problems;
}

async function problemsOf(one: Implementation): Promise<string[]> {
  try {
    const world = await provoke(one);
    return thrower.thrown === 0 ? [NOT_REACHED] : await problemsAfter(world);
  } catch (error) {
    return [String(error)];
  } finally {
    thrower.disarm();
  }
}

async function giveUp(): Promise<void> {
  const { world } = held ?? {};
  held = undefined;
  await world?.close();
}

/** Still open in the registry, or ended as its venue says. */
function isFollowed(world: AttemptWorld, { order }: KnownOrder): boolean {
  const { registry } = world.trading;
  const known = registry.get(order.clientOrderId);
  if (known === undefined) return false;
  if (!known.isReleased) return true;
  const { truth } = world.venues.side(order.venue);
  const ids = { clientOrderId: order.clientOrderId, venueOrderId: known.venueOrderId };
  return !truth.isResting(ids);
}

describe.each(CHARTS.map(({ name }) => name))('an exception in the %s', (chart) => {
  const all = IMPLEMENTATIONS.filter((one) => one.chart === chart);

  it(`opens the breaker, forgets no order and stops nothing that reduces (${all.length} times)`, async () => {
    const found: string[] = [];
    for (const one of all) {
      let problems = await problemsOf(one);
      // The world before may have ended elsewhere: whether it can be reached at all is for a new one to say.
      if (problems.length === 1 && problems[0] === NOT_REACHED) {
        await giveUp();
        problems = await problemsOf(one);
      }
      if (problems.length > 0) await giveUp();
      if (problems.length > 0)
        found.push(`${one.id} (${dramas.get(one.id)?.name ?? 'walked'}): ${problems.join('; ')}`);
    }
    await giveUp();
    expect(found).toEqual([]);
  }, 120_000);
});
