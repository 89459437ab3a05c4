import { describe, expect, it } from 'vitest';
import { assign, cancel, raise, sendParent, setup } from 'xstate';
import { notesIn } from '../../scripts/charts/effect-notes.ts';
import { hierarchyOf, overviewOf } from '../../scripts/charts/overview.ts';
import { pageOf } from '../../scripts/charts/page.ts';
import { leftovers } from '../../scripts/checks/generated.ts';
import { definitionHash, definitionOf } from '../../src/app/charts/definition.ts';
import { mermaidOf } from '../../src/app/charts/mermaid.ts';
import { scxmlOf } from '../../src/app/charts/scxml.ts';
import { svgOf } from '../../src/app/charts/svg.ts';
import type { Chart } from '../../src/machines/charts.ts';
import { effect, reportUnexpected } from '../../src/machines/effects.ts';

const effects = { requestWhistle: effect<{ readonly loudness: number }>() };

function kettle(given: { readonly patience?: number; readonly guard?: 'isHot' | 'isCold' } = {}): Chart {
  const { patience = 5_000, guard = 'isHot' } = given;
  const machine = setup({
    types: {} as { context: { readonly heated: number }; input: { readonly heated: number } },
    actions: {
      ...effects,
      reportUnexpected,
      count: assign({ heated: ({ context }) => context.heated + 1 }),
      tellBoiled: sendParent(({ context }) => ({ type: 'kettle.boiled', heated: context.heated })),
    },
    guards: { isHot: () => true, isCold: () => false },
    delays: { patience, slowness: ({ context }) => context.heated * 250 },
  }).createMachine({
    id: 'teaKettle',
    description: 'Boils water, and says so to whoever asked for it. It never boils dry.',
    meta: { invariants: ['K1: a dry kettle is never heated'] },
    context: ({ input }) => ({ heated: input.heated }),
    initial: 'cold',
    states: {
      cold: { description: 'Nothing to drink yet.', on: { 'heat.requested': { target: 'heating', actions: 'count' } } },
      heating: {
        description: 'It hums | softly.',
        entry: [
          { type: 'requestWhistle', params: { loudness: 3 } },
          raise({ type: 'heat.overdue' }, { delay: 'patience', id: 'heat' }),
        ],
        exit: cancel('heat'),
        on: { 'water.heated': [{ guard, target: 'boiled', actions: 'tellBoiled' }, {}], 'heat.overdue': 'cold' },
      },
      boiled: { description: 'Drink it.', type: 'final' },
    },
    on: { '*': { actions: 'reportUnexpected' } },
  });
  return { name: machine.id, machine, effects, input: { heated: 2 } };
}

describe('chart documents', () => {
  it('give a definition one hash, whoever builds it', () => {
    expect(definitionHash(kettle().machine)).toBe(definitionHash(kettle().machine));
    expect(definitionHash(kettle().machine)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('give another hash when a delay or a guard is another', () => {
    const hashes = [kettle(), kettle({ patience: 6_000 }), kettle({ guard: 'isCold' })].map(({ machine }) =>
      definitionHash(machine),
    );
    expect(new Set(hashes).size).toBe(3);
  });

  it('know what is told to whom and what runs out when', () => {
    const { root, delays } = definitionOf(kettle().machine);
    const heating = root.states[1];
    expect(heating?.entry).toEqual([
      { kind: 'named', name: 'requestWhistle', params: { loudness: 3 } },
      { kind: 'raise', name: 'heat.overdue', event: 'heat.overdue', delay: 'patience', id: 'heat' },
    ]);
    expect(heating?.transitions[0]?.actions).toEqual([
      { kind: 'tellParent', name: 'tellBoiled', event: 'kettle.boiled' },
    ]);
    expect(delays).toEqual({ patience: 5_000, slowness: 'computed' });
  });

  it('say on a page what the chart says', () => {
    const page = pageOf(kettle());
    expect(page).toContain('# teaKettle\n\nBoils water, and says so to whoever asked for it. It never boils dry.');
    expect(page).toContain('- K1: a dry kettle is never heated');
    expect(page).toContain(
      '| `heating` |  | It hums \\| softly. | requestWhistle (3); heat.overdue after patience | stops the timer heat |',
    );
    expect(page).toContain(
      '| `heating` | `water.heated` | `isHot` | tellBoiled: tells kettle.boiled to its parent | `boiled` |',
    );
    expect(page).toContain('| every state | anything else |  | reportUnexpected | stays |');
    expect(page).toContain('| `requestWhistle` |  |  | on entering heating |');
    expect(page).toContain('| `patience` | 5 s |\n| `slowness` | computed; 500 ms in the example |');
  });

  it('draw the same drawing again, without a script in it', async () => {
    const svg = await svgOf(kettle());
    expect(await svgOf(kettle())).toBe(svg);
    for (const text of ['heating', 'water.heated [isHot] /', '↑ kettle.boiled', '◉ the end']) {
      expect(svg.replaceAll('\u00a0', ' ').replaceAll('&#160;', ' ')).toContain(text);
    }
    expect(svg).not.toContain('<script');
  });

  it('write Mermaid and SCXML of every move', () => {
    expect(mermaidOf(kettle())).toContain(
      '  teaKettle_heating --> teaKettle_boiled : water.heated [isHot] / ↑ kettle.boiled\n',
    );
    const scxml = scxmlOf(kettle());
    expect(scxml).toContain('<send event="heat.overdue" delayexpr="patience" id="heat"/>');
    expect(scxml).toContain('<transition event="water.heated" cond="isHot" target="teaKettle.boiled" type="internal">');
    expect(scxml).toContain('<final id="teaKettle.boiled"/>');
  });

  it('list every chart and draw who starts whom', async () => {
    expect(overviewOf([kettle()])).toContain('| [teaKettle](tea-kettle.md) | Boils water, and says so');
    expect(await hierarchyOf([kettle()])).toContain('teaKettle');
  });

  it('take from the source what is gone at run time', () => {
    const source = `export const potEffects = {
  /**
   * Asks twice,
   * and waits.
   */
  requestTea: effect<{
    /** In grams. */
    readonly sugar: number;
    readonly cups: readonly string[];
  }>(),
  stop: effect(),
};
const other = { requestMilk: effect() };
`;
    expect(notesIn(source, 'export const potEffects = {')).toEqual({
      requestTea: { meaning: 'Asks twice, and waits.', given: 'sugar: number; cups: string[]' },
      stop: { meaning: '', given: '' },
    });
  });

  it('leave no page of a chart that is gone', () => {
    const files = ['docs/statecharts/pot.md', 'docs/statecharts/old.md', 'docs/rules.md'];
    expect(
      leftovers(files, [{ path: 'docs/statecharts/pot.md' }], ['docs/statecharts']).map(({ where }) => where),
    ).toEqual(['docs/statecharts/old.md']);
  });
});
