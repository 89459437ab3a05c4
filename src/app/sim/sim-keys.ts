/** Keys of the simulator, made at its start and worth nothing anywhere else. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { Wallet } from 'ethers';

export interface KalshiKey {
  readonly keyId: string;
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
}

/** RSA, because the official client signs with nothing else. */
export function newKalshiKey(): KalshiKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return {
    keyId: randomUUID(),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

export interface PolymarketKey {
  /** Of the key that signs. */
  readonly address: string;
  readonly privateKey: string;
  /** A wallet of its own for the account types that have one. */
  readonly wallet: string;
}

export function newPolymarketKey(signatureType: number): PolymarketKey {
  const { address, privateKey } = Wallet.createRandom();
  return { address, privateKey, wallet: signatureType === 0 ? address : Wallet.createRandom().address };
}
