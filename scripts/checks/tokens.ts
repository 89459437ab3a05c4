/**
 * Splits TypeScript into tokens, so that a check never mistakes a comment or a string for code.
 *
 * It is not a parser. It knows comments, strings, templates with nested code, numbers and words, and it
 * guesses whether a slash divides or starts a regular expression from the token before it. That is enough to
 * find imports and names; the compiler finds everything else. TypeScript 7 offers no parser to JavaScript.
 */
export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'punctuation';
  /** As written, except for strings: their contents without quotes. */
  readonly text: string;
  readonly line: number;
}

const BLANK = /\s+/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const WORD = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /0[xob][\da-f_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d+)?n?/iy;
const STRING = /'(?:[^'\\\n]|\\[\s\S])*'?|"(?:[^"\\\n]|\\[\s\S])*"?/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const TEMPLATE_TEXT = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y;

const WITHOUT_REGEX = [
  ['string', STRING],
  ['number', NUMBER],
  ['word', WORD],
] as const;
const WITH_REGEX = [...WITHOUT_REGEX, ['regex', REGEX]] as const;

/** After these words an expression starts, so a slash starts a regular expression. */
const BEFORE_EXPRESSION = new Set(
  'return typeof instanceof in of new delete void throw case do else yield await default extends'.split(' '),
);

export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  /** Brace depths at which a `}` goes back into the text of a template. */
  const templates: number[] = [];
  let depth = 0;
  let at = 0;
  let line = 1;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const skip = (text: string): void => {
    at += text.length;
    for (const character of text) if (character === '\n') line++;
  };
  const add = (kind: Token['kind'], text: string): void => {
    tokens.push({ kind, text: kind === 'string' ? unquoted(text) : text, line });
    skip(text);
  };
  const addTemplateText = (): void => {
    add('template', match(TEMPLATE_TEXT) ?? '');
    if (source.startsWith('${', at)) {
      templates.push(depth++);
      add('punctuation', '${');
    } else skip(source.slice(at, at + 1));
  };
  const addPunctuation = (mark: string): void => {
    add('punctuation', mark);
    if (mark === '{') depth++;
    if (mark !== '}') return;
    depth--;
    if (templates.at(-1) !== depth) return;
    templates.pop();
    addTemplateText();
  };

  while (at < source.length) {
    const blank = match(BLANK) ?? match(COMMENT);
    if (blank !== undefined) {
      skip(blank);
      continue;
    }
    const kinds = startsExpression(tokens.at(-1)) ? WITH_REGEX : WITHOUT_REGEX;
    const found = kinds
      .map(([kind, pattern]) => [kind, match(pattern)] as const)
      .find(([, text]) => text !== undefined);
    if (found?.[1] !== undefined) add(found[0], found[1]);
    else if (source.charAt(at) === '`') {
      skip('`');
      addTemplateText();
    } else addPunctuation(source.charAt(at));
  }
  return tokens;
}

function startsExpression(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'word') return BEFORE_EXPRESSION.has(before.text);
  return before.kind === 'punctuation' && before.text !== ')' && before.text !== ']';
}

function unquoted(text: string): string {
  return text.slice(1, text.length > 1 && text.endsWith(text.charAt(0)) ? -1 : undefined);
}
