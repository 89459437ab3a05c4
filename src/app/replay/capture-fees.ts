/** Fee schedules from what is known beside a capture. Unknown stays unknown. */
import { rateFromText } from '../../domain/decimal.ts';
import { type FeeSchedule, type OrderFee, takerFee } from '../../domain/fees/fee-schedule.ts';
import { KALSHI_ORDINARY_ACCOUNT, resolveKalshiFees } from '../../domain/fees/kalshi-fee.ts';
import { resolvePolymarketFees } from '../../domain/fees/polymarket-fee.ts';
import { type BookId, venueOf } from '../../domain/instrument.ts';
import { rateE6 } from '../../domain/units.ts';
import { type CaptureMeta, type FeeFacts, firstMatch } from '../capture/meta.ts';

/** Gives the taker's fee of a book's instruments, or nothing when the capture says nothing about it. */
export function captureFees(meta: CaptureMeta): (book: BookId) => OrderFee | undefined {
  return (book) => {
    const venue = venueOf(book);
    const facts = firstMatch(
      meta.fees.filter((entry) => entry.venue === venue),
      book.slice(venue.length + 1),
    );
    const schedule = facts === undefined ? undefined : scheduleOf(facts);
    return schedule === undefined ? undefined : takerFee(schedule, 'real');
  };
}

function scheduleOf(facts: FeeFacts): FeeSchedule | undefined {
  const readAtMs = Date.parse(facts.readAt);
  if (facts.venue === 'kalshi') {
    const resolution = resolveKalshiFees(
      {
        series: { feeType: facts.feeType, multiplierE6: rateFromText(facts.multiplier) },
        seriesChanges: [],
        event: { feeType: undefined, multiplierE6: undefined },
        eventChanges: [],
        waivedUntilMs: undefined,
        readAtMs,
      },
      { atMs: readAtMs, terms: KALSHI_ORDINARY_ACCOUNT, makerMultiplierE6: undefined },
    );
    return resolution.kind === 'known' ? resolution.fees : undefined;
  }
  const { rate, exponent, takerOnly } = facts;
  const resolution = resolvePolymarketFees({
    market: { rateE6: rateFromText(rate), exponent, takerOnly, rebateRateE6: undefined },
    override: undefined,
    builderRateE6: rateE6(0),
    readAtMs,
  });
  return resolution.kind === 'known' ? resolution.fees : undefined;
}
