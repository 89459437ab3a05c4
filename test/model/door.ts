/** Questions wait here until somebody lets the oldest go on. */
export class Door {
  isOpen = true;
  readonly #waiting: (() => void)[] = [];

  get count(): number {
    return this.#waiting.length;
  }

  async pass<T>(ask: () => Promise<T>): Promise<T> {
    if (!this.isOpen) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return ask();
  }

  letOne(): boolean {
    const next = this.#waiting.shift();
    next?.();
    return next !== undefined;
  }

  open(): void {
    this.isOpen = true;
    while (this.letOne());
  }
}
