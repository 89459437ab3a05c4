import type { Environment } from './environment.ts';
import type { SingleMessages } from './measure.ts';
import type { PeerResult } from './peer-run.ts';

export interface StageResult {
  readonly name: string;
  /** Mean per message of everything up to and including this stage. */
  readonly upToHereMicros: number;
  readonly ratioToFloor: number;
  readonly ownMicros: number;
  /** Of the whole path. */
  readonly share: number;
}

export interface RecordingResult extends SingleMessages {
  readonly name: string;
  readonly messages: number;
  readonly bytesPerMessage: number;
  readonly decisionsPerMessage: number;
  readonly passes: number;
  readonly floorMeanMicros: number;
  readonly pathMeanMicros: number;
  /** Mean of the path over mean of the floor. */
  readonly ratioToFloor: number;
  readonly medianRatioToFloor: number;
  readonly messagesPerSecond: number;
  readonly stages: readonly StageResult[];
}

export interface BookPathResult {
  readonly bench: 'book-path';
  readonly environment: Environment;
  readonly recordings: readonly RecordingResult[];
  /** Over all recordings, by messages. */
  readonly ratioToFloor: number;
  /** The same when every frame is spelled otherwise and goes through `JSON.parse` and a schema. */
  readonly otherwiseRatioToFloor: number;
  /** The worst recording's. */
  readonly p99OverP50: number;
  /** One decision on a gap, which the path above never meets. */
  readonly gapDecisionMicros: number;
  readonly targets: {
    readonly ratioToFloorMax: number;
    readonly isRatioMet: boolean;
    readonly p99OverP50Max: number;
    readonly isTailMet: boolean;
  };
  readonly peers: readonly PeerResult[];
  readonly arePeersInstalled: boolean;
}
