import { describe, expect, it } from 'vitest';
import type { HttpOutcome } from '../../../src/domain/ports/http.ts';
import type { OrderRefusal, TimeInForce } from '../../../src/domain/ports/venue.ts';
import { priceE4, sizeE6 } from '../../../src/domain/units.ts';
import {
  classifyBatch,
  classifyCancel,
  classifyCancelAll,
  classifyOrder,
  type SentOrder,
} from '../../../src/venues/polymarket/classify.ts';
import { meaningOf } from '../../../src/venues/polymarket/refusal-texts.ts';
import { lost, notSent, reply } from '../../support/scripted-polymarket.ts';
import { fixture, YES } from './frames.ts';

const ID = `0x${'ab'.repeat(32)}`;
const OTHER_ID = `0x${'cd'.repeat(32)}`;

/** 20 shares at 0.50. */
function sent(timeInForce: TimeInForce = 'fillOrKill', action: 'buy' | 'sell' = 'buy'): SentOrder {
  const request = {
    clientOrderId: 'client',
    instrument: { book: `polymarket/${YES}`, inverted: false },
    action,
    limitE4: priceE4(5_000),
    sizeE6: sizeE6(20_000_000),
    timeInForce,
    expiresAt: undefined,
    postOnly: false,
    reduceOnly: false,
    isReducing: false,
  } as const;
  const amounts =
    action === 'buy' ? { maker: 10_000_000, taker: 20_000_000 } : { maker: 20_000_000, taker: 10_000_000 };
  return { request, orderId: ID, amounts };
}

function accepted(over: object = {}): HttpOutcome {
  const body = { success: true, errorMsg: '', orderID: ID, takingAmount: '', makingAmount: '', status: 'live' };
  return reply({ ...body, ...over });
}

const matched = (over: object = {}) =>
  accepted({ status: 'matched', takingAmount: '19.6', makingAmount: '9.8', tradeIDs: ['t-1'], ...over });

