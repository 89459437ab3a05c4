/** The exchange's status in our words. Pure. */

import type { z } from 'zod';
import type { VenueStatus } from '../../domain/ports/venue.ts';
import type { exchangeStatusReply } from './rest-wire.ts';

type StatusReply = z.infer<typeof exchangeStatusReply>;

/**
 * A trading pause takes cancels and no orders; an exchange pause takes neither (the venue's table, August
 * 2026; one digest of it says otherwise of cancels). `engines` are those whose markets we trade: one of
 * them that stands still is a venue that stands still for us.
 */
export function statusOf(reply: StatusReply, engines: ReadonlySet<number | undefined>): VenueStatus {
  const ours = (reply.exchange_index_statuses ?? []).filter((engine) => engines.has(engine.exchange_index));
  const isExchangeActive = reply.exchange_active && ours.every((engine) => engine.exchange_active);
  const isTradingActive = reply.trading_active && ours.every((engine) => engine.trading_active);
  const still = ours.filter((engine) => !engine.exchange_active || !engine.trading_active);
  const engine = still.length === 0 ? '' : `, engines ${still.map((one) => one.exchange_index).join(', ')} stand still`;
  const resume = reply.exchange_estimated_resume_time;
  const until = resume === null || resume === undefined ? '' : `, expected back at ${resume}`;
  if (!isExchangeActive)
    return { standing: 'closed', acceptsCancels: false, detail: `the exchange is paused${engine}${until}` };
  if (!isTradingActive)
    return { standing: 'paused', acceptsCancels: true, detail: `trading is paused${engine}${until}` };
  return { standing: 'open', acceptsCancels: true, detail: 'trading is active' };
}
