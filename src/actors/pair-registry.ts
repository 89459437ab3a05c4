/**
 * All pairs that somebody has written down, each an actor, and the answer to whether one may be traded now.
 * What a person approves arrives as terms; what the venues say arrives as listings; both are compared here.
 */
import {
  isSameTerms,
  type PairTerms,
  pinned,
  type SideTerms,
  sideProblem,
  type TermsProblem,
} from '../domain/pairs/pair-terms.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Journal } from '../domain/ports/journal.ts';
import type { Listing } from '../domain/ports/venue.ts';
import { type Millis, millis } from '../domain/units.ts';
import type { pairMachine } from '../machines/pair.machine.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import { bindPair, Pair, type PairListeners, type PairStanding } from './pair.actor.ts';

export interface PairRegistryParts {
  readonly runtime: ActorRuntime;
  readonly journal: Pick<Journal, 'append'>;
  readonly clock: Clock;
  readonly listeners: PairListeners;
  /** For how long a reading of both listings is proof; the owner reads more often than that. */
  readonly proofMs?: Millis;
  /** Pairs that were quarantined when the last process ended, and why. */
  readonly quarantined?: ReadonlyMap<string, string>;
}

export interface PairVeto {
  readonly pairId: string;
  readonly by: string;
  readonly reason: string;
}

export interface PairView {
  readonly pairId: string;
  readonly title: string;
  readonly standing: PairStanding;
  readonly reason: string;
}

interface Known {
  readonly pair: Pair;
  /** As approved. */
  approved: PairTerms;
  /** With what the first reading filled in. */
  kalshi: SideTerms;
  polymarket: SideTerms;
  /** The list of pairs has it, and has it among the vetoes. */
  isNamed: boolean;
  isForbiddenByFile: boolean;
}

const PROOF = millis(15 * 60_000);
const MICROS_PER_MILLI = 1_000;

export class PairRegistry {
  readonly #parts: PairRegistryParts;
  readonly #machine: typeof pairMachine;
  readonly #known = new Map<string, Known>();

  constructor(parts: PairRegistryParts) {
    this.#parts = parts;
    this.#machine = bindPair(parts.runtime, parts.listeners);
  }

  /** Whether entries may use this pair now. An unknown one may not. */
  isTradable(pairId: string): boolean {
    return this.#known.get(pairId)?.pair.standing === 'tradable';
  }

