/** Tables for a terminal: columns as wide as they need, and the widest ones broken into lines where they do not fit. */

export interface TableLook {
  readonly head: (text: string) => string;
  /** Given the padded text of a cell and its column. */
  readonly cell: (text: string, column: number) => string;
}

const GAP = '  ';
const WIDTH_MIN = 10;

export function terminalTable(
  table: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] },
  width: number,
  look: TableLook,
): string[] {
  const { head, rows } = table;
  const widths = widthsOf([head, ...rows], width);
  const lines = head.map((text, at) => look.head(text.padEnd(widths[at] ?? 0))).join(GAP);
  return [lines.trimEnd(), ...rows.flatMap((row) => rowLines(row, widths, look))];
}

function rowLines(row: readonly string[], widths: readonly number[], look: TableLook): string[] {
  const cells = row.map((text, at) => broken(text, widths[at] ?? WIDTH_MIN));
  const height = Math.max(1, ...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((parts, at) => look.cell((parts[line] ?? '').padEnd(widths[at] ?? 0), at))
      .join(GAP)
      .trimEnd(),
  );
}

/** Takes from the widest column until all of them fit. */
function widthsOf(rows: readonly (readonly string[])[], width: number): number[] {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const excess = (): number => widths.reduce((sum, each) => sum + each, GAP.length * (columns - 1)) - width;
  while (excess() > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= WIDTH_MIN) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** At spaces, or inside a word that is longer than the column. */
function broken(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    let rest = word;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + rest.length <= width) {
      lines[lines.length - 1] = `${last} ${rest}`;
      continue;
    }
    for (; rest.length > width; rest = rest.slice(width)) lines.push(rest.slice(0, width));
    lines.push(rest);
  }
  return lines;
}
