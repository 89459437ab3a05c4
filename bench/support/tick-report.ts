/** What the tick-to-trade bench prints, as one JSON value, as lines and as a section of docs/benchmarks.md. */
import { type Environment, environmentLine } from './environment.ts';
import { percentile, round } from './statistics.ts';
import type { Phase, TickRun } from './tick-run.ts';
import { breakdown, totalMs } from './tick-trace.ts';

/** What REQUIREMENTS asks of a machine that does nothing else. */
const TARGETS = { ratioToFloorMax: 1.5, ratioToFloorP99Max: 2 } as const;

export interface PhaseResult {
  readonly rehearsal: boolean;
  readonly messagesPerSecond: number;
  readonly triggers: number;
  readonly missed: number;
  readonly micros: { readonly p50: number; readonly p99: number };
  readonly floorMicros: { readonly p50: number; readonly p99: number };
  readonly ratioToFloor: number;
  readonly ratioToFloorP99: number;
  readonly rehearsalsPerSecond: number;
  /** Of one core, the whole engine process. */
  readonly processShare: number;
  readonly stages: ReturnType<typeof breakdown>;
}

export function resultOf(run: TickRun, environment: Environment, seconds: number) {
  const phases = run.phases.map((phase) => phaseResult(phase, seconds));
  const rehearsed = phases.find(({ rehearsal }) => rehearsal);
  const [ratioToFloor, ratioToFloorP99] = [rehearsed?.ratioToFloor ?? 0, rehearsed?.ratioToFloorP99 ?? 0];
  return {
    bench: 'tick-to-trade',
    environment,
    /** With rehearsal, as it runs live. */
    ratioToFloor,
    ratioToFloorP99,
    targets: {
      ...TARGETS,
      isP50Met: ratioToFloor <= TARGETS.ratioToFloorMax,
      isP99Met: ratioToFloorP99 <= TARGETS.ratioToFloorP99Max,
    },
    recordsBeforeSend: run.written.records,
    bytesBeforeSend: run.written.bytes,
    refusals: run.refusals,
    phases,
  };
}

export type TickResult = ReturnType<typeof resultOf>;

function phaseResult(phase: Phase, seconds: number): PhaseResult {
  const { rehearsal, samples, floors, missed, messagesPerSecond, passes, processShare } = phase;
  const totals = samples.map(totalMs);
  const spread = (list: readonly number[]) => ({
    p50: round(percentile(list, 0.5) * 1_000, 0),
    p99: round(percentile(list, 0.99) * 1_000, 0),
  });
  const ratio = (share: number): number => round(percentile(totals, share) / percentile(floors, share), 2);
  return {
    rehearsal,
    messagesPerSecond: round(messagesPerSecond, 0),
    triggers: samples.length,
    missed,
    micros: spread(totals),
    floorMicros: spread(floors),
    ratioToFloor: ratio(0.5),
    ratioToFloorP99: ratio(0.99),
    rehearsalsPerSecond: round(passes / seconds, 0),
    processShare: round(processShare, 2),
    stages: breakdown(samples),
  };
}

export function print(result: TickResult): void {
  console.log(environmentLine(result.environment));
  console.log(
    `${result.recordsBeforeSend} records, ${result.bytesBeforeSend} bytes on the disk before an order leaves`,
  );
  for (const phase of result.phases) {
    const { rehearsal, messagesPerSecond, triggers, missed, micros, floorMicros } = phase;
    console.log(`\n${rehearsal ? `with ${phase.rehearsalsPerSecond} rehearsals a second` : 'without rehearsal'}`);
    console.log(`  ${triggers} triggers (${missed} missed) beside ${messagesPerSecond} messages a second`);
    console.log(`  frame to last byte  p50 ${micros.p50} µs, p99 ${micros.p99} µs`);
    console.log(`  floor               p50 ${floorMicros.p50} µs, p99 ${floorMicros.p99} µs`);
    console.log(`  ratio               p50 ${phase.ratioToFloor}, p99 ${phase.ratioToFloorP99}`);
    console.log(`  engine process      ${round(phase.processShare * 100, 0)} % of a core`);
    for (const [stage, { p50, p99 }] of Object.entries(phase.stages))
      console.log(`    ${stage.padEnd(22)} p50 ${String(p50).padStart(5)} µs, p99 ${String(p99).padStart(6)} µs`);
  }
  const { targets } = result;
  console.log(
    `\ntargets: p50 at most ${targets.ratioToFloorMax} (${metText(targets.isP50Met)}), ` +
      `p99 at most ${targets.ratioToFloorP99Max} (${metText(targets.isP99Met)})`,
  );
}

export function sectionOf(result: TickResult): string {
  const { environment, phases, targets, recordsBeforeSend, bytesBeforeSend } = result;
  const rows = phases.map(
    ({ rehearsal, micros, floorMicros, ratioToFloor, ratioToFloorP99, triggers, missed, processShare }) =>
      `| ${rehearsal ? 'with' : 'without'} | ${micros.p50} | ${micros.p99} | ${floorMicros.p50} | ${floorMicros.p99} ` +
      `| **${ratioToFloor}** | **${ratioToFloorP99}** | ${triggers} (${missed}) | ${round(processShare * 100, 0)} % |`,
  );
  const stages = phases.flatMap((phase) => (phase.rehearsal ? Object.entries(phase.stages) : []));
  return [
    '## From a frame to both orders (`tick-to-trade`)',
    '',
    'From the frame that opens a gap, received by the engine, to the last byte of both orders that take it: real wire',
    'formats and signatures over loopback, both intents on the disk before either order leaves, some 10,000 book',
    'messages a second beside it and ten triggers a second. Venues and receiver are another process. The floor, in turn',
    'with it: a write of as many bytes and `fdatasync`, one native signature meanwhile, then two bare dispatches.',
    `Before an order leaves, ${recordsBeforeSend} records of ${bytesBeforeSend} bytes are on the disk.`,
    '',
    '| rehearsal | p50, µs | p99, µs | floor p50 | floor p99 | ratio p50 | ratio p99 | triggers (missed) | process |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    `Asked for: a ratio of ${targets.ratioToFloorMax} at p50 (${metText(targets.isP50Met)}) and of ` +
      `${targets.ratioToFloorP99Max} at p99 (${metText(targets.isP99Met)}), with rehearsal.`,
    '',
    '| stage, with rehearsal | p50, µs | p99, µs |',
    '| --- | --- | --- |',
    ...stages.map(([stage, { p50, p99 }]) => `| ${stage} | ${p50} | ${p99} |`),
    '',
    environmentLine(environment),
  ].join('\n');
}

function metText(isMet: boolean): string {
  return isMet ? 'met' : 'not met';
}
