import { describe, expect, test } from 'vitest';
import { secretProblems } from '../../scripts/checks/secrets.ts';

// Everything key-shaped is put together here, so that the scan of this file finds nothing.
const hex64 = '1a2b3c4d5e6f7089'.repeat(4);
const token = 'aB3'.repeat(12);

const found = (text: string, path = 'src/app/cli.ts') => secretProblems(path, text);

describe('secret scan', () => {
  test.each([
    ['a private key block', ['-----BE', 'GIN RSA PRIVATE KEY-----']],
    ['a public key block', ['-----BE', 'GIN PUBLIC KEY-----']],
    ['a bare hexadecimal key', [hex64]],
    ['a prefixed hexadecimal key', ['0x', hex64.toUpperCase()]],
    ['a cloud access key', ['AK', 'IA', 'ABCDEFGH12345678']],
    ['a bearer token', ['Authorization: Bea', 'rer ', token]],
    ['a web token', ['ey', 'J', token, '.ey', 'J', token, '.', token]],
    ['a repository token', ['gh', 'p_', token]],
    ['a chat bot token', ['123456789', ':', token.slice(0, 35)]],
    ['a venue signature header', ['"KALSHI-ACCESS-', 'SIGNATURE": "', token, '=="']],
    ['a quoted passphrase', ['passphrase: "', token, '"']],
    ['a home folder', ['/ho', 'me/someone/tandem']],
    ['a foreign home folder', ['C:\\Us', 'ers\\someone']],
    ['a download address', ['"resol', 'ved": "https://example.com/a.tgz"']],
    ['a registry', ['https://regis', 'try.example.com/a']],
    ['a registry setting', ['registry=ht', 'tps://example.com']],
    ['an e-mail address', ['some.one@', 'gmail.com']],
    ['a word about how the text came about', ['written by Chat', 'GPT']],
  ])('finds %s', (_what, pieces) => {
    expect(found(pieces.join(''))).toHaveLength(1);
  });

  test.each([
    ['a contract address of 40 digits', `0x${'4bFb41d5B3'.repeat(4)}`],
    ['a key of one repeated digit', '0'.repeat(64)],
    ['a named checksum', `sha256: ${hex64}`],
    ['a placeholder address', 'nobody@example.com, noreply@venue.com'],
    ['a version of a package', 'npm:@xstate/graph@3.0.4'],
    ['a web address with a familiar path', 'https://example.com/home/page'],
    ['an environment reference', ['secret: "$', '{KALSHI_SECRET_THAT_IS_LONG}"'].join('')],
  ])('does not find %s', (_what, text) => {
    expect(found(text)).toEqual([]);
  });

  test('lets recordings hold public ids of 64 digits by their field, and nothing else', () => {
    const path = 'test/fixtures/polymarket/book.json';

    expect(found(`{"market":"0x${hex64}"}`, path)).toEqual([]);
    expect(found(`{\\"condition_id\\": \\"0x${hex64}\\"}`, path)).toEqual([]);
    expect(found(`{"private_key":"0x${hex64}"}`, path)).toHaveLength(1);
    expect(found(`{"market":"0x${hex64}"}`, 'src/app/cli.ts')).toHaveLength(1);
  });

  test('lets recordings speak of anything', () => {
    expect(found(['Will Open', 'AI announce it?'].join(''), 'data/kalshi/markets.json')).toEqual([]);
  });

  test('names the line and never repeats the secret', () => {
    const [problem] = found(`one\ntwo\n${hex64}`);

    expect(problem?.where).toBe('src/app/cli.ts:3');
    expect(JSON.stringify(problem)).not.toContain(hex64);
  });
});
