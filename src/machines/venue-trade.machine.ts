/**
 * One match at a venue that settles later. Its reports arrive late, twice, in any order and in contradiction: the
 * outcome depends on which were heard, never on when.
 */
import { sendParent, setup } from 'xstate';
import type { FillSettlement } from '../domain/ports/venue.ts';
import { effect, reportUnexpected } from './effects.ts';

export type TradeSettlement = Exclude<FillSettlement, 'final'>;

export interface VenueTradeInput {
  readonly tradeId: string;
  readonly sizeE6: number;
  /** What the first report of it said. */
  readonly settlement: TradeSettlement;
}

export type VenueTradeContext = VenueTradeInput;

export type VenueTradeEvent =
  | { readonly type: 'trade.reported'; readonly settlement: TradeSettlement }
  /** A person, or the shares at the venue, say what it became. */
  | { readonly type: 'trade.reviewed'; readonly settlement: 'confirmed' | 'failed' };

/** What the leg hears of it: what became of it, or that it reached the chain and fell off it again. */
export type TradeWord = 'confirmed' | 'failed' | 'quarantined' | 'mined' | 'retrying';

export interface TradeConcluded {
  readonly type: 'trade.concluded';
  readonly tradeId: string;
  readonly sizeE6: number;
  readonly word: TradeWord;
}

export const venueTradeEffects = {
  reportContradiction: effect<{ readonly tradeId: string; readonly detail: string }>(),
};

const machine = setup({
  types: {} as { context: VenueTradeContext; events: VenueTradeEvent; input: VenueTradeInput },
  actions: {
    ...venueTradeEffects,
    reportUnexpected,
    tellLeg: sendParent(
      ({ context }, { word }: { readonly word: TradeWord }): TradeConcluded => ({
        type: 'trade.concluded',
        tradeId: context.tradeId,
        sizeE6: context.sizeE6,
        word,
      }),
    ),
  },
  guards: {
    beganMined: ({ context }) => context.settlement === 'mined',
    beganRetrying: ({ context }) => context.settlement === 'retrying',
    beganConfirmed: ({ context }) => context.settlement === 'confirmed',
    beganFailed: ({ context }) => context.settlement === 'failed',
    saysMatched: ({ event }) => event.settlement === 'matched',
    saysMined: ({ event }) => event.settlement === 'mined',
    saysRetrying: ({ event }) => event.settlement === 'retrying',
    saysConfirmed: ({ event }) => event.settlement === 'confirmed',
    saysFailed: ({ event }) => event.settlement === 'failed',
  },
});

export const venueTradeMachine = machine.createMachine({
  id: 'venueTrade',
  description:
    'A match that the chain still has to settle. Until it is confirmed it is counted as possible and never as ours; ' +
    'once it failed it never comes back; and reports that contradict each other are put aside for a person.',
  meta: {
    invariants: [
      'I9: each trade id is applied exactly once; repetitions change nothing',
      'I10: a failed match is no fill',
    ],
  },
  context: ({ input }) => input,
  initial: 'heardOf',
  states: {
    heardOf: {
      description: 'Where its first report places it.',
      always: [
        { guard: 'beganConfirmed', target: 'confirmed' },
        { guard: 'beganFailed', target: 'failed' },
        { guard: 'beganMined', target: 'mined' },
        { guard: 'beganRetrying', target: 'retrying' },
        { target: 'matched' },
      ],
    },
    matched: {
      description: 'Matched by the operator and not on the chain yet.',
      on: {
        'trade.reported': [
          { guard: 'saysConfirmed', target: 'confirmed' },
          { guard: 'saysFailed', target: 'failed' },
          { guard: 'saysMined', target: 'mined' },
          { guard: 'saysRetrying', target: 'retrying' },
          { guard: 'saysMatched', description: 'Said twice.' },
        ],
      },
    },
    mined: {
      description: 'In a block that may still be reorganised away. The venue lets go what it brought.',
      entry: { type: 'tellLeg', params: { word: 'mined' } },
      on: {
        'trade.reported': [
          { guard: 'saysConfirmed', target: 'confirmed' },
          { guard: 'saysFailed', target: 'failed' },
          { guard: 'saysRetrying', target: 'retrying' },
          { description: 'Said twice, or the match was heard after its block.' },
        ],
      },
    },
    retrying: {
      description: 'The chain did not take it, and the operator tries again: for minutes, if need be.',
      entry: { type: 'tellLeg', params: { word: 'retrying' } },
      on: {
        'trade.reported': [
          { guard: 'saysConfirmed', target: 'confirmed' },
          { guard: 'saysFailed', target: 'failed' },
          { guard: 'saysMined', target: 'mined' },
          { description: 'Said twice, or the match was heard late.' },
        ],
      },
    },
    confirmed: {
      description: 'Ours for good, if the venue is to be believed.',
      entry: { type: 'tellLeg', params: { word: 'confirmed' } },
      on: {
        'trade.reported': [
          { guard: 'saysFailed', target: 'quarantined' },
          { description: 'Said twice, or an earlier stage was heard late.' },
        ],
      },
    },
    failed: {
      description: 'The match brought nothing: what was believed of it is taken back.',
      entry: { type: 'tellLeg', params: { word: 'failed' } },
      on: {
        'trade.reported': [
          { guard: 'saysConfirmed', target: 'quarantined' },
          { description: 'Said twice, or an earlier stage was heard late.' },
        ],
      },
    },
    quarantined: {
      description: 'Said to have failed and to be confirmed. Counted as possible until a person has looked.',
      entry: [
        {
          type: 'reportContradiction',
          params: ({ context }) => ({
            tradeId: context.tradeId,
            detail: 'expected a trade that is confirmed or failed, found reports of both',
          }),
        },
        { type: 'tellLeg', params: { word: 'quarantined' } },
      ],
      on: {
        'trade.reviewed': [
          { guard: 'saysConfirmed', target: 'confirmed' },
          { guard: 'saysFailed', target: 'failed' },
        ],
        'trade.reported': { description: 'More of the same proves nothing.' },
      },
    },
  },
  on: { '*': { actions: 'reportUnexpected' } },
});
