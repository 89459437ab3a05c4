/** Files that have outgrown one idea. Functions are measured by the linter. */
import type { Check, Problem } from './check.ts';
import { isRecorded } from './project.ts';

const LINES_MAX = 400;
const LINES_FOR_A_DEFENCE = 30;

export const sizes: Check = {
  name: 'sizes',
  remedy: 'split the file by idea, or defend it with a comment near the top that starts with "Long because"',
  run: (project) =>
    project.files
      .filter((path) => /\.(?:ts|mjs)$/.test(path) && !isRecorded(path))
      .flatMap((path) => sizeProblems(path, project.text(path))),
};

export function sizeProblems(path: string, source: string): Problem[] {
  const lines = source.trimEnd().split('\n');
  const isDefended = lines.slice(0, LINES_FOR_A_DEFENCE).some((line) => /^[\s/*]*Long because\b/.test(line));
  if (lines.length <= LINES_MAX || isDefended) return [];
  return [{ where: path, what: `has ${lines.length} lines, at most ${LINES_MAX} expected` }];
}
