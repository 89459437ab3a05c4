/** Chance from the operating system. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Ids, Random } from '../domain/ports/random.ts';

const TWO_POW_53 = 2 ** 53;
/** The low 53 of 64 random bits. */
const LOW_53 = (1n << 53n) - 1n;

const DRAW_BYTES = 8;
const DRAWS_KEPT = 256;
/** Drawn together: asking the system once for each costs as much as everything else that an order draws. */
let drawn = Buffer.alloc(0);
let drawnAt = 0;

function draw(): bigint {
  if (drawnAt === drawn.length) [drawn, drawnAt] = [randomBytes(DRAWS_KEPT * DRAW_BYTES), 0];
  const value = drawn.readBigUInt64LE(drawnAt);
  drawnAt += DRAW_BYTES;
  return value;
}

export const systemRandom: Random = {
  next: () => Number(draw() & LOW_53) / TWO_POW_53,
  below: (bound) => randomInt(bound),
  bytes: (count) => randomBytes(count),
};

export const systemIds: Ids = { uuid: () => randomUUID() };
