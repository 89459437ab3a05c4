/**
 * Probabilities of the Fed's target range per meeting, in the shape in which pages of July 2026 were recorded: one page
 * a day as JSON, and the same numbers as a table of HTML. Pages are scraped, so their quirks are here too: a current
 * target with digits glued to it, and on some days rows twice.
 */
import type { ServerReply } from '../../domain/ports/local-server.ts';
import {
  type AuxiliaryCall,
  type AuxiliaryParts,
  AuxiliaryServer,
  type Handled,
  isoSeconds,
  json,
} from './auxiliary-server.ts';

export interface Meeting {
  /** `2026-12-09` */
  readonly date: string;
  /** `ZQZ6` */
  readonly contract: string;
  readonly holdPercent: number;
}

export interface FedwatchOptions extends AuxiliaryParts {
  readonly meetings: readonly Meeting[];
  /** Lower bound of the current range in basis points. */
  readonly currentBasisPoints: number;
}

interface Row {
  readonly range: string;
  readonly now: number;
  readonly day1: number;
  readonly week1: number;
  readonly month1: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const DAY_MS = 86_400_000;

export class FedwatchServer extends AuxiliaryServer {
  readonly #options: FedwatchOptions;
  readonly #holds: Map<string, number>;

  constructor(options: FedwatchOptions) {
    super('fedwatch', options);
    this.#options = options;
    this.#holds = new Map(options.meetings.map(({ date, holdPercent }) => [date, holdPercent]));
  }

  setHold(date: string, percent: number): void {
    this.#holds.set(date, percent);
  }

  protected handle({ method, path }: AuxiliaryCall): Handled {
    if (method !== 'GET') return html(404, '<h1>Not Found</h1>');
    const day = isoSeconds(this.nowMs()).slice(0, 10);
    if (path === '/fed-watch/') return html(200, this.#page());
    if (path === '/fed-watch/latest.json' || path === `/fed-watch/daily/${day}.json`) return json(this.#snapshot(day));
    return html(404, '<h1>Not Found</h1>');
  }

  #snapshot(day: string): unknown {
    const doubled = this.faults.strike('D1', { step: 'rows' }) !== undefined;
    const meetings = this.#options.meetings.map((meeting) => {
      const rows = this.#rows(meeting);
      const hold = rows[1]?.now ?? 0;
      const [year = '', month = '', date = ''] = meeting.date.split('-');
      const current = this.#range(0);
      return {
        tab_label: `${Number(date)} ${MONTHS[Number(month) - 1] ?? ''}${year.slice(2)}`,
        meeting_date: meeting.date,
        contract: meeting.contract,
        mid_price: (100 - this.#options.currentBasisPoints / 100 - 0.125).toFixed(4),
        current_target: `${current}85`,
        timestamp: '',
        summary: { ease: rows[0]?.now ?? 0, no_change: hold, hike: rows[2]?.now ?? 0 },
        rate_probabilities: doubled ? [...rows, ...rows] : rows,
      };
    });
    return {
      snapshot_date: day,
      scrape_time: new Date(this.nowMs()).toISOString().replace('Z', '000+00:00'),
      source_url: 'https://www.cmegroup.com/markets/interest-rates/cme-fedwatch-tool.html',
      num_meetings: meetings.length,
      meetings,
    };
  }

  #rows(meeting: Meeting): Row[] {
    const nowMs = this.nowMs();
    const at = (daysBack: number): number => {
      const wobble = 3 * Math.sin((nowMs - daysBack * DAY_MS) / (9 * DAY_MS) + meeting.holdPercent);
      const given = this.#holds.get(meeting.date) ?? meeting.holdPercent;
      return Math.min(99, Math.max(1, daysBack === 0 ? given : given + wobble));
    };
    const row = (range: string, share: (hold: number) => number): Row => ({
      range,
      now: tenth(share(at(0))),
      day1: tenth(share(at(1))),
      week1: tenth(share(at(7))),
      month1: tenth(share(at(30))),
    });
    // A hike takes what neither of the others has, so that the rounded row still adds up to 100.
    const ease = (hold: number): number => tenth((100 - hold) * 0.8);
    return [
      row(this.#range(-25), ease),
      row(`${this.#range(0)} (Current)`, (hold) => hold),
      row(this.#range(25), (hold) => 100 - tenth(hold) - ease(hold)),
    ];
  }

  #range(shift: number): string {
    const low = this.#options.currentBasisPoints + shift;
    return `${low}-${low + 25}`;
  }

  #page(): string {
    const tables = this.#options.meetings.map((meeting) => {
      const rows = this.#rows(meeting).map(
        ({ range, now, day1, week1, month1 }) =>
          `<tr><td>${range}</td><td>${now}%</td><td>${day1}%</td><td>${week1}%</td><td>${month1}%</td></tr>`,
      );
      const head = '<tr><th>Target rate (bps)</th><th>Now</th><th>1 day</th><th>1 week</th><th>1 month</th></tr>';
      return `<table id="meeting-${meeting.date}">${head}${rows.join('')}</table>`;
    });
    return `<!doctype html><html><head><title>FedWatch</title></head><body>${tables.join('')}</body></html>`;
  }
}

function tenth(percent: number): number {
  return Math.round(percent * 10) / 10;
}

function html(status: number, body: string): ServerReply {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}
