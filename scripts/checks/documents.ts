/** Documents that tell the truth: links lead somewhere, commands exist, and every recording says where it is from. */
import { posix } from 'node:path';
import type { Check, Problem } from './check.ts';
import { isRecorded, type Project } from './project.ts';

export const documents: Check = {
  name: 'documents',
  remedy: 'mend the link or the command; describe a recording in <name>.source.md or <folder>.source.md beside it',
  run: (project) => {
    const scripts: Record<string, string> = JSON.parse(project.text('package.json')).scripts ?? {};
    const pages = project.files.filter((path) => path.endsWith('.md'));
    return [
      ...pages.flatMap((page) => linkProblems(page, project.text(page), project.files)),
      ...pages.flatMap((page) => commandProblems(page, project.text(page), Object.keys(scripts))),
      ...sourceProblems(project),
    ];
  },
};

export function linkProblems(page: string, text: string, files: readonly string[]): Problem[] {
  return eachLine(withoutCode(text)).flatMap(({ line, number }) =>
    [...line.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*<?(\S+?)>?$/g)].flatMap((match) => {
      const target = (match[1] ?? match[2] ?? '').replace(/#.*$/, '');
      if (target === '' || /^[a-z][a-z0-9+.-]*:/i.test(target)) return [];
      const path = posix.normalize(posix.join(posix.dirname(page), decodeURI(target))).replace(/\/$/, '');
      const exists = path === '.' || files.some((file) => file === path || file.startsWith(`${path}/`));
      return exists ? [] : [{ where: `${page}:${number}`, what: `links to ${target}, which does not exist` }];
    }),
  );
}

export function commandProblems(page: string, text: string, scripts: readonly string[]): Problem[] {
  return eachLine(text).flatMap(({ line, number }) =>
    [...line.matchAll(/\bnpm (?:run(?: --?[a-z]+)* )?([a-z][\w:-]*)/g)].flatMap(([command, word = '']) => {
      const isScript = command.startsWith('npm run') || word === 'start' || word === 'test';
      if (!isScript || word === 'run' || scripts.includes(word)) return [];
      return [{ where: `${page}:${number}`, what: `names the command "${command}", which package.json does not have` }];
    }),
  );
}

/** `capture.jsonl.gz` is described by `capture.source.md`, or by a `<folder>.source.md` in a folder above that names it. */
export function sourceProblems(project: Pick<Project, 'files' | 'text'>): Problem[] {
  return project.files
    .filter((path) => isRecorded(path) && !path.endsWith('.md'))
    .filter(
      (path) =>
        !sourcesOf(path).some(
          (source) => project.files.includes(source) && describes(project.text(source), path, source),
        ),
    )
    .map((path) => ({ where: path, what: 'has no .source.md that says where and when it is from' }));
}

function sourcesOf(path: string): string[] {
  const folders = posix.dirname(path).split('/');
  const above = folders.map((name, depth) => posix.join(...folders.slice(0, depth + 1), `${name}.source.md`));
  return [`${path}.source.md`, `${stemOf(path)}.source.md`, ...above];
}

/** A recording's own page is about nothing else; a folder's page must name each file. Both must give a date. */
function describes(text: string, path: string, source: string): boolean {
  const isOwn = source === `${path}.source.md` || source === `${stemOf(path)}.source.md`;
  return (isOwn || text.includes(posix.basename(path))) && /\b20\d\d-\d\d/.test(text);
}

function stemOf(path: string): string {
  return posix.join(posix.dirname(path), posix.basename(path).replace(/\..*$/, ''));
}

/** Code shows syntax, not links; its lines stay, so that line numbers hold. */
function withoutCode(text: string): string {
  return text.replace(/^(```|~~~)[\s\S]*?^\1/gm, (block) => block.replace(/[^\n]/g, '')).replace(/`[^`\n]*`/g, '``');
}

function eachLine(text: string): { readonly line: string; readonly number: number }[] {
  return text.split('\n').map((line, index) => ({ line, number: index + 1 }));
}
