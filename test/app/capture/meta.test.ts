import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NO_META, readMeta } from '../../../src/app/capture/meta.ts';
import { pathsOf, replaced, without } from '../../support/mutate-json.ts';
import { captureFixture, folderOf, reportOf, TAPE, TAPE_META } from '../support.ts';

type Facts = Record<string, unknown>;
const shipped = (): Facts => JSON.parse(readFileSync(TAPE_META, 'utf8'));

function metaFile(facts: unknown): string {
  const folder = folderOf({ 'tape.jsonl.meta.json': typeof facts === 'string' ? facts : JSON.stringify(facts) });
  return `${folder}/tape.jsonl`;
}

const KALSHI_FEES = {
  venue: 'kalshi',
  match: '*',
  feeType: 'quadratic',
  multiplier: '1',
  source: 'made up for a test',
  readAt: '2026-07-06T00:00:00Z',
  assumed: true,
};
const POLYMARKET_FEES = {
  venue: 'polymarket',
  match: '*',
  rate: '0.03',
  exponent: 1,
  takerOnly: true,
  source: 'made up for a test',
  readAt: '2026-07-06T00:00:00Z',
  assumed: true,
};

/** A capture fixture with these facts beside it. */
function withFacts(fixture: string, facts: unknown): string {
  const folder = folderOf({
    [fixture]: readFileSync(captureFixture(fixture)),
    [`${fixture}.meta.json`]: JSON.stringify(facts),
  });
  return `${folder}/${fixture}`;
}

describe('facts beside a capture', { timeout: 60_000 }, () => {
  it('are none where there is no file', () => {
    expect(readMeta(`${folderOf()}/tape.jsonl`)).toBe(NO_META);
  });

  it('are read whole from the shipped file', () => {
    expect(readMeta(TAPE)).toMatchObject({ version: 1, pairs: [{ polarity: 'same' }, {}], fees: [{}, {}] });
  });

  it('stay beside a capture that was unpacked', () => {
    const folder = folderOf({ 'tape.jsonl.gz.meta.json': '{"version":1,"title":"packed"}' });
    expect(readMeta(`${folder}/tape.jsonl`).title).toBe('packed');
  });

  it('may be as little as a version', () => {
    expect(readMeta(metaFile({ version: 1 }))).toEqual({ version: 1, pairs: [], fees: [], grids: [], events: [] });
  });

  it.each<[mistake: string, path: (string | number)[], value: unknown, place: string, why: RegExp]>([
    ['another version', ['version'], 2, 'version', /1/],
    ['a misspelt section', ['fee'], [], 'the file', /"fee"/],
    ['an empty title', ['title'], '', 'title', /1 character/],
    ['a third venue', ['fees', 0, 'venue'], 'predictit', 'fees[0].venue', /kalshi.*polymarket|Invalid/],
    ['a fee type nobody has', ['fees', 0, 'feeType'], 'flat', 'fees[0].feeType', /quadratic/],
    ['a multiplier as a number', ['fees', 0, 'multiplier'], 1, 'fees[0].multiplier', /string/],
    ['a multiplier of eleven', ['fees', 0, 'multiplier'], '11', 'fees[0].multiplier', /at most 10/],
    ['a rate in per cent', ['fees', 1, 'rate'], '5', 'fees[1].rate', /at most 1/],
    ['a negative rate', ['fees', 1, 'rate'], '-0.05', 'fees[1].rate', /0 or more/],
    ['an exponent of a half', ['fees', 1, 'exponent'], 0.5, 'fees[1].exponent', /int/],
    ['a date without a time', ['fees', 1, 'readAt'], '2026-07-06', 'fees[1].readAt', /datetime/],
    ['a source left out', ['fees', 1, 'source'], undefined, 'fees[1].source', /string/],
    [
      'a token that is no number',
      ['pairs', 1, 'polymarket', 'yesTokenId'],
      '0x12',
      'pairs[1].polymarket.yesTokenId',
      /./,
    ],
    [
      'an outcome beyond a dollar',
      ['pairs', 0, 'outcomes', 0, 'kalshi'],
      '1.5',
      'pairs[0].outcomes[0].kalshi',
      /0\.\.1/,
    ],
    ['a pair that contradicts its polarity', ['pairs', 0, 'polarity'], 'inverted', 'pairs[0]', /contradicts polarity/],
    [
      'one market in two pairs',
      ['pairs', 1, 'kalshi', 'ticker'],
      'KXMENWORLDCUP-26-MX',
      'pairs[1].kalshi.ticker',
      /already/,
    ],
    [
      'a grid with a hole',
      ['grids'],
      [{ match: '*', bands: [{ start: '0', end: '0.5', step: '0.01' }] }],
      'grids[0].bands',
      /10000/,
    ],
    [
      'a grid without a step',
      ['grids'],
      [{ match: '*', bands: [{ start: '0', end: '1', step: '0' }] }],
      'grids[0].bands',
      /step/,
    ],
    [
      'a claim that is a word',
      ['events'],
      [{ match: '*', exclusive: 'yes', exhaustive: true, source: 'x' }],
      'events[0].exclusive',
      /boolean/,
    ],
  ])('name %s and its place', (_mistake, path, value, place, why) => {
    const facts = value === undefined ? without(shipped(), path) : replaced(shipped(), path, value);
    expect(() => readMeta(metaFile(facts))).toThrow(
      expect.objectContaining({ name: 'FileProblem', path: expect.stringMatching(/tape\.jsonl\.meta\.json$/) }),
    );
    const message = problemOf(() => readMeta(metaFile(facts)));
    const line = message.split('\n').find((text) => text.trim().startsWith(`${place}: `));
    expect(line, message).toMatch(why);
  });

  it('name every mistake at once', () => {
    const facts = replaced(replaced(shipped(), ['fees', 0, 'multiplier'], 'x'), ['fees', 1, 'rate'], 'y');
    expect(problemOf(() => readMeta(metaFile(facts)))).toMatch(/fees\[0\]\.multiplier[\s\S]*fees\[1\]\.rate/);
  });

  it('say where text stops being JSON', () => {
    expect(problemOf(() => readMeta(metaFile('{"version": 1,')))).toMatch(/^cannot be read as JSON: .*JSON/);
  });

  it('are refused or used, and never throw anything but a file problem, whatever value is wrong', () => {
    for (const path of pathsOf(shipped())) {
      for (const wrong of [null, true, -1, 1e300, '', '9'.repeat(40), 'fair', [], {}]) {
        try {
          readMeta(metaFile(replaced(shipped(), path, wrong)));
        } catch (error) {
          expect(error, `${path.join('.')} = ${JSON.stringify(wrong)}`).toMatchObject({ name: 'FileProblem' });
        }
      }
    }
  });
});

