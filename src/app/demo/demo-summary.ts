/** What a demonstration came to: for a person, and as one JSON value. */
import type { VenueName } from '../../domain/instrument.ts';
import type { AttemptOutcome } from '../../machines/attempt.events.ts';
import { quantileOf } from '../compose/trip-times.ts';
import { paint } from '../console.ts';
import { number } from '../replay/run-report.ts';
import { badge, dayPnl, feesMicroUsd, lockedMicroUsd } from './demo-figures.ts';
import { type DemoResult, DUST_MICRO_USD } from './demo-run.ts';
import { refusalWords } from './live-view.ts';
import { SITUATIONS } from './situations.ts';
import { signedUsd, usd } from './story.ts';

const REASONS_SHOWN = 6;
const MICRO = 1_000_000;

export interface DemoReport {
  readonly mode: 'demo';
  readonly run: string;
  readonly seed: string;
  readonly policy: string;
  readonly ranSeconds: number;
  readonly firstAttemptSeconds: number | undefined;
  readonly opportunities: number;
  readonly approved: number;
  readonly declined: Readonly<Record<string, number>>;
  readonly attempts: Readonly<Record<string, number>>;
  readonly asymmetric: number;
  readonly repairStartMs: readonly number[];
  readonly realisedUsd: string;
  readonly lockedUsd: string;
  readonly feesUsd: string;
  readonly settledPositions: number;
  readonly settledMarkets: number;
  readonly unhedgedUsd: string;
  readonly detectionMs: Quantiles;
  readonly acknowledgementMs: Quantiles;
  readonly breaker: { readonly trips: number; readonly resumes: number; readonly standing: string };
  readonly situations: readonly string[];
  readonly notReached: readonly string[];
  readonly differences: readonly string[];
  readonly journal: {
    readonly path: string;
    readonly records: number;
    readonly orders: number;
    readonly isVerified: boolean;
  };
  readonly isGood: boolean;
}

interface Quantiles {
  readonly p50: number | undefined;
  readonly p95: number | undefined;
}

export function demoReport(result: DemoResult, folder: string): DemoReport {
  const { watch, ranMs, journal } = result;
  const { parts, edges, situations, outcomes } = watch;
  const { times } = watch.composed;
  const { trips, resumes, standing } = watch.breaker;
  return {
    mode: 'demo',
    run: parts.run,
    seed: parts.seed,
    policy: parts.policy,
    ranSeconds: rounded(ranMs / 1_000),
    firstAttemptSeconds: watch.firstAttemptMs === undefined ? undefined : rounded(watch.firstAttemptMs / 1_000),
    opportunities: edges.opportunities,
    approved: edges.approved,
    declined: Object.fromEntries(edges.reasons),
    attempts: countsOf(outcomes),
    asymmetric: outcomes.filter(({ wasAsymmetric }) => wasAsymmetric).length,
    repairStartMs: outcomes.flatMap(({ repairStartMs }) => (repairStartMs === undefined ? [] : rounded(repairStartMs))),
    realisedUsd: decimal(dayPnl(watch)),
    lockedUsd: decimal(lockedMicroUsd(watch)),
    feesUsd: decimal(feesMicroUsd(watch)),
    settledPositions: watch.settledPositions,
    settledMarkets: watch.settledMarkets,
    unhedgedUsd: decimal(result.unhedgedMicroUsd),
    detectionMs: quantilesOf((share) => quantileOf(edges.detectionMs, share)),
    acknowledgementMs: quantilesOf((share) => times.quantile(share)),
    breaker: { trips, resumes, standing },
    situations: situations.reached.map((name) => SITUATIONS[name]),
    notReached: situations.missing.map((name) => SITUATIONS[name]),
    differences: result.differences,
    journal: {
      path: folder,
      records: journal.records,
      orders: journal.orders,
      isVerified: journal.problems.length === 0 && journal.torn === undefined,
    },
    isGood: result.isGood,
  };
}

