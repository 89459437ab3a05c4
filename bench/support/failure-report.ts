/** What the failure bench prints, as lines and as a section of docs/benchmarks.md. */
import { type Environment, environmentLine } from './environment.ts';
import { type DistributionRun, RECORDED } from './failure-distribution.ts';

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const dollars = (usd: number): string => `$${usd.toFixed(2)}`;

/** Of the attempts whose first leg filled. */
function ofFirst({ shares: { oneLegged, bothFilled } }: DistributionRun): number {
  return oneLegged / (oneLegged + bothFilled);
}

/** Everything that the bench claims, whatever the figures are. */
export function isAsItMustBe(run: DistributionRun): boolean {
  const { leftOpen, isAtRest, isBelievedTrue, late, oneLegged, repairStartMs, standing, trips, resumes } = run;
  const isRepaired = late.length === 0 && repairStartMs.count === oneLegged;
  return leftOpen === 0 && isAtRest && isBelievedTrue && isRepaired && standing === 'closed' && resumes === trips;
}

export function linesOf(run: DistributionRun): readonly string[] {
  const { shares, repairStartMs: start, repairOrderMs: order, lossUsd, contracts } = run;
  const recorded = RECORDED.lossUsd;
  return [
    `${run.policy}: ${run.ended} of ${run.attempts} attempts ended, ${run.leftOpen} left open`,
    `  not filled   ${percent(shares.notFilled)} (recorded ${percent(RECORDED.notFilled)})`,
    `  both filled  ${percent(shares.bothFilled)} (recorded ${percent(RECORDED.bothFilled)})`,
    `  one-legged   ${percent(shares.oneLegged)} (recorded ${percent(RECORDED.oneLegged)}): ${countsOf(run.ends)}`,
    `  of filled    ${percent(ofFirst(run))} of first legs stayed alone (recorded ${percent(RECORDED.oneLeggedOfFirst)})`,
    `  repair       starts after p95 ${start.p95} ms, at most ${start.max} ms, ${run.late.length} later than ${RECORDED.startMsMax} ms`,
    `  first order  after p50 ${order.p50} ms, p95 ${order.p95} ms, at most ${order.max} ms; ${run.waited} of ${run.oneLegged} waited for a venue`,
    `  loss         p50 ${dollars(lossUsd.p50)}, p95 ${dollars(lossUsd.p95)}, max ${dollars(lossUsd.max)} (recorded ${dollars(recorded.p50)}, ${dollars(recorded.p95)}, ${dollars(recorded.max)}); ${run.endedWithGain} of ${run.oneLegged} without loss`,
    `  size         p50 ${contracts.p50}, p95 ${contracts.p95}, max ${contracts.max} contracts`,
    `  breaker      ${run.trips} trips, ${run.resumes} resumed, ${run.resumesRefused} refused first`,
    `  tripped by   ${countsOf(run.trippedBy)}; reported while open: ${countsOf(run.reportedWhileOpen)}`,
    `  belief       ${run.isBelievedTrue ? 'is what the venues hold' : 'differs from what the venues hold'}`,
  ];
}

export function sectionOf(runs: readonly DistributionRun[], seed: string, environment: Environment): string {
  const row = (name: string, recorded: string, of: (run: DistributionRun) => string): string =>
    `| ${name} | ${recorded} | ${runs.map(of).join(' | ')} |`;
  const { lossUsd } = RECORDED;
  return `## Orders that fail as often as was recorded (\`failure-distribution\`)

Attempts in virtual time at both simulated venues, with the round trips, fates, edges, depths and price moves that were
recorded (\`bench/support/failure-market.ts\` names each). The recorded column is a public bot with real money, which sent
Polymarket's order first, always sold back, and whose sizes are not known: \`sequential\` compares, \`together\` does not
wait for the first leg, so that what Polymarket does not fill is one-legged there.

| | recorded | ${runs.map(({ policy }) => policy).join(' | ')} |
| --- | ---: | ${runs.map(() => '---:').join(' | ')} |
${[
  row('attempts', '1939', ({ attempts }) => String(attempts)),
  row('left open', '', ({ leftOpen }) => String(leftOpen)),
  row('belief differs from truth', '', ({ isBelievedTrue }) => (isBelievedTrue ? 'no' : '**yes**')),
  row('not filled', percent(RECORDED.notFilled), ({ shares }) => percent(shares.notFilled)),
  row('both filled', percent(RECORDED.bothFilled), ({ shares }) => percent(shares.bothFilled)),
  row('one-legged', percent(RECORDED.oneLegged), ({ shares }) => percent(shares.oneLegged)),
  row('of filled first legs', percent(RECORDED.oneLeggedOfFirst), (run) => percent(ofFirst(run))),
  row('how those ended', 'unwound', ({ ends }) => countsOf(ends)),
  row('repair starts, at most', '', ({ repairStartMs }) => `${repairStartMs.max} ms`),
  row('first repair order, p50 / p95', '', ({ repairOrderMs: { p50, p95 } }) => `${p50} / ${p95} ms`),
  row('loss of a one-legged one, p50', dollars(lossUsd.p50), (run) => dollars(run.lossUsd.p50)),
  row('p95', dollars(lossUsd.p95), (run) => dollars(run.lossUsd.p95)),
  row('worst', dollars(lossUsd.max), (run) => dollars(run.lossUsd.max)),
  row('one-legged without loss', '', ({ endedWithGain }) => String(endedWithGain)),
  row('contracts, p50 / p95', '', ({ contracts: { p50, p95 } }) => `${p50} / ${p95}`),
  row('breaker trips', '', ({ trips }) => String(trips)),
  row('of them by', '', ({ trippedBy }) => countsOf(trippedBy)),
  row('resumed by the operator', '', ({ resumes }) => String(resumes)),
].join('\n')}

A repair starts with the first command against the gap: an order, the cancel of our own order in its way, or the request
that makes what was just bought sellable. It leaves in the step of the evidence, and on a virtual clock computing takes no
time. Polymarket lets nothing go that is not in a block yet, so the first order of a sale there comes later. What the
operator takes over after ten minutes counts as lost in full. Seed \`${seed}\`.

${environmentLine(environment)}`;
}

function countsOf(counts: Readonly<Record<string, number>>): string {
  const texts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return texts.length === 0 ? 'none' : texts.join(', ');
}
