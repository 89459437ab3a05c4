/** A chart as the text of a Mermaid `stateDiagram-v2`. */
import type { Chart } from '../../machines/charts.ts';
import { definitionOf, type StateDefinition, statesOf, type TransitionDefinition } from './definition.ts';
import { eventText, visibleActions } from './words.ts';

export function mermaidOf(chart: Chart): string {
  const { root } = definitionOf(chart.machine);
  const lines = ['stateDiagram-v2', ...bodyOf(root, '  ')];
  for (const state of statesOf(root)) {
    for (const transition of state.transitions) lines.push(...arrowsOf(chart, root, state, transition));
  }
  return `${lines.join('\n')}\n`;
}

function bodyOf(parent: StateDefinition, indent: string): string[] {
  const lines: string[] = [];
  for (const [at, state] of parent.states.entries()) {
    if (parent.type === 'parallel' && at > 0) lines.push(`${indent}--`);
    lines.push(`${indent}state "${state.key}" as ${mermaidId(state.id)}${state.states.length === 0 ? '' : ' {'}`);
    if (state.states.length > 0) lines.push(...bodyOf(state, `${indent}  `), `${indent}}`);
    if (state.type === 'final') lines.push(`${indent}${mermaidId(state.id)} --> [*]`);
  }
  if (parent.initial !== undefined) lines.unshift(`${indent}[*] --> ${mermaidId(parent.initial)}`);
  return lines;
}

/** Mermaid has no arrow that starts at the whole diagram: what holds in every state is written as a note. */
function arrowsOf(
  chart: Chart,
  root: StateDefinition,
  state: StateDefinition,
  transition: TransitionDefinition,
): string[] {
  const label = labelOf(chart, transition);
  const targets = transition.targets.length === 0 ? [state.id] : transition.targets;
  if (state.id !== root.id)
    return targets.map((target) => `  ${mermaidId(state.id)} --> ${mermaidId(target)} : ${label}`);
  const first = root.states[0];
  if (first === undefined || transition.event === '*') return [];
  const to = transition.targets.map((target) => target.slice(root.id.length + 1)).join(', ');
  return [`  note right of ${mermaidId(first.id)} : in every state ${label}${to === '' ? '' : ` to ${to}`}`];
}

/** A colon ends a label and a semicolon a line, so neither may stand in one. */
function labelOf(chart: Chart, transition: TransitionDefinition): string {
  const guard = transition.guard === undefined ? '' : ` [${transition.guard}]`;
  const actions = visibleActions(chart, transition.actions);
  const text = `${eventText(transition)}${guard}${actions.length === 0 ? '' : ` / ${actions.join(', ')}`}`;
  return text.replaceAll(/[:;#]/g, ' ');
}

function mermaidId(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9]/g, '_');
}
