/** What goes wrong between us and the disk. Thrown at the edge, caught by whoever owns the store. */
export type StoreFaultKind =
  /** another process has it */
  | 'locked'
  /** what is there is not what was written */
  | 'corrupt'
  | 'full'
  | 'readOnly'
  /** it cannot be read or written, for the reason in the message */
  | 'unavailable';

export class StoreFault extends Error {
  override readonly name = 'StoreFault';
  readonly kind: StoreFaultKind;

  constructor(kind: StoreFaultKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

const KINDS: Readonly<Record<string, StoreFaultKind>> = { ENOSPC: 'full', EDQUOT: 'full', EROFS: 'readOnly' };

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free space, then start again',
  EDQUOT: 'the quota is used up: free space, then start again',
  EROFS: 'the file system is read-only: mount it writable, often after checking it, then start again',
  EACCES: 'permission denied: the folder must belong to the user that runs this',
  EPERM: 'permission denied: the folder must belong to the user that runs this',
  EIO: 'the disk failed: check it before starting again',
  EMFILE: 'too many open files: raise the limit, then start again',
};

/** `expected to <what>, found ENOSPC: the disk is full …`. */
export function storeFault(what: string, error: unknown): StoreFault {
  if (error instanceof StoreFault) return error;
  const code = codeOf(error);
  const reason = REMEDIES[code ?? ''] ?? (error instanceof Error ? error.message : String(error));
  const found = code === undefined || REMEDIES[code] === undefined ? reason : `${code}: ${reason}`;
  return new StoreFault(KINDS[code ?? ''] ?? 'unavailable', `expected to ${what}, found ${found}`, error);
}

export function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
