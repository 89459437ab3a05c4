/** Files that a program writes and people read: they must be what the program would write now. */
import { SCHEMAS } from '../schemas.ts';
import type { Check, Problem } from './check.ts';
import type { Project } from './project.ts';

export interface Generated {
  readonly path: string;
  /** The text that belongs into the file. */
  readonly render: () => string | Promise<string>;
  /** The command that writes it. */
  readonly command: string;
}

/** Add an entry for each generated file that is committed. */
const GENERATED: readonly Generated[] = [...SCHEMAS];

export const generated: Check = {
  name: 'generated',
  remedy: 'run the command named beside the file and commit what it writes',
  run: (project) => generatedProblems(project, GENERATED),
};

export async function generatedProblems(
  project: Pick<Project, 'files' | 'text'>,
  list: readonly Generated[],
): Promise<Problem[]> {
  const problems = await Promise.all(
    list.map(async ({ path, render, command }) => {
      if (!project.files.includes(path)) return [{ where: path, what: `is missing; ${command} writes it` }];
      const isCurrent = project.text(path) === (await render());
      return isCurrent ? [] : [{ where: path, what: `is out of date; ${command} writes it` }];
    }),
  );
  return problems.flat();
}
