/** What an action of a chart is, by the name it has there: an effect, a change of context, a word to somebody. */
import type { AnyStateMachine } from 'xstate';
import type { Json } from '../../domain/ports/journal.ts';

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
  /** What one that chooses may do, as far as its function names it: `start rateLimit`, `requestStatus`. */
  readonly may?: readonly string[];
  /** What the chart gives with it, where that is fixed. */
  readonly params?: Json;
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
  readonly collect?: unknown;
}

export function actionOf(machine: AnyStateMachine, action: unknown): ActionDefinition {
  if (typeof action === 'function') return describe(action as unknown as BuiltIn, undefined);
  const given = typeof action === 'string' ? { type: action } : (action as { type: string; params?: unknown });
  const { type: name, params }: { type: string; params?: unknown } = given;
  const behind = (machine.implementations.actions as Readonly<Record<string, unknown>>)[name];
  const described: ActionDefinition =
    behind === undefined ? { kind: 'named', name } : describe(behind as BuiltIn, name);
  return params === undefined || typeof params === 'function' ? described : { ...described, params: params as Json };
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
    ...(kind === 'choose' ? { may: choicesOf(action.collect) } : {}),
  };
}

const EVENT_TYPE = /\btype:\s*(?:'([^']+)'|"([^"]+)"|`([^`$]+)`)/g;

/** The type of a told event. Where the event is computed, every type that its function names. */
function eventText(event: unknown): string | undefined {
  if (typeof event !== 'function') return textOf((event as { type?: unknown } | undefined)?.type);
  const types = [...String(event).matchAll(EVENT_TYPE)].map(([, a, b, c]) => a ?? b ?? c ?? '');
  return types.length === 0 ? undefined : [...new Set(types)].join(' | ');
}

const ENQUEUED = /\benqueue(?:\.(\w+))?\(\s*(?:\{\s*type:\s*)?(?:(['"])([^'"]+)\2)?/g;
const VERBS: Readonly<Record<string, string>> = {
  spawnChild: 'start',
  stopChild: 'let go',
  raise: 'raise',
  cancel: 'stop',
};

/** What a function that chooses among actions names in its text. */
function choicesOf(collect: unknown): readonly string[] {
  const found = [...String(collect).matchAll(ENQUEUED)].flatMap(([, verb, , name]) => {
    if (verb === undefined) return name === undefined ? [] : [name];
    const word = VERBS[verb];
    return word === undefined || (name === undefined && verb !== 'stopChild') ? [] : [`${word} ${name ?? 'a child'}`];
  });
  return [...new Set(found)].sort();
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
