/** What a client may say on the socket, and the numbered errors it gets otherwise. */
import { CHANNELS, type Channel, type Connection, type Subscription } from './connection.ts';
import { tickerMessage } from './frames.ts';
import { isObject } from './json.ts';

/** Kalshi's WebSocket description; 6, 16 and 17 are retired. */
const ERRORS = {
  1: 'Unable to process message',
  2: 'Params required',
  3: 'Channels required',
  4: 'Subscription IDs required',
  5: 'Unknown command',
  7: 'Unknown subscription ID',
  8: 'Unknown channel name',
  11: 'Invalid parameter',
  12: 'Exactly one subscription ID is required',
  13: 'Unsupported action',
  14: 'Market ticker required',
  15: 'Action required',
  26: 'Market limit per subscription exceeded',
  27: 'Too many commands',
} as const;

type ErrorCode = keyof typeof ERRORS;

interface Command {
  readonly id: number | undefined;
  readonly params: { readonly [key: string]: unknown };
}

class CommandError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(ERRORS[code]);
    this.code = code;
  }
}

const commandTimes = new WeakMap<Connection, number[]>();

export function obey(connection: Connection, text: string): void {
  const body = parse(text);
  const id = isObject(body) && typeof body.id === 'number' && body.id > 0 ? body.id : undefined;
  try {
    limit(connection);
    if (!isObject(body)) throw new CommandError(1);
    run(connection, body, id);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    connection.say({ id, type: 'error', msg: { code: error.code, msg: error.message } });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Reported as error 1 like any other text that is no command.
    return undefined;
  }
}

function limit(connection: Connection): void {
  const { commandsPerSecond } = connection.core.settings.socket;
  const now = connection.core.nowMs();
  const recent = (commandTimes.get(connection) ?? []).filter((at) => at > now - 1_000);
  commandTimes.set(connection, recent);
  if (recent.length >= commandsPerSecond) throw new CommandError(27);
  recent.push(now);
}

function run(connection: Connection, body: { readonly [key: string]: unknown }, id: number | undefined): void {
  const { cmd } = body;
  if (cmd === 'list_subscriptions') {
    list(connection, id);
    return;
  }
  if (cmd !== 'subscribe' && cmd !== 'unsubscribe' && cmd !== 'update_subscription') throw new CommandError(5);
  const { params } = body;
  if (!isObject(params)) throw new CommandError(2);
  if (cmd === 'subscribe') subscribe(connection, { id, params });
  if (cmd === 'unsubscribe') unsubscribe(connection, { id, params });
  if (cmd === 'update_subscription') update(connection, { id, params });
}

function list(connection: Connection, id: number | undefined): void {
  const msg = connection.subscriptions().map(({ channel, sid }) => ({ channel, sid }));
  connection.say({ id, type: 'ok', msg });
}

/** One answer per channel, all with the id of the command; snapshots follow all of them (recorded 2026-06-11). */
function subscribe(connection: Connection, { id, params }: Command): void {
  const channels = params.channels;
  if (!Array.isArray(channels) || channels.length === 0) throw new CommandError(3);
  const known = channels.map(channelNamed);
  const markets = tickersIn(params);
  if (known.includes('orderbook_delta') && markets === undefined) throw new CommandError(14);
  requireMarketLimit(connection, markets?.length ?? 0);
  if (connection.core.faults.strike('N10', { step: 'subscribe' }) !== undefined) return;
  const useYesPrice = params.use_yes_price === true;
  const made = known.map((channel) => {
    const subscription = connection.subscribe({
      channel,
      markets: isFiltered(channel) ? markets : undefined,
      useYesPrice,
    });
    connection.say({ type: 'subscribed', id, msg: { channel, sid: subscription.sid } });
    return subscription;
  });
  for (const subscription of made) {
    if (subscription.channel === 'orderbook_delta') sendSnapshots(connection, subscription, markets ?? []);
    if (subscription.channel === 'ticker' && params.send_initial_snapshot === true)
      sendTickers(connection, subscription);
  }
}

