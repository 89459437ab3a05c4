/** Every file that is generated from the charts, for the program that writes them and the check that compares them. */
import { definitionHash, definitionOf } from '../../src/app/charts/definition.ts';
import { scxmlOf } from '../../src/app/charts/scxml.ts';
import { svgOf } from '../../src/app/charts/svg.ts';
import { fileOf } from '../../src/app/charts/words.ts';
import { CHARTS } from '../../src/machines/charts.ts';
import { COMMAND } from './command.ts';
import { NOTES_PATH, notesModule } from './effect-notes.ts';
import { hierarchyOf, overviewOf } from './overview.ts';
import { pageOf } from './page.ts';

interface ChartDocument {
  readonly path: string;
  readonly render: () => string | Promise<string>;
  readonly command: string;
}

export const CHART_FOLDER = 'docs/statecharts';

export function chartDocuments(root: string): readonly ChartDocument[] {
  const document = (name: string, render: ChartDocument['render']): ChartDocument => ({
    path: `${CHART_FOLDER}/${name}`,
    command: COMMAND,
    render,
  });
  const names = CHARTS.map(({ name }) => name);
  return [
    { path: NOTES_PATH, command: COMMAND, render: () => notesModule(root, names, COMMAND) },
    document('README.md', () => overviewOf(CHARTS)),
    document('hierarchy.svg', () => hierarchyOf(CHARTS)),
    ...CHARTS.flatMap((chart) => {
      const file = fileOf(chart.name);
      const { machine } = chart;
      const json = { hash: definitionHash(machine), definition: definitionOf(machine) };
      return [
        document(`${file}.md`, () => pageOf(chart)),
        document(`${file}.svg`, () => svgOf(chart)),
        document(`${file}.json`, () => `${JSON.stringify(json, null, 2)}\n`),
        document(`${file}.scxml`, () => scxmlOf(chart)),
      ];
    }),
  ];
}
