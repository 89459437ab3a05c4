import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contracts, microUsd, priceE4, USD } from '../../../src/domain/units.ts';
import { chargeFill, tradeFeeMicro } from '../../../src/sim/kalshi/fees.ts';
import { SimDriver, TICKER, testKey } from '../../support/sim-driver.ts';

const IOC = { time_in_force: 'immediate_or_cancel' };
const vectors = JSON.parse(
  readFileSync(new URL('../../fixtures/kalshi-samples/vectors_fee_single_fill.json', import.meta.url), 'utf8'),
).vectors as readonly Record<string, string>[];

const micro = (text = ''): number => Math.round(Number(text) * 1_000_000);

describe('simulated Kalshi fees', () => {
  test.each(vectors)('charges $count at $yes_price with $coefficient: $fee_before_rebate', (vector) => {
    const isTaker = vector.coefficient === '0.07';
    const feeType = isTaker ? 'quadratic' : 'quadratic_with_maker_fees';
    const price = micro(vector.yes_price) / 100;
    const sizeE6 = micro(vector.count);
    const rates = { feeType, multiplierE6: micro(vector.multiplier) };
    const trade = tradeFeeMicro({ rates, isTaker, priceE4: price, sizeE6 }, 'sixDecimals');
    expect(trade).toBe(micro(vector.trade_fee));
    const own = vector.side === 'bid' ? price : 10_000 - price;
    const revenueMicro = -own * (sizeE6 / 10_000);
    const charge = {
      revenueMicro,
      tradeFeeMicro: trade,
      precisionMicro: micro(vector.balance_precision),
      accumulatorMicro: 0,
    };
    const { feeMicro, accumulatorMicro } = chargeFill(charge, 'sixDecimals');
    expect(feeMicro).toBe(micro(vector.fee_before_rebate));
    expect(revenueMicro - feeMicro).toBe(micro(vector.balance_change));
    expect(accumulatorMicro).toBe(micro(vector.rounding_fee));
  });

  test('gives collected roundings back and never charges less than nothing', () => {
    const fill = fc.record({
      revenue: fc.integer({ min: -2_000_000, max: 2_000_000 }),
      fee: fc.integer({ min: 0, max: 20_000 }),
    });
    const mode = fc.constantFrom('sixDecimals' as const, 'fourDecimals' as const);
    fc.assert(
      fc.property(
        fc.array(fill, { maxLength: 40 }),
        fc.constantFrom(100, 10_000),
        mode,
        (fills, precisionMicro, rounding) => {
          let accumulatorMicro = 0;
          let paid = 0;
          for (const { revenue: revenueMicro, fee } of fills) {
            const next = chargeFill({ revenueMicro, tradeFeeMicro: fee, precisionMicro, accumulatorMicro }, rounding);
            expect(next.feeMicro).toBeGreaterThanOrEqual(0);
            expect((revenueMicro - next.feeMicro) % precisionMicro === 0).toBe(true);
            accumulatorMicro = next.accumulatorMicro;
            paid += next.feeMicro - fee;
          }
          expect(paid).toBe(accumulatorMicro);
        },
      ),
    );
  });

  test('bills ten one-lot fills of one order less than ten orders', () => {
    const driver = new SimDriver();
    driver.sim.addAccount({ id: 'cent', cashMicro: 100 * USD, isDirectMember: false, keys: [keyOf('cent')] });
    for (let lot = 0; lot < 10; lot++) driver.sim.house.place({ ticker: TICKER, side: 'ask', ...fiftyCents(1) });
    driver.order({ ...IOC, count: '10.00' }, testKey('cent'));
    const fees = driver.sim.fills('cent').map(({ feeMicro }) => feeMicro);
    expect(fees).toHaveLength(10);
    expect(fees.reduce((sum, fee) => sum + fee, 0)).toBe(180_000);
  });

  test('charges makers only where the series says so', () => {
    const driver = new SimDriver();
    driver.order({ count: '100.00' });
    driver.sim.house.place({ ticker: TICKER, side: 'ask', ...fiftyCents(50) });
    driver.sim.scheduleSeriesFee({
      subject: 'KXTEST',
      feeType: 'quadratic_with_maker_fees',
      feeMultiplier: 1,
      scheduledMicros: driver.inHours(1),
    });
    driver.clock.advanceBy(3_600_000);
    driver.sim.house.place({ ticker: TICKER, side: 'ask', ...fiftyCents(50) });
    expect(driver.sim.fills('alice').map(({ feeMicro }) => feeMicro)).toEqual([0, 218_800]);
  });

  test('lets an event override beat its series, until it is cleared', () => {
    const driver = new SimDriver();
    const socket = driver.subscribe({ channels: ['market_lifecycle_v2'] });
    const fee = (): number => {
      driver.offer('ask', 50, 1);
      driver.order({ ...IOC, count: '1.00' });
      return driver.sim.fills('alice').at(-1)?.feeMicro ?? -1;
    };
    driver.sim.scheduleEventFee({
      subject: 'KXTEST-26JAN02',
      feeType: null,
      feeMultiplier: 0,
      scheduledMicros: driver.inHours(1),
    });
    driver.sim.scheduleEventFee({
      subject: 'KXTEST-26JAN02',
      feeType: null,
      feeMultiplier: null,
      scheduledMicros: driver.inHours(2),
    });
    const fees = [fee()];
    for (let hour = 0; hour < 2; hour++) {
      driver.clock.advanceBy(3_600_000);
      fees.push(fee());
    }
    expect(fees).toEqual([17_500, 0, 17_500]);
    expect(socket.ofType('event_fee_update').map(({ msg }) => msg.fee_multiplier_override)).toEqual([0, null]);
  });
});

