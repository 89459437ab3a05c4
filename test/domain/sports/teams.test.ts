import { describe, expect, it } from 'vitest';
import {
  aliasTable,
  type Game,
  type GameClaim,
  parseMatchup,
  resolveGame,
  resolveTeam,
} from '../../../src/domain/sports/teams.ts';
import { type Micros, micros, millis } from '../../../src/domain/units.ts';

const table = aliasTable([
  { teamId: 'nba-lal', league: 'NBA', aliases: ['Los Angeles Lakers', 'LA Lakers', 'Los Angeles L', 'LAL'] },
  {
    teamId: 'nba-lac',
    league: 'NBA',
    aliases: ['Los Angeles Clippers', 'LA Clippers', 'Los Angeles C', 'Los Angeles'],
  },
  { teamId: 'nba-mil', league: 'NBA', aliases: ['Milwaukee Bucks', 'Milwaukee', 'MIL'] },
  { teamId: 'mlb-mil', league: 'MLB', aliases: ['Milwaukee Brewers', 'Milwaukee'] },
  { teamId: 'mlb-det', league: 'MLB', aliases: ['Detroit Tigers', 'Detroit'] },
  { teamId: 'mlb-nyy', league: 'MLB', aliases: ['New York Yankees', 'New York'] },
  { teamId: 'mlb-nym', league: 'MLB', aliases: ['New York Mets', 'New York'] },
]);
const window = { startMsMax: millis(30 * 60_000), doubleheaderMsMax: millis(12 * 3_600_000) };

function hours(count: number): Micros {
  return micros(1_786_000_000_000_000 + count * 3_600_000_000);
}

function game(set: Partial<Game> = {}): Game {
  return {
    gameId: 'g1',
    league: 'MLB',
    home: 'Detroit Tigers',
    away: 'Milwaukee Brewers',
    startsAt: hours(0),
    gameNumber: undefined,
    ...set,
  };
}

function claim(set: Partial<GameClaim> = {}): GameClaim {
  return {
    league: 'MLB',
    first: 'Milwaukee',
    second: 'Detroit',
    order: 'awayFirst',
    startsAt: hours(0),
    gameNumber: undefined,
    ...set,
  };
}

function outcome(claimed: GameClaim, ...games: Game[]): string {
  const found = resolveGame(claimed, games, table, window);
  return found.kind === 'matched' ? found.game.gameId : found.reason;
}

describe('team', () => {
  it('is what the alias table says, however it is written', () => {
    const found = resolveTeam(table, { league: 'nba', text: ' la LAKERS. ' });
    expect(found).toMatchObject({ kind: 'known', team: { teamId: 'nba-lal' } });
  });

  it('is looked for in its own league only', () => {
    expect(resolveTeam(table, { league: 'MLB', text: 'Milwaukee' })).toMatchObject({ team: { teamId: 'mlb-mil' } });
    expect(resolveTeam(table, { league: 'NBA', text: 'Milwaukee' })).toMatchObject({ team: { teamId: 'nba-mil' } });
  });

  it('is ambiguous when two teams of a league share the alias', () => {
    expect(resolveTeam(table, { league: 'MLB', text: 'New York' })).toEqual({
      kind: 'ambiguous',
      teamIds: ['mlb-nyy', 'mlb-nym'],
    });
  });

  it('is only proposed, most alike first, when no alias fits exactly', () => {
    const found = resolveTeam(table, { league: 'NBA', text: 'L.A. Lakers Basketball' });
    expect(found.kind).toBe('unknown');
    expect(found).toMatchObject({ proposals: [{ teamId: 'nba-lal' }, {}, {}] });
  });
});

describe('matchup', () => {
  it('reads who is at home from "at" and "@" and not from "vs"', () => {
    expect(parseMatchup('Milwaukee at Los Angeles L')).toEqual({
      first: 'Milwaukee',
      second: 'Los Angeles L',
      order: 'awayFirst',
    });
    expect(parseMatchup('MIL @ LAL')?.order).toBe('awayFirst');
    expect(parseMatchup('Bucks vs. Lakers')).toEqual({ first: 'Bucks', second: 'Lakers', order: 'unstated' });
  });

  it('does not read a title without two sides', () => {
    expect(parseMatchup('Who wins the title?')).toBeUndefined();
  });

  it('does not split a name that merely contains the word', () => {
    expect(parseMatchup('Atlanta vs Seattle')).toMatchObject({ first: 'Atlanta', second: 'Seattle' });
  });
});

describe('game', () => {
  it('matches by both teams, sides and start', () => {
    expect(outcome(claim(), game({ gameId: 'other', home: 'New York Yankees' }), game())).toBe('g1');
  });

  it('says which side of the game the first team is', () => {
    const found = resolveGame(
      claim({ first: 'Detroit', second: 'Milwaukee', order: 'unstated' }),
      [game()],
      table,
      window,
    );
    expect(found).toMatchObject({ kind: 'matched', isFirstHome: true });
  });

  it('is refused when home and away are swapped, unless the title does not say', () => {
    const swapped = game({ home: 'Milwaukee Brewers', away: 'Detroit Tigers' });
    expect(outcome(claim(), swapped)).toBe('HOME_AWAY_SWAPPED');
    expect(outcome(claim({ order: 'unstated' }), swapped)).toBe('g1');
  });

  it('is refused when the starts are further apart than the window', () => {
    expect(outcome(claim(), game({ startsAt: hours(0.5) }))).toBe('g1');
    expect(outcome(claim(), game({ startsAt: hours(0.51) }))).toBe('START_OUTSIDE_WINDOW');
  });

  it('is not confused by the same teams on another day', () => {
    expect(outcome(claim(), game(), game({ gameId: 'tomorrow', startsAt: hours(24) }))).toBe('g1');
  });

  it('is refused on a doubleheader that no number tells apart, even when one start fits', () => {
    expect(outcome(claim(), game(), game({ gameId: 'g2', startsAt: hours(4) }))).toBe('DOUBLEHEADER');
  });

  it('matches a doubleheader by number', () => {
    const games = [game({ gameNumber: 1 }), game({ gameId: 'g2', startsAt: hours(4), gameNumber: 2 })];
    expect(outcome(claim({ gameNumber: 2, startsAt: hours(4) }), ...games)).toBe('g2');
    expect(outcome(claim({ gameNumber: 2, startsAt: hours(0) }), ...games)).toBe('DOUBLEHEADER');
  });

  it('is refused when a team is unknown, ambiguous or on both sides', () => {
    expect(outcome(claim({ first: 'Milwakee' }), game())).toBe('UNKNOWN_TEAM');
    expect(outcome(claim({ first: 'New York' }), game())).toBe('AMBIGUOUS_TEAM');
    expect(outcome(claim({ second: 'Milwaukee Brewers' }), game())).toBe('SAME_TEAM');
    expect(outcome(claim(), game({ home: 'New York Mets' }))).toBe('NO_GAME');
  });
});
