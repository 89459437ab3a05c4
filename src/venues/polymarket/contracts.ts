/**
 * The contracts that may check an order of ours, as the official client of July 2026 lists them.
 *
 * An order signed for another contract is refused by the venue at the worst moment, so the choice is made once
 * per market, from its version and its neg-risk flag, and nothing outside this table is ever signed.
 */
import { InvariantError } from '../../domain/invariant.ts';

/** Polygon and its test network Amoy. */
export type ChainId = 137 | 80002;

/**
 * Which exchange trades a market: the second exchange, its neg-risk sibling, or the third one, which takes
 * standard and neg-risk markets of "Protocol V2" alike.
 */
export type ExchangeName = 'exchange' | 'negRiskExchange' | 'exchangeV3';

export interface Exchange {
  readonly name: ExchangeName;
  readonly chainId: ChainId;
  /** Of the signing domain. */
  readonly version: '2' | '3';
  /** With the checksum of upper and lower case. */
  readonly contract: string;
}

const CONTRACTS: Readonly<Record<ChainId, Readonly<Record<ExchangeName, string>>>> = {
  137: {
    exchange: '0xE111180000d2663C0091e4f400237545B87B996B',
    negRiskExchange: '0xe2222d279d744050d28e00520010520000310F59',
    exchangeV3: '0xe3333700cA9d93003F00f0F71f8515005F6c00Aa',
  },
  80002: {
    exchange: '0xE111180000d2663C0091e4f400237545B87B996B',
    negRiskExchange: '0xe2222d279d744050d28e00520010520000310F59',
    exchangeV3: '0x9fE6e61422AdB6F610d8597F9684b16912D50C3D',
  },
};

const NAMES: readonly ExchangeName[] = ['exchange', 'negRiskExchange', 'exchangeV3'];

const EXCHANGES: ReadonlyMap<ChainId, readonly Exchange[]> = new Map(
  ([137, 80002] as const).map((chainId) => [
    chainId,
    NAMES.map((name): Exchange => {
      const version = name === 'exchangeV3' ? '3' : '2';
      return { name, chainId, version, contract: CONTRACTS[chainId][name] };
    }),
  ]),
);

export function exchangesOf(chainId: ChainId): readonly Exchange[] {
  const exchanges = EXCHANGES.get(chainId);
  if (exchanges === undefined) throw new InvariantError(`chain must be 137 or 80002, found ${String(chainId)}`);
  return exchanges;
}

export function exchangeOf(chainId: ChainId, name: ExchangeName): Exchange {
  const exchange = exchangesOf(chainId).find((known) => known.name === name);
  if (exchange === undefined) throw new InvariantError(`expected an exchange of chain ${chainId}, found ${name}`);
  return exchange;
}
