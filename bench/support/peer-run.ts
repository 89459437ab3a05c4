/** A peer on the same frames in the same run: what it costs, and whether its book is right. */
import type { Book } from '../../src/domain/book/book.ts';
import type { Level } from '../../src/domain/ports/market-data.ts';
import { cpuMsSince, interleave, type Plan, type Subject } from './interleave.ts';
import { KalshiPath } from './kalshi-path.ts';
import { floorOf, pathOf, sink } from './measure.ts';
import type { Peer, PeerBooks, PeerLevel } from './peers.ts';
import type { Recording, Session } from './recordings.ts';

/** Every so many frames both books are compared in full. */
const COMPARE_EVERY = 11;

export interface PeerResult {
  readonly name: string;
  readonly note: string;
  readonly meanMicros: number;
  readonly ratioToFloor: number;
  readonly medianRatioToFloor: number;
  /** Our own way up to the changed book, without coalescing and detection, which no peer has. */
  readonly oursRatioToFloor: number;
  readonly compared: number;
  /** Comparisons in which price and size of both best levels are the same. */
  readonly sameTouch: number;
  /** Comparisons in which every level is the same. */
  readonly sameBook: number;
}

export function runPeer(peer: Peer, recording: Recording, plan: Plan): PeerResult {
  return quietly(() => {
    const prepared = { ...recording, sessions: recording.sessions.map((session) => preparedFor(peer, session)) };
    const subjects = [floorOf(recording), pathOf(recording, 'books', 'ours'), subjectOf(peer, prepared)];
    const [, ours, theirs] = interleave(subjects, plan);
    return {
      name: peer.name,
      note: peer.note,
      meanMicros: theirs?.meanMicros ?? Number.NaN,
      ratioToFloor: theirs?.ratioToFloor ?? Number.NaN,
      medianRatioToFloor: theirs?.medianRatioToFloor ?? Number.NaN,
      oursRatioToFloor: ours?.ratioToFloor ?? Number.NaN,
      ...compared(peer, recording, prepared),
    };
  });
}

function preparedFor(peer: Peer, { texts, atMs }: Session): Session {
  return { texts: texts.map(peer.prepare), atMs };
}

function subjectOf(peer: Peer, { sessions }: Recording): Subject {
  return {
    name: peer.name,
    pass: () => {
      let books: PeerBooks = peer.open();
      const before = process.cpuUsage();
      for (const [at, { texts }] of sessions.entries()) {
        if (at > 0) books = peer.open();
        for (const text of texts) books.onText(text);
      }
      const cpuMs = cpuMsSince(before);
      sink.last = books;
      return cpuMs;
    },
  };
}

function compared(
  peer: Peer,
  recording: Recording,
  prepared: Recording,
): Pick<PeerResult, 'compared' | 'sameTouch' | 'sameBook'> {
  const ours = new KalshiPath(recording.tickers, 'books');
  const tally = { compared: 0, sameTouch: 0, sameBook: 0 };
  for (const [at, { texts, atMs }] of recording.sessions.entries()) {
    if (at > 0) ours.connect();
    const theirs = peer.open();
    for (const [frame, text] of texts.entries()) {
      ours.onFrame(text, atMs[frame] ?? 0);
      theirs.onText(prepared.sessions[at]?.texts[frame] ?? '');
      if (frame % COMPARE_EVERY === 0) compare(ours, theirs, recording.tickers, tally);
    }
  }
  return tally;
}

function compare(
  ours: KalshiPath,
  theirs: PeerBooks,
  tickers: readonly string[],
  tally: { compared: number; sameTouch: number; sameBook: number },
): void {
  for (const ticker of tickers) {
    const book = ours.books.find(`kalshi/${ticker}`);
    // A book that both sides hold empty proves nothing about either.
    if (book === undefined || book.standing !== 'live' || book.isEmpty) continue;
    const sides = theirs.sides(ticker);
    const [bids, asks] = [levelsOf(sides?.bids ?? []), levelsOf(sides?.asks ?? [])];
    tally.compared++;
    if (isSame(book, bids, asks, 1)) tally.sameTouch++;
    if (isSame(book, bids, asks, Number.POSITIVE_INFINITY)) tally.sameBook++;
  }
}

type Counts = readonly (readonly [number, number])[];

/** Their binary floats to our whole numbers, to the nearest: an error below half a unit is no error. */
function levelsOf(levels: readonly PeerLevel[]): Counts {
  return levels.map(([price, size]) => [Math.round(price * 1e4), Math.round(size * 1e6)]);
}

function isSame(book: Book, bids: Counts, asks: Counts, depth: number): boolean {
  return isSameSide(book.bids(false), bids, depth) && isSameSide(book.asks(false), asks, depth);
}

function isSameSide(ours: readonly Level[], theirs: Counts, depth: number): boolean {
  const [left, right] = [ours.slice(0, depth), theirs.slice(0, depth)];
  return (
    left.length === right.length &&
    left.every(({ priceE4, sizeE6 }, at) => right[at]?.[0] === priceE4 && right[at]?.[1] === sizeE6)
  );
}

/** A peer may log every subscription; the figures are what this program prints. */
function quietly<T>(run: () => T): T {
  const { log } = console;
  console.log = () => undefined;
  try {
    return run();
  } finally {
    console.log = log;
  }
}
