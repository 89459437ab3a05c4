/** Trade ids that a private stream told lately: what a check of its fills holds the venue's own list against. */
export class HeardFills {
  readonly #keptMs: number;
  /** When each was told last, the latest at the end. */
  readonly #toldAtMs = new Map<string, number>();

  /** `keptMs`: no check looks for what was told longer ago. */
  constructor(keptMs: number) {
    this.#keptMs = keptMs;
  }

  note(tradeId: string, nowMs: number): void {
    this.#toldAtMs.delete(tradeId);
    this.#toldAtMs.set(tradeId, nowMs);
    for (const [oldest, toldAtMs] of this.#toldAtMs) {
      if (nowMs - toldAtMs <= this.#keptMs) return;
      this.#toldAtMs.delete(oldest);
    }
  }

  has(tradeId: string): boolean {
    return this.#toldAtMs.has(tradeId);
  }
}
