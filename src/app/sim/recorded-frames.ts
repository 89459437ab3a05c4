/** Frames of a Kalshi recording with receive times, for the flow to play. */

import type { RecordedFrame } from '../../sim/flow/recorded-book.ts';
import { kalshiFramesWithReceiveTime } from '../capture/kalshi-streams.ts';
import { fileDamage, readLines } from '../capture/read-lines.ts';
import { ScenarioProblem } from './scenario-file.ts';

/** Throws a `ScenarioProblem` when the file is no such recording. */
export async function recordedFrames(path: string): Promise<RecordedFrame[]> {
  const frames: RecordedFrame[] = [];
  const reader = kalshiFramesWithReceiveTime.open();
  try {
    for await (const lines of readLines(path))
      for (const { number, text } of lines)
        for (const step of reader.read(text)) {
          if (step.kind === 'fault') throw new ScenarioProblem(`${path}:${number}: ${step.message}`);
          if (step.kind === 'frame') frames.push({ atMs: step.receivedAtMs, frame: JSON.parse(step.text) });
        }
  } catch (error) {
    if (error instanceof ScenarioProblem) throw error;
    const { where, message } = fileDamage(path, error);
    throw new ScenarioProblem(`${where}: ${message}`);
  }
  return frames;
}
