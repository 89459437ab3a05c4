/** What the simulators' accounts hold against what Tandem believes: money to the millionth, contracts, orders. */
import type { VenueName } from '../../domain/instrument.ts';
import type { Ledger } from '../../domain/ledger/ledger.ts';
import type { SimWorld } from '../sim/sim-world.ts';

export interface AccountTruth {
  readonly venue: VenueName;
  readonly cashMicroUsd: number;
  /** By market and outcome, without those of which nothing is held. */
  readonly contractsE6: ReadonlyMap<string, number>;
  readonly restingOrders: number;
}

const ACCOUNT = 'main';

export function accountTruths(world: SimWorld): readonly AccountTruth[] {
  return [kalshiTruth(world), polymarketTruth(world)];
}

function kalshiTruth({ kalshi, markets }: SimWorld): AccountTruth {
  const held = markets.flatMap(({ kalshi: { ticker } }): [string, number][] => {
    const { sizeE6 } = kalshi.position(ACCOUNT, ticker);
    return sizeE6 === 0 ? [] : [[`${ticker} ${sizeE6 > 0 ? 'yes' : 'no'}`, Math.abs(sizeE6)]];
  });
  const restingOrders = kalshi.orders(ACCOUNT).filter(({ status }) => status === 'resting').length;
  return { venue: 'kalshi', cashMicroUsd: kalshi.balance(ACCOUNT), contractsE6: new Map(held), restingOrders };
}

function polymarketTruth({ polymarket, markets, accounts }: SimWorld): AccountTruth {
  const wallet = accounts.polymarket[0]?.wallet ?? '';
  const view = polymarket.control.account(wallet);
  const held = markets.flatMap(({ polymarket: { conditionId, yesTokenId, noTokenId } }) =>
    (
      [
        ['yes', yesTokenId],
        ['no', noTokenId],
      ] as const
    ).flatMap(([outcome, tokenId]): [string, number][] => {
      const sizeE6 = view?.shares[tokenId] ?? 0;
      return sizeE6 === 0 ? [] : [[`${conditionId} ${outcome}`, sizeE6]];
    }),
  );
  const isOpen = (status: string): boolean => status === 'LIVE' || status === 'DELAYED';
  const restingOrders = polymarket.control
    .orders()
    .filter((order) => order.wallet.toLowerCase() === wallet.toLowerCase() && isOpen(order.status)).length;
  return {
    venue: 'polymarket',
    cashMicroUsd: view?.cashMicro ?? 0,
    contractsE6: new Map(held),
    restingOrders,
  };
}

/** Everything that differs, in words; nothing where belief and truth are the same. */
export function differences(truths: readonly AccountTruth[], ledger: Pick<Ledger, 'cash' | 'holdings'>): string[] {
  return truths.flatMap((truth) => {
    const { venue, cashMicroUsd, contractsE6, restingOrders } = truth;
    const found: string[] = [];
    const believed = ledger.cash(venue);
    if (believed !== cashMicroUsd)
      found.push(`${venue} cash: Tandem believes ${usd(believed)}, the account holds ${usd(cashMicroUsd)}`);
    const ours = new Map(
      ledger
        .holdings()
        .filter((holding) => holding.venue === venue && holding.sizeE6 !== 0)
        .map(({ market, outcome, sizeE6 }) => [`${market} ${outcome}`, sizeE6]),
    );
    for (const what of new Set([...ours.keys(), ...contractsE6.keys()])) {
      const [belief, held] = [ours.get(what) ?? 0, contractsE6.get(what) ?? 0];
      if (belief !== held)
        found.push(`${venue} ${what}: Tandem believes ${contracts(belief)}, the account holds ${contracts(held)}`);
    }
    if (restingOrders > 0) found.push(`${venue}: ${restingOrders} orders still rest`);
    return found;
  });
}

function usd(microUsd: number): string {
  return `$${(microUsd / 1e6).toFixed(6)}`;
}

function contracts(sizeE6: number): string {
  return (sizeE6 / 1e6).toFixed(2);
}
