/** Ways through an order leg that the shortest paths of its model do not take: what comes late, twice or too early. */
import type { OrderLegEvent } from '../../src/machines/order-leg.events.ts';
import { hears, SIZE } from './order-leg.catalogue.ts';

type Way = readonly [claim: string, events: readonly OrderLegEvent[]];

const sent = [hears.recorded, hears.sent] as const;
const resting = [...sent, hears.acknowledged(0, SIZE)] as const;
const unanswered = [...sent, { type: 'acknowledgement.overdue' }] as const;
const asked = [...unanswered, { type: 'reconciliation.due' }] as const;
const seen = [...sent, hears.record('order.reported', 'resting')] as const;
/** The first of two questions is answered, the second one is still on its way. */
const askedTwice = [...asked, hears.gap, hears.record('order.found', 'resting')] as const;
const due = { type: 'reconciliation.due' } as const;
const forgotten = [due, hears.absent(), due, hears.absent(), due, hears.absent()] as const;
const givenUp = [...unanswered, ...forgotten] as const;
const canceling = [...resting, hears.cancel] as const;
const silent = [...canceling, { type: 'cancelAcknowledgement.overdue' }] as const;
const look = { type: 'look.due' } as const;

export const RESTING: readonly Way[] = [
  ['is acknowledged after its end', [...sent, hears.record('order.reported', 'canceled'), hears.acknowledged(0, 0)]],
  ['is sent after its acknowledgement', [hears.recorded, hears.acknowledged(0, SIZE), hears.sent]],
  ['is refused while its cancel is on the way', [...seen, hears.cancel, hears.refused('insufficientBalance')]],
  ['is unknown after it was seen', [...seen, hears.unknown()]],
  ['is refused after it was seen', [...seen, hears.refused('insufficientBalance')]],
  ['cannot be read when it was found', [...askedTwice, hears.unread]],
  ['is found filled once more', [...askedTwice, hears.record('order.found', 'filled')]],
  ['is found canceled once more', [...askedTwice, hears.record('order.found', 'canceled')]],
  ['is found partly filled once more', [...askedTwice, hears.record('order.found', 'resting', 4)]],
  ['is found resting once more', [...askedTwice, hears.record('order.found', 'resting')]],
  ['is found filled while canceling', [...askedTwice, hears.cancel, hears.record('order.found', 'filled')]],
  ['is found canceled while canceling', [...askedTwice, hears.cancel, hears.record('order.found', 'canceled')]],
  ['is found resting while canceling', [...askedTwice, hears.cancel, hears.record('order.found', 'resting')]],
  ['cannot be canceled after silence', [...silent, hears.notCanceled]],
  ['is canceled after silence', [...silent, hears.canceled(SIZE)]],
  ['was filled before its cancel came, after silence', [...silent, hears.canceled(0)]],
  ['is canceled after silence, nobody says how much of it', [...silent, hears.canceled()]],
  ['was filled before its cancel came', [...canceling, hears.canceled(0)]],
  [
    'expires while it is asked for',
    [
      ...resting,
      hears.gap,
      { type: 'reconciliation.overdue' },
      due,
      { type: 'reconciliation.overdue' },
      due,
      { type: 'order.expired' },
    ],
  ],
  [
    'cannot be asked for after its end',
    [...sent, hears.record('order.reported', 'filled'), look, broken('Reconciliation')],
  ],
  ['cannot be sent', [hears.recorded, broken('Submission')]],
  ['cannot be canceled', [...canceling, broken('Cancel')]],
  ['cannot be asked for', [...asked, broken('Reconciliation')]],
  ['is acknowledged when somebody took it off', [...sent, hears.acknowledged(0, 0)]],
  ['is reported in words that nobody knows', [...sent, hears.record('order.reported', 'unknown')]],
  ['is found in words that nobody knows', [...asked, hears.record('order.found', 'unknown')]],
  ['is found filled', [...asked, hears.record('order.found', 'filled')]],
  ...acknowledged('after it was seen', seen),
  ...acknowledged('while canceling', [...seen, hears.cancel]),
  ...acknowledged('after it was asked for', unanswered),
  ['fills in two parts', [...resting, hears.fill(4), hears.fill(6)]],
  ['is forgotten after it landed', [...sent, hears.unknown(true), ...forgotten]],
  ['is refused after it filled', [...unanswered, hears.fill(4), hears.refused('insufficientBalance')]],
  ['was never sent, as is known late', [...unanswered, hears.refused('notSent')]],
  ['is refused late', [...unanswered, hears.refused('insufficientBalance')]],
  ['fills after its cancel', [...canceling, hears.canceled(SIZE), hears.fill(SIZE)]],
  ['is gone from all lists after its cancel', [...canceling, hears.canceled(SIZE), look, hears.absent()]],
  [
    'is found resting after its cancel',
    [...canceling, hears.canceled(SIZE), look, hears.record('order.found', 'resting')],
  ],
  ['is found after it was given up', [...givenUp, look, hears.record('order.found', 'resting')]],
  ['is acknowledged after it was given up', [...givenUp, hears.acknowledged(0, SIZE)]],
  ['is reported after it was given up', [...givenUp, hears.record('order.reported', 'resting')]],
  ['fills after it was given up', [...givenUp, hears.fill(SIZE)]],
  ['fills in part after it was given up', [...givenUp, hears.fill(4)]],
  ['fills after it was refused', [...sent, hears.refused('insufficientBalance'), hears.fill(SIZE)]],
  ['fills in part after it was refused', [...sent, hears.refused('insufficientBalance'), hears.fill(4)]],
];

export const AT_ONCE: readonly Way[] = [
  ['is forgotten after it landed', [...sent, hears.unknown(true), ...forgotten]],
  ['is acknowledged late, and partly killed', [...unanswered, hears.acknowledged(4, 0)]],
  ['tells its fill after it was killed', [...sent, hears.acknowledged(4, 0), look, hears.fill(4)]],
  ['fills in part after it was killed', [...sent, hears.refused('killed'), hears.fill(4)]],
  ['fills after it was killed', [...sent, hears.refused('killed'), hears.fill(SIZE)]],
];

/** Where a match waits for a chain. */
export const DELAYED: readonly Way[] = [
  ['is killed late', [...unanswered, hears.refused('killed')]],
  ['is not decided yet', [...sent, hears.acknowledged(0, SIZE)]],
  ['is not decided yet, as is known late', [...unanswered, hears.acknowledged(0, SIZE)]],
];

const matched = [...resting, hears.fill(SIZE, 'matched')] as const;

export const MATCHED: readonly Way[] = [
  ['is looked at by a person, and failed', [...matched, hears.concluded('quarantined'), hears.reviewed('failed')]],
  ['is looked at by a person, and ours', [...matched, hears.concluded('quarantined'), hears.reviewed('confirmed')]],
  ['loses the actor of a match', [...matched, hears.lostTrade()]],
];

function acknowledged(when: string, before: readonly OrderLegEvent[]): readonly Way[] {
  return [
    [`is acknowledged as filled ${when}`, [...before, hears.acknowledged(SIZE, 0)]],
    [`is acknowledged as taken off ${when}`, [...before, hears.acknowledged(0, 0)]],
    [`is acknowledged as partly filled ${when}`, [...before, hears.acknowledged(4, SIZE - 4)]],
    [`is acknowledged as resting ${when}`, [...before, hears.acknowledged(0, SIZE)]],
  ];
}

function broken(what: 'Submission' | 'Cancel' | 'Reconciliation'): OrderLegEvent {
  return hears.broken(`request${what}`);
}
