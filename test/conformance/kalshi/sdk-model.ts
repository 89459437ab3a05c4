/**
 * What the official SDK says a body looks like, read from its type declarations: required fields, optional fields
 * and JSON types. The declarations are generated from the venue's own schema, so this is the venue speaking.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface Field {
  readonly name: string;
  readonly isOptional: boolean;
  readonly type: string;
}

const MODELS = join(dirname(createRequire(import.meta.url).resolve('kalshi-typescript')), 'models');

const interfaces = new Map<string, readonly Field[]>();
/** Named string types with the values that they may have. */
const words = new Map<string, readonly string[]>();
/** Other names for something: `type A = B;` */
const aliases = new Map<string, string>();

for (const file of readdirSync(MODELS)) if (file.endsWith('.d.ts')) readDeclarations(join(MODELS, file));

function readDeclarations(path: string): void {
  const source = readFileSync(path, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  for (const [, name = '', body = ''] of source.matchAll(/export interface (\w+) \{([\s\S]*?)\n\}/g)) {
    const fields = [...body.matchAll(/'(\w+)'(\??): ([^;]+);/g)].map(([, field = '', mark, type = '']) => ({
      name: field,
      isOptional: mark === '?',
      type: type.trim(),
    }));
    interfaces.set(name, fields);
  }
  for (const [, name = '', body = ''] of source.matchAll(/export declare const (\w+): \{([\s\S]*?)\n\};/g)) {
    const values = [...body.matchAll(/: ("[^"]*"|-?\d+);/g)].map(([, value = '']) => value.replaceAll('"', ''));
    words.set(name, values);
  }
  for (const [, name = '', target = ''] of source.matchAll(/export type (\w+) = (\w+);/g)) aliases.set(name, target);
}

/** Where a body is not what the SDK declares; empty when it is. Fields that the SDK does not know count too. */
export function differencesFrom(model: string, body: unknown): readonly string[] {
  return compare(model, body, '');
}

function compare(type: string, value: unknown, at: string): readonly string[] {
  const place = at === '' ? 'body' : at;
  const parts = type.split(' | ');
  if (parts.length > 1) {
    if (value === null && parts.includes('null')) return [];
    return compare(parts.find((part) => part !== 'null') ?? 'null', value, at);
  }
  const row = /^Array<(.*)>$/.exec(type)?.[1];
  if (row !== undefined) {
    if (!Array.isArray(value)) return [`${place} must be a list, found ${JSON.stringify(value)}`];
    return value.flatMap((each) => compare(row, each, `${at}[]`));
  }
  if (type === 'object') return typeof value === 'object' && value !== null ? [] : [`${place} must be an object`];
  if (type === 'string' || type === 'number' || type === 'boolean')
    return (typeof value as string) === type ? [] : [`${place} must be a ${type}, found ${JSON.stringify(value)}`];
  return compareNamed(type, value, at);
}

function compareNamed(type: string, value: unknown, at: string): readonly string[] {
  const allowed = words.get(type);
  if (allowed !== undefined)
    return allowed.includes(String(value)) ? [] : [`${at} must be one of ${allowed.join(', ')}, found ${value}`];
  const fields = interfaces.get(type);
  if (fields === undefined) {
    const alias = aliases.get(type);
    if (alias === undefined) throw new Error(`the SDK declares no ${type}`);
    return compare(alias, value, at);
  }
  if (typeof value !== 'object' || value === null) return [`${at} must be a ${type}, found ${JSON.stringify(value)}`];
  const found = new Map(Object.entries(value));
  const problems = fields.flatMap(({ name, isOptional, type: wanted }) => {
    const path = at === '' ? name : `${at}.${name}`;
    if (!found.has(name)) return isOptional ? [] : [`${path} is missing`];
    return compare(wanted, found.get(name), path);
  });
  const undeclared = [...found.keys()].filter((name) => !fields.some((field) => field.name === name));
  return [...problems, ...undeclared.map((name) => `${at === '' ? name : `${at}.${name}`} is not declared`)];
}
