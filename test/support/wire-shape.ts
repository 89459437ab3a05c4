/** What kind of value stands where in a message, so that two messages can be compared without their numbers. */

type Shape = string | { readonly [key: string]: Shape } | readonly Shape[];

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Decimal text keeps its number of decimals; lists are described by their first row. */
export function shapeOf(value: unknown): Shape {
  if (value === null) return 'null';
  if (typeof value === 'string') {
    const decimals = /^-?\d+\.(\d+)$/.exec(value)?.[1]?.length;
    if (decimals !== undefined) return `decimal text with ${decimals} decimals`;
    return INSTANT.test(value) ? 'instant' : 'text';
  }
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
}

/** The shape without these keys, at any depth. */
export function without(shape: Shape, keys: ReadonlySet<string>): Shape {
  if (typeof shape === 'string') return shape;
  if (isList(shape)) return shape.map((each) => without(each, keys));
  return Object.fromEntries(
    Object.entries(shape).flatMap(([key, each]) => (keys.has(key) ? [] : [[key, without(each, keys)] as const])),
  );
}

function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape);
}
