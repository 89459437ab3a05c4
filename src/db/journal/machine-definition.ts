/** What a run keeps of every machine, so that its records can be judged and read when the code has moved on. */
import { hash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { JsonObject } from '../../domain/ports/journal.ts';

export interface StateDefinition {
  readonly id: string;
  /** `live.fresh`; empty for the root. */
  readonly path: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
}

export interface EdgeDefinition {
  readonly id: string;
  readonly source: string;
  readonly event: string;
  readonly targets: readonly string[];
}

export interface MachineDefinition {
  readonly machine: string;
  readonly states: readonly StateDefinition[];
  readonly edges: readonly EdgeDefinition[];
  /** The chart itself, as its library describes it. */
  readonly chart: JsonObject;
}

export function definitionHash(definition: MachineDefinition): string {
  return contentHash(canonicalJson(definition));
}

export function contentHash(text: string): string {
  return `sha256:${hash('sha256', text)}`;
}