describe('an order that was answered with 200', () => {
  it('matched: is done and provisional, with what moved and its trades', () => {
    expect(classifyOrder(matched(), sent())).toEqual({
      kind: 'done',
      venueOrderId: ID,
      filledE6: 19_600_000,
      restingE6: 0,
      averageE4: 5_000,
      isProvisional: true,
      tradeIds: ['t-1'],
    });
  });

  it('matched, of a sale: counts the shares given', () => {
    const outcome = classifyOrder(
      matched({ takingAmount: '7.5', makingAmount: '15' }),
      sent('immediateOrCancel', 'sell'),
    );
    expect(outcome).toMatchObject({ kind: 'done', filledE6: 15_000_000, averageE4: 5_000 });
  });

  it('matched better than its limit: counts more shares than were asked for', () => {
    const outcome = classifyOrder(matched({ takingAmount: '25', makingAmount: '10' }), sent());
    expect(outcome).toMatchObject({ kind: 'done', filledE6: 25_000_000, averageE4: 4_000 });
  });

  it('matched in part, of an order that rests: keeps the rest on the book', () => {
    const outcome = classifyOrder(matched({ takingAmount: '5', makingAmount: '2.5' }), sent('goodTillCanceled'));
    expect(outcome).toMatchObject({ kind: 'done', filledE6: 5_000_000, restingE6: 15_000_000 });
  });

  it('matched without hashes, as since July 2026, is still done', () => {
    expect(classifyOrder(matched({ transactionsHashes: undefined }), sent())).toMatchObject({ kind: 'done' });
  });

  it.each([
    ['millionths instead of decimals', { takingAmount: '19600000', makingAmount: '9800000' }],
    ['nothing', { takingAmount: '', makingAmount: '' }],
    ['zero', { takingAmount: '0', makingAmount: '0' }],
    ['more than was offered', { takingAmount: '20', makingAmount: '10.000001' }],
    ['no number', { takingAmount: 'NaN', makingAmount: '1' }],
  ])('matched with %s as amounts: is unknown and landed', (_, amounts) => {
    expect(classifyOrder(matched(amounts), sent())).toMatchObject({
      kind: 'unknown',
      hasLanded: true,
      venueOrderId: ID,
    });
  });

  it.each<TimeInForce>(['goodTillCanceled', 'goodTillDate'])('live, %s: rests', (timeInForce) => {
    const outcome = classifyOrder(accepted(), sent(timeInForce));
    expect(outcome).toMatchObject({ kind: 'done', filledE6: 0, restingE6: 20_000_000, isProvisional: false });
  });

  it.each<TimeInForce>(['fillOrKill', 'immediateOrCancel'])(
    'live, %s: is unknown, because it may fill later',
    (tif) => {
      expect(classifyOrder(accepted(), sent(tif))).toMatchObject({
        kind: 'unknown',
        hasLanded: true,
        venueOrderId: ID,
      });
    },
  );

  it('delayed: is unknown and landed', () => {
    expect(classifyOrder(accepted({ status: 'delayed' }), sent())).toMatchObject({ kind: 'unknown', hasLanded: true });
  });

  it('unmatched after its delay: was killed if it could not rest, and is unknown if it could', () => {
    const outcomes = [sent(), sent('goodTillCanceled')].map((order) =>
      classifyOrder(accepted({ status: 'unmatched' }), order),
    );
    expect(outcomes).toMatchObject([
      { kind: 'refused', reason: 'killed' },
      { kind: 'unknown', hasLanded: true },
    ]);
  });

  it('with an order id that is not its hash: is unknown', () => {
    expect(classifyOrder(matched({ orderID: OTHER_ID }), sent())).toMatchObject({ kind: 'unknown', venueOrderId: ID });
  });

  it('with a status that is new to us: is unknown and landed', () => {
    expect(classifyOrder(accepted({ status: 'queued' }), sent())).toMatchObject({ kind: 'unknown', hasLanded: true });
  });

  it('with success, an empty id and a reason: is refused', () => {
    const outcome = classifyOrder(
      accepted({ orderID: '', errorMsg: 'not enough balance / allowance', status: '' }),
      sent(),
    );
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'insufficientBalance' });
  });

  it('with an empty id and neither reason: is unknown', () => {
    expect(classifyOrder(accepted({ orderID: '' }), sent())).toMatchObject({ kind: 'unknown', hasLanded: false });
  });

  it('with an empty id after the engine failed: is unknown', () => {
    const outcome = classifyOrder(accepted({ orderID: '', errorMsg: 'could not run the execution' }), sent());
    expect(outcome).toMatchObject({ kind: 'unknown' });
  });

  it('with an id beside a reason: is unknown, unless it was a kill', () => {
    const kill = "order couldn't be fully filled. FOK orders are fully filled or killed.";
    const outcomes = ['order match delayed due to market conditions', 'the market is tired', kill].map((errorMsg) =>
      classifyOrder(accepted({ errorMsg }), sent()),
    );
    expect(outcomes).toMatchObject([
      { kind: 'unknown', hasLanded: true },
      { kind: 'unknown', hasLanded: true },
      { kind: 'refused', reason: 'killed' },
    ]);
  });

  it('without success and without a reason: is unknown', () => {
    expect(classifyOrder(accepted({ success: false }), sent())).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    ['', ''],
    ['garbage', '<html>'],
    ['half a body', '{"success":true,"orderID":"0x'],
    ['a list', '[]'],
    ['null', 'null'],
  ])('with %s as its body: is unknown', (_, body) => {
    expect(classifyOrder(reply(body), sent())).toMatchObject({ kind: 'unknown', hasLanded: false });
  });
});

