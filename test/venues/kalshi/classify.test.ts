import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { HttpOutcome } from '../../../src/domain/ports/http.ts';
import { micros } from '../../../src/domain/units.ts';
import {
  classifyCancel,
  classifyCancelAll,
  classifyCancelRow,
  classifyChange,
  classifyOrder,
  classifyOrderRow,
  classifyRead,
} from '../../../src/venues/kalshi/classify.ts';
import { readErrorBody } from '../../../src/venues/kalshi/error-body.ts';
import { lost, notSent, reply } from '../../support/scripted-transport.ts';
import { no, ORDER_ID, restFixture, yes } from './venues.ts';

const fixtureReply = (status: number, name: string): HttpOutcome => reply(status, restFixture(name));
const coded = (status: number, code: string): HttpOutcome => reply(status, { error: { code, message: code } });

function order(outcome: HttpOutcome, fields: Partial<Parameters<typeof classifyOrder>[1]> = {}) {
  const clientOrderId = bodyOf(outcome).client_order_id ?? '00000000-0000-4000-8000-000000000001';
  return classifyOrder(outcome, { clientOrderId, instrument: yes, postOnly: false, onLimit: 'refused', ...fields });
}

function bodyOf(outcome: HttpOutcome): { client_order_id?: string } {
  return outcome.kind === 'reply' && outcome.body.endsWith('}') ? JSON.parse(outcome.body) : {};
}

function cancel(outcome: HttpOutcome) {
  return classifyCancel(outcome, { venueOrderId: ORDER_ID, onLimit: 'refused' });
}

/** The class, with its reason or what else it says. */
function shortOf(outcome: ReturnType<typeof order> | ReturnType<typeof cancel>): string {
  if (outcome.kind === 'refused') return `refused ${outcome.reason}`;
  if (outcome.kind === 'unknown') return outcome.hasLanded ? 'unknown, landed' : 'unknown';
  return 'filledE6' in outcome ? `done ${outcome.filledE6}/${outcome.restingE6}` : `done ${outcome.canceledE6}`;
}

