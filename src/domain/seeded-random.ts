/**
 * Chance that can be repeated: the generator sfc32 of Chris Doty-Humphrey's PractRand ("small fast counting",
 * 128 bits of state of which 32 are a counter, so no seed has a period below 2^32), seeded from text.
 *
 * It is for simulations, samples and tests. It is not for secrets: whoever sees a few numbers knows the rest.
 */
import { invariant } from './invariant.ts';
import type { Ids, Random } from './ports/random.ts';

const TWO_POW_32 = 0x1_0000_0000;
const TWO_POW_53 = 2 ** 53;
/** Rounds that PractRand runs after seeding, so that similar seeds part ways. */
const WARM_UP = 12;

/** The same seed text gives the same numbers, in every process and on every machine. */
export function seededRandom(seed: string): Random {
  const next32 = sfc32(seed);
  return {
    next() {
      const high = next32() >>> 5;
      const low = next32() >>> 6;
      return (high * 0x400_0000 + low) / TWO_POW_53;
    },
    below: (bound) => below(next32, bound),
    bytes(count) {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at += 4) {
        const word = next32();
        for (let byte = at; byte < Math.min(at + 4, count); byte++) bytes[byte] = word >>> (8 * (byte - at));
      }
      return bytes;
    },
  };
}

/** UUIDs of version 4 drawn from `random`: unpredictable exactly as far as it is. */
export function randomIds(random: Random): Ids {
  return { uuid: () => uuidOf(random.bytes(16)) };
}

/** Reproducible client order ids for one simulated run. */
export function seededIds(seed: string): Ids {
  return randomIds(seededRandom(seed));
}

function uuidOf(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte, at) => {
    if (at === 6) return ((byte & 0x0f) | 0x40).toString(16);
    if (at === 8) return ((byte & 0x3f) | 0x80).toString(16);
    return byte.toString(16).padStart(2, '0');
  });
  const group = (from: number, to: number) => hex.slice(from, to).join('');
  return `${group(0, 4)}-${group(4, 6)}-${group(6, 8)}-${group(8, 10)}-${group(10, 16)}`;
}

/** Draws again what lies beyond the last whole multiple of `bound`, so that no number is likelier than another. */
function below(next32: () => number, bound: number): number {
  invariant(
    Number.isInteger(bound) && bound >= 1 && bound <= TWO_POW_32,
    () => `a bound must be a whole number within 1..2^32, found ${bound}`,
  );
  const fair = TWO_POW_32 - (TWO_POW_32 % bound);
  for (;;) {
    const drawn = next32();
    if (drawn < fair) return drawn % bound;
  }
}

function sfc32(seed: string): () => number {
  let [a, b, c] = stateOf(seed);
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < WARM_UP; round++) next();
  return next;
}

/** Three words from a text: FNV-1a over its code units, with another start for each word. */
function stateOf(seed: string): [number, number, number] {
  return [0x811c9dc5, 0x9e3779b9, 0x85ebca6b].map((start) => {
    let hash = start;
    for (let at = 0; at < seed.length; at++) hash = Math.imul(hash ^ seed.charCodeAt(at), 0x01000193);
    return hash;
  }) as [number, number, number];
}
