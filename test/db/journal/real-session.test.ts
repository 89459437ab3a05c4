/** The journal of order legs at both simulated venues: the real charts, desk and adapters. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { definitionHash, definitionOf } from '../../../src/app/charts/definition.ts';
import { recordFiles } from '../../../src/db/journal/journal-layout.ts';
import { MemoryDisk } from '../../../src/db/journal/memory-disk.ts';
import { MEMORY_FOLDER } from '../../../src/db/journal/memory-journal.ts';
import { BEFORE_THE_FIRST } from '../../../src/db/journal/read-journal.ts';
import { verifyJournal } from '../../../src/db/journal/verify-journal.ts';
import { canonicalJson } from '../../../src/domain/canonical-json.ts';
import type { Secret } from '../../../src/domain/secret.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';

/** A key file tells one secret a line. */
const LINES = /\r?\n/;
const SECRET_LENGTH_MIN = 12;

interface Session {
  readonly files: Map<string, Uint8Array>;
  readonly secrets: ReadonlySet<string>;
  readonly faults: readonly unknown[];
}

async function session(): Promise<Session> {
  const secrets = new Set<string>();
  // The venues make their keys when they are imported: anew, and only once somebody listens.
  vi.resetModules();
  const secretModule = await import('../../../src/domain/secret.ts');
  const { prototype } = secretModule.Secret;
  const { reveal } = prototype;
  // Whatever any adapter takes out of its wrapping from here on is a canary.
  const spy = vi.spyOn(prototype, 'reveal').mockImplementation(function (this: Secret) {
    const value = reveal.call(this);
    for (const line of value.split(LINES))
      if (!line.startsWith('-----') && line.length >= SECRET_LENGTH_MIN) secrets.add(line);
    return value;
  });
  const { legDesk, orderOn } = await import('../../support/two-venues-legs.ts');
  const machines = new Map<string, AnyStateMachine>();
  const desk = await legDesk({
    definitionOf: (machine) => {
      machines.set(definitionHash(machine), machine);
      return definitionHash(machine);
    },
  });
  desk.side('polymarket').setFaults({ id: 'O1', times: 1, match: { step: 'order' } });
  desk.plan([orderOn(desk, 'kalshi'), orderOn(desk, 'polymarket')]);
  await desk.time.advance(30_000);
  const { faults, journal } = desk;
  await desk.close();
  spy.mockRestore();
  const files = journal.files();
  for (const [hash, machine] of machines)
    files.set(
      `${MEMORY_FOLDER}/runs/memory/definitions/${hash.replace('sha256:', '')}.json`,
      Buffer.from(canonicalJson(definitionOf(machine))),
    );
  return { files, secrets, faults };
}

describe('the journal of real legs', () => {
  let real: Session;
  beforeAll(async () => {
    real = await session();
  });

  it('is valid: every move is one that its chart declares, and every intent was answered', () => {
    const disk = new MemoryDisk({ clock: new VirtualClock() }, real.files);
    const report = verifyJournal(disk, recordFiles(disk, MEMORY_FOLDER), BEFORE_THE_FIRST);
    expect(real.faults).toEqual([]);
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ orders: 2, openIntents: [] });
    expect(report.kinds.transition).toBeGreaterThan(10);
    expect(report.kinds.ledger).toBeGreaterThan(1);
  });

  it('holds no secret that any adapter used (I19)', () => {
    const text = [...real.files.values()].map((bytes) => Buffer.from(bytes).toString()).join('\n');
    expect(real.secrets.size).toBeGreaterThan(4);
    for (const secret of real.secrets) expect(text.includes(secret)).toBe(false);
    for (const secret of real.secrets) expect(text.includes(secret.replace(/^0x/, ''))).toBe(false);
  });
});
