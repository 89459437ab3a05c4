/**
 * Packages from npm that keep a Kalshi book, fed with the recorded frames without any connection.
 *
 * They live in `bench/peers` with a lock file of their own and are installed only when asked for.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';

const FOLDER = join(dirname(dirname(fileURLToPath(import.meta.url))), 'peers');

/** `[price in dollars, contracts]`, best first. */
export type PeerLevel = readonly [number, number];

export interface PeerBooks {
  onText(text: string): void;
  /** Both sides on the YES scale, or nothing when the peer holds no book of this market. */
  sides(ticker: string): { readonly bids: readonly PeerLevel[]; readonly asks: readonly PeerLevel[] } | undefined;
}

export interface Peer {
  readonly name: string;
  /** What was done to the frames or around the package, said with the figures. */
  readonly note: string;
  /** Changes a frame before the measurement, so that its cost does not count. */
  readonly prepare: (text: string) => string;
  readonly open: () => PeerBooks;
}

export function arePeersInstalled(): boolean {
  return existsSync(join(FOLDER, 'node_modules', 'pmxt-core'));
}

export function installPeers(): void {
  if (arePeersInstalled()) return;
  console.error('installing the packages of bench/peers …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  execFileSync(npm, ['ci', '--ignore-scripts'], { cwd: FOLDER, stdio: ['ignore', 'ignore', 'inherit'] });
}

export async function loadPeers(): Promise<readonly Peer[]> {
  const [pmxt, ccxt] = [loadPmxt(), await loadCcxt()];
  return [
    {
      name: `pmxt-core ${pmxt.version}`,
      note: 'as published: it looks for price_dollars_fp and delta_dollars_fp, which the venue does not send, so deltas change nothing',
      prepare: (text) => text,
      open: pmxt.open,
    },
    {
      name: `pmxt-core ${pmxt.version}, fields renamed`,
      note: 'deltas renamed beforehand to the fields that it looks for; sizes are binary floats, so an emptied level can stay with 3e-14 contracts, and prices closer than a tenth of a cent are taken for one',
      prepare: renamedForPmxt,
      open: pmxt.open,
    },
    {
      name: `ccxt ${ccxt.version}, book only`,
      note: 'it reads Kalshi by REST alone; its order book was fed by a few lines of ours with JSON.parse and parseFloat',
      prepare: (text) => text,
      open: ccxt.open,
    },
  ];
}

const require = createRequire(join(FOLDER, 'package.json'));
const manifestSchema = z.object({ version: z.string() });

function versionOf(name: string): string {
  return manifestSchema.parse(require(join(FOLDER, 'node_modules', name, 'package.json'))).version;
}

interface Loaded {
  readonly version: string;
  readonly open: () => PeerBooks;
}

interface PmxtBook {
  readonly bids: readonly { readonly price: number; readonly size: number }[];
  readonly asks: readonly { readonly price: number; readonly size: number }[];
}

/** What we use of its class; the methods are private to its types only. */
interface PmxtSocket {
  handleMessage(message: unknown): void;
  readonly orderBooks: ReadonlyMap<string, PmxtBook>;
}

const PMXT_SOCKET = join('dist', 'exchanges', 'kalshi', 'websocket.js');

function loadPmxt(): Loaded {
  const { KalshiWebSocket } = require(join(FOLDER, 'node_modules', 'pmxt-core', PMXT_SOCKET)) as {
    readonly KalshiWebSocket: new (auth: unknown, config: unknown) => PmxtSocket;
  };
  return {
    version: versionOf('pmxt-core'),
    open: () => {
      // Nothing connects before `watchOrderBook`, which is never called; this is what its listener does per message.
      const socket = new KalshiWebSocket(undefined, {});
      return {
        onText: (text) => socket.handleMessage(JSON.parse(text)),
        sides: (ticker) => {
          const book = socket.orderBooks.get(ticker);
          if (book === undefined) return undefined;
          const pairs = (levels: PmxtBook['bids']) => levels.map(({ price, size }): PeerLevel => [price, size]);
          return { bids: pairs(book.bids), asks: pairs(book.asks) };
        },
      };
    },
  };
}

function renamedForPmxt(text: string): string {
  if (!text.includes('"type":"orderbook_delta"')) return text;
  const renamed = text.replace('"price_dollars":', '"price_dollars_fp":').replace('"delta_fp":', '"delta_dollars_fp":');
  return Buffer.from(renamed, 'utf8').toString('utf8');
}

type CcxtSide = PeerLevel[] & { storeArray(level: [number, number]): void };

interface CcxtBook {
  readonly bids: CcxtSide;
  readonly asks: CcxtSide;
}

interface KalshiMessage {
  readonly type: string;
  readonly msg: {
    readonly market_ticker: string;
    readonly yes_dollars_fp?: readonly (readonly [string, string])[];
    readonly no_dollars_fp?: readonly (readonly [string, string])[];
    readonly price_dollars: string;
    readonly delta_fp: string;
    readonly side: string;
  };
}

async function loadCcxt(): Promise<Loaded> {
  const path = join(FOLDER, 'node_modules', 'ccxt', 'js', 'src', 'base', 'ws', 'OrderBook.js');
  const { OrderBook } = (await import(pathToFileURL(path).href)) as { readonly OrderBook: new () => CcxtBook };
  return {
    version: versionOf('ccxt'),
    open: () => {
      const books = new Map<string, CcxtBook>();
      return {
        onText: (text) => feedCcxt(JSON.parse(text) as KalshiMessage, books, () => new OrderBook()),
        sides: (ticker) => books.get(ticker),
      };
    },
  };
}

/** Its sides store totals, so a delta is added to what is found there, to the hundredth of a contract. */
function feedCcxt({ type, msg }: KalshiMessage, books: Map<string, CcxtBook>, open: () => CcxtBook): void {
  if (type === 'orderbook_snapshot') {
    const book = open();
    for (const [price, size] of msg.yes_dollars_fp ?? []) book.bids.storeArray([parseFloat(price), parseFloat(size)]);
    for (const [price, size] of msg.no_dollars_fp ?? []) book.asks.storeArray([mirrored(price), parseFloat(size)]);
    books.set(msg.market_ticker, book);
    return;
  }
  const book = type === 'orderbook_delta' ? books.get(msg.market_ticker) : undefined;
  if (book === undefined) return;
  const side = msg.side === 'yes' ? book.bids : book.asks;
  const price = msg.side === 'yes' ? parseFloat(msg.price_dollars) : mirrored(msg.price_dollars);
  const held = side.find((level) => level[0] === price)?.[1] ?? 0;
  side.storeArray([price, Math.round((held + parseFloat(msg.delta_fp)) * 100) / 100]);
}

function mirrored(price: string): number {
  return Math.round((1 - parseFloat(price)) * 10_000) / 10_000;
}
