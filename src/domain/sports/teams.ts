/**
 * Which team a text names, and which game a market is about (docs/rules.md §13.6).
 *
 * An alias table decides; likeness of text only proposes to a person, because it ranks the wrong way
 * round: "New York Jets" and "New York Giants" are more alike than "LA Lakers" and "Los Angeles
 * Lakers". In doubt about a game (twice on one day, sides swapped, start unlike) the answer is no.
 */
import { normaliseText, tokenSetRatio, tokenSortRatio } from '../text-similarity.ts';
import type { Micros, Millis } from '../units.ts';

export interface Team {
  readonly teamId: string;
  readonly league: string;
  /** Every way that a venue or sportsbook writes this team, its full name included. */
  readonly aliases: readonly string[];
}

export interface AliasTable {
  readonly teams: readonly Team[];
  /** By league and normalised alias. An alias that two teams of a league share names both. */
  readonly named: ReadonlyMap<string, readonly Team[]>;
}

export function aliasTable(teams: readonly Team[]): AliasTable {
  const named = new Map<string, Team[]>();
  for (const team of teams) {
    for (const key of new Set(team.aliases.map((alias) => aliasKey(team.league, alias)))) {
      const sharing = named.get(key);
      if (sharing === undefined) named.set(key, [team]);
      else sharing.push(team);
    }
  }
  return { teams, named };
}

function aliasKey(league: string, alias: string): string {
  return `${league.toLowerCase()}:${normaliseText(alias)}`;
}

/** A team that a text might mean, for a person to look at. Never traded on. */
export interface TeamProposal {
  readonly teamId: string;
  /** 0 to 100: the better of the two token ratios over the team's aliases. */
  readonly likeness: number;
}

export type TeamResolution =
  | { readonly kind: 'known'; readonly team: Team }
  | { readonly kind: 'ambiguous'; readonly teamIds: readonly string[] }
  | { readonly kind: 'unknown'; readonly proposals: readonly TeamProposal[] };

const PROPOSALS_MAX = 3;

export function resolveTeam(
  table: AliasTable,
  named: { readonly league: string; readonly text: string },
): TeamResolution {
  const [team, ...others] = table.named.get(aliasKey(named.league, named.text)) ?? [];
  if (team === undefined) return { kind: 'unknown', proposals: proposeTeams(table, named) };
  if (others.length === 0) return { kind: 'known', team };
  return { kind: 'ambiguous', teamIds: [team, ...others].map((one) => one.teamId) };
}

function proposeTeams(table: AliasTable, named: { readonly league: string; readonly text: string }): TeamProposal[] {
  const text = normaliseText(named.text);
  return table.teams
    .filter((team) => team.league.toLowerCase() === named.league.toLowerCase())
    .map((team) => ({
      teamId: team.teamId,
      likeness: Math.max(0, ...team.aliases.map((alias) => likeness(text, alias))),
    }))
    .sort((a, b) => b.likeness - a.likeness || (a.teamId < b.teamId ? -1 : 1))
    .slice(0, PROPOSALS_MAX);
}

function likeness(text: string, alias: string): number {
  const other = normaliseText(alias);
  return Math.max(tokenSortRatio(text, other), tokenSetRatio(text, other));
}

/** Two teams as a title names them. `awayFirst` is "A at B"; "A vs B" does not say who is at home. */
export interface Matchup {
  readonly first: string;
  readonly second: string;
  readonly order: 'awayFirst' | 'homeFirst' | 'unstated';
}

/** Reads "A at B", "A @ B", "A vs B" or "A v B", or `undefined` for anything else. */
export function parseMatchup(title: string): Matchup | undefined {
  const found = /^\s*(?<first>\S.*?)\s+(?<word>at|@|vs?\.?|versus)\s+(?<second>\S.*?)\s*\??\s*$/i.exec(title);
  const { first, word, second } = found?.groups ?? {};
  if (first === undefined || word === undefined || second === undefined) return undefined;
  return { first, second, order: /^(at|@)$/i.test(word) ? 'awayFirst' : 'unstated' };
}

/** A game as a sportsbook lists it. */
export interface Game {
  readonly gameId: string;
  readonly league: string;
  readonly home: string;
  readonly away: string;
  readonly startsAt: Micros;
  /** 1 or 2 where the source numbers the games of a doubleheader. */
  readonly gameNumber: number | undefined;
}

/** A game as a market names it. */
export interface GameClaim extends Matchup {
  readonly league: string;
  readonly startsAt: Micros;
  readonly gameNumber: number | undefined;
}

export interface GameWindow {
  /** How far apart the two sources may put the start. */
  readonly startMsMax: Millis;
  /** Games of the same teams this near to each other are a doubleheader. */
  readonly doubleheaderMsMax: Millis;
}

export type GameRefusal =
  | 'UNKNOWN_TEAM'
  | 'AMBIGUOUS_TEAM'
  | 'SAME_TEAM'
  | 'NO_GAME'
  | 'HOME_AWAY_SWAPPED'
  | 'START_OUTSIDE_WINDOW'
  | 'DOUBLEHEADER';

