/** Every kind of worked case that we compute, and those whose rule is not written yet. */
import { edgeKinds } from './kinds/edge.ts';
import { estimateKinds } from './kinds/estimates.ts';
import { feeKinds } from './kinds/fees.ts';
import { ledgerKinds } from './kinds/ledger.ts';
import { limitKinds } from './kinds/limits.ts';
import { sportsKinds } from './kinds/sports.ts';
import { textKinds } from './kinds/text.ts';
import type { VectorKind } from './vector-file.ts';

export const kinds: Readonly<Record<string, VectorKind>> = {
  ...edgeKinds,
  ...estimateKinds,
  ...feeKinds,
  ...ledgerKinds,
  ...limitKinds,
  ...sportsKinds,
  ...textKinds,
};

/** Kinds without a rule yet, with the reason. They are listed as pending and neither pass nor fail. */
export const pendingKinds: Readonly<Record<string, string>> = {
  pair: 'matching the same event on two venues is not written yet',
};
