import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type MarketsFile, readMarketsFile } from '../../../src/app/config/markets-file.ts';
import { renamed, replaced, without } from '../../support/mutate-json.ts';
import { folderOf } from '../support.ts';

const HASH = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** Everything that the file can hold: an inverted pair with a void at a fair price, a plain pair, a veto. */
function valid(): MarketsFile {
  return {
    $schema: './markets.schema.json',
    version: 1,
    pairs: [
      {
        id: 'fed-holds-in-december',
        title: 'The Fed holds in December 2026',
        kalshi: { ticker: 'KXFEDDECISION-26DEC-H0', rulesHash: HASH },
        polymarket: { yesTokenId: '101', noTokenId: '102', conditionId: '0xabc', rulesHash: HASH },
        polarity: 'inverted',
        outcomes: [
          { state: 'holds', kalshi: '1', polymarket: '0' },
          { state: 'moves', kalshi: '0', polymarket: '1' },
          { state: 'meeting cancelled', kalshi: 'fair', polymarket: '0.5' },
        ],
        approvedBy: 'A. Reader',
        approvedAt: '2026-11-02T10:00:00Z',
        expiresAt: '2026-12-10T19:00:00Z',
        note: 'the Polymarket question asks whether rates change',
      },
      {
        id: 'mexico-wins',
        title: 'Mexico wins',
        kalshi: { ticker: 'KXMENWORLDCUP-26-MX' },
        polymarket: { yesTokenId: '201' },
        polarity: 'same',
        outcomes: [
          { state: 'yes', kalshi: '1', polymarket: '1' },
          { state: 'no', kalshi: '0', polymarket: '0' },
        ],
        approvedBy: 'A. Reader',
        approvedAt: '2026-06-01T10:00:00+02:00',
        expiresAt: '2026-07-20T00:00:00Z',
      },
    ],
    vetoes: [
      { kalshi: 'KXBTC*', polymarket: '*', reason: 'SOURCE_MISMATCH', by: 'A. Reader', at: '2026-11-02T10:00:00Z' },
    ],
  };
}

function written(content: unknown): string {
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
  return `${folderOf({ 'markets.json': text })}/markets.json`;
}

function problemOf(content: unknown): string {
  try {
    readMarketsFile(written(content));
  } catch (error) {
    expect(error).toMatchObject({ name: 'FileProblem', path: expect.stringMatching(/markets\.json$/) });
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('expected a problem, found none');
}

describe('markets file', () => {
  it('is read as it is written', () => {
    expect(readMarketsFile(written(valid()))).toEqual(valid());
  });

  it('is valid as it is shipped', () => {
    const path = fileURLToPath(new URL('../../../config/markets.json', import.meta.url));
    expect(readMarketsFile(path)).toMatchObject({ version: 1, pairs: [], vetoes: [] });
  });

  it.each<[mistake: string, content: unknown, place: string, why: RegExp]>([
    ['a misspelt key', renamed(valid(), ['pairs', 0, 'polarity']), 'pairs[0]', /"polarity_v2"/],
    ['a pair without outcomes', without(valid(), ['pairs', 1, 'outcomes']), 'pairs[1].outcomes', /array/],
    ['a pair with one outcome', without(valid(), ['pairs', 1, 'outcomes', 0]), 'pairs[1].outcomes', />=2/],
    ['an id with capitals', replaced(valid(), ['pairs', 1, 'id'], 'Mexico'), 'pairs[1].id', /lower-case words/],
    ['an id used twice', replaced(valid(), ['pairs', 1, 'id'], 'fed-holds-in-december'), 'pairs[1].id', /used twice/],
    [
      'a market in two pairs',
      replaced(valid(), ['pairs', 1, 'kalshi', 'ticker'], 'KXFEDDECISION-26DEC-H0'),
      'pairs[1].kalshi.ticker',
      /already in pair fed-holds/,
    ],
    [
      'a token in hexadecimal',
      replaced(valid(), ['pairs', 0, 'polymarket', 'yesTokenId'], '0x65'),
      'pairs[0].polymarket.yesTokenId',
      /./,
    ],
    [
      'one token for both outcomes',
      replaced(valid(), ['pairs', 0, 'polymarket', 'noTokenId'], '101'),
      'pairs[0]',
      /noTokenId/,
    ],
    [
      'a hash cut short',
      replaced(valid(), ['pairs', 0, 'kalshi', 'rulesHash'], 'sha256:01'),
      'pairs[0].kalshi.rulesHash',
      /64 hexadecimal/,
    ],
    [
      'a payout as a number',
      replaced(valid(), ['pairs', 1, 'outcomes', 0, 'kalshi'], 1),
      'pairs[1].outcomes[0].kalshi',
      /string/,
    ],
    [
      'a payout above a dollar',
      replaced(valid(), ['pairs', 0, 'outcomes', 2, 'polymarket'], '1.01'),
      'pairs[0].outcomes[2].polymarket',
      /0\.\.1/,
    ],
    [
      'a payout that is a word',
      replaced(valid(), ['pairs', 0, 'outcomes', 2, 'kalshi'], 'half'),
      'pairs[0].outcomes[2].kalshi',
      /fair/,
    ],
    ['the wrong polarity', replaced(valid(), ['pairs', 0, 'polarity'], 'same'), 'pairs[0]', /state holds pays 1 and 0/],
    [
      'a state that contradicts the polarity in other words',
      replaced(valid(), ['pairs', 1, 'outcomes', 1, 'polymarket'], '1.0'),
      'pairs[1]',
      /state no pays 0 and 1\.0/,
    ],
    ['a state listed twice', replaced(valid(), ['pairs', 1, 'outcomes', 1, 'state'], 'yes'), 'pairs[1]', /listed once/],
    [
      'an event nobody can win',
      replaced(valid(), ['pairs', 1, 'outcomes', 0], { state: 'void', kalshi: '0.5', polymarket: '0.5' }),
      'pairs[1]',
      /pays 1 and one/,
    ],
    [
      'an approval that lapses before it begins',
      replaced(valid(), ['pairs', 1, 'expiresAt'], '2026-05-01T00:00:00Z'),
      'pairs[1]',
      /later than approvedAt/,
    ],
    [
      'a day that does not exist',
      replaced(valid(), ['pairs', 1, 'expiresAt'], '2026-02-30T00:00:00Z'),
      'pairs[1].expiresAt',
      /datetime/,
    ],
    ['a veto without a reason', replaced(valid(), ['vetoes', 0, 'reason'], ''), 'vetoes[0].reason', /1 character/],
    ['no list of vetoes', without(valid(), ['vetoes']), 'vetoes', /array/],
    ['a version from the future', replaced(valid(), ['version'], 2), 'version', /1/],
    ['a list instead of an object', [], 'the file', /object/],
  ])('names %s and its place', (_mistake, content, place, why) => {
    const message = problemOf(content);
    const line = message.split('\n').find((text) => text.trim().startsWith(`${place}: `));
    expect(line, message).toMatch(why);
  });

  it('names every mistake at once', () => {
    const message = problemOf(replaced(replaced(valid(), ['pairs', 0, 'title'], ''), ['vetoes', 0, 'by'], ''));
    expect(message).toMatch(/pairs\[0\]\.title[\s\S]*vetoes\[0\]\.by/);
  });

  it('says where text stops being JSON', () => {
    expect(problemOf('{"version": 1,,}')).toMatch(/^cannot be read as JSON: /);
  });

  it('says that a file is missing', () => {
    expect(() => readMarketsFile(`${folderOf()}/markets.json`)).toThrow(/ENOENT/);
  });
});
