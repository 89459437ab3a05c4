/** Ids and hashes that a seed repeats. */
import type { Random } from '../../domain/ports/random.ts';

export function hex(random: Random, bytes: number): string {
  return Buffer.from(random.bytes(bytes)).toString('hex');
}

/** A transaction hash, a condition id, an order id of a counterparty. */
export function hash32(random: Random): string {
  return `0x${hex(random, 32)}`;
}

export function uuid(random: Random): string {
  const digits = hex(random, 16);
  const variant = '89ab'.charAt(Number.parseInt(digits.charAt(16), 16) % 4);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join('-');
}
