/** Recorders that kept Kalshi's WebSocket frames. */
import { z } from 'zod';
import type { CaptureFormat, CaptureReader, CaptureStep, FrameStep } from './capture.ts';
import { fault, parseJson, stepsOf } from './records.ts';

const NANOS_PER_MILLI = 1e6;

const noteSchema = z.object({ recv_ns: z.number(), control: z.string() });
const recordSchema = z.union(
  [z.object({ recv_ns: z.number(), frame: z.record(z.string(), z.unknown()) }), noteSchema],
  'expected recv_ns beside a frame or a control',
);

/** `{"recv_ns":…,"frame":{…}}` or `{"recv_ns":…,"control":…}`, one a line. */
export const kalshiFramesWithReceiveTime: CaptureFormat = {
  name: 'kalshi-ws-ndjson',
  label: 'Kalshi WebSocket recording',
  unit: 'line',
  coverage: 'stream',
  hasSizes: true,
  recognises: (first) => recordSchema.safeParse(first).success,
  open: () => ({ read: readReceived }),
};

const HEAD = '{"recv_ns":';
const FRAME = ',"frame":';

/** The frame is cut out of the line as text, so that the venue's own parser sees the bytes as they came. */
function readReceived(text: string): readonly CaptureStep[] {
  const frameAt = text.indexOf(FRAME);
  if (text.startsWith(HEAD) && frameAt > 0 && text.endsWith('}')) {
    const received = text.slice(HEAD.length, frameAt);
    if (/^\d+$/.test(received)) {
      const receivedAtMs = Number(received) / NANOS_PER_MILLI;
      return [{ kind: 'frame', venue: 'kalshi', text: text.slice(frameAt + FRAME.length, -1), receivedAtMs }];
    }
  }
  // Another writer may put spaces between, or the receive time last.
  return stepsOf(text, recordSchema, (record) =>
    'frame' in record ? [wholeFrame(record.frame, record.recv_ns / NANOS_PER_MILLI)] : noteSteps(record),
  );
}

function wholeFrame(frame: unknown, receivedAtMs: number): FrameStep {
  return { kind: 'frame', venue: 'kalshi', text: JSON.stringify(frame), receivedAtMs };
}

/** The recorder's own notes that change nothing: the sockets around them speak for themselves. */
const SILENT_NOTES: ReadonlySet<string> = new Set(['watch_market', 'market_rotated']);

function noteSteps({ control, recv_ns }: z.infer<typeof noteSchema>): readonly CaptureStep[] {
  if (control === 'ws_connected')
    return [{ kind: 'connected', venue: 'kalshi', receivedAtMs: recv_ns / NANOS_PER_MILLI }];
  if (SILENT_NOTES.has(control)) return [];
  return [fault(`expected a note of the recorder that is known, found ${JSON.stringify(control.slice(0, 40))}`)];
}

const documentSchema = z.object({
  captured_ms: z.number(),
  frames: z.array(z.object({ received_ms: z.number(), frame: z.record(z.string(), z.unknown()) })),
});

/** One document with `frames: [{received_ms, frame}]`. */
export const kalshiFramesDocument: CaptureFormat = {
  name: 'kalshi-ws-document',
  label: 'Kalshi WebSocket recording (one document)',
  unit: 'document',
  coverage: 'stream',
  hasSizes: true,
  recognises: (first) => documentSchema.safeParse(first).success,
  open: () => ({
    read: (text) =>
      stepsOf(text, documentSchema, ({ frames }) =>
        frames.map(({ received_ms, frame }) => wholeFrame(frame, received_ms)),
      ),
  }),
};

const bareSchema = z.object({ type: z.string(), msg: z.union([z.looseObject({}), z.array(z.unknown())]) });

/** Bare frames, one a line, without receive times: the venue's own timestamps stand in for them. */
export const kalshiBareFrames: CaptureFormat = {
  name: 'kalshi-ws-bare',
  label: 'Kalshi WebSocket frames without receive times',
  unit: 'line',
  coverage: 'stream',
  hasSizes: true,
  recognises: (first) => bareSchema.safeParse(first).success,
  open: bareReader,
};

const venueTimeSchema = z.object({ msg: z.object({ ts_ms: z.number() }) });

function bareReader(): CaptureReader {
  let lastAtMs = 0;
  return {
    read(text) {
      const record = parseJson(text);
      if (record === undefined)
        return [fault(`expected a JSON frame, found ${text.length} characters that are not JSON`)];
      const time = venueTimeSchema.safeParse(record);
      if (time.success) lastAtMs = Math.max(lastAtMs, time.data.msg.ts_ms);
      return [{ kind: 'frame', venue: 'kalshi', text, receivedAtMs: lastAtMs }];
    },
  };
}
