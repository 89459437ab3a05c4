/** What one file of model tests leaves for `npm run test:model` to add up. */

/** An edge or a state that no test can reach, and why. Ids are those of `edgesOf` and of state nodes. */
export type Exception =
  | { readonly edge: string; readonly reason: string }
  | { readonly state: string; readonly reason: string };

/** One file's part. */
export interface CoveragePart {
  readonly edges: Readonly<Record<string, readonly string[]>>;
  /** Of these, the ones that were taken while simulated venues stood behind the actor. */
  readonly atVenues: Readonly<Record<string, readonly string[]>>;
  readonly exceptions: Readonly<Record<string, readonly Exception[]>>;
  readonly runs: Readonly<Record<string, RunCount>>;
}

export interface RunCount {
  readonly paths: number;
  /** Of these, the ones that were brought about at simulated venues. */
  readonly pathsAtVenues: number;
  readonly steps: number;
  readonly unrealisable: readonly { readonly event: string; readonly reason: string }[];
}

/** Where the parts go; unset in a plain `npm test`, which has no gate over all files. */
export const COVERAGE_FOLDER = 'TANDEM_MODEL_COVERAGE';
