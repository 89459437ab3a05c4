/** Pages of the CLOB: a cursor is a base64 number, `MA==` the first, `LTE=` (minus one) the end. */
const FIRST_CURSOR = 'MA==';
const END_CURSOR = 'LTE=';

export interface Page<T> {
  readonly limit: number;
  readonly count: number;
  readonly next_cursor: string;
  readonly data: readonly T[];
}

/** Undefined for a cursor that this venue never gave. */
export function pageOf<T>(
  all: readonly T[],
  given: { readonly cursor: string | undefined; readonly limit: number },
): Page<T> | undefined {
  const from = offsetOf(given.cursor ?? FIRST_CURSOR);
  if (from === undefined) return undefined;
  const data = from < 0 ? [] : all.slice(from, from + given.limit);
  const next = from + given.limit;
  const isLast = from < 0 || next >= all.length;
  return { limit: given.limit, count: data.length, next_cursor: isLast ? END_CURSOR : cursorOf(next), data };
}

function cursorOf(offset: number): string {
  return Buffer.from(String(offset)).toString('base64');
}

function offsetOf(cursor: string): number | undefined {
  if (cursor === '') return 0;
  const text = Buffer.from(cursor, 'base64').toString();
  return /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
}