describe('a reply to an order', () => {
  it.each<[string, HttpOutcome, string]>([
    ['201 resting', fixtureReply(201, 'order-create-gtc-resting-response'), 'done 0/1000000'],
    ['201 filled', fixtureReply(201, 'order-create-ioc-filled-response'), 'done 1000000/0'],
    ['201 of an IOC without a fill', fixtureReply(201, 'order-create-ioc-zero-fill-response'), 'done 0/0'],
    ['400 balance', fixtureReply(400, 'error-400-insufficient-balance'), 'refused insufficientBalance'],
    ['400 price', fixtureReply(400, 'error-400-invalid-price'), 'refused invalidOrder'],
    ['400 missing parameters', fixtureReply(400, 'error-400-missing-parameters'), 'refused invalidOrder'],
    ['400 with a flat body', fixtureReply(400, 'error-400-numeric-instead-of-string'), 'refused invalidOrder'],
    ['400 with a message alone', fixtureReply(400, 'error-400-parameter-validation'), 'refused invalidOrder'],
    ['400 with a new code', coded(400, 'something_new'), 'refused invalidOrder'],
    ['400 that is not the venue speaking', reply(400, '<html>'), 'unknown'],
    ['400 after the close', coded(400, 'market_inactive'), 'refused marketClosed'],
    ['409 after the close, in capitals', coded(409, 'MARKET_ALREADY_CLOSED'), 'refused marketClosed'],
    ['401 signature', fixtureReply(401, 'error-401-bad-signature'), 'refused unauthenticated'],
    ['401 clock', fixtureReply(401, 'error-401-timestamp-expired'), 'refused unauthenticated'],
    ['401 key', fixtureReply(401, 'error-401-unknown-key'), 'refused unauthenticated'],
    ['401 header', fixtureReply(401, 'error-401-missing-signature'), 'refused unauthenticated'],
    ['403', reply(403), 'refused forbidden'],
    ['404 of an unknown market', coded(404, 'market_not_found'), 'refused invalidOrder'],
    ['404 of anything else', fixtureReply(404, 'error-404-not-found'), 'unknown'],
    ['409 killed', fixtureReply(409, 'error-409-fok-insufficient-volume'), 'refused killed'],
    ['409 trading paused', fixtureReply(409, 'error-409-trading-is-paused'), 'refused venuePaused'],
    ['409 exchange paused', fixtureReply(409, 'error-409-exchange-is-paused'), 'refused venuePaused'],
    ['409 duplicate', fixtureReply(409, 'error-409-order-already-exists'), 'unknown, landed'],
    ['409 with a new code', coded(409, 'something_new'), 'unknown'],
    ['409 without a body', reply(409), 'unknown'],
    ['410', fixtureReply(410, 'error-410-deprecated-v1-order-endpoint'), 'refused invalidOrder'],
    ['422', coded(422, 'something_new'), 'unknown'],
    ['429', fixtureReply(429, 'error-429-too-many-requests'), 'refused rateLimited'],
    ['500', coded(500, 'internal_error'), 'unknown'],
    ['502', reply(502, '<html>'), 'unknown'],
    ['503 with a code that would be a refusal', coded(503, 'exchange_is_paused'), 'unknown'],
    ['504', reply(504), 'unknown'],
    ['301', reply(301), 'unknown'],
    ['201 without a body', reply(201), 'unknown'],
    ['200 with something else', reply(200, { ok: true }), 'unknown'],
    ['201 cut short', reply(201, '{"order_id":"2597b999-f8'), 'unknown'],
    ['201 without counts', reply(201, { order_id: ORDER_ID }), 'unknown'],
    [
      '201 with a count that is a number',
      reply(201, { order_id: ORDER_ID, fill_count: 1, remaining_count: 0 }),
      'unknown',
    ],
    ['no reply', lost, 'unknown'],
    ['nothing sent', notSent, 'refused notSent'],
  ])('%s', (_, outcome, expected) => {
    expect(shortOf(order(outcome))).toBe(expected);
  });

  it('that describes another order is unknown', () => {
    const outcome = fixtureReply(201, 'order-create-gtc-resting-response');
    const clientOrderId = '00000000-0000-4000-8000-000000000002';
    expect(shortOf(order(outcome, { clientOrderId }))).toBe('unknown');
  });

  it('429 is unknown by setting', () => {
    expect(shortOf(order(fixtureReply(429, 'error-429-too-many-requests'), { onLimit: 'unknown' }))).toBe('unknown');
  });

  it('passes on how long the venue asks to wait', () => {
    expect(order(reply(429, '', { 'retry-after': '7' }))).toMatchObject({ retryAfterMs: 7_000 });
    expect(order(reply(429))).toMatchObject({ retryAfterMs: undefined });
  });

  it('says that a post-only order would cross, to who asked for one', () => {
    const outcome = fixtureReply(400, 'error-400-post-only-cross');
    expect(shortOf(order(outcome, { postOnly: true }))).toBe('refused postOnlyWouldCross');
    expect(shortOf(order(outcome))).toBe('refused invalidOrder');
  });

  it('gives the average of a purchase of NO as a price of NO', () => {
    const outcome = fixtureReply(201, 'order-create-buy-no-filled-response');
    expect(order(outcome, { instrument: no })).toMatchObject({ averageE4: 3_300, filledE6: 8_930_000 });
    expect(order(outcome, { instrument: yes })).toMatchObject({ averageE4: 6_700 });
  });

  it('has no average where nothing was filled', () => {
    expect(order(fixtureReply(201, 'order-create-ioc-zero-fill-response'))).toMatchObject({ averageE4: undefined });
  });
});

describe('a reply to a cancel', () => {
  it.each<[string, HttpOutcome, string]>([
    ['200', fixtureReply(200, 'order-cancel-response'), 'done 1000000'],
    ['200 of another order', reply(200, { order_id: 'another', reduced_by: '1.00' }), 'unknown'],
    ['200 without a body', reply(200), 'unknown'],
    ['404', fixtureReply(404, 'error-404-not-found'), 'unknown'],
    ['400', coded(400, 'bad_request'), 'unknown'],
    ['401', fixtureReply(401, 'error-401-bad-signature'), 'refused unauthenticated'],
    ['403', reply(403), 'refused forbidden'],
    ['409 exchange paused', fixtureReply(409, 'error-409-exchange-is-paused'), 'refused venuePaused'],
    ['409 after the close', coded(409, 'market_inactive'), 'refused marketClosed'],
    ['409 with a new code', coded(409, 'something_new'), 'unknown'],
    ['410', fixtureReply(410, 'error-410-deprecated-v1-order-endpoint'), 'unknown'],
    ['429', fixtureReply(429, 'error-429-too-many-requests'), 'refused rateLimited'],
    ['500', reply(500), 'unknown'],
    ['503 with a code that would be a refusal', coded(503, 'exchange_is_paused'), 'unknown'],
    ['no reply', lost, 'unknown'],
    ['nothing sent', notSent, 'refused notSent'],
  ])('%s', (_, outcome, expected) => {
    expect(shortOf(cancel(outcome))).toBe(expected);
  });

  it('names the order when its fate is unknown', () => {
    expect(cancel(fixtureReply(404, 'error-404-not-found'))).toMatchObject({ venueOrderId: ORDER_ID });
  });

  it('of everything is done without saying how much', () => {
    expect(classifyCancelAll(reply(204), 'refused')).toEqual({ kind: 'done', canceledE6: undefined });
    expect(classifyCancelAll(reply(500), 'refused')).toMatchObject({ kind: 'unknown', venueOrderId: undefined });
    expect(classifyCancelAll(lost, 'refused').kind).toBe('unknown');
    expect(classifyCancelAll(notSent, 'refused').kind).toBe('refused');
  });
});

