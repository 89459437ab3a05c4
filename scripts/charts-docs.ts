/** `npm run docs:statecharts`: writes the documents of every chart, and removes those of charts that are gone. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHARTS } from '../src/machines/charts.ts';
import { COMMAND } from './charts/command.ts';
import { NOTES_PATH, notesModule } from './charts/effect-notes.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// The pages show what the first of these files says, and a module is read once: it is written before they are.
writeNotes(root);
const { CHART_FOLDER, chartDocuments } = await import('./charts/documents.ts');
const documents = chartDocuments(root);
mkdirSync(join(root, CHART_FOLDER), { recursive: true });
const kept = new Set(documents.map(({ path }) => basename(path)));
for (const name of readdirSync(join(root, CHART_FOLDER))) {
  if (kept.has(name)) continue;
  rmSync(join(root, CHART_FOLDER, name));
  console.log(`removed ${CHART_FOLDER}/${name}`);
}
for (const { path, render } of documents) writeFileSync(join(root, path), await render());
console.log(`wrote ${documents.length} files, most of them to ${CHART_FOLDER}`);

function writeNotes(folder: string): void {
  const names = CHARTS.map(({ name }) => name);
  writeFileSync(join(folder, NOTES_PATH), notesModule(folder, names, COMMAND));
}
