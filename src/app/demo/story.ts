/** What happens, in the words of somebody who explains it. Only what was decided, written down or answered is told. */
import type { BreakerAlert } from '../../actors/breaker.actor.ts';
import type { Approval } from '../../actors/strategy.actor.ts';
import type { Decision } from '../../domain/edge/decide.ts';
import { confirmedE6, type LegOrder, type LegReport } from '../../domain/execution/leg.ts';
import type { VenueName } from '../../domain/instrument.ts';
import type { TriggerKind } from '../../domain/limits/trigger.ts';
import type { JournalRecord, JsonObject } from '../../domain/ports/journal.ts';
import type { AttemptOutcome, RepairPlanned } from '../../machines/attempt.events.ts';
import type { PositionReport } from '../../machines/position-facts.ts';

export type Tone = 'good' | 'bad' | 'warning' | 'scenario' | 'plain';

export interface StoryLine {
  readonly atMs: number;
  readonly tone: Tone;
  readonly text: string;
}

export interface StoryParts {
  readonly sinceStartMs: () => number;
  readonly titleOf: (watchId: string) => string;
}

const LINES_KEPT = 400;
const ATTEMPT = /(?:^|\/)attempt\/([^/]+)/;
const CONNECTION = /venue\/([^/]+)\/(.+)$/;

/** Why it stopped, said plainly. */
const TRIGGERS: Partial<Readonly<Record<TriggerKind, string>>> = {
  ASYMMETRIC_EXECUTION: 'one leg filled without the other',
  TRADE_FAILED: 'a matched trade failed on the chain',
  CONNECTION_LOST: 'a connection is gone',
  SEQUENCE_GAP: 'messages are missing',
  LATE_FILL: 'a fill came that nobody expected',
  EXECUTION_FAILED: 'three attempts in a row had their orders turned away',
  STUCK_EXPOSURE: 'what is held alone finds no way out',
  BOOK_STALE: 'the books are too old',
};

export class Story {
  readonly #parts: StoryParts;
  readonly #watchOf = new Map<string, string>();
  /** Said once for each watch, until something of it is tried again. */
  readonly #full = new Set<string>();
  readonly #listeners: ((line: StoryLine) => void)[] = [];
  #lines: StoryLine[] = [];
  #isOver = false;

  constructor(parts: StoryParts) {
    this.#parts = parts;
  }

  /** Oldest first. */
  get lines(): readonly StoryLine[] {
    return this.#lines;
  }

  onLine(listener: (line: StoryLine) => void): void {
    this.#listeners.push(listener);
  }

  /** Nothing is told from now on. */
  end(): void {
    this.#isOver = true;
  }

