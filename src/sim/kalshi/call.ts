/** One REST request on its way through the venue. */
import type { ServerReply, ServerRequest } from '../../domain/ports/local-server.ts';
import type { ApiKey } from './auth.ts';
import type { Core } from './core.ts';
import { invalidQuery, refuse } from './errors.ts';

export interface Call {
  readonly core: Core;
  readonly request: ServerRequest;
  /** Variable parts of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The venue acknowledges a cancel and does not do it. */
  readonly losesCancel: boolean;
}

export interface SignedCall extends Call {
  readonly key: ApiKey;
  readonly accountId: string;
}

export type Route =
  | {
      readonly method: string;
      readonly path: string;
      readonly access: 'public';
      run(call: Call): ServerReply;
    }
  | {
      readonly method: string;
      readonly path: string;
      /** The scope that the key must hold. */
      readonly access: 'read' | 'write' | 'write::trade' | 'write::transfer';
      /** How many requests a batch counts for. */
      readonly items?: (call: SignedCall) => number;
      run(call: SignedCall): ServerReply;
    };

export interface Page<T> {
  readonly rows: readonly T[];
  /** Empty on the last page. */
  readonly cursor: string;
}

export interface PageRules<T> {
  readonly operation: string;
  readonly max: number;
  readonly normal: number;
  idOf(row: T): string;
}

/** A cursor that the venue never gave is not refused: the list just begins anew (recorded 2026-06-11). */
export function paginate<T>(rows: readonly T[], query: URLSearchParams, rules: PageRules<T>): Page<T> {
  const limit = readLimit(query, rules);
  const after = readCursor(query.get('cursor'));
  const from = after === undefined ? 0 : rows.findIndex((row) => rules.idOf(row) === after) + 1;
  const page = rows.slice(from, from + limit);
  const last = page.at(-1);
  const hasMore = from + limit < rows.length && last !== undefined;
  return { rows: page, cursor: hasMore ? Buffer.from(`after:${rules.idOf(last)}`).toString('base64url') : '' };
}

function readLimit(query: URLSearchParams, rules: { operation: string; max: number; normal: number }): number {
  const text = query.get('limit');
  if (text === null || text === '') return rules.normal;
  const limit = Number(text);
  const place = { operation: rules.operation, field: 'Limit' };
  if (!Number.isInteger(limit) || limit < 1) throw invalidQuery({ ...place, tag: 'gte' });
  if (limit > rules.max) throw invalidQuery({ ...place, tag: 'lte' });
  return limit;
}

function readCursor(text: string | null): string | undefined {
  if (text === null || text === '') return undefined;
  const plain = Buffer.from(text, 'base64url').toString('utf8');
  return plain.startsWith('after:') ? plain.slice('after:'.length) : undefined;
}

/** Unix seconds in a filter. */
export function secondsIn(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  return value === null || value === '' ? undefined : Number(value);
}

export function integerIn(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') return undefined;
  if (!/^-?\d+$/.test(value)) throw refuse(400, 'invalid_parameters');
  return Number(value);
}

export function textIn(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name);
  return value === null || value === '' ? undefined : value;
}

/** Whether an instant lies within `min_<name>ts` and `max_<name>ts`, where they are given. */
export function isWithin(query: URLSearchParams, atMicros: number, prefix = ''): boolean {
  const min = secondsIn(query, `min_${prefix}ts`);
  const max = secondsIn(query, `max_${prefix}ts`);
  return (min === undefined || atMicros >= min * 1_000_000) && (max === undefined || atMicros <= max * 1_000_000);
}

export function param(call: Call, name: string): string {
  return call.params[name] ?? '';
}
