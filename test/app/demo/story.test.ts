import { describe, expect, it } from 'vitest';
import { EdgeTally } from '../../../src/app/demo/edge-tally.ts';
import { Story } from '../../../src/app/demo/story.ts';
import type { Decision } from '../../../src/domain/edge/decide.ts';
import type { JournalRecord } from '../../../src/domain/ports/journal.ts';
import type { AttemptOutcome } from '../../../src/machines/attempt.events.ts';

function told(run: (story: Story) => void): string[] {
  const story = new Story({ sinceStartMs: () => 1_000, titleOf: () => 'Game' });
  run(story);
  return story.lines.map(({ tone, text }) => `${tone}: ${text}`);
}

function moved(machine: string, actor: string, event: object, to = 'on'): JournalRecord {
  return { kind: 'transition', machine, actor, event, from: 'live.fresh', to } as unknown as JournalRecord;
}

const REPAIR_ORDER = {
  venue: 'kalshi',
  action: 'buy',
  sizeE6: 9_000_000,
  limitE4: 4_500,
  instrument: { book: 'kalshi/T', inverted: true },
};

describe('the story', () => {
  it('says what a repair costs and why it is the better one', () => {
    const event = { type: 'repair.planned', kind: 'completion', orders: [REPAIR_ORDER], costMicroUsd: 270_000 };
    expect(told((story) => story.onRecord(moved('attempt', 'strategy/cross/attempt/e1', event)))).toEqual([
      'warning: Game: buying the missing 9 NO at Kalshi costs $0.27; selling back what filled is worse',
    ]);
  });

  it('tells a line that drops, and which one', () => {
    expect(told((story) => story.onRecord(moved('connection', 'venue/kalshi/private', {}, 'backingOff')))).toEqual([
      'warning: Kalshi: the line for own orders dropped, connecting again',
    ]);
  });

  it('tells how an attempt ended', () => {
    const outcome = { end: 'unwound', profitMicroUsd: -120_000, reports: [] } as unknown as AttemptOutcome;
    expect(told((story) => story.onOutcome(outcome))).toEqual([
      'warning: Game: unwound, nothing is held any more, −$0.12',
    ]);
  });

  it('says why the last look kept an attempt from being sent', () => {
    const reason = 'EDGE_SHRANK to 9000000 of 10000000';
    const outcome = { end: 'refused', reason, profitMicroUsd: 0, reports: [] } as unknown as AttemptOutcome;
    expect(told((story) => story.onOutcome(outcome))).toEqual([
      'plain: Game: not sent, the last look finds only 9 of 10',
    ]);
  });

  it('tells nothing once it is over', () => {
    const lines = told((story) => {
      story.note('plain', 'before');
      story.end();
      story.note('plain', 'after');
    });
    expect(lines).toEqual(['plain: before']);
  });
});

function decided(grossEdgeE4: number, reason: string): Decision {
  const verdict = { kind: 'declined', reason, grossEdgeE4, best: undefined, books: [{ quietMs: 4 }, { quietMs: 90 }] };
  return { watch: { id: 'box/game/yes' }, atMs: 0, verdict } as unknown as Decision;
}

describe('the tally of edges', () => {
  it('counts a gap once, for as long as it lasts, with the reason that stood against it last', () => {
    const tally = new EdgeTally();
    for (const reason of ['NO_NET_EDGE', 'NO_NET_EDGE', 'BELOW_MIN_EDGE']) tally.onDecision(decided(150, reason));
    tally.onDecision(decided(-100, 'NO_GROSS_EDGE'));
    expect([tally.opportunities, tally.approved, tally.reasons]).toEqual([1, 0, [['BELOW_MIN_EDGE', 1]]]);
  });

  it('counts an approved gap as no decline', () => {
    const tally = new EdgeTally();
    tally.onDecision(decided(600, 'WATCH_BUSY'));
    tally.onApproval(decided(600, 'WATCH_BUSY'), { kind: 'started', plan: {} as never });
    tally.onDecision(decided(-100, 'NO_GROSS_EDGE'));
    expect([tally.approved, tally.reasons]).toEqual([1, []]);
  });

  it('measures from the change that led to a decision', () => {
    const tally = new EdgeTally();
    tally.onDecision(decided(150, 'NO_NET_EDGE'));
    expect(tally.detectionMs).toEqual([4]);
  });
});
