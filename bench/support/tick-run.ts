/** One run of the tick-to-trade bench: both venues in a process of their own, the engine in this one, triggers in turn with the floor. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Trading } from '../../src/actors/trading.ts';
import { conservative100 } from '../../src/app/config/conservative-100.ts';
import { startRehearsal } from '../../src/app/rehearsal/start-rehearsal.ts';
import type { Announcement } from '../../src/app/sim/serve-sim.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { systemIds, systemRandom } from '../../src/app/system-random.ts';
import { FileJournal } from '../../src/db/journal/file-journal.ts';
import { millis } from '../../src/domain/units.ts';
import { loadDigestSigner } from '../../src/venues/polymarket/digest-signer.ts';
import { HeldSockets } from '../../src/venues/transport/held-sockets.ts';
import { UndiciHttp } from '../../src/venues/transport/undici-http.ts';
import { WsSockets } from '../../src/venues/transport/ws-socket.ts';
import { READ_BYTES_MAX, tickEngine } from './tick-engine.ts';
import { makeFloor, type TickFloor } from './tick-floor.ts';
import { type Marks, TickTrace } from './tick-trace.ts';
import { type Told, tickerOf, type WorldTerms } from './tick-world.ts';

export interface TickTerms extends WorldTerms {
  /** Of each phase. */
  readonly seconds: number;
  /** From one rehearsal to the next, in milliseconds. */
  readonly rehearsalMs: number;
}

export interface Phase {
  readonly rehearsal: boolean;
  readonly samples: readonly Marks[];
  /** In milliseconds, each in turn with a sample. */
  readonly floors: readonly number[];
  readonly missed: number;
  readonly messagesPerSecond: number;
  /** Passes, and the share of one core that their beats took. */
  readonly passes: number;
  readonly processShare: number;
}

export interface TickRun {
  readonly phases: readonly Phase[];
  readonly written: { readonly records: number; readonly bytes: number };
  readonly refusals: Readonly<Record<string, number>>;
}

const FOLDER = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), '.tandem', 'bench');
/** Real and floor samples take turns, so each comes ten times a second: one trigger in a thousand messages. */
const TURN_MS = 50;
/** A trigger that came to nothing by then is missed: far longer than the slowest disk that a busy machine shows. */
const PATIENCE_MS = 5_000;
/** Of each phase, not counted: whatever has never run at all runs in them. */
const WARM_UPS = 10;

const pause = (ms: number): Promise<void> => new Promise((resolve) => void systemClock.setTimeout(resolve, ms));

interface Stage {
  readonly terms: TickTerms;
  readonly trading: Trading;
  readonly trace: TickTrace;
  readonly floor: TickFloor;
  readonly tell: (told: Told) => void;
}

/** Without rehearsal first: what it warms stays warm for a while. */
export async function tickRun(terms: TickTerms): Promise<TickRun> {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  const world = fork(fileURLToPath(new URL('./tick-world.ts', import.meta.url)), [JSON.stringify(terms)]);
  const [announcement] = (await once(world, 'message')) as [Announcement];
  const http = new UndiciHttp({ clock: systemClock, replyBytesMax: READ_BYTES_MAX });
  const journal = new FileJournal(join(FOLDER, 'journal'), {
    clock: systemClock,
    run: { run: 'bench', mode: 'bench', config: 'none', versions: {}, machines: [] },
    onFault: ({ message }) => {
      throw new Error(message);
    },
  });
  const trace = new TickTrace();
  const refusals: Record<string, number> = {};
  const trading = await engineAt(announcement, { http, journal, trace, refusals });
  const floor = await makeFloor(new URL(announcement.webhook.url).origin, join(FOLDER, 'floor'));
  await pause(3_000);
  await http.keepWarm(new URL(announcement.kalshi.restUrl).origin, '/trade-api/v2/exchange/status');
  await http.keepWarm(announcement.polymarket.clobUrl, '/time');
  const stage: Stage = { terms, trading, trace, floor, tell: (told) => void world.send(told) };
  stage.tell({ kind: 'flood', on: true });
  await pause(2_000);
  const phases = [await without(stage), await within(stage)];
  stage.tell({ kind: 'flood', on: false });
  await pause(500);
  await trading.stop();
  await journal.close();
  await floor.close();
  await http.close();
  end(world);
  return { phases, written: trace.written(), refusals };
}

