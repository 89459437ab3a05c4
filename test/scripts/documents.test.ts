import { describe, expect, test } from 'vitest';
import { commandProblems, linkProblems, sourceProblems } from '../../scripts/checks/documents.ts';
import { generatedProblems } from '../../scripts/checks/generated.ts';

const files = ['README.md', 'docs/venues/kalshi.md', 'docs/decisions/0001-names.md'];

describe('document check', () => {
  test('follows relative links from the page that holds them', () => {
    const text =
      '[a](../decisions/0001-names.md#why) [b](../../README.md) [c](../decisions/) [d](https://example.com) [e](#here)';

    expect(linkProblems('docs/venues/kalshi.md', text, files)).toEqual([]);
  });

  test('names a link that leads nowhere, with its line', () => {
    expect(linkProblems('README.md', 'a\n[b](docs/venues/kalshy.md "title")', files)).toMatchObject([
      { where: 'README.md:2' },
    ]);
    expect(linkProblems('README.md', '[b]: docs/nowhere.md', files)).toHaveLength(1);
  });

  test('does not follow links in code', () => {
    expect(linkProblems('README.md', '`[a](b.md)`\n\n```md\n[a](b.md)\n```\n', files)).toEqual([]);
  });

  test('names a command that package.json does not have', () => {
    const scripts = ['start', 'check'];

    expect(
      commandProblems('README.md', 'npm start, npm run check, npm run --silent check -- layers, npm ci', scripts),
    ).toEqual([]);
    expect(commandProblems('README.md', 'npm test\nnpm run --silent bench', scripts)).toHaveLength(2);
  });
});

describe('source pages', () => {
  const text = (page: string) => (path: string) => (path.endsWith('.md') ? page : '');
  const check = (paths: readonly string[], page: string) => sourceProblems({ files: paths, text: text(page) });

  test('a recording without a page is named', () => {
    expect(check(['data/kalshi/books.jsonl.gz'], '')).toHaveLength(1);
  });

  test('a page beside the recording is enough, if it gives a date', () => {
    expect(check(['data/kalshi/books.jsonl.gz', 'data/kalshi/books.source.md'], 'Recorded 2026-11-02')).toEqual([]);
    expect(check(['data/kalshi/books.jsonl.gz', 'data/kalshi/books.source.md'], 'Recorded once')).toHaveLength(1);
  });

  test("a folder's page counts for the files it names", () => {
    const page = 'a.json and b.json, copied 2026-11-20';

    expect(check(['test/fixtures/vectors/a.json', 'test/fixtures/vectors/vectors.source.md'], page)).toEqual([]);
    expect(check(['test/fixtures/vectors/c.json', 'test/fixtures/vectors/vectors.source.md'], page)).toHaveLength(1);
  });

  test('files elsewhere need no page', () => {
    expect(check(['src/app/cli.ts', 'config/markets.json'], '')).toEqual([]);
  });
});

describe('generated files', () => {
  const generated = { path: 'docs/a.md', render: () => 'new', command: 'npm run docs' };

  test('a file that differs from what would be written is named', async () => {
    expect(await generatedProblems({ files: ['docs/a.md'], text: () => 'old' }, [generated])).toHaveLength(1);
    expect(await generatedProblems({ files: [], text: () => '' }, [generated])).toHaveLength(1);
    expect(await generatedProblems({ files: ['docs/a.md'], text: () => 'new' }, [generated])).toEqual([]);
  });
});
