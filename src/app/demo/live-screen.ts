/** A screen that is redrawn in place, without a flicker and without leaving anything of it behind. */

/** A line longer than the terminal is cut, not wrapped: a wrapped line would shift everything below it. */
const HIDE_CURSOR_AND_CUT = '\u001b[?25l\u001b[?7l';
const SHOW_CURSOR_AND_WRAP = '\u001b[?25h\u001b[?7h';
const CLEAR_BELOW = '\u001b[0J';
const CLEAR_LINE_END = '\u001b[K';

export class LiveScreen {
  readonly #output: NodeJS.WriteStream;
  #height = 0;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
    output.write(HIDE_CURSOR_AND_CUT);
  }

  /** Replaces what was drawn before. Lines beyond the terminal's height are left out, so that nothing scrolls. */
  draw(text: string): void {
    const lines = text.split('\n').slice(0, Math.max(1, (this.#output.rows ?? 40) - 1));
    const up = this.#height === 0 ? '' : `\u001b[${this.#height}A`;
    this.#output.write(`${up}${lines.map((line) => `${line}${CLEAR_LINE_END}\n`).join('')}${CLEAR_BELOW}`);
    this.#height = lines.length;
  }

  close(): void {
    this.#output.write(SHOW_CURSOR_AND_WRAP);
  }
}
