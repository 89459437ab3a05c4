/** What the scenarios of the Kalshi socket share. */
import type { SocketClient, WireFrame } from '../socket-client.ts';
import { type Desk, TICKER } from './desk.ts';

let lastId = 1_000;

export const isType = (type: string) => (frame: WireFrame) => frame.type === type;

/** Frames keep their order, so what has not come before this answer did not come. */
export async function settled(socket: SocketClient): Promise<void> {
  const id = ++lastId;
  socket.say({ id, cmd: 'list_subscriptions' });
  await socket.first((frame) => frame.id === id, 'an answer to list_subscriptions');
}

export async function subscribed(
  desk: Desk,
  params: Record<string, unknown>,
  trader = desk.alice,
): Promise<SocketClient> {
  const socket = await desk.socket(trader);
  socket.say({ id: 1, cmd: 'subscribe', params });
  await settled(socket);
  return socket;
}

export const BOOK = { channels: ['orderbook_delta'], market_tickers: [TICKER], use_yes_price: false };
