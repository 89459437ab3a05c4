import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SCHEMAS } from '../../scripts/schemas.ts';
import { marketsFileSchema } from '../../src/app/config/markets-file.ts';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

describe('generated schemas', () => {
  it.each(SCHEMAS)('$path is what its command would write now', ({ path, render, command }) => {
    expect(read(path), `run ${command} and commit what it writes`).toBe(render());
  });

  it('say what generates them', () => {
    const { $comment } = JSON.parse(read('config/markets.schema.json'));
    expect($comment).toContain('node --import tsx scripts/generate-schemas.ts');
  });

  it('list every key of a pair, and no other is allowed', () => {
    const { properties } = JSON.parse(read('config/markets.schema.json'));
    const pair = properties.pairs.items;
    expect(Object.keys(pair.properties)).toEqual(Object.keys(marketsFileSchema.shape.pairs.element.shape));
    expect(pair.additionalProperties).toBe(false);
  });
});
