/**
 * What our own recordings hold.
 *
 * A recording is a folder of segments, `<name>-<start>-<number>.ndjson.gz`: one JSON record a line, in the order in
 * which things happened in the process. A segment is a row of gzip members, each flushed by itself, so that a crash
 * costs at most the last one; any gzip reader takes the row for one text. Every record carries
 *
 * - `t`: receive time by the wall, microseconds since 1970,
 * - `m`: receive time by the monotonic clock of the process, microseconds from an arbitrary start,
 * - `k`: what happened.
 *
 * The first line of a segment has `"tandem":"recording"`, the format's version, the segment's number and in `open`
 * the sockets that are open at that point, so that a segment can be read alone. Sockets are numbered by `c`, HTTP
 * exchanges by `x`, both through the whole recording. Texts from the other side are kept exactly as they came. What
 * we sent, request and reply bodies and URLs went through the caller's redaction; of headers only a few harmless
 * ones are kept. `dropped` says that so many public texts are missing here because the disk was too slow.
 */
import { z } from 'zod';

export const RECORDING_VERSION = 1;

const time = { t: z.number(), m: z.number() };
const openSocketSchema = z.object({ c: z.number(), source: z.string(), url: z.string(), private: z.boolean() });
const headersSchema = z.record(z.string(), z.string());

const headerSchema = z.object({
  tandem: z.literal('recording'),
  version: z.literal(RECORDING_VERSION),
  segment: z.number(),
  ...time,
  open: z.array(openSocketSchema),
});

const endSchema = z.object({
  kind: z.enum(['refused', 'failed', 'closed']),
  code: z.number().optional(),
  message: z.string(),
});

const outcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reply'), status: z.number(), headers: headersSchema, body: z.string() }),
  z.object({ kind: z.literal('notSent'), message: z.string() }),
  z.object({ kind: z.literal('lost'), message: z.string() }),
]);

const eventSchema = z.discriminatedUnion('k', [
  z.object({ k: z.literal('open'), ...time, ...openSocketSchema.shape }),
  z.object({ k: z.literal('opened'), ...time, c: z.number() }),
  /** from the other side */
  z.object({ k: z.literal('text'), ...time, c: z.number(), text: z.string() }),
  z.object({ k: z.literal('ping'), ...time, c: z.number(), text: z.string() }),
  z.object({ k: z.literal('pong'), ...time, c: z.number() }),
  z.object({ k: z.literal('end'), ...time, c: z.number(), end: endSchema }),
  /** from us */
  z.object({ k: z.literal('sent'), ...time, c: z.number(), text: z.string() }),
  z.object({ k: z.enum(['pinged', 'closing', 'cut']), ...time, c: z.number() }),
  z.object({
    k: z.literal('request'),
    ...time,
    x: z.number(),
    source: z.string(),
    method: z.string(),
    url: z.string(),
    headers: headersSchema,
    body: z.string().optional(),
    lane: z.string(),
  }),
  z.object({ k: z.literal('flushed'), ...time, x: z.number() }),
  z.object({ k: z.literal('outcome'), ...time, x: z.number(), outcome: outcomeSchema }),
  z.object({ k: z.literal('dropped'), ...time, count: z.number() }),
]);

export const recordSchema = z.union([headerSchema, eventSchema], 'expected a record of a Tandem recording');

export type RecordingEvent = z.infer<typeof eventSchema>;
export type RecordingRecord = z.infer<typeof recordSchema>;
export type OpenSocket = z.infer<typeof openSocketSchema>;

type WithoutTime<T> = T extends unknown ? Omit<T, 't' | 'm'> : never;
/** What a recorder is told; the times are added when it is. */
export type RecordingFact = WithoutTime<RecordingEvent>;

/** A record as a line, or `undefined` when it is none. */
export function parseRecord(line: string): RecordingRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    // Not JSON: a line that a crash cut in two.
    return undefined;
  }
}
