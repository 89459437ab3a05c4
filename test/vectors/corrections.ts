/**
 * Worked cases whose expected values contradict their own derivation. Each is held against the right
 * values instead, and listed whenever it is run: docs/decisions/0010-three-corrected-odds.md.
 */
export interface Correction {
  readonly expected: Readonly<Record<string, unknown>>;
  readonly why: string;
}

const UNDERDOG = 'positive American odds a imply 100/(a+100), as its derivation says';

export const corrections: Readonly<Record<string, Correction>> = {
  'devig/american_to_probability/359db476': {
    expected: { decimal: '2.3000000000', implied: '0.434782608696' },
    why: `+130: ${UNDERDOG}`,
  },
  'devig/american_to_probability/adb6c54a': {
    expected: { decimal: '3.5000000000', implied: '0.285714285714' },
    why: `+250: ${UNDERDOG}`,
  },
  'devig/american_to_probability/298f80d2': {
    expected: { decimal: '13.0000000000', implied: '0.076923076923' },
    why: `+1200: ${UNDERDOG}`,
  },
};
