/** Records sorted by what they belong to: one list of events a socket, one outcome an HTTP exchange. */
import type { RecordingEvent, RecordingRecord } from './recording-format.ts';

/** What the other side of a socket did. */
type SocketEvent = Extract<RecordingEvent, { k: 'opened' | 'text' | 'ping' | 'pong' | 'end' }>;

export interface RecordedSocket {
  readonly method: 'GET';
  readonly url: string;
  readonly events: readonly SocketEvent[];
}

export interface RecordedExchange {
  readonly x: number;
  readonly method: string;
  readonly url: string;
  readonly wasSent: boolean;
  readonly tookMicros: number;
  readonly outcome: Extract<RecordingEvent, { k: 'outcome' }>['outcome'];
}

export interface Recording {
  readonly sockets: RecordedSocket[];
  readonly exchanges: RecordedExchange[];
}

/** A socket that was open before the first record has its events from there on, as if it had just been opened. */
export function recordingOf(records: readonly RecordingRecord[]): Recording {
  const sockets = new Map<number, { method: 'GET'; url: string; events: SocketEvent[] }>();
  const exchanges = new Map<number, { request: Extract<RecordingEvent, { k: 'request' }>; wasSent: boolean }>();
  const recording: { sockets: RecordedSocket[]; exchanges: RecordedExchange[] } = { sockets: [], exchanges: [] };
  const addSocket = (c: number, url: string, events: SocketEvent[]): void => {
    const socket = { method: 'GET' as const, url, events };
    sockets.set(c, socket);
    recording.sockets.push(socket);
  };
  for (const record of records) {
    if ('tandem' in record) {
      const { t, m } = record;
      for (const { c, url } of record.open) if (!sockets.has(c)) addSocket(c, url, [{ k: 'opened', t, m, c }]);
      continue;
    }
    switch (record.k) {
      case 'open':
        addSocket(record.c, record.url, []);
        break;
      case 'opened':
      case 'text':
      case 'ping':
      case 'pong':
      case 'end':
        sockets.get(record.c)?.events.push(record);
        break;
      case 'request':
        exchanges.set(record.x, { request: record, wasSent: false });
        break;
      case 'flushed': {
        const exchange = exchanges.get(record.x);
        if (exchange !== undefined) exchange.wasSent = true;
        break;
      }
      case 'outcome': {
        const exchange = exchanges.get(record.x);
        if (exchange === undefined) break;
        const { request, wasSent } = exchange;
        exchanges.delete(record.x);
        recording.exchanges.push({
          x: record.x,
          method: request.method,
          url: request.url,
          wasSent,
          tookMicros: record.m - request.m,
          outcome: record.outcome,
        });
        break;
      }
      // What we sent plays no part in what comes back.
      case 'sent':
      case 'pinged':
      case 'closing':
      case 'cut':
      case 'dropped':
        break;
    }
  }
  recording.exchanges.sort((a, b) => a.x - b.x);
  return recording;
}

/**
 * Takes the oldest entry of a URL, or else of its path: a query may have been redacted, and a replay may run against
 * another host.
 */
export function takeMatching<T extends { readonly method: string; readonly url: string }>(
  entries: T[],
  method: string,
  url: string,
): T | undefined {
  const { pathname } = new URL(url);
  const ofMethod = (entry: T): boolean => entry.method === method;
  const exact = entries.findIndex((entry) => ofMethod(entry) && entry.url === url);
  const at = exact >= 0 ? exact : entries.findIndex((entry) => ofMethod(entry) && pathOf(entry.url) === pathname);
  return at < 0 ? undefined : entries.splice(at, 1)[0];
}

function pathOf(url: string): string | undefined {
  // A redacted URL need not be one any more.
  return URL.canParse(url) ? new URL(url).pathname : undefined;
}
