/** How things stand, in one line, for output that nobody redraws. */
import { breakerText, dayPnl, exposureText, lockedMicroUsd, venueDot } from './demo-figures.ts';
import type { DemoWatch } from './demo-watch.ts';
import { refusalWords } from './live-view.ts';
import { signedUsd } from './story.ts';

const REASONS_SHOWN = 3;

export function statusLine(watch: DemoWatch): string {
  const { edges, composed, elapsedMs } = watch;
  const dots = (['kalshi', 'polymarket'] as const).map((venue) => venueDot(watch, venue)).join(' ');
  const reasons = edges.reasons.slice(0, REASONS_SHOWN).map(([reason, count]) => `${refusalWords(reason)} ${count}`);
  const parts = [
    `${(elapsedMs / 1_000).toFixed(0)} s`,
    dots,
    breakerText(watch),
    `exposure ${exposureText(watch)}`,
    `day ${signedUsd(dayPnl(watch))}, locked ${signedUsd(lockedMicroUsd(watch))}`,
    `${edges.opportunities} gaps, ${edges.approved} taken${reasons.length === 0 ? '' : `, declined: ${reasons.join(', ')}`}`,
    `${composed.trading.strategy.liveAttempts} attempts open`,
  ];
  return `--- ${parts.join(' | ')}`;
}
