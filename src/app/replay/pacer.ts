/** Holds a replay to the pace of its recording, or a multiple of it. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits shorter than this are not worth a timer. */
const SLACK_MS = 4;
/** No single wait is longer: recordings have holes, and a person watches. */
const WAIT_MS_MAX = 2_000;

export class Pacer {
  readonly #speed: number;
  readonly #abort = new AbortController();
  #due: { readonly recordedMs: number; readonly atMs: number } | undefined;

  /** `speed` is a multiple of the recorded pace; infinity does not wait at all. */
  constructor(speed: number) {
    this.#speed = speed;
  }

  get isPaced(): boolean {
    return Number.isFinite(this.#speed);
  }

  get isStopped(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Ends the replay before its next step; a wait ends at once. */
  stop(): void {
    this.#abort.abort();
  }

  /** Waits until a record received at `recordedMs` is due. A hole in the recording costs two seconds at most. */
  async waitFor(recordedMs: number): Promise<void> {
    const now = performance.now();
    if (this.#due === undefined) {
      this.#due = { recordedMs, atMs: now };
      return;
    }
    const atMs = this.#due.atMs + (recordedMs - this.#due.recordedMs) / this.#speed;
    const waitMs = Math.min(atMs - now, WAIT_MS_MAX);
    if (waitMs > SLACK_MS) await sleep(waitMs, undefined, { signal: this.#abort.signal }).catch(ignoreAbort);
    if (atMs - now > WAIT_MS_MAX) this.#due = { recordedMs, atMs: performance.now() };
  }
}

/** An interrupted wait is how a person stops a replay, not a failure. */
function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
}
