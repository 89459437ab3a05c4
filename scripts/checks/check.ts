/** What one part of the gate is: it looks at a project and names the problems it finds. */
import type { Project } from './project.ts';

export interface Check {
  /** The word that runs this part alone: `npm run check -- <name>`. */
  readonly name: string;
  /** What a reader does about a problem. Printed once, below the problems. */
  readonly remedy: string;
  readonly run: (project: Project) => Promise<readonly Problem[]> | readonly Problem[];
}

export interface Problem {
  /** `path`, `path:line`, or the name of the tool that reports. */
  readonly where: string;
  readonly what: string;
}
