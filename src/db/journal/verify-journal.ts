/**
 * Whether a journal is what was written: hashes, links and numbers of its records, manifests and definitions of its
 * runs, and every move of every actor against the definition of its machine.
 *
 * Not to be seen from the records alone: whether one was on the disk before its effect left, and whether the last
 * ones of a run that was not closed are missing.
 */
import { dirname } from 'node:path';
import type { RunRecord, WrittenRecord } from '../../domain/ports/journal.ts';
import { StoreFault } from '../store-fault.ts';
import { ActorStandings } from './actor-standings.ts';
import type { JournalDisk } from './journal-disk.ts';
import { type RecordFile, readManifest } from './journal-layout.ts';
import { type OpenIntent, OpenIntents } from './open-intents.ts';
import { type ChainPoint, walkChain } from './read-journal.ts';

export interface JournalProblem {
  /** `<file>:<line>`, or a file. */
  readonly where: string;
  readonly seq: number | undefined;
  readonly what: string;
}

export interface RunSummary {
  readonly run: string;
  readonly mode: string | undefined;
  readonly firstSeq: number;
  lastSeq: number;
  readonly firstAt: string;
  lastAt: string;
  /** Closed in good order. A run without it crashed, or is still at work. */
  isSealed: boolean;
}

export interface VerifyReport {
  readonly records: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly runs: readonly RunSummary[];
  readonly attempts: number;
  readonly orders: number;
  readonly openIntents: readonly OpenIntent[];
  /** In the order of the records; at most twenty, and none after the first that breaks the chain. */
  readonly problems: readonly JournalProblem[];
  /** The beginning of a record at the very end: of a crash, or of a writer that is at work. */
  readonly torn: { readonly where: string; readonly bytes: number } | undefined;
}

const PROBLEMS_MAX = 20;
const ATTEMPT = /(?:^|\/)attempt\/([^/]+)/;

export function verifyJournal(
  disk: JournalDisk,
  files: readonly RecordFile[],
  /** `undefined`: the first record that is given is believed to follow something. */
  from: ChainPoint | undefined,
): VerifyReport {
  const verifier = new Verifier(disk);
  for (const step of walkChain(disk, files, from)) {
    if (step.kind === 'record') verifier.note(step.record, step.where, step.path);
    else if (step.kind === 'torn') verifier.torn = { where: step.where, bytes: step.bytes.length };
    else verifier.problems.push({ where: step.where, seq: step.seq, what: step.what });
    if (verifier.problems.length >= PROBLEMS_MAX) break;
  }
  return verifier.report();
}

class Verifier {
  readonly problems: JournalProblem[] = [];
  torn: VerifyReport['torn'];
  readonly #disk: JournalDisk;
  readonly #standings: ActorStandings;
  readonly #kinds = new Map<string, number>();
  readonly #runs = new Map<string, RunSummary>();
  readonly #attempts = new Set<string>();
  readonly #intents = new OpenIntents();

  constructor(disk: JournalDisk) {
    this.#disk = disk;
    this.#standings = new ActorStandings(disk);
  }

  note(record: WrittenRecord, where: string, path: string): void {
    this.#kinds.set(record.kind, (this.#kinds.get(record.kind) ?? 0) + 1);
    this.#noteRun(record);
    this.#noteAttempt(record);
    this.#intents.note(record, where);
    const what = this.#complaint(record, dirname(path));
    if (what !== undefined) this.problems.push({ where, seq: record.seq, what });
  }

  report(): VerifyReport {
    const counts = [...this.#kinds].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      records: counts.reduce((total, [, count]) => total + count, 0),
      kinds: Object.fromEntries(counts),
      runs: [...this.#runs.values()],
      attempts: this.#attempts.size,
      orders: this.#kinds.get('intent') ?? 0,
      openIntents: this.#intents.list(),
      problems: this.problems,
      torn: this.torn,
    };
  }

  #noteRun(record: WrittenRecord): void {
    const { run, seq, receivedAt } = record;
    const known = this.#runs.get(run);
    if (known === undefined) {
      const mode = record.kind === 'run' ? record.mode : undefined;
      this.#runs.set(run, {
        run,
        mode,
        firstSeq: seq,
        lastSeq: seq,
        firstAt: receivedAt,
        lastAt: receivedAt,
        isSealed: false,
      });
      return;
    }
    known.lastSeq = seq;
    known.lastAt = receivedAt;
    known.isSealed = record.kind === 'seal' && record.reason === 'end';
  }

  #noteAttempt(record: WrittenRecord): void {
    const attempt =
      record.kind === 'intent' ? record.attempt : ATTEMPT.exec('actor' in record ? record.actor : '')?.[1];
    if (attempt !== undefined) this.#attempts.add(attempt);
  }

  #complaint(record: WrittenRecord, home: string): string | undefined {
    try {
      return record.kind === 'run'
        ? this.#manifestComplaint(record, home)
        : this.#standings.complaintAbout(record, home);
    } catch (error) {
      if (error instanceof StoreFault) return error.message;
      throw error;
    }
  }

  #manifestComplaint(record: RunRecord & WrittenRecord, home: string): string | undefined {
    this.#standings.begin();
    const kept = readManifest(this.#disk, home);
    if (kept === undefined) return `expected manifest.json of run ${record.run}, found none`;
    if (kept.hash !== record.manifest)
      return `expected a manifest that hashes to ${record.manifest}, found ${kept.hash}`;
    if (kept.manifest.prev !== record.prev)
      return `expected a manifest that follows ${record.prev}, found ${kept.manifest.prev}`;
    return undefined;
  }
}
