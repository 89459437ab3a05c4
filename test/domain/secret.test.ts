import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';

const value = 'the words that nobody may read';
const secret = new Secret(value);

describe('a secret', () => {
  it('gives itself away to who asks for it by name', () => {
    expect(secret.reveal()).toBe(value);
  });

  it.each([
    ['as text', () => String(secret)],
    ['in a template', () => `${secret}`],
    ['added to text', () => `key: ${secret as unknown as string}`],
    ['as JSON', () => JSON.stringify({ secret })],
    ['inspected', () => inspect({ secret }, { showHidden: true, depth: 9 })],
    ['in the message of an error', () => new Error(`bad ${secret}`).message],
  ])('prints as [secret] %s', (_, print) => {
    expect(print()).toContain('[secret]');
    expect(print()).not.toContain(value);
  });

  it('is in no enumeration, copy or clone', () => {
    const seen = [Object.entries(secret), { ...secret }, structuredClone(secret), Object.getOwnPropertyNames(secret)];
    expect(JSON.stringify(seen)).not.toContain(value);
  });
});
