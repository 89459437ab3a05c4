/** The venue's refusals, in the four body shapes that were seen on its wire. */
import type { ServerReply } from '../../domain/ports/local-server.ts';
import { type Json, reply } from './json.ts';

/** Ends a request with this reply. Thrown where it is found, answered in one place. */
export class Refusal extends Error {
  readonly reply: ServerReply;
  /** As it stands in a row of a batch: code, message and details without a wrapper. */
  readonly row: { readonly [key: string]: Json | undefined };

  constructor(status: number, body: Json, row: { readonly [key: string]: Json | undefined }) {
    super(JSON.stringify(body));
    this.reply = reply(status, body);
    this.row = row;
  }
}

/** `{"error":{"code","message","details"?}}`, what most refusals look like. */
export function refuse(status: number, code: string, details?: string): Refusal {
  // The recorded demo session 2026-06-11 spells this one message with its underscore; all others with spaces.
  const message = code === 'authentication_error' ? code : code.replaceAll('_', ' ');
  const row = details === undefined ? { code, message } : { code, message, details };
  return new Refusal(status, { error: row }, row);
}

/** `{"code","message","details"}`: a body that does not decode, in the words of the venue's Go server. */
export function undecodable(details: string): Refusal {
  const row = { code: 'bad_request', message: 'bad request', details };
  return new Refusal(400, row, row);
}

/** `{"msg":"..."}`: a query parameter out of its range (recorded demo session 2026-06-11, limit=1001). */
export function invalidQuery(place: { operation: string; field: string; tag: string }): Refusal {
  const { operation, field, tag } = place;
  const rule = `Key: '${operation}Params.${field}' Error:Field validation for '${field}' failed on the '${tag}' tag`;
  const msg = `Parameter validation failed for ${operation}: ${rule}`;
  return new Refusal(400, { msg }, { code: 'bad_request', message: msg });
}

/** The string instead of an object is the venue's own; no Retry-After and no other header of limits. */
export function tooManyRequests(): Refusal {
  const message = 'too many requests';
  return new Refusal(429, { error: message }, { code: 'too_many_requests', message });
}

export function notFound(): Refusal {
  return refuse(404, 'not_found');
}
