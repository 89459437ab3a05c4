/** What a position does about the exits of its legs. */
import { enqueueActions } from 'xstate';
import type { ExitPlan } from '../domain/execution/exit-plan.ts';
import type { BrokenExit, LegHolding, PositionContext, PositionEvent } from './position.events.ts';
import { changeOf, exitId, legIn, without } from './position-facts.ts';

interface Asking {
  readonly type: 'requestExitOrders';
  readonly params: { readonly positionId: string; readonly leg: number };
}

type Decide<Params, Asked extends Asking> = Parameters<
  typeof enqueueActions<PositionContext, PositionEvent, Params, PositionEvent, never, Asked, never, never, never>
>[0];

/** `enqueueActions` in this chart, which starts no child and raises nothing here. */
function deciding<Params, Asked extends Asking = never>(decide: Decide<Params, Asked>) {
  return enqueueActions<PositionContext, PositionEvent, Params, PositionEvent, never, Asked, never, never, never>(
    decide,
  );
}

/** An exit is over. What it did not sell is held to the end. */
export const dropExit = deciding<string>(({ context, enqueue }, actorId) => {
  const leg = legIn(actorId);
  enqueue.assign({
    exits: without(context.exits, leg),
    exiting: without(context.exiting, leg),
    broken: context.broken.filter((each) => each.leg !== leg),
  });
  enqueue.stopChild(actorId);
});

/** An exit broke. Its orders are asked for at once; those of one that broke again wait for the next turn. */
export const loseExit = deciding<string, Asking>(({ context, enqueue }, actorId) => {
  const { positionId, exits, broken } = context;
  const leg = legIn(actorId);
  // Of no exit of ours there are no orders to ask for.
  if (!exits.includes(leg)) return;
  const isFirst = broken.every((each) => each.leg !== leg);
  const others = broken.filter((each) => each.leg !== leg);
  enqueue.assign({
    exits: without(exits, leg),
    exiting: without(context.exiting, leg),
    broken: [...others, { leg, isFollowed: false }],
  });
  enqueue.stopChild(actorId);
  if (isFirst) enqueue({ type: 'requestExitOrders', params: { positionId, leg } });
});

/** Of every broken exit whose orders nobody follows. */
export const askForLost = deciding<undefined, Asking>(({ context: { positionId, broken }, enqueue }) => {
  for (const { leg } of broken.filter(isLost)) enqueue({ type: 'requestExitOrders', params: { positionId, leg } });
});

export function isLost({ isFollowed }: BrokenExit): boolean {
  return !isFollowed;
}

/** Every exit that lives is told, by its name. */
export const tellExits = deciding<
  { readonly type: 'exit.requested'; readonly reason: string } | { readonly type: 'position.ended' }
>(({ context, enqueue }, said) => {
  for (const leg of context.exits) enqueue.sendTo(exitId(leg), said);
});

/** A person's word, to the exit of one leg. */
export const tellExit = deciding<{ readonly plan: ExitPlan; readonly reason: string }>(
  ({ enqueue }, { plan, reason }) => {
    enqueue.sendTo(exitId(plan.leg), { type: 'exit.requested', reason });
  },
);

/** Exits of these legs are told by how much they grew or shrank. */
export const resizeExits = deciding<readonly LegHolding[]>(({ context, enqueue }, held) => {
  for (const one of held.filter(({ leg }) => context.exits.includes(leg)))
    enqueue.sendTo(exitId(one.leg), { type: 'position.resized', byE6: changeOf(context, one) });
});
