/** The quick half of `npm run conformance`, so that a break shows in `npm test`. */
import { expect, test } from 'vitest';
import { runScenarios, type Venue } from './checks.ts';
import { countOf, reportText } from './report.ts';
import { SCENARIOS } from './scenarios.ts';

/** What drives the simulators; recordings and samples need all of it first and are left to the whole run. */
const isQuick = (group: string): boolean => group !== 'samples' && group !== 'recordings' && group !== 'retired client';

test.each<Venue>(['kalshi', 'polymarket'])(
  'the official client of %s finds in the simulator what the venue documents',
  async (venue) => {
    const scenarios = SCENARIOS.filter((scenario) => scenario.venue === venue && isQuick(scenario.group));
    const outcomes = await runScenarios(scenarios);
    expect(countOf(outcomes, 'failed'), reportText(outcomes)).toBe(0);
    expect(countOf(outcomes, 'passed')).toBeGreaterThanOrEqual(150);
  },
  60_000,
);
