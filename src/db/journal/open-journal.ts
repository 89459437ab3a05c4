/** Begins a run of the journal in a folder: its place in the chain, its manifest, its first records. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { JournalFault, JsonObject } from '../../domain/ports/journal.ts';
import { StoreFault, storeFault } from '../store-fault.ts';
import type { JournalDisk } from './journal-disk.ts';
import { isRunName, type RunManifest, recordFilePath, runFolder, writeManifest } from './journal-layout.ts';
import { openTail } from './journal-tail.ts';
import { JournalWriter, WRITER_LIMITS, type WriterLimits } from './journal-writer.ts';
import { definitionHash, type MachineDefinition } from './machine-definition.ts';
import { instantText } from './record-line.ts';

/** What is written down of a run before its first record. An allow-list: nothing else of a configuration enters. */
export interface RunFacts {
  /** Unique in the folder, and usable as the name of one. */
  readonly run: string;
  readonly mode: string;
  readonly seed?: string | undefined;
  readonly config: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly machines: readonly MachineDefinition[];
}

export interface JournalOptions {
  readonly clock: Clock;
  readonly run: RunFacts;
  /**
   * Called once. The disk is full, read-only or broken, or a record was no JSON: nothing is on disk beyond what the
   * message says, every `sync` from now on ends with the fault, and whoever trades stops.
   */
  readonly onFault: (fault: JournalFault) => void;
  readonly limits?: Partial<WriterLimits>;
}

export interface OpenedJournal {
  readonly writer: JournalWriter;
  /** What a crash had left half written, and was cut. */
  readonly cut: JsonObject | undefined;
}

/** Throws a `StoreFault` when the journal that is there cannot be continued. */
export function openRun(disk: JournalDisk, folder: string, options: JournalOptions): OpenedJournal {
  try {
    return begin(disk, folder, options);
  } catch (error) {
    throw storeFault(`begin run ${options.run.run} of the journal in ${folder}`, error);
  }
}

function begin(disk: JournalDisk, folder: string, { clock, run, onFault, limits }: JournalOptions): OpenedJournal {
  requireNewRun(disk, folder, run.run);
  const { point, cut } = openTail(disk, folder);
  const manifest = manifestOf(run, point.hash, instantText(clock.wall()));
  const manifestHash = writeManifest(disk, folder, manifest, run.machines);
  const writer = new JournalWriter({
    clock,
    run: run.run,
    from: point,
    createFile: (firstSeq) => {
      const path = recordFilePath(folder, run.run, firstSeq);
      return { file: disk.create(path), path };
    },
    onFault,
    limits: { ...WRITER_LIMITS, ...limits },
  });
  writer.append({ kind: 'run', mode: run.mode, manifest: manifestHash });
  if (cut !== undefined) writer.append({ kind: 'recovered', what: 'tornTail', detail: cut });
  return { writer, cut };
}

function requireNewRun(disk: JournalDisk, folder: string, run: string): void {
  if (!isRunName(run))
    throw new StoreFault('unavailable', `expected a run that can name a folder, found ${JSON.stringify(run)}`);
  if (disk.list(runFolder(folder, run)).length === 0) return;
  throw new StoreFault('unavailable', `expected a new run, found ${runFolder(folder, run)} from an earlier one`);
}

function manifestOf(facts: RunFacts, prev: string, startedAt: string): RunManifest {
  const { run, mode, seed, config, versions, machines } = facts;
  return {
    version: 1,
    run,
    mode,
    startedAt,
    seed,
    config,
    versions,
    machines: Object.fromEntries(machines.map((machine) => [machine.id, definitionHash(machine)])),
    prev,
  };
}
