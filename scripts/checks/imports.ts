/** Every module that a TypeScript file names: imports, re-exports, type imports, `import()` and `require()`. */
import { type Token, tokensOf } from './tokens.ts';

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `export … from` passes another file's names on. */
  readonly isReexport: boolean;
}

/** Stands for a module whose name is computed, which no check can follow. */
export const COMPUTED = '<computed>';

export function importsOf(source: string): Import[] {
  const tokens = tokensOf(source);
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'word' || isMember(tokens, index)) return [];
    const specifier = specifierAt(tokens, index);
    return specifier === undefined ? [] : [{ specifier, line: token.line, isReexport: token.text === 'export' }];
  });
}

function specifierAt(tokens: readonly Token[], index: number): string | undefined {
  const word = tokens[index]?.text;
  const next = tokens[index + 1];
  if (word === 'require' && next?.text === '(') return literalAt(tokens, index + 2);
  if (word === 'import') {
    if (next?.kind === 'string') return next.text;
    if (next?.text === '(') return literalAt(tokens, index + 2);
    return next?.text === '.' ? undefined : afterFrom(tokens, index);
  }
  if (word === 'export' && (next?.text === '{' || next?.text === '*' || next?.text === 'type')) {
    return afterFrom(tokens, index);
  }
  return undefined;
}

/** The string behind the `from` that belongs to this statement, if the statement has one. */
function afterFrom(tokens: readonly Token[], start: number): string | undefined {
  let depth = 0;
  for (let index = start + 1; index < tokens.length; index++) {
    const { kind, text } = tokens[index] as Token;
    if (kind === 'punctuation') {
      if (text === '{') depth++;
      else if (text === '}') depth--;
      else if (depth === 0 && text !== ',' && text !== '*') return undefined;
    } else if (depth === 0 && text === 'from' && tokens[index + 1]?.kind === 'string') return tokens[index + 1]?.text;
  }
  return undefined;
}

/** `a.import` and `{ import: … }` are names, not statements. */
function isMember(tokens: readonly Token[], index: number): boolean {
  return tokens[index - 1]?.text === '.' || tokens[index + 1]?.text === ':';
}

function literalAt(tokens: readonly Token[], index: number): string {
  const token = tokens[index];
  const isPlainTemplate = token?.kind === 'template' && tokens[index + 1]?.text !== '${';
  return token?.kind === 'string' || isPlainTemplate ? token.text : COMPUTED;
}
