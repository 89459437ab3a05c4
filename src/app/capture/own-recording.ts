/** Recordings that Tandem wrote itself; `src/venues/transport/recording-format.ts` describes them. */
import type { VenueName } from '../../domain/instrument.ts';
import { type OpenSocket, type RecordingRecord, recordSchema } from '../../venues/transport/recording-format.ts';
import type { CaptureFormat, CaptureReader, CaptureStep } from './capture.ts';
import { fault, stepsOf } from './records.ts';

const MICROS_PER_MILLI = 1_000;

/** Public sockets of both venues; what is said about us and what went over HTTP is no market data. */
export const ownRecording: CaptureFormat = {
  name: 'tandem-recording',
  label: 'Tandem recording',
  unit: 'line',
  coverage: 'stream',
  hasSizes: true,
  recognises: (first) => recordSchema.safeParse(first).success,
  open: () => {
    const reader = new OwnRecordingReader();
    return { read: (text) => reader.read(text) };
  },
};

class OwnRecordingReader implements CaptureReader {
  readonly #open = new Map<number, OpenSocket>();

  read(text: string): readonly CaptureStep[] {
    return stepsOf(text, recordSchema, (record) => this.#steps(record));
  }

  #steps(record: RecordingRecord): readonly CaptureStep[] {
    if ('tandem' in record) {
      for (const socket of record.open) this.#open.set(socket.c, socket);
      return [];
    }
    const receivedAtMs = record.t / MICROS_PER_MILLI;
    switch (record.k) {
      case 'open':
        this.#open.set(record.c, record);
        return [];
      case 'opened':
        return this.#onOpened(record.c, receivedAtMs);
      case 'text': {
        const socket = this.#open.get(record.c);
        if (socket === undefined) return [fault(`expected a socket that was opened before, found ${record.c}`)];
        const venue = venueOf(socket);
        return venue === undefined ? [] : [{ kind: 'frame', venue, text: record.text, receivedAtMs }];
      }
      case 'end':
        this.#open.delete(record.c);
        return [];
      case 'dropped':
        return [fault(`expected every text, found that the recorder left out ${record.count}`)];
      case 'ping':
      case 'pong':
      case 'sent':
      case 'pinged':
      case 'closing':
      case 'cut':
      case 'request':
      case 'flushed':
      case 'outcome':
        return [];
    }
  }

  /** A replay follows one connection a venue at a time: Kalshi counts its messages per connection. */
  #onOpened(c: number, receivedAtMs: number): readonly CaptureStep[] {
    const socket = this.#open.get(c);
    if (socket === undefined || venueOf(socket) !== 'kalshi') return [];
    const steps: CaptureStep[] = [{ kind: 'connected', venue: 'kalshi', receivedAtMs }];
    const others = [...this.#open.values()].filter((other) => other.c !== c && venueOf(other) === 'kalshi');
    if (others.length > 0) steps.push(fault(`expected one socket of kalshi at a time, found ${others.length + 1}`));
    return steps;
  }
}

/** The venue whose market data comes through a socket, if it does. */
function venueOf({ source, private: isPrivate }: OpenSocket): VenueName | undefined {
  return !isPrivate && (source === 'kalshi' || source === 'polymarket') ? source : undefined;
}
