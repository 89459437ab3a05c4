/**
 * The hand in a running simulation: faults, counterparties, markets, chat and sockets, over HTTP on the loopback.
 *
 * Every request carries `authorization: Bearer <token>` with the token of the JSON line. A request that cannot be read
 * is answered with 400 and what was expected, and changes nothing.
 */
import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { priceFromText, sizeFromText } from '../../domain/decimal.ts';
import type { LocalServer, ServerReply, ServerRequest } from '../../domain/ports/local-server.ts';
import { priceE4 } from '../../domain/units.ts';
import { kalshiFlowVenue } from './flow-venues.ts';
import { faultSchema } from './scenario-file.ts';
import type { ListedMarket } from './sim-markets.ts';
import type { SimWorld } from './sim-world.ts';

type Route = (world: SimWorld, body: unknown) => unknown;

const venue = z.enum(['kalshi', 'polymarket']);
const faultsBody = z.strictObject({ faults: z.array(faultSchema) });
const flowBody = z.strictObject({ running: z.boolean() });
const orderBody = z.strictObject({
  venue,
  market: z.string(),
  /** On the scale of YES: selling YES is buying NO. */
  side: z.enum(['buy', 'sell']),
  price: z.string(),
  size: z.string(),
  /** Otherwise what does not match at once is gone. */
  rests: z.boolean().default(false),
});
const marketBody = z.strictObject({
  market: z.string(),
  action: z.enum(['pause', 'resume', 'close', 'resolve']),
  venue: z.enum(['kalshi', 'polymarket', 'both']).default('both'),
  /** For `resolve`. */
  result: z.enum(['yes', 'no', 'half']).default('yes'),
});
const socketsBody = z.strictObject({
  venue,
  action: z.enum(['cut', 'stall']),
  forMs: z.number().min(0).default(10_000),
});
const chatBody = z.union([
  z.strictObject({ say: z.string() }),
  z.strictObject({ press: z.string(), messageId: z.int() }),
]);

/** Micro-dollars per share of YES and of NO. */
const PAYOUTS = { yes: [1_000_000, 0], no: [0, 1_000_000], half: [500_000, 500_000] } as const;

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /state': (world) => ({
    flowRunning: world.flow.isRunning,
    faults: world.faults.active(),
    struck: world.faults.struck(),
    kalshiSockets: world.kalshi.connectionCount(),
    markets: world.markets.map(({ id }) => id),
  }),
  'PUT /faults': (world, body) => {
    world.faults.replace(faultsBody.parse(body).faults);
    return { faults: world.faults.active() };
  },
  'POST /flow': (world, body) => {
    if (flowBody.parse(body).running) world.flow.start();
    else world.flow.stop();
    return { flowRunning: world.flow.isRunning };
  },
  'POST /orders': (world, body) => placeOrder(world, orderBody.parse(body)),
  'POST /markets': (world, body) => changeMarket(world, marketBody.parse(body)),
  'POST /sockets': (world, body) => {
    const { venue: name, action, forMs } = socketsBody.parse(body);
    disturbSockets(world, { name, action, forMs });
    return {};
  },
  'POST /telegram': (world, body) => {
    const chat = chatBody.parse(body);
    if ('say' in chat) world.auxiliary.telegram.say(chat.say);
    else world.auxiliary.telegram.press(chat.press, chat.messageId);
    return {};
  },
  'GET /telegram': (world) => ({ sent: world.auxiliary.telegram.sent() }),
  'GET /webhook': (world) => ({ received: world.auxiliary.webhook.received() }),
};

/** Speaks for one world; whoever has the token may do everything in it. */
export function controlServer(token: string, world: SimWorld): LocalServer {
  return {
    onRequest: (request, answer) => answer({ kind: 'reply', reply: reply(request, token, world) }),
    onUpgrade: () => ({ kind: 'refuse', reply: json(404, { error: 'expected a request, found an upgrade' }) }),
  };
}

