/** Chance from the operating system. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Ids, Random } from '../domain/ports/random.ts';

const TWO_POW_53 = 2 ** 53;
/** The low 53 of 64 random bits. */
const LOW_53 = (1n << 53n) - 1n;

export const systemRandom: Random = {
  next: () => Number(randomBytes(8).readBigUInt64LE() & LOW_53) / TWO_POW_53,
  below: (bound) => randomInt(bound),
  bytes: (count) => randomBytes(count),
};

export const systemIds: Ids = { uuid: () => randomUUID() };
