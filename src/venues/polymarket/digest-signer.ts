/**
 * Signs 32 bytes with a private key, in two ways that must agree to the last bit: deterministic nonces (RFC 6979),
 * `s` in the lower half. Native code is some ten times faster; it is optional and every platform has the other.
 */
import { SigningKey } from 'ethers';
import { invariant } from '../../domain/invariant.ts';

export interface DigestSigner {
  readonly kind: 'native' | 'script';
  /** 65 bytes as hex without `0x`: r, s, and v as 27 or 28. */
  sign(digest: Uint8Array, privateKey: Uint8Array): string;
}

/** What we use of the package `secp256k1` 5, whose native half has no types of its own. */
interface NativeModule {
  ecdsaSign(digest: Uint8Array, privateKey: Uint8Array): { readonly signature: Uint8Array; readonly recid: number };
}

/** The native signer where the optional package and its binary load, else the one in plain JavaScript. */
export async function loadDigestSigner(): Promise<DigestSigner> {
  return (await loadNativeSigner()) ?? scriptSigner;
}

/** `undefined` where the package is not installed or has no binary for this machine. */
export async function loadNativeSigner(): Promise<DigestSigner | undefined> {
  let loaded: unknown;
  try {
    // The package's main file falls back to slow code without saying so; this one is the binary or throws.
    // @ts-expect-error: the package is optional and publishes no types; its shape is checked below.
    loaded = ((await import('secp256k1/bindings.js')) as { default: unknown }).default;
  } catch {
    // Optional by design: whoever cannot load it signs in JavaScript, with the same result.
    return undefined;
  }
  if (!isNativeModule(loaded)) return undefined;
  const native = loaded;
  return {
    kind: 'native',
    sign(digest, privateKey) {
      const { signature, recid } = native.ecdsaSign(digest, privateKey);
      invariant(
        signature.length === 64 && (recid === 0 || recid === 1),
        () => `expected 64 bytes and a recovery bit, found ${signature.length} bytes and ${recid}`,
      );
      return `${Buffer.from(signature).toString('hex')}${vHex(recid)}`;
    },
  };
}

export const scriptSigner: DigestSigner = {
  kind: 'script',
  sign(digest, privateKey) {
    return new SigningKey(privateKey).sign(digest).serialized.slice(2);
  },
};

function vHex(recovery: 0 | 1): string {
  return recovery === 0 ? '1b' : '1c';
}

function isNativeModule(value: unknown): value is NativeModule {
  return typeof value === 'object' && value !== null && 'ecdsaSign' in value && typeof value.ecdsaSign === 'function';
}
