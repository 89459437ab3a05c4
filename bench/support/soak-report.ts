/** What the checkpoints of a soak say: whether every actor had its work, and whether the heap is flat. */
import type { Checkpoint, Heap } from './attempts-soak.ts';
import { type Environment, environmentLine } from './environment.ts';

export interface SoakResult {
  readonly bench: 'attempts-soak';
  readonly environment: Environment;
  readonly checkpoints: readonly Checkpoint[];
  /** At no checkpoint an actor beyond those of positions, and after no attempt a child beyond the live ones. */
  readonly isEveryActorAtWork: boolean;
  /** From here on the heap is compared. */
  readonly warmAfter: number;
  /** Of the heap without compiled code. */
  readonly spread: number | undefined;
  readonly spreadWithCode: number | undefined;
  readonly spreadMax: number;
  readonly isFlat: boolean;
}

const MEBIBYTE = 1_048_576;
const SPREAD_MAX = 0.05;
/** What is bounded by a count is full by then: 2,000 orders twice, 512 closed attempts, 512 flat ones. */
const WARM_AFTER = 2_000;

export function resultOf(checkpoints: readonly Checkpoint[], environment: Environment): SoakResult {
  const warm = checkpoints.filter(({ attempts }) => attempts >= WARM_AFTER);
  const spread = spreadOf(warm.map(({ heap }) => objectBytes(heap)));
  return {
    bench: 'attempts-soak',
    environment,
    checkpoints,
    isEveryActorAtWork: checkpoints.every(
      ({ workActors, positions, strayChildren }) => workActors === positions && strayChildren === 0,
    ),
    warmAfter: WARM_AFTER,
    spread,
    spreadWithCode: spreadOf(warm.map(({ heap }) => heap.usedBytes)),
    spreadMax: SPREAD_MAX,
    isFlat: spread !== undefined && spread <= SPREAD_MAX,
  };
}

/** Largest less smallest, as a share of the smallest; none of fewer than two. */
function spreadOf(bytes: readonly number[]): number | undefined {
  const [least, most] = [Math.min(...bytes), Math.max(...bytes)];
  return bytes.length < 2 ? undefined : (most - least) / least;
}

function objectBytes({ usedBytes, codeBytes }: Heap): number {
  return usedBytes - codeBytes;
}

export function checkpointLine(one: Checkpoint): string {
  const { attempts, workActors, positions, liveAttempts, openOrders, tradesKnown, timers, heap } = one;
  return (
    `${attempts} attempts: ${workActors} actors for ${liveAttempts} attempts and ${positions} positions, ` +
    `${openOrders} open orders, ${tradesKnown} trades remembered, ${timers} timers, ` +
    `heap ${mebibytes(objectBytes(heap))} MiB and ${mebibytes(heap.codeBytes)} MiB of compiled code`
  );
}

export function verdictLines(result: SoakResult): readonly string[] {
  const { isEveryActorAtWork, isFlat } = result;
  return [
    `actors: ${isEveryActorAtWork ? 'each has its work' : 'some have none'}`,
    `heap: ${spreadText(result)}: ${isFlat ? 'flat' : 'not flat'}`,
  ];
}

export function sectionOf(result: SoakResult): string {
  const rows = result.checkpoints.map(
    ({ attempts, workActors, liveAttempts, positions, strayChildren, openOrders, tradesKnown, heap }) =>
      `| ${attempts} | ${workActors} | ${liveAttempts + positions + openOrders} | ${strayChildren} ` +
      `| ${tradesKnown} | ${mebibytes(objectBytes(heap))} | ${mebibytes(heap.codeBytes)} |`,
  );
  return [
    '## What ten thousand attempts leave behind (`attempts-soak`)',
    '',
    'Attempts of four kinds of end, one after the other: both legs filled, one killed at either venue, both killed. The',
    'markets are paid at every checkpoint, and those that follow are new. Real charts, adapters and simulated venues in',
    'virtual time; the heap is that of the whole process after a forced collection. Compiled code is shown apart: the',
    'engine compiles more for as long as functions still become hot, whoever called them.',
    '',
    `Heap ${spreadText(result)} (**${result.isFlat ? 'met' : 'not met'}**). Children and live work differed`,
    `${result.isEveryActorAtWork ? 'at no time' : 'at times'}: they are compared after every attempt and at every checkpoint.`,
    '',
    '| attempts | actors left | work left | children without work | trades remembered | heap, MiB | compiled code, MiB |',
    '| ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
    'What is bounded by a count fills first: 2,000 closed orders, 2,000 at the Kalshi adapter, 512 closed attempts and 512',
    'flat ones. The simulated venues remember five to ten minutes of what is over.',
    '',
    environmentLine(result.environment),
  ].join('\n');
}

function spreadText({ spread, spreadWithCode, spreadMax, warmAfter }: SoakResult): string {
  if (spread === undefined || spreadWithCode === undefined) return `too few checkpoints from ${warmAfter} attempts on`;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return (
    `${percent(spread)} between smallest and largest from ${warmAfter} attempts on, at most ${percent(spreadMax)} ` +
    `(${percent(spreadWithCode)} with compiled code)`
  );
}

function mebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(1);
}
