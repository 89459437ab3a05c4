import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, canonicalJsonWith, type KnownTexts } from '../../src/domain/canonical-json.ts';
import { Secret } from '../../src/domain/secret.ts';

describe('canonical JSON', () => {
  it('sorts keys by their UTF-16 units, as RFC 8785 shows', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 };
    expect(Object.keys(JSON.parse(canonicalJson(value)))).toHaveLength(7);
    expect([...canonicalJson(value).matchAll(/:(\d)/g)].map(([, order]) => order).join('')).toBe('2467153');
  });

  it.each([
    [[56, { d: true, '10': null, '1': [] }], '[56,{"1":[],"10":null,"d":true}]'],
    [[333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0], '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]'],
    ['€$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
    [{ b: undefined, a: 1 }, '{"a":1}'],
    [{}, '{}'],
    [{ a: undefined }, '{}'],
  ])('writes %j as %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('reads back as what it was, in one spelling', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it('does not depend on the order in which fields were given', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(value));
      }),
    );
  });

  it.each<[string, unknown, string]>([
    ['a number that is not finite', { a: { b: [1, Number.NaN] } }, 'expected plain JSON at a.b.1, found NaN'],
    ['a gap in a list', [1, undefined], 'expected plain JSON at 1, found undefined'],
    ['a big integer', { a: 1n }, 'expected plain JSON at a, found a bigint'],
    ['a function', { a: () => 1 }, 'expected plain JSON at a, found a function'],
    ['a map', { a: new Map() }, 'expected plain JSON at a, found an instance of Map'],
    ['a date', new Date(0), 'expected plain JSON, found an instance of Date'],
    ['a secret', { key: new Secret('hunter2') }, 'expected plain JSON at key, found an instance of Secret'],
    ['an error', { cause: new Error('hunter2') }, 'expected plain JSON at cause, found an instance of Error'],
  ])('refuses %s, and says where', (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(message);
  });

  it('writes what several records share as if each had it to itself', () => {
    const known: KnownTexts = new Map();
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 6 }), fc.nat(), (shared, seq) => {
        for (const record of [{ order: shared }, { legs: [shared, { order: shared }] }, { seq: 'hidden', shared }])
          expect(canonicalJsonWith(record, { seq }, known)).toBe(canonicalJson({ ...record, seq }));
      }),
    );
    expect(known.size).toBeGreaterThan(0);
  });

  it('refuses what contains itself', () => {
    const value: { self?: unknown } = {};
    value.self = value;
    expect(() => canonicalJson(value)).toThrow('expected plain JSON at self, found a value that contains itself');
  });
});
