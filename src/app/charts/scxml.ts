/** A chart as SCXML, the W3C's state chart language: names of guards and actions stand where its code would. */
import type { Chart } from '../../machines/charts.ts';
import type { ActionDefinition } from './actions.ts';
import { definitionOf, type StateDefinition, type TransitionDefinition } from './definition.ts';

const ELEMENTS: Readonly<Record<StateDefinition['type'], string>> = {
  atomic: 'state',
  compound: 'state',
  parallel: 'parallel',
  final: 'final',
  history: 'history',
};

export function scxmlOf(chart: Chart): string {
  const { root } = definitionOf(chart.machine);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" name="${escaped(chart.name)}"${initialOf(root)}>`,
    `  <!-- ${root.description.replaceAll('--', '- -')} -->`,
    ...insideOf(root, '  '),
    '</scxml>',
  ];
  return `${lines.join('\n')}\n`;
}

function stateLines(state: StateDefinition, indent: string): string[] {
  const element = ELEMENTS[state.type];
  const initial = state.type === 'compound' ? initialOf(state) : '';
  const inside = insideOf(state, `${indent}  `);
  const open = `${indent}<${element} id="${escaped(state.id)}"${initial}`;
  return inside.length === 0 ? [`${open}/>`] : [`${open}>`, ...inside, `${indent}</${element}>`];
}

function insideOf(state: StateDefinition, indent: string): string[] {
  return [
    ...blockOf('onentry', state.entry, indent),
    ...blockOf('onexit', state.exit, indent),
    ...state.transitions.flatMap((transition) => transitionLines(transition, indent)),
    ...state.states.flatMap((child) => stateLines(child, indent)),
  ];
}

function transitionLines(transition: TransitionDefinition, indent: string): string[] {
  const { event, guard, targets, isReentering, actions } = transition;
  const attributes = [
    event === '' ? '' : ` event="${escaped(event)}"`,
    guard === undefined ? '' : ` cond="${escaped(guard)}"`,
    targets.length === 0 ? '' : ` target="${targets.map(escaped).join(' ')}"`,
    targets.length === 0 || isReentering ? '' : ' type="internal"',
  ].join('');
  if (actions.length === 0) return [`${indent}<transition${attributes}/>`];
  const inside = actions.map((action) => `${indent}  ${actionElement(action)}`);
  return [`${indent}<transition${attributes}>`, ...inside, `${indent}</transition>`];
}

function blockOf(element: string, actions: readonly ActionDefinition[], indent: string): string[] {
  if (actions.length === 0) return [];
  return [
    `${indent}<${element}>`,
    ...actions.map((action) => `${indent}  ${actionElement(action)}`),
    `${indent}</${element}>`,
  ];
}

function actionElement(action: ActionDefinition): string {
  const { kind, name, event = name, delay, id } = action;
  const named = id === undefined ? '' : ` id="${escaped(id)}"`;
  if (kind === 'raise' && delay === undefined) return `<raise event="${escaped(event)}"/>`;
  if (kind === 'raise') return `<send event="${escaped(event)}" delayexpr="${escaped(delay ?? '')}"${named}/>`;
  if (kind === 'cancel') return `<cancel sendid="${escaped(id ?? name)}"/>`;
  if (kind === 'tellParent') return `<send event="${escaped(event)}" target="#_parent"/>`;
  if (kind === 'tell') return `<send event="${escaped(event)}" target="#_${escaped(id ?? name)}"/>`;
  return `<script>${escaped(name)}</script>`;
}

function initialOf(state: StateDefinition): string {
  return state.initial === undefined ? '' : ` initial="${escaped(state.initial)}"`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
