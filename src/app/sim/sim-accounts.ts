/** Accounts of a scenario on both simulated venues, with keys that were made a moment ago. */
import { usdFromText } from '../../domain/decimal.ts';
import type { Random } from '../../domain/ports/random.ts';
import type { AccountSpec } from '../../sim/kalshi/accounts.ts';
import type { Scenario } from './scenario-file.ts';
import { newKalshiKey, newPolymarketKey } from './sim-keys.ts';
import type { Venues } from './sim-markets.ts';

export interface KalshiAccount {
  readonly id: string;
  readonly keyId: string;
  readonly privateKeyPem: string;
  readonly usd: string;
}

export interface PolymarketAccount {
  readonly id: string;
  /** Of the key that signs. */
  readonly address: string;
  /** Where the money is: the address itself, unless the signature type says otherwise. */
  readonly wallet: string;
  readonly signatureType: number;
  readonly privateKey: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly apiPassphrase: string;
  readonly usd: string;
}

/** What the venue lets every account send; the lowest tier unless given. */
export type KalshiLimits = NonNullable<AccountSpec['limits']>;

export function openAccounts(
  venues: Venues,
  accounts: Scenario['accounts'],
  { random, kalshiLimits }: { readonly random: Random; readonly kalshiLimits?: KalshiLimits | undefined },
) {
  const limits = kalshiLimits === undefined ? {} : { limits: kalshiLimits };
  return {
    kalshi: accounts.kalshi.map((account) => openKalshi(venues, account, limits)),
    polymarket: accounts.polymarket.map((account) => openPolymarket(venues, account, random)),
  };
}

function openKalshi(
  { kalshi }: Venues,
  { id, usd }: Scenario['accounts']['kalshi'][number],
  limits: Pick<AccountSpec, 'limits'>,
): KalshiAccount {
  const { keyId, privateKeyPem, publicKeyPem } = newKalshiKey();
  kalshi.addAccount({ id, cashMicro: usdFromText(usd), keys: [{ keyId, publicKeyPem }], ...limits });
  return { id, keyId, privateKeyPem, usd };
}

function openPolymarket(
  { polymarket }: Venues,
  { id, usd, signatureType }: Scenario['accounts']['polymarket'][number],
  random: Random,
): PolymarketAccount {
  const { address, privateKey, wallet } = newPolymarketKey(signatureType);
  const hex = (bytes: number): string => Buffer.from(random.bytes(bytes)).toString('hex');
  const id16 = hex(16);
  const apiKey = [
    id16.slice(0, 8),
    id16.slice(8, 12),
    `4${id16.slice(13, 16)}`,
    `a${id16.slice(17, 20)}`,
    id16.slice(20),
  ].join('-');
  const apiSecret = Buffer.from(random.bytes(32)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  const apiPassphrase = hex(32);
  const { control } = polymarket;
  control.installKey({ key: apiKey, secret: apiSecret, passphrase: apiPassphrase, address, nonce: '0' });
  if (signatureType !== 0) control.linkWallet({ wallet, address, signatureType });
  control.chain.deposit(wallet, usdFromText(usd));
  return { id, address, wallet, signatureType, privateKey, apiKey, apiSecret, apiPassphrase, usd };
}