export type GameResolution =
  /** `isFirstHome` says which side of the game the claim's first team is. */
  | { readonly kind: 'matched'; readonly game: Game; readonly isFirstHome: boolean }
  | { readonly kind: 'refused'; readonly reason: GameRefusal; readonly detail: string };

/** The one game that a claim is about, or why there is none. */
export function resolveGame(
  claim: GameClaim,
  games: readonly Game[],
  table: AliasTable,
  window: GameWindow,
): GameResolution {
  const first = resolveTeam(table, { league: claim.league, text: claim.first });
  const second = resolveTeam(table, { league: claim.league, text: claim.second });
  if (first.kind !== 'known') return refusedTeam(first, claim.first);
  if (second.kind !== 'known') return refusedTeam(second, claim.second);
  if (first.team.teamId === second.team.teamId) return refused('SAME_TEAM', `both sides are ${first.team.teamId}`);
  const sided = games
    .map((game) => sidesOf(game, { first: first.team, second: second.team, league: claim.league }, table))
    .filter((one) => one !== undefined);
  if (sided.length === 0) return refused('NO_GAME', `of ${first.team.teamId} and ${second.team.teamId}`);
  const near = sided.filter(({ game }) => distanceMs(game.startsAt, claim.startsAt) <= window.doubleheaderMsMax);
  return choose(claim, near.length > 0 ? near : sided, window);
}

interface SidedGame {
  readonly game: Game;
  readonly isFirstHome: boolean;
}

function sidesOf(
  game: Game,
  claimed: { readonly first: Team; readonly second: Team; readonly league: string },
  table: AliasTable,
): SidedGame | undefined {
  if (game.league.toLowerCase() !== claimed.league.toLowerCase()) return undefined;
  const home = resolveTeam(table, { league: game.league, text: game.home });
  const away = resolveTeam(table, { league: game.league, text: game.away });
  if (home.kind !== 'known' || away.kind !== 'known') return undefined;
  const ids = [home.team.teamId, away.team.teamId].join(' ');
  if (ids === [claimed.first.teamId, claimed.second.teamId].join(' ')) return { game, isFirstHome: true };
  return ids === [claimed.second.teamId, claimed.first.teamId].join(' ') ? { game, isFirstHome: false } : undefined;
}

/** Games of the right teams, near each other or the only ones there are: numbers, sides and start decide. */
function choose(claim: GameClaim, sided: readonly SidedGame[], window: GameWindow): GameResolution {
  const inWindow = sided.filter(({ game }) => distanceMs(game.startsAt, claim.startsAt) <= window.startMsMax);
  const numbered = inWindow.filter(({ game }) => agreesOnNumber(claim, game));
  const [chosen, ...others] = numbered;
  if (inWindow.length === 0) return refused('START_OUTSIDE_WINDOW', `of ${idsOf(sided)}`);
  // The second game of a day often carries a placeholder for its start, so the start alone does not
  // tell two games of one day apart: only a number does.
  const isTold = claim.gameNumber !== undefined && chosen?.game.gameNumber === claim.gameNumber;
  const isTwice = sided.some(({ game }) => sided.some((other) => isDoubleheader(game, other.game, window)));
  if (chosen === undefined || others.length > 0 || (isTwice && !isTold)) {
    return refused('DOUBLEHEADER', `expected one game, found ${idsOf(sided)}`);
  }
  if (claim.order !== 'unstated' && (claim.order === 'homeFirst') !== chosen.isFirstHome) {
    return refused('HOME_AWAY_SWAPPED', `expected ${claim.order} in ${chosen.game.gameId}, found the sides swapped`);
  }
  return { kind: 'matched', ...chosen };
}

/** A number that only one source gives does not contradict the other. */
function agreesOnNumber(claim: GameClaim, game: Game): boolean {
  return claim.gameNumber === undefined || game.gameNumber === undefined || claim.gameNumber === game.gameNumber;
}

function isDoubleheader(a: Game, b: Game, window: GameWindow): boolean {
  return a.gameId !== b.gameId && distanceMs(a.startsAt, b.startsAt) <= window.doubleheaderMsMax;
}

function distanceMs(a: Micros, b: Micros): number {
  return Math.abs(a - b) / 1_000;
}

function idsOf(sided: readonly SidedGame[]): string {
  return sided.map(({ game }) => game.gameId).join(', ');
}

function refusedTeam(resolution: Exclude<TeamResolution, { kind: 'known' }>, text: string): GameResolution {
  if (resolution.kind === 'ambiguous') {
    return refused('AMBIGUOUS_TEAM', `${JSON.stringify(text)} names ${resolution.teamIds.join(', ')}`);
  }
  const proposed = resolution.proposals.map((one) => `${one.teamId} (${Math.round(one.likeness)})`).join(', ');
  return refused('UNKNOWN_TEAM', `${JSON.stringify(text)} is no alias; alike: ${proposed === '' ? 'none' : proposed}`);
}

function refused(reason: GameRefusal, detail: string): GameResolution {
  return { kind: 'refused', reason, detail };
}
