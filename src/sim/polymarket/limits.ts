/**
 * Request limits: token buckets per signer by tier (live since about 2026-08-06), and per address a window of ten
 * seconds, where the edge network holds requests back first and refuses them only later.
 */
import type { ServerReply } from '../../domain/ports/local-server.ts';
import type { Tier } from './options.ts';
import { failure, type Headers, TEXT } from './replies.ts';

interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

const ORDERS: Readonly<Record<Tier, Rate>> = {
  standard: { perSecond: 40, burst: 60 },
  copper: { perSecond: 60, burst: 90 },
  bronze: { perSecond: 80, burst: 120 },
  silver: { perSecond: 200, burst: 300 },
  gold: { perSecond: 400, burst: 600 },
  platinum: { perSecond: 450, burst: 675 },
  diamond: { perSecond: 525, burst: 787 },
  elite: { perSecond: 600, burst: 900 },
};

export type BucketKind = 'order' | 'cancel';

interface Bucket {
  tokens: number;
  atMs: number;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly headers: Headers }
  | { readonly kind: 'refused'; readonly reply: ServerReply };

export class Limits {
  readonly #buckets = new Map<string, Bucket>();
  readonly #tiers = new Map<string, Tier>();
  readonly #defaultTier: Tier;
  readonly #nowMs: () => number;

  constructor(given: { readonly defaultTier: Tier; readonly nowMs: () => number }) {
    this.#defaultTier = given.defaultTier;
    this.#nowMs = given.nowMs;
  }

  setTier(signer: string, tier: Tier): void {
    this.#tiers.set(signer.toLowerCase(), tier);
  }

  tierOf(signer: string): Tier {
    return this.#tiers.get(signer.toLowerCase()) ?? this.#defaultTier;
  }

  /** All or nothing: what costs more than the burst can never be admitted. */
  admit(signer: string, what: { readonly kind: BucketKind; readonly cost: number }): Admission {
    const bucket = this.#refilled(signer, what.kind);
    if (what.cost > bucket.tokens) return { kind: 'refused', reply: this.#refusal(signer, what) };
    bucket.tokens -= what.cost;
    return { kind: 'admitted', headers: this.#headers(signer, what.kind) };
  }

  /** Cancel-all is priced when it is done, and may leave less than nothing; until that refills, cancels are refused. */
  charge(signer: string, cost: number): Headers {
    this.#refilled(signer, 'cancel').tokens -= cost;
    return this.#headers(signer, 'cancel');
  }

  #rate(signer: string, kind: BucketKind): Rate {
    const rate = ORDERS[this.tierOf(signer)];
    return kind === 'order' ? rate : { perSecond: rate.perSecond * 2, burst: rate.burst * 2 };
  }

  #refilled(signer: string, kind: BucketKind): Bucket {
    const name = `${kind}/${signer.toLowerCase()}`;
    const { perSecond, burst } = this.#rate(signer, kind);
    const now = this.#nowMs();
    const bucket = this.#buckets.get(name) ?? { tokens: burst, atMs: now };
    const passed = Math.max(0, now - bucket.atMs);
    bucket.tokens = Math.min(burst, bucket.tokens + (passed * perSecond) / 1000);
    bucket.atMs = now;
    this.#buckets.set(name, bucket);
    return bucket;
  }

  #headers(signer: string, kind: BucketKind): Headers {
    const { perSecond, burst } = this.#rate(signer, kind);
    const { tokens } = this.#refilled(signer, kind);
    const fullInMs = ((burst - tokens) * 1000) / perSecond;
    return {
      'poly-ratelimit-remaining': String(Math.max(0, Math.floor(tokens))),
      'poly-ratelimit-reset': String(Math.ceil((this.#nowMs() + fullInMs) / 1000)),
      'poly-ratelimit-tier': this.tierOf(signer),
    };
  }

  #refusal(signer: string, { kind, cost }: { readonly kind: BucketKind; readonly cost: number }): ServerReply {
    const { perSecond } = this.#rate(signer, kind);
    const missing = cost - this.#refilled(signer, kind).tokens;
    const retryAfter = String(Math.max(1, Math.ceil(missing / perSecond)));
    const reply = failure(429, TEXT.tooMany);
    return { ...reply, headers: { ...reply.headers, ...this.#headers(signer, kind), 'retry-after': retryAfter } };
  }
}

const WINDOW_MS = 10_000;
const WINDOWS: readonly (readonly [name: RegExp, perWindow: number])[] = [
  [/^GET \/(?:book|price|midpoint)$/, 1_500],
  [/^POST \/(?:books|prices|midpoints)$/, 500],
  [/^GET \/tick-size$/, 200],
  [/^GET \/data\/(?:orders|trades)$/, 500],
  [/^GET \/balance-allowance$/, 200],
  [/^GET \/balance-allowance\/update$/, 50],
  [/^\w+ \/auth\//, 100],
  [/^(?:POST|DELETE) \/order$/, 5_000],
  [/^(?:POST|DELETE) \/orders$/, 2_000],
  [/^DELETE \/cancel-all$/, 250],
  [/^DELETE \/cancel-market-orders$/, 1_500],
  [/./, 9_000],
];

/** How long a request is held back, or undefined when it is refused: twice the limit is too much. */
export class AddressWindows {
  readonly #nowMs: () => number;
  readonly #counts = new Map<string, { startMs: number; count: number }>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  heldBackMs(remote: string, endpoint: string): number | undefined {
    const at = WINDOWS.findIndex(([name]) => name.test(endpoint));
    const most = WINDOWS[at]?.[1] ?? 0;
    const key = `${remote}/${at}`;
    const now = this.#nowMs();
    const window = this.#counts.get(key);
    const current = window === undefined || now - window.startMs >= WINDOW_MS ? { startMs: now, count: 0 } : window;
    current.count++;
    this.#counts.set(key, current);
    if (current.count <= most) return 0;
    return current.count <= most * 2 ? current.startMs + WINDOW_MS - now : undefined;
  }
}
