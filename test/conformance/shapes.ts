/** Whether two messages say the same kind of thing: the same keys, and the same kind of value behind each. */
import { shapeOf, without } from '../support/wire-shape.ts';

type Shape = ReturnType<typeof shapeOf>;

export interface Comparison {
  /** Keys that may be there or not, at any depth. */
  readonly ignored?: readonly string[];
  /** Text is text, however many decimals it has: a venue that does not pad its numbers. */
  readonly isLoose?: boolean;
}

/** Where two shapes part, as short sentences; empty when they do not. An empty list says nothing about its rows. */
function partings(expected: Shape, found: Shape, at = ''): readonly string[] {
  const place = at === '' ? 'the message' : at;
  if (typeof expected === 'string' || typeof found === 'string')
    return expected === found ? [] : [`${place} is ${kindOf(found)}, recorded ${kindOf(expected)}`];
  const [ours, theirs] = [asRows(found), asRows(expected)];
  if (ours !== undefined || theirs !== undefined) {
    if (ours === undefined || theirs === undefined)
      return [`${place} is ${kindOf(found)}, recorded ${kindOf(expected)}`];
    const [mine, recorded] = [ours[0], theirs[0]];
    return mine === undefined || recorded === undefined ? [] : partings(recorded, mine, `${at}[]`);
  }
  const [a, b] = [expected as Readonly<Record<string, Shape>>, found as Readonly<Record<string, Shape>>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => {
    const path = at === '' ? key : `${at}.${key}`;
    const [recorded, mine] = [a[key], b[key]];
    if (mine === undefined) return [`${path} is missing`];
    if (recorded === undefined) return [`${path} was not recorded`];
    return partings(recorded, mine, path);
  });
}

/** How far the candidate that comes nearest stays away. */
export function nearest(expected: unknown, candidates: readonly unknown[], how: Comparison = {}): readonly string[] {
  const names = new Set(how.ignored ?? []);
  const shape = (value: unknown): Shape => {
    const whole = without(shapeOf(value), names);
    return how.isLoose === true ? loose(whole) : whole;
  };
  const wanted = shape(expected);
  let best: readonly string[] | undefined;
  for (const candidate of candidates) {
    const gaps = partings(wanted, shape(candidate));
    if (best === undefined || gaps.length < best.length) best = gaps;
    if (gaps.length === 0) break;
  }
  return best ?? ['nothing of this kind crossed the wire'];
}

function loose(shape: Shape): Shape {
  if (typeof shape === 'string') return shape.startsWith('decimal text') || shape === 'instant' ? 'text' : shape;
  const rows = asRows(shape);
  if (rows !== undefined) return rows.map(loose);
  return Object.fromEntries(Object.entries(shape).map(([key, each]) => [key, loose(each)]));
}

function kindOf(shape: Shape): string {
  if (typeof shape === 'string') return shape;
  return asRows(shape) === undefined ? 'an object' : 'a list';
}

function asRows(shape: Shape): readonly Shape[] | undefined {
  return Array.isArray(shape) ? shape : undefined;
}
