/** What a position does about the exits of its legs. */
import { enqueueActions } from 'xstate';
import type { LegHolding, PositionContext, PositionEvent } from './position.events.ts';
import { changeOf, exitId, legIn, without } from './position-facts.ts';

/** An exit broke. Its leg is held to the end, and somebody is told. */
export const dropExit = enqueueActions<
  PositionContext,
  PositionEvent,
  string,
  PositionEvent,
  never,
  never,
  never,
  never,
  never
>(({ context, enqueue }, actorId) => {
  const leg = legIn(actorId);
  enqueue.assign({ exits: without(context.exits, leg), exiting: without(context.exiting, leg) });
  enqueue.stopChild(actorId);
});

/** Every exit that lives is told, by its name. */
export const tellExits = enqueueActions<
  PositionContext,
  PositionEvent,
  { readonly type: 'exit.requested'; readonly reason: string } | { readonly type: 'position.ended' },
  PositionEvent,
  never,
  never,
  never,
  never,
  never
>(({ context, enqueue }, said) => {
  for (const leg of context.exits) enqueue.sendTo(exitId(leg), said);
});

/** Exits of these legs are told by how much they grew or shrank. */
export const resizeExits = enqueueActions<
  PositionContext,
  PositionEvent,
  readonly LegHolding[],
  PositionEvent,
  never,
  never,
  never,
  never,
  never
>(({ context, enqueue }, held) => {
  for (const one of held.filter(({ leg }) => context.exits.includes(leg)))
    enqueue.sendTo(exitId(one.leg), { type: 'position.resized', byE6: changeOf(context, one) });
});
