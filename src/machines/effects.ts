/**
 * The names of what a chart asks for. A machine file declares its effects as one object of these; an
 * actor binds each name to a handler. A chart that nobody bound asks for nothing in silence: it throws.
 */
import { InvariantError } from '../domain/invariant.ts';

declare const params: unique symbol;

/** One named effect, with the parameters that the chart gives it. They survive JSON, as context does. */
export type Effect<Params> = ((args: unknown, given: Params) => void) & { readonly [params]?: Params };

export function effect<Params = undefined>(): Effect<Params> {
  return () => {
    throw new InvariantError(
      'an effect was asked for by a chart that nobody bound: start it through the actor runtime',
    );
  };
}

/** What the root of every chart does with an event that it did not expect: the runtime journals it as ignored. */
export const reportUnexpected = effect();

/** Sent back to the actor when the handler of one of its effects threw: what was asked for may or may not have happened. */
export interface EffectFailed {
  readonly type: 'effect.failed';
  readonly effect: string;
  readonly message: string;
}

/** A child ended or broke, as XState reports it to its parent. Every parent stops what it names. */
export type ChildEnded =
  | { readonly type: `xstate.done.actor.${string}`; readonly actorId: string; readonly output: unknown }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string; readonly error: unknown };
