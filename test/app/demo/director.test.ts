import { describe, expect, it } from 'vitest';
import { type Audience, DemoDirector } from '../../../src/app/demo/director.ts';
import type { Situation } from '../../../src/app/demo/situations.ts';
import { gapFor, type Stage, type StagedGap } from '../../../src/app/demo/stage.ts';
import type { AnyFault } from '../../../src/app/sim/scenario-file.ts';
import type { ListedMarket } from '../../../src/app/sim/sim-markets.ts';
import type { ExecutionPolicy } from '../../../src/domain/execution/attempt-plan.ts';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';

const PAIRS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

class RecordingStage implements Stage {
  readonly gaps: StagedGap[] = [];
  readonly calls: string[] = [];
  faults: readonly AnyFault[] = [];
  resting: string[] = [];

  offer(gap: StagedGap): boolean {
    this.gaps.push(gap);
    return true;
  }

  setFaults(faults: readonly AnyFault[]): void {
    this.faults = faults;
    if (faults.length > 0) this.calls.push(`fault ${faults.map(({ id }) => id).join()}`);
  }

  marketOf(pair: string): ListedMarket {
    const kalshi = { ticker: `T-${pair}`, eventTicker: 'T' };
    const polymarket = {
      conditionId: `0x${pair}`,
      slug: '',
      yesTokenId: '',
      noTokenId: '',
      tickSize: '',
      negRisk: false,
    };
    return { id: pair, title: pair, kalshi, polymarket, closesAt: '' };
  }

  walletOf(): string {
    return '0xus';
  }

  cut(venue: string): void {
    this.calls.push(`cut ${venue}`);
  }

  resolve(pair: string): void {
    this.calls.push(`resolve ${pair}`);
  }

  pay(pair: string): void {
    this.calls.push(`pay ${pair}`);
  }

  restingOrders(): readonly string[] {
    return this.resting.splice(0);
  }

  tradeWith(orderId: string, share: number): void {
    this.calls.push(`trade ${orderId} ${share}`);
  }
}

function show(
  given: {
    policy?: ExecutionPolicy;
    audience?: Partial<Audience>;
    settleMs?: number;
    curtainMs?: number;
    seen?: readonly Situation[];
  } = {},
) {
  const clock = new VirtualClock();
  const stage = new RecordingStage();
  const seen = new Set<Situation>(given.seen);
  const cues: string[] = [];
  const director = new DemoDirector({
    clock,
    random: seededRandom('director'),
    stage,
    pairs: PAIRS,
    policy: given.policy ?? 'together',
    curtainMs: given.curtainMs ?? 40_000,
    settleMs: given.settleMs ?? 30_000,
    onCue: (text) => cues.push(text),
    audience: {
      has: (situation) => seen.has(situation),
      isTrading: () => true,
      isBusy: () => false,
      heldPairs: () => [],
      ...given.audience,
    },
  });
  director.start();
  return { clock, stage, seen, cues, director };
}

