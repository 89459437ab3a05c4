/**
 * What the journal costs: taking a record, and having an attempt's intents on the disk.
 *
 *     npm run bench -- journal [--rounds 400] [--folder <path>] [--json]
 *
 * The floor of the second is one bare write and `fdatasync` of the same bytes to a file beside it, in turn with ours, so
 * that a busy disk slows both alike; `ratioToFloor` is ours over it at the median. What is synced is what one attempt
 * writes before it sends: ten records, two of them intents.
 */
import { fdatasync, mkdtempSync, openSync, rmSync, write } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock, systemTurn } from '../src/app/system-clock.ts';
import { FileJournal } from '../src/db/journal/file-journal.ts';
import { lineOf, NOTHING_BEFORE } from '../src/db/journal/record-line.ts';
import type { JournalRecord } from '../src/domain/ports/journal.ts';
import { environment, environmentLine } from './support/environment.ts';
import { clockMicros } from './support/interleave.ts';
import { median, percentile, round } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '400' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const WARM_UPS = 50;
const RECORDS_PER_ATTEMPT = 10;
/** The hot path takes a record at every step of an attempt. */
const APPEND_MICROS_MAX = 5;

const definition = `sha256:${'ab12'.repeat(16)}`;

function recordAt(at: number): JournalRecord {
  const actor = `attempt/e${at}/leg/${at % 2}-kalshi`;
  if (at % RECORDS_PER_ATTEMPT >= RECORDS_PER_ATTEMPT - 2)
    return {
      kind: 'intent',
      actor,
      attempt: `e${at}`,
      leg: `${at % 2}-kalshi`,
      venue: 'kalshi',
      clientOrderId: `0b9d7a3e-3c1f-4a57-9d53-${String(at).padStart(12, '0')}`,
      venueOrderId: undefined,
      body: '{"ticker":"KXFED-26SEP-T4.25","side":"yes","action":"buy","count":50,"yes_price":45,"time_in_force":"fill_or_kill"}',
      order: { attemptId: `e${at}`, venue: 'kalshi', action: 'buy', limitE4: 4_500, sizeE6: 50_000_000 },
      cause: at,
    };
  return {
    kind: 'transition',
    actor,
    machine: 'orderLeg',
    definition,
    event: { type: 'fill.reported', tradeId: `t${at}`, sizeE6: 50_000_000, priceE4: 4_500 },
    from: 'live.resting',
    to: 'ended.filled',
    edges: ['orderLeg.live.resting:fill.reported:0→orderLeg.ended.filled'],
    context: { filledE6: 50_000_000, evidence: { claimedE6: 50_000_000, fills: [`t${at}`] } },
    effects: ['report'],
    cause: at,
  };
}

const folder = mkdtempSync(join(values.folder, 'tandem-bench-'));
try {
  const result = await measure();
  if (values.json) console.log(JSON.stringify(result));
  else print(result);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure() {
  const journal = new FileJournal(join(folder, 'journal'), {
    clock: systemClock,
    run: { run: 'bench', mode: 'bench', config: 'none', versions: {}, machines: [] },
    onFault: ({ message }) => {
      throw new Error(message);
    },
  });
  const bare = openSync(join(folder, 'bare'), 'ax');
  const clock = clockMicros();
  const [appends, ours, floors]: [number[], number[], number[]] = [[], [], []];
  let bytes = 0;
  for (let turn = -WARM_UPS; turn < rounds; turn++) {
    const records = Array.from({ length: RECORDS_PER_ATTEMPT }, (_, at) => recordAt(at));
    const text = Buffer.from(records.map((record) => lineText(record)).join(''));
    const isOursFirst = turn % 2 === 0;
    if (!isOursFirst) note(floors, turn, await bareMicros(bare, text));
    const { appendMicros, totalMicros } = await journalMicros(journal, records);
    if (isOursFirst) note(floors, turn, await bareMicros(bare, text));
    note(ours, turn, totalMicros);
    note(appends, turn, (appendMicros - clock) / RECORDS_PER_ATTEMPT);
    bytes = text.length;
    await systemTurn();
  }
  await journal.close();
  const ratioToFloor = round(median(ours) / median(floors), 2);
  const appendMicros = round(median(appends), 2);
  return {
    bench: 'journal',
    environment: environment(),
    rounds,
    recordsPerSync: RECORDS_PER_ATTEMPT,
    bytesPerSync: bytes,
    appendMicros,
    lineMicros: round(lineMicros(), 2),
    syncMicros: { p50: round(median(ours), 0), p99: round(percentile(ours, 0.99), 0) },
    floorMicros: { p50: round(median(floors), 0), p99: round(percentile(floors, 0.99), 0) },
    ratioToFloor,
    ratioToFloorP99: round(percentile(ours, 0.99) / percentile(floors, 0.99), 2),
    targets: {
      appendMicrosMax: APPEND_MICROS_MAX,
      isAppendMet: appendMicros <= APPEND_MICROS_MAX,
    },
  };
}

function note(into: number[], turn: number, value: number): void {
  if (turn >= 0) into.push(value);
}

function lineText(record: JournalRecord): string {
  return lineOf({ record, seq: 1, wallMicros: 1_767_225_600_000_000, monoMs: 1 }, 'bench', NOTHING_BEFORE).text;
}

/** Text and hash of one record: what is put off until the group is written. */
function lineMicros(): number {
  const samples: number[] = [];
  for (let at = 0; at < rounds; at++) {
    const records = Array.from({ length: RECORDS_PER_ATTEMPT }, (_, index) => recordAt(index));
    const startMs = performance.now();
    for (const record of records) lineText(record);
    samples.push(((performance.now() - startMs) * 1_000) / RECORDS_PER_ATTEMPT);
  }
  return median(samples);
}

function journalMicros(journal: FileJournal, records: readonly JournalRecord[]) {
  return new Promise<{ appendMicros: number; totalMicros: number }>((resolve) => {
    const startMs = performance.now();
    for (const record of records) journal.append(record);
    const appendedMs = performance.now();
    journal.sync(() => {
      const endMs = performance.now();
      resolve({ appendMicros: (appendedMs - startMs) * 1_000, totalMicros: (endMs - startMs) * 1_000 });
    });
  });
}

function bareMicros(descriptor: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    write(descriptor, bytes, (failed) => {
      if (failed !== null) reject(failed);
      else
        fdatasync(descriptor, (error) => {
          if (error === null || error === undefined) resolve((performance.now() - startMs) * 1_000);
          else reject(error);
        });
    });
  });
}

function print(result: Awaited<ReturnType<typeof measure>>): void {
  const { syncMicros, floorMicros, targets } = result;
  console.log(environmentLine(result.environment));
  console.log(`append              ${result.appendMicros} µs a record (at most ${targets.appendMicrosMax})`);
  console.log(`text and hash       ${result.lineMicros} µs a record, when the group is written`);
  console.log(`${result.recordsPerSync} records on disk  p50 ${syncMicros.p50} µs, p99 ${syncMicros.p99} µs`);
  console.log(`write + fdatasync   p50 ${floorMicros.p50} µs, p99 ${floorMicros.p99} µs, ${result.bytesPerSync} bytes`);
  console.log(`ratio               p50 ${result.ratioToFloor}, p99 ${result.ratioToFloorP99}`);
}
