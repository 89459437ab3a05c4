/** The format of a file of worked cases, and how an actual result is held against an expected one. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const vectorSchema = z.object({
  id: z.string(),
  kind: z.string(),
  input: z.record(z.string(), z.unknown()),
  expected: z.record(z.string(), z.unknown()),
  tolerance: z.string().optional(),
});
const fileSchema = z.object({
  schema: z.literal('quant-vectors/1'),
  file: z.string(),
  count: z.number(),
  vectors: z.array(vectorSchema),
});

export type Vector = z.infer<typeof vectorSchema>;
export type VectorFile = z.infer<typeof fileSchema>;

/** Computes one kind of vector: the `input` object as parsed, to an object with at least the expected keys. */
export type VectorKind = (input: never) => Readonly<Record<string, unknown>>;

/** A quotient that is not a finite decimal. It equals an expected text when it rounds to its digits. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export function ratio(numerator: bigint | number, denominator: bigint | number): Ratio {
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}

/** Every vector file below the given files and folders, in name order. Throws with the path when one is not of the format. */
export function readVectorFiles(paths: readonly string[]): VectorFile[] {
  return paths.flatMap((path) => {
    if (statSync(path).isDirectory()) {
      const names = readdirSync(path).filter((name) => name.endsWith('.json'));
      return readVectorFiles(names.sort().map((name) => join(path, name)));
    }
    const parsed = fileSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (!parsed.success) throw new Error(`${path} is not a file of worked cases: ${z.prettifyError(parsed.error)}`);
    if (parsed.data.count !== parsed.data.vectors.length) {
      throw new Error(`${path} says it holds ${parsed.data.count} vectors, found ${parsed.data.vectors.length}`);
    }
    return [parsed.data];
  });
}

/** The differences between an actual and the expected result, one line each; none when they agree. */
export function differences(vector: Vector, actual: unknown): string[] {
  return compare(vector.expected, actual, vector.tolerance, 'expected');
}

function compare(expected: unknown, actual: unknown, tolerance: string | undefined, path: string): string[] {
  if (Array.isArray(expected)) return compareLists(expected, actual, tolerance, path);
  if (typeof expected === 'object' && expected !== null) return compareObjects(expected, actual, tolerance, path);
  if (isNumeric(expected) && actual !== null && actual !== undefined && typeof actual !== 'boolean') {
    return agrees(String(expected), actual, tolerance) ? [] : [`${path}: expected ${expected}, found ${shown(actual)}`];
  }
  return expected === actual ? [] : [`${path}: expected ${JSON.stringify(expected)}, found ${shown(actual)}`];
}

function compareLists(
  expected: readonly unknown[],
  actual: unknown,
  tolerance: string | undefined,
  path: string,
): string[] {
  if (!Array.isArray(actual)) return [`${path}: expected a list, found ${shown(actual)}`];
  if (actual.length !== expected.length)
    return [`${path}: expected ${expected.length} entries, found ${actual.length}`];
  return expected.flatMap((entry, at) => compare(entry, actual[at], tolerance, `${path}[${at}]`));
}

function compareObjects(expected: object, actual: unknown, tolerance: string | undefined, path: string): string[] {
  if (typeof actual !== 'object' || actual === null) return [`${path}: expected an object, found ${shown(actual)}`];
  const found = actual as Record<string, unknown>;
  return Object.entries(expected).flatMap(([key, value]) => compare(value, found[key], tolerance, `${path}.${key}`));
}

function isNumeric(value: unknown): value is string | number {
  return (
    typeof value === 'number' || (typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value))
  );
}

function agrees(expected: string, actual: unknown, tolerance: string | undefined): boolean {
  if (tolerance !== undefined) return withinTolerance(Number(expected), toNumber(actual), tolerance);
  if (isRatio(actual)) return roundsTo(expected, actual);
  return sameDecimal(expected, String(actual));
}

function withinTolerance(expected: number, actual: number, tolerance: string): boolean {
  const relative = tolerance.startsWith('relative ');
  const bound = Number(relative ? tolerance.slice('relative '.length) : tolerance);
  return Math.abs(expected - actual) <= bound * (relative ? Math.abs(expected) : 1);
}

function isRatio(value: unknown): value is Ratio {
  return typeof value === 'object' && value !== null && 'numerator' in value && 'denominator' in value;
}

function toNumber(value: unknown): number {
  return isRatio(value) ? Number(value.numerator) / Number(value.denominator) : Number(value);
}

/** Whether |expected − actual| is at most half a unit of the last digit that `expected` shows. */
function roundsTo(expected: string, actual: Ratio): boolean {
  const { digits, places } = decimalOf(expected);
  const scale = 10n ** BigInt(places);
  const distance = digits * actual.denominator - actual.numerator * scale;
  const absolute = distance < 0n ? -distance : distance;
  return absolute * 2n <= (actual.denominator < 0n ? -actual.denominator : actual.denominator);
}

function sameDecimal(expected: string, actual: string): boolean {
  if (!isNumeric(actual)) return false;
  const [a, b] = [decimalOf(expected), decimalOf(actual)];
  return a.digits * 10n ** BigInt(b.places) === b.digits * 10n ** BigInt(a.places);
}

function decimalOf(text: string): { digits: bigint; places: number } {
  const [mantissa = '0', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const places = fraction.length - Number(exponent);
  const digits = BigInt(`${whole}${fraction}`.replace(/^([+-]?)$/, '$10').replace(/^\+/, ''));
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
}

function shown(value: unknown): string {
  if (isRatio(value)) return `${value.numerator}/${value.denominator} (${toNumber(value)})`;
  return JSON.stringify(value, (_key, entry) => (typeof entry === 'bigint' ? `${entry}` : entry));
}
