/** What an action of a chart is, by the name it has there: an effect, a change of context, a word to somebody. */
import type { AnyStateMachine } from 'xstate';

export interface ActionDefinition {
  readonly kind:
    | 'named'
    | 'update'
    | 'raise'
    | 'cancel'
    | 'spawn'
    | 'stop'
    | 'tell'
    | 'tellParent'
    | 'choose'
    | 'log'
    | 'inline';
  /** As the chart names it; for one that stands in the chart itself, what it is about. */
  readonly name: string;
  /** The event that is raised or told, where the chart says it. */
  readonly event?: string;
  readonly delay?: string;
  /** Of a timer or a child. */
  readonly id?: string;
  /** The child that is started. */
  readonly child?: string;
}

/** What XState's own actions carry, as far as they are read here. */
interface BuiltIn {
  readonly type: string;
  readonly event?: unknown;
  readonly delay?: unknown;
  readonly id?: unknown;
  readonly sendId?: unknown;
  readonly src?: unknown;
  readonly actorRef?: unknown;
  readonly to?: unknown;
  readonly resolve?: unknown;
}

export function actionOf(machine: AnyStateMachine, action: unknown): ActionDefinition {
  if (typeof action === 'function') return describe(action as unknown as BuiltIn, undefined);
  const name = typeof action === 'string' ? action : (action as { type: string }).type;
  const behind = (machine.implementations.actions as Readonly<Record<string, unknown>>)[name];
  return behind === undefined ? { kind: 'named', name } : describe(behind as BuiltIn, name);
}

/** `isFilled`, `not isFilled`, `isFilled and isLate`. */
export function guardText(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  const { name, type, guards } = guard as { name?: string; type?: string; guards?: readonly unknown[] };
  if (typeof guard !== 'function') return type ?? '';
  if (guards === undefined) return name === 'stateIn' ? stateInText(guard) : 'inline';
  const parts = guards.map((inner) => {
    const text = guardText(inner);
    return text.includes(' ') ? `(${text})` : text;
  });
  return name === 'not' ? `not ${parts[0]}` : parts.join(` ${name} `);
}

function stateInText(guard: unknown): string {
  const { stateValue } = guard as { stateValue?: unknown };
  return `in ${typeof stateValue === 'string' ? stateValue : JSON.stringify(stateValue)}`;
}

function describe(action: BuiltIn, name: string | undefined): ActionDefinition {
  const kind = kindOf(action);
  const event = eventText(action.event);
  const delay = typeof action.delay === 'number' ? `${action.delay} ms` : textOf(action.delay);
  const id = textOf(action.sendId) ?? textOf(action.actorRef) ?? textOf(action.id);
  const child = kind === 'spawn' ? textOf(action.src) : undefined;
  const to = kind === 'tell' ? textOf(action.to) : undefined;
  return {
    kind,
    name: name ?? child ?? event ?? id ?? kind,
    ...(event === undefined ? {} : { event }),
    ...(delay === undefined ? {} : { delay }),
    ...(id === undefined && to === undefined ? {} : { id: id ?? (to as string) }),
    ...(child === undefined ? {} : { child }),
  };
}

const EVENT_TYPE = /\btype:\s*(?:'([^']+)'|"([^"]+)"|`([^`$]+)`)/g;

/** The type of a told event. Where the event is computed, every type that its function names. */
function eventText(event: unknown): string | undefined {
  if (typeof event !== 'function') return textOf((event as { type?: unknown } | undefined)?.type);
  const types = [...String(event).matchAll(EVENT_TYPE)].map(([, a, b, c]) => a ?? b ?? c ?? '');
  return types.length === 0 ? undefined : [...new Set(types)].join(' | ');
}

const KINDS: Readonly<Record<string, ActionDefinition['kind']>> = {
  'xstate.assign': 'update',
  'xstate.raise': 'raise',
  'xstate.cancel': 'cancel',
  'xstate.spawnChild': 'spawn',
  'xstate.stopChild': 'stop',
  'xstate.enqueueActions': 'choose',
  'xstate.log': 'log',
};

function kindOf(action: BuiltIn): ActionDefinition['kind'] {
  if (action.resolve === undefined) return 'named';
  if (action.type === 'xstate.sendTo') return action.to === '#_parent' ? 'tellParent' : 'tell';
  return KINDS[action.type] ?? 'inline';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
