/** What a record keeps of events, states and contexts. */
import type { EventObject } from 'xstate';
import type { Json, JsonObject } from '../domain/ports/journal.ts';

/** `live.fresh`, or `a.b|c.d` where regions are parallel. */
export function stateText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([state, inner]) => {
      const text = stateText(inner);
      return text === '' ? state : `${state}.${text}`;
    })
    .join('|');
}

/** An event as data. What XState says about children is shortened to what a reader can use. */
export function eventFields(event: EventObject): JsonObject {
  if (!event.type.startsWith('xstate.')) return event as unknown as JsonObject;
  const { error } = event as { error?: unknown };
  if (error === undefined) return { type: event.type };
  return { type: event.type, error: error instanceof Error ? error.message : String(error) };
}

/** The top-level fields that differ, as they are afterwards. Charts change a field by giving it a new value. */
export function changedFields(before: Readonly<Record<string, unknown>>, after: typeof before): JsonObject {
  if (before === after) return {};
  const changed: Record<string, Json | undefined> = {};
  for (const [name, value] of Object.entries(after)) if (before[name] !== value) changed[name] = value as Json;
  return changed;
}
