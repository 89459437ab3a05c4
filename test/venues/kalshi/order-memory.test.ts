import { describe, expect, it } from 'vitest';
import { OrderMemory } from '../../../src/venues/kalshi/order-memory.ts';
import { legOrder } from '../../domain/risk/risk-samples.ts';

/** Room for two orders, and three that were sent and acknowledged one after the other. */
function fullMemory() {
  const memory = new OrderMemory(2);
  for (const name of ['a', 'b', 'c']) {
    const clientOrderId = `client-${name}`;
    memory.remember(legOrder({ clientOrderId }));
    memory.adopt(legOrder({ clientOrderId }), `venue-${name}`);
  }
  return (name: string) => memory.requestOf({ venueOrderId: `venue-${name}`, clientOrderId: undefined })?.clientOrderId;
}

describe('memory of orders', () => {
  it('words the reports of the newest orders as they were asked for', () => {
    const known = fullMemory();
    expect([known('b'), known('c')]).toEqual(['client-b', 'client-c']);
  });

  it('forgets the oldest when there is no room, under both of its names', () => {
    expect(fullMemory()('a')).toBeUndefined();
  });
});
