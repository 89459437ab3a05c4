/**
 * Order groups: a limit on what is matched in any 15 s over all orders of a group. When it is reached,
 * or when we say so, the venue cancels them all and takes no more: a kill switch that works without us.
 */
import type { z } from 'zod';
import type { CancelRefusal, Refused, Unknown } from '../../domain/ports/venue.ts';
import type { SizeE6 } from '../../domain/units.ts';
import { classifyCancelAll, unknown } from './classify.ts';
import { type Endpoint, endpoints, type PathIds } from './endpoints.ts';
import { jsonOf } from './error-body.ts';
import { countText, engineOf, type MarketFacts } from './order-body.ts';
import { orderGroupCreated } from './rest-wire.ts';
import { Sender } from './sender.ts';
import type { WireAccess } from './wire-access.ts';

export type GroupOutcome<T> = { readonly kind: 'done'; readonly value: T } | Refused<CancelRefusal> | Unknown;

export class OrderGroups {
  readonly #access: WireAccess;
  readonly #sender: Sender;

  constructor(access: WireAccess) {
    this.#access = access;
    this.#sender = new Sender(access);
  }

  /** A group lives on one engine. Its id goes into the orders of the group. */
  async create(group: {
    readonly limitE6: SizeE6;
    readonly market: MarketFacts | undefined;
  }): Promise<GroupOutcome<string>> {
    const { subaccount, routing } = this.#access.settings.orders;
    const body = {
      contracts_limit_fp: countText(group.limitE6),
      ...(subaccount !== undefined && { subaccount }),
      ...engineOf(group.market, { routing }),
    };
    const outcome = await this.#command(endpoints.createOrderGroup, {}, body, orderGroupCreated);
    return outcome.kind === 'done' ? { kind: 'done', value: outcome.value.order_group_id } : outcome;
  }

  /** Takes orders again after the limit was reached. */
  reset(orderGroupId: string): Promise<GroupOutcome<undefined>> {
    return this.#plain(endpoints.resetOrderGroup, orderGroupId, {});
  }

  /** Cancels all its orders now. */
  trigger(orderGroupId: string): Promise<GroupOutcome<undefined>> {
    return this.#plain(endpoints.triggerOrderGroup, orderGroupId, {});
  }

  limit(orderGroupId: string, limitE6: SizeE6): Promise<GroupOutcome<undefined>> {
    return this.#plain(endpoints.limitOrderGroup, orderGroupId, { contracts_limit_fp: countText(limitE6) });
  }

  delete(orderGroupId: string): Promise<GroupOutcome<undefined>> {
    return this.#plain(endpoints.deleteOrderGroup, orderGroupId, undefined);
  }

  #plain(endpoint: Endpoint, orderGroupId: string, body: object | undefined): Promise<GroupOutcome<undefined>> {
    return this.#command(endpoint, { order_group_id: orderGroupId }, body, undefined);
  }

  #command<T>(
    endpoint: Endpoint,
    ids: PathIds,
    body: object | undefined,
    schema: z.ZodType<T> | undefined,
  ): Promise<GroupOutcome<T>> {
    const path = this.#access.pathOf(endpoint, ids);
    return new Promise((resolve) => {
      const refusal = this.#sender.send(
        {
          endpoint,
          path,
          query: '',
          body: body === undefined ? undefined : JSON.stringify(body),
          // A group only ever takes risk away.
          traffic: 'reducing',
          count: 1,
          headers: () => this.#access.signer.signNow(endpoint.method, path).headers,
        },
        {
          onOutcome: (reply) => {
            const classified = classifyCancelAll(reply, this.#access.settings.onLimit);
            if (classified.kind !== 'done') return resolve(classified);
            const parsed = schema?.safeParse(jsonOf(reply.kind === 'reply' ? reply.body : ''));
            resolve(
              parsed?.success === false
                ? unknown(`${endpoint.name}: the reply must hold what it created`)
                : { kind: 'done', value: parsed?.data as T },
            );
          },
        },
      );
      if (refusal !== undefined) resolve(refusal);
    });
  }
}
