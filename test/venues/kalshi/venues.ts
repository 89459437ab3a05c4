/** A Kalshi adapter over scripted transports, with the replies of a quiet venue. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Instrument, uniformGrid } from '../../../src/domain/instrument.ts';
import type { HttpOutcome, HttpRequest } from '../../../src/domain/ports/http.ts';
import type {
  CancelOutcome,
  Listing,
  OrderOutcome,
  OrderRequest,
  PreparedOrder,
} from '../../../src/domain/ports/venue.ts';
import { contracts, micros, millis, priceE4 } from '../../../src/domain/units.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { KalshiVenue } from '../../../src/venues/kalshi/kalshi-venue.ts';
import { kalshiDefaults } from '../../../src/venues/kalshi/presets.ts';
import type { KalshiSettings } from '../../../src/venues/kalshi/settings.ts';
import type { KalshiSigner } from '../../../src/venues/kalshi/sign.ts';
import { reply, ScriptedHttp, ScriptedSockets } from '../../support/scripted-transport.ts';

export const TICKER = 'KXWTACHALLENGERMATCH-26JUN11JIMLEP-LEP';
export const yes: Instrument = { book: `kalshi/${TICKER}`, inverted: false };
export const no: Instrument = { book: `kalshi/${TICKER}`, inverted: true };
export const ORDER_ID = '2597b999-f887-4195-8bac-c3f97a1f2021';
export const CLIENT_ID = '4a75a66e-ca85-4187-93cd-aac5e01ad982';

export function restFixture(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../../fixtures/kalshi/rest/${name}.json`, import.meta.url), 'utf8'));
}

/** Signs nothing: its signature shows what was signed, at once and always alike. */
export const plainSigner: KalshiSigner = {
  sign: signatureOf,
  signLater: (text) => Promise.resolve(signatureOf(text)),
};

function signatureOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

type Reaction = HttpOutcome | ((request: HttpRequest) => HttpOutcome | undefined);

export class VenueBench {
  readonly clock = new VirtualClock();
  readonly http: ScriptedHttp;
  readonly sockets = new ScriptedSockets();
  readonly venue: KalshiVenue;
  readonly #reactions = new Map<string, Reaction>();

  constructor(options: { readonly settings?: Partial<KalshiSettings>; readonly signer?: KalshiSigner } = {}) {
    this.http = new ScriptedHttp((request) => this.#react(request));
    this.venue = new KalshiVenue({
      hosts: { restUrl: 'https://venue.test/trade-api/v2', socketUrl: 'wss://venue.test/trade-api/ws/v2' },
      settings: { ...kalshiDefaults, ...options.settings },
      keyId: '00000000-0000-4000-8000-00000000000a',
      signer: options.signer ?? plainSigner,
      http: this.http,
      sockets: this.sockets,
      clock: this.clock,
    });
    this.on('GET /account/limits', reply(200, restFixture('account-limits')));
    this.on('GET /account/endpoint_costs', reply(200, restFixture('account-endpoint-costs')));
  }

  /** What answers a method and path below the base; without a rule the venue knows nothing. */
  on(line: string, reaction: Reaction): this {
    this.#reactions.set(line, reaction);
    return this;
  }

  /** A venue that knows the market with whole cents, with nothing sent that a test would count. */
  async warmed(listing: Partial<Listing> = {}): Promise<this> {
    await this.venue.warm([listingStub(listing)]);
    this.http.requests.length = 0;
    return this;
  }

  prepared(request: Partial<OrderRequest> = {}): PreparedOrder {
    const order = this.venue.prepare(orderRequest(request));
    if ('kind' in order) throw new Error(`expected an order, found ${order.detail}`);
    return order;
  }

  /** The outcome of an order that the venue answers like this. */
  async submitted(outcome: HttpOutcome, request: Partial<OrderRequest> = {}): Promise<OrderOutcome> {
    this.on('POST /portfolio/events/orders', outcome);
    return await new Promise((resolve) => this.venue.submit(this.prepared(request), resolve));
  }

  async canceled(outcome: HttpOutcome): Promise<CancelOutcome> {
    this.on(`DELETE /portfolio/events/orders/${ORDER_ID}`, outcome);
    return await new Promise((resolve) => this.venue.cancel(ORDER_ID, yes, resolve));
  }

  /** Requests that could make or change an order. */
  get writes(): HttpRequest[] {
    return this.http.requests.filter(({ method }) => method !== 'GET');
  }

  #react(request: HttpRequest): HttpOutcome | undefined {
    const path = new URL(request.url).pathname.replace('/trade-api/v2', '');
    const reaction = this.#reactions.get(`${request.method} ${path}`);
    if (reaction === undefined) return reply(404, restFixture('error-404-not-found'));
    return typeof reaction === 'function' ? reaction(request) : reaction;
  }
}

export function orderRequest(fields: Partial<OrderRequest> = {}): OrderRequest {
  return {
    clientOrderId: CLIENT_ID,
    instrument: yes,
    action: 'buy',
    limitE4: priceE4(4_700),
    sizeE6: contracts(1),
    timeInForce: 'goodTillCanceled',
    expiresAt: undefined,
    postOnly: false,
    reduceOnly: false,
    isReducing: false,
    ...fields,
  };
}

export function listingStub(fields: Partial<Listing> = {}): Listing {
  return {
    venue: 'kalshi',
    venueKey: TICKER,
    eventKey: undefined,
    seriesKey: undefined,
    title: 'a match',
    yes,
    no,
    outcomeNames: ['Player B', 'Player B'],
    standing: 'open',
    grid: uniformGrid(100),
    minSizeE6: contracts(1),
    fees: undefined,
    feeProblem: 'not read',
    rulesText: '',
    rulesHash: 'sha256:',
    closesAt: undefined,
    expectedResolutionAt: undefined,
    isExclusive: false,
    strike: undefined,
    yesPayoutE4: undefined,
    canCloseEarly: false,
    compartment: undefined,
    takerDelayMs: millis(0),
    readAt: micros(0),
    ...fields,
  };
}
