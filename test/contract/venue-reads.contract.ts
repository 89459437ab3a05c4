/** What a venue tells about itself and its markets, and how a read ends that goes wrong. */
import { createHash } from 'node:crypto';
import { describe, expect } from 'vitest';
import { uniformGrid } from '../../src/domain/instrument.ts';
import type { ServerAnswer } from '../../src/domain/ports/local-server.ts';
import type { ReadFault } from '../../src/domain/ports/venue.ts';
import { AROUND_HALF, type Claims, readOn, sorted } from './venue-claims.ts';

export function describeReads({ profile, claim }: Claims): void {
  describe('reading', () => {
    claim('declares what it cannot do', async ({ venue }) => {
      expect([...venue.unsupported].sort()).toEqual([...profile.unsupported].sort());
    });

    claim('lists a market with its grid, its fees and the hash of its rules', async (rig) => {
      const [listing, ...rest] = await readOn(rig, rig.venue.listings({ venueKeys: [rig.venueKey] }));
      expect(rest).toEqual([]);
      expect(listing).toMatchObject({
        venue: rig.venue.name,
        venueKey: rig.venueKey,
        yes: rig.yes,
        no: rig.no,
        standing: 'open',
        grid: uniformGrid(100),
        feeProblem: undefined,
        rulesText: rig.rulesText,
        rulesHash: `sha256:${createHash('sha256').update(rig.rulesText).digest('hex')}`,
      });
      expect(listing?.fees?.venue).toBe(rig.venue.name);
      expect(listing?.minSizeE6).toBeGreaterThan(0);
    });

    claim('lists every market, to the last page', async (rig) => {
      const { query, venueKeys } = rig.addManyMarkets();
      const listings = await readOn(rig, rig.venue.listings(query));
      expect(listings.map(({ venueKey }) => venueKey).sort()).toEqual([...venueKeys].sort());
    });

    claim('reads a book that equals the venue’s', async (rig) => {
      const book = await readOn(rig, rig.venue.book(rig.yes));
      expect(book.book).toBe(rig.yes.book);
      expect(sorted(book)).toEqual(sorted(rig.truth.book()));
      expect(sorted(book)).toEqual(sorted(AROUND_HALF));
    });

    claim('reads an empty side as empty', async (rig) => {
      await rig.house({ bids: [], asks: AROUND_HALF.asks });
      const book = await readOn(rig, rig.venue.book(rig.yes));
      expect(sorted(book)).toEqual({ bids: [], asks: sorted(AROUND_HALF).asks });
    });

    claim('reports an open venue as open, with cancels', async (rig) => {
      expect(await readOn(rig, rig.venue.status())).toMatchObject({ standing: 'open', acceptsCancels: true });
    });

    for (const mode of profile.modes)
      claim(`reports a venue that is ${mode} as ${mode}`, async (rig) => {
        await rig.enter(mode);
        expect(await readOn(rig, rig.venue.status())).toMatchObject({ standing: mode });
      });

    claim('measures how far the venue’s clock is from ours', async (rig) => {
      rig.skewClock(7_000);
      const offset = await readOn(rig, rig.venue.clockOffsetMs());
      expect(Math.abs(offset - 7_000)).toBeLessThanOrEqual(1_000);
    });
  });
  describeFailures({ profile, claim });
}

function describeFailures({ claim }: Claims): void {
  const json = { 'content-type': 'application/json' };
  const reply = (status: number, body = '{}', headers = {}): ServerAnswer => ({
    kind: 'reply',
    reply: { status, headers: { ...json, ...headers }, body },
  });
  const cases: readonly {
    readonly name: string;
    readonly answer: ServerAnswer;
    readonly fault: ReadFault;
    readonly tries: number;
  }[] = [
    { name: 'connections that break', answer: { kind: 'reset' }, fault: 'unreachable', tries: 4 },
    { name: 'silence', answer: { kind: 'silence' }, fault: 'unreachable', tries: 4 },
    { name: 'HTTP 500', answer: reply(500), fault: 'venueError', tries: 4 },
    { name: 'HTTP 429 without a time', answer: reply(429), fault: 'rateLimited', tries: 4 },
    { name: 'HTTP 401', answer: reply(401), fault: 'unauthenticated', tries: 1 },
    { name: 'HTTP 403', answer: reply(403), fault: 'forbidden', tries: 1 },
    { name: 'text that is no JSON', answer: reply(200, '<html>busy</html>'), fault: 'malformed', tries: 1 },
    { name: 'JSON of another shape', answer: reply(200, '[1]'), fault: 'malformed', tries: 1 },
  ];
  describe('a read that meets', () => {
    for (const { name, answer, fault, tries } of cases)
      claim(`${name} fails as ${fault} after ${tries === 1 ? 'one try' : 'three retries'}`, async (rig) => {
        const before = rig.server.requests.length;
        rig.server.instead = () => answer;
        const reading = await rig.time.patiently(rig.venue.book(rig.yes));
        expect(reading).toMatchObject({ kind: 'failed', fault });
        expect(rig.server.requests.length - before).toBe(tries);
      });

    claim('one broken connection succeeds on its second try', async (rig) => {
      const before = rig.server.requests.length;
      rig.server.instead = () => (rig.server.requests.length - before === 1 ? { kind: 'reset' } : undefined);
      expect(sorted(await readOn(rig, rig.venue.book(rig.yes)))).toEqual(sorted(AROUND_HALF));
      expect(rig.server.requests.length - before).toBe(2);
    });
  });
}
