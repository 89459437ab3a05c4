/**
 * What a run keeps of every machine, so that its records can be judged and read when the code has moved on: the whole
 * definition as data. Only what is needed to judge a record is typed here.
 */
import { hash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';

export interface DefinedTransition {
  /** Its id in the records. */
  readonly edge: string;
  /** Ids of states; none where the state stays. */
  readonly targets: readonly string[];
}

export interface DefinedState {
  readonly id: string;
  readonly key: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly transitions: readonly DefinedTransition[];
  readonly states: readonly DefinedState[];
}

export interface MachineDefinition {
  /** The name of the machine. */
  readonly id: string;
  readonly root: DefinedState;
}

export function definitionHash(definition: MachineDefinition): string {
  return contentHash(canonicalJson(definition));
}

export function contentHash(text: string): string {
  return `sha256:${hash('sha256', text)}`;
}
