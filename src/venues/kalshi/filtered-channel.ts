/**
 * One channel of a market data socket that is filtered by market: which markets it should carry, how its
 * subscription stands, and which commands wait for an answer.
 */
import type { CommandParams, Connection } from './connection.ts';
import type { KalshiFrame } from './frame.ts';

/** Tickers in one command: keeps it well below any limit of a message. */
const TICKERS_MAX = 500;

type Standing =
  | { readonly kind: 'none' }
  | { readonly kind: 'asked'; readonly commandId: number }
  | { readonly kind: 'live'; readonly sid: number };

export class FilteredChannel {
  readonly #channel: string;
  readonly #params: CommandParams;
  readonly #connection: Connection;
  /** Shared by all channels of the socket. */
  readonly #wanted: ReadonlySet<string>;
  /** Tickers that a command named and no answer refused. */
  readonly #asked = new Set<string>();
  /** The tickers of each addition that has no answer yet. */
  readonly #additions = new Map<number, readonly string[]>();
  #standing: Standing = { kind: 'none' };

  constructor(given: {
    readonly channel: string;
    /** Beside the tickers. */
    readonly params: CommandParams;
    readonly connection: Connection;
    readonly wanted: ReadonlySet<string>;
  }) {
    this.#channel = given.channel;
    this.#params = given.params;
    this.#connection = given.connection;
    this.#wanted = given.wanted;
  }

  /**
   * Asks for what is wanted and not carried. All markets share one subscription: what a second one to the
   * same channel does at this venue is unverified. Until the first has a number, the rest waits.
   */
  ask(): void {
    if (!this.#connection.isOpen || this.#standing.kind === 'asked') return;
    const missing = [...this.#wanted].filter((ticker) => !this.#asked.has(ticker));
    if (missing.length === 0) return;
    if (this.#standing.kind === 'live') {
      for (const tickers of chunksOf(missing)) this.#add(this.#standing.sid, tickers);
      return;
    }
    const first = missing.slice(0, TICKERS_MAX);
    const commandId = this.#connection.command('subscribe', {
      channels: [this.#channel],
      market_tickers: first,
      ...this.#params,
    });
    if (commandId === undefined) return;
    this.#standing = { kind: 'asked', commandId };
    for (const ticker of first) this.#asked.add(ticker);
  }

  /** Takes off what is carried and not wanted any more; before the subscription has a number, it waits. */
  drop(): void {
    if (this.#standing.kind !== 'live') return;
    const { sid } = this.#standing;
    const unwanted = [...this.#asked].filter((ticker) => !this.#wanted.has(ticker));
    if (unwanted.length === 0) return;
    for (const ticker of unwanted) this.#asked.delete(ticker);
    if (this.#asked.size === 0) {
      this.#connection.command('unsubscribe', { sids: [sid] });
      this.reset();
      return;
    }
    for (const market_tickers of chunksOf(unwanted))
      this.#connection.command('update_subscription', { sids: [sid], market_tickers, action: 'delete_markets' });
  }

  /** False when no subscription carries them all. */
  requestSnapshots(tickers: readonly string[]): boolean {
    if (this.#standing.kind !== 'live' || !tickers.every((ticker) => this.#asked.has(ticker))) return false;
    const { sid } = this.#standing;
    return chunksOf(tickers).every(
      (market_tickers) =>
        this.#connection.command('update_subscription', { sids: [sid], market_tickers, action: 'get_snapshot' }) !==
        undefined,
    );
  }

  /** What an answer says about our commands. */
  follow(frame: KalshiFrame): void {
    if (frame.kind === 'subscribed' && frame.channel === this.#channel) {
      this.#standing = { kind: 'live', sid: frame.newSid };
      // More first: what was unsubscribed meanwhile may be all that it carries.
      this.ask();
      this.drop();
    }
    if (frame.kind === 'ok' && frame.id !== undefined) this.#additions.delete(frame.id);
    if (frame.kind === 'unsubscribed' && this.#isOurs(frame.sid)) this.reset();
    if (frame.kind === 'error') this.#onError(frame);
  }

  /** The subscription is gone; the next `ask` makes a new one. */
  reset(): void {
    this.#standing = { kind: 'none' };
    this.#asked.clear();
    this.#additions.clear();
  }

  #add(sid: number, tickers: readonly string[]): void {
    const id = this.#connection.command('update_subscription', {
      sids: [sid],
      market_tickers: tickers,
      action: 'add_markets',
    });
    if (id === undefined) return;
    this.#additions.set(id, tickers);
    for (const ticker of tickers) this.#asked.add(ticker);
  }

  #onError(frame: Extract<KalshiFrame, { readonly kind: 'error' }>): void {
    const isDead = frame.isTerminal && (frame.sid === undefined || this.#isOurs(frame.sid));
    const isRefused = this.#standing.kind === 'asked' && this.#standing.commandId === frame.id;
    if (isDead || isRefused) this.reset();
    if (frame.id === undefined) return;
    // A refused addition is not asked for again by itself: whoever wants the book sees the fault and decides.
    for (const ticker of this.#additions.get(frame.id) ?? []) this.#asked.delete(ticker);
    this.#additions.delete(frame.id);
  }

  #isOurs(sid: number): boolean {
    return this.#standing.kind === 'live' && this.#standing.sid === sid;
  }
}

function chunksOf(tickers: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let from = 0; from < tickers.length; from += TICKERS_MAX) chunks.push(tickers.slice(from, from + TICKERS_MAX));
  return chunks;
}
