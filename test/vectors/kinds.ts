/** Every kind of worked case that we compute, and those whose rule is not written yet. */
import type { VectorKind } from './vector-file.ts';

export const kinds: Readonly<Record<string, VectorKind>> = {};

/** Kinds without a rule yet, with the reason. They are listed as pending and neither pass nor fail. */
export const pendingKinds: Readonly<Record<string, string>> = {
  pair: 'matching the same event on two venues is not written yet',
};
