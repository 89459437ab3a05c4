/** Numbers that belong to one place: fee rates outside the fee rules, and display rounding in decision code. */
import { posix } from 'node:path';
import type { Check, Problem } from './check.ts';
import { isSource } from './project.ts';
import { tokensOf } from './tokens.ts';

/** Rates of both venues as fractions, and in millionths. Rates that are also ordinary numbers are left out. */
const FEE_RATES = ['0.07', '0.0175', '0.035', '0.02', '70000', '17500', '35000'].map(Number);

export const money: Check = {
  name: 'money',
  remedy: 'take fee rates from src/domain/fees; keep whole numbers until the display',
  run: (project) => project.files.filter(isSource).flatMap((path) => moneyProblems(path, project.text(path))),
};

export function moneyProblems(path: string, source: string): Problem[] {
  const mayHoldRates = isFeeRule(path);
  return tokensOf(source).flatMap(({ kind, text, line }) => {
    const where = `${path}:${line}`;
    const isRate =
      (kind === 'number' || (kind === 'string' && /^0\.\d+$/.test(text))) && FEE_RATES.includes(numberOf(text));
    if (isRate && !mayHoldRates) return [{ where, what: `holds the fee rate ${text}` }];
    const isRounding = kind === 'word' && (text === 'toFixed' || text === 'toPrecision');
    if (isRounding && path.startsWith('src/domain/')) return [{ where, what: `rounds for display with ${text}` }];
    return [];
  });
}

/** The domain's fee rules, and the simulators' own, which must be able to contradict them. */
function isFeeRule(path: string): boolean {
  return (
    path.startsWith('src/domain/fees/') ||
    (/^src\/(?:domain|sim)\//.test(path) && /\bfees?\b/.test(posix.basename(path)))
  );
}

function numberOf(text: string): number {
  return Number(text.replaceAll('_', '').replace(/n$/, ''));
}
