import { doubted, plannedReport } from '../../src/domain/execution/policy.ts';
import { attemptMachine } from '../../src/machines/attempt.machine.ts';
import { eventsIn, isLongEnough, keep, keepLast, lastEventsIn, modelPlan } from './attempt.catalogue.ts';
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

for (const policy of ['together', 'sequential', 'makerThenHedge'] as const) {
  describeModel({
    machine: attemptMachine,
    variant: `${policy}, to the end`,
    input: { plan: modelPlan(policy), sinceMicros: 0 },
    events: lastEventsIn,
    keep: keepLast,
    stopWhen: isLongEnough,
    driver: () => attemptDriver(policy),
  });
}

const plan = modelPlan('together');
// Both orders were on their way when the process ended.
const restored = { reports: plan.legs.map((order) => doubted(plannedReport(order))), settled: [] };

describeModel({
  machine: attemptMachine,
  variant: 'of an earlier life',
  input: { plan, sinceMicros: 0, restored },
  events: eventsIn,
  keep,
  limit: 20_000,
  // From here on it goes the way of any other.
  stopWhen: ({ text }) => text !== 'sending',
  driver: () => attemptDriver('together', { restored }),
});
