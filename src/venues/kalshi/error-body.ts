/**
 * Kalshi's error bodies. Four shapes exist on the wire (recorded 2026-06-11 and documented 2026-08):
 * `{error:{code,message,details?}}`, the same flat, `{msg}` for a bad query, and `{error:"text"}` with 429.
 * Only `code` and the venue's fixed `details` decide anything; the rest is for people.
 */
import { z } from 'zod';

export interface VenueError {
  readonly code: string | undefined;
  readonly details: string | undefined;
  /** For people, cut short. */
  readonly message: string;
}

const coded = z.object({
  code: z.string().min(1),
  message: z.string().optional(),
  details: z.string().nullish(),
});
const nested = z.object({ error: coded });
const bare = z.object({ msg: z.string() });
const bareError = z.object({ error: z.string() });
const TEXT_MAX = 160;

/** The error in a body, or `undefined` when it has none of the four shapes. */
export function readErrorBody(body: string): VenueError | undefined {
  return venueErrorOf(jsonOf(body));
}

/** The error in what was parsed already: a row of a batch carries one of its own. */
export function venueErrorOf(value: unknown): VenueError | undefined {
  const withCode = nested.safeParse(value).data?.error ?? coded.safeParse(value).data;
  if (withCode !== undefined) {
    const { code, message = '', details } = withCode;
    return { code, details: details ?? undefined, message: message.slice(0, TEXT_MAX) };
  }
  const text = bare.safeParse(value).data?.msg ?? bareError.safeParse(value).data?.error;
  return text === undefined ? undefined : { code: undefined, details: undefined, message: text.slice(0, TEXT_MAX) };
}

/** What a body holds, or `undefined` when it is not JSON. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // A body that is not JSON has no shape that we know, which is what the caller asks.
    return undefined;
  }
}
