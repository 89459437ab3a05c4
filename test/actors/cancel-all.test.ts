import { describe, expect, it } from 'vitest';
import { CancelAll } from '../../src/actors/cancel-all.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import type { Trigger } from '../../src/domain/limits/trigger.ts';
import type { CancelOutcome } from '../../src/domain/ports/venue.ts';
import { priceE4 } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { legDesk, orderOn } from '../support/two-venues-legs.ts';

const HALF_A_MINUTE = 31_000;

/** Two orders rest, one at each simulated venue. */
async function restingAtBoth() {
  const desk = await legDesk();
  const resting = { timeInForce: 'goodTillCanceled', limitE4: priceE4(1_000) } as const;
  desk.plan([orderOn(desk, 'kalshi', resting), orderOn(desk, 'polymarket', resting)]);
  await desk.time.advance(500);
  const triggers: Trigger[] = [];
  const { clock, venues } = desk;
  const cancelAll = new CancelAll({ clock, venues, report: (trigger) => triggers.push(trigger) });
  const rests = (name: VenueName) => desk.side(name).truth.restingIds().length;
  return { desk, cancelAll, triggers, rests };
}

/** Venues whose answers are given by hand. */
function byHand() {
  const clock = new VirtualClock();
  const asked: { readonly name: VenueName; readonly answer: (outcome: CancelOutcome) => void }[] = [];
  const triggers: Trigger[] = [];
  const throwing = new Set<VenueName>();
  const venueOf = (name: VenueName) => ({
    name,
    cancelAll: (answer: (outcome: CancelOutcome) => void) => {
      if (throwing.has(name)) throw new Error(`${name} broke`);
      asked.push({ name, answer });
    },
  });
  const venues = { kalshi: venueOf('kalshi'), polymarket: venueOf('polymarket') };
  const cancelAll = new CancelAll({ clock, venues, report: (trigger) => triggers.push(trigger) });
  return { clock, asked, triggers, throwing, cancelAll };
}

const LOST: CancelOutcome = { kind: 'unknown', detail: 'no reply' } as never;
const DONE: CancelOutcome = { kind: 'done', canceledE6: undefined };

describe('taking everything off the books', () => {
  it('leaves nothing resting at either venue', async () => {
    const { desk, cancelAll, triggers, rests } = await restingAtBoth();
    expect([rests('kalshi'), rests('polymarket')]).toEqual([1, 1]);
    cancelAll.start();
    await desk.time.advance(500);
    expect([rests('kalshi'), rests('polymarket'), triggers]).toEqual([0, 0, []]);
    await desk.close();
  });

  it.each(['kalshi', 'polymarket'] as const)('asks %s again until it answers, and says so', async (name) => {
    const { desk, cancelAll, triggers, rests } = await restingAtBoth();
    desk.side(name).setPlugged(false);
    cancelAll.start();
    await desk.time.advance(900);
    desk.side(name).setPlugged(true);
    expect(rests(name)).toBe(1);
    await desk.time.advance(HALF_A_MINUTE);
    expect([rests('kalshi'), rests('polymarket')]).toEqual([0, 0]);
    expect(triggers.length).toBeGreaterThan(0);
    expect(triggers.every(({ kind, venue }) => kind === 'API_ERRORS' && venue === name)).toBe(true);
    await desk.close();
  });

  it('gives up after half a minute, and says who has to look', () => {
    const { clock, asked, triggers, cancelAll } = byHand();
    cancelAll.start();
    for (let at = 0; at < asked.length; at++) {
      asked[at]?.answer(asked[at]?.name === 'kalshi' ? LOST : DONE);
      clock.advanceBy(16_000);
    }
    expect(asked.map(({ name }) => name)).toEqual(['kalshi', 'polymarket', ...Array(5).fill('kalshi')]);
    expect(triggers).toHaveLength(6);
    expect(triggers.at(-1)?.detail).toContain('look there by hand');
  });

  it('asks the other venue where one breaks, also when it breaks only later', () => {
    const { clock, asked, triggers, throwing, cancelAll } = byHand();
    throwing.add('kalshi');
    expect(() => cancelAll.start()).toThrow('kalshi broke');
    expect(asked.map(({ name }) => name)).toEqual(['polymarket']);
    throwing.add('polymarket');
    asked[0]?.answer(LOST);
    clock.advanceBy(1_000);
    expect(triggers.map(({ detail }) => detail.includes('polymarket broke'))).toEqual([false, true]);
  });

  it('hears no answer to what was asked before it was asked for anew, or stopped', () => {
    const { clock, asked, triggers, cancelAll } = byHand();
    cancelAll.start();
    cancelAll.start();
    asked[0]?.answer(LOST);
    expect(triggers).toEqual([]);
    cancelAll.stop();
    asked[2]?.answer(LOST);
    clock.advanceBy(HALF_A_MINUTE);
    expect([triggers, asked.length]).toEqual([[], 4]);
  });
});
