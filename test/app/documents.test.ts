/** The pages about captures and markets name what the code knows, and their examples are valid. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { captureFormats } from '../../src/app/capture/formats.ts';
import { readMeta } from '../../src/app/capture/meta.ts';
import { readMarketsFile } from '../../src/app/config/markets-file.ts';
import { declineWords } from '../../src/app/decline-words.ts';
import { folderOf } from './support.ts';

function page(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8');
}

/** The code in the first column of the page's tables. */
function firstColumn(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? '');
}

function example(text: string): string {
  return /```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
}

describe('docs/captures.md', () => {
  it('has a row for every format, with its coverage and whether it has sizes', () => {
    for (const { name, coverage, hasSizes } of captureFormats) {
      const row = page('captures.md')
        .split('\n')
        .find((line) => line.startsWith(`| \`${name}\` |`));
      expect(row, name).toContain(`| ${coverage} | ${hasSizes ? 'yes' : 'no'} |`);
    }
  });

  it('has a row for every reason to decline', () => {
    expect(firstColumn(page('captures.md'))).toEqual(expect.arrayContaining(Object.keys(declineWords)));
  });

  it('shows facts that are valid', () => {
    const folder = folderOf({ 'x.jsonl.meta.json': example(page('captures.md')) });
    expect(readMeta(`${folder}/x.jsonl`)).toMatchObject({ fees: [{}, {}], grids: [{}], events: [{}] });
  });
});

describe('docs/markets-file.md', () => {
  it('shows a file that is valid', () => {
    const folder = folderOf({ 'markets.json': example(page('markets-file.md')) });
    expect(readMarketsFile(`${folder}/markets.json`)).toMatchObject({
      pairs: [{ polarity: 'inverted', outcomes: [{}, {}, { kalshi: 'fair' }] }],
      vetoes: [{}],
    });
  });
});
