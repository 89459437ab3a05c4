/** Polymarket behind the venue port. It binds the parts of this folder together and decides nothing itself. */
import { type Instrument, venueOf } from '../../domain/instrument.ts';
import { InvariantError, invariant } from '../../domain/invariant.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { HttpTransport } from '../../domain/ports/http.ts';
import type { BookSnapshot, MarketDataEvent } from '../../domain/ports/market-data.ts';
import type { Random } from '../../domain/ports/random.ts';
import type { SocketTransport } from '../../domain/ports/socket.ts';
import type {
  Balance,
  CancelOutcome,
  Fill,
  Listing,
  ListingQuery,
  OrderOutcome,
  OrderRequest,
  OrderState,
  Position,
  PreparedOrder,
  PrivateEvent,
  Reading,
  Refused,
  Settlement,
  Stream,
  StreamListener,
  Venue,
  VenueStatus,
} from '../../domain/ports/venue.ts';
import { RateLimiter, type RateState } from '../../domain/rate-limit.ts';
import { type Micros, type Millis, millis } from '../../domain/units.ts';
import { type AccountCheck, PolymarketAccount } from './account.ts';
import { BookReader } from './book-reads.ts';
import { type OutgoingOrder, PolymarketCommands } from './commands.ts';
import { CLOB } from './endpoints.ts';
import { findOrderByHash } from './find-order.ts';
import { VenueGate } from './gate.ts';
import { type ApiCredentials, L2Authenticator } from './l2-auth.ts';
import { ListingReader } from './listing-reads.ts';
import { MarketTermsBook } from './market-terms.ts';
import { type AccountTerms, type BuiltOrder, buildOrder } from './order-build.ts';
import type { PolymarketSettings } from './presets.ts';
import { failed, mapReading, PolymarketRest } from './rest.ts';
import { timeReply } from './rest-wire.ts';
import { checkedAddress, type PolymarketSigner } from './signer.ts';
import { openMarketStream } from './socket.ts';
import type { OwnMarks } from './trade-fills.ts';
import { openUserStream } from './user-socket.ts';

const MICROS_PER_MILLI = 1_000;

export interface PolymarketVenueOptions {
  readonly http: HttpTransport;
  readonly sockets: SocketTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly signer: PolymarketSigner;
  readonly credentials: ApiCredentials;
  readonly settings: PolymarketSettings;
  /** What orders need to know of markets, where somebody knows it already. */
  readonly terms?: MarketTermsBook;
}

/** An order between its preparation and its submission. */
interface Outgoing {
  readonly built: BuiltOrder;
  sealed: Pick<OutgoingOrder, 'wireBody' | 'proof'> | undefined;
}

export class PolymarketVenue implements Venue {
  readonly name = 'polymarket';
  /** A sale needs the shares and so only ever reduces; no flag forbids a purchase. Payouts are claimed on the chain. */
  readonly unsupported: Venue['unsupported'] = new Set(['amend', 'reduceOnly', 'settlements']);

  readonly #options: PolymarketVenueOptions;
  readonly #accountTerms: AccountTerms;
  readonly #authenticator: L2Authenticator;
  readonly #marks: OwnMarks;
  readonly #terms: MarketTermsBook;
  readonly #gate = new VenueGate();
  readonly #rest: PolymarketRest;
  readonly #account: PolymarketAccount;
  readonly #listings: ListingReader;
  readonly #books: BookReader;
  readonly #commands: PolymarketCommands;
  /** What was built, by the order it belongs to; an entry leaves when it is sent, so nothing is sent twice. */
  readonly #outgoing = new WeakMap<PreparedOrder, Outgoing>();
  #streamsOpened = 0;