function engineAt(
  announcement: Announcement,
  given: {
    readonly http: UndiciHttp;
    readonly journal: FileJournal;
    readonly trace: TickTrace;
    readonly refusals: Record<string, number>;
  },
): Promise<Trading> {
  const { http, journal, trace, refusals } = given;
  return tickEngine({
    announcement,
    http: trace.http(http),
    sockets: new HeldSockets(trace.sockets(new WsSockets()), systemClock),
    journal: trace.journal(journal),
    listeners: {
      onDecision: ({ verdict }) => {
        if (verdict.kind === 'edge') trace.mark('decided');
      },
      onApproval: (_, approval) => {
        if (approval.kind === 'refused') refusals[approval.reason] = (refusals[approval.reason] ?? 0) + 1;
      },
      onAlert: (alert) => {
        if (alert.kind === 'opened') console.error(`breaker: ${alert.trigger.kind} ${alert.trigger.detail}`);
      },
    },
  });
}

async function without(stage: Stage): Promise<Phase> {
  return { ...(await measure(stage)), rehearsal: false, passes: 0 };
}

async function within(stage: Stage): Promise<Phase> {
  const rehearsal = await startRehearsal({
    clock: systemClock,
    random: systemRandom,
    ids: systemIds,
    digestSigner: await loadDigestSigner(),
    profile: conservative100('together'),
    everyMs: millis(stage.terms.rehearsalMs),
    isBusy: () => stage.trading.isSending,
    onTrouble: (detail) => console.error(`rehearsal: ${detail}`),
  });
  await pause(3_000);
  const before = rehearsal.view.passes;
  const measured = await measure(stage);
  const passes = rehearsal.view.passes - before;
  await rehearsal.stop();
  return { ...measured, rehearsal: true, passes };
}

async function measure(stage: Stage): Promise<Omit<Phase, 'rehearsal' | 'passes'>> {
  const { terms, trading, trace, floor } = stage;
  const messages = (): number =>
    Object.values(trading.desks)
      .flatMap((desk) => desk.figures())
      .reduce((sum, { messages: count }) => sum + count, 0);
  const [countBefore, startMs, cpuBefore] = [messages(), performance.now(), process.cpuUsage()];
  const samples: Marks[] = [];
  const floors: number[] = [];
  let missed = 0;
  const turns = Math.round((terms.seconds * 1_000) / TURN_MS / 2);
  for (let turn = -WARM_UPS; turn < turns; turn++) {
    const marks = await trigger(stage, (turn + WARM_UPS) % terms.pairs);
    await pause(TURN_MS);
    const floorMs = await floor.sample(trace.written().bytes);
    await pause(TURN_MS);
    if (turn < 0) continue;
    floors.push(floorMs);
    if (marks === undefined) missed++;
    else samples.push(marks);
  }
  const tookMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  const messagesPerSecond = (messages() - countBefore) / (tookMs / 1_000);
  return { samples, floors, missed, messagesPerSecond, processShare: (user + system) / 1_000 / tookMs };
}

async function trigger({ trace, tell }: Stage, pair: number): Promise<Marks | undefined> {
  const traced = trace.await(tickerOf(pair), () => tell({ kind: 'close', pair }));
  tell({ kind: 'gap', pair });
  const timer = systemClock.setTimeout(() => trace.giveUp(), PATIENCE_MS);
  const marks = await traced;
  systemClock.clearTimeout(timer);
  if (marks === undefined) tell({ kind: 'close', pair });
  return marks;
}

function end(world: ChildProcess): void {
  world.send({ kind: 'end' } satisfies Told);
  world.disconnect();
}
