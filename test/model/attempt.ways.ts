/** Ways through an attempt that are too long, or too particular, to be found by looking for the shortest. */
import { contracts } from '../../src/domain/units.ts';
import type { AttemptEvent, RepairPlanned } from '../../src/machines/attempt.events.ts';
import { actorIdOf } from '../../src/machines/child-leg.ts';
import { orderOf, reportOf, type Said } from '../machines/attempt-rig.ts';
import type { AttemptSetting } from './attempt.world.ts';

type Way = readonly [name: string, events: readonly AttemptEvent[]];

/** Of an order for two: who brings it about knows how large it truly is. */
const says = (legId: string, said: Said): AttemptEvent => ({
  type: 'leg.reported',
  report: reportOf(orderOf(legId, { sizeE6: contracts(2) }), said),
});
const settles = (legId: string): AttemptEvent => ({
  type: `xstate.done.actor.${actorIdOf(legId)}`,
  actorId: actorIdOf(legId),
  output: undefined,
});
const broken = (effect: string): AttemptEvent => ({ type: 'effect.failed', effect, message: 'broken' });
const repair = (kind: RepairPlanned['kind']): AttemptEvent => ({ type: 'repair.planned', kind }) as RepairPlanned;

const KILLED: Said = { end: 'killed', refusal: 'killed' };
const MATCHED: Said = { provisional: 2, end: 'filled' };
const TAKEN_BACK: Said = { end: 'filled' };
const LITTLE: Said = { final: 0.5, end: 'killed' };

const passed = { type: 'look.passed' } as AttemptEvent;
const dust = { type: 'dust.left' } as AttemptEvent;
const deferred = { type: 'hedge.deferred' } as AttemptEvent;
const postponed: AttemptEvent = { type: 'repair.postponed', reason: 'unsettled', atMs: 0 };
const impossible: AttemptEvent = { type: 'repair.impossible', reason: 'noDepth' };
const pause: AttemptEvent = { type: 'stuckPause.elapsed' };

/** NO is held at Polymarket, and the chain has not said its last word. */
const unsettled = [passed, says('1-kalshi', KILLED), says('2-polymarket', MATCHED)] as const;
const little = [passed, says('1-kalshi', LITTLE)] as const;

const TOGETHER: readonly Way[] = [
  [
    'is left with dust, and ends',
    [...little, says('2-polymarket', KILLED), dust, settles('1-kalshi'), settles('2-polymarket')],
  ],
  ['is left with dust once it looks again', [...little, says('2-polymarket', KILLED), impossible, pause, dust]],
  [
    'is left with dust, and with more when an order fills after all',
    [
      ...little,
      says('2-polymarket', { end: 'refused', refusal: 'insufficientBalance' }),
      dust,
      says('2-polymarket', MATCHED),
    ],
  ],
  [
    'waits until it may sell',
    [
      ...unsettled,
      postponed,
      { type: 'settlementPatience.elapsed' },
      postponed,
      says('2-polymarket', { final: 2, end: 'filled' }),
    ],
  ],
  ['waits until it may sell, and nobody looks', [...unsettled, postponed, broken('requestRefresh')]],
  ['is stuck until it may sell', [...unsettled, postponed, { type: 'repair.overdue' }, pause, postponed, pause]],
  [
    'loses a leg after both had filled',
    [
      passed,
      says('1-kalshi', { final: 2, end: 'filled' }),
      says('2-polymarket', MATCHED),
      says('2-polymarket', TAKEN_BACK),
    ],
  ],
  [
    'holds nothing any more when what it completes is taken back',
    [...unsettled, repair('completion'), says('2-polymarket', TAKEN_BACK), says('3-kalshi', KILLED)],
  ],
];

const SEQUENTIAL: readonly Way[] = [
  [
    'carries what is too little to be hedged until its order has ended',
    [
      passed,
      says('1-kalshi', { final: 0.5, standing: 'unresolved', open: 1.5 }),
      deferred,
      says('1-kalshi', LITTLE),
      dust,
    ],
  ],
];

const MAKER: readonly Way[] = [
  [
    'carries what is too little to be hedged until its order is taken off',
    [
      passed,
      says('1-kalshi', { standing: 'resting' }),
      says('1-kalshi', { final: 0.5, standing: 'resting', open: 1.5 }),
      deferred,
      says('1-kalshi', { final: 0.5, end: 'canceled' }),
      dust,
    ],
  ],
];

const MAKER_AT_POLYMARKET: readonly Way[] = [
  [
    'loses its match before it is hedged',
    [
      passed,
      says('1-polymarket', { standing: 'resting' }),
      says('1-polymarket', MATCHED),
      says('1-polymarket', TAKEN_BACK),
    ],
  ],
  [
    'is left with dust that the chain takes back',
    [
      passed,
      says('1-polymarket', { standing: 'resting' }),
      says('1-polymarket', { provisional: 0.2, standing: 'resting', open: 1.8 }),
      deferred,
      says('1-polymarket', { provisional: 0.2, end: 'canceled' }),
      dust,
      says('1-polymarket', TAKEN_BACK),
    ],
  ],
  [
    'loses its match after it was hedged, while the rest of it rests',
    [
      passed,
      says('1-polymarket', { standing: 'resting' }),
      says('1-polymarket', { provisional: 1, standing: 'resting', open: 1 }),
      { type: 'hedge.planned', orders: [] },
      says('2-kalshi', { final: 2, end: 'filled' }),
      says('1-polymarket', TAKEN_BACK),
    ],
  ],
];

export const WAYS: readonly (readonly [AttemptSetting, readonly Way[]])[] = [
  [{ policy: 'together' }, TOGETHER],
  [{ policy: 'sequential' }, SEQUENTIAL],
  [{ policy: 'makerThenHedge' }, MAKER],
  [{ policy: 'makerThenHedge', makerVenue: 'polymarket' }, MAKER_AT_POLYMARKET],
];
