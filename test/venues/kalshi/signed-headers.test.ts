import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/domain/units.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { CancelHeaders, HeaderStack, RequestSigner } from '../../../src/venues/kalshi/signed-headers.ts';
import { plainSigner } from './venues.ts';

const STAMP = 'KALSHI-ACCESS-TIMESTAMP';

/** Counts what is signed while somebody waits. */
function bench(size = 3) {
  const clock = new VirtualClock();
  const counts = { now: 0, later: 0 };
  const signer = new RequestSigner({
    keyId: 'key',
    clock,
    signer: {
      sign: (text) => {
        counts.now++;
        return plainSigner.sign(text);
      },
      signLater: (text) => {
        counts.later++;
        return plainSigner.signLater(text);
      },
    },
  });
  const terms = { size, ageMsMax: millis(1_000) };
  const stack = new HeaderStack({ signer, clock, method: 'POST', path: '/orders', terms });
  return { clock, counts, signer, stack };
}

describe('ready headers', () => {
  it('are used once each, then signed afresh, with distinct timestamps', async () => {
    const { stack, counts } = bench();
    await stack.refresh();
    const stamps = Array.from({ length: 5 }, () => stack.take()[STAMP]);
    expect(new Set(stamps).size).toBe(5);
    expect(counts).toEqual({ now: 2, later: 3 });
  });

  it('sign the timestamp that they carry', async () => {
    const { stack } = bench();
    await stack.refresh();
    const headers = stack.take();
    expect(headers['KALSHI-ACCESS-SIGNATURE']).toBe(plainSigner.sign(`${headers[STAMP]}POST/orders`));
    expect(headers['KALSHI-ACCESS-KEY']).toBe('key');
  });

  it('are not used at the age of a second', async () => {
    const { stack, clock, counts } = bench();
    await stack.refresh();
    clock.advanceBy(990);
    stack.take();
    clock.advanceBy(10);
    stack.take();
    expect(counts.now).toBe(1);
  });

  it('are not used after the wall was set', async () => {
    const { stack, clock, counts } = bench();
    await stack.refresh();
    clock.stepWall(5_000_000);
    const stamp = Number(stack.take()[STAMP]);
    expect(counts.now).toBe(1);
    expect(stamp).toBe(Math.floor(clock.wall() / 1_000));
  });

  it('do not sign the future for as long as the wall was set back', async () => {
    const { stack, clock } = bench();
    await stack.refresh();
    clock.stepWall(-3_600_000_000);
    expect(Number(stack.take()[STAMP])).toBe(Math.floor(clock.wall() / 1_000));
  });

  it('always lie ready when they are refreshed twice in their life', async () => {
    const { stack, clock, counts } = bench();
    for (let round = 0; round < 20; round++) {
      await stack.refresh();
      clock.advanceBy(480);
      expect(stack.readyCount).toBeGreaterThan(0);
    }
    expect(counts.now).toBe(0);
  });

  it('are not signed twice by two refreshes at once', async () => {
    const { stack, counts } = bench();
    await Promise.all([stack.refresh(), stack.refresh()]);
    expect(counts.later).toBe(3);
  });
});

describe('headers for cancels', () => {
  const pathOf = (id: string) => `/orders/${id}`;

  it('lie ready for an order that is known to rest, and are signed for any other', async () => {
    const { signer, clock, counts } = bench();
    const cancels = new CancelHeaders({ signer, clock, ageMsMax: millis(1_000), pathOf });
    await cancels.learn('a');
    expect(cancels.take('a')['KALSHI-ACCESS-SIGNATURE']).toBeDefined();
    expect(counts.now).toBe(0);
    cancels.take('b');
    expect(counts.now).toBe(1);
  });

  it('stay ready while the order rests, and are forgotten with it', async () => {
    const { signer, clock, counts } = bench();
    const cancels = new CancelHeaders({ signer, clock, ageMsMax: millis(1_000), pathOf });
    await cancels.learn('a');
    clock.advanceBy(600);
    await cancels.refresh();
    clock.advanceBy(600);
    cancels.take('a');
    expect(counts.now).toBe(0);
    cancels.forget('a');
    expect(cancels.orderCount).toBe(0);
  });

  it('are kept for a bounded number of orders', async () => {
    const { signer, clock } = bench();
    const cancels = new CancelHeaders({ signer, clock, ageMsMax: millis(1_000), pathOf });
    for (let id = 0; id < 300; id++) await cancels.learn(String(id));
    expect(cancels.orderCount).toBe(256);
  });
});