export function summaryText(result: DemoResult, folder: string): string {
  const report = demoReport(result, folder);
  const { watch } = result;
  const dots = (['kalshi', 'polymarket'] as const).map((venue) => endDot(watch.liveAtEnd ?? [], venue)).join('  ');
  const { p50, p95 } = report.detectionMs;
  const trip = report.acknowledgementMs;
  return [
    `${badge()} run ${report.run}  seed ${report.seed}  policy ${report.policy}  ${report.ranSeconds.toFixed(1)} s  ${dots}`,
    `Opportunities ${number(report.opportunities)}   approved ${paint('green', number(report.approved))}   declined ${declinedText(watch.edges.reasons)}`,
    `Attempts      ${attemptsText(report)}`,
    `P&L           realised ${signedUsd(dayPnl(watch))} · locked until settlement ${signedUsd(lockedMicroUsd(watch))} · fees ${usd(feesMicroUsd(watch))}`,
    `Settled       ${report.settledPositions} positions in ${report.settledMarkets} markets · unhedged ${usd(result.unhedgedMicroUsd)}`,
    `Latency       change to decision ${ms(p50)}/${ms(p95)} ms · order to answer ${ms(trip.p50)}/${ms(trip.p95)} ms (p50/p95, simulated venues)`,
    `Breaker       ${report.breaker.trips} trips, ${report.breaker.resumes} resumed by the operator, now ${report.breaker.standing}`,
    ...situationLines(report),
    invariantsLine(result, report),
    ...report.differences.map((difference) => `              ${paint('red', difference)}`),
    `Journal       ${folder}`,
    '',
    `Next: npm run --silent tandem -- audit verify ${folder}`,
    ...timelineHint(result, folder),
    '      npm run --silent tandem -- charts show attempt     the chart behind every attempt',
    '      npm start -- --policy maker                        the same with a resting first leg',
  ].join('\n');
}

function endDot(live: readonly VenueName[], venue: VenueName): string {
  return `${venue}-sim ${live.includes(venue) ? paint('green', '●') : paint('red', '○')}`;
}

function declinedText(reasons: readonly (readonly [Parameters<typeof refusalWords>[0], number])[]): string {
  const total = reasons.reduce((sum, [, count]) => sum + count, 0);
  const shown = reasons.slice(0, REASONS_SHOWN).map(([reason, count]) => `${refusalWords(reason)} ${count}`);
  return total === 0 ? '0' : `${total} (${shown.join(', ')})`;
}

function attemptsText({ attempts, asymmetric, repairStartMs }: DemoReport): string {
  const ends = Object.entries(attempts).map(([end, count]) => `${count} ${end}`);
  const repairs =
    repairStartMs.length === 0 ? '' : `, repair begun after ${repairStartMs.map((each) => ms(each)).join(', ')} ms`;
  return `${ends.length === 0 ? 'none' : ends.join(' · ')}${asymmetric === 0 ? '' : ` · ${asymmetric} with one leg alone for a while${repairs}`}`;
}

function situationLines({ situations, notReached }: DemoReport): string[] {
  const seen = situations.map(
    (text, at) => `${at === 0 ? 'Seen          ' : '              '}${paint('green', '✓')} ${text}`,
  );
  return [
    ...seen,
    ...notReached.map((text) => `              ${paint('yellow', '–')} ${text}: not reached in this time`),
  ];
}

function invariantsLine({ isGood, unhedgedMicroUsd, differences, journal }: DemoResult, report: DemoReport): string {
  const parts = [
    said(differences.length === 0, 'accounts of both venues equal the ledger to the cent', 'belief and truth differ'),
    said(
      unhedgedMicroUsd <= DUST_MICRO_USD,
      unhedgedMicroUsd > 0 ? `nothing is unhedged but dust of ${usd(unhedgedMicroUsd)}` : 'nothing is unhedged',
      `${usd(unhedgedMicroUsd)} is unhedged`,
    ),
    said(journal.openIntents.length === 0, 'no order is unknown', `${journal.openIntents.length} orders are unknown`),
    said(report.journal.isVerified, `${number(journal.records)} records, chain whole`, journalProblem(journal)),
  ];
  return `${isGood ? 'Invariants   ' : paint('red', 'Invariants   ')} ${parts.join(' · ')}`;
}

function said(isTrue: boolean, yes: string, no: string): string {
  return isTrue ? paint('green', yes) : paint('red', no);
}

function journalProblem({ problems, torn }: DemoResult['journal']): string {
  const [first] = problems;
  return first === undefined ? `torn at ${torn?.where ?? 'the end'}` : `${first.where}: ${first.what}`;
}

function timelineHint({ watch }: DemoResult, folder: string): string[] {
  const told = watch.outcomes.find(({ wasAsymmetric }) => wasAsymmetric) ?? watch.outcomes[0];
  if (told === undefined) return [];
  return [`      npm run --silent tandem -- audit timeline ${told.attemptId} --dir ${folder}`];
}

function countsOf(outcomes: readonly AttemptOutcome[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { end } of outcomes) counts.set(end, (counts.get(end) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

function quantilesOf(quantile: (share: number) => number | undefined): Quantiles {
  const at = (share: number): number | undefined => {
    const value = quantile(share);
    return value === undefined ? undefined : rounded(value);
  };
  return { p50: at(0.5), p95: at(0.95) };
}

function ms(value: number | undefined): string {
  if (value === undefined) return '–';
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function decimal(microUsd: number): string {
  return (microUsd / MICRO).toFixed(6);
}
