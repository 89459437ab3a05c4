/**
 * What Kalshi's REST interface says about our account, in its own words. Reads that find out what became
 * of an order may use the reserve of the budget; the others wait their turn.
 */
import type { Reading } from '../../domain/ports/venue.ts';
import { type Micros, micros, type SizeE6 } from '../../domain/units.ts';
import { endpoints } from './endpoints.ts';
import type { Reader } from './reader.ts';
import { mapped } from './rest.ts';
import * as wire from './rest-wire.ts';

/** Rows a page: a size that every list accepts. */
const ROWS_LIMIT = 200;
const MICROS_PER_SECOND = 1_000_000;
/**
 * Lists are asked for this much more than `since`: it is an instant of our clock, the rows carry the
 * venue's, and the venue accepts requests whose clock is 5 s off (recorded 2026-06-11).
 */
const SINCE_MARGIN_S = 5;

export class KalshiAccount {
  readonly #reader: Reader;
  readonly #subaccount: number | undefined;

  constructor(reader: Reader, options: { readonly subaccount: number | undefined }) {
    this.#reader = reader;
    this.#subaccount = options.subaccount;
  }

  accountLimits() {
    return this.#reader.read({
      endpoint: endpoints.accountLimits,
      schema: wire.accountLimitsReply,
      traffic: 'ordinary',
    });
  }

  endpointCosts() {
    return this.#reader.read({
      endpoint: endpoints.endpointCosts,
      schema: wire.endpointCostsReply,
      traffic: 'ordinary',
    });
  }

  /** When Sports, Elections and Entertainment close to this account, if its location was ever attested. */
  async regionExpiry(): Promise<Reading<Micros | undefined>> {
    return mapped(
      await this.#reader.read({ endpoint: endpoints.apiKeys, schema: wire.apiKeysReply, traffic: 'ordinary' }),
      ({ api_key_region_expiration_ts: seconds }) =>
        seconds === null || seconds === undefined ? undefined : micros(seconds * MICROS_PER_SECOND),
    );
  }

  balance() {
    return this.#reader.read({
      endpoint: endpoints.balance,
      query: [['subaccount', this.#subaccount]],
      schema: wire.balanceReply,
      traffic: 'ordinary',
    });
  }

  positions(): Promise<Reading<readonly wire.PositionRow[]>> {
    return this.#reader.pages(
      {
        endpoint: endpoints.positions,
        query: [
          ['count_filter', 'position'],
          ['subaccount', this.#subaccount],
          ['limit', ROWS_LIMIT],
        ],
        schema: wire.positionsPage,
        traffic: 'reducing',
      },
      (page) => page.market_positions,
    );
  }

  fills(query: { readonly since: Micros; readonly ticker?: string | undefined; readonly orderId?: string }) {
    return this.#reader.pages(
      {
        endpoint: endpoints.fills,
        query: [
          ['ticker', query.ticker],
          ['order_id', query.orderId],
          ['min_ts', sinceSeconds(query.since)],
          ['subaccount', this.#subaccount],
          ['limit', ROWS_LIMIT],
        ],
        schema: wire.fillsPage,
        traffic: 'reducing',
      },
      (page) => page.fills,
    );
  }

  settlements(since: Micros): Promise<Reading<readonly wire.SettlementRow[]>> {
    return this.#reader.pages(
      {
        endpoint: endpoints.settlements,
        query: [
          ['min_ts', sinceSeconds(since)],
          ['subaccount', this.#subaccount],
          ['limit', ROWS_LIMIT],
        ],
        schema: wire.settlementsPage,
        traffic: 'ordinary',
      },
      (page) => page.settlements,
    );
  }

  orders(query: {
    readonly ticker?: string;
    readonly since?: Micros;
    readonly status?: 'resting';
  }): Promise<Reading<readonly wire.OrderRow[]>> {
    return this.#reader.pages(
      {
        endpoint: endpoints.orders,
        query: [
          ['ticker', query.ticker],
          ['min_ts', query.since === undefined ? undefined : sinceSeconds(query.since)],
          ['status', query.status],
          ['subaccount', this.#subaccount],
          ['limit', ROWS_LIMIT],
        ],
        schema: wire.ordersPage,
        traffic: 'reducing',
      },
      (page) => page.orders,
    );
  }

  async order(orderId: string): Promise<Reading<wire.OrderRow>> {
    return mapped(
      await this.#reader.read({
        endpoint: endpoints.order,
        ids: { order_id: orderId },
        schema: wire.orderReply,
        traffic: 'reducing',
      }),
      (reply) => reply.order,
    );
  }

  /** Contracts that are filled before ours, by order. */
  async queuePositions(tickers: readonly string[]): Promise<Reading<ReadonlyMap<string, SizeE6>>> {
    return mapped(
      await this.#reader.read({
        endpoint: endpoints.queuePositions,
        query: [['market_tickers', tickers.join(',')]],
        schema: wire.queuePositionsReply,
        traffic: 'ordinary',
      }),
      (reply) => new Map(reply.queue_positions.map((row) => [row.order_id, row.queue_position_fp])),
    );
  }

  async queuePosition(orderId: string): Promise<Reading<SizeE6>> {
    return mapped(
      await this.#reader.read({
        endpoint: endpoints.queuePosition,
        ids: { order_id: orderId },
        schema: wire.queuePositionReply,
        traffic: 'ordinary',
      }),
      (reply) => reply.queue_position_fp,
    );
  }

  orderGroup(orderGroupId: string) {
    return this.#reader.read({
      endpoint: endpoints.orderGroup,
      ids: { order_group_id: orderGroupId },
      schema: wire.orderGroupReply,
      traffic: 'ordinary',
    });
  }

  async orderGroups() {
    return mapped(
      await this.#reader.read({
        endpoint: endpoints.orderGroups,
        schema: wire.orderGroupsReply,
        traffic: 'ordinary',
      }),
      // The schema leaves the key out where there are none (September 2026).
      (reply) => reply.order_groups ?? [],
    );
  }
}

function sinceSeconds(since: Micros): number {
  return Math.max(0, Math.floor(since / MICROS_PER_SECOND) - SINCE_MARGIN_S);
}
