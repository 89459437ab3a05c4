/** The journal of a scenario: what it tells of charts, orders and triggers, and whether it holds as a journal. */
import type { AnyStateMachine } from 'xstate';
import { definitionHash, definitionOf } from '../../src/app/charts/definition.ts';
import { recordFiles } from '../../src/db/journal/journal-layout.ts';
import { MemoryDisk } from '../../src/db/journal/memory-disk.ts';
import { MEMORY_FOLDER, type MemoryJournal } from '../../src/db/journal/memory-journal.ts';
import { BEFORE_THE_FIRST } from '../../src/db/journal/read-journal.ts';
import { type VerifyReport, verifyJournal } from '../../src/db/journal/verify-journal.ts';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import type { LegOrder } from '../../src/domain/execution/leg.ts';
import type { Trigger } from '../../src/domain/limits/trigger.ts';
import type { Clock } from '../../src/domain/ports/clock.ts';
import type {
  IntentRecord,
  Journal,
  JournalRecord,
  JsonObject,
  LifeRecord,
  TransitionRecord,
} from '../../src/domain/ports/journal.ts';

import type { Life } from './life.ts';

type Of<Kind extends JournalRecord['kind']> = Extract<JournalRecord, { readonly kind: Kind }>;

const RUN_FOLDER = /^.*\/runs\/[^/]+(?=\/)/;
// A chart's definition is the same in every scenario.
const hashes = new WeakMap<AnyStateMachine, string>();

export class ScenarioJournal implements Journal {
  readonly intents = new Map<string, IntentRecord>();
  readonly #life: Life;
  readonly #clock: Clock;
  readonly #machines = new Map<string, AnyStateMachine>();
  readonly #triggers: { readonly trigger: Trigger; readonly atMs: number }[] = [];

  constructor(life: Life, clock: Clock) {
    this.#life = life;
    this.#clock = clock;
  }

  get #journal(): MemoryJournal {
    return this.#life.journal;
  }

  append(record: JournalRecord): number {
    if (this.#life.isOver) return 0;
    if (record.kind === 'intent') this.intents.set(record.clientOrderId, record);
    const told = record.kind === 'transition' && record.actor === 'breaker' ? record.event : undefined;
    if (told?.type === 'trigger.reported')
      this.#triggers.push({ trigger: told.trigger as unknown as Trigger, atMs: this.#clock.nowMs() });
    return this.#journal.append(record);
  }

  sync(onEnd: Parameters<Journal['sync']>[0]): void {
    this.#journal.sync((fault) => {
      if (!this.#life.isOver) onEnd(fault);
    });
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  readonly definitionOf = (machine: AnyStateMachine): string => {
    const hash = hashes.get(machine) ?? definitionHash(machine);
    hashes.set(machine, hash);
    this.#machines.set(hash, machine);
    return hash;
  };

  /** What the breaker was told, in order. */
  get triggers(): readonly { readonly trigger: Trigger; readonly atMs: number }[] {
    return this.#triggers;
  }

  get records(): readonly JournalRecord[] {
    return this.#journal.appended;
  }

  recordsOf<Kind extends JournalRecord['kind']>(kind: Kind): readonly Of<Kind>[] {
    return this.records.filter((record): record is Of<Kind> => record.kind === kind);
  }

  /** Orders whose intents were written, oldest first. */
  get orders(): readonly LegOrder[] {
    return [...this.intents.values()].map(({ order }) => order as unknown as LegOrder);
  }

  /**
   * The standings of the actors whose path ends so, in order, each once per visit: `leg/1-kalshi`, or
   * `attempt/*` for every attempt.
   */
  states(path: string): readonly string[] {
    const states: string[] = [];
    for (const record of this.records) {
      if (!isLife(record) && record.kind !== 'transition') continue;
      if (!isOf(record.actor, path) || record.kind === 'stop') continue;
      const state = record.kind === 'transition' ? record.to : record.state;
      if (states.at(-1) !== state) states.push(state);
    }
    return states;
  }

  /** What the first actor of this machine began with. */
  begunWith(machine: string): JsonObject {
    const begun = this.records.filter(isLife).find((record) => record.kind === 'spawn' && record.machine === machine);
    if (begun === undefined) throw new Error(`expected an actor of ${machine}, found none`);
    return begun.context;
  }

  transitions(path: string): readonly TransitionRecord[] {
    return this.recordsOf('transition').filter(({ actor }) => isOf(actor, path));
  }

  /** Whether what a crash in this moment would leave holds the intent of this order. */
  isIntentDurable(clientOrderId: string): boolean {
    const line = `"clientOrderId":"${clientOrderId}"`;
    return [...this.#journal.crash().values()].some((bytes) => Buffer.from(bytes).includes(line));
  }

  verify(): VerifyReport {
    const files = this.#journal.files();
    const homes = new Set([...files.keys()].flatMap((path) => RUN_FOLDER.exec(path) ?? []));
    for (const [hash, machine] of this.#machines) {
      const bytes = Buffer.from(canonicalJson(definitionOf(machine)));
      for (const home of homes) files.set(`${home}/definitions/${hash.replace('sha256:', '')}.json`, bytes);
    }
    const disk = new MemoryDisk({ clock: this.#clock }, files);
    return verifyJournal(disk, recordFiles(disk, MEMORY_FOLDER), BEFORE_THE_FIRST);
  }
}

function isLife(record: JournalRecord): record is LifeRecord {
  return record.kind === 'spawn' || record.kind === 'stop';
}

function isOf(actor: string, path: string): boolean {
  if (!path.endsWith('/*')) return actor === path || actor.endsWith(`/${path}`);
  const [last, above] = actor.split('/').reverse();
  return last !== undefined && above === path.slice(0, -2).split('/').at(-1);
}

export function orderText({ venue, action, sizeE6, limitE4, role, instrument }: LegOrder): string {
  const outcome = instrument.inverted ? ' no' : '';
  return `${venue} ${action}${outcome} ${sizeE6 / 1_000_000} @${limitE4 / 100} ${role}`;
}
