import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { millis } from '../../../src/domain/units.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { fixedDelays } from '../../../src/venues/transport/memory-delays.ts';
import { MemoryNetwork } from '../../../src/venues/transport/memory-network.ts';
import { readSegments } from '../../../src/venues/transport/read-recording.ts';
import { Recorder, type RecorderOptions } from '../../../src/venues/transport/recorder.ts';
import { ReplayingTransports } from '../../../src/venues/transport/replaying-transport.ts';
import { EchoServer } from '../../support/echo-server.ts';
import { get, openOn, post, sendOn } from '../../support/transport-calls.ts';

const SOCKET = 'wss://venue.test/socket';
const HTTP = 'https://venue.test';

/** A recorded echo server 5 ms away. Time moves only where a test says so. */
function setUp(options: Partial<RecorderOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = new VirtualClock();
  const server = new EchoServer();
  const random = seededRandom('recorder');
  const network = new MemoryNetwork({ clock, random, serverOf: () => server, delays: fixedDelays(5) });
  const faults: unknown[] = [];
  const recorder = new Recorder({
    folder,
    clock,
    redact: ({ text }) => text.replaceAll('hunter2', '[secret]'),
    onFault: (fault) => faults.push(fault),
    ...options,
  });
  const isPrivate = (url: string) => url.includes('private');
  return {
    clock,
    server,
    recorder,
    faults,
    folder,
    sockets: recorder.sockets(network.sockets, { source: 'kalshi', isPrivate }),
    http: recorder.http(network.http, { source: 'kalshi' }),
    /** What is on disk, as text. */
    text: () => recorder.paths.map((path) => gunzipSync(readFileSync(path)).toString('utf8')).join(''),
    kinds: async () =>
      (await readSegments(recorder.paths)).records.map((record) => ('k' in record ? record.k : 'head')),
  };
}

const replay = async (paths: readonly string[], clock: VirtualClock, pace: 'recorded' | 'asFastAsPossible') =>
  new ReplayingTransports({ records: (await readSegments(paths)).records, clock, pace });

