/** A start that cannot go on, with what was expected, what was found and what to do about it. */
export class Failure extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
