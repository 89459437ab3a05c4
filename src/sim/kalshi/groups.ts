/** Order groups: a limit on contracts matched within a rolling quarter of a minute; beyond it everything is canceled. */
import type { Core } from './core.ts';
import { refuse } from './errors.ts';
import { countText } from './numbers.ts';

const WINDOW_MS = 15_000;

export interface GroupRecord {
  readonly id: string;
  readonly accountId: string;
  readonly subaccount: number;
  readonly exchangeIndex: number;
  limitE6: number;
  isTriggered: boolean;
  matched: { readonly atMs: number; readonly sizeE6: number }[];
}

export class Groups {
  readonly #core: Core;
  readonly #groups = new Map<string, GroupRecord>();
  readonly #toSweep = new Set<string>();

  constructor(core: Core) {
    this.#core = core;
  }

  create(spec: Pick<GroupRecord, 'accountId' | 'subaccount' | 'exchangeIndex' | 'limitE6'>): GroupRecord {
    const group: GroupRecord = { ...spec, id: this.#core.newId(), isTriggered: false, matched: [] };
    this.#groups.set(group.id, group);
    this.#tell(group, 'created');
    return group;
  }

  find(id: string, accountId: string): GroupRecord | undefined {
    const group = this.#groups.get(id);
    return group?.accountId === accountId ? group : undefined;
  }

  ofAccount(accountId: string): readonly GroupRecord[] {
    return [...this.#groups.values()].filter((group) => group.accountId === accountId);
  }

  /** Whether a group may match more, counting what is decided but not applied. */
  hasRoom(id: string, decidedE6: number): boolean {
    const group = this.#groups.get(id);
    return group === undefined || (!group.isTriggered && this.#matchedE6(group) + decidedE6 < group.limitE6);
  }

  /** The fill that reaches the limit stands; what follows is stopped. */
  matched(id: string, sizeE6: number): void {
    const group = this.#groups.get(id);
    if (group === undefined) return;
    group.matched.push({ atMs: this.#core.nowMs(), sizeE6 });
    if (this.#matchedE6(group) >= group.limitE6 && !group.isTriggered) {
      group.isTriggered = true;
      this.#toSweep.add(id);
    }
  }

  /** Cancels the orders of groups that were triggered while a match was taken in. */
  sweepTriggered(): void {
    for (const id of this.#toSweep) {
      this.#toSweep.delete(id);
      const group = this.#groups.get(id);
      if (group === undefined) continue;
      this.#cancelOrders(group);
      this.#tell(group, 'triggered');
    }
  }

  trigger(group: GroupRecord): void {
    group.isTriggered = true;
    this.#toSweep.add(group.id);
    this.sweepTriggered();
  }

  reset(group: GroupRecord): void {
    group.isTriggered = false;
    group.matched = [];
    this.#tell(group, 'reset');
  }

  setLimit(group: GroupRecord, limitE6: number): void {
    group.limitE6 = limitE6;
    this.#tell(group, 'limit_updated');
    if (this.#matchedE6(group) >= limitE6) this.trigger(group);
  }

  delete(group: GroupRecord): void {
    this.#cancelOrders(group);
    this.#groups.delete(group.id);
    this.#tell(group, 'deleted');
  }

  /** Throws the venue's refusal of a new order; its exact code was never seen. */
  requireOpen(id: string, place: Pick<GroupRecord, 'accountId' | 'exchangeIndex'>): GroupRecord {
    const group = this.find(id, place.accountId);
    if (group === undefined) throw refuse(404, 'order_group_not_found');
    if (group.exchangeIndex !== place.exchangeIndex)
      throw refuse(400, 'invalid_order', 'order group is on another shard');
    if (group.isTriggered) throw refuse(400, 'invalid_order', 'order group was triggered');
    return group;
  }

  restingOf(group: GroupRecord): readonly string[] {
    return this.#core.blotter
      .orders()
      .filter(({ groupId, status }) => groupId === group.id && status === 'resting')
      .map(({ orderId }) => orderId);
  }

  #matchedE6(group: GroupRecord): number {
    const since = this.#core.nowMs() - WINDOW_MS;
    group.matched = group.matched.filter(({ atMs }) => atMs > since);
    return group.matched.reduce((sum, { sizeE6 }) => sum + sizeE6, 0);
  }

  #cancelOrders(group: GroupRecord): void {
    for (const orderId of this.restingOf(group)) this.#core.entry.cancelByVenue(orderId, 'orderGroup');
  }

  #tell(group: GroupRecord, eventType: string): void {
    const hasLimit = eventType === 'created' || eventType === 'limit_updated';
    this.#core.feed.group(group.accountId, {
      event_type: eventType,
      order_group_id: group.id,
      contracts_limit_fp: hasLimit ? countText(group.limitE6) : undefined,
      ts_ms: this.#core.nowMs(),
    });
  }
}