describe('recorder', () => {
  it('writes down both directions with both times', async () => {
    const { clock, recorder, sockets } = setUp();
    const opened = openOn(sockets, SOCKET);
    clock.advanceBy(10);
    opened.socket.send('hello');
    opened.socket.ping();
    clock.advanceBy(10);
    opened.socket.close();
    clock.advanceBy(10);
    await recorder.close();
    const { records } = await readSegments(recorder.paths);
    const wallAtStart = records[0]?.t ?? 0;
    expect(records.map((record) => ['k' in record ? record.k : 'head', record.t - wallAtStart, record.m])).toEqual([
      ['head', 0, 0],
      ['open', 0, 0],
      ['opened', 10_000, 10_000],
      ['sent', 10_000, 10_000],
      ['pinged', 10_000, 10_000],
      ['text', 20_000, 20_000],
      ['pong', 20_000, 20_000],
      ['closing', 20_000, 20_000],
      ['end', 30_000, 30_000],
    ]);
  });

  it('changes nothing for either side', () => {
    const { clock, server, sockets, http } = setUp();
    const opened = openOn(sockets, SOCKET);
    const sent = sendOn(http, post(`${HTTP}/echo`, '{}', { headers: { 'X-Secret': 'hunter2' } }));
    clock.advanceBy(10);
    expect(opened.socket.send('hunter2')).toBe(true);
    clock.advanceBy(10);
    expect([opened.calls, sent.calls]).toEqual([
      ['open', 'text hunter2'],
      ['sent', 'reply'],
    ]);
    expect([server.events, server.requests[0]?.headers['x-secret']]).toEqual([['text hunter2'], 'hunter2']);
  });

  it('never keeps a secret', async () => {
    const { clock, recorder, sockets, http, text } = setUp();
    sendOn(
      http,
      post(`${HTTP}/echo?key=hunter2`, '{"key":"hunter2"}', { headers: { authorization: 'hunter2', accept: 'json' } }),
    );
    const opened = openOn(sockets, `${SOCKET}?private=hunter2`, { headers: { 'x-key': 'hunter2' } });
    clock.advanceBy(10);
    opened.socket.send('subscribe hunter2');
    clock.advanceBy(10);
    await recorder.close();
    expect(text()).not.toContain('hunter2');
    expect(text()).toContain('"text":"subscribe [secret]"');
    expect(text()).toContain('"headers":{"accept":"json"}');
  });

  it('keeps nothing of a text that cannot be redacted, and says so', async () => {
    const redact = (): string => {
      throw new Error('no');
    };
    const { clock, recorder, sockets, text } = setUp({ redact });
    const opened = openOn(sockets, SOCKET);
    clock.advanceBy(10);
    expect(opened.socket.send('hunter2')).toBe(true);
    await recorder.close();
    expect(text()).toContain('"text":"[could not be redacted]"');
  });

  it('writes what it has when the flush interval is over, without being closed', async () => {
    const { clock, recorder, sockets, kinds } = setUp({ flushMs: 100 });
    openOn(sockets, SOCKET);
    clock.advanceBy(99);
    expect(recorder.paths).toEqual([]);
    clock.advanceBy(1);
    await recorder.flush();
    expect(await kinds()).toEqual(['head', 'open', 'opened']);
  });

  it('starts a new segment by size and by time, each readable alone', async () => {
    const { clock, recorder, sockets } = setUp({ segmentLengthMax: 1_200, segmentMsMax: 1_000 });
    const opened = openOn(sockets, SOCKET);
    for (const text of ['x'.repeat(300), 'y'.repeat(300), 'z']) {
      clock.advanceBy(10);
      opened.socket.send(text);
      clock.advanceBy(10);
      await recorder.flush();
    }
    clock.advanceBy(1_000);
    opened.socket.send('later');
    await recorder.close();
    expect(recorder.paths).toHaveLength(3);
    const heads = await Promise.all(recorder.paths.map(async (path) => (await readSegments([path])).records[0]));
    const open = [{ c: 1, source: 'kalshi', url: SOCKET, private: false }];
    expect(heads).toMatchObject([
      { tandem: 'recording', segment: 1, open: [] },
      { tandem: 'recording', segment: 2, open },
      { tandem: 'recording', segment: 3, open },
    ]);
  });

  it('leaves out public texts that the disk cannot keep up with, and counts them; private ones never', async () => {
    const { clock, server, recorder, sockets } = setUp({ waitingLengthMax: 2_000 });
    openOn(sockets, SOCKET);
    openOn(sockets, `${SOCKET}/private`);
    clock.advanceBy(10);
    // Nothing can be written in between: the disk only gets its turn when this function awaits.
    for (let at = 0; at < 100; at++) for (const socket of server.sockets) socket.send(`${at} ${'x'.repeat(50)}`);
    clock.advanceBy(10);
    const { droppedCount } = recorder;
    expect(droppedCount).toBeGreaterThan(50);
    await recorder.flush();
    server.sockets[0]?.send('room again');
    clock.advanceBy(10);
    await recorder.close();
    const { records } = await readSegments(recorder.paths);
    const textsOf = (c: number) => records.filter((record) => 'k' in record && record.k === 'text' && record.c === c);
    expect(textsOf(2)).toHaveLength(100);
    expect(textsOf(1)).toHaveLength(100 - droppedCount + 1);
    expect(records.filter((record) => 'k' in record && record.k === 'dropped')).toMatchObject([
      { count: droppedCount },
    ]);
  });

  it('tells a failing disk once, and what it records goes on', async () => {
    const { clock, recorder, sockets, faults, folder } = setUp();
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'not a folder');
    const opened = openOn(sockets, SOCKET);
    clock.advanceBy(10);
    await recorder.flush();
    opened.socket.send('still here');
    clock.advanceBy(10);
    await recorder.close();
    expect(faults).toHaveLength(1);
    expect(opened.calls).toEqual(['open', 'text still here']);
  });

  it('never writes over an older recording', async () => {
    const first = setUp();
    openOn(first.sockets, SOCKET);
    await first.recorder.close();
    const second = setUp({ folder: first.folder });
    openOn(second.sockets, SOCKET);
    await second.recorder.close();
    expect(second.faults).toHaveLength(1);
    expect(await first.kinds()).toEqual(['head', 'open']);
  });
});

