/** The figures of `book-path` for a terminal and for the page of benchmarks. */
import { environmentLine } from './environment.ts';
import type { PeerResult } from './peer-run.ts';
import type { BookPathResult, RecordingResult } from './results.ts';

const WHAT_IS_COUNTED = [
  'Counted: reading and validating every message (deltas in the spelling of the venue by one pattern, all else by',
  '`JSON.parse` and schema), sequence count, book, coalescing, age, both boxes of every market against a fixed',
  'Polymarket book with the fee formulas of both venues, and a minimal clock that rings the timers of the streams. Not',
  'counted: sockets, timers of the operating system, opening books and watches, and the `Subject` through which a',
  'replay feeds its streams (about 0.05 of the floor). Means are processor time, collector included; p50 and p99 are',
  'wall time of single messages.',
] as const;

const NO_PEERS = 'Peers are not installed: npm run bench -- book-path --peers installs and measures them.';
const PEERS_UNASKED = 'Peers are installed and were not asked for: add --peers.';

export function textOf(result: BookPathResult): string {
  const { targets, gapDecisionMicros } = result;
  const peers = result.peers.length > 0 ? result.peers.map(peerText).join('\n') : peersAbsent(result);
  return [
    environmentLine(result.environment),
    '',
    ...result.recordings.map(recordingText),
    `all recordings: ${verdict(result.ratioToFloor, targets.ratioToFloorMax, targets.isRatioMet)} × JSON.parse, p99 ${verdict(result.p99OverP50, targets.p99OverP50Max, targets.isTailMet)} × p50`,
    `the same frames spelled otherwise, so that all of them go through JSON.parse and a schema: ${result.otherwiseRatioToFloor} × JSON.parse`,
    `one decision on a gap of two cents, books 50 levels deep (not in the path above): ${gapDecisionMicros} µs`,
    '',
    ...WHAT_IS_COUNTED,
    '',
    peers,
  ].join('\n');
}

function verdict(value: number, most: number, isMet: boolean): string {
  return `${value} (${isMet ? 'meets' : 'misses'} ${most})`;
}

function recordingText(one: RecordingResult): string {
  const stages = one.stages.map(
    (stage) =>
      `    ${stage.name.padEnd(24)}${stage.ownMicros.toFixed(2).padStart(7)} µs ${percent(stage.share).padStart(6)}`,
  );
  return [
    `${one.name}: ${one.messages} messages of ${one.bytesPerMessage} bytes, ${one.passes} passes, ${one.decisionsPerMessage} decisions a message`,
    `  floor   mean ${one.floorMeanMicros} µs   p50 ${one.floor.p50Micros}   p99 ${one.floor.p99Micros}`,
    `  path    mean ${one.pathMeanMicros} µs   p50 ${one.path.p50Micros}   p99 ${one.path.p99Micros}   max ${one.path.maxMicros}   ${one.messagesPerSecond} messages/s`,
    `  ratioToFloor ${one.ratioToFloor}, median of the repetitions ${one.medianRatioToFloor}; clock ${one.clockMicros} µs taken off single times`,
    '  stages, by difference of cumulative runs:',
    ...stages,
    '',
  ].join('\n');
}

function peerText(peer: PeerResult): string {
  return [
    `${peer.name}: ${peer.meanMicros} µs, ${peer.ratioToFloor} × JSON.parse (ours up to the changed book: ${peer.oursRatioToFloor})`,
    `  best levels right in ${peer.sameTouch} of ${peer.compared} comparisons, whole book in ${peer.sameBook}; ${peer.note}`,
  ].join('\n');
}

function peersAbsent({ arePeersInstalled }: BookPathResult): string {
  return arePeersInstalled ? PEERS_UNASKED : NO_PEERS;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** The section of `docs/benchmarks.md`. */
export function pageOf(result: BookPathResult): string {
  const { environment, targets } = result;
  const met = (is: boolean): string => (is ? 'met' : 'missed');
  return [
    '## From a frame to a decision (`book-path`)',
    '',
    `${environmentLine(environment)} (${environment.committed ?? 'no date'}).`,
    '',
    `**${result.ratioToFloor} × a bare \`JSON.parse\` of the same bytes** over all recordings (target ${targets.ratioToFloorMax}: ${met(targets.isRatioMet)});`,
    `p99 at most ${result.p99OverP50} × p50 (target ${targets.p99OverP50Max}: ${met(targets.isTailMet)}).`,
    '',
    'Below 1 is possible because deltas, which nearly all frames are, are read straight from their text as long as the',
    'venue spells them as it does. With white space before every frame, so that all go through `JSON.parse` and a schema,',
    `the same path takes **${result.otherwiseRatioToFloor}**. Tickers, one or two in a hundred frames, are longer and always go that way: they are`,
    'much of the p99.',
    '',
    ...WHAT_IS_COUNTED,
    '',
    ...recordingTable(result.recordings),
    '',
    ...stageTable(result.recordings),
    '',
    `A decision on a gap of two cents between books 50 levels deep takes ${result.gapDecisionMicros} µs at the median; the path above`,
    'meets none, because nearly every change of a book is screened out before its depth is walked.',
    ...peerSection(result.peers),
  ].join('\n');
}

function recordingTable(recordings: readonly RecordingResult[]): string[] {
  return [
    '| recording | messages | floor, µs | path, µs | ratioToFloor | p50, µs | p99, µs | messages/s |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...recordings.map(
      (one) =>
        `| ${one.name} | ${one.messages} | ${one.floorMeanMicros} | ${one.pathMeanMicros} | ${one.ratioToFloor} | ${one.path.p50Micros} | ${one.path.p99Micros} | ${one.messagesPerSecond} |`,
    ),
  ];
}

function stageTable(recordings: readonly RecordingResult[]): string[] {
  const names = recordings[0]?.stages.map((stage) => stage.name) ?? [];
  return [
    `| share of the path | ${names.join(' | ')} |`,
    `| --- |${names.map(() => ' ---: |').join('')}`,
    ...recordings.map((one) => `| ${one.name} | ${one.stages.map((stage) => percent(stage.share)).join(' | ')} |`),
  ];
}

function peerSection(peers: readonly PeerResult[]): string[] {
  if (peers.length === 0) return [];
  return [
    '',
    '### Peers',
    '',
    'Same frames, same run, first recording; up to the changed book, because no peer coalesces or detects. _Right_ compares',
    'with our books, which `tandem replay --check` holds against what the recorder wrote down by itself.',
    '',
    '| package | µs | ratioToFloor | ours to there | best levels right | whole book right | remark |',
    '| --- | ---: | ---: | ---: | ---: | ---: | --- |',
    ...peers.map(
      (peer) =>
        `| ${peer.name} | ${peer.meanMicros} | ${peer.ratioToFloor} | ${peer.oursRatioToFloor} | ${peer.sameTouch} of ${peer.compared} | ${peer.sameBook} of ${peer.compared} | ${peer.note} |`,
    ),
    '',
    'Looked at and left out: `kalshi-typescript` 3.30.0 has no stream; `pmxtjs` 2.41.0 talks to a server that is `pmxt-core`;',
    '`@nevuamarkets/poly-websockets` 1.0.2 keeps Polymarket books only.',
  ];
}