describe('the director', () => {
  it('begins with a gap that is there, and shows nothing else until it was seen', () => {
    const { clock, stage, seen, cues } = show();
    clock.advanceTo(2_500);
    expect(stage.gaps).toHaveLength(1);
    expect(stage.gaps[0]?.fates).toBeUndefined();
    seen.add('bothFilled');
    clock.advanceTo(4_000);
    expect(cues).toEqual(['a gap that is there for whoever comes', 'a gap where somebody else is faster at one venue']);
    expect(stage.gaps[1]?.fates).toEqual({ kalshi: { kind: 'gone' } });
  });

  it('stages an act again when nothing came of it, later while its attempt goes on', () => {
    const staged = (isBusy: boolean): number => {
      const busy = new Set<string>();
      const { clock, stage, cues } = show({ audience: { isBusy: (pair) => isBusy && busy.has(pair) } });
      for (const { pair } of stage.gaps) busy.add(pair);
      clock.advanceTo(6_000);
      return cues.length;
    };
    expect([staged(false), staged(true)]).toEqual([2, 1]);
  });

  it('kills the hedge where one leg goes after the other', () => {
    for (const policy of ['sequential', 'makerThenHedge'] as const) {
      const { clock, stage } = show({ policy, seen: ['bothFilled'] });
      clock.advanceTo(1_000);
      expect(stage.gaps[0]?.fates).toEqual({ polymarket: { kind: 'gone' } });
    }
  });

  it('fails a match of ours and of nobody else', () => {
    const { clock, stage } = show({ seen: ['bothFilled', 'legKilled', 'partialFill', 'connectionDropped'] });
    clock.advanceTo(1_000);
    expect(stage.faults).toMatchObject([{ id: 'C1', times: 1, match: { account: '0xus' } }]);
  });

  it('offers nothing while Tandem does not trade, and nothing once the curtain falls', () => {
    const still = show({ audience: { isTrading: () => false } });
    still.clock.advanceTo(30_000);
    expect(still.stage.gaps).toEqual([]);
    const { clock, stage } = show();
    clock.advanceTo(40_000);
    const before = stage.gaps.length;
    clock.advanceTo(60_000);
    expect(stage.gaps).toHaveLength(before);
  });

  it('settles two held pairs, pays them later, and again if the money was not seen', () => {
    const { clock, stage, seen } = show({ audience: { heldPairs: () => ['a', 'b', 'c'] } });
    clock.advanceTo(31_000);
    expect(stage.calls.slice(-2)).toEqual(['resolve a', 'resolve b']);
    clock.advanceTo(33_000);
    expect(stage.calls.slice(-2)).toEqual(['pay a', 'pay b']);
    clock.advanceTo(38_000);
    expect(stage.calls.filter((call) => call === 'pay a')).toHaveLength(2);
    seen.add('twoSettled');
    clock.advanceTo(50_000);
    expect(stage.calls.filter((call) => call === 'pay a')).toHaveLength(2);
  });

  it('lets more markets end in a long show, and keeps enough to trade', () => {
    const given = { audience: { heldPairs: () => PAIRS }, seen: ['twoSettled'] as const, curtainMs: 600_000 };
    const { clock, stage } = show(given);
    clock.advanceTo(500_000);
    const resolved = stage.calls.filter((call) => call.startsWith('resolve'));
    expect(resolved).toEqual(['resolve a', 'resolve b', 'resolve c', 'resolve d']);
    expect(stage.calls.filter((call) => call.startsWith('pay'))).toHaveLength(4);
  });

  it('settles earlier once the limit is reached', () => {
    const { clock, stage, seen } = show({ audience: { heldPairs: () => ['a', 'b'] } });
    seen.add('limitReached');
    clock.advanceTo(19_000);
    expect(stage.calls).toContain('resolve a');
  });

  it('sends a counterparty to what rests, after a moment', () => {
    const { clock, stage } = show({ policy: 'makerThenHedge' });
    stage.resting = ['o1'];
    clock.advanceTo(500);
    expect(stage.calls).toEqual([]);
    clock.advanceTo(2_000);
    expect(stage.calls).toEqual(['trade o1 1']);
  });

  it('leaves no fault behind', () => {
    const { clock, stage, director } = show({ seen: ['bothFilled', 'legKilled'] });
    clock.advanceTo(1_000);
    expect(stage.faults).toMatchObject([{ id: 'O8' }]);
    director.stop();
    expect(stage.faults).toEqual([]);
  });
});

describe('a staged gap', () => {
  it('leaves more than three per cent after fees in whole cents, and no more than a person may skip', () => {
    for (let feesE4 = 0; feesE4 <= 300; feesE4 += 7) {
      const gap = gapFor(feesE4);
      expect(gap % 100).toBe(0);
      expect(gap).toBeLessThanOrEqual(800);
      expect(gap - feesE4).toBeGreaterThan(300);
    }
  });
});