function unsubscribe(connection: Connection, { id, params }: Command): void {
  const sids = params.sids;
  if (!Array.isArray(sids) || sids.length === 0) throw new CommandError(4);
  const subscriptions = sids.map((sid) => connection.find(Number(sid)) ?? fail(7));
  for (const subscription of subscriptions) {
    connection.emit(subscription, { type: 'unsubscribed', ...answering(id) });
    connection.unsubscribe(subscription.sid);
  }
}

/** Changes the markets of one subscription, or asks for its books again. */
function update(connection: Connection, { id, params }: Command): void {
  const subscription = connection.find(onlySid(params)) ?? fail(7);
  const { action } = params;
  if (action === undefined) throw new CommandError(15);
  if (action !== 'add_markets' && action !== 'delete_markets' && action !== 'get_snapshot') throw new CommandError(13);
  const tickers = tickersIn(params) ?? fail(14);
  if (action === 'get_snapshot') {
    if (subscription.channel !== 'orderbook_delta') throw new CommandError(13);
    sendSnapshots(connection, subscription, tickers, id);
    return;
  }
  const { markets } = subscription;
  if (markets === undefined) throw new CommandError(11);
  const fresh = tickers.filter((ticker) => !markets.has(ticker));
  if (action === 'add_markets') requireMarketLimit(connection, markets.size + fresh.length);
  for (const ticker of tickers) {
    if (action === 'add_markets') markets.add(ticker);
    else markets.delete(ticker);
  }
  connection.emit(subscription, { type: 'ok', msg: { market_tickers: [...markets] }, ...answering(id) });
  if (action === 'add_markets' && subscription.channel === 'orderbook_delta')
    sendSnapshots(connection, subscription, fresh);
}

function sendSnapshots(
  connection: Connection,
  subscription: Subscription,
  tickers: readonly string[],
  id?: number,
): void {
  for (const ticker of tickers)
    if (connection.core.catalog.find(ticker) !== undefined) connection.snapshot(subscription, ticker, id);
}

function sendTickers(connection: Connection, subscription: Subscription): void {
  const { catalog } = connection.core;
  const tickers = subscription.markets ?? catalog.markets().map(({ ticker }) => ticker);
  for (const ticker of tickers) {
    if (catalog.find(ticker) === undefined) continue;
    const msg = tickerMessage(catalog, ticker, connection.core.nowMicros());
    connection.emit(subscription, { type: 'ticker', msg, market: ticker });
  }
}

function isFiltered(channel: Channel): boolean {
  return !channel.endsWith('lifecycle') && !channel.endsWith('lifecycle_v2') && channel !== 'order_group_updates';
}

function channelNamed(name: unknown): Channel {
  const found = (Object.keys(CHANNELS) as Channel[]).find((channel) => channel === name);
  return found ?? fail(8);
}

function tickersIn(params: Command['params']): readonly string[] | undefined {
  const one = params.market_ticker;
  const many = params.market_tickers;
  if (one !== undefined && many !== undefined) throw new CommandError(11);
  if (typeof one === 'string') return [one];
  if (many === undefined) return undefined;
  if (!Array.isArray(many) || !many.every((each) => typeof each === 'string')) throw new CommandError(11);
  return many.length === 0 ? undefined : many;
}

function onlySid(params: Command['params']): number {
  const { sid, sids } = params;
  if (sid === undefined && sids === undefined) throw new CommandError(4);
  if (sid !== undefined && sids !== undefined) throw new CommandError(12);
  if (sid !== undefined) return Number(sid);
  if (!Array.isArray(sids) || sids.length !== 1) throw new CommandError(12);
  return Number(sids[0]);
}

function requireMarketLimit(connection: Connection, count: number): void {
  if (count > connection.core.settings.socket.marketsPerSubscription) throw new CommandError(26);
}

function answering(id: number | undefined): { id?: number } {
  return id === undefined ? {} : { id };
}

function fail(code: ErrorCode): never {
  throw new CommandError(code);
}
