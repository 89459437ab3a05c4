import { describe, expect, it } from 'vitest';
import { type LivePermit, type RehearsalPermit, rehearsalPermit } from '../../src/actors/permit.ts';
import { breakerPolicy } from '../../src/domain/risk/breaker-policy.ts';
import { type BreakerRig, breakerRig, entry, reducing, report } from './breaker-rig.ts';

const CLEAN = [{ name: 'positions/kalshi', isClean: true, detail: '' }];
const UNCLEAN = [{ name: 'positions/kalshi', isClean: false, detail: 'expected no differences, found 3' }];
const DAY_MS = 24 * 3_600_000;

function resume(
  rig: BreakerRig,
  over: { checks?: typeof CLEAN; force?: boolean; reason?: string; seen?: number } = {},
) {
  const { checks = CLEAN, force = false, reason = '', seen = rig.breaker.view().reports } = over;
  return rig.breaker.resume({ by: 'ann', reason, force, checks, seenReports: seen });
}

function livePermit(rig: BreakerRig, attemptId = 'a1'): LivePermit {
  const permit = rig.gate.permit(entry(attemptId));
  if (permit.kind !== 'live') throw new Error(`expected a permit, found ${permit.reason}`);
  return permit;
}

/** What a way to a socket looks like. */
function submit(permit: LivePermit): string {
  return permit.scope;
}

describe('permit', () => {
  it('for rehearsals, or made by hand, does not compile where a live one is needed', () => {
    const rehearsal: RehearsalPermit = rehearsalPermit();
    const byHand = { kind: 'live', scope: 'entry' } as const;
    // @ts-expect-error a rehearsal permit is another type
    submit(rehearsal);
    // @ts-expect-error the brand is nobody's to write
    submit(byHand);
    // @ts-expect-error what may be a refusal is not yet a permit
    submit(breakerRig().gate.permit(entry()));
    // @ts-expect-error a live permit is no rehearsal either
    const other: RehearsalPermit = livePermit(breakerRig());
    expect(other.kind).toBe('live');
    expect(rehearsal.kind).toBe('rehearsal');
  });

  it('made by hand is not honoured, whatever the compiler was told', () => {
    const rig = breakerRig();
    const forged = { kind: 'live', scope: 'reducing' } as unknown as LivePermit;
    expect(rig.gate.honours(forged, reducing())).toBe(false);
    expect(rig.gate.honours(livePermit(rig), entry())).toBe(true);
  });

  it('of an entry ends when the breaker opens, and is not revived by closing it', () => {
    const rig = breakerRig();
    const permit = livePermit(rig);
    report(rig, 'CONNECTION_LOST');
    expect(rig.gate.honours(permit, entry())).toBe(false);
    expect(resume(rig)).toEqual({ kind: 'resumed' });
    expect(rig.gate.honours(permit, entry())).toBe(false);
    expect(rig.gate.honours(livePermit(rig), entry())).toBe(true);
  });

  it('of an entry stands through a failure that is only counted', () => {
    const rig = breakerRig();
    const permit = livePermit(rig);
    report(rig, 'EXECUTION_FAILED', 'a7');
    expect(rig.gate.honours(permit, entry())).toBe(true);
  });

  it('to reduce does not let an entry pass', () => {
    const rig = breakerRig();
    const permit = rig.gate.permit(reducing());
    if (permit.kind !== 'live') throw new Error('expected a permit');
    expect(rig.gate.honours(permit, entry())).toBe(false);
    expect(rig.gate.honours(permit, reducing())).toBe(true);
  });
});

