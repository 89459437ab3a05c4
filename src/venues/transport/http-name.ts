import type { HttpRequest } from '../../domain/ports/http.ts';

/** How messages name a request: method and path. Queries may hold addresses, headers and bodies hold secrets. */
export function nameOf(request: Pick<HttpRequest, 'method' | 'url'>): string {
  return `${request.method} ${new URL(request.url).pathname}`;
}
