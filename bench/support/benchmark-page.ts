/** `docs/benchmarks.md`: one section a bench, each written by its bench and by nobody else. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PAGE = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'docs', 'benchmarks.md');

const HEAD = `# Benchmarks

Written by \`npm run bench -- <name> --write-docs\`; not edited by hand. Figures come from a shared machine with two
cores, so microseconds vary from run to run. What counts is \`ratioToFloor\`: the figure over a floor measured in turn
with it, in the same run.
`;

export function writeSection(name: string, text: string): void {
  writeFileSync(PAGE, withSection(existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : HEAD, name, text));
}

/** The page with this bench's section replaced, or added at its end. */
export function withSection(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- begin: ${name} -->`, `<!-- end: ${name} -->`];
  const section = `${begin}\n\n${text}\n\n${end}`;
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) return `${page.trimEnd()}\n\n${section}\n`;
  return `${page.slice(0, from)}${section}${page.slice(to + end.length)}`;
}