describe('an order that was answered with an error', () => {
  interface ErrorCase {
    readonly status: number;
    readonly body: { readonly error: string };
    readonly when: string;
  }
  const cases = fixture('order-errors') as ErrorCase[];
  const expected: Record<string, OrderRefusal | 'unknown' | 'landed'> = {
    'malformed body': 'invalidOrder',
    'owner field is not the key': 'unauthenticated',
    'signer mismatch (types 0-2)': 'unauthenticated',
    'new account using EOA/proxy/Safe path (py-clob-client-v2 #83)': 'forbidden',
    'V1 order, or wrong domain version (Apr-Jun 2026 text); the client searches for this exact token': 'invalidOrder',
    'V1 order, text seen from Jun 2026 (py-clob-client-v2 #92)': 'invalidOrder',
    'off-tick': 'invalidOrder',
    'resting order below min size': 'invalidOrder',
    'same order hash posted again; means an earlier attempt LANDED': 'landed',
    'balance short (real text, May 2026)': 'insufficientBalance',
    'marketable buy under $1': 'invalidOrder',
    'FOK/FAK BUY built with a non-cent maker amount': 'invalidOrder',
    'FOK/FAK SELL with more than 2-decimal shares': 'invalidOrder',
    'FOK killed; orderID in body confirmed for FAK, assumed for FOK': 'killed',
    'FAK found nothing: a clean no-fill': 'killed',
    'post-only would take': 'postOnlyWouldCross',
    'GTD too near / past': 'invalidOrder',
    'market not open': 'marketClosed',
    'closed-only account': 'forbidden',
    'batch too big': 'invalidOrder',
    'bad L2': 'unauthenticated',
    'bad L1': 'unauthenticated',
    'geoblock: text and shape UNVERIFIED, treat any 403 as terminal': 'forbidden',
    'GET /book': 'unknown',
    'GET /data/order/{id}': 'unknown',
    'engine restarting: body text UNVERIFIED': 'unknown',
    'per-signer bucket empty': 'rateLimited',
    'order fate UNKNOWN': 'unknown',
    'system error': 'unknown',
    '2 minutes after a restart': 'postOnlyMode',
    'cancel-only': 'cancelOnlyMode',
    'paused, cancels refused too': 'tradingDisabled',
  };

  it.each(cases)('$status, $when', ({ status, body, when }) => {
    const outcome = classifyOrder(reply(body, status), sent());
    const found =
      outcome.kind === 'refused'
        ? outcome.reason
        : outcome.kind === 'unknown' && outcome.hasLanded
          ? 'landed'
          : outcome.kind;
    expect(found).toBe(expected[when]);
  });

  it('is unknown for a 400 whose text nobody has listed, "context canceled" among them', () => {
    const outcomes = ['context canceled', 'the moon is full'].map((error) =>
      classifyOrder(reply({ error }, 400), sent()),
    );
    expect(outcomes).toMatchObject([{ kind: 'unknown' }, { kind: 'unknown' }]);
  });

  it('is unknown and landed for a 400 that says delayed', () => {
    const error = 'order match delayed due to market conditions';
    expect(classifyOrder(reply({ error }, 400), sent())).toMatchObject({ kind: 'unknown', hasLanded: true });
  });

  it('is refused for every 401, 403 and 429, whatever the body', () => {
    const outcomes = [401, 403, 429].map((status) => classifyOrder(reply('<html>', status), sent()));
    expect(outcomes.map((outcome) => outcome.kind === 'refused' && outcome.reason)).toEqual([
      'unauthenticated',
      'forbidden',
      'rateLimited',
    ]);
  });

  it('carries how long to wait, from the header or from the body', () => {
    const limited = classifyOrder(reply({ error: 'Too Many Requests' }, 429, { 'retry-after': '2' }), sent());
    const body = { error: 'post-only mode', code: 'post_only_mode', retry_after_seconds: 79 };
    expect([limited, classifyOrder(reply(body, 503), sent())]).toMatchObject([
      { retryAfterMs: 2_000 },
      { retryAfterMs: 79_000 },
    ]);
  });

  it.each([[500], [502], [503], [504], [408], [409], [418], [301]])('is unknown for an undocumented %i', (status) => {
    expect(classifyOrder(reply('upstream', status), sent())).toMatchObject({ kind: 'unknown', hasLanded: false });
  });

  it('is unknown when the reply was lost, and refused when nothing was sent', () => {
    const outcomes = [lost(), notSent()].map((outcome) => classifyOrder(outcome, sent()));
    expect(outcomes).toMatchObject([{ kind: 'unknown' }, { kind: 'refused', reason: 'notSent' }]);
  });

  it('names no wallet address in its detail', () => {
    const error = `'0x${'12'.repeat(20)}' address in closed only mode`;
    expect(JSON.stringify(classifyOrder(reply({ error }, 400), sent()))).not.toContain('1212');
  });

  it('reads a text of the first half of 2026 as insufficient balance too', () => {
    expect(meaningOf('INSUFFICIENT_BALANCE')).toEqual({ kind: 'refused', reason: 'insufficientBalance' });
  });
});

