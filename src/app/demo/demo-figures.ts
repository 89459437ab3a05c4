/** Figures of a running demonstration as lines and rows, for the screen and for single lines alike. */
import type { LegReport } from '../../domain/execution/leg.ts';
import type { VenueName } from '../../domain/instrument.ts';
import type { MicroUsd } from '../../domain/units.ts';
import type { AttemptContext } from '../../machines/attempt.events.ts';
import { outcomeOf } from '../../machines/attempt-facts.ts';
import { paint } from '../console.ts';
import type { DemoWatch } from './demo-watch.ts';
import { signedUsd, usd, venueTitle } from './story.ts';

export interface AttemptRow {
  readonly attemptId: string;
  readonly watchId: string;
  readonly state: string;
  readonly isLive: boolean;
  readonly reports: readonly LegReport[];
  /** Once it has ended: locked until its market settles. */
  readonly profitMicroUsd: MicroUsd | undefined;
}

const LIMIT_USD = 100;
const MICRO = 1_000_000;
const BAR_CELLS = 30;
const NEARLY_FULL = 0.85;
const LIVE = new Set(['fresh', 'quiet', 'suspect']);

/** Those under way first, then the ones that ended last. */
export function attemptRows(watch: DemoWatch): readonly AttemptRow[] {
  const { children } = watch.composed.trading.strategy.actor.getSnapshot();
  const live = Object.values(children as Readonly<Record<string, unknown>>).flatMap((child) => liveRow(child));
  const running = new Set(live.map(({ attemptId }) => attemptId));
  const ended = watch.recentOutcomes
    .filter(({ attemptId }) => !running.has(attemptId))
    .map(({ attemptId, watchId, end, reports, profitMicroUsd }) => ({
      attemptId,
      watchId,
      state: end,
      isLive: false,
      reports,
      profitMicroUsd: end === 'balanced' || end === 'unwound' ? profitMicroUsd : undefined,
    }));
  return [...live, ...ended];
}

/** Orphans and whatever else is a child of the strategy have no plan. */
function liveRow(child: unknown): AttemptRow[] {
  const ref = child as { getSnapshot(): { value: unknown; context?: Partial<AttemptContext> } } | undefined;
  const snapshot = ref?.getSnapshot();
  const context = snapshot?.context;
  if (snapshot === undefined || context?.plan === undefined || context.reports === undefined) return [];
  const { attemptId, watchId } = outcomeOf(context as AttemptContext);
  const state = typeof snapshot.value === 'string' ? snapshot.value : Object.keys(snapshot.value ?? {}).join();
  return [{ attemptId, watchId, state, isLive: true, reports: context.reports, profitMicroUsd: undefined }];
}

export function headLine(watch: DemoWatch): string {
  const { parts, elapsedMs } = watch;
  const bound = parts.durationMs === undefined ? '' : ` of ${(parts.durationMs / 1_000).toFixed(0)}`;
  const dots = (['kalshi', 'polymarket'] as const).map((venue) => venueDot(watch, venue)).join('  ');
  return `${badge()} conservative-100 · ${parts.policy} · seed ${parts.seed} · ${(elapsedMs / 1_000).toFixed(0)}${bound} s   ${dots}`;
}

export function badge(): string {
  return paint('bold', '[DEMO]');
}

/** ● every line live, ◐ some, ○ none. */
export function venueDot(watch: DemoWatch, venue: VenueName): string {
  const figures = watch.composed.trading.desks[venue].figures();
  const live = figures.filter(({ standing }) => LIVE.has(standing)).length;
  const [dot, colour] =
    live === 0
      ? (['○', 'red'] as const)
      : live < figures.length
        ? (['◐', 'yellow'] as const)
        : (['●', 'green'] as const);
  return `${venueTitle(venue)} ${paint(colour, dot)}`;
}

export function breakerText(watch: DemoWatch): string {
  const { standing, reasons, trips, resumes } = watch.breaker;
  const counts = paint('grey', `(${trips} trips, ${resumes} resumed)`);
  if (standing === 'closed') return `breaker ${paint('green', 'closed')} ${counts}`;
  const kinds = [...new Set(reasons.list.map(({ kind }) => kind))].join(', ');
  return `breaker ${paint('red', `${standing === 'latched' ? 'open' : standing}: ${kinds}`)} ${counts}`;
}

/** What is at risk at least and at most: the difference is what no venue has confirmed yet. */
export function exposureText(watch: DemoWatch): string {
  const { leastMicroUsd, mostMicroUsd } = watch.composed.trading.exposures.span();
  return `${usd(leastMicroUsd)} … ${usd(mostMicroUsd)} of $${LIMIT_USD}`;
}

/** What may be lost and what was made: the breaker, the room under the limit, money. */
export function riskLines(watch: DemoWatch): string[] {
  const { exposures, ledger } = watch.composed.trading;
  const { mostMicroUsd } = exposures.span();
  const unhedged = exposures.unhedged().mostMicroUsd;
  const cells = Math.max(0, Math.min(BAR_CELLS, Math.round((mostMicroUsd / MICRO / LIMIT_USD) * BAR_CELLS)));
  const colour = mostMicroUsd > NEARLY_FULL * LIMIT_USD * MICRO ? 'yellow' : 'green';
  const bar = paint(colour, '█'.repeat(cells)) + paint('grey', '░'.repeat(BAR_CELLS - cells));
  const cash = (['kalshi', 'polymarket'] as const)
    .map((venue) => `${venueTitle(venue)} ${usd(ledger.cash(venue))}`)
    .join('  ');
  return [
    `${breakerText(watch)}   unhedged ${paint(unhedged > 0 ? 'yellow' : 'green', usd(unhedged))}`,
    `exposure ${exposureText(watch)} ${bar}`,
    `day ${signedUsd(dayPnl(watch))} (halts at −$20)   locked until settlement ${signedUsd(lockedMicroUsd(watch))}   cash ${cash}`,
  ];
}

export function dayPnl(watch: DemoWatch): number {
  const { clock } = watch.parts;
  const at = { nowMs: clock.nowMs(), wall: clock.wall() };
  return watch.composed.trading.exposures.dayCounters(at).pnlMicroUsd;
}

/** What held sets will bring beyond what they cost, once their markets settle. */
export function lockedMicroUsd(watch: DemoWatch): number {
  return watch.outcomes
    .filter(({ end, attemptId }) => end === 'balanced' && !watch.isSettled(attemptId))
    .reduce((sum, { profitMicroUsd }) => sum + profitMicroUsd, 0);
}

export function feesMicroUsd(watch: DemoWatch): number {
  const { ledger } = watch.composed.trading;
  return ledger.balance('fees', 'kalshi') + ledger.balance('fees', 'polymarket');
}
