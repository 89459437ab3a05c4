import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { OrderDesk, type OrderDeskParts } from '../../src/actors/order-desk.ts';
import { SubmitPath } from '../../src/actors/order-desk-path.ts';
import { type LivePermit, type RehearsalPermit, rehearsalPermit } from '../../src/actors/permit.ts';
import type { RehearsalParts } from '../../src/actors/rehearsal.ts';
import { conservative100 } from '../../src/app/config/conservative-100.ts';
import {
  type RehearsalOptions,
  type RunningRehearsal,
  startRehearsal,
} from '../../src/app/rehearsal/start-rehearsal.ts';
import { systemClock, systemTurn } from '../../src/app/system-clock.ts';
import type { LegOrder } from '../../src/domain/execution/leg.ts';
import type { HttpTransport } from '../../src/domain/ports/http.ts';
import type { PreparedOrder, Venue } from '../../src/domain/ports/venue.ts';
import { seededIds, seededRandom } from '../../src/domain/seeded-random.ts';
import { millis } from '../../src/domain/units.ts';
import { scriptSigner } from '../../src/venues/polymarket/digest-signer.ts';
import type { RehearsalTransport } from '../../src/venues/transport/rehearsal-transport.ts';

const open: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

async function rehearsing(options: Partial<RehearsalOptions> = {}) {
  const troubles: string[] = [];
  const running = await startRehearsal({
    clock: systemClock,
    random: seededRandom('rehearsal'),
    ids: seededIds('rehearsal'),
    digestSigner: scriptSigner,
    profile: conservative100('together'),
    everyMs: millis(2),
    lagMsMax: millis(1_000),
    isBusy: () => false,
    onTrouble: (detail) => troubles.push(detail),
    ...options,
  });
  open.push(running);
  return { running, troubles };
}

async function passesOf(running: RunningRehearsal, count: number): Promise<void> {
  while (running.view.passes < count) await systemTurn();
}

describe('a rehearsal', () => {
  it('takes both orders all the way to the text that would leave, again and again', async () => {
    const { running, troubles } = await rehearsing();
    await passesOf(running, 20);
    expect(troubles).toEqual([]);
    // Both orders of each pass, and the reads with which an adapter begins.
    expect(running.transport.swallowed).toBeGreaterThanOrEqual(40);
  });

  it('ends without a word, also in the middle of a pass', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const { running, troubles } = await rehearsing();
      await passesOf(running, 1);
      const { swallowed } = running.transport;
      while (running.transport.swallowed === swallowed) await systemTurn();
      for (let turn = 0; turn < turns; turn++) await systemTurn();
      await running.stop();
      await systemTurn();
      expect(troubles).toEqual([]);
    }
  });

  it('opens no socket, writes no byte to a disk and syncs none', async () => {
    const connects = vi.spyOn(Socket.prototype, 'connect');
    const disk = (['write', 'writev', 'writeSync', 'fdatasync', 'fsync', 'open', 'openSync'] as const).map((name) =>
      vi.spyOn(fs, name),
    );
    syncBuiltinESMExports();
    const { running, troubles } = await rehearsing();
    await passesOf(running, 20);
    expect(troubles).toEqual([]);
    expect(connects).not.toHaveBeenCalled();
    for (const call of disk) expect(call).not.toHaveBeenCalled();
  });

  it('is given nothing of live trading: no journal, no exposure book, no venue, no transport', () => {
    expectTypeOf<keyof RehearsalOptions>().toEqualTypeOf<
      'clock' | 'random' | 'ids' | 'digestSigner' | 'profile' | 'everyMs' | 'lagMsMax' | 'isBusy' | 'onTrouble'
    >();
  });

  it('leaves nothing behind, however long it goes on', async () => {
    const { running } = await rehearsing();
    await passesOf(running, 100);
    const before = heldAfterCollection();
    await passesOf(running, 300);
    const grown = heldAfterCollection() - before;
    // What one pass writes down is some ten kilobytes: two hundred that were kept would be two megabytes.
    expect(grown).toBeLessThan(1_200_000);
  }, 60_000);

  it('says that the way of an order is broken when an order does not come back refused', async () => {
    const { running, troubles } = await rehearsing({ digestSigner: { kind: 'script', sign: () => broken() } });
    await vi.waitFor(() => expect(troubles.length).toBeGreaterThan(0), { timeout: 10_000 });
    expect(running.view.passes).toBe(0);
  }, 20_000);
});

function heldAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

function broken(): never {
  throw new Error('the key does not sign');
}

describe('a rehearsal permit', () => {
  const venue = {} as Venue;
  const order = {} as { order: LegOrder; prepared: PreparedOrder };
  const ends = { onOutcome: () => undefined, onSent: () => undefined };

  it('opens no venue that could reach a socket', () => {
    // @ts-expect-error a venue over a real wire takes live permits only
    new SubmitPath<RehearsalPermit>({ kalshi: venue }, () => false);
    const parts = {} as OrderDeskParts<LivePermit>;
    const forLive = (given: OrderDeskParts<LivePermit>) => new OrderDesk(given);
    // @ts-expect-error a desk of live venues is no desk of a rehearsal
    const desk: () => OrderDesk<RehearsalPermit> = () => new OrderDesk<RehearsalPermit>(parts);
    expect([forLive, desk]).toHaveLength(2);
  });

  it('does not compile where an order is sent live', () => {
    const path = new SubmitPath({ kalshi: venue }, () => false);
    // @ts-expect-error only the breaker's gate gives what this takes
    path.submit(order, rehearsalPermit(), ends);
    expect(path).toBeInstanceOf(SubmitPath);
  });

  it('goes with a wire of its own type, which no other transport can stand in for', () => {
    const live = {} as HttpTransport;
    // @ts-expect-error any other transport might reach a socket
    const wire: RehearsalTransport = live;
    const venues = { kalshi: venue, polymarket: venue };
    // @ts-expect-error nor can a live venue stand in for a rehearsed one
    const given: RehearsalParts['venues'] = venues;
    expect([wire, given]).toHaveLength(2);
  });
});