describe('a batch', () => {
  const rows = [
    { success: true, errorMsg: '', orderID: ID, takingAmount: '', makingAmount: '', status: 'live' },
    { success: true, errorMsg: 'not enough balance / allowance', orderID: '', status: '' },
    {
      success: true,
      errorMsg: 'post-only mode: only post-only orders and cancels are allowed',
      orderID: '',
      status: '',
    },
  ];
  const orders = rows.map(() => sent('goodTillCanceled'));

  it('ends row by row', () => {
    expect(classifyBatch(reply(rows), orders)).toMatchObject([
      { kind: 'done' },
      { kind: 'refused', reason: 'insufficientBalance' },
      { kind: 'refused', reason: 'postOnlyMode' },
    ]);
  });

  it.each([
    ['a row less', rows.slice(1)],
    ['no list', {}],
  ])('with %s is unknown in every row', (_, body) => {
    expect(new Set(classifyBatch(reply(body), orders).map(({ kind }) => kind))).toEqual(new Set(['unknown']));
  });

  it('that was refused or lost as a whole ends so in every row', () => {
    const kinds = [reply({ error: 'Unauthorized' }, 401), lost()].map(
      (outcome) => classifyBatch(outcome, orders)[2]?.kind,
    );
    expect(kinds).toEqual(['refused', 'unknown']);
  });
});

describe('a cancel', () => {
  it('is done when the venue names the order as canceled', () => {
    expect(classifyCancel(reply({ canceled: [ID], not_canceled: {} }), ID)).toEqual({
      kind: 'done',
      canceledE6: undefined,
    });
  });

  it.each([
    ['already canceled or matched', { canceled: [], not_canceled: { [ID]: 'already canceled or matched' } }],
    ['named in neither list', { canceled: [], not_canceled: {} }],
    ['named in neither list', { canceled: null, not_canceled: null }],
  ])('is unknown when the order is %s', (why, body) => {
    const outcome = classifyCancel(reply(body), ID);
    expect(outcome).toMatchObject({ kind: 'unknown', venueOrderId: ID, detail: expect.stringContaining(why) });
  });

  it.each<[string, HttpOutcome, object]>([
    ['not found', reply({ error: 'Order not found' }, 404), { kind: 'unknown' }],
    ['a restart', reply('', 425), { kind: 'unknown' }],
    ['a failure', reply({ error: 'could not run the execution' }, 500), { kind: 'unknown' }],
    ['an undocumented 503', reply('', 503), { kind: 'unknown' }],
    ['silence', lost(), { kind: 'unknown' }],
    ['garbage', reply('<html>'), { kind: 'unknown' }],
    ['no connection', notSent(), { kind: 'refused', reason: 'notSent' }],
    [
      'disabled trading',
      reply({ error: 'Trading is currently disabled.' }, 503),
      { kind: 'refused', reason: 'venuePaused' },
    ],
    [
      'its limit',
      reply({ error: 'Too Many Requests' }, 429, { 'retry-after': '1' }),
      { reason: 'rateLimited', retryAfterMs: 1_000 },
    ],
    ['a bad key', reply({ error: 'Unauthorized' }, 401), { kind: 'refused', reason: 'unauthenticated' }],
    ['a region', reply('', 403), { kind: 'refused', reason: 'forbidden' }],
  ])('answered with %s', (_, outcome, expected) => {
    expect(classifyCancel(outcome, ID)).toMatchObject(expected);
  });

  it('of everything is done only when nothing is left', () => {
    const outcomes = [{ [ID]: 'already canceled or matched' }, {}].map((not_canceled) =>
      classifyCancelAll(reply({ canceled: [OTHER_ID], not_canceled })),
    );
    expect(outcomes).toMatchObject([{ kind: 'unknown' }, { kind: 'done' }]);
  });
});
