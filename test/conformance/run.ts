/** `npm run conformance`: the official clients and everything recorded, against the simulators on real ports. */

import { runScenarios } from './checks.ts';
import { countOf, reportText, rowsOf } from './report.ts';
import { SCENARIOS } from './scenarios.ts';

const USAGE = 'usage: npm run conformance -- [--json] [kalshi|polymarket]';

const words = process.argv.slice(2);
const isJson = words.includes('--json');
const venues = words.filter((word) => word !== '--json');
const wanted = SCENARIOS.filter(({ venue }) => venues.length === 0 || venues.includes(venue));
if (venues.some((word) => word !== 'kalshi' && word !== 'polymarket')) {
  process.stderr.write(`expected no argument, --json or a venue, found ${words.join(' ')}\n${USAGE}\n`);
  process.exitCode = 64;
} else {
  const outcomes = await runScenarios(wanted);
  const failed = countOf(outcomes, 'failed');
  if (isJson)
    process.stdout.write(
      `${JSON.stringify({ passed: countOf(outcomes, 'passed'), failed, groups: rowsOf(outcomes), outcomes })}\n`,
    );
  else process.stdout.write(`${reportText(outcomes)}\n`);
  if (failed > 0) process.exitCode = 1;
}
