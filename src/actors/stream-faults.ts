/** What a subscriber of a stream throws: the stream goes on, and the fault is told instead of ending the process. */
import { config } from 'rxjs';

/** Once per process. RxJS tells it from a timer of its own, after the event that caused it. */
export function tellStreamFaults(onFault: (error: unknown) => void): void {
  config.onUnhandledError = onFault;
}
