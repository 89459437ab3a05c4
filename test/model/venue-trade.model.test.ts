import { describe, expect, it } from 'vitest';
import { contracts } from '../../src/domain/units.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { type TradeSettlement, venueTradeMachine } from '../../src/machines/venue-trade.machine.ts';
import { edgesFired } from './harness/coverage.ts';
import { describeModel } from './harness/describe-model.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import { orderAt, SIZE } from './order-leg.catalogue.ts';
import { TradeDriver } from './venue-trade.driver.ts';

type Machine = typeof venueTradeMachine;

const ALL: readonly TradeSettlement[] = ['matched', 'mined', 'retrying', 'confirmed', 'failed'];

function eventsIn({ text }: ModelState<Machine>): readonly ModelEvent<Machine>[] {
  return [
    ...ALL.map((settlement) => ({ type: 'trade.reported' as const, settlement })),
    ...(text === 'quarantined'
      ? (['confirmed', 'failed'] as const).map((settlement) => ({ type: 'trade.reviewed' as const, settlement }))
      : []),
    { type: 'nobody.knows' } as never,
  ];
}

const order = orderAt('polymarket', 'goodTillCanceled');

for (const first of ALL)
  describeModel({
    variant: `first heard of as ${first}`,
    machine: venueTradeMachine,
    input: { tradeId: 't1', sizeE6: contracts(SIZE), settlement: first },
    events: eventsIn,
    witnesses: 2,
    driver: () => new TradeDriver(order, first),
    place: 'venues',
  });

describe('coverage of the venue trade chart', () => {
  it('takes every declared edge in the real actor', () => {
    const missed = edgesOf(venueTradeMachine).flatMap(({ id }) => (edgesFired('venueTrade').has(id) ? [] : [id]));
    expect(missed).toEqual([]);
  });
});