describe('breaker gate', () => {
  it('is shut for entries before anybody started a breaker', async () => {
    const { BreakerGate } = await import('../../src/actors/breaker-gate.ts');
    const gate = new BreakerGate({ onDeath: () => undefined });
    expect(gate.permit(entry())).toEqual({ kind: 'refused', reason: 'breakerDead' });
    expect(gate.permit(reducing()).kind).toBe('live');
  });

  it('gives the same refusal and the same permit again, so that asking costs no memory', () => {
    const rig = breakerRig();
    expect(rig.gate.permit(entry())).toBe(rig.gate.permit(entry('a2')));
    report(rig, 'CONNECTION_LOST');
    expect(rig.gate.permit(entry())).toBe(rig.gate.permit(entry('a2')));
  });

  it('refuses entries while another condition does not hold, and names it', () => {
    let isRunning = false;
    const rig = breakerRig({ conditions: [{ reason: 'engineNotRunning', holds: () => isRunning }] });
    expect(rig.gate.permit(entry())).toEqual({ kind: 'refused', reason: 'engineNotRunning' });
    expect(rig.gate.permit(reducing()).kind).toBe('live');
    isRunning = true;
    expect(rig.gate.permit(entry()).kind).toBe('live');
  });

  it('opens the breaker for an error in any actor (B29)', () => {
    const rig = breakerRig();
    const fault = { path: 'attempt/e9/leg/0-kalshi', kind: 'chart', message: 'broken', error: undefined } as const;
    rig.gate.onFault(fault);
    expect(rig.breaker.view()).toMatchObject({
      standing: 'latched',
      reasons: { list: [{ kind: 'ACTOR_FAULT', detail: 'attempt/e9/leg/0-kalshi: broken (chart)' }] },
    });
  });

  it('is shut for ever when the breaker itself breaks, and still lets reductions and cancels out', () => {
    const rig = breakerRig();
    rig.gate.onFault({ path: 'breaker', kind: 'chart', message: 'broken', error: undefined });
    expect(rig.deaths).toEqual(['breaker: broken (chart)']);
    expect(rig.gate.permit(entry())).toEqual({ kind: 'refused', reason: 'breakerDead' });
    expect(rig.gate.permit(reducing()).kind).toBe('live');
    expect(resume(rig, { force: true, reason: 'please' })).toMatchObject({ kind: 'refused' });
    expect(rig.gate.permit(entry())).toEqual({ kind: 'refused', reason: 'breakerDead' });
    rig.breaker.halt({ by: 'ann', reason: 'fire', scope: 'all' });
    expect(rig.cancels).toEqual(['ann: fire']);
  });

  it('is shut for ever when the breaker cannot tell anybody that it opened', () => {
    const rig = breakerRig({
      onAlert: () => {
        throw new Error('no line');
      },
    });
    report(rig, 'CONNECTION_LOST');
    expect(rig.breaker.view()).toMatchObject({ standing: 'dead', death: 'breaker: requestAlert: no line (effect)' });
    expect(rig.gate.permit(entry())).toEqual({ kind: 'refused', reason: 'breakerDead' });
  });

  it('is shut when the breaker was stopped', () => {
    const rig = breakerRig();
    const actor = rig.runtime.started.get('breaker');
    if (actor !== undefined) rig.runtime.stop(actor);
    expect(rig.gate.permit(entry())).toEqual({ kind: 'refused', reason: 'breakerDead' });
  });

  it('closes in the step of the report, before any effect of it runs', () => {
    const rig = breakerRig({ onAlert: () => seen.push(rig.gate.permit(entry()).kind) });
    const seen: string[] = [];
    report(rig, 'ASYMMETRIC_EXECUTION', 'a1');
    expect(seen).toEqual(['refused']);
  });

  it('refuses the entry that asks between a trigger and the end of its step', () => {
    const rig = breakerRig();
    let found: string | undefined;
    rig.runtime.step(() => {
      report(rig, 'ASYMMETRIC_EXECUTION', 'a1');
      found = rig.gate.permit(entry()).kind;
    });
    expect(found).toBe('refused');
  });
});

