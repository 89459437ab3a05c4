/** Clock, timers, randomness, environment and network, used without having been passed in. */
import { posix } from 'node:path';
import type { Check, Problem } from './check.ts';
import { isSource } from './project.ts';
import { type Token, tokensOf } from './tokens.ts';

const TIMERS = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch'];
const MEMBERS = ['Date.now', 'performance.now', 'process.hrtime', 'process.env', 'Math.random'];
/** Distinctive enough to be refused wherever they appear, as a member of `crypto` or imported by name. */
const RANDOM = ['randomUUID', 'getRandomValues', 'randomBytes', 'randomInt', 'randomFillSync'];
const MODULES = ['node:timers', 'node:timers/promises', 'node:perf_hooks', 'node:process'];

export const ambient: Check = {
  name: 'ambient',
  remedy:
    'take a Clock, Random or configuration value as a parameter; the real ones live in src/app and in files named clock*, virtual-clock*, random* or system-*',
  run: (project) => project.files.filter(isSource).flatMap((path) => ambientProblems(path, project.text(path))),
};

export function ambientProblems(path: string, source: string): Problem[] {
  if (path.startsWith('src/app/') || /^(?:clock|virtual-clock|random|system-)/.test(posix.basename(path))) return [];
  const tokens = tokensOf(source);
  return tokens.flatMap((token, index) => {
    const name = ambientName(tokens, index);
    return name === undefined ? [] : [{ where: `${path}:${token.line}`, what: `uses ${name} directly` }];
  });
}

function ambientName(tokens: readonly Token[], index: number): string | undefined {
  const { kind, text } = tokens[index] as Token;
  if (kind === 'string') return MODULES.includes(text) ? text : undefined;
  if (kind !== 'word') return undefined;
  if (RANDOM.includes(text)) return text;
  if (isMemberOfAnother(tokens, index)) return undefined;
  const next = tokens[index + 1]?.text;
  if (next === '.') {
    const member = `${text}.${tokens[index + 2]?.text}`;
    return MEMBERS.includes(member) ? member : undefined;
  }
  const isOnlyNamed = next === ':' || tokens[index - 1]?.text === 'typeof';
  if (TIMERS.includes(text)) return isOnlyNamed ? undefined : text;
  return text === 'Date' ? dateWithoutArgument(tokens, index) : undefined;
}

/** `new Date(at)` is arithmetic; `new Date`, `new Date()` and `Date()` read the clock. */
function dateWithoutArgument(tokens: readonly Token[], index: number): string | undefined {
  const isCalled = tokens[index + 1]?.text === '(';
  if (isCalled) return tokens[index + 2]?.text === ')' ? 'Date()' : undefined;
  return tokens[index - 1]?.text === 'new' ? 'new Date' : undefined;
}

/** `clock.setTimeout` belongs to whoever was passed in; `globalThis.setTimeout` does not. */
function isMemberOfAnother(tokens: readonly Token[], index: number): boolean {
  return tokens[index - 1]?.text === '.' && !['globalThis', 'global'].includes(tokens[index - 2]?.text ?? '');
}
