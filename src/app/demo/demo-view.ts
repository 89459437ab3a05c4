/** The demo as text: a screen for a terminal, single lines for anything else, and the closing summary. */
import type { Book } from '../../domain/book/book.ts';
import { paint } from '../console.ts';
import { declineWords } from '../decline-words.ts';
import { number, type RunReport } from '../replay/run-report.ts';
import type { BookRow, DemoModel, DirectionRow, PairBlock, RecentDecision } from './demo-model.ts';

/** Half of the width of a terminal that nobody widened. */
const LABEL_WIDTH = 28;

/** Everything at a glance, redrawn in place. */
export function demoScreen(models: readonly DemoModel[], progress: string): string {
  return [
    `${paint('bold', ' REPLAY ')} recorded books, real parsers and detectors, no money · ${progress}`,
    '',
    ...models.flatMap((model) => [...model.pairs.flatMap((pair) => pairLines(pair)), ...streamLines(model)]),
    ...recentLines(models),
    paint(
      'grey',
      'prices in cents · age since the book last changed · edge per set of two contracts · Ctrl-C for the summary',
    ),
  ].join('\n');
}

function pairLines(pair: PairBlock): string[] {
  return [
    `${paint('bold', pair.title)} ${paint('grey', `· one-level books from a ${pair.origin}`)}`,
    `  ${''.padEnd(LABEL_WIDTH)}${columns(['bid', 'size', 'ask', 'size', 'age'])}`,
    ...pair.books.map(bookLine),
    `  ${''.padEnd(LABEL_WIDTH)}${columns(['gross', 'net', 'of cap.', 'sets', ''])}`,
    ...pair.directions.map(directionLine),
    '',
  ];
}

function columns(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(9)).join(' ');
}

function bookLine({ venue, book, quietMs, isStale }: BookRow): string {
  const age = isStale ? paint('yellow', `${seconds(quietMs)} stale`.padStart(9)) : seconds(quietMs).padStart(9);
  const name = venue === 'kalshi' ? 'Kalshi' : 'Polymarket';
  return `  ${name.padEnd(LABEL_WIDTH)}${columns(quoteCells(book))} ${age}`;
}

function quoteCells(book: Book): string[] {
  const [bid, ask] = [book.bids(false, 1)[0], book.asks(false, 1)[0]];
  return [
    bid === undefined ? '–' : cents(bid.priceE4),
    bid === undefined ? '' : size(bid.sizeE6),
    ask === undefined ? '–' : cents(ask.priceE4),
    ask === undefined ? '' : size(ask.sizeE6),
  ];
}

function directionLine(row: DirectionRow): string {
  const label = directionLabel(row).padEnd(LABEL_WIDTH);
  const cells = columns([
    row.grossE4 === undefined ? '–' : signed(row.grossE4),
    row.netE4 === undefined ? '–' : signed(row.netE4),
    row.ofCapital === undefined ? '' : percent(row.ofCapital),
    row.contracts === undefined ? '' : number(row.contracts),
  ]);
  return `  ${label}${paint(colourOf(row), cells)}  ${paint('grey', verdictText(row))}`;
}

/** What is left of `Mexico wins: Kalshi no + Polymarket yes` once its title stands above it. */
function directionLabel(row: DirectionRow): string {
  return row.watch.label.split(': ')[1] ?? row.watch.label;
}

function colourOf(row: DirectionRow): 'green' | 'yellow' | 'grey' {
  if (!row.isCurrent || (row.grossE4 ?? 0) <= 0) return 'grey';
  return (row.netE4 ?? 0) > 0 ? 'green' : 'yellow';
}

function verdictText(row: DirectionRow): string {
  return row.reason === 'good enough'
    ? 'good enough to trade'
    : `declined: ${declineWords[row.reason]} (${row.reason})`;
}

/** Recordings without pairs: how their books are doing. */
function streamLines(model: DemoModel): string[] {
  if (model.pairs.length > 0) return [];
  const books = model.run.books.all();
  return [
    paint('bold', 'Kalshi, every message of two 15-minute Bitcoin markets'),
    `  ${''.padEnd(LABEL_WIDTH)}${columns(['bid', 'size', 'ask', 'size', 'age'])}`,
    ...books.map((book) => streamLine(model.bookRow(book))),
    '',
  ];
}

function streamLine(row: BookRow): string {
  const { book } = row;
  const state = standingText(book) ?? seconds(row.quietMs);
  return `  ${book.id.slice('kalshi/'.length).padEnd(LABEL_WIDTH)}${columns(quoteCells(book))} ${state.padStart(9)}`;
}

/** What keeps a book from being read, or nothing. */
function standingText(book: Book): string | undefined {
  if (book.isEmpty) return 'closed';
  if (book.standing !== 'live') return book.gapReason ?? 'awaited';
  return book.isCrossed ? 'crossed' : undefined;
}

function recentLines(models: readonly DemoModel[]): string[] {
  const recent = models.flatMap((model) => model.recent);
  if (recent.length === 0) return [];
  return [paint('bold', 'Last decisions'), ...recent.map((one) => `  ${decisionText(one)}`), ''];
}