describe('circuit breaker', () => {
  it('counts one attempt once, however often its failure is reported', () => {
    const rig = breakerRig();
    for (let times = 0; times < 5; times++) report(rig, 'EXECUTION_FAILED', 'a1');
    expect(rig.breaker.view().standing).toBe('closed');
  });

  it('begins a row of failures again after a success', () => {
    const rig = breakerRig();
    report(rig, 'EXECUTION_FAILED', 'a1');
    report(rig, 'EXECUTION_FAILED', 'a2');
    rig.breaker.succeeded('a3');
    report(rig, 'EXECUTION_FAILED', 'a4');
    report(rig, 'EXECUTION_FAILED', 'a5');
    expect(rig.breaker.view().standing).toBe('closed');
    report(rig, 'EXECUTION_FAILED', 'a6');
    expect(rig.breaker.view().standing).toBe('latched');
  });

  it('forgets what lies outside the window of a rule that has one', () => {
    const rig = breakerRig({ policy: breakerPolicy('v3') });
    report(rig, 'SEQUENCE_GAP');
    report(rig, 'SEQUENCE_GAP');
    rig.clock.advanceBy(10 * 60_000);
    report(rig, 'SEQUENCE_GAP');
    expect(rig.breaker.view().standing).toBe('closed');
  });

  it('keeps every reason while it is open, and shows all of them', () => {
    const rig = breakerRig();
    report(rig, 'ASYMMETRIC_EXECUTION', 'a1');
    report(rig, 'CONNECTION_LOST');
    report(rig, 'CONNECTION_LOST');
    expect(rig.breaker.view()).toMatchObject({
      trips: 1,
      reasons: {
        list: [
          { kind: 'ASYMMETRIC_EXECUTION', attemptId: 'a1', times: 1 },
          { kind: 'CONNECTION_LOST', times: 2 },
        ],
      },
    });
  });

  it('counts reasons beyond what it can list', () => {
    const rig = breakerRig();
    for (let at = 0; at < 105; at++) report(rig, 'ASYMMETRIC_EXECUTION', `a${at}`);
    const { list, unlisted } = rig.breaker.view().reasons;
    expect([list.length, unlisted]).toEqual([100, 5]);
  });

  it('is latched when something graver happens while it cools', () => {
    const rig = breakerRig({ policy: breakerPolicy('sports-standard') });
    report(rig, 'CONNECTION_LOST');
    report(rig, 'LEDGER_DIFFERS');
    rig.clock.advanceBy(DAY_MS);
    expect(rig.breaker.view().standing).toBe('latched');
  });

  it('cools from the last trigger, not from the first', () => {
    const rig = breakerRig({ policy: breakerPolicy('sports-standard') });
    report(rig, 'CONNECTION_LOST');
    rig.clock.advanceBy(20 * 60_000);
    report(rig, 'CONNECTION_LOST');
    rig.clock.advanceBy(20 * 60_000);
    expect(rig.breaker.view().standing).toBe('cooling');
  });

  describe('half open', () => {
    function halfOpen() {
      const rig = breakerRig({ policy: breakerPolicy('sports-standard') });
      report(rig, 'CONNECTION_LOST');
      rig.clock.advanceBy(30 * 60_000);
      return rig;
    }

    it('gives both legs of the probe a permit, and nobody else', () => {
      const rig = halfOpen();
      expect(rig.gate.permit(entry('p1')).kind).toBe('live');
      expect(rig.gate.permit(entry('p1')).kind).toBe('live');
      expect(rig.gate.permit(entry('p2'))).toEqual({ kind: 'refused', reason: 'breakerProbing' });
    });

    it('closes with the success of the probe and of no other attempt', () => {
      const rig = halfOpen();
      rig.gate.permit(entry('p1'));
      rig.breaker.succeeded('a1');
      expect(rig.breaker.view().standing).toBe('halfOpen');
      rig.breaker.succeeded('p1');
      expect(rig.breaker.view()).toMatchObject({ standing: 'closed', reasons: { list: [] }, resumes: 0 });
    });

    it('cools again after a failure of the probe', () => {
      const rig = halfOpen();
      rig.gate.permit(entry('p1'));
      report(rig, 'EXECUTION_FAILED', 'p1');
      expect(rig.breaker.view()).toMatchObject({ standing: 'cooling', trips: 2, probe: undefined });
    });

    it('lets another attempt be the probe when the first sent nothing', () => {
      const rig = halfOpen();
      rig.gate.permit(entry('p1'));
      rig.breaker.abandoned('p1');
      expect(rig.gate.permit(entry('p2')).kind).toBe('live');
    });
  });

  describe('by hand', () => {
    it('is halted for entries, or also canceling what rests, and reduces in either case (S49, B30)', () => {
      const rig = breakerRig();
      rig.breaker.halt({ by: 'ann', reason: 'lunch', scope: 'entries' });
      expect(rig.cancels).toEqual([]);
      rig.breaker.halt({ by: 'ann', reason: 'fire', scope: 'all' });
      expect(rig.cancels).toEqual(['ann: fire']);
      expect(rig.gate.permit(entry()).kind).toBe('refused');
      expect(rig.gate.permit(reducing()).kind).toBe('live');
      expect(rig.breaker.view().reasons.list.map(({ detail }) => detail)).toEqual([
        'ann halted entries: lunch',
        'ann halted all: fire',
      ]);
    });

    it('is closed with clean checks only, and says what is not clean', () => {
      const rig = breakerRig();
      report(rig, 'LEDGER_DIFFERS');
      expect(resume(rig, { checks: UNCLEAN })).toEqual({
        kind: 'refused',
        because: ['positions/kalshi: expected no differences, found 3'],
      });
      expect(resume(rig, { checks: [] })).toEqual({ kind: 'refused', because: ['expected checks, found none'] });
      expect(resume(rig)).toEqual({ kind: 'resumed' });
      expect(rig.breaker.view()).toMatchObject({ standing: 'closed', resumes: 1, reasons: { list: [] } });
    });

    it('is closed by force with a reason only', () => {
      const rig = breakerRig();
      report(rig, 'LEDGER_DIFFERS');
      expect(resume(rig, { checks: UNCLEAN, force: true })).toMatchObject({ kind: 'refused' });
      expect(resume(rig, { checks: UNCLEAN, force: true, reason: 'counted by hand' })).toEqual({ kind: 'resumed' });
    });

    it('stays open when something was reported after the checks began (U1)', () => {
      const rig = breakerRig();
      report(rig, 'CONNECTION_LOST');
      const seen = rig.breaker.view().reports;
      rig.breaker.halt({ by: 'bob', reason: 'wait', scope: 'entries' });
      expect(resume(rig, { seen, force: true, reason: 'now' })).toEqual({
        kind: 'refused',
        because: ['expected nothing new since the checks, found 1 reports'],
      });
    });

    it('is written down before it is done', () => {
      const rig = breakerRig();
      report(rig, 'CONNECTION_LOST');
      rig.records.splice(0);
      resume(rig, { checks: UNCLEAN, force: true, reason: 'counted by hand' });
      expect(rig.records).toMatchObject([
        {
          kind: 'command',
          by: 'ann',
          command: 'resume',
          parameters: { force: true, reason: 'counted by hand', unclean: ['positions/kalshi'] },
        },
        { kind: 'transition', actor: 'breaker', from: 'open.latched', to: 'closed', cause: 1 },
      ]);
    });
  });

  describe('over time', () => {
    it('is not closed by midnight (B27, I14)', () => {
      const rig = breakerRig();
      report(rig, 'DAILY_LOSS');
      rig.clock.advanceBy(2 * DAY_MS);
      expect(rig.gate.permit(entry())).toEqual({ kind: 'refused', reason: 'breakerOpen' });
    });

    it('is not closed by a restart, and keeps its reasons', () => {
      const before = breakerRig();
      report(before, 'ASYMMETRIC_EXECUTION', 'a1');
      const memory = JSON.parse(JSON.stringify(before.breaker.memory())) as ReturnType<typeof before.breaker.memory>;
      const after = breakerRig({ restored: memory });
      expect(after.breaker.view()).toMatchObject({
        standing: 'latched',
        trips: 1,
        reasons: { list: [{ kind: 'ASYMMETRIC_EXECUTION', attemptId: 'a1' }] },
      });
    });

    it('goes on counting a row of failures after a restart', () => {
      const before = breakerRig();
      report(before, 'EXECUTION_FAILED', 'a1');
      report(before, 'EXECUTION_FAILED', 'a2');
      const after = breakerRig({ restored: before.breaker.memory() });
      report(after, 'EXECUTION_FAILED', 'a3');
      expect(after.breaker.view().standing).toBe('latched');
    });

    it('cools for its whole time again when the process ended on the way', () => {
      const policy = breakerPolicy('sports-standard');
      const before = breakerRig({ policy });
      report(before, 'CONNECTION_LOST');
      before.clock.advanceBy(30 * 60_000);
      before.gate.permit(entry('p1'));
      const after = breakerRig({ policy, restored: before.breaker.memory() });
      expect(after.breaker.view().standing).toBe('cooling');
    });
  });

  it('opens when more than 5 % of the calls of a minute failed, and not for the first few', () => {
    const rig = breakerRig();
    for (let call = 0; call < 10; call++) rig.breaker.callEnded('kalshi', true);
    expect(rig.breaker.view().standing).toBe('closed');
    rig.clock.advanceBy(61_000);
    for (let call = 0; call < 95; call++) rig.breaker.callEnded('kalshi', false);
    for (let call = 0; call < 5; call++) rig.breaker.callEnded('kalshi', true);
    expect(rig.breaker.view().standing).toBe('closed');
    rig.breaker.callEnded('kalshi', true);
    expect(rig.breaker.view().reasons.list).toMatchObject([
      { kind: 'API_ERRORS', venue: 'kalshi', detail: '6 of 101 calls failed within the window' },
    ]);
  });
});
