/** What is measured on one recording: the floor, the whole path, its stages, and single messages. */
import { parseKalshiFrame } from '../../src/venues/kalshi/parse.ts';
import { clockMicros, cpuMsSince, type Pass, type Spread, type Subject } from './interleave.ts';
import { KalshiPath, type Reach } from './kalshi-path.ts';
import { asDelivered, type Recording } from './recordings.ts';
import { median, percentileOfSorted, round } from './statistics.ts';

/** Written to by every pass, so that no compiler can leave the work out. */
export const sink: { last: unknown } = { last: undefined };

/** Bare `JSON.parse` of the same texts: what a consumer of this feed pays at least, unless it reads them otherwise. */
export function floorOf({ sessions }: Recording): Subject {
  return {
    name: 'JSON.parse',
    pass: () => {
      const before = process.cpuUsage();
      for (const { texts } of sessions) for (const text of texts) sink.last = JSON.parse(text);
      return cpuMsSince(before);
    },
  };
}

/** Frames through fresh books. Opening the books and watches is not part of the time. */
export function pathOf(recording: Recording, reach: Reach, name: string): Subject {
  return {
    name,
    pass: () => {
      const path = new KalshiPath(recording.tickers, reach);
      const before = process.cpuUsage();
      runThrough(path, recording);
      const cpuMs = cpuMsSince(before);
      sink.last = path.latest;
      return cpuMs;
    },
  };
}

/** All frames of a recording, each at the time of its receipt. */
export function runThrough(path: KalshiPath, { sessions }: Recording): void {
  for (const [at, { texts, atMs }] of sessions.entries()) {
    if (at > 0) path.connect();
    for (let frame = 0; frame < texts.length; frame++) path.onFrame(texts[frame] ?? '', atMs[frame] ?? 0);
  }
}

/** The same frames with white space before them: the same JSON, in no spelling that is read without `JSON.parse`. */
export function spelledOtherwise(recording: Recording): Recording {
  const sessions = recording.sessions.map(({ texts, atMs }) => ({
    texts: texts.map((text) => asDelivered(` ${text}`)),
    atMs,
  }));
  return { ...recording, sessions, bytes: recording.bytes + recording.messages };
}

export function parseOf({ sessions }: Recording): Subject {
  const options = { useYesPrice: false };
  const pass: Pass = () => {
    const before = process.cpuUsage();
    for (const { texts } of sessions) for (const text of texts) sink.last = parseKalshiFrame(text, options);
    return cpuMsSince(before);
  };
  return { name: 'parse and validate', pass };
}

export interface SingleMessages {
  readonly floor: Spread;
  readonly path: Spread;
  /** What two readings of the clock take; taken off every single time. */
  readonly clockMicros: number;
}

/** Times every message by itself, some passes over: in a pass of its own, because looking at the clock costs. */
export function singleMessages(recording: Recording, passes: number): SingleMessages {
  const clock = clockMicros();
  const floor = new Float64Array(recording.messages * passes);
  const path = new Float64Array(recording.messages * passes);
  for (let pass = 0; pass < passes; pass++) {
    const from = pass * recording.messages;
    timeFloor(recording, floor, from);
    timePath(recording, path, from);
  }
  return { floor: spreadOf(floor, clock), path: spreadOf(path, clock), clockMicros: round(clock) };
}

function timeFloor({ sessions }: Recording, into: Float64Array, from: number): void {
  let at = from;
  for (const { texts } of sessions) {
    for (const text of texts) {
      const startMs = performance.now();
      sink.last = JSON.parse(text);
      into[at++] = performance.now() - startMs;
    }
  }
}

function timePath(recording: Recording, into: Float64Array, from: number): void {
  const path = new KalshiPath(recording.tickers, 'decisions');
  let at = from;
  for (const [index, { texts, atMs }] of recording.sessions.entries()) {
    if (index > 0) path.connect();
    for (let frame = 0; frame < texts.length; frame++) {
      const startMs = performance.now();
      path.onFrame(texts[frame] ?? '', atMs[frame] ?? 0);
      into[at++] = performance.now() - startMs;
    }
  }
}

function spreadOf(timesMs: Float64Array, clock: number): Spread {
  timesMs.sort();
  const micros = (share: number): number => round(Math.max(0, percentileOfSorted(timesMs, share) * 1_000 - clock));
  return { p50Micros: micros(0.5), p99Micros: micros(0.99), maxMicros: micros(1) };
}

/** Decisions that a recording leads to per message: the detector runs once per run of equal timestamps. */
export function decisionsPerMessage(recording: Recording): number {
  const path = new KalshiPath(recording.tickers, 'decisions');
  runThrough(path, recording);
  return round(path.decisions / recording.messages, 2);
}

/** Median over repetitions of what one call takes, in microseconds. */
export function medianMicros(calls: number, call: () => void): number {
  const times: number[] = [];
  for (let at = 0; at < calls; at++) {
    const startMs = performance.now();
    call();
    times.push((performance.now() - startMs) * 1_000);
  }
  return round(median(times));
}