function keyOf(id: string): { keyId: string; publicKeyPem: string } {
  const { keyId, publicKeyPem } = testKey(id);
  return { keyId, publicKeyPem };
}

function fiftyCents(count: number) {
  return { priceE4: priceE4(5_000), sizeE6: contracts(count) };
}

describe('simulated Kalshi money', () => {
  test('closes YES by buying NO at once and frees a dollar per pair', () => {
    const driver = new SimDriver();
    driver.offer('ask', 40, 4);
    driver.order({ ...IOC, price: '0.4000', count: '4.00' });
    driver.offer('bid', 60, 10);
    driver.order({ ...IOC, side: 'ask', price: '0.6000' });
    const position = driver.sim.position('alice', TICKER);
    const fees = driver.sim.fills('alice').reduce((sum, { feeMicro }) => sum + feeMicro, 0);
    expect(position).toMatchObject({ sizeE6: -6_000_000, costMicro: 2_400_000, realizedMicro: 800_000 });
    expect(driver.sim.balance('alice')).toBe(1_000 * USD - 1_600_000 + 2_400_000 - 2_400_000 - fees);
  });

  test('cancels a resting order whose money is gone at the match', () => {
    const driver = new SimDriver();
    const { body } = driver.order({ count: '100.00' });
    driver.sim.deposit('alice', microUsd(-driver.sim.balance('alice')));
    const socket = driver.subscribe({ channels: ['user_orders'] });
    driver.offer('ask', 50, 100);
    expect(socket.ofType('user_order')[0].msg).toMatchObject({
      order_id: body.order_id,
      last_update_reason: 'MarginCancel',
    });
    expect(driver.sim.fills('alice')).toEqual([]);
  });

  test('reserves nothing for resting orders as a sum, unless told to', () => {
    const twice = (driver: SimDriver): number =>
      [driver.order({ count: '1900.00' }), driver.order({ count: '1900.00' })].at(-1)?.status ?? 0;
    expect(twice(new SimDriver())).toBe(201);
    expect(twice(new SimDriver({ restingOrdersReserve: true }))).toBe(400);
  });

  test('pays collateral of an exclusive event in advance only while the setting is on', () => {
    const driver = new SimDriver();
    const event = 'KXEXCL-1';
    driver.sim.addEvent({
      eventTicker: event,
      seriesTicker: 'KXEXCL',
      mutuallyExclusive: true,
      collateralReturnType: 'MECNET',
    });
    for (const name of ['A', 'B'])
      driver.sim.addMarket({ ticker: `${event}-${name}`, eventTicker: event, closeMicros: driver.inHours(2) });
    driver.call('PUT', '/portfolio/subaccounts/netting', {
      body: { subaccount_number: 0, exchange_index: 0, enabled: true },
    });
    const before = driver.sim.balance('alice');
    driver.offer('bid', 40, 1, `${event}-A`);
    driver.offer('bid', 30, 1, `${event}-B`);
    driver.order({ ...IOC, ticker: `${event}-A`, side: 'ask', price: '0.4000', count: '1.00' });
    driver.order({ ...IOC, ticker: `${event}-B`, side: 'ask', price: '0.3000', count: '1.00' });
    const fees = driver.sim.fills('alice').reduce((sum, { feeMicro }) => sum + feeMicro, 0);
    expect(before - driver.sim.balance('alice') - fees).toBe(300_000);
    driver.sim.lifecycle.determine(`${event}-A`, { result: 'yes' });
    driver.sim.lifecycle.determine(`${event}-B`, { result: 'no' });
    driver.clock.advanceBy(60_000);
    expect(before - driver.sim.balance('alice') - fees).toBe(300_000);
  });

  test('conserves money: what accounts paid is what they hold, lost in fees or gave to each other', () => {
    const order = fc.record({
      who: fc.constantFrom('alice', 'bob'),
      side: fc.constantFrom('bid', 'ask'),
      cents: fc.integer({ min: 40, max: 60 }),
      count: fc.integer({ min: 1, max: 2_000 }),
    });
    fc.assert(
      fc.property(
        fc.array(order, { maxLength: 25 }),
        fc.constantFrom('yes' as const, 'no' as const),
        (orders, result) => {
          const driver = new SimDriver({ auth: { windowMs: 1e12 } });
          const bob = testKey('bob-key');
          driver.addAccount('bob', bob);
          for (const { who, side, cents, count } of orders) {
            driver.clock.advanceBy(1_000);
            driver.order(
              { side, price: `0.${cents}00`, count: (count / 100).toFixed(2) },
              who === 'bob' ? bob : driver.key,
            );
          }
          driver.sim.lifecycle.determine(TICKER, { result });
          driver.sim.lifecycle.settle(TICKER);
          const fees = ['alice', 'bob']
            .flatMap((id) => driver.sim.fills(id))
            .reduce((sum, { feeMicro }) => sum + feeMicro, 0);
          expect(driver.sim.balance('alice') + driver.sim.balance('bob') + fees).toBe(2_000 * USD);
        },
      ),
      { numRuns: 40 },
    );
  });
});
