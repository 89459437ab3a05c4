/** What must never be committed: keys, tokens, machine paths, registry addresses, people's addresses. */
import { homedir } from 'node:os';
import { gunzipSync } from 'node:zlib';
import type { Check, Problem } from './check.ts';
import { isRecorded, type Project } from './project.ts';

interface Rule {
  readonly what: string;
  readonly pattern: RegExp;
  /** A match that is public knowledge or a placeholder. */
  readonly isHarmless?: (found: Found) => boolean;
}

interface Found {
  readonly text: string;
  readonly path: string;
  /** What stands before the match, up to a line's length. */
  readonly before: string;
}

/**
 * The patterns are put together from pieces, so that this file and its tests hold nothing that looks like a
 * secret and the scan can run over them too.
 */
const any = (...pieces: readonly string[]): RegExp => new RegExp(pieces.join(''), 'g');
const anyCase = (...pieces: readonly string[]): RegExp => new RegExp(pieces.join(''), 'gi');
const QUOTES = '["\'\\\\]*';

const RULES: readonly Rule[] = [
  { what: 'a PEM block', pattern: any('-'.repeat(5), 'BEGIN [A-Z0-9 ]+', '-'.repeat(5)) },
  {
    what: 'a 64-digit hexadecimal number, as a private key would be',
    pattern: anyCase('(?<![0-9a-z])(?:0x)?[0-9a-f]{64}(?![0-9a-z])'),
    isHarmless: (found) => isRepetitive(found.text) || isNamedDigest(found) || isPublicId(found),
  },
  { what: 'a cloud access key', pattern: any('(?<![A-Z0-9])A', '[KS]IA[A-Z0-9]{16}(?![A-Z0-9])') },
  { what: 'a bearer token', pattern: anyCase('bea', 'rer\\s+[a-z0-9._~+/-]{20,}=*') },
  { what: 'a web token', pattern: any('ey', 'J[\\w-]{10,}\\.ey', 'J[\\w-]{10,}\\.[\\w-]{10,}') },
  { what: 'a repository token', pattern: any('\\bgh', '[pousr]_\\w{36}') },
  { what: 'a chat bot token', pattern: any('\\b\\d{8,10}:', '[\\w-]{35}\\b') },
  {
    what: 'a request signature',
    pattern: anyCase(
      '(?:KALSHI-ACCESS-',
      'SIGNATURE|POLY_',
      'SIGNATURE|POLY_',
      `PASSPHRASE)${QUOTES}\\s*[:=,]\\s*${QUOTES}[\\w+/=-]{20,}`,
    ),
    isHarmless: ({ text }) => isRepetitive(text.slice(text.search(/[:=,]/) + 1)),
  },
  {
    what: 'a secret value',
    pattern: anyCase(`\\b(?:api_?)?(?:secret|passphrase|password)${QUOTES}\\s*[:=]\\s*["']`, `[\\w+/=-]{20,}["']`),
    isHarmless: ({ text }) => isRepetitive(text.slice(text.search(/[:=]/) + 1)),
  },
  {
    what: 'a path of one machine',
    pattern: any('(?<![\\w./@-])/(?:home/[a-z]|root/|Users/[A-Za-z]|work/)', '[\\w./-]*'),
  },
  { what: 'a path of one machine', pattern: any('\\b[A-Z]:\\\\+Users\\\\+', '\\w+') },
  { what: 'a download address of a package', pattern: any('"resol', 'ved":\\s*"https?:') },
  { what: 'a registry address', pattern: anyCase('registry\\s*=\\s*http', 's?:|//regis', 'try\\.[a-z0-9.-]+') },
  {
    what: 'an e-mail address',
    pattern: anyCase('(?<![\\w.+-])[\\w.+-]+@', '[a-z0-9-]+(?:\\.[a-z0-9-]+)*\\.[a-z]{2,}\\b'),
    isHarmless: ({ text }) => /^no-?reply@|@(?:[\w-]+\.)*(?:example|invalid|test|localhost)(?:\.[a-z]+)?$/i.test(text),
  },
];

/** Words that say how the text came about rather than what it is about. Recordings may speak of anything. */
const WORDS: Rule = {
  what: 'a word that does not belong here',
  pattern: anyCase('\\b(?:sub', 'agents?|cla', 'ude|chat', 'gpt|anth', 'ropic|open', 'ai)\\b'),
};

const LINE = 160;

export const secrets: Check = {
  name: 'secrets',
  remedy: 'take it out, and if it was ever committed, revoke it; placeholders repeat one digit or say example',
  run: (project) => {
    const machine = machinePaths(project);
    return project.files.flatMap((path) => secretProblems(path, contentOf(project, path), machine));
  },
};

export function secretProblems(path: string, text: string, machine: readonly Rule[] = []): Problem[] {
  const rules = [...RULES, ...machine, ...(isRecorded(path) ? [] : [WORDS])];
  return rules.flatMap(({ what, pattern, isHarmless }) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const before = text.slice(Math.max(0, match.index - LINE), match.index);
      if (isHarmless?.({ text: match[0], path, before }) === true) return [];
      const line = text.slice(0, match.index).split('\n').length;
      return [{ where: `${path}:${line}`, what: `holds ${what} (${match[0].length} characters)` }];
    }),
  );
}

function contentOf(project: Project, path: string): string {
  const bytes = project.bytes(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** This very checkout and this very home folder, whatever they are called. */
function machinePaths({ root }: Project): Rule[] {
  const paths = [root, homedir()].filter((path) => path.split(/[\\/]/).length > 2);
  return paths.map((path) => ({
    what: 'a path of this machine',
    pattern: new RegExp(path.replace(/[^\w/]/g, '\\$&'), 'g'),
  }));
}

function isRepetitive(text: string): boolean {
  return (
    new Set(
      text
        .toLowerCase()
        .replace(/^0x/, '')
        .replace(/[^0-9a-z]/g, ''),
    ).size <= 2
  );
}

/** A checksum says of which kind it is. */
function isNamedDigest({ before }: Found): boolean {
  return /(?:sha-?256|keccak-?256|checksum|digest)\W{0,12}$/i.test(before);
}

/**
 * Condition ids, transaction hashes and order ids are public and have the shape of a private key. In
 * recordings the field name tells them apart; no key is ever sent under one of these names.
 */
function isPublicId({ path, before }: Found): boolean {
  const field = /([A-Za-z_]+)[\\"'`:\s[(]*$/.exec(before)?.[1] ?? '';
  return isRecorded(path) && /(?:ids?|hash|hashes|markets?|metadata|builder)$/i.test(field);
}
