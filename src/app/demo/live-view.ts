/** The screen of a running demonstration: everything that a trader looks at, redrawn in place. */

import type { Book } from '../../domain/book/book.ts';
import type { LegReport } from '../../domain/execution/leg.ts';
import { confirmedE6 } from '../../domain/execution/leg.ts';
import type { VenueName } from '../../domain/instrument.ts';
import { type Paint, paint } from '../console.ts';
import { declineWords } from '../decline-words.ts';
import { type AttemptRow, attemptRows, headLine, riskLines } from './demo-figures.ts';
import type { DemoWatch } from './demo-watch.ts';
import type { Refusal, WatchedEdge } from './edge-tally.ts';
import { cents, contracts, type StoryLine, signedUsd, type Tone, venueTitle } from './story.ts';

const TITLE_WIDTH = 26;
const STALE_MS = 2_000;
/** Everything fits in so many lines of a terminal; with fewer, attempts and events go first to a minimum, then books. */
const ROWS_ALL = 40;
const ROWS_FRAME = 11;
const ALL = { attempts: 7, events: 10 };
const FEW = { attempts: 3, events: 4 };

const TONES: Readonly<Record<Tone, Paint | undefined>> = {
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  scenario: 'blue',
  plain: undefined,
};

/** Top to bottom: who and where, risk, books with both edges, attempts with their legs, what happened. */
export function liveScreen(watch: DemoWatch, rows = ROWS_ALL): string {
  const shown = rows >= ROWS_ALL ? ALL : FEW;
  const books = Math.max(1, rows - ROWS_FRAME - shown.attempts - shown.events);
  return [
    headLine(watch),
    ...riskLines(watch),
    '',
    ...bookLines(watch).slice(0, books + 1),
    '',
    ...attemptLines(watch, shown.attempts),
    '',
    paint('bold', 'What happens'),
    ...watch.story.lines.slice(-shown.events).map(storyText),
    paint(
      'grey',
      'prices in cents · edges net of fees, for one set · ~ not yet confirmed on the chain · Ctrl-C ends it',
    ),
  ].join('\n');
}

export function storyText({ atMs, tone, text }: StoryLine): string {
  const time = paint('grey', `${(atMs / 1_000).toFixed(1).padStart(6)} s`);
  const colour = TONES[tone];
  const said = tone === 'scenario' ? `scenario: ${text}` : text;
  return `${time}  ${colour === undefined ? said : paint(colour, said)}`;
}

function bookLines(watch: DemoWatch): string[] {
  const { pairs, trading } = watch.composed;
  const head = `${''.padEnd(TITLE_WIDTH)}${'Kalshi'.padStart(12)}${'age'.padStart(6)}${'Polymarket'.padStart(14)}${'age'.padStart(6)}   K yes + P no     K no + P yes`;
  const rows = pairs.map((pair) => {
    const [kalshi, polymarket] = [pair.kalshi.yes.book, pair.polymarket.yes.book].map((id) =>
      trading.watch.books.find(id),
    );
    const edges = (['yes', 'no'] as const).map((side) => edgeCell(watch.edges.latest.get(`box/${pair.id}/${side}`)));
    const held = watch.heldPairs().includes(pair.id) ? paint('blue', '▪') : ' ';
    return `${held}${pair.title.slice(0, TITLE_WIDTH - 2).padEnd(TITLE_WIDTH - 1)}${quoteCell(kalshi, 12)}${ageCell(watch, kalshi)}${quoteCell(polymarket, 14)}${ageCell(watch, polymarket)}   ${edges.join(' ')}`;
  });
  return [paint('bold', head), ...rows];
}

function quoteCell(book: Book | undefined, width: number): string {
  if (book === undefined || book.standing !== 'live') return paint('grey', (book?.standing ?? '–').padStart(width));
  const [bid, ask] = [book.bestBidE4(false), book.bestAskE4(false)];
  return `${bid < 0 ? '–' : cents(bid)}/${ask < 0 ? '–' : cents(ask)}`.padStart(width);
}

function ageCell(watch: DemoWatch, book: Book | undefined): string {
  if (book === undefined) return '–'.padStart(6);
  const nowMs = watch.parts.clock.nowMs();
  const quietMs = book.quietMs(nowMs);
  const text = Number.isFinite(quietMs) ? (quietMs < 99_500 ? `${(quietMs / 1_000).toFixed(1)}s` : 'old') : '–';
  return book.unprovenMs(nowMs) > STALE_MS ? paint('yellow', text.padStart(6)) : text.padStart(6);
}

