import { attemptMachine } from '../../src/machines/attempt.machine.ts';
import { eventsIn, isLongEnough, keep, modelPlan } from './attempt.catalogue.ts';
import { attemptDriver } from './attempt.driver.ts';
import { describeModel } from './harness/describe-model.ts';

for (const policy of ['together', 'sequential', 'makerThenHedge'] as const) {
  describeModel({
    machine: attemptMachine,
    variant: policy,
    input: { plan: modelPlan(policy), sinceMicros: 0 },
    events: eventsIn,
    keep,
    limit: 20_000,
    stopWhen: isLongEnough,
    driver: () => attemptDriver(policy),
  });
}
