/**
 * The disk as far as the journal needs it: real, in memory, or failing on purpose.
 *
 * What happens at a start or at a change of files blocks, and is durable when it returns, names in folders
 * included. Writing and syncing the file of the moment does not block.
 */

export interface JournalFile {
  /** Appends some or all of `bytes`; `written` says how many. Never ends synchronously. */
  write(bytes: Uint8Array, onEnd: (error: unknown, written: number) => void): void;
  /** Ends when every byte written before the call is on the disk. Never ends synchronously. */
  sync(onEnd: (error: unknown) => void): void;
  close(onEnd: (error: unknown) => void): void;
}

export interface JournalDisk {
  /** Makes a folder that only its owner sees, and those above it. */
  makeFolder(path: string): void;
  /** Names in a folder, sorted; none where there is no folder. */
  list(path: string): readonly string[];
  /** `undefined` where there is no such file. */
  read(path: string): Uint8Array | undefined;
  sizeOf(path: string): number;
  /** Makes the file this long, and no longer. */
  cut(path: string, length: number): void;
  /** Writes a whole file, all of it or nothing. */
  put(path: string, bytes: Uint8Array): void;
  /** A new file, which must not exist, to append to. */
  create(path: string): JournalFile;
}
