import { type CaptureMeta, NO_META } from '../../src/app/capture/meta.ts';

/** Real fee formulas of both venues, with the rates their schedules listed for crypto markets. */
export function benchMeta(): CaptureMeta {
  const known = { source: 'fee schedules of both venues', readAt: '2026-07-07T00:00:00Z', assumed: true };
  return {
    ...NO_META,
    fees: [
      { venue: 'kalshi', match: '*', feeType: 'quadratic', multiplier: '1', ...known },
      { venue: 'polymarket', match: '*', rate: '0.07', exponent: 1, takerOnly: true, ...known },
    ],
  };
}
