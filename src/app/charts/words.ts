/** How the parts of a chart are put into words: the same in every diagram, table and export. */
import type { Chart } from '../../machines/charts.ts';
import type { ActionDefinition } from './actions.ts';
import {
  type ChartDefinition,
  definitionOf,
  type StateDefinition,
  statesOf,
  type TransitionDefinition,
} from './definition.ts';

/** `submission timeout` → what stands on an arrow when no event is needed. */
export const AT_ONCE = 'at once';
/** Where a transition of the whole chart comes from. */
export const EVERY_STATE = 'every state';

export function eventText({ event }: Pick<TransitionDefinition, 'event'>): string {
  if (event === '') return AT_ONCE;
  return event === '*' ? 'anything else' : event;
}

/** Below the machine: `content.live`; the machine itself by its name. */
export function shortId(id: string): string {
  const dot = id.indexOf('.');
  return dot < 0 ? id : id.slice(dot + 1);
}

export function actionText(action: ActionDefinition): string {
  const { params } = action;
  if (typeof params !== 'object' || params === null) return plainText(action);
  return `${plainText(action)} (${Object.values(params)
    .map((value) => JSON.stringify(value).replaceAll('"', ''))
    .join(', ')})`;
}

function plainText(action: ActionDefinition): string {
  const { kind, name, event, delay, id, child } = action;
  const own = name === event || name === id || name === child || name === kind ? '' : `${name}: `;
  switch (kind) {
    case 'named':
    case 'update':
    case 'inline':
    case 'log':
      return name;
    case 'choose':
      return action.may === undefined || action.may.length === 0 ? name : `${own}may ${action.may.join(', ')}`;
    case 'raise':
      return delay === undefined
        ? `${own}raises ${event ?? 'an event'}`
        : `${own}${event ?? 'an event'} after ${delay}`;
    case 'cancel':
      return `${own}stops the timer${id === undefined ? '' : ` ${id}`}`;
    case 'spawn':
      return `${own}starts ${child ?? 'a child'}`;
    case 'stop':
      return `${own}lets ${id ?? 'the child'} go`;
    case 'tellParent':
      return `${own}tells ${event ?? 'its parent'}${event === undefined ? '' : ' to its parent'}`;
    case 'tell':
      return `${own}tells ${event ?? 'something'} to ${id ?? 'a child'}`;
  }
}

function isEffect(chart: Chart, { kind, name }: ActionDefinition): boolean {
  return kind === 'named' && Object.hasOwn(chart.effects, name);
}

/** What an actor asks of the world or of others: what an arrow shows; changes of context are left to the tables. */
export function visibleActions(chart: Chart, actions: readonly ActionDefinition[]): readonly string[] {
  return actions.flatMap((action) => {
    if (isEffect(chart, action)) return [action.name];
    const { kind, event, child, id, delay, may = [] } = action;
    if (kind === 'choose') return may.filter((name) => Object.hasOwn(chart.effects, name) || name.includes(' '));
    if (kind === 'tellParent') return [`↑ ${event ?? action.name}`];
    if (kind === 'tell') return [`↓ ${event ?? action.name}`];
    if (kind === 'spawn') return [`start ${child ?? 'child'}`];
    if (kind === 'stop') return [`let ${id ?? 'child'} go`];
    if (kind === 'raise')
      return [delay === undefined ? `raise ${event ?? action.name}` : `${event ?? action.name} after ${delay}`];
    return [];
  });
}

export interface EffectUse {
  readonly name: string;
  /** Where it is asked for, in words. */
  readonly places: readonly string[];
}

export function effectsOf(chart: Chart): readonly EffectUse[] {
  const places = new Map<string, string[]>(Object.keys(chart.effects).map((name) => [name, []]));
  for (const state of statesOf(definitionOf(chart.machine).root)) {
    const note = (actions: readonly ActionDefinition[], place: string): void => {
      for (const { name, may = [] } of actions) for (const asked of [name, ...may]) places.get(asked)?.push(place);
    };
    const where = state.id.includes('.') ? shortId(state.id) : EVERY_STATE;
    note(state.entry, `on entering ${where}`);
    note(state.exit, `on leaving ${where}`);
    for (const transition of state.transitions) note(transition.actions, `${where} on ${eventText(transition)}`);
  }
  return [...places].map(([name, found]) => ({ name, places: [...new Set(found)] }));
}

/** Names of delays with their values: fixed ones, and computed ones as the example has them when it starts. */
export function delaysOf(chart: Chart): readonly { readonly name: string; readonly text: string }[] {
  return Object.entries(definitionOf(chart.machine).delays).map(([name, delay]) => ({
    name,
    text: delay === 'computed' ? computedText(chart, name) : durationText(delay),
  }));
}

/** A delay may need what its event says or what happened before: then there is no example of it. */
function computedText({ machine, input }: Chart, name: string): string {
  const context = machine.config.context as unknown;
  const compute = machine.implementations.delays[name] as unknown as (args: object, params: undefined) => unknown;
  try {
    const at = typeof context === 'function' ? context({ input }) : context;
    const ms = compute({ context: at, event: { type: '' } }, undefined);
    if (typeof ms === 'number' && Number.isFinite(ms)) return `computed; ${durationText(ms)} in the example`;
  } catch {
    // The words below say all that can be said.
  }
  return 'computed';
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

function durationText(ms: number): string {
  for (const [unit, size] of UNITS) if (ms >= size && ms % size === 0) return `${ms / size} ${unit}`;
  return `${ms} ms`;
}

export function countsOf(definition: ChartDefinition): { readonly states: number; readonly transitions: number } {
  const states = statesOf(definition.root);
  return {
    states: states.length - 1,
    transitions: states.reduce((sum, { transitions }) => sum + transitions.length, 0),
  };
}

/** Ids of the regions or states that are entered by themselves. */
export function isInitial(parent: StateDefinition, child: StateDefinition): boolean {
  return parent.type === 'parallel' || parent.initial === child.id;
}

/** `order-leg` of `orderLeg`: the name of its files, in the source and in the documents. */
export function fileOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Shorter than this, a first sentence says too little. */
const PURPOSE_MIN = 60;

/** What a chart is for: its first sentence, or two where the first is a short one. */
export function purposeOf({ description }: ChartDefinition): string {
  const ends = [...description.matchAll(/[.!?](?=\s|$)/g)].map(({ index }) => index + 1);
  const [first = description.length, second = first] = ends;
  return description.slice(0, first < PURPOSE_MIN ? second : first);
}
