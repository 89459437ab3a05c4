/** A venue over scripted transports and a clock that stands still, with a market that orders can be prepared for. */
import type { OrderOutcome, OrderRequest, PreparedOrder, Reading } from '../../../src/domain/ports/venue.ts';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { priceE4, sizeE6 } from '../../../src/domain/units.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import type { ApiCredentials } from '../../../src/venues/polymarket/l2-auth.ts';
import { PolymarketVenue } from '../../../src/venues/polymarket/polymarket-venue.ts';
import { type PolymarketSettings, PRODUCTION_SETTINGS } from '../../../src/venues/polymarket/presets.ts';
import { reply, ScriptedHttp, ScriptedSockets } from '../../support/scripted-polymarket.ts';
import { NOW, testCredentials, testSigner } from './accounts.ts';
import { CONDITION, clobMarket, fixture, idOf, type Json, YES } from './frames.ts';

export const gammaV1 = { ...(fixture('gamma-market-v1') as Json), conditionId: CONDITION };

export function underTest(
  of: { readonly settings?: Partial<PolymarketSettings>; readonly credentials?: ApiCredentials } = {},
) {
  const http = new ScriptedHttp();
  const sockets = new ScriptedSockets();
  const clock = new VirtualClock({ wall: NOW });
  const signer = testSigner();
  const settings = { ...PRODUCTION_SETTINGS, signatureType: 0 as const, funder: undefined, ...of.settings };
  const credentials = of.credentials ?? testCredentials();
  const random = seededRandom('venue');
  const venue = new PolymarketVenue({ http, sockets, clock, random, signer, credentials, settings });
  return { venue, http, sockets, clock, signer };
}

export type UnderTest = ReturnType<typeof underTest>;

/** The market of the fixtures, as both interfaces answer it. */
export function withMarket(http: ScriptedHttp, clob: Json = {}): ScriptedHttp {
  return http
    .on('GET /version', reply({ version: 2 }))
    .on('GET /markets/keyset', reply({ markets: [gammaV1] }))
    .on(`GET /clob-markets/${CONDITION}`, reply(clobMarket(clob)));
}

/** A venue that has read its market and forgot that it asked. */
export async function warmVenue(of: Parameters<typeof underTest>[0] = {}): Promise<UnderTest> {
  const under = underTest(of);
  withMarket(under.http);
  const reading = await under.venue.listings({ venueKeys: [CONDITION] });
  if (reading.kind === 'failed' || reading.value.length !== 1) throw new Error('expected one listing');
  under.http.requests.length = 0;
  return under;
}

export function orderRequest(over: Partial<OrderRequest> = {}): OrderRequest {
  return {
    clientOrderId: 'client-1',
    instrument: { book: idOf(YES), inverted: false },
    action: 'buy',
    limitE4: priceE4(5_000),
    sizeE6: sizeE6(20_000_000),
    timeInForce: 'fillOrKill',
    expiresAt: undefined,
    postOnly: false,
    reduceOnly: false,
    isReducing: false,
    ...over,
  };
}

export function preparedOn({ venue }: UnderTest, over: Partial<OrderRequest> = {}): PreparedOrder {
  const prepared = venue.prepare(orderRequest(over));
  if ('kind' in prepared) throw new Error(prepared.detail);
  return prepared;
}

/** The order's id, and the outcomes that came at once. */
export function submitOn(under: UnderTest, over: Partial<OrderRequest> = {}) {
  const order = preparedOn(under, over);
  const outcomes: OrderOutcome[] = [];
  let sent = 0;
  under.venue.submit(
    order,
    (outcome) => outcomes.push(outcome),
    () => sent++,
  );
  return { order, outcomes, sent };
}

/** Lets every wait of ours pass. */
export async function settled<T>({ clock }: UnderTest, promise: Promise<Reading<T>>): Promise<Reading<T>> {
  await clock.settleUntilIdle();
  return promise;
}

/** One page of a CLOB list. */
export function page(data: readonly unknown[], next_cursor = 'LTE='): ReturnType<typeof reply> {
  return reply({ limit: 100, count: data.length, next_cursor, data });
}

/** What was read, or the name of the fault. */
export function readOf<T>(reading: Reading<T>): T | string {
  return reading.kind === 'read' ? reading.value : reading.fault;
}
