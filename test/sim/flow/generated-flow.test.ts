import { describe, expect, it } from 'vitest';
import { scenarioSchema } from '../../../src/app/sim/scenario-file.ts';
import { makeWorld } from '../../../src/app/sim/sim-world.ts';
import type { Random } from '../../../src/domain/ports/random.ts';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { meanOf } from '../../../src/sim/flow/draw.ts';
import type { FlowBook, FlowEvent, LevelVenue } from '../../../src/sim/flow/flow-venue.ts';
import { drawGap, fillProbability, GENERATED_GAPS } from '../../../src/sim/flow/gaps.ts';
import { GeneratedFlow } from '../../../src/sim/flow/generated-flow.ts';
import type { FlowPace } from '../../../src/sim/flow/rates.ts';

/** Remembers the last book that it was told. */
class FakeVenue implements LevelVenue {
  isOpen = true;
  book: FlowBook = { bids: [], asks: [] };

  quote(book: FlowBook): void {
    this.book = book;
  }

  change(): void {
    // Single changes keep the touch where it is, and these tests look at nothing else.
  }

  take(): void {
    // Takers do not change what the house wants to quote.
  }
}

function run(seed: string, given: { pace?: FlowPace; speed?: number; forMs?: number } = {}) {
  const clock = new VirtualClock();
  const [kalshi, polymarket] = [new FakeVenue(), new FakeVenue()];
  const events: FlowEvent[] = [];
  const widths: number[] = [];
  const flow = new GeneratedFlow({
    clock,
    pace: given.pace ?? 'lively',
    speed: given.speed ?? 1,
    randomOf: (pair) => seededRandom(`${seed}/${pair}`),
    pairs: [
      { id: 'a', fairE4: 5_000, kalshi: { venue: kalshi, tickE4: 100 }, polymarket: { venue: polymarket, tickE4: 10 } },
    ],
    onEvent: (event) => {
      events.push(event);
      if (event.kind === 'gap.opened')
        widths.push(
          Math.max(
            (kalshi.book.bids[0]?.priceE4 ?? 0) - (polymarket.book.asks[0]?.priceE4 ?? 10_000),
            (polymarket.book.bids[0]?.priceE4 ?? 0) - (kalshi.book.asks[0]?.priceE4 ?? 10_000),
          ),
        );
    },
  });
  flow.start();
  clock.advanceBy(given.forMs ?? 120_000);
  return { clock, flow, events, kalshi, polymarket, widths };
}

const ofKind = (events: readonly FlowEvent[], kind: FlowEvent['kind']) => events.filter((event) => event.kind === kind);

describe('generated flow', () => {
  it('writes the same log byte for byte from the same seed', () => {
    expect(JSON.stringify(run('7').events)).toBe(JSON.stringify(run('7').events));
    expect(JSON.stringify(run('7').events)).not.toBe(JSON.stringify(run('8').events));
  });

  it('keeps the pace of a busy market within a tenth', () => {
    const { events } = run('busy', { pace: 'busy', forMs: 600_000 });
    const perSecond = ofKind(events, 'delta').length / 600;
    expect(perSecond).toBeGreaterThan(88 * 0.85);
    expect(perSecond).toBeLessThan(88 * 1.15);
  });

  it('runs as many times faster as it is told', () => {
    const [slow, fast] = [run('s', { forMs: 600_000 }), run('s', { speed: 10, forMs: 60_000 })];
    const [one, ten] = [slow.events.length, fast.events.length];
    expect(Math.abs(one - ten) / one).toBeLessThan(0.1);
  });

  it('opens gaps as wide as it says, to the tick', () => {
    const { events, widths } = run('gaps', { forMs: 600_000 });
    const opened = ofKind(events, 'gap.opened');
    expect(opened.length).toBeGreaterThan(10);
    for (const [at, { detail }] of opened.entries())
      expect(Math.abs((widths[at] ?? 0) - Number(detail.gapE4))).toBeLessThanOrEqual(5);
  });

  it('closes each gap after its life', () => {
    const { events } = run('gaps', { forMs: 600_000 });
    const closed = ofKind(events, 'gap.closed').map(({ atMs }) => Math.round(atMs));
    const due = ofKind(events, 'gap.opened').map(({ atMs, detail }) => Math.round(atMs + Number(detail.lifeMs)));
    expect(closed).toEqual(due.slice(0, closed.length));
  });

  it('stops at once and for good', () => {
    const { clock, flow, events } = run('stop');
    flow.stop();
    const before = events.length;
    clock.advanceBy(60_000);
    expect({ events: events.length, pending: clock.pending, isRunning: flow.isRunning }).toEqual({
      events: before,
      pending: 0,
      isRunning: false,
    });
  });

  it('quotes nothing while a market is paused', () => {
    const { clock, kalshi, polymarket, events } = run('paused');
    kalshi.isOpen = false;
    polymarket.isOpen = false;
    clock.advanceBy(60_000);
    const [seen] = [events.length];
    clock.advanceBy(60_000);
    expect(ofKind(events.slice(seen), 'delta')).toEqual([]);
    expect(ofKind(events.slice(seen), 'refresh')).toEqual([]);
  });

  it('takes a gap away before the first order that wants it, where that was drawn', () => {
    const { clock, flow, events, polymarket } = run('ghost', { forMs: 1 });
    let checked = 0;
    for (let step = 0; step < 6_000 && checked === 0; step++) {
      clock.advanceBy(100);
      const last = events.filter(({ kind }) => kind.startsWith('gap.')).at(-1);
      if (last?.kind !== 'gap.opened' || last.detail.first !== 'gone') continue;
      const takes = last.detail.cheap === 'polymarket' ? 'ask' : 'bid';
      const touch = () => (takes === 'ask' ? polymarket.book.asks : polymarket.book.bids)[0]?.priceE4;
      const before = touch();
      flow.orderArrives('a', 'polymarket', takes);
      expect(events.at(-1)?.kind).toBe('gap.gone');
      expect(touch()).not.toBe(before);
      checked++;
    }
    expect(checked).toBe(1);
  });
});

