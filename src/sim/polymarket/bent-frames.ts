/** What market-data faults make of one frame: it may come with company, in another shape, or with other numbers. */
import { type Fault, type FaultPlace, type FaultRack, faultNumber, faultText } from '../faults.ts';
import { type Frame, madeUpBook } from './frames.ts';

type Bend = (frame: Frame, fault: Fault) => readonly unknown[];

const BENDS: readonly (readonly [id: string, event: string | undefined, bend: Bend])[] = [
  // A snapshot older than the changes that came before it.
  [
    'D4',
    'book',
    (frame, fault) => [older(madeUpBook(frame, { bids: [], asks: [] }), faultNumber(fault, 'ageMs', 30_000))],
  ],
  ['D5', 'price_change', (frame) => [withChange(frame, { size: '-1' })]],
  ['D6', 'price_change', (frame) => [withChange(frame, { best_bid: '0.99', best_ask: '0.01' })]],
  ['D7', undefined, (frame, fault) => [older(frame, faultNumber(fault, 'ageMs', 20_000))]],
  ['D10', undefined, (frame, fault) => [malformed(frame, faultText(fault, 'shape', 'unknownField'))]],
  ['D11', undefined, (frame) => [{ ...frame, market: `0x${'d'.repeat(64)}`, asset_id: '1'.repeat(77) }, frame]],
  ['D12', 'book', (frame, fault) => [emptied(frame, fault.parameters?.withoutKeys === true)]],
  ['D13', 'book', (frame) => [placeholder(frame)]],
  ['D14', undefined, (frame, fault) => Array.from({ length: faultNumber(fault, 'count', 10_000) }, () => frame)],
];

export function bentFrames(
  frame: Frame,
  { faults, place }: { readonly faults: FaultRack; readonly place: FaultPlace },
): readonly Frame[] {
  if (!faults.isArmed) return [frame];
  for (const [id, event, bend] of BENDS) {
    if (event !== undefined && event !== frame.event_type) continue;
    const fault = faults.strike(id, place);
    if (fault !== undefined) return bend(frame, fault) as readonly Frame[];
  }
  return [frame];
}

function older(frame: Frame, ageMs: number): Frame {
  return { ...frame, timestamp: String(Number(frame.timestamp) - ageMs) };
}

function withChange(frame: Frame, change: Readonly<Record<string, string>>): Frame {
  const changes = frame.price_changes as readonly Readonly<Record<string, string>>[];
  return { ...frame, price_changes: changes.map((entry) => ({ ...entry, ...change })) };
}

/** Numbers as numbers, nulls, text that is no number, times in seconds, a new field, a new kind, or no JSON at all. */
function malformed(frame: Frame, shape: string): unknown {
  switch (shape) {
    case 'null':
      return { ...frame, timestamp: null };
    case 'number':
      return { ...frame, timestamp: Number(frame.timestamp) };
    case 'nan':
      return { ...frame, timestamp: 'NaN' };
    case 'seconds':
      return { ...frame, timestamp: String(Math.floor(Number(frame.timestamp) / 1000)) };
    case 'renamed':
      return Object.fromEntries(
        Object.entries(frame).map(([key, value]) => [key === 'price_changes' ? 'changes' : key, value]),
      );
    case 'prefixed':
      return { ...frame, status: `${frame.event_type === 'trade' ? 'TRADE' : 'ORDER'}_STATUS_${String(frame.status)}` };
    case 'unknownKind':
      return { ...frame, event_type: 'galaxy_brain' };
    case 'text':
      return 'NO NEW ASSETS';
    default:
      return { ...frame, added_in_simulation: { nested: [1, '2', null] } };
  }
}

function emptied(frame: Frame, withoutKeys: boolean): Frame {
  if (!withoutKeys) return madeUpBook(frame, { bids: [], asks: [] });
  const { bids: _bids, asks: _asks, ...rest } = frame;
  return rest as Frame;
}

/** What stands in a book where nobody quotes; on the whole-cent grid, as reported in 2026. */
function placeholder(frame: Frame): Frame {
  const size = '1000';
  const isFine = Number(frame.tick_size ?? '0.01') < 0.01;
  const [low, high] = isFine ? ['0.001', '0.999'] : ['0.01', '0.99'];
  return madeUpBook(frame, { bids: [{ price: low, size }], asks: [{ price: high, size }] });
}