function reply(request: ServerRequest, token: string, world: SimWorld): ServerReply {
  if (!isSame(request.headers.authorization ?? '', `Bearer ${token}`))
    return json(401, { error: 'expected the token of the JSON line in the authorization header' });
  const name = `${request.method} ${request.target.split('?')[0]}`;
  const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
  if (route === undefined)
    return json(404, { error: `expected one of ${Object.keys(ROUTES).join(', ')}, found ${name}` });
  try {
    return json(200, route(world, request.body === '' ? undefined : JSON.parse(request.body)));
  } catch (error) {
    if (error instanceof z.ZodError) return json(400, { error: z.prettifyError(error) });
    return json(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

function placeOrder(world: SimWorld, order: z.output<typeof orderBody>): unknown {
  const market = marketOf(world, order.market);
  const [price, size] = [priceFromText(order.price), sizeFromText(order.size)];
  if (order.venue === 'polymarket') {
    const side = order.side === 'buy' ? 'BUY' : 'SELL';
    const type = order.rests ? 'GTC' : 'FAK';
    const tokenId = market.polymarket.yesTokenId;
    const placed = world.polymarket.control.flow
      .counterparty()
      .order({ tokenId, side, priceE4: price, sizeE6: size, type });
    return { orderId: placed.id, outcome: placed.placement.kind };
  }
  const { ticker } = market.kalshi;
  if (!order.rests) {
    kalshiFlowVenue(world.kalshi, ticker).take({
      takes: order.side === 'buy' ? 'ask' : 'bid',
      priceE4: price,
      sizeE6: size,
    });
    return {};
  }
  world.kalshi.house.place({ ticker, side: order.side === 'buy' ? 'bid' : 'ask', priceE4: price, sizeE6: size });
  return {};
}

function changeMarket(world: SimWorld, change: z.output<typeof marketBody>): unknown {
  const market = marketOf(world, change.market);
  if (change.venue !== 'polymarket') changeOnKalshi(world, market.kalshi.ticker, change);
  if (change.venue !== 'kalshi') changeOnPolymarket(world, market.polymarket.conditionId, change);
  return { market: market.id, action: change.action };
}

function changeOnKalshi({ kalshi }: SimWorld, ticker: string, { action, result }: z.output<typeof marketBody>): void {
  const { lifecycle } = kalshi;
  if (action === 'pause') lifecycle.pause(ticker);
  if (action === 'resume') lifecycle.activate(ticker);
  if (action === 'close') lifecycle.closeEarly(ticker);
  if (action !== 'resolve') return;
  lifecycle.determine(ticker, result === 'half' ? { result: 'scalar', valueE4: priceE4(5_000) } : { result });
}

function changeOnPolymarket(
  { polymarket }: SimWorld,
  conditionId: string,
  { action, result }: z.output<typeof marketBody>,
): void {
  const { lifecycle } = polymarket.control;
  if (action === 'pause') lifecycle.setAccepting(conditionId, false);
  if (action === 'resume') lifecycle.setAccepting(conditionId, true);
  if (action === 'close') lifecycle.close(conditionId);
  if (action === 'resolve') lifecycle.resolve(conditionId, PAYOUTS[result]);
}

function disturbSockets(
  { kalshi, polymarket }: SimWorld,
  {
    name,
    action,
    forMs,
  }: { readonly name: 'kalshi' | 'polymarket'; readonly action: 'cut' | 'stall'; readonly forMs: number },
): void {
  if (name === 'kalshi') {
    if (action === 'cut') kalshi.cutSockets();
    else kalshi.stallSockets(forMs);
    return;
  }
  for (const channel of ['market', 'user'] as const)
    if (action === 'cut') polymarket.control.cutSockets(channel);
    else polymarket.control.freezeSockets(channel, forMs);
}

function marketOf({ markets }: SimWorld, id: string): ListedMarket {
  const market = markets.find((listed) => listed.id === id);
  if (market === undefined)
    throw new Error(`expected one of the markets ${markets.map((listed) => listed.id).join(', ')}, found ${id}`);
  return market;
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function json(status: number, value: unknown): ServerReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
