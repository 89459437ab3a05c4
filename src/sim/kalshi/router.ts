/** From a request to its reply: which endpoint, who asks, may they, can they afford it. */
import type { ServerReply, ServerRequest } from '../../domain/ports/local-server.ts';
import { type ApiKey, hasScope } from './auth.ts';
import type { Call, Route, SignedCall } from './call.ts';
import type { Core } from './core.ts';
import { notFound, Refusal, refuse } from './errors.ts';
import { DEFAULT_COST, ENDPOINT_COSTS } from './rate-limit.ts';
import { EXCHANGE_ROUTES } from './rest-exchange.ts';
import { MARKET_ROUTES } from './rest-market.ts';
import { ORDER_ROUTES } from './rest-orders.ts';
import { PORTFOLIO_ROUTES } from './rest-portfolio.ts';

const BASE_PATH = '/trade-api/v2';

interface Compiled {
  readonly route: Route;
  readonly parts: readonly string[];
  readonly cost: number;
}

const ROUTES: readonly Compiled[] = [...MARKET_ROUTES, ...ORDER_ROUTES, ...PORTFOLIO_ROUTES, ...EXCHANGE_ROUTES].map(
  (route) => ({ route, parts: route.path.split('/').slice(1), cost: costOf(route) }),
);

export interface RouteFaults {
  readonly losesCancel: boolean;
}

/** Never throws a refusal: what the venue refuses is a reply like any other. */
export function answer(core: Core, request: ServerRequest, faults: RouteFaults): ServerReply {
  try {
    return dispatch(core, request, faults);
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    throw error;
  }
}

function dispatch(core: Core, request: ServerRequest, faults: RouteFaults): ServerReply {
  const [path = '', search = ''] = request.target.split('?');
  const found = path.startsWith(`${BASE_PATH}/`) ? find(request.method, path.slice(BASE_PATH.length)) : undefined;
  if (found === undefined) throw notFound();
  const { compiled, params } = found;
  const { route, cost } = compiled;
  const call: Call = { core, request, params, query: new URLSearchParams(search), losesCancel: faults.losesCancel };
  if (route.access === 'public') return route.run(call);
  const key = core.accounts.keyring.authenticate(request, core.nowMs());
  requireScope(key, route.access);
  const { accountId } = key;
  const kind = route.access === 'read' ? 'read' : 'write';
  const signed: SignedCall = { ...call, key, accountId };
  const items = route.items?.(signed) ?? 1;
  core.accounts.get(accountId).buckets.take(kind, { cost: cost * items, nowMs: core.nowMs() });
  return route.run(signed);
}

function requireScope(key: ApiKey, scope: string): void {
  if (!hasScope(key, scope)) throw refuse(403, 'forbidden');
}

/** The first that fits: literal paths stand before those with variable parts. */
function find(method: string, path: string): { compiled: Compiled; params: Record<string, string> } | undefined {
  const parts = path.split('/').slice(1);
  for (const compiled of ROUTES) {
    const params = compiled.route.method === method ? match(compiled.parts, parts) : undefined;
    if (params !== undefined) return { compiled, params };
  }
  return undefined;
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (wanted.startsWith(':')) params[wanted.slice(1)] = decodeURIComponent(part);
    else if (wanted !== part) return undefined;
  }
  return params;
}

function costOf({ method, path }: Route): number {
  const row = ENDPOINT_COSTS.find((each) => each.method === method && each.path === `${BASE_PATH}${path}`);
  return row?.cost ?? DEFAULT_COST;
}
