/** Worked cases of the text similarity primitives (docs/rules.md §14). */
import {
  indelRatio,
  levenshteinDistance,
  levenshteinSimilarity,
  normaliseText,
  tokenSetRatio,
  tokenSortRatio,
} from '../../../src/domain/text-similarity.ts';
import type { VectorKind } from '../vector-file.ts';

export const textKinds: Readonly<Record<string, VectorKind>> = {
  similarity: (input: { a: string; b: string }) => {
    const [a, b] = [normaliseText(input.a), normaliseText(input.b)];
    return {
      norm_a: a,
      norm_b: b,
      levenshtein: levenshteinDistance(a, b),
      levenshtein_similarity: levenshteinSimilarity(a, b),
      indel_ratio: indelRatio(a, b),
      token_sort_ratio: tokenSortRatio(a, b),
      token_set_ratio: tokenSetRatio(a, b),
    };
  },
};
