/**
 * A chart as a drawing, made without a browser and without a network. Arrows between two states are drawn as one
 * with a line for each; what does not leave its state stands inside it, so that the arrows are the moves. What
 * holds in each of several states has a box of its own among them.
 */
import type { IActionType, IState, IStateMachine, ITransition } from 'state-machine-cat';
import { render } from 'state-machine-cat';
import type { Chart } from '../../machines/charts.ts';
import { definitionOf, type StateDefinition, statesOf, type TransitionDefinition } from './definition.ts';
import { eventText, isInitial, visibleActions } from './words.ts';

/** Characters of one line of a label. */
const LABEL_WIDTH = 34;
/** A chart of more transitions shows events and guards only: its effects stand in the tables. */
const TRANSITIONS_WITH_EFFECTS = 40;
/** One that layout keeps. */
const SPACE = '\u00a0';
const GREY = '#777777';

/** What is being drawn. */
interface Drawing {
  readonly chart: Chart;
  readonly hasEffects: boolean;
  readonly transitions: ITransition[];
}

export function svgOf(chart: Chart): Promise<string> {
  const { root } = definitionOf(chart.machine);
  const count = statesOf(root).reduce((sum, { transitions }) => sum + transitions.length, 0);
  const drawing: Drawing = { chart, hasEffects: count <= TRANSITIONS_WITH_EFFECTS, transitions: [] };
  const whole: IState = { ...stateOf(drawing, root), label: chart.name };
  return drawingText({ states: [whole], transitions: drawing.transitions });
}

export async function drawingText(drawing: IStateMachine): Promise<string> {
  const svg = await render(drawing, {
    inputType: 'json',
    // Always by the layout engine that was installed with us: one on the machine may draw something else.
    outputType: 'oldsvg',
    direction: 'top-down',
    dotGraphAttrs: [
      { name: 'bgcolor', value: 'white' },
      { name: 'nodesep', value: '0.35' },
      { name: 'ranksep', value: '0.4' },
    ],
  });
  return `${legible(svg).trimEnd()}\n`;
}

/**
 * The layout knows the widths of Helvetica; whoever looks may only have a wider font. Letters a little smaller than
 * what was laid out fit in every one of them.
 */
function legible(svg: string): string {
  return svg
    .replaceAll(/font-size="([0-9.]+)"/g, (_, size) => `font-size="${(Number(size) * 0.88).toFixed(2)}"`)
    .replaceAll(/font-family="[^"]*"/g, 'font-family="Helvetica,Arial,DejaVu Sans,sans-serif"');
}

function stateOf(drawing: Drawing, state: StateDefinition): IState {
  const { chart } = drawing;
  const isFrame = state.states.length > 0 && state.type !== 'parallel';
  const inside = [
    ...linesOf('entry', visibleActions(chart, state.entry)),
    ...linesOf('exit', visibleActions(chart, state.exit)),
    ...(state.type === 'final' ? linesOf('activity', ['◉ the end']) : []),
  ];
  const inner = state.transitions.filter(({ event, targets }) => event !== '*' && staysInside(state, targets));
  const outer = state.transitions.filter(({ targets }) => !staysInside(state, targets));
  arrows(drawing, state.id, outer);
  if (!isFrame) inside.push(...linesOf('activity', textsOf(drawing, inner, state)));
  return {
    name: state.id,
    label: state.key,
    // A drawn final state has no name, so ours is a state that says that it is the end.
    type: state.type === 'parallel' ? 'parallel' : 'regular',
    typeExplicitlySet: true,
    ...(inside.length === 0 ? {} : { actions: inside }),
    ...(state.states.length === 0 ? {} : { statemachine: machineOf(drawing, state, isFrame ? inner : []) }),
  };
}

function machineOf(drawing: Drawing, state: StateDefinition, inner: readonly TransitionDefinition[]): IStateMachine {
  const states = state.states.map((child) => stateOf(drawing, child));
  if (state.type === 'parallel') return { states };
  const first = state.states.find((child) => isInitial(state, child));
  if (first !== undefined) {
    const start = `${state.id}.initial`;
    states.unshift({ name: start, label: '', type: 'initial', typeExplicitlySet: true });
    drawing.transitions.push({ id: drawing.transitions.length + 1, from: start, to: first.id });
  }
  if (inner.length === 0) return { states };
  const each = `${state.id}.each`;
  const lines = linesOf(
    'activity',
    textsOf(
      drawing,
      inner.filter(({ targets }) => targets.length === 0 || targets.includes(state.id)),
      state,
    ),
  );
  const label = state.id.includes('.') ? 'in each of these' : 'in every state';
  arrows(
    drawing,
    each,
    inner.filter(({ targets }) => targets.length > 0 && !targets.includes(state.id)),
  );
  const box: IState = { name: each, label, type: 'regular', typeExplicitlySet: true, color: GREY };
  return { states: [...states, lines.length === 0 ? box : { ...box, actions: lines }] };
}

function arrows(drawing: Drawing, from: string, transitions: readonly TransitionDefinition[]): void {
  const byTarget = new Map<string, TransitionDefinition[]>();
  for (const transition of transitions) {
    for (const target of transition.targets) byTarget.set(target, [...(byTarget.get(target) ?? []), transition]);
  }
  for (const [to, list] of byTarget) {
    const lines = textsOf(drawing, list, undefined).flatMap(wrapped);
    const label = lines.map((line) => `${line}${SPACE}`).join('\n');
    drawing.transitions.push({ id: drawing.transitions.length + 1, from, to, label });
  }
}

/** Moves from a state to itself or to one of those inside it would be arrows from a frame to what it frames. */
function staysInside(state: StateDefinition, targets: readonly string[]): boolean {
  const isFrame = state.states.length > 0;
  return targets.every((target) => target.startsWith(`${state.id}.`) || (isFrame && target === state.id));
}

/** One text for each event and what it asks for, with all guards under which it does. */
function textsOf(
  drawing: Drawing,
  transitions: readonly TransitionDefinition[],
  inside: StateDefinition | undefined,
): string[] {
  const guards = new Map<string, { before: string; after: string; guards: string[] }>();
  for (const transition of transitions) {
    const actions = drawing.hasEffects ? visibleActions(drawing.chart, transition.actions) : [];
    const target = inside === undefined ? '' : targetText(inside, transition);
    const after = `${actions.length === 0 ? '' : ` / ${actions.join(', ')}`}${target}`;
    const before = eventText(transition);
    const found = guards.get(`${before}${after}`) ?? { before, after, guards: [] };
    guards.set(`${before}${after}`, found);
    found.guards.push(transition.guard ?? 'otherwise');
  }
  return [...guards.values()].map(({ before, after, guards: found }) => {
    const alone = found.length === 1 && found[0] === 'otherwise';
    return `${before}${alone ? '' : ` [${found.join('; ')}]`}${after}`;
  });
}

function targetText(state: StateDefinition, { targets }: TransitionDefinition): string {
  if (targets.includes(state.id)) return ' → anew';
  return targets.length === 0 ? '' : ` → ${targets.map((id) => id.slice(state.id.length + 1)).join(', ')}`;
}

function linesOf(type: IActionType['type'], texts: readonly string[]): IActionType[] {
  return texts.flatMap((text) =>
    wrapped(text).map((line, at): IActionType => (at === 0 ? { type, body: line } : { type: 'activity', body: line })),
  );
}

/** Broken at spaces, what follows indented. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  // An arrow stays with what it tells.
  for (const word of text.replaceAll(/([↑↓]) /g, `$1${SPACE}`).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LABEL_WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `${SPACE.repeat(4)}${word}`);
  }
  return lines;
}
