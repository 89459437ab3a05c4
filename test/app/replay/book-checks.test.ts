/** What a stream must hold beyond its sequence numbers, one contradiction at a time. */
import { describe, expect, it } from 'vitest';
import { kalshiFramesWithReceiveTime } from '../../../src/app/capture/kalshi-streams.ts';
import { replayText } from '../support.ts';

const START_MS = Date.UTC(2026, 4, 13, 13);

interface Change {
  readonly price?: string;
  readonly size?: string;
  readonly side?: 'yes' | 'no';
  /** Microseconds of the venue's clock after the start. */
  readonly micros?: number;
  readonly ts?: string | null;
  readonly receivedMs?: number;
}

type Side = readonly (readonly [price: string, size: string])[];

/** Frames of one market, numbered and timed one after the other. */
class Recording {
  readonly #lines: string[] = [];
  #seq = 0;

  constructor() {
    this.#add({ type: 'subscribed', id: 1, msg: { channel: 'orderbook_delta', sid: 1 } });
  }

  snapshot(yes: Side, no: Side): this {
    const sides = { ...(yes.length > 0 && { yes_dollars_fp: yes }), ...(no.length > 0 && { no_dollars_fp: no }) };
    this.#add({ type: 'orderbook_snapshot', sid: 1, seq: ++this.#seq, msg: { market_ticker: 'KX-A', ...sides } });
    return this;
  }

  change(of: Change): this {
    const micros = of.micros ?? this.#lines.length * 1_000;
    const ts_ms = START_MS + Math.floor(micros / 1_000);
    const iso = new Date(ts_ms).toISOString().replace('Z', `${String(micros % 1_000).padStart(3, '0')}Z`);
    const ts = of.ts === null ? {} : { ts: of.ts ?? iso };
    const { price: price_dollars = '0.40', size: delta_fp = '1.00', side = 'yes' } = of;
    const msg = { market_ticker: 'KX-A', price_dollars, delta_fp, side, ...ts, ts_ms };
    this.#add({ type: 'orderbook_delta', sid: 1, seq: ++this.#seq, msg }, of.receivedMs);
    return this;
  }

  #add(frame: unknown, receivedMs = this.#lines.length): void {
    this.#lines.push(`{"recv_ns":${BigInt(START_MS + receivedMs) * 1_000_000n},"frame":${JSON.stringify(frame)}}`);
  }

  problems() {
    return replayText(this.#lines.join('\n'), { format: kalshiFramesWithReceiveTime }).report.problems;
  }
}

const YES: Side = [
  ['0.39', '5.00'],
  ['0.40', '10.00'],
];
const NO: Side = [['0.58', '7.00']];

describe('a stream', () => {
  it('holds together when nothing contradicts anything', () => {
    expect(new Recording().snapshot(YES, NO).change({}).change({ side: 'no', price: '0.57' }).problems()).toEqual([]);
  });

  it('contradicts itself when a level would fall below zero', () => {
    const problems = new Recording().snapshot(YES, NO).change({ size: '-11.00' }).problems();
    expect(problems).toMatchObject([{ kind: 'negativeLevel', where: 'capture:3' }]);
  });

  it('contradicts itself when a book stays crossed after its run', () => {
    const problems = new Recording().snapshot(YES, NO).change({ price: '0.45' }).problems();
    expect(problems).toMatchObject([{ kind: 'crossed' }]);
  });

  it('contradicts itself when a snapshot differs from what came before it', () => {
    const problems = new Recording().snapshot(YES, NO).change({}).snapshot(YES, NO).problems();
    expect(problems).toMatchObject([{ kind: 'snapshot', where: 'capture:4' }]);
  });

  it('confirms a snapshot that equals what came before it', () => {
    const grown: Side = [
      ['0.39', '5.00'],
      ['0.40', '11.00'],
    ];
    expect(new Recording().snapshot(YES, NO).change({}).snapshot(grown, NO).problems()).toEqual([]);
  });

  it('contradicts itself when the levels of a snapshot are out of order', () => {
    const yes = new Recording().snapshot([...YES].reverse(), NO).problems();
    const no = new Recording()
      .snapshot(YES, [
        ['0.58', '7.00'],
        ['0.50', '7.00'],
      ])
      .problems();
    expect(yes).toMatchObject([
      { kind: 'snapshot', message: 'expected rising yes bids in kalshi/KX-A, found 3900 after 4000' },
    ]);
    expect(no).toMatchObject([{ kind: 'snapshot', where: 'capture:2' }]);
  });

  it('may be emptied at its close at once', () => {
    expect(new Recording().snapshot(YES, NO).change({}).snapshot([], []).problems()).toEqual([]);
  });

  it('may be emptied at its close level by level', () => {
    const problems = new Recording()
      .snapshot(YES, NO)
      .change({ price: '0.39', size: '-5.00', micros: 9_000 })
      .change({ price: '0.40', size: '-10.00', micros: 9_000 })
      .change({ side: 'no', price: '0.58', size: '-7.00', micros: 9_000 })
      .snapshot([], [])
      .problems();
    expect(problems).toEqual([]);
  });

  it('contradicts itself when the removals of a close leave a level behind', () => {
    const problems = new Recording()
      .snapshot(YES, NO)
      .change({ price: '0.39', size: '-5.00', micros: 9_000 })
      .change({ price: '0.40', size: '-9.00', micros: 9_000 })
      .change({ side: 'no', price: '0.58', size: '-7.00', micros: 9_000 })
      .snapshot([], [])
      .problems();
    expect(problems).toMatchObject([
      {
        kind: 'snapshot',
        where: 'capture:6',
        message: 'expected the 2 removals at the close of kalshi/KX-A to leave nothing, found 1 level',
      },
    ]);
  });

  it.each<[what: string, changes: readonly Change[], message: RegExp]>([
    ['runs backwards by a microsecond', [{ micros: 5_001 }, { micros: 5_000 }], /to move forward from/],
    ['says two milliseconds', [{ micros: 5_000, ts: '2026-05-13T13:00:00.006000Z' }], /to be \d+ ms since 1970/],
    ['is not written as the venue writes it', [{ micros: 5_000, ts: '2026-05-13t13:00:00.005000Z' }], /to be \d+ ms/],
    ['loses its text', [{ micros: 5_000 }, { micros: 6_000, ts: null }], /a time as text beside its milliseconds/],
    [
      'jumps away from the recorder’s clock',
      [{ micros: 5_000 }, { micros: 61_006_000 }],
      /recorder's clock about -?\d+ ms/,
    ],
  ])('contradicts itself when the venue’s time %s', (_what, changes, message) => {
    const recording = new Recording().snapshot(YES, NO);
    for (const change of changes) recording.change(change);
    const [first, ...rest] = recording.problems();
    expect(first).toMatchObject({ kind: 'time', message: expect.stringMatching(message) });
    expect(rest).toEqual([]);
  });

  it('lets the two clocks differ by any constant', () => {
    const recording = new Recording().snapshot(YES, NO);
    for (const micros of [5_000, 6_000, 7_000]) recording.change({ micros, receivedMs: 3_600_000 + micros / 1_000 });
    expect(recording.problems()).toEqual([]);
  });
});
