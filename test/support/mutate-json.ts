/** Damages JSON the way a changed protocol or a broken sender does, so that properties can ask what follows. */
import fc from 'fast-check';

type Path = readonly (string | number)[];

/** Values of every JSON type, and the texts that break careless number parsing. */
export const wrongValues: readonly unknown[] = [null, true, 7, -1, 0.5, '', 'NaN', 'Infinity', '1e3', [], {}];

/** Text with one damage: a character replaced, a key removed, renamed or given another value, or the end cut off. */
export function damaged(value: unknown): fc.Arbitrary<string> {
  const text = JSON.stringify(value);
  const paths = pathsOf(value);
  return fc.oneof(
    fc
      .tuple(fc.nat({ max: text.length - 1 }), fc.string({ minLength: 1, maxLength: 1 }))
      .map(([at, char]) => text.slice(0, at) + char + text.slice(at + 1)),
    fc.constantFrom(...paths).map((path) => JSON.stringify(without(value, path))),
    fc.constantFrom(...paths).map((path) => JSON.stringify(renamed(value, path))),
    fc
      .tuple(fc.constantFrom(...paths), fc.constantFrom(...wrongValues))
      .map(([path, wrong]) => JSON.stringify(replaced(value, path, wrong))),
    fc.nat({ max: text.length - 1 }).map((length) => text.slice(0, length)),
  );
}

/** Every place in the value: object keys and list positions, outermost first. */
export function pathsOf(value: unknown, prefix: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const keys: (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => {
    const path = [...prefix, key];
    return [path, ...pathsOf((value as Record<string | number, unknown>)[key], path)];
  });
}

export function without(value: unknown, path: Path): unknown {
  return changed(value, path, (parent, key) => {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  });
}

export function renamed(value: unknown, path: Path): unknown {
  return changed(value, path, (parent, key) => {
    if (Array.isArray(parent)) return;
    parent[`${key}_v2`] = parent[key];
    delete parent[key];
  });
}

export function replaced(value: unknown, path: Path, by: unknown): unknown {
  return changed(value, path, (parent, key) => {
    parent[key] = by;
  });
}

/** The same value with a field that no protocol knows in every object of it. */
export function withUnknownFields(value: unknown, unknown: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withUnknownFields(item, unknown));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, field]) => [key, withUnknownFields(field, unknown)]);
  return { zz_unknown: unknown, ...Object.fromEntries(fields), zz_unknown_too: unknown };
}

type Container = Record<string | number, unknown>;

function changed(value: unknown, path: Path, change: (parent: Container, key: string | number) => void): unknown {
  const copy: unknown = structuredClone(value);
  const key = path.at(-1);
  if (key === undefined) return copy;
  let parent = copy as Container;
  for (const step of path.slice(0, -1)) parent = parent[step] as Container;
  change(parent, key);
  return copy;
}
