/** The venue's parts, wired. Everything that the parts share goes through here. */
import { micros } from '../../domain/units.ts';
import { FaultRack } from '../faults.ts';
import { Accounts } from './accounts.ts';
import { Blotter } from './blotter.ts';
import { Catalog } from './catalog.ts';
import { Clearing } from './clearing.ts';
import { Cutoff } from './cutoff.ts';
import { type Feed, SILENT_FEED } from './feed.ts';
import { Groups } from './groups.ts';
import { House } from './house.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Settings } from './options.ts';
import { OrderEntry } from './order-entry.ts';
import { Permits } from './permits.ts';
import { Standing } from './standing.ts';

/** Node's timers go wrong beyond 2^31 ms; longer waits are waited in pieces. */
const TIMER_MS_MAX = 2_000_000_000;

export class Core {
  readonly settings: Settings;
  readonly faults: FaultRack;
  readonly accounts: Accounts;
  readonly blotter: Blotter;
  readonly catalog: Catalog;
  readonly groups: Groups;
  readonly clearing: Clearing;
  readonly entry: OrderEntry;
  readonly lifecycle: Lifecycle;
  readonly standing: Standing;
  readonly house: House;
  readonly cutoff: Cutoff;
  feed: Feed = SILENT_FEED;
  /** The venue's clock may be wrong, or be stepped, while the world's is right. */
  skewMicros = 0;
  /** Until then nobody reaches the venue. */
  deadUntilMs = 0;
  #isStopped = false;

  constructor(settings: Settings) {
    this.settings = settings;
    this.faults = new FaultRack('kalshi', settings.random);
    this.accounts = new Accounts(settings.auth);
    this.blotter = new Blotter();
    const permits = new Permits(this);
    this.catalog = new Catalog({ permit: (proposed) => permits.permit(proposed) }, () => this.newId());
    this.groups = new Groups(this);
    this.clearing = new Clearing(this);
    this.entry = new OrderEntry(this);
    this.lifecycle = new Lifecycle(this);
    this.standing = new Standing(this);
    this.house = new House(this);
    this.cutoff = new Cutoff(this);
  }

  nowMicros(): number {
    return this.settings.clock.wall() + this.skewMicros;
  }

  nowMs(): number {
    return Math.floor(this.nowMicros() / 1_000);
  }

  /** Runs when the venue's clock has come that far, at once if it has; never inside this call. */
  at(instantMicros: number, run: () => void): void {
    const waitMs = Math.max(0, Math.ceil((instantMicros - this.nowMicros()) / 1_000));
    this.settings.clock.setTimeout(
      () => {
        if (this.#isStopped) return;
        if (waitMs > TIMER_MS_MAX) this.at(instantMicros, run);
        else run();
      },
      Math.min(waitMs, TIMER_MS_MAX),
    );
  }

  afterMs(delayMs: number, run: () => void): void {
    this.at(this.nowMicros() + delayMs * 1_000, run);
  }

  /** A version 4 UUID from the injected randomness: the same seed gives the same ids. */
  newId(): string {
    const bytes = Buffer.from(this.settings.random.bytes(16));
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  instant(): ReturnType<typeof micros> {
    return micros(this.nowMicros());
  }

  /** Nothing that was scheduled happens any more. */
  stop(): void {
    this.#isStopped = true;
  }
}
