/** Who may trade, and with what. */
import { type ApiKeySpec, type AuthOptions, Keyring } from './auth.ts';
import { History } from './model.ts';
import { type Position, Purse } from './purse.ts';
import { RateLimits, TIERS, type TierLimits } from './rate-limit.ts';

export interface AccountSpec {
  readonly id: string;
  readonly userId?: string;
  readonly keys?: readonly ApiKeySpec[];
  /** Millionths of a dollar on shard 0, subaccount 0. */
  readonly cashMicro?: number;
  /** Every recorded API account is a direct member ($0.0001); everybody else is billed to the cent. */
  readonly isDirectMember?: boolean;
  readonly tier?: string;
  /** Instead of what the tier gives. */
  readonly limits?: TierLimits;
}

export interface PurseKey {
  readonly shard: number;
  readonly subaccount: number;
}

export class Account {
  readonly id: string;
  readonly userId: string;
  readonly precisionMicro: number;
  readonly createdMs: number;
  tier: string;
  limits: TierLimits;
  buckets: RateLimits;
  /**
   * Client order ids are used up (recorded demo session 2026-06-11), also by a killed order. For how long was never
   * seen: here until the cutoff passes them.
   */
  readonly usedClientIds = new ClientIds();
  /** Until then every new order is canceled again: a cancel-all may reach into the following minute. */
  cancelAllUntilMs = 0;
  readonly #purses = new Map<string, { readonly key: PurseKey; readonly purse: Purse }>();
  readonly #cash = new Map<string, History<number>>();
  readonly #positions = new Map<
    string,
    { readonly key: PurseKey; readonly ticker: string; history: History<Position> }
  >();

  constructor(spec: AccountSpec, nowMs: number) {
    this.id = spec.id;
    this.userId = spec.userId ?? spec.id;
    this.precisionMicro = (spec.isDirectMember ?? true) ? 100 : 10_000;
    this.createdMs = nowMs;
    this.tier = spec.tier ?? 'basic';
    this.limits = spec.limits ?? tierLimits(this.tier);
    this.buckets = new RateLimits(this.limits, nowMs);
    this.purse({ shard: 0, subaccount: 0 }).cashMicro = spec.cashMicro ?? 0;
    this.remember({ shard: 0, subaccount: 0 }, nowMs);
  }

  /** Made when first asked for, empty. */
  purse(key: PurseKey): Purse {
    const name = nameOf(key);
    const found = this.#purses.get(name);
    if (found !== undefined) return found.purse;
    const purse = new Purse();
    this.#purses.set(name, { key, purse });
    return purse;
  }

  purses(): readonly { readonly key: PurseKey; readonly purse: Purse }[] {
    return [...this.#purses.values()];
  }

  /** Notes what is true now, for reads that lag. */
  remember(key: PurseKey, nowMs: number, ticker?: string): void {
    const purse = this.purse(key);
    const cash = this.#cash.get(nameOf(key)) ?? new History<number>();
    this.#cash.set(nameOf(key), cash);
    cash.push(nowMs, purse.cashMicro);
    if (ticker === undefined) return;
    const name = `${nameOf(key)}:${ticker}`;
    const known = this.#positions.get(name) ?? { key, ticker, history: new History<Position>() };
    this.#positions.set(name, known);
    known.history.push(nowMs, purse.position(ticker));
  }

  cashAt(key: PurseKey, ms: number): number {
    return this.#cash.get(nameOf(key))?.at(ms) ?? 0;
  }

  positionsAt(ms: number): readonly { readonly key: PurseKey; readonly ticker: string; readonly position: Position }[] {
    return [...this.#positions.values()].flatMap(({ key, ticker, history }) => {
      const position = history.at(ms);
      return position === undefined ? [] : [{ key, ticker, position }];
    });
  }

  forgetBefore(ms: number): void {
    this.usedClientIds.forgetBefore(ms);
    for (const cash of this.#cash.values()) cash.forgetBefore(ms);
    for (const { history } of this.#positions.values()) history.forgetBefore(ms);
  }

  upgrade(tier: string, nowMs: number): void {
    this.tier = tier;
    this.limits = tierLimits(tier);
    this.buckets = new RateLimits(this.limits, nowMs);
  }
}

class ClientIds {
  readonly #usedAtMs = new Map<string, number>();

  has(id: string): boolean {
    return this.#usedAtMs.has(id);
  }

  add(id: string, nowMs: number): void {
    this.#usedAtMs.set(id, nowMs);
  }

  forgetBefore(ms: number): void {
    for (const [id, atMs] of this.#usedAtMs) if (atMs < ms) this.#usedAtMs.delete(id);
  }
}

export class Accounts {
  readonly keyring: Keyring;
  readonly #accounts = new Map<string, Account>();

  constructor(auth: AuthOptions) {
    this.keyring = new Keyring(auth);
  }

  add(spec: AccountSpec, nowMs: number): Account {
    if (this.#accounts.has(spec.id)) throw new Error(`account ${spec.id} exists`);
    const account = new Account(spec, nowMs);
    this.#accounts.set(spec.id, account);
    for (const key of spec.keys ?? []) this.keyring.add(spec.id, key);
    return account;
  }

  get(id: string): Account {
    const account = this.#accounts.get(id);
    if (account === undefined) throw new Error(`no account ${id}`);
    return account;
  }

  find(id: string): Account | undefined {
    return this.#accounts.get(id);
  }

  all(): readonly Account[] {
    return [...this.#accounts.values()];
  }
}

function nameOf({ shard, subaccount }: PurseKey): string {
  return `${shard}/${subaccount}`;
}

function tierLimits(tier: string): TierLimits {
  const limits = TIERS[tier];
  if (limits === undefined) throw new Error(`no usage tier ${JSON.stringify(tier)}`);
  return limits;
}
