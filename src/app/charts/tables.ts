/** A chart as tables: what its page in the documents and its page in the terminal both show. */
import type { Chart } from '../../machines/charts.ts';
import type { ActionDefinition } from './actions.ts';
import { definitionOf, type StateDefinition, statesOf, type TransitionDefinition } from './definition.ts';
import { EFFECT_NOTES } from './effect-notes.ts';
import { actionText, delaysOf, EVERY_STATE, effectsOf, eventText, isInitial, shortId } from './words.ts';

export interface ChartTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns that hold names of the chart. */
  readonly names: readonly number[];
  /** What stands there when there are no rows; a table without rows and without this is left out. */
  readonly none?: string;
}

export function tablesOf(chart: Chart): readonly ChartTable[] {
  const { root, children } = definitionOf(chart.machine);
  const tables: readonly ChartTable[] = [
    {
      title: 'States',
      head: ['state', 'kind', 'meaning', 'on entering', 'on leaving'],
      rows: stateRows(root),
      names: [0],
    },
    {
      title: 'Transitions',
      head: ['from', 'event', 'guard', 'actions and effects', 'to'],
      rows: transitionRows(root),
      names: [0, 1, 2, 4],
    },
    {
      title: 'Effects',
      head: ['effect', 'meaning', 'given', 'asked for'],
      rows: effectRows(chart),
      names: [0, 2],
      none: 'It asks for nothing: it only tells its parent.',
    },
    {
      title: 'Delays',
      head: ['delay', 'value'],
      rows: delaysOf(chart).map(({ name, text }) => [name, text]),
      names: [0],
    },
    {
      title: 'Children',
      head: ['child', 'chart'],
      rows: Object.entries(children),
      names: [0, 1],
    },
  ];
  return tables.filter(({ rows, none }) => rows.length > 0 || none !== undefined);
}

/** Instead of a target. */
export const STAYS = 'stays';

function stateRows(root: StateDefinition): string[][] {
  const parents = new Map(statesOf(root).flatMap((state) => state.states.map((child) => [child.id, state] as const)));
  return statesOf(root)
    .filter(({ id }) => id !== root.id)
    .map((state) => {
      const parent = parents.get(state.id);
      const isFirst = parent !== undefined && parent.type !== 'parallel' && isInitial(parent, state);
      const kind = parent?.type === 'parallel' ? 'region' : state.type === 'atomic' ? '' : state.type;
      return [
        shortId(state.id),
        [kind, isFirst ? 'initial' : ''].filter((word) => word !== '').join(', '),
        state.description,
        actionsText(state.entry),
        actionsText(state.exit),
      ];
    });
}

function transitionRows(root: StateDefinition): string[][] {
  return statesOf(root).flatMap((state) =>
    state.transitions.map((transition) => [
      state.id === root.id ? EVERY_STATE : shortId(state.id),
      eventText(transition),
      transition.guard ?? '',
      actionsText(transition.actions),
      targetText(transition),
    ]),
  );
}

function targetText({ targets }: TransitionDefinition): string {
  return targets.length === 0 ? STAYS : targets.map(shortId).join(', ');
}

function actionsText(actions: readonly ActionDefinition[]): string {
  return actions.map(actionText).join('; ');
}

function effectRows(chart: Chart): string[][] {
  return effectsOf(chart).map(({ name, places }) => {
    const note = EFFECT_NOTES[chart.name]?.[name];
    return [name, note?.meaning ?? '', note?.given ?? '', places.join('; ')];
  });
}