/** One decision as a line, with the time of the recording: what it comes to first, which pair last. */
export function decisionText({ wallMs, row }: RecentDecision): string {
  const gross = row.grossE4 === undefined ? '' : `${signed(row.grossE4)} ¢ gross`;
  const net =
    row.netE4 === undefined
      ? ''
      : `, ${signed(row.netE4)} ¢ net on ${number(row.contracts ?? 0)} sets = ${percent(row.ofCapital ?? 0)}`;
  const figures = paint(colourOf(row), gross + net);
  return `${paint('grey', clock(wallMs))} ${figures} · ${verdictText(row)} · ${row.watch.label}`;
}

/** One line that says how a pair stands, for output that nobody redraws. */
export function statusLine(pair: PairBlock, wallMs: number): string {
  const time = clock(wallMs);
  const books = pair.books.map(({ venue, book, quietMs, isStale }) => {
    const [bid, ask] = [book.bestBidE4(false), book.bestAskE4(false)];
    const age = `${seconds(quietMs)}${isStale ? ' stale' : ''}`;
    return `${venue} ${bid < 0 ? '–' : cents(bid)}/${ask < 0 ? '–' : cents(ask)} (${age})`;
  });
  const directions = pair.directions.map((row) => {
    const net = row.netE4 === undefined ? '' : ` net ${signed(row.netE4)}`;
    return `${directionLabel(row)}: gross ${row.grossE4 === undefined ? '–' : signed(row.grossE4)}${net} ${row.reason}`;
  });
  return `${time} ${pair.title} | ${books.join(' | ')} | ${directions.join(' | ')}`;
}

/** The same for the books of a recording without pairs. */
export function streamStatusLines(model: DemoModel): string[] {
  if (model.pairs.length > 0) return [];
  const { deltas, frames } = model.run.counts;
  return model.run.books.all().map((book) => {
    const [bid, ask] = [book.bestBidE4(false), book.bestAskE4(false)];
    const standing = standingText(book) ?? 'live';
    const depth = `${book.bids(false).length} + ${book.asks(false).length} levels`;
    const quote = `${bid < 0 ? '–' : cents(bid)}/${ask < 0 ? '–' : cents(ask)}`;
    return `${clock(model.run.wallMs)} ${book.id.slice('kalshi/'.length)} | kalshi ${quote}, ${depth}, ${standing} | ${number(frames)} frames, ${number(deltas)} changes so far`;
  });
}

function clock(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(11, 19);
}

/** What the whole run came to. */
export function demoSummary(reports: readonly RunReport[], ranSeconds: number): string {
  const sum = (of: (report: RunReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const best = reports.flatMap((report) => report.bestNet ?? [])[0];
  const declines = new Map<string, number>();
  for (const report of reports) {
    for (const [reason, count] of Object.entries(report.declines))
      declines.set(reason, (declines.get(reason) ?? 0) + count);
  }
  const isConsistent = reports.every((report) => report.consistent);
  return [
    `${paint('bold', 'REPLAY')} ${ranSeconds.toFixed(1)} s · ${number(sum((run) => run.frames + run.polls))} messages · ${number(sum((run) => run.decisions))} decisions`,
    `Books        ${number(sum((run) => run.sequenceGaps))} gaps · ${number(sum((run) => run.negativeLevels))} negative levels · crossed ${number(sum((run) => run.crossedBeforeCoalescing))} before coalescing, ${number(sum((run) => run.crossedAfterCoalescing))} after · ${isConsistent ? paint('green', 'consistent') : paint('red', 'inconsistent')}`,
    `Edges        ${number(sum((run) => run.grossEdges))} before fees · ${paint('green', number(sum((run) => run.netEdges)))} after fees${reports.some((run) => run.feesAssumed) ? ' (fees assumed)' : ''} · ${number(sum((run) => run.approvedEdges))} good enough for conservative-100`,
    ...(best === undefined
      ? []
      : [
          `Best         ${(best.perSetE4 / 100).toFixed(2)} ¢ a set, ${best.profitUsd} USD on ${best.contracts} sets: ${best.watch}, ${best.decision}`,
        ]),
    'Declined     because',
    ...[...declines]
      .sort(([, a], [, b]) => b - a)
      .map(([reason, count]) => `  ${number(count).padStart(9)}  ${reason.padEnd(16)} ${wordsOf(reason)}`),
    '',
    'The best-looking edges are declined: profile conservative-100 asks for 3 % of the capital after fees.',
    'Next: npm run --silent tandem -- replay data --check   what the recordings hold, and whether it adds up',
    '      npm run --silent tandem -- --help                every command',
    '      npm test                                         prove it',
  ].join('\n');
}

function wordsOf(reason: string): string {
  return Object.entries(declineWords).find(([code]) => code === reason)?.[1] ?? '';
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function cents(priceE4: number): string {
  return (priceE4 / 100).toFixed(2);
}

function signed(e4: number): string {
  return `${e4 < 0 ? '−' : '+'}${(Math.abs(e4) / 100).toFixed(2)}`;
}

function size(sizeE6: number): string {
  return number(sizeE6 / 1_000_000);
}

function seconds(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  return ms < 100_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
