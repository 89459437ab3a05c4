import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecording } from '../../../bench/support/recordings.ts';
import { readDelta } from '../../../src/venues/kalshi/delta-text.ts';
import { damaged } from '../../support/mutate-json.ts';
import { fixtureFrame, type Json, parse, recordedStream, withMsg } from './frames.ts';

const RECORDING = join(import.meta.dirname, '../../../data/kalshi-btc-15-minutes.ndjson.gz');

/** As JSON the same; not one of the spellings that are read straight, so that the general way reads it. */
function generally(text: string, useYesPrice = false) {
  return parse(` ${text}`, useYesPrice);
}

const sent = fixtureFrame('orderbook-delta-yes');
const sentAt: Json = { ...sent, sending_ts_ms: 1_781_159_489_999 };
const sorted: Json = {
  type: 'orderbook_delta',
  sid: 2,
  seq: 35,
  msg: {
    delta_fp: '-2.00',
    market_id: 'b2912a32-ef47-4d03-938c-9c450fb9b196',
    market_ticker: 'KXBTC15M-26MAY130900-00',
    price_dollars: '0.6100',
    side: 'no',
    ts: '2026-05-13T12:59:56.662596Z',
    ts_ms: 1_778_677_196_662,
  },
};
const untimed = withMsg(sent, { ts: undefined });
const spellings = [sent, sentAt, sorted, untimed];

describe('Kalshi delta, straight from its text', () => {
  it('is how every delta is read that the venue sent', async () => {
    const { sessions } = await readRecording(RECORDING);
    const recorded = sessions.flatMap(({ texts }) => texts);
    const streams = ['stream-no-price', 'stream-yes-price', 'stream-many-markets'].flatMap(recordedStream);
    const texts = [...recorded, ...streams.map((frame) => JSON.stringify(frame))];
    const deltas = texts.filter((text) => generally(text).kind === 'delta');
    expect(deltas.length).toBeGreaterThan(2_000);
    expect(deltas.filter((text) => readDelta(text, false) === undefined)).toEqual([]);
    for (const text of texts) expect(parse(text)).toEqual(generally(text));
  });

  it.each(spellings)('reads each spelling of the venue', (frame) => {
    expect(readDelta(JSON.stringify(frame), false)).toEqual(generally(JSON.stringify(frame)));
  });

  it.each<[string, (text: string) => string]>([
    ['another type', (text) => text.replace('orderbook_delta', 'orderbook_snapshot')],
    ['a space', (text) => text.replace(',', ', ')],
    ['a key more', (text) => text.replace('"ts_ms"', '"subaccount":0,"ts_ms"')],
    ['a key twice', (text) => text.replace('"side"', '"side":"yes","side"')],
    ['an escape', (text) => text.replace('KX', '\\u004bX')],
    ['a text that must be escaped and is not', (text) => text.replace('KX', 'K\nX')],
    ['a number that begins with a zero', (text) => text.replace('"sid":', '"sid":0')],
    ['a number that may not be exact', (text) => text.replace('"seq":', '"seq":9007199254740993')],
    ['a number with an exponent', (text) => text.replace(',"msg"', 'e1,"msg"')],
    ['a price of nothing', (text) => text.replace(/"price_dollars":"[^"]*"/, '"price_dollars":"0.0000"')],
    ['a size that is no decimal', (text) => text.replace(/"delta_fp":"[^"]*"/, '"delta_fp":"1.0.0"')],
    ['seconds for milliseconds', (text) => text.replace(/("ts_ms":\d{10})\d*/, '$1')],
    ['a brace too many', (text) => text.replace('}', '}}')],
    ['something behind it', (text) => `${text}\n`],
  ])('leaves a frame with %s to the general way', (_, change) => {
    for (const frame of spellings) {
      const text = change(JSON.stringify(frame));
      expect(text).not.toBe(JSON.stringify(frame));
      expect(readDelta(text, false)).toBeUndefined();
    }
  });

  /** Values at and beyond every edge that either way has. */
  const anyText = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', '\u2028', '\ud800', '"', '\\'),
  );
  const anyDecimal = fc.oneof(
    fc.stringMatching(/^-?\d{0,3}\.?\d{0,8}$/),
    fc.constantFrom('0', '1', '0.0000', '1.0000', '0.00010', '.5', '-.5', '-', '.', '9007199254.740993', '1e3'),
  );
  const anyCount = fc.oneof(
    fc.integer({ min: -1, max: 3 }),
    fc.maxSafeNat(),
    fc.double(),
    fc.constantFrom(1_000_000_000_000, 999_999_999_999, 4_102_444_799_999, 4_102_444_800_000, 1e21),
  );
  const anyFields = fc.record({
    frame: fc.constantFrom(...spellings),
    envelope: fc.record({ sid: anyCount, seq: anyCount, sending_ts_ms: anyCount }, { requiredKeys: [] }),
    msg: fc.record(
      {
        market_ticker: anyText,
        market_id: anyText,
        price_dollars: anyDecimal,
        delta_fp: anyDecimal,
        side: fc.constantFrom('yes', 'no', 'maybe'),
        ts: anyText,
        ts_ms: anyCount,
      },
      { requiredKeys: [] },
    ),
    useYesPrice: fc.boolean(),
  });

  it('gives what the general way gives, whatever the fields hold', () => {
    fc.assert(
      fc.property(anyFields, ({ frame, envelope, msg, useYesPrice }) => {
        const text = JSON.stringify(withMsg({ ...frame, ...envelope }, msg));
        expect(parse(text, useYesPrice)).toEqual(generally(text, useYesPrice));
      }),
      { numRuns: 3_000 },
    );
  });

  it('gives what the general way gives, whatever is damaged', () => {
    const anyCharacter = fc.constantFrom(...'"\\{}[]:,.-+eE019 \n\t\u0000\u001f\u007f\u2028\ud800é');
    const anyDamage = fc.oneof(
      fc.constantFrom(...spellings).chain(damaged),
      fc
        .tuple(fc.constantFrom(...spellings), fc.nat(), fc.nat({ max: 3 }), fc.array(anyCharacter, { maxLength: 2 }))
        .map(([frame, place, dropped, inserted]) => {
          const text = JSON.stringify(frame);
          const at = place % text.length;
          return text.slice(0, at) + inserted.join('') + text.slice(at + dropped);
        }),
    );
    fc.assert(
      fc.property(anyDamage, (text) => {
        // The message of a frame that is not JSON quotes its first characters, and those differ by the space.
        const [straight, general] = [parse(text), generally(text)];
        if (general.kind === 'malformed' && general.sid === undefined) expect(straight.kind).toBe('malformed');
        else expect(straight).toEqual(general);
      }),
      { numRuns: 5_000 },
    );
  });
});