describe('a broken segment', () => {
  const recorded = async () => {
    const all = setUp();
    const opened = openOn(all.sockets, SOCKET);
    all.clock.advanceBy(10);
    for (const text of ['one', 'two', 'three']) {
      opened.socket.send(text);
      all.clock.advanceBy(10);
      await all.recorder.flush();
    }
    await all.recorder.close();
    return all.recorder.paths[0] ?? '';
  };

  it('is read up to the break', async () => {
    const path = await recorded();
    const whole = await readSegments([path]);
    expect(whole.damages).toEqual([]);
    truncateSync(path, readFileSync(path).length - 30);
    const { records, damages } = await readSegments([path]);
    expect(records.length).toBeGreaterThan(5);
    expect(records).toEqual(whole.records.slice(0, records.length));
    expect(damages).toHaveLength(1);
  });

  it('is read up to the break wherever it is', async () => {
    const path = await recorded();
    const bytes = readFileSync(path);
    const whole = await readSegments([path]);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), async (length) => {
        writeFileSync(path, bytes.subarray(0, length));
        const { records, damages } = await readSegments([path]);
        expect(records).toEqual(whole.records.slice(0, records.length));
        // A cut between two members leaves a sound file.
        if (records.length < whole.records.length && damages.length > 0) expect(damages[0]).toContain(path);
      }),
      { numRuns: 60 },
    );
  });

  it('tells lines that are no records', async () => {
    const path = await recorded();
    const { gzipSync } = await import('node:zlib');
    appendFileSync(path, gzipSync('{"k":"nothing we know"}\n'));
    const { records, damages } = await readSegments([path]);
    expect([records.length > 5, damages]).toEqual([
      true,
      [`${path}: expected a record, found 23 characters that are none`],
    ]);
  });
});

