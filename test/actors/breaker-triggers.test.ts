import { describe, expect, it } from 'vitest';
import type { TriggerKind } from '../../src/domain/limits/trigger.ts';
import { breakerPolicy } from '../../src/domain/risk/breaker-policy.ts';
import { breakerRig, entry, reducing, report } from './breaker-rig.ts';

const PROFILES = ['conservative-100', 'v3', 'velocity', 'sports-standard'];
const KINDS = Object.keys(breakerPolicy('conservative-100').rules) as TriggerKind[];

const CASES = PROFILES.flatMap((profile) =>
  KINDS.map((kind) => ({ profile, kind, rule: breakerPolicy(profile).rules[kind] })),
);

describe('every class of failure reaches the breaker (S48)', () => {
  it.each(CASES)('$profile: $kind opens it $rule.standing, by $rule.kind', ({ profile, kind, rule }) => {
    const rig = breakerRig({ policy: breakerPolicy(profile) });
    const needed = rule.kind === 'atOnce' ? 1 : rule.count;
    for (let before = 1; before < needed; before++) {
      report(rig, kind, `a${before}`);
      expect(rig.breaker.view().standing).toBe('closed');
      expect(rig.gate.permit(entry())).toMatchObject({ kind: 'live', scope: 'entry' });
    }
    report(rig, kind, `a${needed}`);
    expect(rig.breaker.view().standing).toBe(rule.standing);
    expect(rig.breaker.view().reasons.list).toMatchObject([{ kind, times: 1 }]);
    expect(rig.gate.permit(entry('a9'))).toEqual({ kind: 'refused', reason: 'breakerOpen' });
    expect(rig.gate.permit(reducing('a9'))).toMatchObject({ kind: 'live', scope: 'reducing' });
    expect(rig.alerts).toMatchObject([{ kind: 'opened', trigger: { kind }, trips: 1 }]);
  });

  it.each(CASES.filter(({ rule }) => rule.standing === 'latched'))(
    '$profile: $kind is never closed by time',
    ({ profile, kind, rule }) => {
      const rig = breakerRig({ policy: breakerPolicy(profile) });
      for (let at = 0; at < (rule.kind === 'atOnce' ? 1 : rule.count); at++) report(rig, kind, `a${at}`);
      rig.clock.advanceBy(3 * 24 * 3_600_000);
      expect(rig.breaker.view().standing).toBe('latched');
    },
  );

  it.each(CASES.filter(({ rule }) => rule.standing === 'cooling'))(
    '$profile: $kind lets one probe try after the cooldown, and not before',
    ({ profile, kind, rule }) => {
      const rig = breakerRig({ policy: breakerPolicy(profile) });
      for (let at = 0; at < (rule.kind === 'atOnce' ? 1 : rule.count); at++) report(rig, kind, `a${at}`);
      rig.clock.advanceBy(30 * 60_000 - 1);
      expect(rig.gate.permit(entry())).toEqual({ kind: 'refused', reason: 'breakerOpen' });
      rig.clock.advanceBy(1);
      expect(rig.gate.permit(entry('probe'))).toMatchObject({ kind: 'live' });
      expect(rig.gate.permit(entry('other'))).toEqual({ kind: 'refused', reason: 'breakerProbing' });
    },
  );
});
