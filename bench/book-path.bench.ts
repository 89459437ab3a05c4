/**
 * From a Kalshi frame to a decision: parse, validate, book, coalesce, detect, on recorded frames.
 *
 * The floor is a bare `JSON.parse` of the same texts, in turn with the whole path and in the same run. The path may
 * end below it, because it reads deltas in the venue's spelling without `JSON.parse`; what it takes when no frame is
 * spelled so is measured as well. Fresh books every pass; single messages are timed apart, because looking at the
 * clock costs.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeSection } from './support/benchmark-page.ts';
import { pageOf, textOf } from './support/book-path-report.ts';
import { environment } from './support/environment.ts';
import { gapDecisionMicros } from './support/gap-decision.ts';
import { interleave, type Plan } from './support/interleave.ts';
import { decisionsPerMessage, floorOf, parseOf, pathOf, singleMessages, spelledOtherwise } from './support/measure.ts';
import { runPeer } from './support/peer-run.ts';
import { arePeersInstalled, installPeers, loadPeers } from './support/peers.ts';
import { type Recording, readRecording } from './support/recordings.ts';
import type { BookPathResult, RecordingResult, StageResult } from './support/results.ts';
import { round } from './support/statistics.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SHIPPED = join(ROOT, 'data', 'kalshi-btc-15-minutes.ndjson.gz');
/** Longer recordings, where somebody keeps them beside the repository; nothing depends on them. */
const LONGER = join(ROOT, '..', 'shared', 'data', 'kalshi', 'ws');
const LONGER_MAX = 3;

const USAGE = `Usage: npm run bench -- book-path [options] [recordings...]

Recordings are lines of {"recv_ns":…,"frame":{…}}, compressed or not; without any, the one in data/ is used.

  --repetitions <n>  repetitions of floor and path in turn, at least 5 (default 15)
  --peers            also measure packages that keep such books, after npm ci in bench/peers
  --write-docs       write the figures to docs/benchmarks.md
  --json             print one JSON value
  --help             print this`;

const USAGE_EXIT = 64;
const REPETITIONS_MIN = 5;
/** Floor and path take turns every so many messages or every whole recording, whichever is more. */
const MESSAGES_PER_REPETITION = 10_000;
const WARM_UP_MESSAGES = 60_000;
const TIMED_MESSAGES = 100_000;
const RATIO_TARGET = 1.5;
const TAIL_TARGET = 10;

const options = readOptions();
if (options === undefined) {
  process.exitCode = USAGE_EXIT;
} else if (options.help) {
  console.log(USAGE);
} else {
  const result = await measure(options);
  if (options.writeDocs) writeSection('book-path', pageOf(result));
  console.log(options.json ? JSON.stringify(result, null, 2) : textOf(result));
}

interface Options {
  readonly paths: readonly string[];
  readonly repetitions: number;
  readonly peers: boolean;
  readonly writeDocs: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

function readOptions(): Options | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        repetitions: { type: 'string', default: '15' },
        peers: { type: 'boolean', default: false },
        'write-docs': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const repetitions = Number(values.repetitions);
    if (!(Number.isInteger(repetitions) && repetitions >= REPETITIONS_MIN))
      throw new Error(`--repetitions must be a whole number from ${REPETITIONS_MIN}, found ${values.repetitions}`);
    const { peers, json, help } = values;
    const paths = positionals.length > 0 ? positionals : [SHIPPED, ...longerRecordings()];
    return { paths, repetitions, peers, writeDocs: values['write-docs'], json, help };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return undefined;
  }
}

function longerRecordings(): string[] {
  if (!existsSync(LONGER)) return [];
  return readdirSync(LONGER)
    .filter((name) => /^kxbtc15m-.*Z\.ndjson\.gz$/.test(name))
    .sort()
    .slice(0, LONGER_MAX)
    .map((name) => join(LONGER, name));
}

