/**
 * What the venue's error texts mean. There are hardly any codes, so texts must do (collected April to September
 * 2026). A text that is not listed proves nothing: the venue also answers 400 to "context canceled".
 */
import type { OrderRefusal } from '../../domain/ports/venue.ts';

export type TextMeaning =
  | { readonly kind: 'refused'; readonly reason: OrderRefusal }
  /** The same order came before: proof that the first one arrived. */
  | { readonly kind: 'landed' }
  /** Accepted, and not decided yet. */
  | { readonly kind: 'delayed' }
  /** The engine failed in the middle. */
  | { readonly kind: 'undecided' }
  | { readonly kind: 'unlisted' };

const refused = (reason: OrderRefusal): TextMeaning => ({ kind: 'refused', reason });

/** The first that matches counts, so the narrow ones come first. */
const TEXTS: readonly (readonly [RegExp, TextMeaning])[] = [
  [/\bis invalid\. duplicated\b/i, { kind: 'landed' }],
  [/order match delayed/i, { kind: 'delayed' }],
  [/could not (?:run the execution|insert order)|context canceled|internal server error/i, { kind: 'undecided' }],
  [/FOK orders are fully filled or killed/i, refused('killed')],
  [/no orders found to match with FAK order/i, refused('killed')],
  [/not enough balance|insufficient[ _](?:\w+ )?balance/i, refused('insufficientBalance')],
  [/post-only order: order crosses book/i, refused('postOnlyWouldCross')],
  [/post-only mode/i, refused('postOnlyMode')],
  [/trading is currently cancel-only/i, refused('cancelOnlyMode')],
  [/trading is currently disabled/i, refused('tradingDisabled')],
  [/not yet ready to process new orders/i, refused('marketClosed')],
  [/no orderbook exists|orderbook .{0,90}does not exist/i, refused('marketClosed')],
  [/address in closed only mode/i, refused('forbidden')],
  [/trading restricted in your region/i, refused('forbidden')],
  [/maker address not allowed/i, refused('forbidden')],
  [/has to be the (?:owner|address) of the api key/i, refused('unauthenticated')],
  [/^unauthorized|invalid api key|invalid l1 request headers/i, refused('unauthenticated')],
  [/^too many requests/i, refused('rateLimited')],
  [/order_version_mismatch|invalid order version/i, refused('invalidOrder')],
  [/^invalid order payload/i, refused('invalidOrder')],
  [/breaks minimum tick size rule/i, refused('invalidOrder')],
  [/lower than the minimum/i, refused('invalidOrder')],
  [/^invalid amounts?\b/i, refused('invalidOrder')],
  [/^invalid (?:expiration|signature)/i, refused('invalidOrder')],
  [/^too many orders in payload/i, refused('invalidOrder')],
];

export function meaningOf(text: string): TextMeaning {
  return TEXTS.find(([pattern]) => pattern.test(text))?.[1] ?? { kind: 'unlisted' };
}