describe('a gap', () => {
  it.each([150, 9_600, 9_750])('that is offered at a fair price of %i quotes nothing beyond the scale', (fairE4) => {
    const clock = new VirtualClock();
    const quoted: number[] = [];
    const venue = () =>
      Object.assign(new FakeVenue(), {
        quote: ({ bids, asks }: FlowBook) => void quoted.push(...[...bids, ...asks].map(({ priceE4 }) => priceE4)),
      });
    const flow = new GeneratedFlow({
      clock,
      randomOf: (pair) => seededRandom(pair),
      pairs: [{ id: 'a', fairE4, kalshi: { venue: venue(), tickE4: 100 }, polymarket: { venue: venue(), tickE4: 10 } }],
    });
    flow.start();
    const there = { kind: 'there' } as const;
    for (const cheap of ['kalshi', 'polymarket'] as const) {
      flow.offer('a', {
        cheap,
        gapE4: 600,
        lifeMs: 500,
        depthE6: 9_000_000,
        fates: { kalshi: there, polymarket: there },
      });
      clock.advanceBy(5_000);
    }
    expect(Math.min(...quoted)).toBeGreaterThan(0);
    expect(Math.max(...quoted)).toBeLessThan(10_000);
  });

  const gaps = (random: Random) => Array.from({ length: 5_000 }, () => drawGap(GENERATED_GAPS, random));

  it('lies within 0 to 4 cents, 1 to 30 seconds and 5 to 200 contracts', () => {
    for (const { gapE4, lifeMs, depthE6 } of gaps(seededRandom('gaps'))) {
      expect(gapE4).toBeGreaterThanOrEqual(0);
      expect(gapE4).toBeLessThanOrEqual(400);
      expect(lifeMs).toBeGreaterThanOrEqual(1_000);
      expect(lifeMs).toBeLessThanOrEqual(30_000);
      expect(depthE6).toBeGreaterThanOrEqual(5_000_000);
      expect(depthE6).toBeLessThanOrEqual(200_000_000);
    }
  });

  it('is the likelier gone the wider it is', () => {
    expect(fillProbability(0)).toBeGreaterThan(fillProbability(200));
    expect(fillProbability(200)).toBeGreaterThan(fillProbability(400));
    const drawn = gaps(seededRandom('fates'));
    const goneShare = (from: number, to: number): number => {
      const within = drawn.filter(({ gapE4 }) => gapE4 >= from && gapE4 < to);
      return within.filter(({ fates }) => fates.polymarket.kind === 'gone').length / within.length;
    };
    expect(goneShare(200, 401)).toBeGreaterThan(goneShare(0, 60));
  });

  it('is gone for six of ten first legs at the median edge of the measured bot', () => {
    expect(1 - fillProbability(570)).toBeCloseTo(0.601, 3);
  });

  it('has a mean that its draws come to', () => {
    const random = seededRandom('mean');
    const mean =
      Array.from({ length: 20_000 }, () => drawGap(GENERATED_GAPS, random).lifeMs).reduce((a, b) => a + b) / 20_000;
    expect(mean / meanOf(GENERATED_GAPS.lifeMs)).toBeCloseTo(1, 1);
  });
});

describe('generated flow at the simulated venues', () => {
  const scenario = scenarioSchema.parse({
    version: 1,
    markets: [
      { id: 'a', title: 'A', fairCents: 30, kalshi: { ticker: 'KXA-26DEC01-A' }, polymarket: { tickSize: '0.001' } },
    ],
    flow: { kind: 'generated', pace: 'lively' },
  });

  function world(seed: string) {
    const clock = new VirtualClock();
    const log: string[] = [];
    const made = makeWorld({
      scenario,
      seed,
      clock,
      secretRandom: seededRandom('secrets'),
      onFlow: (event) => log.push(JSON.stringify(event)),
    });
    const answer = made.polymarket.clob.onUpgrade({
      method: 'GET',
      target: '/ws/market',
      headers: {},
      body: '',
      remote: '',
    });
    if (answer.kind !== 'accept') throw new Error(`expected a socket, found ${answer.reply.status}`);
    const listener = answer.open({
      send: (text) => void log.push(text),
      ping: () => undefined,
      close: () => undefined,
      cut: () => undefined,
      bufferedBytes: 0,
    });
    const [market] = made.markets;
    listener.onText(JSON.stringify({ type: 'market', assets_ids: [market?.polymarket.yesTokenId] }));
    made.start();
    clock.advanceBy(40_000);
    made.stop();
    return { made, log };
  }

  it('gives the same log and the same frames from the same seed', () => {
    const [one, other] = [world('1'), world('1')];
    expect(one.log.length).toBeGreaterThan(100);
    expect(one.log.join('\n')).toBe(other.log.join('\n'));
  });

  it('leaves both books uncrossed', () => {
    const { made } = world('2');
    const kalshi = made.kalshi.book('KXA-26DEC01-A');
    expect(kalshi.best('bid')?.priceE4).toBeLessThan(kalshi.best('ask')?.priceE4 ?? 0);
    const quotes = made.polymarket.control.quotes(made.markets[0]?.polymarket.yesTokenId ?? '');
    expect(quotes.bids[0]?.priceE4).toBeLessThan(quotes.asks[0]?.priceE4 ?? 0);
  });
});
