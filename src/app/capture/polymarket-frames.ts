/** A recorder that kept Polymarket's market-channel frames as the exact text. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CaptureFormat, CaptureReader } from './capture.ts';
import { fault, stepsOf } from './records.ts';

const frameSchema = z.object({ raw: z.string(), receive_wall_ms: z.number().nullable(), payload_sha256: z.string() });

/** `{"raw":"…","receive_wall_ms":…}`, one frame a line. A frame without a receive time came with the one before it. */
export const polymarketFrames: CaptureFormat = {
  name: 'polymarket-ws-frames',
  label: 'Polymarket WebSocket recording',
  unit: 'line',
  coverage: 'stream',
  hasSizes: true,
  recognises: (first) => frameSchema.safeParse(first).success,
  open: frameReader,
};

function frameReader(): CaptureReader {
  let lastAtMs = 0;
  return {
    read: (text) =>
      stepsOf(text, frameSchema, ({ raw, receive_wall_ms, payload_sha256 }) => {
        const digest = createHash('sha256').update(raw).digest('hex');
        if (digest !== payload_sha256)
          return [fault(`expected a frame with SHA-256 ${payload_sha256}, found ${digest}`)];
        lastAtMs = receive_wall_ms ?? lastAtMs;
        return [{ kind: 'frame', venue: 'polymarket', text: raw, receivedAtMs: lastAtMs }];
      }),
  };
}
