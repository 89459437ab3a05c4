/** What the command line prints, where, and with which exit code. */

/** Exit codes of the command line, as its reference lists them. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** a check is negative */
  negative: 2,
  usage: 64,
  bug: 70,
} as const;

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Results go to standard output; everything else goes here. */
export function printNote(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Ends a command that cannot go on: what was expected and found goes to standard error. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export function fail(exitCode: number, message: string): never {
  throw new CommandFailure(exitCode, message);
}

export function isTerminal(): boolean {
  return process.stdout.isTTY === true && process.env.CI === undefined;
}

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, grey: 90, bold: 1 } as const;
export type Paint = keyof typeof CODES;

/** Coloured text where a person looks at it; plain text everywhere else (also with `NO_COLOR`). */
export function paint(colour: Paint, text: string): string {
  if (process.stdout.isTTY !== true || process.env.NO_COLOR !== undefined) return text;
  return `\u001b[${CODES[colour]}m${text}\u001b[0m`;
}
