/** What leaves together, what stays here, and what is on disk before. */
import { describe, expect, it } from 'vitest';
import type { LivePermit } from '../../src/actors/permit.ts';
import { contracts, priceE4 } from '../../src/domain/units.ts';
import { type LegDesk, legDesk, orderOn, syncsOf } from '../support/two-venues-legs.ts';

const permit = { kind: 'live', scope: 'entry' } as unknown as LivePermit;
const kinds = (desk: LegDesk) => desk.journal.appended.map(({ kind }) => kind);
const sent = (desk: LegDesk) => desk.kalshi.truth.ordersReceived() + desk.polymarket.truth.ordersReceived();

describe('the order desk', () => {
  it('shares one sync between all legs of a step, and sends none before it ended', async () => {
    const desk = await legDesk({ syncMs: 50 });
    const syncs = syncsOf(desk);
    const legs = desk.plan([orderOn(desk, 'kalshi'), orderOn(desk, 'polymarket')]);
    expect(kinds(desk).filter((kind) => kind === 'intent')).toHaveLength(2);
    await desk.time.advance(49);
    expect(sent(desk)).toBe(0);
    expect(legs.map((leg) => leg.state())).toEqual(['planned', 'planned']);
    await desk.time.advance(100);
    expect(syncs.count).toBe(1);
    expect(sent(desk)).toBe(2);
    await desk.close();
  });

  it('writes in each intent what then leaves, byte for byte', async () => {
    const desk = await legDesk();
    desk.plan([orderOn(desk, 'kalshi')]);
    await desk.time.advance(50);
    const intent = desk.journal.appended.find(({ kind }) => kind === 'intent');
    expect(intent?.kind === 'intent' && intent.body).toBe(desk.kalshi.server.orders[0]?.body);
    await desk.close();
  });

  it('keeps both entries of an attempt when the adapter cannot express one', async () => {
    const desk = await legDesk();
    const legs = desk.plan([orderOn(desk, 'kalshi', { limitE4: priceE4(5_201) }), orderOn(desk, 'polymarket')]);
    await desk.time.advance(100);
    expect(legs.map((leg) => leg.report().end)).toEqual(['withheld', 'withheld']);
    expect(sent(desk)).toBe(0);
    expect(kinds(desk)).not.toContain('intent');
    await desk.close();
  });

  it('withdraws every intent of an attempt that the last look withholds, and of no other', async () => {
    const desk = await legDesk({
      finalLook: (orders) =>
        orders[0]?.attemptId === 'a1'
          ? { kind: 'withheld', reason: 'the edge is gone' }
          : { kind: 'go', permits: orders.map(() => permit) },
    });
    const legs = desk.plan([
      orderOn(desk, 'kalshi'),
      orderOn(desk, 'polymarket'),
      orderOn(desk, 'kalshi', { attemptId: 'a2' }),
    ]);
    await desk.time.advance(100);
    expect(legs.map((leg) => leg.report().end)).toEqual(['withheld', 'withheld', 'filled']);
    expect(desk.journal.appended.filter(({ kind }) => kind === 'withdrawal')).toMatchObject([
      { reason: 'the edge is gone' },
      { reason: 'the edge is gone' },
    ]);
    expect(sent(desk)).toBe(1);
    await desk.close();
  });

  it('lets a reducing order go where the entries of its attempt are withheld', async () => {
    const desk = await legDesk({
      finalLook: (orders) =>
        orders.every(({ isReducing }) => isReducing)
          ? { kind: 'go', permits: orders.map(() => permit) }
          : { kind: 'withheld', reason: 'breakerOpen' },
    });
    const legs = desk.plan([orderOn(desk, 'kalshi'), orderOn(desk, 'polymarket', { isReducing: true, role: 'hedge' })]);
    await desk.time.advance(100);
    expect(legs.map((leg) => leg.report().end)).toEqual(['withheld', 'filled']);
    await desk.close();
  });

  it('sends nothing and reports it when the last look breaks', async () => {
    const desk = await legDesk({
      finalLook: () => {
        throw new Error('no books');
      },
    });
    const [leg] = desk.plan([orderOn(desk, 'kalshi')]);
    await desk.time.advance(100);
    expect(leg?.report().end).toBe('withheld');
    expect(desk.triggers).toMatchObject([{ kind: 'ACTOR_FAULT', detail: 'last look: no books' }]);
    expect(sent(desk)).toBe(0);
    await desk.close();
  });

  it('sends nothing when the permit has fallen between the look and the wire', async () => {
    const desk = await legDesk({ honours: () => false });
    const [leg] = desk.plan([orderOn(desk, 'kalshi')]);
    await desk.time.advance(100);
    expect(leg?.report()).toMatchObject({ end: 'withheld', refusal: 'notSent' });
    expect(sent(desk)).toBe(0);
    await desk.close();
  });

  it('sends nothing when the journal fails', async () => {
    const desk = await legDesk();
    desk.journal.sync = (onEnd) => {
      desk.clock.setTimeout(() => onEnd({ message: 'disk full', cause: undefined }), 1);
    };
    const [leg] = desk.plan([orderOn(desk, 'polymarket')]);
    await desk.time.advance(100);
    expect(leg?.report().end).toBe('withheld');
    expect(desk.triggers).toMatchObject([{ kind: 'JOURNAL_FAULT' }]);
    expect(sent(desk)).toBe(0);
    await desk.close();
  });

  it('withdraws the intent of a leg that was canceled while it was being written', async () => {
    const desk = await legDesk({ syncMs: 50 });
    const [leg] = desk.plan([orderOn(desk, 'kalshi')]);
    await desk.time.advance(10);
    leg?.wish({ type: 'cancel.requested', reason: 'test' });
    await desk.time.advance(200);
    expect(leg?.report().end).toBe('withheld');
    expect(sent(desk)).toBe(0);
    expect(desk.journal.appended.filter(({ kind }) => kind === 'withdrawal')).toHaveLength(1);
    await desk.close();
  });

  it('remembers the last report of every order whose leg lives, whatever became of its actor', async () => {
    const desk = await legDesk();
    const [leg] = desk.plan([orderOn(desk, 'polymarket')]);
    await desk.time.advance(200);
    expect(desk.registry.open()).toMatchObject([{ order: leg?.order, report: { provisionalE6: contracts(10) } }]);
    await desk.time.advance(20_000);
    expect(desk.registry.open()).toEqual([]);
    await desk.close();
  });
});

describe('a fill without a leg', () => {
  it('is booked, written down and handed on, with the order that it belongs to', async () => {
    const desk = await legDesk();
    const [leg] = desk.plan([orderOn(desk, 'kalshi')]);
    await desk.time.advance(5_000);
    const entry = desk.registry.get(leg?.order.clientOrderId ?? '');
    desk.router.onPrivate('kalshi', {
      kind: 'fill.reported',
      fill: {
        tradeId: 'late',
        venueOrderId: entry?.venueOrderId ?? '',
        clientOrderId: undefined,
        instrument: desk.kalshi.yes,
        action: 'buy',
        priceE4: priceE4(5_200),
        sizeE6: contracts(1),
        feeMicroUsd: undefined,
        role: 'taker',
        settlement: 'final',
        venueAt: undefined,
      },
    });
    expect(desk.orphans).toMatchObject([{ fill: { tradeId: 'late' }, order: leg?.order, report: { end: 'filled' } }]);
    expect(desk.accounts.ledger.holdings()).toMatchObject([{ sizeE6: contracts(11) }]);
    expect(desk.journal.appended.at(-1)).toMatchObject({ kind: 'venueIn', about: 'fill without a leg' });
    await desk.close();
  });
});