  note(tone: Tone, text: string): void {
    if (this.#isOver) return;
    const line: StoryLine = { atMs: this.#parts.sinceStartMs(), tone, text };
    this.#lines = [...this.#lines, line].slice(-LINES_KEPT);
    for (const listener of this.#listeners) listener(line);
  }

  onApproval({ watch, verdict }: Decision, approval: Approval): void {
    const title = this.#parts.titleOf(watch.id);
    if (approval.kind === 'started') {
      const { plan } = approval;
      this.#watchOf.set(plan.attemptId, watch.id);
      this.#full.delete(watch.id);
      const orders = plan.legs.map((order) => orderText(order)).join(', ');
      const gap = verdict.grossEdgeE4 === undefined ? '' : `${cents(verdict.grossEdgeE4)} c gap`;
      this.note('plain', `${title}: ${gap}, ${orders}: ${signedUsd(plan.profitMicroUsd)} if all of it fills`);
      return;
    }
    const isFull = approval.reason === 'LIMITS' && approval.detail.includes('totalMicroUsdMax');
    if (!isFull || this.#full.has(watch.id)) return;
    this.#full.add(watch.id);
    this.note('warning', `${title}: declined, it does not fit under the $100 limit any more`);
  }

  onOutcome(outcome: AttemptOutcome): void {
    const title = this.#parts.titleOf(outcome.watchId);
    const { end, setsE6, profitMicroUsd, repairOrders, reports, wasAsymmetric } = outcome;
    const profit = signedUsd(profitMicroUsd);
    if (end === 'balanced') {
      const how = wasAsymmetric ? `completed with ${orders(repairOrders)} more` : heldHow(reports);
      this.note('good', `${title}: ${contracts(setsE6)} sets held, ${how}, ${profit} when it settles`);
    } else if (end === 'unwound') this.note('warning', `${title}: unwound, nothing is held any more, ${profit}`);
    else if (end === 'unfilled') this.note('plain', `${title}: the gap was gone, nothing was bought`);
    else if (end === 'refused') this.note('plain', `${title}: not sent, ${withheldWhy(outcome)}`);
    else this.note('warning', `${title}: ended as ${end}, ${outcome.reason}`);
  }

  onAlert(alert: BreakerAlert): void {
    if (alert.kind === 'opened') {
      const { kind } = alert.trigger;
      this.note('bad', `breaker opens (${kind}): ${TRIGGERS[kind] ?? alert.trigger.detail}; no new attempts`);
    }
    if (alert.kind === 'closed') this.note('good', `breaker closed by the ${alert.by}: ${alert.reason}`);
  }

  onSettled({ watchId, paidMicroUsd, legs }: PositionReport): void {
    const cost = legs.reduce((sum, leg) => sum + leg.costMicroUsd, 0);
    const title = this.#parts.titleOf(watchId);
    this.note(
      'good',
      `${title}: settled, ${usd(paidMicroUsd)} paid for what cost ${usd(cost)}; its room is free again`,
    );
  }

  onRecord(record: JournalRecord): void {
    if (record.kind !== 'transition') return;
    const { machine, actor, event, from, to } = record;
    if (machine === 'connection') this.#onConnection(actor, from, to);
    const attemptId = ATTEMPT.exec(actor)?.[1];
    if (attemptId === undefined) return;
    const title = this.#parts.titleOf(this.#watchOf.get(attemptId) ?? '');
    if (machine === 'attempt' && event.type === 'repair.planned') this.#onRepair(title, event);
    if (machine === 'venueTrade' && to === 'failed')
      this.note('bad', `${title}: Polymarket's match failed on the chain, its contracts were never ours`);
    if (machine === 'orderLeg' && event.type === 'order.refused')
      this.note('warning', `${title}: ${venueOfLeg(actor)} did not fill it (${String(event.reason)})`);
  }

  #onConnection(actor: string, from: string, to: string): void {
    const [, venue = '', id = ''] = CONNECTION.exec(actor) ?? [];
    const line = id === 'private' ? 'own orders' : 'market data';
    if (from.startsWith('live') && !to.startsWith('live'))
      this.note('warning', `${venueTitle(venue)}: the line for ${line} dropped, connecting again`);
    if (!from.startsWith('live') && to.startsWith('live')) this.note('plain', `${venueTitle(venue)}: ${line} live`);
  }

  #onRepair(title: string, event: JsonObject): void {
    const { kind, orders: repair, costMicroUsd } = event as unknown as RepairPlanned;
    const [order] = repair;
    if (order === undefined) return;
    const size = contracts(repair.reduce((sum, { sizeE6 }) => sum + sizeE6, 0));
    const venue = venueTitle(order.venue);
    const outcome = sideText(order);
    const cost = costMicroUsd > 0 ? `costs ${usd(costMicroUsd)}` : `still earns ${usd(-costMicroUsd)}`;
    const what =
      kind === 'completion'
        ? `buying the missing ${size}${outcome} at ${venue} ${cost}; selling back what filled is worse`
        : `selling ${size}${outcome} back at ${venue} ${cost}; buying what is missing is worse`;
    this.note('warning', `${title}: ${what}`);
  }
}

/** A reason of the last look, or that our own gate closed meanwhile. */
function withheldWhy({ reason }: AttemptOutcome): string {
  const shrank = /^EDGE_SHRANK to (\d+) of (\d+)/.exec(reason);
  if (shrank !== null)
    return `the last look finds only ${contracts(Number(shrank[1]))} of ${contracts(Number(shrank[2]))}`;
  return reason === '' ? 'our own gate kept it back' : `the last look says ${reason}`;
}

function heldHow(reports: readonly LegReport[]): string {
  const wanted = reports[0]?.order.sizeE6 ?? 0;
  const isPart = reports.some((report) => confirmedE6(report) < report.order.sizeE6 && confirmedE6(report) > 0);
  return isPart ? `a part of the ${contracts(wanted)} wanted` : 'both legs filled';
}

function orders(count: number): string {
  return count === 1 ? 'one order' : `${count} orders`;
}

/** At Polymarket each outcome has a book of its own, so only the basket's leg tells which it is. */
function sideText(order: LegOrder): string {
  if (order.venue === 'kalshi') return order.instrument.inverted ? ' NO' : ' YES';
  return '';
}

function orderText(order: LegOrder): string {
  return `${order.action} ${contracts(order.sizeE6)}${sideText(order)} at ${venueTitle(order.venue)} for ${cents(order.limitE4)} c`;
}

function venueOfLeg(actor: string): string {
  return venueTitle(/leg\/\d+-([a-z]+)/.exec(actor)?.[1] ?? 'the venue');
}

export function venueTitle(venue: VenueName | string): string {
  return venue === 'kalshi' ? 'Kalshi' : venue === 'polymarket' ? 'Polymarket' : venue;
}

export function contracts(sizeE6: number): string {
  return (sizeE6 / 1_000_000).toFixed(sizeE6 % 1_000_000 === 0 ? 0 : 2);
}

export function cents(priceE4: number): string {
  return (priceE4 / 100).toFixed(priceE4 % 100 === 0 ? 0 : 1);
}

export function usd(microUsd: number): string {
  return `${microUsd < 0 ? '−' : ''}$${(Math.abs(microUsd) / 1e6).toFixed(2)}`;
}

export function signedUsd(microUsd: number): string {
  return microUsd < 0 ? usd(microUsd) : `+${usd(microUsd)}`;
}
