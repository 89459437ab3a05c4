/**
 * The reports of the recordings that ship, figure by figure. A change of any rule on the way from a
 * frame to a decision shows here first; whoever changes one explains the difference.
 */
import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../../src/app/replay/run-report.ts';
import { reportOf, STREAM, TAPE } from '../support.ts';

/** Everything but what depends on the machine and the folder. */
function figures({ capture: _capture, seconds: _seconds, messagesPerSecond: _pace, ...rest }: RunReport) {
  return rest;
}

const FASTER = 1_000;

describe('the shipped stream', { timeout: 60_000 }, () => {
  it('adds up to these figures', async () => {
    expect(figures(await reportOf(STREAM))).toEqual({
      format: 'kalshi-ws-ndjson',
      label: 'Kalshi WebSocket recording',
      title: undefined,
      records: 2_193,
      frames: 2_188,
      deltas: 2_157,
      snapshots: 3,
      polls: 0,
      books: 2,
      sequenceGaps: 0,
      negativeLevels: 0,
      crossedBeforeCoalescing: 0,
      crossedAfterCoalescing: 0,
      snapshotsConfirmed: 1,
      changesBeforeSnapshot: 0,
      // 33 in all: the recorder merged levels finer than a cent in ten of them.
      checkpoints: { equal: 23, unequal: 0, notComparable: 10, notReached: 0 },
      watches: 2,
      decisions: 1_168,
      grossEdges: 0,
      netEdges: 0,
      approvedEdges: 0,
      bestGross: undefined,
      bestNet: undefined,
      declines: { NO_GROSS_EDGE: 1_088, NO_ASKS: 73, BOOK_STALE: 3, BOOK_EMPTY: 2, BOOK_GAPPED: 2 },
      feesAssumed: false,
      problemCounts: {},
      problems: [],
      consistent: true,
    });
  });

  it('gives the same report again, and at a thousand times its pace', async () => {
    const once = figures(await reportOf(STREAM));
    expect(figures(await reportOf(STREAM))).toEqual(once);
    expect(figures(await reportOf(STREAM, FASTER))).toEqual(once);
  });
});

describe('the shipped tape', { timeout: 60_000 }, () => {
  it('adds up to these figures', async () => {
    expect(figures(await reportOf(TAPE))).toEqual({
      format: 'cross-venue-tape',
      label: 'cross-venue tape, polled best prices',
      title: 'Mexico against England, 2026-07-06: who wins the World Cup',
      records: 1_580,
      frames: 0,
      deltas: 0,
      snapshots: 1_580,
      polls: 1_580,
      books: 4,
      sequenceGaps: 0,
      negativeLevels: 0,
      crossedBeforeCoalescing: 0,
      crossedAfterCoalescing: 0,
      snapshotsConfirmed: 0,
      changesBeforeSnapshot: 0,
      checkpoints: undefined,
      watches: 4,
      decisions: 6_312,
      grossEdges: 562,
      // 111 more earn something at sizes that Polymarket would not take: their cash is no whole cent.
      netEdges: 208,
      approvedEdges: 0,
      bestGross: {
        watch: 'Mexico wins the World Cup: Kalshi no + Polymarket yes',
        at: '2026-07-06T01:29:03.897Z',
        perSetE4: 260,
        contracts: '?',
        profitUsd: undefined,
        decision: 'declined: BELOW_MIN_EDGE',
      },
      bestNet: {
        watch: 'Mexico wins the World Cup: Kalshi no + Polymarket yes',
        at: '2026-07-06T01:32:35.385Z',
        perSetE4: 196,
        contracts: '50',
        profitUsd: '0.98171',
        decision: 'declined: BELOW_MIN_EDGE',
      },
      declines: {
        BOOK_AWAITED: 4,
        BOOK_STALE: 4_728,
        NO_ASKS: 13,
        NO_GROSS_EDGE: 1_018,
        NO_NET_EDGE: 230,
        BELOW_MIN_EDGE: 319,
      },
      feesAssumed: true,
      problemCounts: {},
      problems: [],
      consistent: true,
    });
  });

  it('gives the same report again, and at a thousand times its pace', async () => {
    const once = figures(await reportOf(TAPE));
    expect(figures(await reportOf(TAPE))).toEqual(once);
    expect(figures(await reportOf(TAPE, FASTER))).toEqual(once);
  });
});
