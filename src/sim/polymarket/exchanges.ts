/** Which contract an order is signed for. Public addresses on Polygon, as of the cut-over of 2026-04-28 and after. */

export const CHAIN_ID = 137;

export const EXCHANGE_V2 = '0xE111180000d2663C0091e4f400237545B87B996B';
export const NEG_RISK_EXCHANGE_V2 = '0xe2222d279d744050d28e00520010520000310F59';
export const EXCHANGE_V3 = '0xe3333700cA9d93003F00f0F71f8515005F6c00Aa';

export const PUSD = '0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB';

export interface ExchangeDomain {
  readonly name: string;
  readonly version: string;
  readonly chainId: number;
  readonly verifyingContract: string;
}

/** Protocol V2 markets trade on ExchangeV3, neg-risk or not; the others on one of two exchanges of version 2. */
export function exchangeDomain(market: {
  readonly version: 'v1' | 'v2';
  readonly negRisk: boolean;
  readonly chainId: number;
}): ExchangeDomain {
  const { chainId } = market;
  const name = 'Polymarket CTF Exchange';
  if (market.version === 'v2') return { name, version: '3', chainId, verifyingContract: EXCHANGE_V3 };
  return { name, version: '2', chainId, verifyingContract: market.negRisk ? NEG_RISK_EXCHANGE_V2 : EXCHANGE_V2 };
}
