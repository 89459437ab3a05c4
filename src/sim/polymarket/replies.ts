/** Replies and the texts that the venue was seen to use. Texts marked unverified were never captured. */
import type { ServerReply } from '../../domain/ports/local-server.ts';

export type Headers = Readonly<Record<string, string>>;

export function json(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Headers } = {},
): ServerReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

export function failure(status: number, error: string, more: Readonly<Record<string, unknown>> = {}): ServerReply {
  return json({ error, ...more }, { status });
}

export const TEXT = {
  payload: 'Invalid order payload',
  owner: 'the order owner has to be the owner of the API KEY',
  signer: 'the order signer address has to be the address of the API KEY',
  maker: 'maker address not allowed, please use the deposit wallet flow',
  versionMismatch: 'order_version_mismatch',
  /** A user's report names the text; the status is taken from its neighbours. */
  signature: 'invalid signature',
  postOnlyCross: 'invalid post-only order: order crosses book',
  expiration: 'invalid expiration',
  notReady: 'the market is not yet ready to process new orders',
  l1: 'Invalid L1 Request headers',
  l2: 'Unauthorized/Invalid api key',
  /** Unverified: only that a 403 is final is known. */
  region: 'Trading restricted in your region',
  noBook: 'No orderbook exists for the requested token id',
  orderNotFound: 'Order not found',
  /** Unverified. */
  tooEarly: 'Too Early',
  tooMany: 'Too Many Requests',
  execution: 'could not run the execution',
  insert: 'could not insert order',
  postOnlyMode: 'post-only mode: only post-only orders and cancels are allowed',
  cancelOnly: 'Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.',
  disabled: 'Trading is currently disabled. Check polymarket.com for updates',
  keyExists: 'Could not create api key',
  cancelGone: 'already canceled or matched',
  heartbeat: 'Invalid Heartbeat ID',
} as const;

export function invalidOrder(orderId: string, complaint: string): string {
  return `order ${orderId} is invalid. ${complaint}`;
}