  constructor(options: PolymarketVenueOptions) {
    const { http, clock, settings, signer, credentials } = options;
    invariant(
      signer.chainId === settings.chainId,
      () => `expected a signer of chain ${settings.chainId}, found ${signer.chainId}`,
    );
    this.#options = options;
    this.#terms = options.terms ?? new MarketTermsBook();
    this.#accountTerms = { signatureType: settings.signatureType, funder: funderOf(settings, signer) };
    this.#authenticator = new L2Authenticator({ address: signer.address, credentials });
    this.#marks = { owner: this.#authenticator.owner(), funder: this.#accountTerms.funder };
    const limiter = new RateLimiter(settings.readLimit, clock.nowMs());
    this.#rest = new PolymarketRest({ http, clock, settings, authenticator: this.#authenticator, limiter });
    const { chainId, signatureType } = settings;
    this.#account = new PolymarketAccount({ rest: this.#rest, marks: this.#marks, chainId, signatureType });
    this.#listings = new ListingReader({ rest: this.#rest, terms: this.#terms });
    this.#books = new BookReader({ rest: this.#rest, terms: this.#terms });
    this.#commands = new PolymarketCommands({
      http,
      clock,
      settings,
      authenticator: this.#authenticator,
      gate: this.#gate,
    });
  }

  /** Orders, cancels and the heartbeat beyond what the port asks for. */
  get commands(): PolymarketCommands {
    return this.#commands;
  }

  /** How much of our budgets is used, for alerts. */
  rateStates(): { readonly read: RateState; readonly write: RateState; readonly cancel: RateState } {
    const nowMs = this.#options.clock.nowMs();
    return { read: this.#rest.rateState(nowMs), ...this.#commands.rateStates(nowMs) };
  }

  /** What replies to orders have shown, without asking. */
  standing(): VenueStatus {
    return this.#gate.status(this.#options.clock.nowMs());
  }

  /** Start-up: whether live trading may be armed. */
  check(): Promise<Reading<AccountCheck>> {
    return this.#account.check();
  }

  /** After a deposit or an approval (money), or before selling what was just bought (an outcome). */
  refreshBalance(instrument?: Instrument): Promise<Reading<void>> {
    if (instrument === undefined) return this.#account.refreshBalance();
    const tokenId = tokenIdOf(instrument);
    const isPosition = this.#terms.find(tokenId)?.exchange === 'exchangeV3';
    return this.#account.refreshBalance({ type: isPosition ? 'CONDITIONAL-V2' : 'CONDITIONAL', tokenId });
  }

  rateLimitTier(): Promise<Reading<string>> {
    return this.#account.rateLimitTier();
  }

  listings(query: ListingQuery): Promise<Reading<readonly Listing[]>> {
    return this.#listings.listings(query);
  }

  book(instrument: Instrument): Promise<Reading<BookSnapshot>> {
    return this.#books.book(instrument);
  }

  /** Several books at once, for cross-checks of a stream. */
  books(instruments: readonly Instrument[]): Promise<Reading<readonly BookSnapshot[]>> {
    return this.#books.books(instruments);
  }

  /** The market that an outcome belongs to. */
  conditionOf(instrument: Instrument): Promise<Reading<string>> {
    return this.#books.conditionOf(instrument);
  }

  /** That it answers, and what its replies to orders have shown; there is nothing else to ask. */
  async status(): Promise<Reading<VenueStatus>> {
    const reading = await this.#rest.read({ host: 'clob', path: CLOB.time, schema: timeReply });
    return mapReading(reading, () => this.#gate.status(this.#options.clock.nowMs()));
  }

  /** The venue tells whole seconds, so half of one is added: the offset is right within half a second. */
  async clockOffsetMs(): Promise<Reading<Millis>> {
    const { clock } = this.#options;
    const before = clock.wall();
    const reading = await this.#rest.read({ host: 'clob', path: CLOB.time, schema: timeReply });
    return mapReading(reading, (seconds) => {
      const midway = (before + clock.wall()) / 2 / MICROS_PER_MILLI;
      return millis(Math.round(seconds * 1_000 + 500 - midway));
    });
  }

  warm(listings: readonly Listing[]): Promise<Reading<void>> {
    return this.#listings.warm(listings);
  }

  prepare(request: OrderRequest): PreparedOrder | Refused<'unsupported' | 'invalidOrder'> {
    const terms = this.#terms.find(tokenIdOf(request.instrument));
    if (terms === undefined) {
      const detail = `expected terms of ${request.instrument.book} read before the order, found none`;
      return { kind: 'refused', reason: 'unsupported', detail, retryAfterMs: undefined };
    }
    const { signer, clock, random } = this.#options;
    const built = buildOrder(request, terms, { account: this.#accountTerms, signer, clock, random });
    if ('kind' in built) return built;
    const { orderId, body } = built;
    const prepared: PreparedOrder = { request, venue: 'polymarket', venueOrderId: orderId, body };
    this.#outgoing.set(prepared, { built, sealed: undefined });
    return prepared;
  }

  seal(order: PreparedOrder): void {
    const outgoing = this.#outgoing.get(order);
    if (outgoing !== undefined) outgoing.sealed ??= this.#sealed(outgoing.built);
  }

  submit(order: PreparedOrder, onOutcome: (outcome: OrderOutcome) => void, onSent?: () => void): void {
    const outgoing = this.#outgoing.get(order);
    if (outgoing === undefined)
      throw new InvariantError(`order ${order.venueOrderId} must be prepared here and sent once, found neither`);
    this.#outgoing.delete(order);
    const { orderId, amounts } = outgoing.built;
    const sealed = outgoing.sealed ?? this.#sealed(outgoing.built);
    this.#commands.submit({ request: order.request, orderId, amounts, ...sealed }, onOutcome, onSent);
  }

  #sealed(built: BuiltOrder): Pick<OutgoingOrder, 'wireBody' | 'proof'> {
    const wireBody = built.wireBody(this.#authenticator.owner());
    return { wireBody, proof: this.#commands.prove(wireBody) };
  }

  cancel(venueOrderId: string, _instrument: Instrument, onOutcome: (outcome: CancelOutcome) => void): void {
    this.#commands.cancel(venueOrderId, onOutcome);
  }

  cancelAll(onOutcome: (outcome: CancelOutcome) => void): void {
    this.#commands.cancelAll(onOutcome);
  }

  order(venueOrderId: string): Promise<Reading<OrderState>> {
    return this.#account.order(venueOrderId);
  }

  openOrders(): Promise<Reading<readonly OrderState[]>> {
    return this.#account.openOrders();
  }

  findOrder(order: PreparedOrder, since: Micros): Promise<Reading<OrderState | undefined>> {
    return findOrderByHash(this.#account, { order, since });
  }

  fills(since: Micros, instrument?: Instrument): Promise<Reading<readonly Fill[]>> {
    return this.#account.fills(since, instrument);
  }

  balance(): Promise<Reading<Balance>> {
    return this.#account.balance();
  }

  positions(): Promise<Reading<readonly Position[]>> {
    return this.#account.positions();
  }

  settlements(): Promise<Reading<readonly Settlement[]>> {
    return Promise.resolve(failed('unsupported', 'the venue keeps no list of payouts: they are claimed on the chain'));
  }

  openMarketData(listener: StreamListener<MarketDataEvent>): Stream {
    const { sockets: transport, settings } = this.#options;
    this.#streamsOpened++;
    const connection = `polymarket/${this.#streamsOpened}`;
    return openMarketStream({ transport, settings, connection, terms: this.#terms }, listener);
  }

  openPrivate(listener: StreamListener<PrivateEvent>): Stream {
    const { sockets: transport, settings } = this.#options;
    return openUserStream({ transport, settings, authenticator: this.#authenticator, marks: this.#marks }, listener);
  }

  /** Ends what waits. The transports belong to whoever gave them. */
  close(): Promise<void> {
    this.#rest.close();
    return Promise.resolve();
  }
}

/** An ordinary account pays by itself; every other type names who does. */
function funderOf({ signatureType, funder }: PolymarketSettings, signer: PolymarketSigner): string {
  if (signatureType === 0) {
    invariant(
      funder === undefined || checkedAddress(funder) === signer.address,
      'signature type 0 must have no funder but the key itself, found another address',
    );
    return signer.address;
  }
  if (funder === undefined) throw new InvariantError(`signature type ${signatureType} must name a funder, found none`);
  return checkedAddress(funder);
}

function tokenIdOf({ book }: Instrument): string {
  invariant(venueOf(book) === 'polymarket', () => `expected an instrument of Polymarket, found ${book}`);
  return book.slice('polymarket/'.length);
}
