/**
 * The hash in a book: SHA-1 of its compact JSON with an empty hash, keys in the order in which they are sent. A book
 * captured on 2026-06-23 confirms it for the REST reply.
 */
import { createHash } from 'node:crypto';

export interface BookBody {
  readonly market: string;
  readonly asset_id: string;
  readonly timestamp: string;
  readonly hash: string;
  readonly bids: readonly WireLevel[];
  readonly asks: readonly WireLevel[];
  readonly min_order_size: string;
  readonly tick_size: string;
  readonly neg_risk: boolean;
  readonly last_trade_price: string;
}

export interface WireLevel {
  readonly price: string;
  readonly size: string;
}

export function bookHash(book: BookBody): string {
  return createHash('sha1')
    .update(JSON.stringify({ ...book, hash: '' }))
    .digest('hex');
}
