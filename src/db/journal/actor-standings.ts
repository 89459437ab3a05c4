/** Where every actor stands while records are read, and whether the next record can be true of it. */
import type { WrittenRecord } from '../../domain/ports/journal.ts';
import { ChartIndex } from './chart-index.ts';
import type { JournalDisk } from './journal-disk.ts';
import { readDefinition } from './journal-layout.ts';

export class ActorStandings {
  readonly #disk: JournalDisk;
  readonly #states = new Map<string, string>();
  /** In which states actors of a name have ended: what comes for one of them later is written down, and moves nothing. */
  readonly #ended = new Map<string, Set<string>>();
  readonly #charts = new Map<string, ChartIndex | undefined>();
  /** False until the beginning of a run was seen: of an actor that is met in the middle nothing is known. */
  #isWhole = false;

  constructor(disk: JournalDisk) {
    this.#disk = disk;
  }

  /** No actor outlives its run. */
  begin(): void {
    this.#states.clear();
    this.#ended.clear();
    this.#isWhole = true;
  }

  /** `home` is the folder of the run. Throws a `StoreFault` where a definition is not what it was. */
  complaintAbout(record: WrittenRecord, home: string): string | undefined {
    switch (record.kind) {
      case 'spawn':
        // One that broke writes no end of its own.
        this.#end(record.actor);
        this.#states.set(record.actor, record.state);
        return this.#complaintAboutDefinition(record, home, (chart) => chart.complaintAboutState(record.state));
      case 'transition': {
        const broken = this.#complaintAboutStanding(record.actor, record.from);
        this.#states.set(record.actor, record.to);
        return broken ?? this.#complaintAboutDefinition(record, home, (chart) => chart.complaintAboutMove(record));
      }
      case 'ignored':
        if (this.#ended.get(record.actor)?.has(record.state) === true) return undefined;
        return this.#complaintAboutStanding(record.actor, record.state);
      case 'stop': {
        const broken = this.#complaintAboutStanding(record.actor, record.state);
        this.#end(record.actor);
        return broken;
      }
      default:
        return undefined;
    }
  }

  #end(actor: string): void {
    const state = this.#states.get(actor);
    if (state === undefined) return;
    this.#states.delete(actor);
    this.#ended.set(actor, (this.#ended.get(actor) ?? new Set()).add(state));
  }

  #complaintAboutStanding(actor: string, state: string): string | undefined {
    const known = this.#states.get(actor);
    if (known === undefined && !this.#isWhole) return undefined;
    if (known === undefined) return `expected an actor that was started, found ${actor}`;
    return known === state ? undefined : `expected ${actor} in ${known}, where it stood, found it in ${state}`;
  }

  #complaintAboutDefinition(
    { actor, machine, definition }: { readonly actor: string; readonly machine: string; readonly definition: string },
    home: string,
    judge: (chart: ChartIndex) => string | undefined,
  ): string | undefined {
    const key = `${home}\n${machine}\n${definition}`;
    if (!this.#charts.has(key)) this.#charts.set(key, this.#read({ home, machine, definition }));
    const chart = this.#charts.get(key);
    if (chart === undefined) return `expected the run to keep definition ${definition} of ${machine}, found none`;
    const what = judge(chart);
    return what === undefined ? undefined : `${actor}: ${what}`;
  }

  #read(of: { readonly home: string; readonly machine: string; readonly definition: string }): ChartIndex | undefined {
    const found = readDefinition(this.#disk, of.home, of.definition);
    return found === undefined || found.id !== of.machine ? undefined : new ChartIndex(found);
  }
}
