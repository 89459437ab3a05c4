/**
 * One simulated server in a process of its own feeds one client over a real socket: are messages lost, and what
 * does one cost the client beyond the JSON.parse that nobody can avoid?
 *
 *     node --import tsx bench/socket-feed.bench.ts [--seconds 30] [--rate 50000] [--json]
 *
 * The client counts and checks the order of what it gets and does not parse, so its figure is the price of
 * transport alone. `ratioToFloor` divides it by JSON.parse of the same texts in the same process.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/app/system-clock.ts';
import type { LocalServer, ServerSocket } from '../src/domain/ports/local-server.ts';
import { serve } from '../src/sim/shell/serve.ts';
import { WsSockets } from '../src/venues/transport/ws-socket.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '50000' },
    json: { type: 'boolean', default: false },
    serve: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const rate = Number(values.rate);

/** How often the server looks at the clock and sends what is due. */
const TICK_MS = 2;
/** Texts kept for the floor. */
const SAMPLE = 20_000;
const SEQ_DIGITS = 9;
const SEQ_AT = '{"type":"orderbook_delta","sid":2,"seq":1'.length;

/** 246 bytes, as a Kalshi delta has; the number is padded, so that the client finds it without parsing. */
function delta(seq: number): string {
  // A leading 1 keeps the padded number valid JSON.
  const padded = String(seq).padStart(SEQ_DIGITS, '0');
  return `{"type":"orderbook_delta","sid":2,"seq":1${padded},"msg":{"market_ticker":"KXBTC15M-26MAY130915-15","price_dollars":"0.4700","delta_fp":"-67.00","side":"yes","ts":"2026-05-13T13:00:35.213252Z","ts_ms":1778677235213}}`;
}

/** Sends at an even rate, as much as is due at each tick, then says how many there were. */
function feed(socket: ServerSocket): void {
  const startMs = systemClock.nowMs();
  const total = rate * seconds;
  let sent = 0;
  const tick = (): void => {
    const due = Math.min(total, Math.floor(((systemClock.nowMs() - startMs) / 1_000) * rate));
    while (sent < due) socket.send(delta(sent++));
    if (sent < total) systemClock.setTimeout(tick, TICK_MS);
    else socket.close(1000, 'done');
  };
  tick();
}

async function runServer(): Promise<void> {
  const nothing = (): void => undefined;
  const server: LocalServer = {
    onRequest: (_request, answer) => answer({ kind: 'silence' }),
    onUpgrade: () => ({
      kind: 'accept',
      open: (socket) => ({ onText: () => feed(socket), onPing: nothing, onPong: nothing, onClose: nothing }),
    }),
  };
  const served = await serve(server);
  process.send?.(served.socketOrigin);
}

interface Received {
  readonly messages: number;
  readonly outOfOrder: number;
  readonly cpuMicros: number;
  readonly tookSeconds: number;
  readonly texts: readonly string[];
}

function receive(url: string): Promise<Received> {
  return new Promise((resolve) => {
    const texts: string[] = [];
    let messages = 0;
    let outOfOrder = 0;
    let before = process.cpuUsage();
    let startMs = 0;
    const socket = new WsSockets().open(
      { url, headers: {}, messageBytesMax: 65_536 },
      {
        onOpen: () => {
          before = process.cpuUsage();
          startMs = systemClock.nowMs();
          socket.send('start');
        },
        onText: (text) => {
          if (Number(text.slice(SEQ_AT, SEQ_AT + SEQ_DIGITS)) !== messages) outOfOrder++;
          messages++;
          if (texts.length < SAMPLE) texts.push(text);
        },
        onPing: () => undefined,
        onPong: () => undefined,
        onEnd: () => {
          const { user, system } = process.cpuUsage(before);
          const tookSeconds = (systemClock.nowMs() - startMs) / 1_000;
          resolve({ messages, outOfOrder, cpuMicros: user + system, tookSeconds, texts });
        },
      },
    );
  });
}

/** CPU microseconds of one JSON.parse: the best of several rounds, so that a disturbance does not flatter us. */
function parseMicros(texts: readonly string[]): number {
  let best = Number.POSITIVE_INFINITY;
  let checksum = 0;
  for (let round = 0; round < 40; round++) {
    const before = process.cpuUsage();
    for (const text of texts) checksum += (JSON.parse(text) as { readonly sid: number }).sid;
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / texts.length);
  }
  if (checksum === 0) throw new Error('expected texts to parse, found none');
  return best;
}

async function runClient(): Promise<void> {
  const server = fork(fileURLToPath(import.meta.url), [
    '--serve',
    '--seconds',
    String(seconds),
    '--rate',
    String(rate),
  ]);
  const [origin] = (await once(server, 'message')) as [string];
  const { messages, outOfOrder, cpuMicros, tookSeconds, texts } = await receive(`${origin}/feed`);
  server.kill();
  const floor = parseMicros(texts);
  const each = cpuMicros / messages;
  const result = {
    name: 'socket-feed',
    node: process.version,
    cores: cpus().length,
    seconds,
    targetPerSecond: rate,
    messages,
    lost: rate * seconds - messages,
    outOfOrder,
    messagesPerSecond: Math.round(messages / tookSeconds),
    cpuMicrosPerMessage: Number(each.toFixed(3)),
    parseMicrosPerMessage: Number(floor.toFixed(3)),
    ratioToFloor: Number((each / floor).toFixed(2)),
  };
  if (values.json) console.log(JSON.stringify(result));
  else console.table(result);
  if (result.lost !== 0 || outOfOrder !== 0) process.exitCode = 1;
}

await (values.serve ? runServer() : runClient());
