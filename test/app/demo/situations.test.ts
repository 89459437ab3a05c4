import { describe, expect, it } from 'vitest';
import { Situations } from '../../../src/app/demo/situations.ts';
import type { LegEnd, LegReport, LegRole } from '../../../src/domain/execution/leg.ts';
import type { JournalRecord } from '../../../src/domain/ports/journal.ts';
import type { AttemptOutcome } from '../../../src/machines/attempt.events.ts';

const TEN = 10_000_000;

function leg(filledE6: number, end: LegEnd = 'filled', role: LegRole = 'entry'): LegReport {
  const order = { role, sizeE6: TEN, venue: 'kalshi', legId: '1-kalshi' };
  return { order, end, standing: 'ended', finalE6: filledE6, provisionalE6: 0, openE6: 0 } as unknown as LegReport;
}

function outcome(given: Partial<AttemptOutcome>): AttemptOutcome {
  return { attemptId: 'e1', end: 'balanced', wasAsymmetric: false, reports: [], ...given } as AttemptOutcome;
}

function moved(machine: string, actor: string, from: string, to: string): JournalRecord {
  return { kind: 'transition', machine, actor, from, to, event: {} } as unknown as JournalRecord;
}

describe('situations', () => {
  it('are reached by what filled, not by what was staged', () => {
    const situations = new Situations();
    expect(situations.reached).toEqual([]);
    situations.onOutcome(outcome({ reports: [leg(TEN), leg(TEN)] }));
    expect(situations.reached).toEqual(['bothFilled']);
  });

  it('count a killed leg only where its partner filled and the attempt found its way out', () => {
    const situations = new Situations();
    situations.onOutcome(outcome({ end: 'unfilled', reports: [leg(0, 'killed'), leg(0, 'killed')] }));
    expect(situations.has('legKilled')).toBe(false);
    const reports = [leg(0, 'killed'), leg(TEN), leg(TEN, 'filled', 'completion')];
    situations.onOutcome(outcome({ wasAsymmetric: true, reports }));
    expect(situations.reached).toEqual(['legKilled']);
  });

  it('know a partial fill', () => {
    const situations = new Situations();
    situations.onOutcome(outcome({ reports: [leg(5_000_000, 'canceled'), leg(5_000_000)] }));
    expect(situations.reached).toEqual(['partialFill']);
  });

  it('see a failed match from the journal, and wait until its attempt has ended', () => {
    const situations = new Situations();
    situations.onRecord(
      moved('venueTrade', 'strategy/cross/attempt/e1/leg/2-polymarket/trade/t1', 'matched', 'failed'),
    );
    expect(situations.has('tradeFailed')).toBe(false);
    situations.onOutcome(outcome({ wasAsymmetric: true, reports: [leg(TEN)] }));
    expect(situations.has('tradeFailed')).toBe(true);
  });

  it('see a connection that dropped only when the same one is live again', () => {
    const situations = new Situations();
    situations.onRecord(moved('connection', 'venue/kalshi/private', 'live.fresh', 'backingOff'));
    situations.onRecord(moved('connection', 'venue/polymarket/private', 'connecting', 'live.fresh'));
    expect(situations.has('connectionDropped')).toBe(false);
    situations.onRecord(moved('connection', 'venue/kalshi/private', 'connecting', 'live.fresh'));
    expect(situations.has('connectionDropped')).toBe(true);
  });

  it('say what is missing', () => {
    const situations = new Situations();
    situations.onResumed();
    situations.notePaidMarkets(1);
    expect(situations.missing).not.toContain('breakerResumed');
    expect(situations.missing).toContain('twoSettled');
    situations.notePaidMarkets(2);
    expect(situations.missing).not.toContain('twoSettled');
  });
});
