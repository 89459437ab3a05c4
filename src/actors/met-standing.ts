/** What the reply to an order, a cancel or a question says about its whole venue. */
import type { CancelOutcome, OrderOutcome, VenueStatus } from '../domain/ports/venue.ts';
import type { MetStanding } from '../machines/venue.machine.ts';

/** What a refusal says about the whole venue, not only about its order. */
const MET: Readonly<Record<string, MetStanding | undefined>> = {
  venuePaused: 'paused',
  postOnlyMode: 'postOnly',
  cancelOnlyMode: 'cancelOnly',
  tradingDisabled: 'restarting',
};

export function metBy(
  outcome: OrderOutcome | CancelOutcome,
  standingNow: (() => VenueStatus) | undefined,
): { readonly standing: MetStanding; readonly detail: string } | undefined {
  if (outcome.kind === 'unknown') {
    // A restarting engine leaves the fate of an order open; that it restarts is certain.
    const status = standingNow?.();
    if (status === undefined || status.standing === 'open') return undefined;
    return { standing: standingOf(status), detail: status.detail };
  }
  if (outcome.kind === 'done') return undefined;
  const standing = MET[outcome.reason];
  return standing === undefined ? undefined : { standing, detail: outcome.detail };
}

/** A pause in which not even cancels are taken is an engine that does not answer. */
export function standingOf({ standing, acceptsCancels }: VenueStatus): MetStanding {
  return standing === 'paused' && !acceptsCancels ? 'restarting' : standing;
}
