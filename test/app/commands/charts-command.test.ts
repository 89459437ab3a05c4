import { afterEach, describe, expect, it, vi } from 'vitest';
import { chartsCommand } from '../../../src/app/commands/charts-command.ts';
import { CommandFailure } from '../../../src/app/console.ts';
import { CHARTS } from '../../../src/machines/charts.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

async function charts(...words: string[]): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await chartsCommand().exitOverride().parseAsync(words, { from: 'user' });
  return text;
}

describe('tandem charts', () => {
  it('lists every chart once', async () => {
    const names = (await charts('list')).split('\n').map((line) => line.split(' ')[0]);
    for (const { name } of CHARTS) expect(names.filter((each) => each === name)).toEqual([name]);
  });

  it('lists as one JSON value', async () => {
    const listed = JSON.parse(await charts('list', '--json')) as { name: string; hash: string; states: number }[];
    expect(listed.map(({ name }) => name)).toEqual(CHARTS.map(({ name }) => name));
    expect(listed.every(({ hash, states }) => hash.startsWith('sha256:') && states > 0)).toBe(true);
  });

  it('shows what the page in the documents shows', async () => {
    const text = await charts('show', 'venueTrade');
    for (const title of ['States', 'Transitions', 'Effects']) expect(text).toContain(`\n${title}\n`);
    expect(text).toMatch(/^venueTrade {2}\d+ states, \d+ transitions\nsha256:/);
  });

  it('knows a chart by the name of its file too', async () => {
    expect(await charts('show', 'venue-trade')).toBe(await charts('show', 'venueTrade'));
  });

  it('asks whether another chart was meant', async () => {
    await expect(charts('show', 'orderlog')).rejects.toThrow(
      new CommandFailure(
        64,
        'expected a chart, found "orderlog". Did you mean orderLeg? tandem charts list names them all.',
      ),
    );
  });

  it.each([
    ['svg', '<?xml'],
    ['mermaid', 'stateDiagram-v2\n'],
    ['json', '{\n  "hash": "sha256:'],
    ['scxml', '<?xml'],
  ])('exports %s', async (format, start) => {
    expect((await charts('export', 'venueTrade', '--format', format)).startsWith(start)).toBe(true);
  });

  it('exports a definition whose hash is the one that the journal writes', async () => {
    const [listed] = JSON.parse(await charts('list', '--json')) as { name: string; hash: string }[];
    const { hash } = JSON.parse(await charts('export', listed?.name ?? '', '--json')) as { hash: string };
    expect(hash).toBe(listed?.hash);
  });
});
