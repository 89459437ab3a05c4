/**
 * From the frame that opens a gap to the last byte of both orders that take it, beside 10,000 messages a second.
 *
 *     npm run bench -- tick-to-trade [--seconds 40] [--rate 10000] [--pairs 300] [--rehearsal-ms 5] [--json] [--write-docs]
 *
 * Both simulated venues run in a process of their own and speak their real protocols over loopback: frames in, signed
 * orders out, the intents of both on disk before either leaves. A trigger comes a few times a second, as in life: in a
 * tight loop the same path looks several times faster than it ever is. First without rehearsal, then with it.
 *
 * The floor is measured in turn with it, at the same rare cadence: a write of the same bytes and its `fdatasync`, one
 * native signature meanwhile, then two bare dispatches on open sockets. `ratioToFloor` divides by it.
 */
import { parseArgs } from 'node:util';
import { writeSection } from './support/benchmark-page.ts';
import { environment } from './support/environment.ts';
import { print, resultOf, sectionOf } from './support/tick-report.ts';
import { tickRun } from './support/tick-run.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '40' },
    rate: { type: 'string', default: '10000' },
    pairs: { type: 'string', default: '300' },
    'rehearsal-ms': { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const run = await tickRun({
  seconds,
  pairs: Number(values.pairs),
  perSecond: Number(values.rate),
  rehearsalMs: Number(values['rehearsal-ms']),
});
const result = resultOf(run, environment(), seconds);
if (values.json) console.log(JSON.stringify(result));
else print(result);
if (values['write-docs']) writeSection('tick-to-trade', sectionOf(result));
// Timers of attempts that wait for a settlement would keep the process for minutes.
process.exit(0);
