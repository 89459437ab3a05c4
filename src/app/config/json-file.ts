/** JSON files that people write: read whole, checked whole, and every mistake named with its place. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A file that cannot be used, with everything that is wrong with it. */
export class FileProblem extends Error {
  override readonly name = 'FileProblem';
  readonly path: string;

  constructor(path: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.path = path;
  }
}

/** Reads a JSON file of a declared shape. Throws one `FileProblem` that lists every problem with its place. */
export function readJsonFile<T>(path: string, schema: z.ZodType<T>): T {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new FileProblem(
      path,
      `cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${z.core.toDotPath(issue.path) || 'the file'}: ${issue.message}`,
  );
  throw new FileProblem(path, `is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
}
