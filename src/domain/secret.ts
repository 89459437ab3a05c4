/**
 * A value that must not be seen: a key, a pass phrase, a token. Whatever prints it prints `[secret]`;
 * only `reveal` gives it away, so every place that does can be found by its name.
 */
const SHOWN = '[secret]';
/** What Node's `util.inspect`, and with it the console and assertion messages, asks an object for. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

export class Secret {
  // A true private field: it is in no enumeration, copy, serialisation or structured clone.
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.toPrimitive](): string {
    return SHOWN;
  }

  [INSPECT](): string {
    return SHOWN;
  }
}
