/** Requests to handlers: a path may hold one variable part, written `:name`. */
import type { ServerReply, ServerRequest } from '../../domain/ports/local-server.ts';
import { failure, type Headers } from './replies.ts';

export interface Call {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: string;
  readonly remote: string;
  /** What stood in the place of the variable part. */
  readonly part: string;
}

export type Handler = (call: Call) => ServerReply;
export type Routes = Readonly<Record<string, Handler>>;

export function callOf(request: ServerRequest): Call {
  const url = new URL(request.target, 'http://simulator.invalid');
  return {
    method: request.method.toUpperCase(),
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: request.body,
    remote: request.remote,
    part: '',
  };
}

/** Routes are `METHOD /path` or `METHOD /path/:part`. What nobody serves is a 404 with an error. */
export function route(routes: Routes, call: Call): ServerReply {
  const exact = routes[`${call.method} ${call.path}`];
  if (exact !== undefined) return exact(call);
  const cut = call.path.lastIndexOf('/');
  const part = decodeURIComponent(call.path.slice(cut + 1));
  const handler = routes[`${call.method} ${call.path.slice(0, cut)}/:part`];
  if (handler !== undefined && part !== '') return handler({ ...call, part });
  return failure(404, 'not found');
}

/** Undefined when the body is no JSON. An empty body is `null`. */
export function bodyOf(call: Call): unknown {
  if (call.body === '') return null;
  try {
    return JSON.parse(call.body);
  } catch {
    return undefined;
  }
}
