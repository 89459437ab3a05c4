/** Claims about the simulators, kept as they come in: each passed, failed with a reason, or was left out with one. */

export type Venue = 'kalshi' | 'polymarket';

export interface Outcome {
  readonly venue: Venue;
  readonly group: string;
  /** The claim, a sentence that could be false. */
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly reason?: string;
}

export interface Scenario {
  readonly venue: Venue;
  readonly group: string;
  /** The subject of its claims. */
  readonly title: string;
  run(checks: Checks): Promise<void>;
}

export class Checks {
  readonly #outcomes: Outcome[];
  readonly #scenario: Scenario;

  constructor(scenario: Scenario, outcomes: Outcome[]) {
    this.#scenario = scenario;
    this.#outcomes = outcomes;
  }

  /** The rest of the scenario goes on when a claim fails. */
  async claim(sentence: string, prove: () => unknown): Promise<void> {
    try {
      await prove();
      this.#note(sentence, 'passed');
    } catch (error) {
      this.#note(sentence, 'failed', textOf(error));
    }
  }

  /** What is not compared, and why: printed at the end, so that nobody believes it was. */
  leaveOut(sentence: string, reason: string): void {
    this.#note(sentence, 'skipped', reason);
  }

  #note(sentence: string, status: Outcome['status'], reason?: string): void {
    const { venue, group, title } = this.#scenario;
    const name = `${title} › ${sentence}`;
    if (this.#outcomes.some((known) => known.venue === venue && known.name === name))
      throw new Error(`a claim is made once, found again: ${name}`);
    this.#outcomes.push({ venue, group, name, status, ...(reason === undefined ? {} : { reason }) });
  }
}

/** One after the other: scenarios share the clock of the process. */
export async function runScenarios(scenarios: readonly Scenario[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) {
    const checks = new Checks(scenario, outcomes);
    try {
      await scenario.run(checks);
    } catch (error) {
      await checks.claim('runs to its end', () => {
        throw error;
      });
    }
  }
  return outcomes;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = /\/conformance\/(\S+?:\d+)/.exec(error.stack ?? '')?.[1];
  const line = error.message.replaceAll(/\s+/g, ' ').slice(0, 600);
  return place === undefined ? line : `${line} (${place})`;
}
