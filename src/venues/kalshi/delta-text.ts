/**
 * The hot frame straight from its text: nineteen of twenty frames change one level, and all are spelled alike.
 *
 * A frame in one of the two spellings below is read in one pass over its characters. Any other text, whether wrong
 * or only unusual, goes the general way through `JSON.parse` and the schema, which alone says what is malformed.
 * What is read here is what the general way would have read (test/venues/kalshi/delta-text.property.test.ts).
 */
import { parseDecimal } from '../../domain/decimal.ts';
import { complement } from '../../domain/units.ts';
import type { DeltaFrame } from './frame.ts';
import { restingPrice } from './order-book.ts';
import { isVenueMs } from './wire-values.ts';

/** A JSON text that is not empty and means its own characters: no escapes, nothing that would need one. */
const TEXT = '[^"\\\\\\x00-\\x1f]+';
const DECIMAL = '[-.\\d]+';
/** A positive whole number in JSON's spelling, of so few digits that it is exact. */
const COUNT = '[1-9]\\d{0,14}';
/** `ts` is optional; of a side the first letter tells. */
const SIDE_AND_TIME = `"side":"(?:(y)es|no)",(?:"ts":"(${TEXT})",)?"ts_ms":(${COUNT})`;
/** As the venue sends it since 2026-06. */
const SENT = `"market_ticker":"(${TEXT})","market_id":"${TEXT}","price_dollars":"(${DECIMAL})","delta_fp":"(${DECIMAL})"`;
/** With its first keys in alphabetical order, as recorded 2026-05. */
const SORTED = `"delta_fp":"(${DECIMAL})","market_id":"${TEXT}","market_ticker":"(${TEXT})","price_dollars":"(${DECIMAL})"`;

const DELTA = new RegExp(
  `^\\{"type":"orderbook_delta","sid":(${COUNT}),"seq":(${COUNT}),` +
    `"msg":\\{(?:${SENT}|${SORTED}),${SIDE_AND_TIME}\\}(?:,"sending_ts_ms":(${COUNT}))?\\}$`,
);

/** A change of one level, or `undefined` when the general way must read the text. */
export function readDelta(text: string, useYesPrice: boolean): DeltaFrame | undefined {
  const found = DELTA.exec(text);
  if (found === null) return undefined;
  const [, sid, seq, sentTicker, sentPrice, sentSize, sortedSize, sortedTicker, sortedPrice, yes, stamp, tsMs, sentMs] =
    found;
  const ticker = sentTicker ?? sortedTicker;
  const price = sentPrice ?? sortedPrice;
  const size = sentSize ?? sortedSize;
  if (ticker === undefined || price === undefined || size === undefined) return undefined;
  const quoted = restingPrice(price);
  const deltaE6 = parseDecimal(size, 6);
  const venueAtMs = Number(tsMs);
  if (quoted === undefined || deltaE6 === undefined || !isVenueMs(venueAtMs)) return undefined;
  const isBid = yes !== undefined;
  return {
    kind: 'delta',
    sid: Number(sid),
    seq: Number(seq),
    id: undefined,
    sendingAtMs: sentMs === undefined ? undefined : Number(sentMs),
    ticker,
    side: isBid ? 'bid' : 'ask',
    priceE4: isBid || useYesPrice ? quoted : complement(quoted),
    deltaE6,
    stamp: stamp ?? String(venueAtMs),
    venueAtMs,
  };
}
