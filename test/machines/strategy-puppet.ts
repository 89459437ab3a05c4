/** A child that does what its test says. */
import { assign, setup } from 'xstate';

/** What the test says that it came to. */
function outputIn({ event }: { readonly event: { readonly output?: unknown } }): unknown {
  return event.output;
}

/** A child that keeps what it hears, ends and breaks on demand. */
export const puppet = setup({
  types: {} as {
    context: { heard: readonly string[] };
    events: { type: 'end'; output?: unknown } | { type: 'break' } | { type: 'other' };
    output: unknown;
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
  states: {
    live: {},
    over: { type: 'final', output: outputIn },
  },
  output: outputIn,
  on: { end: '.over', break: { actions: 'fail' }, '*': { actions: 'keep' } },
});
