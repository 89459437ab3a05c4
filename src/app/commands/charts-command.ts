/** `tandem charts`: the statecharts that trade, as they are in this build. */
import { Argument, Command, InvalidArgumentError } from 'commander';
import { levenshteinDistance } from '../../domain/text-similarity.ts';
import { CHARTS, type Chart } from '../../machines/charts.ts';
import { definitionHash, definitionOf } from '../charts/definition.ts';
import { mermaidOf } from '../charts/mermaid.ts';
import { scxmlOf } from '../charts/scxml.ts';
import { type ChartTable, tablesOf } from '../charts/tables.ts';
import { terminalTable } from '../charts/terminal-table.ts';
import { countsOf, purposeOf } from '../charts/words.ts';
import { EXIT, fail, paint, printJson, printLine } from '../console.ts';

const FORMATS = ['svg', 'mermaid', 'json', 'scxml'] as const;
type Format = (typeof FORMATS)[number];

/** Where nobody looks through a terminal. */
const WIDTH = 160;

export function chartsCommand(): Command {
  const command = new Command('charts')
    .summary('the statecharts that trade')
    .description('Shows the statecharts of this build: which states there are, what moves them, what they ask for.');
  const list = new Command('list')
    .summary('every chart, what it is for, and its size')
    .option('--json', 'print one JSON value')
    .addHelpText('after', '\nExample:\n  tandem charts list\n')
    .action((flags: { json?: boolean }) => printList(flags.json === true));
  const show = new Command('show')
    .summary('one chart in tables: states, transitions, effects, delays, invariants')
    .addArgument(new Argument('<chart>', 'its name, as tandem charts list prints it'))
    .option('--json', 'print one JSON value')
    .addHelpText('after', '\nExample:\n  tandem charts show orderLeg\n')
    .action((name: string, flags: { json?: boolean }) => printChart(chartOf(name), flags.json === true));
  const drawn = new Command('export')
    .summary('one chart as a drawing or for other programs')
    .addArgument(new Argument('<chart>', 'its name, as tandem charts list prints it'))
    .option('--format <format>', `one of ${FORMATS.join(', ')}`, formatOf, 'svg' as Format)
    .option('--json', 'the same as --format json')
    .addHelpText('after', '\nExample:\n  tandem charts export orderLeg --format svg > order-leg.svg\n')
    .action(async (name: string, flags: { format: Format; json?: boolean }) =>
      printExport(chartOf(name), flags.json === true ? 'json' : flags.format),
    );
  for (const each of [list, show, drawn]) {
    each
      .exitOverride()
      .showSuggestionAfterError()
      .showHelpAfterError(`Run tandem charts ${each.name()} --help for its options.`);
    command.addCommand(each);
  }
  return command;
}

function formatOf(text: string): Format {
  const format = FORMATS.find((one) => one === text);
  if (format === undefined) throw new InvalidArgumentError(`Expected one of ${FORMATS.join(', ')}.`);
  return format;
}

function chartOf(name: string): Chart {
  const found = CHARTS.find((chart) => plain(chart.name) === plain(name));
  if (found !== undefined) return found;
  const nearest = [...CHARTS].sort((a, b) => distance(a, name) - distance(b, name))[0];
  return fail(
    EXIT.usage,
    `expected a chart, found "${name}". Did you mean ${nearest?.name}? tandem charts list names them all.`,
  );
}

function distance(chart: Chart, name: string): number {
  return levenshteinDistance(plain(chart.name), plain(name));
}

/** `order-leg`, `OrderLeg` and `orderLeg` are one chart to whoever types. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '');
}

function printList(isJson: boolean): void {
  const charts = CHARTS.map(({ name, machine }) => {
    const definition = definitionOf(machine);
    return { name, purpose: purposeOf(definition), ...countsOf(definition), hash: definitionHash(machine) };
  });
  if (isJson) {
    printJson(charts);
    return;
  }
  const rows = charts.map(({ name, purpose, states, transitions }) => [
    name,
    String(states).padStart(6),
    String(transitions).padStart(11),
    purpose,
  ]);
  printTable({ head: ['chart', 'states', 'transitions', 'what it is for'], rows, names: [0] });
  printLine('\ntandem charts show <chart> shows one of them.');
}

function printChart(chart: Chart, isJson: boolean): void {
  const definition = definitionOf(chart.machine);
  const hash = definitionHash(chart.machine);
  if (isJson) {
    printJson({ hash, definition });
    return;
  }
  const { states, transitions } = countsOf(definition);
  printLine(`${paint('bold', chart.name)}  ${states} states, ${transitions} transitions`);
  printLine(paint('grey', hash));
  printTable({ head: [''], rows: [[definition.description]], names: [] });
  if (definition.invariants.length > 0) {
    printLine(`\n${paint('bold', 'Invariants')}`);
    for (const invariant of definition.invariants) printLine(`  ${invariant}`);
  }
  for (const table of tablesOf(chart)) {
    printLine(`\n${paint('bold', table.title)}`);
    if (table.rows.length === 0) printLine(table.none ?? '');
    else printTable(table);
  }
}

async function printExport(chart: Chart, format: Format): Promise<void> {
  const text = await exported(chart, format);
  printLine(text.trimEnd());
}

async function exported(chart: Chart, format: Format): Promise<string> {
  switch (format) {
    case 'svg': {
      // The layout engine takes a moment to load, and no other command needs it.
      const { svgOf } = await import('../charts/svg.ts');
      return svgOf(chart);
    }
    case 'mermaid':
      return mermaidOf(chart);
    case 'scxml':
      return scxmlOf(chart);
    case 'json':
      return JSON.stringify({ hash: definitionHash(chart.machine), definition: definitionOf(chart.machine) }, null, 2);
  }
}

function printTable(table: Pick<ChartTable, 'head' | 'rows' | 'names'>): void {
  const lines = terminalTable(table, process.stdout.columns ?? WIDTH, {
    head: (text) => paint('grey', text),
    cell: (text, column) => (table.names.includes(column) && column === 0 ? paint('blue', text) : text),
  });
  for (const line of lines) printLine(line);
}