describe('decline reasons of a capture', { timeout: 60_000 }, () => {
  it('are FEE_UNKNOWN for a gap without fees', async () => {
    const { declines } = await reportOf(captureFixture('cross-venue-tape.jsonl'));
    expect(declines).toMatchObject({ FEE_UNKNOWN: 4 });
  });

  it('are FEE_UNKNOWN when only one venue’s fees are known', async () => {
    const { declines } = await reportOf(withFacts('cross-venue-tape.jsonl', { version: 1, fees: [KALSHI_FEES] }));
    expect(declines).toMatchObject({ FEE_UNKNOWN: 4 });
  });

  it('are SIZE_UNKNOWN with fees and without sizes', async () => {
    const facts = { version: 1, fees: [KALSHI_FEES, POLYMARKET_FEES] };
    const { declines, grossEdges, netEdges } = await reportOf(withFacts('quoted-pairs-tape.jsonl', facts));
    expect({ declines, grossEdges, netEdges }).toEqual({
      declines: { SIZE_UNKNOWN: 2, NO_GROSS_EDGE: 10 },
      grossEdges: 2,
      netEdges: 0,
    });
  });

  it('are about the edge itself with fees and sizes', async () => {
    const facts = { version: 1, fees: [KALSHI_FEES, POLYMARKET_FEES] };
    const { declines, netEdges, feesAssumed } = await reportOf(withFacts('cross-venue-tape.jsonl', facts));
    expect(declines.FEE_UNKNOWN).toBeUndefined();
    expect((declines.BELOW_MIN_EDGE ?? 0) + (declines.NO_NET_EDGE ?? 0)).toBe(4);
    expect({ netEdges, feesAssumed }).toEqual({ netEdges: declines.BELOW_MIN_EDGE ?? 0, feesAssumed: true });
  });

  it('are EXCLUSIVITY_UNPROVEN until the facts say that ranges exclude each other', async () => {
    const fixture = 'kalshi-range-ladders.jsonl';
    const unproven = await reportOf(captureFixture(fixture));
    const events = [{ match: 'KXBTC-*', exclusive: true, exhaustive: true, source: 'made up for a test' }];
    const proven = await reportOf(withFacts(fixture, { version: 1, events }));
    expect(unproven.declines).toMatchObject({ EXCLUSIVITY_UNPROVEN: 4 });
    expect(proven.declines).not.toHaveProperty('EXCLUSIVITY_UNPROVEN');
  });
});

function problemOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('expected a problem, found none');
}