  view(): readonly PairView[] {
    return [...this.#known].map(([pairId, { pair, approved }]) => ({
      pairId,
      title: approved.title,
      standing: pair.standing,
      reason: pair.reason,
    }));
  }

  /**
   * Everything that is approved and forbidden, as the file says now. What it no longer names is revoked, what
   * it changed is approved anew, and what is the same is left alone. Written down before it is done.
   */
  load(pairs: readonly PairTerms[], vetoes: readonly PairVeto[], by: string): void {
    const parameters = { pairs: pairs.map(({ pairId }) => pairId), vetoes: vetoes.map(({ pairId }) => pairId) };
    const cause = this.#parts.journal.append({ kind: 'command', by, command: 'loadPairs', parameters });
    const named = new Set(pairs.map(({ pairId }) => pairId));
    const forbidden = new Set(vetoes.map(({ pairId }) => pairId));
    for (const [pairId, known] of this.#known) {
      if (!named.has(pairId)) this.#drop(known, by, cause);
      if (known.isForbiddenByFile && !forbidden.has(pairId)) this.#allow(known, by, cause);
    }
    for (const terms of pairs) {
      if (!forbidden.has(terms.pairId)) this.#approve(terms, cause);
      else if (this.#of(terms.pairId) === undefined) this.#open(terms);
    }
    for (const { pairId, by: whose, reason } of vetoes) {
      const known = this.#of(pairId);
      if (known === undefined || known.isForbiddenByFile) continue;
      known.isForbiddenByFile = true;
      known.pair.send({ type: 'veto.placed', by: whose, reason }, cause);
    }
  }

  #drop(known: Known, by: string, cause: number): void {
    if (!known.isNamed) return;
    known.isNamed = false;
    known.pair.send({ type: 'approval.revoked', by, reason: 'no longer in the list of pairs' }, cause);
  }

  #allow(known: Known, by: string, cause: number): void {
    known.isForbiddenByFile = false;
    known.pair.send({ type: 'veto.lifted', by }, cause);
  }

  /** A person takes an approval back; what is held of the pair is not touched (U4). */
  revoke(pairId: string, by: string, reason: string): void {
    const cause = this.#command(by, 'revokePair', pairId, reason);
    this.#of(pairId)?.pair.send({ type: 'approval.revoked', by, reason }, cause);
  }

  veto({ pairId, by, reason }: PairVeto): void {
    const cause = this.#command(by, 'vetoPair', pairId, reason);
    this.#of(pairId)?.pair.send({ type: 'veto.placed', by, reason }, cause);
  }

  /** Ends a veto or a quarantine. The pair then waits for an approval like any other. */
  liftVeto(pairId: string, by: string, reason: string): void {
    const cause = this.#command(by, 'liftVeto', pairId, reason);
    this.#of(pairId)?.pair.send({ type: 'veto.lifted', by }, cause);
  }

  /** A person approves a pair that is known, on the terms that are known. */
  approve(terms: PairTerms, by: string, reason: string): void {
    const cause = this.#command(by, 'approvePair', terms.pairId, reason);
    this.#approve({ ...terms, approvedBy: by }, cause, true);
  }

  /** Both listings as they were read just now. */
  observe(pairId: string, listings: { readonly kalshi: Listing; readonly polymarket: Listing }): void {
    const known = this.#of(pairId);
    if (known === undefined) return;
    const problem = graver(
      sideProblem(known.kalshi, listings.kalshi),
      sideProblem(known.polymarket, listings.polymarket),
    );
    if (problem !== undefined) {
      known.pair.send(eventOf(problem));
      return;
    }
    known.kalshi = pinned(known.kalshi, listings.kalshi);
    known.polymarket = pinned(known.polymarket, listings.polymarket);
    known.pair.send({ type: 'listings.agreed' });
  }

  /** A listing could not be read: nothing is proven. */
  unread(pairId: string, detail: string): void {
    this.#of(pairId)?.pair.send({ type: 'listings.unproven', code: 'LISTING_UNREAD', detail });
  }

  /** A gap that real twins do not have (docs/rules.md §8). */
  doubt(pairId: string, detail: string): void {
    this.#of(pairId)?.pair.send({ type: 'gap.doubted', detail });
  }

  differed(pairId: string, detail: string): void {
    this.#of(pairId)?.pair.send({ type: 'outcomes.differed', detail });
  }

  #approve(terms: PairTerms, cause: number, isAsked = false): void {
    const known = this.#of(terms.pairId) ?? this.#open(terms);
    const { approvedBy, scoreE6 } = terms;
    const isNew =
      isAsked || !known.isNamed || known.pair.standing === 'proposed' || !isSameTerms(known.approved, terms);
    known.approved = terms;
    known.isNamed = true;
    if (!isNew || approvedBy === undefined) return;
    known.kalshi = terms.kalshi;
    known.polymarket = terms.polymarket;
    const approvalMsLeft = Math.floor((terms.expiresAt - this.#parts.clock.wall()) / MICROS_PER_MILLI);
    known.pair.send({ type: 'approval.given', by: approvedBy, scoreE6, approvalMsLeft }, cause);
  }

  #open(terms: PairTerms): Known {
    const { pairId, scoreE6, kalshi, polymarket } = terms;
    const quarantine = this.#parts.quarantined?.get(pairId);
    const proofMs = this.#parts.proofMs ?? PROOF;
    const input = { pairId, scoreE6, proofMs, ...(quarantine === undefined ? {} : { quarantine }) };
    const pair = new Pair(this.#parts.runtime, this.#machine, input);
    const known: Known = { pair, approved: terms, kalshi, polymarket, isNamed: true, isForbiddenByFile: false };
    this.#known.set(pairId, known);
    return known;
  }

  #of(pairId: string): Known | undefined {
    return this.#known.get(pairId);
  }

  #command(by: string, command: string, pairId: string, reason: string): number {
    return this.#parts.journal.append({ kind: 'command', by, command, parameters: { pairId, reason } });
  }
}

function graver(a: TermsProblem | undefined, b: TermsProblem | undefined): TermsProblem | undefined {
  const found = [a, b].filter((problem) => problem !== undefined);
  return ['over', 'changed', 'unproven']
    .map((kind) => found.find((problem) => problem.kind === kind))
    .find((problem) => problem !== undefined);
}

function eventOf({ kind, code, detail }: TermsProblem) {
  if (kind === 'over') return { type: 'market.ended', detail: `${code}: ${detail}` } as const;
  if (kind === 'changed') return { type: 'terms.changed', code, detail } as const;
  return { type: 'listings.unproven', code, detail } as const;
}