describe('replaying transport', () => {
  it('says the same texts, bit for bit', async () => {
    const texts = ['{"a":1}', ' spaced ', 'naïve ☂ 🂡 \u2028 \u0000 \ud800', '', '\\n"quoted"'];
    const { clock, server, recorder, sockets } = setUp();
    const opened = openOn(sockets, SOCKET, { messageBytesMax: 10_000 });
    clock.advanceBy(10);
    for (const text of texts) server.sockets[0]?.send(text);
    server.sockets[0]?.ping('beat');
    server.sockets[0]?.close(4001, 'over');
    clock.advanceBy(10);
    await recorder.close();
    const replayClock = new VirtualClock();
    const { sockets: replayed } = await replay(recorder.paths, replayClock, 'asFastAsPossible');
    const again = openOn(replayed, SOCKET);
    replayClock.runUntilIdle();
    expect(again.calls).toEqual(opened.calls);
    expect(await again.ended).toEqual(await opened.ended);
  });

  it('keeps the recorded pace between sockets', async () => {
    const { clock, server, recorder, sockets } = setUp();
    openOn(sockets, `${SOCKET}/a`);
    clock.advanceBy(100);
    openOn(sockets, `${SOCKET}/b`);
    clock.advanceBy(100);
    server.sockets[0]?.send('from a');
    clock.advanceBy(20.5);
    server.sockets[1]?.send('from b');
    clock.advanceBy(100);
    await recorder.close();
    const replayClock = new VirtualClock({ startMs: millis(7_000) });
    const { sockets: replayed } = await replay(recorder.paths, replayClock, 'recorded');
    const seen: string[] = [];
    const listen = (url: string) =>
      replayed.open(
        { url, headers: {}, messageBytesMax: 100 },
        {
          onOpen: () => seen.push(`open ${url.at(-1)} @${replayClock.nowMs()}`),
          onText: (text) => seen.push(`${text} @${replayClock.nowMs()}`),
          onPing: () => undefined,
          onPong: () => undefined,
          onEnd: () => undefined,
        },
      );
    listen(`${SOCKET}/a`);
    listen(`${SOCKET}/b`);
    replayClock.runUntilIdle();
    expect(seen).toEqual(['open a @7000', 'open b @7100', 'from a @7195', 'from b @7215.5']);
  });

  it('gives each request its recorded reply, after its recorded time', async () => {
    const { clock, recorder, http } = setUp();
    for (const path of ['/echo/1', '/echo/2', '/reset', '/status/429']) {
      sendOn(http, get(HTTP + path));
      clock.advanceBy(10);
    }
    sendOn(http, get(`${HTTP}/echo/1`));
    clock.advanceBy(10);
    await recorder.close();
    const replayClock = new VirtualClock();
    const { http: replayed } = await replay(recorder.paths, replayClock, 'recorded');
    const paths = ['/status/429', '/reset', '/echo/2', '/echo/1', '/echo/1', '/echo/1', '/never'];
    const sents = paths.map((path) => sendOn(replayed, get(HTTP + path)));
    replayClock.runUntilIdle();
    expect(sents.map(({ calls }) => calls.join())).toEqual([
      'sent,reply',
      'sent,lost',
      'sent,reply',
      'sent,reply',
      'sent,reply',
      'notSent',
      'notSent',
    ]);
    expect(replayClock.nowMs()).toBe(10);
    expect(await sents[0]?.outcome).toMatchObject({ kind: 'reply', status: 429 });
  });

  it('loses a reply that was slower than the time limit, and what is under way when it closes', async () => {
    const { clock, server, recorder, http } = setUp();
    for (let at = 0; at < 2; at++) sendOn(http, get(`${HTTP}/later`));
    clock.advanceBy(500);
    for (const answer of server.waiting) answer({ kind: 'reply', reply: { status: 200, headers: {}, body: '' } });
    clock.advanceBy(10);
    await recorder.close();
    const replayClock = new VirtualClock();
    const { http: replayed } = await replay(recorder.paths, replayClock, 'recorded');
    const hurried = sendOn(replayed, get(`${HTTP}/later`, { timeoutMs: millis(100) }));
    const patient = sendOn(replayed, get(`${HTTP}/later`));
    replayClock.advanceBy(100);
    expect([hurried.calls, patient.calls]).toEqual([['sent', 'lost'], ['sent']]);
    await replayed.close();
    expect([patient.calls, replayClock.pending]).toEqual([['sent', 'lost'], 0]);
  });

  it('ends once, whoever ends it', async () => {
    const { clock, recorder, sockets } = setUp();
    for (let at = 0; at < 2; at++) openOn(sockets, SOCKET);
    clock.advanceBy(10);
    await recorder.close();
    const replayClock = new VirtualClock();
    const { sockets: replayed } = await replay(recorder.paths, replayClock, 'asFastAsPossible');
    const cut = openOn(replayed, SOCKET);
    cut.socket.cut();
    cut.socket.close();
    const kept = openOn(replayed, SOCKET);
    const unknown = openOn(replayed, `${SOCKET}/other`);
    replayClock.runUntilIdle();
    expect([cut.calls, kept.calls, unknown.calls]).toEqual([['end'], ['open', 'end'], ['end']]);
    expect([cut.socket.send('x'), kept.socket.send('x')]).toEqual([false, false]);
  });

  it('plays a recording that begins in the middle of a connection', async () => {
    const { clock, recorder, sockets } = setUp({ segmentMsMax: 50 });
    const opened = openOn(sockets, SOCKET);
    clock.advanceBy(10);
    await recorder.flush();
    clock.advanceBy(50);
    opened.socket.send('in the middle');
    clock.advanceBy(10);
    await recorder.close();
    const replayClock = new VirtualClock();
    const { sockets: replayed } = await replay(recorder.paths.slice(1), replayClock, 'recorded');
    const again = openOn(replayed, SOCKET);
    replayClock.runUntilIdle();
    expect(again.calls).toEqual(['open', 'text in the middle', 'end']);
  });
});