async function measure({ paths, repetitions, peers }: Options): Promise<BookPathResult> {
  const recordings: RecordingResult[] = [];
  const loaded: Recording[] = [];
  for (const path of paths) {
    const recording = await readRecording(path);
    loaded.push(recording);
    console.error(`${relative(process.cwd(), path)}: ${recording.messages} messages …`);
    recordings.push(measureRecording(recording, repetitions));
  }
  const otherwise = loaded.map((recording) => measureOtherwise(recording, repetitions));
  const first = loaded[0];
  const peerResults = peers && first !== undefined ? await measurePeers(first, repetitions) : [];
  const ratioToFloor = overallRatio(recordings);
  const tail = Math.max(...recordings.map((one) => one.path.p99Micros / one.path.p50Micros));
  return {
    bench: 'book-path',
    environment: environment(),
    recordings,
    ratioToFloor,
    otherwiseRatioToFloor: overallRatio(otherwise),
    p99OverP50: round(tail, 2),
    gapDecisionMicros: gapDecisionMicros(),
    targets: {
      ratioToFloorMax: RATIO_TARGET,
      isRatioMet: ratioToFloor <= RATIO_TARGET,
      p99OverP50Max: TAIL_TARGET,
      isTailMet: tail <= TAIL_TARGET,
    },
    peers: peerResults,
    arePeersInstalled: arePeersInstalled(),
  };
}

type Means = Pick<RecordingResult, 'messages' | 'floorMeanMicros' | 'pathMeanMicros'>;

/** Every message counts the same, whatever recording it is from. */
function overallRatio(recordings: readonly Means[]): number {
  const total = (of: (one: Means) => number): number =>
    recordings.reduce((sum, one) => sum + of(one) * one.messages, 0);
  return round(total((one) => one.pathMeanMicros) / total((one) => one.floorMeanMicros));
}

function planFor(recording: Recording, repetitions: number): Plan {
  const { messages } = recording;
  const passes = Math.max(1, Math.round(MESSAGES_PER_REPETITION / messages));
  const warmUps = Math.max(1, Math.ceil(WARM_UP_MESSAGES / (passes * messages)));
  return { warmUps, repetitions, passes, messages };
}

function measureRecording(recording: Recording, repetitions: number): RecordingResult {
  const plan = planFor(recording, repetitions);
  // The whole path comes first: the partial ones would teach the compiler shapes that a live process never sees.
  const [floor, path] = interleave([floorOf(recording), pathOf(recording, 'decisions', 'path')], plan);
  const single = singleMessages(recording, Math.max(1, Math.round(TIMED_MESSAGES / recording.messages)));
  return {
    name: recording.name,
    messages: recording.messages,
    bytesPerMessage: Math.round(recording.bytes / recording.messages),
    decisionsPerMessage: decisionsPerMessage(recording),
    passes: plan.passes * plan.repetitions,
    floorMeanMicros: floor?.meanMicros ?? Number.NaN,
    pathMeanMicros: path?.meanMicros ?? Number.NaN,
    ratioToFloor: path?.ratioToFloor ?? Number.NaN,
    medianRatioToFloor: path?.medianRatioToFloor ?? Number.NaN,
    messagesPerSecond: Math.round(1e6 / (path?.meanMicros ?? Number.NaN)),
    ...single,
    stages: stagesOf(recording, plan),
  };
}

function measureOtherwise(recording: Recording, repetitions: number): Means {
  const other = spelledOtherwise(recording);
  const subjects = [floorOf(other), pathOf(other, 'decisions', 'path')];
  const [floor, path] = interleave(subjects, planFor(other, repetitions));
  return {
    messages: other.messages,
    floorMeanMicros: floor?.meanMicros ?? Number.NaN,
    pathMeanMicros: path?.meanMicros ?? Number.NaN,
  };
}

/** Shares by difference: each row runs everything up to and including its stage. The floor is not one of them. */
function stagesOf(recording: Recording, plan: Plan): StageResult[] {
  const timings = interleave(
    [
      floorOf(recording),
      parseOf(recording),
      pathOf(recording, 'events', 'count per subscription'),
      pathOf(recording, 'books', 'book'),
      pathOf(recording, 'decisions', 'coalesce and detect'),
    ],
    plan,
  );
  const stages = timings.slice(1);
  const whole = stages.at(-1)?.meanMicros ?? Number.NaN;
  return stages.map(({ name, meanMicros, ratioToFloor }, at) => {
    const own = meanMicros - (stages[at - 1]?.meanMicros ?? 0);
    return { name, upToHereMicros: meanMicros, ratioToFloor, ownMicros: round(own), share: round(own / whole) };
  });
}

async function measurePeers(recording: Recording, repetitions: number) {
  installPeers();
  const peers = await loadPeers();
  return peers.map((peer) => {
    console.error(`${peer.name} …`);
    return runPeer(peer, recording, planFor(recording, repetitions));
  });
}
