/** `node --import tsx scripts/generate-schemas.ts`: writes the JSON schemas that editors read. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SCHEMAS } from './schemas.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
for (const { path, render } of SCHEMAS) {
  writeFileSync(join(root, path), render());
  console.log(`wrote ${path}`);
}
