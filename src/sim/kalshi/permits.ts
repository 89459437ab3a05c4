/** Asked before every fill: can both parties pay, may the maker still, has a group had enough? */
import type { CancelReason, Fill, FillPermit, ProposedFill, Side } from '../matching/engine.ts';
import { sizeOf } from '../matching/ladder.ts';
import type { Core } from './core.ts';
import type { OrderRecord } from './model.ts';
import { type Execution, Purse } from './purse.ts';

type Proposal = ProposedFill<string, string>;

export class Permits {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  permit(proposed: Proposal): FillPermit {
    const maker = this.#core.blotter.find(proposed.maker.id);
    const taker = this.#core.blotter.find(proposed.taker.id);
    const cap = taker === undefined ? undefined : this.#core.entry.fillCapE6(taker.orderId);
    if (cap !== undefined && cap - sum(proposed.earlier) < proposed.sizeE6)
      return {
        sizeE6: sizeOf(Math.max(0, cap - sum(proposed.earlier))),
        cancel: { party: 'taker', reason: 'immediateOrCancel' },
      };
    return (
      this.#refusal(taker, proposed, 'taker') ??
      this.#refusal(maker, proposed, 'maker') ??
      this.#reduceOnly(maker, proposed) ?? { sizeE6: proposed.sizeE6 }
    );
  }

  #refusal(order: OrderRecord | undefined, proposed: Proposal, party: 'maker' | 'taker'): FillPermit | undefined {
    if (order === undefined) return undefined;
    const no = (reason: CancelReason): FillPermit => ({ sizeE6: sizeOf(0), cancel: { party, reason } });
    const mine = proposed.earlier.filter((fill) => this.#groupOf(fill, order.groupId));
    if (order.groupId !== undefined && !this.#core.groups.hasRoom(order.groupId, sum(mine))) return no('orderGroup');
    return this.#canPay(order, proposed, party) ? undefined : no('margin');
  }

  #groupOf(fill: Fill<string, string>, groupId: string | undefined): boolean {
    return fill.maker.group === groupId || fill.taker.group === groupId;
  }

  #reduceOnly(maker: OrderRecord | undefined, proposed: Proposal): FillPermit | undefined {
    if (maker === undefined || !maker.reduceOnly) return undefined;
    const purse = this.#purseAfter(maker, proposed.earlier);
    const open = reducibleE6(purse.position(maker.ticker).sizeE6, maker.side);
    if (open >= proposed.sizeE6) return undefined;
    return { sizeE6: sizeOf(open), cancel: { party: 'maker', reason: 'reduceOnly' } };
  }

  #canPay(order: OrderRecord, proposed: Proposal, party: 'maker' | 'taker'): boolean {
    const purse = this.#purseAfter(order, proposed.earlier);
    const before = purse.cashMicro;
    const execution = { ...this.#core.clearing.contract(order.ticker), side: order.side, ...priceAndSize(proposed) };
    const feeMicro = this.#core.clearing.feeBoundMicro(order, { ...execution, isTaker: party === 'taker' });
    purse.execute(execution, { feeMicro, atMicros: 0 });
    return purse.cashMicro >= 0 || purse.cashMicro >= before;
  }

  /** The purse of an order as the fills that are decided already will leave it. */
  #purseAfter(order: OrderRecord, earlier: readonly Fill<string, string>[]): Purse {
    const { accountId, exchangeIndex: shard, subaccount } = order;
    const purse = new Purse(this.#core.accounts.get(accountId).purse({ shard, subaccount }));
    for (const fill of earlier) {
      for (const [id, isTaker] of [
        [fill.maker.id, false],
        [fill.taker.id, true],
      ] as const) {
        const other = this.#core.blotter.find(id);
        if (other === undefined || other.accountId !== accountId || other.subaccount !== subaccount) continue;
        const execution: Execution = {
          ...this.#core.clearing.contract(other.ticker),
          side: other.side,
          ...priceAndSize(fill),
        };
        purse.execute(execution, {
          feeMicro: this.#core.clearing.feeBoundMicro(other, { ...execution, isTaker }),
          atMicros: 0,
        });
      }
    }
    return purse;
  }
}

/** What an order of this side could take without opening or enlarging anything. */
export function reducibleE6(held: number, side: Side): number {
  return Math.max(0, side === 'bid' ? -held : held);
}

function sum(fills: readonly Fill<string, string>[]): number {
  return fills.reduce((total, { sizeE6 }) => total + sizeE6, 0);
}

function priceAndSize({ priceE4, sizeE6 }: Fill<string, string>): { priceE4: number; sizeE6: number } {
  return { priceE4, sizeE6 };
}