describe('a reply to an amend or a decrease', () => {
  const asked = {
    clientOrderId: '4a75a66e-ca85-4187-93cd-aac5e01ad983',
    instrument: yes,
    postOnly: false,
    onLimit: 'refused',
    venueOrderId: ORDER_ID,
  } as const;

  it('says what rests', () => {
    expect(classifyChange(fixtureReply(200, 'order-amend-response'), asked)).toMatchObject({ restingE6: 8_000_000 });
    expect(classifyChange(fixtureReply(200, 'order-decrease-response'), asked)).toMatchObject({ restingE6: 3_000_000 });
  });

  it.each<[string, HttpOutcome]>([
    ['404', fixtureReply(404, 'error-404-not-found')],
    ['200 of another order', reply(200, { order_id: 'another' })],
    ['500', reply(500)],
    ['no reply', lost],
  ])('%s is unknown and names the order', (_, outcome) => {
    expect(classifyChange(outcome, asked)).toMatchObject({ kind: 'unknown', venueOrderId: ORDER_ID });
  });
});

describe('a row of a batch', () => {
  const clientOrderId = '00000000-0000-4000-8000-000000000001';
  const asked = { clientOrderId, instrument: yes, postOnly: false, onLimit: 'refused' } as const;
  const created = { order_id: 'x', client_order_id: clientOrderId, fill_count: '0.00', remaining_count: '1.00' };

  it.each<[string, unknown, string]>([
    ['with an order', created, 'done 0/1000000'],
    ['with a null error', { ...created, error: null }, 'done 0/1000000'],
    ['with a refusal', { error: { code: 'insufficient_balance' } }, 'refused insufficientBalance'],
    ['with a duplicate', { error: { code: 'order_already_exists' } }, 'unknown, landed'],
    ['with a new code', { error: { code: 'internal_error' } }, 'unknown'],
    ['with an error that cannot be read', { ...created, error: {} }, 'unknown'],
    ['that cannot be read', 7, 'unknown'],
  ])('%s', (_, row, expected) => {
    expect(shortOf(classifyOrderRow(row, asked))).toBe(expected);
  });

  it('of a cancel that found nothing is unknown, although it counts 0', () => {
    const { orders } = restFixture('orders-batch-cancel-response') as { orders: { order_id: string }[] };
    const outcomes = orders.map((row) => classifyCancelRow(row, { venueOrderId: row.order_id, onLimit: 'refused' }));
    expect(outcomes.map(shortOf)).toEqual(['done 1000000', 'unknown']);
  });
});

describe('a reply to a read', () => {
  const schema = z.object({ value: z.string() });
  const read = (outcome: HttpOutcome) => classifyRead(outcome, schema, micros(7));

  it('gives what it holds and when it came', () => {
    expect(read(reply(200, { value: 'x', more: 1 }))).toEqual({ kind: 'read', value: { value: 'x' }, receivedAt: 7 });
  });

  it.each<[string, HttpOutcome, string]>([
    ['200 of another shape', reply(200, {}), 'malformed'],
    ['200 that is no JSON', reply(200, '<html>'), 'malformed'],
    ['400', fixtureReply(400, 'error-400-parameter-validation'), 'venueError'],
    ['401', fixtureReply(401, 'error-401-bad-signature'), 'unauthenticated'],
    ['403', reply(403), 'forbidden'],
    ['404', fixtureReply(404, 'error-404-not-found'), 'notFound'],
    ['429', fixtureReply(429, 'error-429-too-many-requests'), 'rateLimited'],
    ['500', reply(500), 'venueError'],
    ['no reply', lost, 'unreachable'],
    ['nothing sent', notSent, 'unreachable'],
  ])('%s', (_, outcome, fault) => {
    expect(read(outcome)).toMatchObject({ kind: 'failed', fault });
  });
});

describe('an error body', () => {
  it.each([
    ['nested', 'error-400-post-only-cross', { code: 'invalid_order', details: 'post only cross' }],
    ['flat', 'error-400-numeric-instead-of-string', { code: 'bad_request' }],
    ['a message', 'error-400-parameter-validation', { code: undefined }],
    ['a text', 'error-429-too-many-requests', { code: undefined, message: 'too many requests' }],
  ])('is read in the shape %s', (_, name, expected) => {
    expect(readErrorBody(JSON.stringify(restFixture(name)))).toMatchObject(expected);
  });

  it.each(['', '<html>', '[]', '{}', '{"error":{}}', 'null'])('of another shape is none: %s', (body) => {
    expect(readErrorBody(body)).toBeUndefined();
  });
});