/** The figure and, where nothing came of it, the shortest word for why. */
function edgeCell(edge: WatchedEdge | undefined): string {
  if (edge === undefined || edge.grossE4 === undefined) return paint('grey', '–'.padEnd(16));
  const figure = edge.netE4 ?? edge.grossE4;
  const text = `${figure < 0 ? '−' : '+'}${Math.abs(figure / 100).toFixed(1)} ${shortWord(edge.verdict)}`.slice(0, 16);
  const colour: Paint = edge.verdict === 'approved' ? 'green' : edge.grossE4 > 0 ? 'yellow' : 'grey';
  return paint(colour, text.padEnd(16));
}

function shortWord(verdict: Refusal | 'approved'): string {
  const words: Partial<Record<Refusal | 'approved', string>> = {
    approved: 'taken',
    NO_GROSS_EDGE: 'no gap',
    NO_NET_EDGE: 'fees',
    BELOW_MIN_EDGE: 'too thin',
    BELOW_MIN_PROFIT: 'too small',
    BELOW_MIN_TRADE_VALUE: 'too small',
    LIMITS: 'limit',
    NOT_PERMITTED: 'breaker',
    WATCH_BUSY: 'busy',
    BOOK_STALE: 'stale',
    GAP_SUSPICIOUS: 'suspicious',
  };
  return words[verdict] ?? refusalWords(verdict).slice(0, 12);
}

export function refusalWords(reason: Refusal | 'approved'): string {
  const ours: Partial<Record<Refusal | 'approved', string>> = {
    approved: 'taken',
    LIMITS: 'risk limits leave no room',
    NOT_PERMITTED: 'the breaker is open or the engine does not run',
    WATCH_BUSY: 'an attempt on it is under way',
    TOO_MANY_ATTEMPTS: 'too many attempts at once',
    NOT_ACCEPTING: 'no new attempts are taken',
    NO_RESTING_PRICE: 'no price to rest at',
    NO_PROFIT_AT_REST: 'no profit where it would rest',
  };
  return ours[reason] ?? Object.entries(declineWords).find(([code]) => code === reason)?.[1] ?? reason;
}

function attemptLines(watch: DemoWatch, count: number): string[] {
  const rows = attemptRows(watch).slice(0, count);
  const head = paint('bold', `${'Attempt'.padEnd(TITLE_WIDTH)}${'state'.padEnd(12)}${'result'.padStart(9)}   legs`);
  return [head, ...(rows.length === 0 ? [paint('grey', ' none yet')] : rows.map((row) => attemptLine(watch, row)))];
}

function attemptLine(watch: DemoWatch, row: AttemptRow): string {
  const title = watch.titleOf(row.watchId).slice(0, TITLE_WIDTH - 2);
  const state = paint(row.isLive ? 'bold' : colourOfEnd(row.state), row.state.padEnd(12));
  const result = (row.profitMicroUsd === undefined ? '' : signedUsd(row.profitMicroUsd)).padStart(9);
  return ` ${title.padEnd(TITLE_WIDTH - 1)}${state}${result}   ${row.reports.map(legChip).join(' ')}`;
}

function colourOfEnd(end: string): Paint {
  if (end === 'balanced') return 'green';
  return end === 'unfilled' || end === 'refused' ? 'grey' : 'yellow';
}

/** `K buy 10/10 filled`: where, what, how much of it, and how it stands. */
function legChip(report: LegReport): string {
  const { order, standing, end, provisionalE6 } = report;
  const filled = `${contracts(confirmedE6(report))}/${contracts(order.sizeE6)}`;
  const state = standing === 'ended' ? (end ?? 'ended') : standing;
  const mark = provisionalE6 > 0 ? '~' : '';
  return paint(chipColour(report), `[${initial(order.venue)} ${order.role} ${filled}${mark} ${state}]`);
}

function chipColour(report: LegReport): Paint {
  if (report.standing !== 'ended') return report.standing === 'unresolved' ? 'yellow' : 'blue';
  if (report.end === 'withheld') return 'grey';
  const filled = confirmedE6(report);
  if (filled >= report.order.sizeE6) return 'green';
  return filled > 0 ? 'yellow' : 'red';
}

function initial(venue: VenueName): string {
  return venueTitle(venue).slice(0, 1);
}
