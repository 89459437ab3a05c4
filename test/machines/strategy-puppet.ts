/** A child that does what its test says. */
import { assign, setup } from 'xstate';

/** A child that keeps what it hears, ends and breaks on demand. */
export const puppet = setup({
  types: {} as {
    context: { heard: readonly string[] };
    events: { type: 'end' } | { type: 'break' } | { type: 'other' };
  },
  actions: {
    keep: assign(({ context, event }) => ({ heard: [...context.heard, event.type] })),
    fail: () => {
      throw new Error('broken');
    },
  },
}).createMachine({
  id: 'puppet',
  context: { heard: [] },
  initial: 'live',
  states: { live: {}, over: { type: 'final' } },
  on: { end: '.over', break: { actions: 'fail' }, '*': { actions: 'keep' } },
});
