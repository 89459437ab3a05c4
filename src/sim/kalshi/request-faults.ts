/** Faults on the way of one REST request: before the venue acts, instead of it, and after. */
import type { ServerAnswer, ServerReply, ServerRequest } from '../../domain/ports/local-server.ts';
import { type Fault, type FaultPlace, faultNumber, faultText } from '../faults.ts';
import type { Core } from './core.ts';
import { refuse } from './errors.ts';
import { reply } from './json.ts';
import { answer } from './router.ts';

export interface Handled {
  readonly answer: ServerAnswer;
  /** On top of the latency. */
  readonly delayMs: number;
  /** Whether the venue acted on the request at all. */
  readonly wasTaken: boolean;
}

type Strike = (id: string) => Fault | undefined;

const SILENCE: ServerAnswer = { kind: 'silence' };

export function handle(core: Core, request: ServerRequest): Handled {
  if (!core.faults.isArmed) return taken({ kind: 'reply', reply: answer(core, request, { losesCancel: false }) });
  if (core.nowMs() < core.deadUntilMs) return lost(SILENCE);
  const path = request.target.split('?')[0] ?? '';
  const endpoint = `${request.method} ${path}`;
  const place: FaultPlace = { step: 'request', method: request.method, endpoint, market: marketOf(request) };
  const strike: Strike = (id) => core.faults.strike(id, place);
  changeVenue(core, strike, place.market ?? undefined);
  const isOrder = path.includes('/portfolio/events/orders') && request.method !== 'GET';
  return (
    beforeVenue(strike) ?? (isOrder ? beforeOrder(core, request, strike) : undefined) ?? act(core, request, strike)
  );
}

/** What happens to the venue while the request is under way. */
function changeVenue(core: Core, strike: Strike, market: string | undefined): void {
  const skew = strike('T1');
  if (skew !== undefined) core.skewMicros = faultNumber(skew, 'skewMs', 30_000) * 1_000;
  const step = strike('T2');
  if (step !== undefined) core.skewMicros -= faultNumber(step, 'stepMs', 60_000) * 1_000;
  const maintenance = strike('T7');
  if (maintenance !== undefined) {
    core.standing.pauseTrading();
    core.afterMs(faultNumber(maintenance, 'durationMs', 7_200_000), () => core.standing.resume());
  }
  const shard = strike('V4');
  if (shard !== undefined) core.standing.setShard(faultNumber(shard, 'exchangeIndex', 0), { isExchangeActive: false });
  const ended = market === undefined || core.catalog.find(market) === undefined ? undefined : strike('D9');
  if (ended === undefined || market === undefined) return;
  if (faultText(ended, 'how', 'pause') === 'close') core.lifecycle.closeEarly(market);
  else core.lifecycle.pause(market);
}

/** Nothing reaches the venue. */
function beforeVenue(strike: Strike): Handled | undefined {
  if (strike('N8') !== undefined || strike('N11') !== undefined) return lost({ kind: 'reset' });
  const partition = strike('N1');
  if (partition !== undefined && faultText(partition, 'direction', 'both') !== 'out') return lost(SILENCE);
  if (strike('N2') !== undefined) return lost(SILENCE);
  return undefined;
}

function beforeOrder(core: Core, request: ServerRequest, strike: Strike): Handled | undefined {
  if (strike('O2') !== undefined) return lost(SILENCE);
  const late = strike('O14');
  if (late !== undefined) {
    core.afterMs(faultNumber(late, 'delayMs', 30_000), () => void answer(core, request, { losesCancel: false }));
    return lost(SILENCE);
  }
  const limited = strike('O4');
  if (limited !== undefined) {
    const plain = reply(429, { error: 'too many requests' });
    const seconds = limited.parameters?.retryAfterSeconds;
    const headers = seconds === undefined ? plain.headers : { ...plain.headers, 'retry-after': String(seconds) };
    return lost({ kind: 'reply', reply: { ...plain, headers } });
  }
  const expired = strike('O20');
  if (expired !== undefined) {
    const code = faultText(expired, 'code', 'header_timestamp_expired');
    return lost({ kind: 'reply', reply: refuse(401, code).reply });
  }
  const canceled = request.method === 'DELETE' ? strike('O12') : undefined;
  if (canceled === undefined) return undefined;
  if (canceled.parameters?.acknowledged !== true) return lost(SILENCE);
  return taken({ kind: 'reply', reply: answer(core, request, { losesCancel: true }) });
}

function act(core: Core, request: ServerRequest, strike: Strike): Handled {
  const plain = answer(core, request, { losesCancel: false });
  const dead = strike('N12');
  if (dead !== undefined) {
    const forMs = faultNumber(dead, 'durationMs', 10_000);
    core.deadUntilMs = core.nowMs() + forMs;
    core.feed.stall(forMs);
  }
  const isOut = strike('N1') !== undefined;
  if (isOut || strike('O1') !== undefined) return taken(SILENCE);
  if (strike('N6') !== undefined) return taken({ kind: 'reset' });
  const cut = strike('N7');
  if (cut !== undefined) {
    const bytes = faultNumber(cut, 'bytes', Math.floor(plain.body.length / 2));
    return taken({ kind: 'truncate', reply: plain, bytes });
  }
  return { ...taken({ kind: 'reply', reply: replaced(plain, strike) }), delayMs: delayOf(strike) };
}

/** The venue did what was asked and says something else. */
function replaced(plain: ServerReply, strike: Strike): ServerReply {
  const broken = strike('O3');
  if (broken !== undefined) {
    const status = faultNumber(broken, 'status', 502);
    return reply(status, { error: { code: 'internal_server_error', message: 'internal server error' } });
  }
  if (plain.status === 201 && strike('O13') !== undefined) return refuse(409, 'order_already_exists').reply;
  return plain;
}

function delayOf(strike: Strike): number {
  const slow = strike('N5');
  const late = strike('O9');
  return (
    (slow === undefined ? 0 : faultNumber(slow, 'delayMs', 10_000)) +
    (late === undefined ? 0 : faultNumber(late, 'delayMs', 500))
  );
}

function marketOf(request: ServerRequest): string | undefined {
  const named =
    /[?&]market_ticker=([^&]+)/.exec(request.target)?.[1] ?? /"ticker"\s*:\s*"([^"]+)"/.exec(request.body)?.[1];
  return named ?? /\/markets\/([^/?]+)/.exec(request.target)?.[1];
}

function taken(what: ServerAnswer): Handled {
  return { answer: what, delayMs: 0, wasTaken: true };
}

function lost(what: ServerAnswer): Handled {
  return { answer: what, delayMs: 0, wasTaken: false };
}
