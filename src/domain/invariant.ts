/**
 * A promise our own code broke. It is never an expected outcome and never a venue's fault: whoever
 * meets one stops, trips the breaker and restarts through reconciliation.
 */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Throws an `InvariantError` unless `holds`. The message names what was expected, found, and which ids. */
export function invariant(holds: boolean, message: string | (() => string)): asserts holds {
  if (!holds) throw new InvariantError(typeof message === 'string' ? message : message());
}

/** Makes a `switch` over a union exhaustive: a new kind fails to compile, and an impossible one throws. */
export function unreachable(value: never, what: string): never {
  throw new InvariantError(`${what} must be one of the declared kinds, found ${JSON.stringify(value)}`);
}
