/**
 * One text for one value: RFC 8785. Keys are sorted, nothing stands between the tokens, numbers and strings are
 * written as ECMAScript writes them, and fields that are `undefined` do not exist.
 *
 * What JSON would change in silence is refused instead: a number that is not finite, a gap in a list, an
 * instance of a class. So nothing enters that was not chosen field by field, and a secret, which is an
 * instance, has no way in.
 */
import { InvariantError } from './invariant.ts';

/** Characters that a JSON string holds as they are. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** Field names repeat for ever; a journal has a few hundred of them. */
const KEYS_KEPT = 4_096;
const FEW_KEYS = 32;
const keyTexts = new Map<string, string>();

/** Texts of values that several records of one batch hold: the order that a plan, its actors and its intent share. */
export type KnownTexts = Map<object, string>;
/** A smaller object is written again as fast as it is looked up. */
const FIELDS_SHARED_MIN = 6;
/** Of the call that runs now: it is synchronous, and carrying this along would cost every value. */
let knownTexts: KnownTexts | undefined;

class NotJson extends Error {}

export function canonicalJson(value: unknown): string {
  try {
    return textOf(value);
  } catch (error) {
    throw explained(error, value);
  }
}

/**
 * As `canonicalJson({ ...value, ...more })`, for a third of the price: copying an object costs more than writing it.
 * What was written into `known` before is not written anew; nothing may change while it is in use.
 */
export function canonicalJsonWith(value: object, more: Readonly<Record<string, unknown>>, known?: KnownTexts): string {
  knownTexts = known;
  try {
    const keys = Object.keys(value);
    for (const key of Object.keys(more)) if (!Object.hasOwn(value, key)) keys.push(key);
    return fieldsText(inOrder(keys), (key) =>
      Object.hasOwn(more, key) ? more[key] : (value as Record<string, unknown>)[key],
    );
  } catch (error) {
    throw explained(error, { ...value, ...more });
  } finally {
    knownTexts = undefined;
  }
}

function explained(error: unknown, value: unknown): unknown {
  if (!(error instanceof NotJson) && !(error instanceof RangeError)) return error;
  const { path, what } = offence(value, '', []) ?? { path: '', what: error.message };
  return new InvariantError(`expected plain JSON${path === '' ? '' : ` at ${path}`}, found ${what}`);
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      if (!Number.isFinite(value)) throw new NotJson(foundText(value));
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? listText(value) : objectText(value);
    default:
      throw new NotJson(foundText(value));
  }
}

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

function listText(list: readonly unknown[]): string {
  let text = '[';
  for (let at = 0; at < list.length; at++) text += at === 0 ? textOf(list[at]) : `,${textOf(list[at])}`;
  return `${text}]`;
}

function objectText(value: object): string {
  const known = knownTexts?.get(value);
  if (known !== undefined) return known;
  if (!isPlain(value)) throw new NotJson(foundText(value));
  const keys = Object.keys(value);
  const text = fieldsText(inOrder(keys), (key) => (value as Record<string, unknown>)[key]);
  if (keys.length >= FIELDS_SHARED_MIN) knownTexts?.set(value, text);
  return text;
}

function fieldsText(keys: readonly string[], fieldOf: (key: string) => unknown): string {
  let text = '';
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] as string;
    const field = fieldOf(key);
    if (field !== undefined) text += `${text === '' ? '{' : ','}${keyText(key)}${textOf(field)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** By insertion where there are few, which is nearly always: half the time of a general sort. */
function inOrder(keys: string[]): string[] {
  if (keys.length > FEW_KEYS) return keys.sort();
  for (let at = 1; at < keys.length; at++) {
    const key = keys[at] as string;
    let to = at;
    while (to > 0 && (keys[to - 1] as string) > key) {
      keys[to] = keys[to - 1] as string;
      to--;
    }
    keys[to] = key;
  }
  return keys;
}

function keyText(key: string): string {
  const known = keyTexts.get(key);
  if (known !== undefined) return known;
  const text = `${JSON.stringify(key)}:`;
  if (keyTexts.size < KEYS_KEPT) keyTexts.set(key, text);
  return text;
}

/** Where the first thing is that cannot be written: only looked for once something could not. */
function offence(
  value: unknown,
  path: string,
  above: readonly unknown[],
): { readonly path: string; readonly what: string } | undefined {
  if (above.includes(value)) return { path, what: 'a value that contains itself' };
  if (typeof value !== 'object' || value === null) {
    const isFine = typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isFinite(value);
    return isFine ? undefined : { path, what: foundText(value) };
  }
  if (!Array.isArray(value) && !isPlain(value)) return { path, what: foundText(value) };
  // A list's gaps are offences; `entries` visits them, `Object.entries` does not.
  const fields: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value).filter(([, field]) => field !== undefined);
  for (const [name, field] of fields) {
    const found = offence(field, path === '' ? String(name) : `${path}.${name}`, [...above, value]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Never the value itself: it may be what must not be seen. */
function foundText(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value);
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  return `an instance of ${(value.constructor as { name?: string } | undefined)?.name ?? 'an unknown class'}`;
}
