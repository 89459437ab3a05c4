/** Section 1.1: what became of an order is not known. */
import { afterEach, describe, expect, it } from 'vitest';
import { Scenario, type ScenarioOptions } from './rig.ts';

let scenario: Scenario | undefined;
afterEach(async () => {
  await scenario?.stop();
  scenario = undefined;
});

async function begun(options: ScenarioOptions = {}): Promise<Scenario> {
  scenario = await Scenario.begin(options);
  return scenario;
}

describe('order outcome unknown', () => {
  it('S01 › a timed-out order that matched is adopted, and nothing is sent again', async () => {
    const at = await begun();
    at.setFaults('polymarket', { id: 'O1', times: 1, match: { step: 'order' } });
    await at.open();
    await at.settled();
    expect([at.end, at.truth, at.received('kalshi'), at.received('polymarket')]).toEqual([
      'balanced',
      { kalshi: 11, yes: 0, no: 11 },
      1,
      1,
    ]);
  });
});
