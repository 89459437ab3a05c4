/** What every request of the adapter shares: where it goes, who signs it, and the budgets it draws on. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { HttpTransport } from '../../domain/ports/http.ts';
import { RateLimiter, shareOf } from '../../domain/rate-limit.ts';
import { type Endpoint, EndpointCosts, type PathIds, pathOf } from './endpoints.ts';
import type { KalshiSettings, VenueBucket } from './settings.ts';
import type { KalshiSigner } from './sign.ts';
import { RequestSigner } from './signed-headers.ts';

/** The cost of most requests, and so the least that either side of a reserve must hold. */
const UNIT_COST = 10;

export class WireAccess {
  readonly http: HttpTransport;
  readonly clock: Clock;
  readonly signer: RequestSigner;
  readonly settings: KalshiSettings;
  readonly costs: EndpointCosts;
  readonly reads: RateLimiter;
  readonly writes: RateLimiter;
  readonly #origin: string;
  readonly #basePath: string;

  constructor(given: {
    readonly http: HttpTransport;
    readonly clock: Clock;
    readonly signer: KalshiSigner;
    readonly keyId: string;
    readonly restUrl: string;
    readonly settings: KalshiSettings;
  }) {
    const { http, clock, settings } = given;
    const url = new URL(given.restUrl);
    this.http = http;
    this.clock = clock;
    this.settings = settings;
    this.signer = new RequestSigner({ keyId: given.keyId, signer: given.signer, clock });
    this.#origin = url.origin;
    this.#basePath = url.pathname.replace(/\/$/, '');
    this.costs = new EndpointCosts(this.#basePath);
    this.reads = new RateLimiter(this.#share('read', settings.limits.read), clock.nowMs());
    this.writes = new RateLimiter(this.#share('write', settings.limits.write), clock.nowMs());
  }

  /** The path as it is signed: from the root of the host, without a query. */
  pathOf(endpoint: Endpoint, ids: PathIds = {}): string {
    return this.#basePath + pathOf(endpoint, ids);
  }

  /** The address of a signed path, with a query that is not signed. */
  urlOf(path: string, query: string): string {
    return `${this.#origin}${path}${query}`;
  }

  /** Takes our share of what the venue allows. False, and nothing changes, when a share holds no request. */
  adoptLimits(limits: { readonly read: VenueBucket; readonly write: VenueBucket }): boolean {
    const { shares } = this.settings;
    const least = 2 * UNIT_COST;
    if (limits.read.capacity * shares.read < least || limits.write.capacity * shares.write < least) return false;
    this.reads.adopt(this.#share('read', limits.read), this.clock.nowMs());
    this.writes.adopt(this.#share('write', limits.write), this.clock.nowMs());
    return true;
  }

  #share(bucket: 'read' | 'write', venue: VenueBucket) {
    const { shares } = this.settings;
    const [share, reserveShare] =
      bucket === 'read' ? [shares.read, shares.readReserve] : [shares.write, shares.writeReserve];
    return shareOf(venue, { share, reserveShare, unitCost: UNIT_COST });
  }
}
